#!/usr/bin/env python3
"""The JSON report against its published schema.

    report_schema.py SCHEMA REPORT...  exit 1 and one line per breach
    report_schema.py --self-test       shows that each kind of breach is found

Knows the keywords that the schema uses, and refuses a schema with others: nothing goes unchecked.
"""
import json
import sys

TYPES = {
    'object': lambda v: isinstance(v, dict), 'array': lambda v: isinstance(v, list),
    'string': lambda v: isinstance(v, str), 'boolean': lambda v: isinstance(v, bool),
    'null': lambda v: v is None,
    'integer': lambda v: isinstance(v, int) and not isinstance(v, bool),
    'number': lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
}
WORDS = {'$schema', '$id', 'title', 'description', '$defs', 'format'}
RULES = {'type', 'const', 'enum', 'minimum', 'maximum', 'minItems', 'maxItems', 'required', 'properties',
         'additionalProperties', 'items', '$ref'}


def of_values(rule, v):
    kinds = rule.get('type', list(TYPES))
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if not any(TYPES[k](v) for k in kinds):
        yield f'is {json.dumps(v)[:60]}, wanted {" or ".join(kinds)}'
    if 'const' in rule and v != rule['const']:
        yield f'is {v!r}, wanted {rule["const"]!r}'
    if 'enum' in rule and v not in rule['enum']:
        yield f'is {v!r}, wanted one of {rule["enum"]}'
    if TYPES['number'](v) and not rule.get('minimum', v) <= v <= rule.get('maximum', v):
        yield f'is {v}, out of range'
    if isinstance(v, list) and not rule.get('minItems', 0) <= len(v) <= rule.get('maxItems', len(v)):
        yield f'has {len(v)} items'


def breaches(schema, rule, v, path='report'):
    unknown = set(rule) - WORDS - RULES
    if unknown:
        yield f'{path}: the check does not know {sorted(unknown)}'
    if '$ref' in rule:
        yield from breaches(schema, schema['$defs'][rule['$ref'].removeprefix('#/$defs/')], v, path)
        if set(rule) <= WORDS | {'$ref'}:
            return
    for what in of_values(rule, v):
        yield f'{path} {what}'
    if isinstance(v, dict):
        for key in rule.get('required', []):
            if key not in v:
                yield f'{path} lacks {key}'
        for key, inner in v.items():
            other = rule.get('additionalProperties')
            if key in rule.get('properties', {}):
                yield from breaches(schema, rule['properties'][key], inner, f'{path}.{key}')
            elif isinstance(other, dict):
                yield from breaches(schema, other, inner, f'{path}.{key}')
            else:
                yield f'{path}.{key} is not in the schema'
    if isinstance(v, list) and 'items' in rule:
        for i, inner in enumerate(v):
            yield from breaches(schema, rule['items'], inner, f'{path}[{i}]')


def self_test():
    schema = {'type': 'object', 'required': ['n'], '$defs': {'s': {'type': ['string', 'null']}},
              'properties': {'n': {'type': 'integer', 'minimum': 0}, 's': {'$ref': '#/$defs/s'},
                             'e': {'enum': ['a']}, 'l': {'type': 'array', 'items': {'const': 1},
                                                         'minItems': 1, 'maxItems': 2}}}
    good = [{'n': 0}, {'n': 1, 's': None, 'e': 'a', 'l': [1]}]
    bad = [{}, {'n': True}, {'n': -1}, {'n': 1, 's': 2}, {'n': 1, 'e': 'b'}, {'n': 1, 'l': []},
           {'n': 1, 'l': [1, 1, 1]}, {'n': 1, 'l': [2]}, {'n': 1, 'x': 1}, []]
    for v in good:
        if list(breaches(schema, schema, v)):
            print(f'self-test: {v} should pass')
            return 1
    for v in bad:
        if not list(breaches(schema, schema, v)):
            print(f'self-test: {v} should not pass')
            return 1
    if not list(breaches({}, {'pattern': 'x'}, 'x')):
        print('self-test: an unknown keyword should be refused')
        return 1
    print(f'{len(good) + len(bad) + 1} self-tests hold')
    return 0


def main():
    if sys.argv[1:] == ['--self-test']:
        return self_test()
    with open(sys.argv[1], encoding='utf-8') as f:
        schema = json.load(f)
    found = []
    for name in sys.argv[2:]:
        with open(name, encoding='utf-8') as f:
            found += [f'{name}: {b}' for b in breaches(schema, schema, json.load(f))]
    print('\n'.join(found) or 'as the schema has it')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
