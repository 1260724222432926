#!/usr/bin/env python3
"""Each public header compiles alone: it includes what it needs, and no more is to be known.

    headers_alone.py CC INCLUDE_DIR
    headers_alone.py --self-test CC
"""
import os
import subprocess
import sys
import tempfile

FLAGS = ['-std=c17', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Wpedantic', '-Werror', '-fsyntax-only',
         '-x', 'c']


def failures(cc, include):
    folder = os.path.join(include, 'httpannotate')
    names = sorted(n for n in os.listdir(folder) if n.endswith('.h'))
    if not names:
        yield f'{folder}: no headers'
    for name in names:
        # Twice, so that its guard is tried too; an empty unit would be a warning of its own.
        unit = f'#include "httpannotate/{name}"\n' * 2 + 'int unit_is_not_empty;\n'
        p = subprocess.run([cc, *FLAGS, '-I', include, '-'], input=unit, text=True,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if p.returncode:
            yield f'{name} does not compile alone:\n{p.stdout}'


def self_test(cc):
    cases = [('#ifndef A_H\n#define A_H\n#include <stddef.h>\nsize_t f(void);\n#endif\n', False),
             ('#ifndef A_H\n#define A_H\nsize_t f(void);\n#endif\n', True),   # needs stddef.h
             ('struct a { int b; };\n', True)]                             # has no guard
    for text, bad in cases:
        with tempfile.TemporaryDirectory() as top:
            os.mkdir(os.path.join(top, 'httpannotate'))
            with open(os.path.join(top, 'httpannotate', 'a.h'), 'w', encoding='utf-8') as f:
                f.write(text)
            if bool(list(failures(cc, top))) != bad:
                print(f'self-test: wanted {"a failure" if bad else "none"} for:\n{text}')
                return 1
    print(f'{len(cases)} self-tests hold')
    return 0


def main():
    if sys.argv[1] == '--self-test':
        return self_test(sys.argv[2])
    found = list(failures(sys.argv[1], sys.argv[2]))
    print('\n'.join(found) or 'every header compiles alone')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
