#!/usr/bin/env python3
"""Makes twins.tsv and golden.tsv from the written reference of the generator and of the detector.

    make_expected.py REFERENCE      REFERENCE: a folder with gen_log.py and ref.py

twins.tsv: name of a scenario, seed, bytes and CRC-32 of the log that gen_log.py writes for it.
golden.tsv: generator line, seed, and what ref.py tells of the log: when it judges a bucket as it closes, then when it
also looks at the open one. Each event is group, kind, minute it speaks of, second it is told at, counted from the
start of the log.
"""
import io
import os
import sys
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
LOGS = 200
FIRST_SEED = 9000


def pick(rng, choices):
    return choices[rng.below(len(choices))]


def golden_line(gen_log, seed):
    """A short log: an hour and a half to six hours, up to three things that happen."""
    rng = gen_log.Rng(seed)
    if seed % 25 == 0:  # bursts by habit, and one that is more than they
        base, factor = pick(rng, [2, 6]), pick(rng, [15, 40])
        spikes = ','.join(f'429:{60 + 60 * i}:2:{factor if i < 10 else 8 * factor}' for i in range(11))
        return f'minutes=750 good={pick(rng, [1, 4])} err=429:{base},5xx:0.1 phi=1 spike={spikes}'
    if seed % 20 == 1:  # one that grows
        at = 40 + rng.below(60)
        return (f'minutes=200 good={pick(rng, [0, 20])} err=429:{pick(rng, [1, 4])},5xx:{pick(rng, [0.5, 2])} '
                f'spike=5xx:{at}:{6 + rng.below(10)}:{pick(rng, [5, 8])},5xx:{at + 12}:10:{pick(rng, [30, 60])}')
    minutes = 90 + rng.below(270)
    words = [f'minutes={minutes}', f'good={pick(rng, [0, 3, 10, 20, 40])}', f'phi={pick(rng, [1, 1.5, 2, 3])}',
             f'err=429:{pick(rng, [0, 0.05, 0.3, 1, 3, 8])},5xx:{pick(rng, [0, 0.1, 0.5, 2, 5])}', f'jitter={pick(rng, [0, 2, 4])}']
    if rng.below(4) == 0:
        words.append(f'amp={pick(rng, [0.3, 0.7])}')
    happenings = {}
    for _ in range(rng.below(4)):
        kind = pick(rng, ['spike', 'spike', 'spike', 'add', 'add', 'surge'])
        at = 15 + rng.below(minutes - 15)
        length = pick(rng, [1, 3, 5, 10, 20, 45, 100])
        group = 'all' if kind == 'surge' else pick(rng, ['429', '5xx'])
        factor = pick(rng, [3, 6]) if kind == 'surge' else pick(rng, [2, 3, 5, 10, 30]) if kind == 'spike' else pick(rng, [3, 6, 12, 30])
        happenings.setdefault(kind, []).append(f'{group}:{at}:{length}:{factor}')
    words += [f'{kind}={",".join(all_of)}' for kind, all_of in happenings.items()]
    if rng.below(5) == 0:
        at = 20 + rng.below(minutes - 40)
        words.append(f'gap={at}-{at + pick(rng, [3, 12, 40, 90])}')
    return ' '.join(words)


def log_of(gen_log, line, seed):
    out = io.StringIO()
    gen_log.main(line, seed, out, io.StringIO())
    return out.getvalue()


def events_of(ref, text, start, early):
    events = []

    def emit(kind, group, since, told, _):
        if not kind.startswith('open'):
            events.append(f'{group} {kind} {(since - start) // 60} {told - start}')
    clock = ref.Clock(60, ['429', '5xx'], early=early, emit=emit)
    for line in text.splitlines():
        time_s, status = ref.parse(line)
        clock.line(time_s, '429' if status == 429 else '5xx' if status >= 500 else None, status < 400)
    clock.flush()
    return events


def main():
    sys.path.insert(0, sys.argv[1])
    import gen_log
    import ref
    with open(os.path.join(HERE, 'scenarios.tsv'), encoding='ascii') as f:
        scenarios = [line.split('\t')[:2] for line in f if not line.startswith('#')]
    with open(os.path.join(HERE, 'twins.tsv'), 'w', encoding='ascii') as f:
        for name, line in scenarios:
            for seed in (1, 2):
                text = log_of(gen_log, line, seed).encode()
                f.write(f'{name}\t{seed}\t{len(text)}\t{zlib.crc32(text):08x}\n')
    with open(os.path.join(HERE, 'golden.tsv'), 'w', encoding='ascii') as f:
        for seed in range(FIRST_SEED, FIRST_SEED + LOGS):
            line = golden_line(gen_log, seed)
            text = log_of(gen_log, line, seed)
            told = ['; '.join(events_of(ref, text, 1767225600, early)) for early in (False, True)]
            f.write('\t'.join([line, str(seed), *told]) + '\n')


if __name__ == '__main__':
    main()
