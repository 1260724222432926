#!/usr/bin/env python3
"""The same report from one run and from engines that split the work.

    engines.py parallel|spark BINARY     exit 0: the same; 1: it differs; 77: the engine is not installed

Spark runs as HA_SPARK_PYTHON (a Python that has pyspark; this one unless set), in local-cluster mode: two workers,
each a process of its own, with Java 17.
"""
import difflib
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

SKIP = 77
LINES = 40000


def skip(why):
    print(f'skipped: {why}')
    sys.exit(SKIP)


def write_log(path):
    """A few MB of combined lines, the same each time; no two pieces look alike."""
    r = random.Random(20261124)
    agents = ['Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0', 'curl/8.4.0', '-']
    statuses = [200] * 12 + [204, 301, 304, 400, 404, 404, 429, 499, 500, 502, 503]
    with open(path, 'w', encoding='ascii') as f:
        for i in range(LINES):
            if i % 9000 == 5:
                f.write(f'a line that no pattern reads, behind {i} others\n')
            minute, second = divmod(i * 3600 // LINES, 60)
            f.write(f'198.51.{r.randrange(4)}.{r.randrange(250)} - - [24/Nov/2026:10:{minute:02}:{second:02} +0000] '
                    f'"{r.choice(["GET", "GET", "GET", "POST", "HEAD"])} /p/{int(3000 ** r.random())}?q={i % 5} HTTP/1.1" '
                    f'{r.choice(statuses)} {r.randrange(90000)} "-" "{r.choice(agents)}"\n')


def run(command, **kw):
    p = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=280, **kw)
    if p.returncode != 0:
        print(f'{command}: exit {p.returncode}\n{p.stdout.decode(errors="replace")[-2000:]}\n'
              f'{p.stderr.decode(errors="replace")[-4000:]}')
        sys.exit(1)
    return p.stdout


def with_parallel(folder, env):
    if shutil.which('parallel') is None or b'GNU' not in run(['parallel', '--version']):
        skip('GNU parallel is not installed (Debian: parallel)')
    return run(['bash', '-euo', 'pipefail', '-c',
                'parallel --pipepart --block 300K -a access.log httpannotate -r -o partial | httpannotate -m -o json'],
               cwd=folder, env=env)


# What README.md shows, for the driver: every piece is a line, and all lines go to one process. PySpark gives the command
# no environment, so no PATH either.
SPARK_JOB = '''
import subprocess, sys
from pyspark import SparkConf, SparkContext
settings = SparkConf().set("spark.executor.memory", "512m").set("spark.ui.enabled", "false")
context = SparkContext(master="local-cluster[2,1,512]", appName="httpannotate", conf=settings)
context.setLogLevel("ERROR")
pieces = context.textFile("file://" + sys.argv[1], 4).pipe(sys.argv[2] + " -r -o partial", checkCode=True)
lines = pieces.collect()
workers = context.parallelize(range(4), 4).map(lambda _: __import__("os").getppid()).distinct().count()
context.stop()
if len(lines) < 4 or workers < 2:
    sys.exit(f"{len(lines)} pieces in {workers} workers: nothing was split")
sys.stdout.buffer.write(subprocess.run([sys.argv[2], "-m", "-o", "json"], input="\\n".join(lines).encode(),
                                       stdout=subprocess.PIPE, check=True).stdout)
'''


def java_version():
    try:
        said = subprocess.run(['java', '-version'], stderr=subprocess.PIPE, timeout=60).stderr.decode(errors='replace')
    except OSError:
        return 0
    m = re.search(r'version "(\d+)', said)
    return int(m[1]) if m else 0


def with_spark(folder, env):
    python = os.environ.get('HA_SPARK_PYTHON', sys.executable)
    if java_version() < 17:
        skip('Java 17 is not installed (Debian: openjdk-17-jre-headless)')
    if not os.path.exists(python) or subprocess.run([python, '-c', 'import pyspark'], stderr=subprocess.DEVNULL).returncode:
        skip(f'{python} has no pyspark; HA_SPARK_PYTHON names a Python that has it')
    job = os.path.join(folder, 'job.py')
    with open(job, 'w', encoding='ascii') as f:
        f.write(SPARK_JOB)
    env.update(PYSPARK_PYTHON=python, PYSPARK_DRIVER_PYTHON=python, SPARK_LOCAL_IP='127.0.0.1',
               SPARK_LOCAL_DIRS=folder)
    return run([python, job, os.path.join(folder, 'access.log'), shutil.which('httpannotate', path=env['PATH'])],
               cwd=folder, env=env)


def essence(report):
    """The lines of a JSON report, less what depends on where a piece begins: numbers of lines, and so which comes first."""
    parsed = json.loads(report)
    for finding in parsed['findings'] or []:
        for key in ('first_line', 'source', 'example'):
            finding.pop(key, None)
    for sample in parsed['unmatched_samples']:
        sample.pop('line', None)
    parsed['unmatched_samples'].sort(key=lambda sample: sample['text'])
    return json.dumps(parsed, indent=1).splitlines()


def main():
    engine, binary = sys.argv[1], os.path.abspath(sys.argv[2])
    env = {k: v for k, v in os.environ.items() if not k.startswith(('SPARK_', 'PYSPARK_'))}
    env.update(PATH=os.path.dirname(binary) + os.pathsep + env.get('PATH', ''), XDG_CONFIG_HOME='/nonexistent', TZ='UTC')
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, 'access.log')
        write_log(log)
        got = {'parallel': with_parallel, 'spark': with_spark}[engine](folder, env)
        with open(log, 'rb') as f:
            want = run([binary, '-r', '-o', 'json'], stdin=f, env=env)
    one, all_pieces = essence(want), essence(got)
    if one != all_pieces:
        print('\n'.join(difflib.unified_diff(one, all_pieces, 'one run', engine, lineterm='')))
        return 1
    print(f'{engine}: {LINES} lines in pieces give the report of one run, {len(one)} lines of JSON')
    return 0


if __name__ == '__main__':
    sys.exit(main())
