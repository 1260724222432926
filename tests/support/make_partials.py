#!/usr/bin/env python3
"""The corpus of the fuzz target of partial reports: what the program writes today.

    make_partials.py BINARY FOLDER           writes the corpus
    make_partials.py --check BINARY FOLDER   exit 1 when the program does not take what is there: of another form of the
                                             reports, it would be refused at its first bytes, and nothing behind them tried

Files that begin with P hold a payload (without its checksum); the one that begins with L holds the same as lines.
"""
import base64
import os
import subprocess
import sys


def line(i, request, status, size='-', tail=''):
    return f'192.0.2.{i % 7} - - [24/Nov/2026:10:{i % 60:02}:00 +0000] "{request}" {status} {size}{tail}\n'


AGENT = ' "-" "curl/8"'
USUAL = ''.join(line(i, f'{("GET", "POST", "FROB")[i % 3]} /u/{i * i}/x?a=1 HTTP/1.1', (200, 404, 429, 503, 304)[i % 5], i * 100, AGENT)
                for i in range(20))
STRANGE = 'no such line\n\n' + line(9, '\\x16\\x03', 400) + line(3, 'TRACE / HTTP/1.1', 200, 5) + line(4, 'HEAD / HTTP/1.1', 204, 9)
LONG = line(1, f'GET /{"a" * 1500} HTTP/1.1', 404, 5)
TIMED = '10.0.0.1 - - [24/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "x" 0.123\n' * 3


def partial(binary, log, *args):
    return subprocess.run([binary, '--no-config', '-r', '-o', 'partial', *args], input=log.encode(), stdout=subprocess.PIPE,
                          check=False, env={**os.environ, 'TZ': 'UTC'}).stdout


def corpus(binary):
    lines = {'empty': partial(binary, ''),
             'usual': partial(binary, USUAL + STRANGE),
             'no_tops': partial(binary, USUAL, '--top=0'),
             'errors': partial(binary, USUAL, '-e'),
             'durations': partial(binary, TIMED),
             'long_target': partial(binary, LONG),
             'odd': partial(binary, 'x\ny\nz 404\n')}
    files = {name: b'P' + base64.b64decode(text.split(b' ')[2]) for name, text in lines.items()}
    files['lines'] = b'L' + b''.join(lines.values()).rstrip(b'\n') + b'\t\n\n{"a": 1}\n' + lines['usual']
    return files


def refused(binary, folder):
    """What the program says of the lines that it does not take, each alone."""
    with open(os.path.join(folder, 'lines'), 'rb') as f:
        lines = [line for line in f.read()[1:].split(b'\n') if line.startswith(b'httpannotate.')]
    for line in lines:
        p = subprocess.run([binary, '--no-config', '-m', '--no-report'], input=line, stderr=subprocess.PIPE, check=False)
        if p.returncode == 2:
            yield p.stderr.decode().rstrip('\n')
    if len(lines) < 7:
        yield f'{len(lines)} lines, where there were more'


def main():
    check = sys.argv[1] == '--check'
    binary, folder = sys.argv[1 + check:]
    binary = os.path.abspath(binary)
    if check:
        said = list(refused(binary, folder))
        print('\n'.join(said + ['write the corpus anew with tests/support/make_partials.py'] if said else ['all are taken']))
        return 1 if said else 0
    for name, content in corpus(binary).items():
        with open(os.path.join(folder, name), 'wb') as f:
            f.write(content)
    return 0


if __name__ == '__main__':
    sys.exit(main())
