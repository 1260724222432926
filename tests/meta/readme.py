#!/usr/bin/env python3
"""README.md tells the truth: its examples are run and compared, its commands are those of .ci/run.

    readme.py TOP BINARY [--update]   --update puts what the examples print into README.md
    readme.py --self-test

An example is a block fenced as ```console, of lines "$ COMMAND" each followed by what it prints, run by bash
at the top of the tree with the program on its PATH. An indented block that begins with "name" is a pattern
file, which --check-pattern must find good. Numbers of table rows are those of the tables. The two blocks fenced as ```sh under "Two commands" hold
one line each; .ci/run has them, in this order and before any other step, as: run 'COMMAND'
"""
import os
import re
import subprocess
import sys
import tempfile

TIMEOUT = 60
FENCE = re.compile(r'^```(\w*)\n(.*?)^```$', re.M | re.S)


def environment(binary):
    env = {k: v for k, v in os.environ.items() if not k.startswith(('LC_', 'LANG', 'CLICOLOR', 'NO_COLOR', 'COLUMNS'))}
    env.update(LC_ALL='C.UTF-8', TZ='UTC', XDG_CONFIG_HOME='/nonexistent',
               PATH=os.path.dirname(os.path.abspath(binary)) + os.pathsep + os.environ.get('PATH', ''))
    return env


def examples(block):
    """(command, what README says it prints) of one console block."""
    for part in re.split(r'^(?=\$ )', block, flags=re.M):
        if part.strip():
            first, _, rest = part.partition('\n')
            if not first.startswith('$ '):
                raise ValueError(f'a console block starts with {first!r}, not with a command')
            yield first[2:], rest


def run(top, command, env):
    p = subprocess.run(['bash', '-c', command], cwd=top, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, timeout=TIMEOUT)
    return p.stdout.decode('utf-8', 'replace')


def check_examples(top, text, env):
    import difflib
    count = 0
    for kind, block in FENCE.findall(text):
        if kind != 'console':
            continue
        for command, shown in examples(block):
            count += 1
            got = run(top, command, env)
            if got != shown:
                yield '\n'.join([f'README.md: $ {command}'] + list(difflib.unified_diff(
                    shown.splitlines(), got.splitlines(), 'shown', 'printed', lineterm='')))
    if not count:
        yield 'README.md: no console example'


def check_commands(text, ci):
    commands = [block.rstrip('\n') for kind, block in FENCE.findall(text) if kind == 'sh'][:2]
    if len(commands) != 2 or any('\n' in c for c in commands):
        yield 'README.md: its first two sh blocks are to hold one line each'
        return
    steps = re.findall(r"^run '([^']*)'$", ci, re.M)
    if steps[:2] != commands:
        yield ('.ci/run does not start with the two commands of README.md:\n'
               + '\n'.join(f'  README  {c}' for c in commands) + '\n'
               + '\n'.join(f'  .ci/run {c}' for c in steps[:2]))


def check_patterns(text, env):
    """Pattern files that README.md shows, each tried by the program on its own lines."""
    for block in re.findall(r'^    name .*\n(?:    .*\n)+', text, re.M):
        with tempfile.NamedTemporaryFile('w', encoding='utf-8', suffix='.pattern') as f:
            f.write(re.sub(r'^    ', '', block, flags=re.M))
            f.flush()
            p = subprocess.run(['httpannotate', f'--check-pattern={f.name}'], env=env, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, timeout=TIMEOUT)
        if p.returncode != 0:
            yield f'README.md: {block.splitlines()[0].strip()}: {p.stdout.decode()}'


def rows(top, table, word=''):
    """Rows of a table of facts that have this word outside of their texts."""
    with open(os.path.join(top, 'include/httpannotate/tbl', table), encoding='utf-8') as f:
        bare = [re.sub(r'"[^"]*"', '', row) for row in f if row.startswith('HA_')]
    return sum(re.search(rf'\b{word}', row) is not None for row in bare)


