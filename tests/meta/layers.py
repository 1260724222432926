#!/usr/bin/env python3
"""The direction of includes: a file includes lower layers and its own module, nothing else.

    layers.py TOP         checks src/, include/ and tests/ below TOP; exit 1 and one line per breach
    layers.py --self-test shows that each kind of breach is found
"""
import os
import re
import sys
import tempfile

# Layer, module, what belongs to it (folders end in a slash), the public headers it answers for.
MODULES = [
    (0, 'base', ['src/base/'], 
     ['base.h', 'address.h', 'out.h', 'nearest.h', 'search.h', 'terminal.h']),
    (1, 'record', ['src/record.c'], ['record.h']),
    (1, 'scan', ['src/scan/'], ['scan.h']),
    (1, 'facts', ['src/facts.c', 'src/facts/'], ['facts.h']),
    (2, 'input', ['src/input/'], ['source.h', 'place.h', 'follow.h']),
    (2, 'parse', ['src/parse/'], ['pattern.h']),
    (2, 'tally', ['src/tally/'], ['tally.h', 'partial.h', 'evidence.h', 'conduct.h']),
    (3, 'select', ['src/select.c', 'src/select/'], ['select.h']),
    (3, 'annotate', ['src/annotate.c'], ['annotate.h']),
    (3, 'thresholds', ['src/thresholds.c'], ['thresholds.h']),
    (3, 'spikes', ['src/spikes.c', 'src/spikes/'], ['spikes.h', 'spike_clock.h']),
    (3, 'lint', ['src/lint/'], ['lint.h']),
    (4, 'render', ['src/render/'], ['render.h']),
    (4, 'report', ['src/report/'], ['report.h', 'diff.h']),
    (4, 'explain', ['src/explain.c', 'src/explain/'], ['explain.h']),
    (5, 'pipeline', ['src/pipeline.c', 'src/pipeline/', 'src/worker.c', 'src/crew.c', 'src/emit.c',
      'src/signals.c', 'src/outcome.c', 'src/watch.c', 'src/on_spike.c', 'src/merge.c', 'src/baseline.c',
      'src/following.c', 'src/resume.c'],
     ['pipeline.h']),
    (6, 'front', ['src/main.c', 'src/options.c', 'src/options/', 'src/modes.c', 'src/modes/'],
     ['options.h']),
]
# The vocabulary of layer 1: values that every module of that layer speaks of.
SHARED_IN_LAYER = {'record'}

# Each library has one wrapper; PCRE2 has two, since patterns and a user's search differ in everything.
LIBRARIES = {
    'pcre2.h': ['src/parse/regex.c', 'src/base/search.c'],
    'xxhash.h': None, 'jansson.h': [], 'zstd.h': None, 'zstd_errors.h': None, 'lzma.h': None,
    'bzlib.h': None, 'lz4frame.h': None, 'isa-l.h': None, 'isa-l/igzip_lib.h': None,
    'seccomp.h': None, 'zlib.h': None, 'zstd.h': None, 'lzma.h': None, 'bzlib.h': None, 'lz4frame.h': None,
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)


def sources(top, folders, endings):
    for folder in folders:
        for base, dirs, names in os.walk(os.path.join(top, folder)):
            dirs.sort()
            for name in sorted(names):
                if name.endswith(endings):
                    yield os.path.relpath(os.path.join(base, name), top)


def module_of(path):
    """The module of a file below the top, or None."""
    head = 'include/httpannotate/'
    if path.startswith(head):
        for layer, name, _files, headers in MODULES:
            if path[len(head):] in headers:
                return layer, name
        return None
    for layer, name, files, _headers in MODULES:
        for f in files:
            stem, ending = os.path.splitext(f)
            if (f.endswith('/') and path.startswith(f)) or path in (f, stem + '.h'):
                return layer, name
            # A stage that outgrew one file: options.c, options_help.c
            if ending == '.c' and re.fullmatch(re.escape(stem) + r'_\w+\.[ch]', path):
                return layer, name
    return None


