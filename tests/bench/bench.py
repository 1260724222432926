#!/usr/bin/env python3
"""Times the program beside its peers on one file, in one run, and prints a Markdown table.

    bench.py --bin build/release/httpannotate --gen build/release/tests/bench/gen_log (measure lies beside it)
             [--shape plain] [--size 1G] [--runs 5] [--only WORD[,WORD]] [--keep FILE]

The runs take turns, so that a busy moment of the machine falls on all alike; each figure is a median. On a
busy machine the processor seconds still tell.
A command that takes over 20 seconds runs once. Peers that are not installed are left out.
"""
import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile

SLOW_SECONDS = 20


def commands(ours, file, out):
    """(label, program that must be there, command for sh, what it does)."""
    q = f"'{file}'"
    threads = '--threads' in subprocess.run([ours, '--help'], stdout=subprocess.PIPE, text=True).stdout
    rows = [('wc -l', 'wc', f'wc -l {q}', 'counts newlines')]
    for n in ([1, 2] if threads else [None]):
        option, label = (f' --threads={n}', f', {n} thread{"s"[:n - 1]}') if n else ('', '')
        rows += [(f'httpannotate -r{label}', ours, f'{ours} -r{option} {q}', 'the whole report'),
                 (f'httpannotate -r --top=0{label}', ours, f'{ours} -r --top=0{option} {q}', 'counts only'),
                 (f'httpannotate{label}', ours, f'{ours}{option} {q}', 'every line annotated, and the report')]
    return rows + [
        ('mawk', 'mawk', "mawk '{n[$9]++} END {for (s in n) print s, n[s]}' " + q, 'counts field 9'),
        ('ripgrep', 'rg', f"rg -c '\" 5[0-9][0-9] ' {q}", 'counts lines that look like a 5xx'),
        ('ccze', 'ccze', f'ccze -A <{q}', 'colours every line'),
        ('lnav', 'lnav', "lnav -n -c ';SELECT sc_status, count(*) FROM access_log GROUP BY sc_status' " + q,
         'counts statuses'),
        ('GoAccess', 'goaccess', f"goaccess {q} --log-format=COMBINED --no-progress -o '{out}'",
         'its whole report'),
    ]


def once(measure, command, folder):
    """Wall and processor seconds and peak resident MiB of one run, and how it ended."""
    told = os.path.join(folder, 'measured')
    subprocess.run([measure, told, 'sh', '-c', 'exec ' + command], stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    with open(told, encoding='utf-8') as f:
        seconds, busy, kib, status = f.read().split()
    return float(seconds), float(busy), int(kib) / 1024, int(status)


def processor():
    with open('/proc/cpuinfo', encoding='utf-8') as f:
        for line in f:
            if line.startswith('model name'):
                return ' '.join(line.split(':', 1)[1].split())
    return platform.machine()


def commit():
    here = os.path.dirname(os.path.abspath(__file__))
    git = ['git', '-C', here]
    head = subprocess.run(git + ['rev-parse', '--short', 'HEAD'], stdout=subprocess.PIPE, text=True).stdout.strip()
    dirty = subprocess.run(git + ['status', '--porcelain', '--', ':/src', ':/include', ':/patterns'],
                           stdout=subprocess.PIPE, text=True).stdout.strip()
    return (head or 'no commit') + (' and changes' if dirty else '')


def measure(rows, runs, program, folder):
    seen = {row[0]: [] for row in rows}
    peak = dict.fromkeys(seen, 0.0)
    for turn in range(runs):
        for label, _program, command, _what in rows:
            if turn and seen[label][0][0] > SLOW_SECONDS:
                continue
            seconds, busy, mib, code = once(program, command, folder)
            if code not in (0, 1):
                print(f'{command}: exit status {code}', file=sys.stderr)
            seen[label].append((seconds, busy))
            peak[label] = max(peak[label], mib)
    return seen, peak


def table(rows, seen, peak, size):
    def median(label, which):
        return statistics.median(run[which] for run in seen[label])
    yield '| command | what it does | seconds | times `wc -l` | GB/s | processor seconds | peak MiB |'
    yield '| --- | --- | ---: | ---: | ---: | ---: | ---: |'
    for label, _program, _command, what in rows:
        s = median(label, 0)
        yield (f'| `{label}` | {what} | {s:.2f} | {s / median("wc -l", 0):.1f} | {size / s / 1e9:.2f} | '
               f'{median(label, 1):.2f} | {peak[label]:.0f} |')


def main():
    a = argparse.ArgumentParser()
    a.add_argument('--bin', required=True)
    a.add_argument('--gen', required=True)
    a.add_argument('--shape', default='plain')
    a.add_argument('--size', default='1G')
    a.add_argument('--runs', type=int, default=5)
    a.add_argument('--only', default='', help='labels that hold one of these words; wc is always run')
    a.add_argument('--keep', help='use this file, and make it where it is missing')
    o = a.parse_args()
    with tempfile.TemporaryDirectory(prefix='bench-') as folder:
        file = o.keep or os.path.join(folder, 'access.log')
        if not os.path.exists(file):
            with open(file, 'wb') as f:
                subprocess.run([os.path.abspath(o.gen), o.shape, o.size], stdout=f, check=True)
        program = os.path.join(os.path.dirname(os.path.abspath(o.gen)), 'measure')
        rows = commands(os.path.abspath(o.bin), os.path.abspath(file), os.path.join(folder, 'out.json'))
        only = ['wc -l'] + o.only.split(',')
        rows = [r for r in rows if shutil.which(r[1]) and (not o.only or any(w in r[0] for w in only))]
        size = os.path.getsize(file)
        lines = int(subprocess.run(['wc', '-l', file], stdout=subprocess.PIPE).stdout.split()[0])
        seen, peak = measure(rows, o.runs, program, folder)
    print('\n'.join(table(rows, seen, peak, size)))
    print(f'\nOne run, medians of {o.runs}: {size / 1e9:.2f} GB of `gen_log {o.shape}` ({lines} lines) in the page '
          f'cache; {processor()}, {os.cpu_count()} cores, Linux {platform.release()}; commit {commit()}.')
    return 0


if __name__ == '__main__':
    sys.exit(main())
