#!/usr/bin/env python3
"""Instructions per line under callgrind, held against instructions.tsv: the same on every run, as times
are not.

    instructions.py --bin PATH --gen PATH --compiler ID [--record]

Fails when a figure rose by more than 5 %. The figures of another compiler or processor say nothing here:
without a row of its own, or without valgrind, it says so and ends with 77 (CTest: skipped).
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TABLE = os.path.join(HERE, 'instructions.tsv')
RISE = 1.05
SKIPPED = 77
SIZE = '3600K'  # about 20,000 lines
SHORT = 200

# name, shape of the log, arguments
CASES = [
    ('start', None, ['-r']),
    ('report', 'plain', ['-r']),
    ('report, counts alone', 'plain', ['-r', '--top=0', '--no-spikes', '--no-findings']),
    ('report, no findings', 'plain', ['-r', '--no-findings']),
    ('report, no spikes', 'plain', ['-r', '--no-spikes']),
    ('report, odd lines', 'odd', ['-r']),
    ('report, distinct', 'distinct', ['-r']),
    ('annotated', 'plain', ['--no-report']),
]


def machine(compiler):
    """What the counts depend on beside the code: compiler, and the kernels that run."""
    with open('/proc/cpuinfo', encoding='utf-8') as f:
        flags = f.read()
    kernel = 'avx2' if ' avx2' in flags else 'sse2' if ' sse2' in flags else 'plain'
    return f'{compiler} {os.uname().machine} {kernel}'


def collect(binary, args, file, folder):
    p = subprocess.run(['valgrind', '--tool=callgrind', f'--callgrind-out-file={folder}/out', binary, '--no-config', '--threads=1',
                        *args, file], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                       env={**os.environ, 'LC_ALL': 'C.UTF-8', 'TZ': 'UTC'})
    m = re.search(r'Collected : (\d+)', p.stderr)
    if p.returncode not in (0, 1) or not m:
        raise SystemExit(f'{binary} {" ".join(args)} under callgrind: exit {p.returncode}\n{p.stderr}')
    return int(m[1])


def write_log(gen, shape, folder):
    """A log of that shape, its first lines apart, and how many lines come behind those."""
    long, short = os.path.join(folder, shape), os.path.join(folder, shape + '.short')
    if not os.path.exists(long):
        with open(long, 'wb') as f:
            subprocess.run([gen, shape, SIZE], stdout=f, check=True)
    with open(long, 'rb') as f, open(short, 'wb') as g:
        lines = f.readlines()
        g.writelines(lines[:SHORT])
    return long, short, len(lines) - SHORT


def measure(binary, gen):
    with tempfile.TemporaryDirectory(prefix='instructions-') as folder:
        empty = os.path.join(folder, 'empty')
        open(empty, 'wb').close()
        for name, shape, args in CASES:
            if shape is None:
                yield name, collect(binary, args, empty, folder)
                continue
            long, short, lines = write_log(gen, shape, folder)
            # Less what the first lines cost: patterns are compiled when they are first needed.
            yield name, round((collect(binary, args, long, folder) - collect(binary, args, short, folder)) / lines)


def read_table():
    rows = []
    if os.path.exists(TABLE):
        with open(TABLE, encoding='utf-8') as f:
            rows = [l.rstrip('\n').split('\t') for l in f if l.strip() and not l.startswith('#')]
    return rows


def record(key, got):
    rows = [r for r in read_table() if r[0] != key] + [[key, n, str(v)] for n, v in got]
    with open(TABLE, 'w', encoding='utf-8') as f:
        f.write('# machine\tcase\tinstructions per line ("start": of a run over an empty file); '
                'written by instructions.py --record\n')
        f.writelines('\t'.join(r) + '\n' for r in sorted(rows, key=lambda r: r[0]))


def main():
    a = argparse.ArgumentParser()
    for name in ('--bin', '--gen', '--compiler'):
        a.add_argument(name, required=True)
    a.add_argument('--record', action='store_true')
    o = a.parse_args()
    if not shutil.which('valgrind'):
        print('skipped: valgrind is not installed')
        return SKIPPED
    key = machine(o.compiler)
    known = {r[1]: int(r[2]) for r in read_table() if r[0] == key}
    if not known and not o.record:
        print(f'skipped: instructions.tsv has no row of "{key}"; --record adds them')
        return SKIPPED
    got = list(measure(os.path.abspath(o.bin), os.path.abspath(o.gen)))
    if o.record:
        record(key, got)
    bad = 0
    for name, value in got:
        was = known.get(name)
        risen = not o.record and was is not None and value > was * RISE
        change = f'{100 * (value / was - 1):+.1f} %' if was else 'new'
        print(f'{name:22} {value:12} recorded {was or "-":>12} {change:>8}{"  ROSE" if risen else ""}')
        bad += risen
    if bad:
        print('More than 5 % over what is recorded: mend it, or say why and run with --record')
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
