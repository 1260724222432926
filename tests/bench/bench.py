#!/usr/bin/env python3
"""Times the program beside its peers on one file, in one run, and prints the tables of README.md.

    bench.py --bin build/release/httpannotate --gen build/release/tests/bench/gen_log (measure lies beside it)
             [--shape plain] [--size 1G] [--small 100M] [--runs 3] [--only WORD[,WORD]] [--keep FILE]

The runs take turns, so that a busy moment of the machine falls on all alike; each figure is a median. On a
busy machine the processor seconds still tell. Peers that need minutes for a gigabyte are measured on a smaller
file of the same kind, and the program beside them. A command that takes over 20 seconds runs once. Peers that
are not installed are left out; DuckDB is where this Python has its module. With the sizes above it takes three to
five minutes on a quiet machine.
"""
import argparse
import importlib.util
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile

SLOW_SECONDS = 20
HERE = os.path.dirname(os.path.abspath(__file__))
COUNTS = '-r --top=0 --no-findings --no-spikes'


class Row:
    """A command for sh, on one of the files: 'big', 'small' or 'packed'."""

    def __init__(self, label, command, what, file='big', needs=None, name=None):
        self.label, self.command, self.what, self.file = label, command, what, file
        self.needs = needs or command.split()[0]
        self.name = name or f'`{label}`'
        self.runs, self.peak = [], 0.0

    def median(self, which=0):
        return statistics.median(run[which] for run in self.runs)


def ours(program, options, what, n, file='big'):
    label = f'httpannotate {options}'.strip()
    threads = f'{n} thread{"s"[:n - 1]}'
    return Row(f'{label}, {threads}, {file}', f'{program} {options} --threads={n} {{{file}}}', what, file, program,
               f'`{label}`, {threads}')


def commands(program, out):
    """All rows; {big}, {small} and {packed} stand for the files."""
    rows = [Row('wc -l', 'wc -l {big}', 'counts newlines')]
    for n in (1, 2):
        rows += [ours(program, '-r', 'the whole report', n),
                 ours(program, COUNTS, 'counts alone', n),
                 ours(program, '', 'every line annotated, and the report', n),
                 ours(program, '--no-report', 'every line annotated', n)]
    return rows + [
        ours(program, '-r', 'the whole report, of the gzipped file', 2, 'packed'),
        Row('zcat | wc -l', "sh -c 'zcat {packed} | wc -l'", 'unpacks and counts newlines', 'packed', 'zcat',
            '`zcat` and `wc -l`'),
        Row('mawk', "mawk '{{n[$9]++}} END {{for (s in n) print s, n[s]}}' {big}", 'counts field 9'),
        Row('ripgrep', "rg -c '\" 5[0-9][0-9] ' {big}", 'counts lines that look like a 5xx'),
        Row('DuckDB', f'{sys.executable} {HERE}/scan_duckdb.py {{big}}', 'counts a column, 2 threads',
            needs=duckdb_python()),
        Row('lnav', "lnav -n -c ';SELECT sc_status, count(*) FROM access_log GROUP BY sc_status' {big}",
            'counts statuses'),
        ours(program, '-r', 'the whole report', 2, 'small'),
        ours(program, '--no-report', 'every line annotated', 2, 'small'),
        Row('ccze', "sh -c 'ccze -A <{small}'", 'colours every line', 'small', 'ccze'),
        Row('GoAccess', f'goaccess {{small}} --log-format=COMBINED --no-progress -o {out}', 'its whole report', 'small'),
    ]


def beside(program):
    """Peers, and our row that does at least their work: by label."""
    report, counts, lines = '-r', COUNTS, '--no-report'
    return [('GoAccess', f'httpannotate {report}, 2 threads, small'),
            ('ccze', f'httpannotate {lines}, 2 threads, small'),
            ('lnav', f'httpannotate {counts}, 2 threads, big'),
            ('DuckDB', f'httpannotate {counts}, 2 threads, big'),
            ('mawk', f'httpannotate {counts}, 1 thread, big'),
            ('zcat | wc -l', f'httpannotate {report}, 2 threads, packed')]


def duckdb_python():
    """A program that is there, where the module is; else none."""
    return sys.executable if importlib.util.find_spec('duckdb') else 'no-duckdb'


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
    git = ['git', '-C', HERE]
    head = subprocess.run(git + ['rev-parse', '--short', 'HEAD'], stdout=subprocess.PIPE, text=True).stdout.strip()
    dirty = subprocess.run(git + ['status', '--porcelain', '--', ':/src', ':/include', ':/patterns'],
                           stdout=subprocess.PIPE, text=True).stdout.strip()
    return (head or 'no commit') + (' and changes' if dirty else '')


