"""The promise of bounded memory, kept on a log made to be as bad as one can be.

Every minute of 45 days has requests of many statuses, every one with a target, a client, a referer
and an agent of its own: all lists, minutes and samples are full. What is measured is how much of
the program was resident at most, as the system tells of a child that ended.
"""
import argparse
import os
import random
import subprocess
import sys
import tempfile
import time

MOST_KIB = 60 * 1024  # the promise is 64 MiB; the rest is what systems differ by
DAYS, A_MINUTE = 45, 3
LONGEST_PARTIAL_MIB = 32  # of a line that is taken for a partial report; this one is none
FIRST_S = 1754006400  # a midnight
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND", "MKCOL", "OTHER")
STATUSES = (200, 404, 500, 502, 503, 504, 400, 401, 403, 410, 429, 499, 301, 304, 206, 414)


def lines():
    """The log, in the combined format. The same in every run."""
    rng = random.Random(1)
    number = 0
    for minute in range(DAYS * 1440):
        stamp = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(FIRST_S + 60 * minute))
        for _ in range(A_MINUTE):
            number += 1
            word = f"{rng.getrandbits(320):x}"
            yield (
                f'2001:db8:{word[:4]}:{word[4:8]}::{number >> 16:x}:{number & 0xffff:x} - '
                f'{word[:9]} [{stamp}] "{METHODS[number % 10]} /{word[:20]}/{word}/../x?id={number}'
                f' HTTP/1.1" {STATUSES[number * 7 % 16]} {number * 977 % 2000000}'
                f' "https://{word[9:40]}.example.org/{word[40:]}" "Agent/{word[::-1]}"\n'
            )


def most_resident(command, wanted):
    """KiB that the command had resident at most; it must end with that exit status."""
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != wanted:
        sys.exit(f"exit status {child.returncode}: {' '.join(command)}")
    return usage.ru_maxrss


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--most", type=int, default=MOST_KIB, help="KiB; for trying the test out")
    args = parser.parse_args()
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        log, partial, long = (os.path.join(folder, name) for name in ("log", "partial", "long"))
        with open(log, "w", encoding="ascii") as to:
            to.writelines(lines())
        with open(long, "w", encoding="ascii") as to:
            to.writelines("A" * (1 << 20) for _ in range(LONGEST_PARTIAL_MIB))
        for wanted, options in (
            (0, ["--threads=1", "-r", f"--output=partial:{partial}", log]),
            (0, ["--threads=8", "-r", "--output=partial", log]),
            (0, ["--threads=8", "-r", "--output=json", log]),
            (0, ["--threads=2", log]),
            (0, ["-m", "--output=partial", partial, partial]),
            (0, ["--threads=8", "-r", f"--diff={partial}", log]),
            (2, ["-m", long]),
            (2, ["-r", f"--diff={long}", log]),
        ):
            kib = most_resident([args.bin, "--no-config"] + options, wanted)
            bad += kib > args.most
            print(f"{kib / 1024:6.1f} MiB{' TOO MUCH' if kib > args.most else ''}: {options}")
    sys.exit(1 if bad else 0)


main()