def check_counts(top, text):
    want = (rows(top, 'status.def'), rows(top, 'status.def', 'IANA'), rows(top, 'status.def', 'VENDOR'),
            rows(top, 'methods.def'), rows(top, 'pairs.def'))
    said = re.search(r'(\d+) statuses \((\d+) registered, (\d+) of vendors\), (\d+) methods,\s+(\d+) notes', text)
    if said is None:
        yield 'README.md: it does not say how many statuses, methods and notes there are'
    elif tuple(map(int, said.groups())) != want:
        yield f'README.md: {said[0]}; the tables have {want}'


def updated(top, text, env):
    def fresh(m):
        if m[1] != 'console':
            return m[0]
        body = ''.join(f'$ {c}\n{run(top, c, env)}' for c, _shown in examples(m[2]))
        return f'```console\n{body}```'
    return FENCE.sub(fresh, text)


def check(top, binary):
    with open(os.path.join(top, 'README.md'), encoding='utf-8') as f:
        text = f.read()
    with open(os.path.join(top, '.ci', 'run'), encoding='utf-8') as f:
        ci = f.read()
    env = environment(binary)
    yield from check_commands(text, ci)
    yield from check_counts(top, text)
    yield from check_patterns(text, env)
    yield from check_examples(top, text, env)


def self_test():
    good = ('```console\n$ echo a\na\n$ printf "b\\nc\\n"\nb\nc\n```\n```sh\nmake it\n```\n```sh\nmake test\n```\n'
            '2 statuses (1 registered, 1 of vendors), 1 methods,\n1 notes\n\n    name own\n    regex x\n')
    tables = {'status.def': 'HA_STATUS(1, "VENDOR", IANA)\nHA_STATUS(2, "IANA", VENDOR)\n', 'methods.def': 'HA_METHOD(1)\n',
              'pairs.def': '/* HA_PAIR(2) */\nHA_PAIR(1)\n'}
    program = '#!/bin/sh\ngrep -q "^regex" "${1#*=}"\n'
    ci = "run() { :; }\nrun 'make it'\nrun 'make test'\nrun 'more'\n"
    cases = [('all true', good, ci, False), ('another output', good.replace('\nc\n', '\nd\n'), ci, True),
             ('less output', good.replace('\nb\nc\n', '\nb\n'), ci, True),
             ('no example', good.replace('console', 'text'), ci, True),
             ('another command', good, ci.replace('make it', 'make that'), True),
             ('another order', good, "run 'make test'\nrun 'make it'\n", True),
             ('a command of two lines', good.replace('make it', 'make\nit'), ci, True),
             ('a step before', good, "run 'more'\n" + ci, True),
             ('another number of rows', good.replace('1 notes', '2 notes'), ci, True),
             ('no number of rows', good.replace('1 notes', 'some notes'), ci, True),
             ('a pattern file without an expression', good.replace('    regex', '    rex'), ci, True)]
    for name, text, script, bad in cases:
        with tempfile.TemporaryDirectory() as top:
            os.mkdir(os.path.join(top, '.ci'))
            os.makedirs(os.path.join(top, 'include/httpannotate/tbl'))
            files = {'README.md': text, '.ci/run': script, 'httpannotate': program}
            files.update((f'include/httpannotate/tbl/{name}', content) for name, content in tables.items())
            for path, content in files.items():
                with open(os.path.join(top, path), 'w', encoding='utf-8') as f:
                    f.write(content)
            os.chmod(os.path.join(top, 'httpannotate'), 0o755)
            if bool(list(check(top, os.path.join(top, 'httpannotate')))) != bad:
                print(f'self-test "{name}": wanted {"a failure" if bad else "none"}')
                return 1
            if name == 'less output' and updated(top, text, environment('/bin/true')) != good:
                print('self-test: --update does not mend')
                return 1
    print(f'{len(cases)} self-tests hold')
    return 0


def main():
    if sys.argv[1:] == ['--self-test']:
        return self_test()
    top, binary = sys.argv[1:3]
    if '--update' in sys.argv:
        path = os.path.join(top, 'README.md')
        with open(path, encoding='utf-8') as f:
            text = f.read()
        with open(path, 'w', encoding='utf-8') as f:
            f.write(updated(top, text, environment(binary)))
    found = list(check(top, binary))
    print('\n'.join(found) or 'README.md tells the truth')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