def resolve(top, path, included):
    """The path of a quoted include as the build finds it: beside the file, in src/, in include/."""
    for base in (os.path.dirname(path), 'src', 'include'):
        p = os.path.normpath(os.path.join(base, included))
        if os.path.exists(os.path.join(top, p)):
            return p
    return None


def breaches(top):
    wrappers = {}
    for path in sources(top, ['src', 'include/httpannotate'], ('.c', '.h')):
        own = module_of(path)
        if own is None:
            yield f'{path}: belongs to no layer; give it one in tests/meta/layers.py'
            continue
        with open(os.path.join(top, path), encoding='utf-8') as f:
            text = f.read()
        for kind, included in INCLUDE.findall(text):
            if kind == '<':
                if included in LIBRARIES:
                    wrappers.setdefault(included, []).append(path)
                continue
            if included.endswith('.c'):
                yield f'{path}: includes {included}: code is linked, not included'
                continue
            target = resolve(top, path, included)
            if target is None:
                yield f'{path}: includes {included}, which is nowhere in the tree'
                continue
            if target.endswith('.def'):
                continue
            other = module_of(target)
            if other is None or other == own or other[0] < own[0]:
                continue
            if other[0] == own[0] and other[1] in SHARED_IN_LAYER:
                continue
            yield (f'{path} ({own[1]}, layer {own[0]}): includes {included} '
                   f'({other[1]}, layer {other[0]})')
    for header, paths in sorted(wrappers.items()):
        allowed = LIBRARIES[header]
        if allowed is not None:
            for path in paths:
                if path not in allowed:
                    yield f'{path}: includes <{header}>, which only {" and ".join(allowed)} may'
        elif len(paths) > 1:
            yield f'<{header}> is included by {", ".join(paths)}: one file wraps a library'
    for path in sources(top, ['tests'], ('.c', '.h')):
        with open(os.path.join(top, path), encoding='utf-8') as f:
            for _kind, included in INCLUDE.findall(f.read()):
                if included.endswith('.c'):
                    yield f'{path}: includes {included}: tests link what they test'


def self_test():
    cases = [
        ('upwards', {'src/base/a.c': '#include "httpannotate/tally.h"\n'}, 'layer 2'),
        ('neighbour', {'src/parse/a.c': '#include "httpannotate/tally.h"\n'}, 'layer 2'),
        ('private header of another', {'src/tally/a.c': '#include "parse/p.h"\n',
                                       'src/parse/p.h': '\n'}, 'layer 2'),
        ('no layer', {'src/odd.c': '\n'}, 'no layer'),
        ('code included', {'src/base/a.c': '#include "b.c"\n', 'src/base/b.c': ''}, 'linked'),
        ('nowhere', {'src/base/a.c': '#include "gone.h"\n'}, 'nowhere'),
        ('library', {'src/report/a.c': '#include <pcre2.h>\n'}, 'only'),
        ('two wrappers', {'src/base/a.c': '#include <xxhash.h>\n',
                          'src/tally/a.c': '#include <xxhash.h>\n'}, 'wraps'),
        ('test that includes code', {'tests/unit/a_test.c': '#include "a.c"\n'}, 'link'),
        ('downwards is fine', {'src/report/a.c': '#include "httpannotate/tally.h"\n'}, None),
        ('own header is fine', {'src/parse/a.c': '#include "p.h"\n', 'src/parse/p.h': ''}, None),
        ('a second file is fine', {'src/options_help.c': '#include "httpannotate/options.h"\n',
                                   'include/httpannotate/options.h': ''}, None),
    ]
    for name, files, want in cases:
        with tempfile.TemporaryDirectory() as top:
            for path, text in {'include/httpannotate/tally.h': '', **files}.items():
                os.makedirs(os.path.dirname(os.path.join(top, path)), exist_ok=True)
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
    print('\n'.join(found) or 'every include goes down')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