def measure(rows, files, runs, program, folder):
    for turn in range(runs):
        for row in rows:
            if turn and row.runs[0][0] > SLOW_SECONDS:
                continue
            command = row.command.format(**files)
            seconds, busy, mib, code = once(program, command, folder)
            if code not in (0, 1):
                raise SystemExit(f'{command}: exit status {code}')
            row.runs.append((seconds, busy))
            row.peak = max(row.peak, mib)


def table(rows, sizes):
    wc = rows[0].median()
    yield '| command | what it does | seconds | times `wc -l` | GB/s | processor seconds | peak MiB |'
    yield '| --- | --- | ---: | ---: | ---: | ---: | ---: |'
    for row in rows:
        if row.file == 'small':
            continue
        s = row.median()
        yield (f'| {row.name} | {row.what} | {s:.2f} | {s / wc:.1f} | {sizes[row.file] / s / 1e9:.2f} | '
               f'{row.median(1):.2f} | {row.peak:.0f} |')


def peers(rows, program, sizes):
    by_label = {row.label: row for row in rows}
    yield '| peer | what it does | GB | seconds | beside it | seconds | times as fast |'
    yield '| --- | --- | ---: | ---: | --- | ---: | ---: |'
    for peer, own in beside(program):
        if peer in by_label and own in by_label:
            a, b = by_label[peer], by_label[own]
            yield (f'| {a.name} | {a.what} | {sizes[a.file] / 1e9:.2f} | {a.median():.2f} | {b.name} | '
                   f'{b.median():.2f} | {a.median() / b.median():.1f} |')


def make_files(o, folder):
    """The files, made where they are missing, and their sizes; a packed one counts its plain bytes."""
    big = os.path.abspath(o.keep or os.path.join(folder, 'access.log'))
    files = {'big': big, 'small': f'{big}.small', 'packed': f'{big}.gz'}
    for name, size in (('big', o.size), ('small', o.small)):
        if not os.path.exists(files[name]):
            with open(files[name], 'wb') as f:
                subprocess.run([os.path.abspath(o.gen), o.shape, size], stdout=f, check=True)
    if not os.path.exists(files['packed']):
        with open(files['packed'], 'wb') as f:
            subprocess.run(['gzip', '-c', big], stdout=f, check=True)
    for path in files.values():  # into the page cache
        subprocess.run(['cat', path], stdout=subprocess.DEVNULL, check=True)
    sizes = {name: os.path.getsize(path) for name, path in files.items()}
    return files, dict(sizes, packed=sizes['big'])


def main():
    a = argparse.ArgumentParser()
    a.add_argument('--bin', required=True)
    a.add_argument('--gen', required=True)
    a.add_argument('--shape', default='plain')
    a.add_argument('--size', default='1G')
    a.add_argument('--small', default='100M', help='size of the file for peers that are slow')
    a.add_argument('--runs', type=int, default=3)
    a.add_argument('--only', default='', help='labels that hold one of these words; wc is always run')
    a.add_argument('--keep', help='use this file, and those beside it, and make them where they are missing')
    o = a.parse_args()
    program = os.path.abspath(o.bin)
    with tempfile.TemporaryDirectory(prefix='bench-') as folder:
        files, sizes = make_files(o, folder)
        rows = commands(program, os.path.join(folder, 'out.json'))
        only = ['wc -l'] + o.only.split(',')
        rows = [r for r in rows if shutil.which(r.needs) and (not o.only or any(w in r.label for w in only))]
        lines = int(subprocess.run(['wc', '-l', files['big']], stdout=subprocess.PIPE).stdout.split()[0])
        measurer = os.path.join(os.path.dirname(os.path.abspath(o.gen)), 'measure')
        measure(rows, files, o.runs, measurer, folder)
    kernel = '.'.join(platform.release().split('.')[:2])
    print('\n'.join(table(rows, sizes)))
    print('\n' + '\n'.join(peers(rows, program, sizes)))
    print(f'\nOne run of `tests/bench/bench.py`, medians of {o.runs}: {sizes["big"] / 1e9:.2f} GB of `gen_log {o.shape}` '
          f'({lines} lines) in the page cache; {processor()}, {os.cpu_count()} cores, Linux {kernel}; '
          f'commit {commit()}.')
    return 0


if __name__ == '__main__':
    sys.exit(main())
