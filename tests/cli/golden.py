#!/usr/bin/env python3
"""Golden cases: what a user types, what the program answers, byte for byte.

    golden.py --bin PATH [--update] CASE.test...
    golden.py --self-test

A case is a text file of sections. Lines that start with # say what it shows and are skipped.

    --- file NAME        a file in the folder where the commands run
    --- run COMMAND      run by bash; httpannotate and tests/support/ are on its PATH, HA_SOURCE is the tree
    --- stdin            what the command reads (none: it reads nothing)
    --- stdout           what it must write (none: nothing)
    --- stderr           the same for standard error
    --- exit N           how it must end (none: 0)

Several runs may follow each other; files stay. In the text a backslash starts an escape: \\t, \\r, \\0,
\\xHH and \\\\; \\e stands for nothing and goes before a # or --- that is data, and where a blank last line
is data; a backslash at the end of a line says that no newline follows. --update rewrites what is expected
from what the program does: read the difference before it is committed.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

TIMEOUT = 120
HERE = os.path.dirname(os.path.abspath(__file__))
SUPPORT = os.path.join(os.path.dirname(HERE), 'support')
SOURCE = os.path.dirname(os.path.dirname(HERE))


class BadCase(Exception):
    pass


def encode(data):
    """Bytes to the text of a section; decode() gives them back."""
    out = []
    for b in split_lf(data):
        text = b.decode('utf-8', 'surrogateescape')
        line = ''.join(escape(c) for c in text.rstrip('\n'))
        if line.startswith(('#', '---')):
            line = '\\e' + line
        out.append(line + ('\n' if text.endswith('\n') else '\\\n'))
    if out and out[-1] == '\n':
        out[-1] = '\\e\n'
    return ''.join(out)


def split_lf(data):
    parts = data.split(b'\n')
    return [p + b'\n' for p in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def escape(c):
    n = ord(c)
    if 0xdc80 <= n <= 0xdcff:
        return f'\\x{n - 0xdc00:02x}'
    if c == '\\':
        return '\\\\'
    if c in '\t\r\0':
        return {'\t': '\\t', '\r': '\\r', '\0': '\\0'}[c]
    if n < 32 or 127 <= n < 160 or n in (0x2028, 0x2029):
        return ''.join(f'\\x{b:02x}' for b in c.encode())
    return c


ESCAPE = re.compile(rb'\\(x[0-9a-fA-F]{2}|[\\tr0e]|\n)')


def decode(text):
    def back(m):
        s = m.group(1)
        if s[:1] == b'x':
            return bytes([int(s[1:], 16)])
        return {b'\\': b'\\', b't': b'\t', b'r': b'\r', b'0': b'\0', b'\n': b'', b'e': b''}[s]
    return ESCAPE.sub(back, text.encode('utf-8', 'surrogateescape'))


class Case:
    """The sections of a file, in order: [head, text], where comments belong to the text before."""

    def __init__(self, text):
        self.sections = [['', '']]
        for line in text.splitlines(keepends=True):
            if line.startswith('--- '):
                self.sections.append([line[4:].strip(), ''])
            else:
                self.sections[-1][1] += line
        if self.sections[0][1].strip() and not all(
                l.startswith('#') or not l.strip() for l in self.sections[0][1].splitlines()):
            raise BadCase('text before the first section')

    def text(self):
        return ''.join((f'--- {head}\n' if head else '') + body for head, body in self.sections)

    @staticmethod
    def body(text):
        """The bytes of a section without its comments and the blank line that sets it apart."""
        lines = [l for l in text.splitlines(keepends=True) if not l.startswith('#')]
        if lines and lines[-1] == '\n':
            lines.pop()
        return decode(''.join(lines))

    def steps(self):
        """Each run with the indices of its sections."""
        step = None
        for i, (head, _body) in enumerate(self.sections):
            word, _, rest = head.partition(' ')
            if word == 'run':
                if step:
                    yield step
                step = {'run': i}
            elif word in ('stdin', 'stdout', 'stderr', 'exit'):
                if step is None or word in step:
                    raise BadCase(f'"--- {head}" has no run before it, or comes twice')
                step[word] = i
            elif word == 'file':
                if step:
                    yield step
                    step = None
                yield {'file': i, 'name': rest}
            elif head:
                raise BadCase(f'"--- {head}" is no section')
        if step:
            yield step


def environment(binary, home):
    env = {k: v for k, v in os.environ.items()
           if k in ('ASAN_OPTIONS', 'UBSAN_OPTIONS', 'TSAN_OPTIONS', 'LSAN_OPTIONS', 'LD_LIBRARY_PATH',
                    'HA_CPU')}
    env['PATH'] = os.pathsep.join([os.path.dirname(binary), SUPPORT, os.environ.get('PATH', '')])
    env.update(LC_ALL='C.UTF-8', TZ='UTC', HOME=home, XDG_CONFIG_HOME=home + '/.config', HA_SOURCE=SOURCE)
    # A sanitizer must not end with a status that the program itself uses.
    for name in ('ASAN_OPTIONS', 'UBSAN_OPTIONS', 'TSAN_OPTIONS'):
        env[name] = ':'.join(filter(None, [env.get(name), 'exitcode=99']))
    return env


def run_step(case, step, env, folder):
    command = case.sections[step['run']][0][4:]
    stdin = case.body(case.sections[step['stdin']][1]) if 'stdin' in step else b''
    p = subprocess.run(['bash', '-c', command], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                       cwd=folder, env=env, timeout=TIMEOUT)
    return {'stdout': p.stdout, 'stderr': p.stderr, 'exit': p.returncode}


def expected(case, step):
    want = {w: case.body(case.sections[step[w]][1]) if w in step else b'' for w in ('stdout', 'stderr')}
    want['exit'] = int(case.sections[step['exit']][0].split()[1]) if 'exit' in step else 0
    return want


def difference(command, what, want, got):
    said = [f'$ {command}', f'  {what} differs']
    if what == 'exit':
        return said + [f'  - {want}', f'  + {got}']
    a, b = encode(want).splitlines(), encode(got).splitlines()
    import difflib
    return said + ['  ' + l for l in list(difflib.unified_diff(a, b, 'wanted', 'got', lineterm=''))]


def run_case(path, binary, update):
    """The differences, as lines to print; with update the file is rewritten and there are none."""
    with open(path, encoding='utf-8') as f:
        case = Case(f.read())
    said, fresh, runs = [], [], 0
    with tempfile.TemporaryDirectory(prefix='golden-') as folder:
        env = environment(binary, folder)
        for step in case.steps():
            if 'file' in step:
                name = os.path.join(folder, step['name'])
                os.makedirs(os.path.dirname(name), exist_ok=True)
                with open(name, 'wb') as f:
                    f.write(case.body(case.sections[step['file']][1]))
                continue
            runs += 1
            got, want = run_step(case, step, env, folder), expected(case, step)
            for what in ('stdout', 'stderr', 'exit'):
                if got[what] != want[what]:
                    said += difference(case.sections[step['run']][0][4:], what, want[what], got[what])
            fresh.append((step, got))
    if not runs:
        raise BadCase('nothing is run')
    if update and said:
        with open(path, 'w', encoding='utf-8') as f:
            f.write(rewritten(case, fresh))
        return [f'{path}: rewritten'], True
    return said, not said


def rewritten(case, fresh):
    """The case with what the program did in place of what was expected; comments stay between runs."""
    answers = {step['run']: (step, got) for step, got in fresh}
    inner = {i for step, _got in fresh for i in step.values() if isinstance(i, int)}
    out = ''
    for i, (head, body) in enumerate(case.sections):
        if i not in inner:
            out += (f'--- {head}\n' if head else '') + body
        elif i in answers:
            step, got = answers[i]
            out += f'--- {head}\n'
            if 'stdin' in step:
                out += '--- stdin\n' + encode(case.body(case.sections[step['stdin']][1]))
            out += ''.join(f'--- {w}\n{encode(got[w])}' for w in ('stdout', 'stderr') if got[w])
            out += f'--- exit {got["exit"]}\n' if got['exit'] else ''
            comments = [l for j in sorted(v for v in step.values()) for l in case.sections[j][1].splitlines(True)
                        if l.startswith('#')]
            out += '\n' + ''.join(comments)
    return out.rstrip('\n') + '\n'


def self_test():
    """A stand-in for the program: each part of the expectation, spoilt, must be noticed."""
    script = ('#!/bin/sh\nif [ "$1" = odd ]; then printf "a\\tb\\r\\n\\001\\377\\000\\\\#x\\n#y\\n--- z\\nend"; '
              'else cat; echo trouble >&2; exit 3; fi\n')
    good = ('# says what it is about\n--- file in\none\n\\e# two\n--- run httpannotate < in\n--- stdout\none\n'
            '\\e# two\n--- stderr\ntrouble\n--- exit 3\n\n--- run httpannotate\n--- stdin\nthree\\\n'
            '--- stdout\nthree\\\n--- stderr\ntrouble\n--- exit 3\n\n# And odd bytes.\n--- run httpannotate odd\n--- stdout\n'
            'a\\tb\\r\n\\x01\\xff\\0\\\\#x\n\\e#y\n\\e--- z\nend\\\n')
    spoilt = [('stdout\none', 'stdout\ntwo'), ('trouble\n--- exit 3\n\n--- run httpannotate\n',
                                              'none\n--- exit 3\n\n--- run httpannotate\n'),
              ('exit 3', 'exit 0'), ('three\\\n--- stdout', 'three\n--- stdout'), ('end\\\n', 'end\n'),
              ('\\xff', '\\xfe'), ('--- stderr\ntrouble\n--- exit 3\n\n--- run httpannotate\n',
                                   '--- exit 3\n\n--- run httpannotate\n')]
    with tempfile.TemporaryDirectory() as d:
        binary, path = os.path.join(d, 'httpannotate'), os.path.join(d, 'a.test')
        with open(binary, 'w', encoding='utf-8') as f:
            f.write(script)
        os.chmod(binary, 0o755)

        def result(text, update=False):
            with open(path, 'w', encoding='utf-8') as f:
                f.write(text)
            ok = run_case(path, binary, update)[1]
            with open(path, encoding='utf-8') as f:
                return ok, f.read()
        if not result(good)[0]:
            print('self-test: a right case fails:\n' + '\n'.join(run_case(path, binary, False)[0]))
            return 1
        for old, new in spoilt:
            bad = good.replace(old, new, 1)
            if bad == good or result(bad)[0]:
                print(f'self-test: not noticed: {new!r} for {old!r}')
                return 1
            if new == 'three\n--- stdout':
                continue
            if result(bad, True)[1] != good:
                print(f'self-test: --update did not mend {new!r}, but made:\n{result(bad, True)[1]}')
                return 1
        for bad in ('--- run httpannotate\n--- what\n', 'text\n--- run true\n', '# nothing\n',
                    '--- stdout\na\n'):
            try:
                result(bad)
            except BadCase:
                continue
            print(f'self-test: taken for a case: {bad!r}')
            return 1
    print(f'{len(spoilt) + 5} self-tests hold')
    return 0


def main():
    a = argparse.ArgumentParser()
    a.add_argument('--bin')
    a.add_argument('--update', action='store_true')
    a.add_argument('--self-test', action='store_true')
    a.add_argument('cases', nargs='*')
    o = a.parse_args()
    if o.self_test:
        return self_test()
    if not o.bin or not os.access(o.bin, os.X_OK):
        print(f'{o.bin}: no such program; build it, and name it with --bin')
        return 2
    bad = 0
    for path in o.cases:
        try:
            said, ok = run_case(path, os.path.abspath(o.bin), o.update)
        except (BadCase, ValueError, subprocess.TimeoutExpired) as e:
            said, ok = [f'{e}'], False
        if said:
            print(f'{path}:')
            print('\n'.join(said))
        bad += not ok
    print(f'{len(o.cases) - bad} passed, {bad} failed')
    return 1 if bad or not o.cases else 0


if __name__ == '__main__':
    sys.exit(main())
