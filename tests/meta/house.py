#!/usr/bin/env python3
"""House rules that a reader of the code relies on: measures, banned calls, where goto may go.

    house.py TOP         checks the C files below TOP; exit 1 and one line per breach
    house.py --self-test shows that each kind of breach is found
"""
import os
import re
import sys
import tempfile

FUNCTION_LINES = 60
FILE_LINES = 500
COLUMNS = 100

# Never, anywhere: they cannot be told how much room there is, or depend on the locale.
BANNED = ['sprintf', 'vsprintf', 'strcpy', 'strcat', 'strncpy', 'strncat', 'strtok', 'strtok_r', 'atoi', 'atol',
          'atof', 'gets', 'sscanf', 'scanf', 'fscanf', 'localtime', 'strptime', 'alloca',
          'tmpnam', 'mktemp']
# Only in the named files of src/: the one place that does it for the rest.
ONLY_IN = {
    'malloc': ['src/base/memory.c'], 'calloc': ['src/base/memory.c'],
    'realloc': ['src/base/memory.c'], 'free': ['src/base/memory.c'],
    'strdup': [], 'strndup': [], 'asprintf': [], 'vasprintf': [], 'getline': [],
    'exit': [], 'abort': ['src/base/problem.c'],
    'read': ['src/base/io.c', 'src/signals.c'],
    'write': ['src/base/io.c', 'src/base/problem.c', 'src/signals.c', 'src/input/codec.c'],
    'system': [],
}
CALL = re.compile(r'(?<![\w.>#])(\w+)\s*\(')


def blank_out(text):
    """The same text with comments and literals emptied, every line where it was."""
    def empty(m):
        s = m.group(0)
        if s[0] in '"\'':
            return s[0] + s[0]
        return re.sub(r'[^\n]', ' ', s)
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', empty, text,
                  flags=re.S)


def functions(lines):
    """(first line number, body lines) of each function: its brace opens and closes in column 0."""
    start = None
    for n, line in enumerate(lines, 1):
        if start is None and (line.rstrip() == '{' or
                              (re.match(r'\w.*\)\s*\{\s*$', line) and '=' not in line)):
            start = n
        elif start is not None and line.startswith('}'):
            yield start, lines[start - 1:n]
            start = None


def check_gotos(path, start, body):
    labels = {m[1]: i for i, l in enumerate(body) if (m := re.match(r'^\s{0,4}(\w+):\s*$', l))}
    targets = [(m[1], i) for i, l in enumerate(body) for m in re.finditer(r'\bgoto\s+(\w+)', l)]
    if len({t for t, _ in targets}) > 1:
        yield f'{path}:{start}: goto to {len({t for t, _ in targets})} labels; one cleanup label'
    for label, at in targets:
        if label in labels and labels[label] < at:
            yield f'{path}:{start + at}: goto {label} goes back; only on, to a cleanup label'


def check_file(path, text):
    lines = text.split('\n')
    if lines and lines[-1] == '':
        lines.pop()
    elif text:
        yield f'{path}: the last line has no newline'
    if path.endswith('.def'):
        return
    if len(lines) > FILE_LINES:
        yield f'{path}: {len(lines)} lines; files go to {FILE_LINES}'
    for n, line in enumerate(lines, 1):
        if len(line) > COLUMNS:
            yield f'{path}:{n}: {len(line)} columns; lines go to {COLUMNS}'
        if '\t' in line or line != line.rstrip():
            yield f'{path}:{n}: a TAB, or space at the end of the line'
    code = blank_out(text).split('\n')
    for start, body in functions(code):
        if len(body) > FUNCTION_LINES:
            yield f'{path}:{start}: a function of {len(body)} lines; they go to {FUNCTION_LINES}'
        yield from check_gotos(path, start, body)
    for n, line in enumerate(code, 1):
        for name in CALL.findall(line):
            if name in BANNED:
                yield f'{path}:{n}: {name}() is banned'
            elif path.startswith('src/') and name in ONLY_IN and path not in ONLY_IN[name]:
                where = ' and '.join(ONLY_IN[name]) or 'nowhere'
                yield f'{path}:{n}: {name}() belongs in {where}'


def breaches(top):
    for folder in ('src', 'include', 'tests'):
        for base, dirs, names in os.walk(os.path.join(top, folder)):
            dirs.sort()
            for name in sorted(names):
                if name.endswith(('.c', '.h', '.def')):
                    full = os.path.join(base, name)
                    with open(full, encoding='utf-8') as f:
                        yield from check_file(os.path.relpath(full, top), f.read())


def self_test():
    body = 'int f(void)\n{\n%s}\n'
    cases = [
        ('long function', 'src/a.c', body % ('    g();\n' * 60), 'a function of'),
        ('long file', 'src/a.c', 'int a;\n' * 501, '501 lines'),
        ('long line', 'src/a.c', '/* ' + 'x' * 100 + ' */\n', 'columns'),
        ('banned', 'src/a.c', body % '    strcpy(a, b);\n', 'strcpy() is banned'),
        ('banned in a test', 'tests/unit/a_test.c', body % '    atoi(a);\n', 'atoi() is banned'),
        ('allocator', 'src/a.c', body % '    p = malloc(3);\n', 'malloc() belongs'),
        ('exit', 'src/parse/a.c', body % '    exit(2);\n', 'exit() belongs'),
        ('two labels', 'src/a.c', body % '    goto a;\n    goto b;\na:\nb:\n    return 0;\n',
         'labels'),
        ('goto back', 'src/a.c', body % 'again:\n    goto again;\n', 'goes back'),
        ('TAB', 'src/a.c', 'int\ta;\n', 'TAB'),
        ('no newline', 'src/a.c', 'int a;', 'no newline'),
        ('a comment is no call', 'src/a.c', '/* strcpy(a, b) */\nint a;\n', None),
        ('text is no call', 'src/a.c', body % '    g("gets()");\n', None),
        ('a member is no call', 'src/a.c', body % '    r->write(x);\n    s.free(y);\n', None),
        ('the allocator itself', 'src/base/memory.c', body % '    return malloc(3);\n', None),
        ('a wide table', 'include/httpannotate/tbl/x.def', 'X(' + 'x' * 200 + ')\n', None),
        ('cleanup', 'src/a.c', body % '    goto done;\n    goto done;\ndone:\n    return 0;\n', None),
        ('60 lines', 'src/a.c', body % ('    g();\n' * 58), None),
    ]
    for name, path, text, want in cases:
        with tempfile.TemporaryDirectory() as top:
            os.makedirs(os.path.dirname(os.path.join(top, path)))
            with open(os.path.join(top, path), 'w', encoding='utf-8') as f:
                f.write(text)
            found = list(breaches(top))
        ok = (not found) if want is None else any(want in b for b in found)
        if not ok:
            print(f'self-test "{name}": wanted {want!r}, found {found}')
            return 1
    print(f'{len(cases)} self-tests hold')
    return 0


def main():
    if sys.argv[1:] == ['--self-test']:
        return self_test()
    found = list(breaches(sys.argv[1]))
    print('\n'.join(found) or 'the house rules hold')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
