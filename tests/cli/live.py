#!/usr/bin/env python3
"""What needs a second process to see: signals, live pipes, terminals, closed pipes, memory.

    live.py BINARY [TEST...]

No test measures time: each waits for something to happen and fails when it has not come within a minute.
"""
import json
import os
import pty
import re
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
import unittest

BINARY = None
PATIENCE = 60


def sanitizer():
    """Which sanitizer the program is built with, or None."""
    with open(BINARY, 'rb') as f:
        data = f.read()
    return next((name for name in ('asan', 'tsan') if f'__{name}_init'.encode() in data), None)


def environment(**more):
    env = {k: v for k, v in os.environ.items() if k not in ('NO_COLOR', 'CLICOLOR', 'CLICOLOR_FORCE', 'COLUMNS')}
    env.update(LC_ALL='C.UTF-8', TZ='UTC', XDG_CONFIG_HOME='/nonexistent', **more)
    for name in ('ASAN_OPTIONS', 'UBSAN_OPTIONS', 'TSAN_OPTIONS'):
        env[name] = ':'.join(filter(None, [env.get(name), 'exitcode=99']))
    return env


def line(status=200, method='GET', target='/', client='203.0.113.7'):
    return (f'{client} - - [24/Nov/2026:10:00:00 +0000] "{method} {target} HTTP/1.1" {status} 12 "-" "curl/8.5.0"\n'
            ).encode()


def all_from(main):
    """What comes to a terminal until nobody can write there any more; closes it."""
    got = b''
    while True:
        try:
            data = os.read(main, 1 << 16)
        except OSError:
            break
        if not data:
            break
        got += data
    os.close(main)
    return got


class Live:
    """The program on pipes, read as it writes."""

    def __init__(self, *args, **kw):
        self.p = subprocess.Popen([BINARY, *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  env=environment(), bufsize=0, **kw)
        self.got = {self.p.stdout: b'', self.p.stderr: b''}

    @property
    def out(self):
        return self.got[self.p.stdout]

    @property
    def err(self):
        return self.got[self.p.stderr]

    def send(self, data):
        self.p.stdin.write(data)

    def pump(self, seconds):
        ready = select.select([f for f in self.got if not f.closed], [], [], seconds)[0]
        for f in ready:
            data = os.read(f.fileno(), 1 << 16)
            if data:
                self.got[f] += data
            else:
                f.close()
        return ready

    def until(self, condition):
        end = time.monotonic() + PATIENCE
        while not condition(self):
            if time.monotonic() > end or all(f.closed for f in self.got):
                self.kill()
                raise AssertionError(f'did not come; out {self.out[-300:]!r}, err {self.err[-600:]!r}')
            self.pump(0.2)

    def end(self):
        """Closes its input where that is open still, reads what is left, gives the exit status."""
        if not self.p.stdin.closed:
            self.p.stdin.close()
        self.until(lambda s: all(f.closed for f in s.got))
        return self.p.wait(PATIENCE)

    def kill(self):
        self.p.kill()
        self.p.wait()


class Streams(unittest.TestCase):
    def test_a_line_is_out_before_the_next_comes(self):
        for args in (['--no-report'], [], ['-l', 'raw'], ['-l', 'below']):
            p = Live(*args)
            for i in range(5):
                p.send(line(429, target=f'/{i}'))
                p.until(lambda p, want=f'/{i} '.encode(): want in p.out and p.out.endswith(b'\n'))
            self.assertEqual(p.end(), 0)

    def test_half_a_line_waits_for_its_other_half(self):
        p = Live('--no-report')
        p.send(line(200) + line(404)[:30])
        p.until(lambda p: p.out.count(b'\n') == 1)
        p.send(line(404)[30:])
        p.until(lambda p: p.out.count(b'\n') == 2)
        self.assertIn(b'\t# 404 Not Found', p.out)
        self.assertEqual(p.end(), 0)

    def test_lines_cut_anywhere_are_the_same_lines(self):
        data = line(200) + b'\n' + line(503)[:-1] + b'\r\n' + b'odd \x00\xff\n' + line(404)[:-1]
        whole = subprocess.run([BINARY, '--no-report'], input=data, stdout=subprocess.PIPE, env=environment()).stdout
        for size in (1, 7, 64):
            p = Live('--no-report')
            for i in range(0, len(data), size):
                p.send(data[i:i + size])
            self.assertEqual(p.end(), 0)
            self.assertEqual(p.out, whole)


def wait_until_it_waits(pid):
    """Until the process sleeps: nothing says in what, so it is given what it needs to get there."""
    end, asleep = time.monotonic() + PATIENCE, 0
    while asleep < 20 and time.monotonic() < end:
        with open(f'/proc/{pid}/stat', encoding='utf-8') as f:
            state = f.read().rsplit(')', 1)[1].split()[0]
        asleep = asleep + 1 if state == 'S' else 0
        time.sleep(0.01)


class Signals(unittest.TestCase):
    def test_interrupt_and_terminate_end_with_the_report(self):
        for sig in (signal.SIGINT, signal.SIGTERM):
            p = Live()
            p.send(line(503))
            p.until(lambda p: p.out.count(b'\n') == 1)
            p.p.send_signal(sig)
            p.until(lambda p: b'Service Unavailable' in p.err)
            self.assertEqual(p.end(), 0, sig)

    def test_the_exit_status_after_a_signal_is_that_of_an_end_of_input(self):
        p = Live('--fail-if=5xx>0')
        p.send(line(503))
        p.until(lambda p: p.out.count(b'\n') == 1)
        p.p.send_signal(signal.SIGINT)
        self.assertEqual(p.end(), 3)
        p = Live()
        p.send(b'prose\n')
        p.until(lambda p: p.out.count(b'\n') == 1)
        p.p.send_signal(signal.SIGTERM)
        self.assertEqual(p.end(), 1)

    def test_user_signal_reports_and_goes_on(self):
        p = Live()
        p.send(line(503))
        p.until(lambda p: p.out.count(b'\n') == 1)
        p.p.send_signal(signal.SIGUSR1)
        p.until(lambda p: b'Service Unavailable' in p.err)
        self.assertNotIn(b'Gateway Timeout', p.err)
        p.send(line(504))
        p.until(lambda p: p.out.count(b'\n') == 2)
        self.assertEqual(p.end(), 0)
        self.assertIn(b'Gateway Timeout', p.err)
        self.assertEqual(p.err.count(b'Service Unavailable'), 2)

    def test_interim_reports_at_an_interval(self):
        p = Live('-r', '--every=1s', '-o', 'json')
        p.send(line(503))
        p.until(lambda p: p.out.count(b'"httpannotate.report/1"') >= 1)
        p.p.send_signal(signal.SIGINT)
        self.assertEqual(p.end(), 0)
        self.assertGreaterEqual(p.out.count(b'"httpannotate.report/1"'), 2)

    def test_a_second_signal_ends_at_once(self):
        if sanitizer() == 'tsan':
            self.skipTest('the thread sanitizer holds signals back while a call blocks')
        # The first report cannot be written, as nobody reads the full pipe.
        read, write = os.pipe()
        os.set_blocking(write, False)
        try:
            while True:
                os.write(write, b'x' * 4096)
        except BlockingIOError:
            pass
        os.set_blocking(write, True)
        p = subprocess.Popen([BINARY, '-r'], stdin=subprocess.PIPE, stdout=write, stderr=subprocess.DEVNULL, env=environment())
        os.close(write)
        p.stdin.write(line(503))
        p.stdin.flush()
        wait_until_it_waits(p.pid)
        p.send_signal(signal.SIGINT)
        wait_until_it_waits(p.pid)
        p.send_signal(signal.SIGINT)
        code = p.wait(PATIENCE)
        os.close(read)
        p.stdin.close()
        self.assertNotEqual(code, 0)


def minute(number, errors, good=6, status=503):
    """A minute of a log: good lines, then errors, spread over it."""
    stamps = sorted([(i * 60 // (good + errors), 200) for i in range(good)] +
                    [(5 + i * 50 // max(errors, 1), status) for i in range(errors)])
    return b''.join(line(code).replace(b'10:00:00', b'%02d:%02d:%02d' % (10 + number // 60, number % 60, second))
                    for second, code in stamps)


class Spikes(unittest.TestCase):
    USUAL = b''.join(minute(m, 0) for m in range(30))

    def test_one_is_told_while_it_goes_on(self):
        for args in (['--no-report'], ['-l', 'raw', '--threads=1'], ['-l', 'json', '--threads=3']):
            p = Live(*args)
            p.send(self.USUAL)
            p.send(minute(30, 40))
            p.until(lambda p: b'SPIKE 5xx' in p.err)
            self.assertNotIn(b'END', p.err)
            for m in range(31, 43):
                p.send(minute(m, 0))
            p.until(lambda p: b'END   5xx  10:30 to 10:31' in p.err)
            self.assertEqual(p.end(), 0)
            self.assertEqual(p.err.count(b'SPIKE 5xx'), 1)

    def test_the_line_that_gives_it_is_out_before(self):
        main, other = pty.openpty()
        for threads in ('1', '2'):
            p = subprocess.Popen([BINARY, '-l', 'raw', '--no-report', '--color=never', f'--threads={threads}'],
                                 stdin=subprocess.PIPE, stdout=other, stderr=other, env=environment())
            p.stdin.write(self.USUAL + minute(30, 40) + minute(31, 0))
            p.stdin.close()
            got = b''
            while p.poll() is None or select.select([main], [], [], 0)[0]:
                if select.select([main], [], [], 0.2)[0]:
                    got += os.read(main, 1 << 16)
            self.assertEqual(p.returncode, 0)
            lines = got.replace(b'\r\n', b'\n').split(b'\n')
            for told in lines:
                self.assertRegex(told, rb'^(203\.0\.113\.7 .*"curl/8\.5\.0"|SPIKE 5\w\w  .*|)$')
            self.assertIn(b'SPIKE 5xx', got)
        os.close(other)
        os.close(main)

    def test_a_report_alone_tells_a_person_who_looks_on(self):
        for args, wanted in ((['-r'], True), (['-r', '--no-spikes'], False)):
            main, other = pty.openpty()
            p = subprocess.Popen([BINARY, *args, '--color=never'], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                 stderr=other, env=environment())
            os.close(other)
            p.stdin.write(self.USUAL + minute(30, 40))
            p.stdin.close()
            got = all_from(main)
            self.assertEqual(p.wait(PATIENCE), 0)
            self.assertEqual(b'SPIKE 5xx' in got, wanted)

    def test_a_command_that_hangs_holds_nothing_up(self):
        with tempfile.TemporaryDirectory() as d:
            p = Live('-l', 'raw', '--no-report', '--spike-group=5xx',
                     f'--on-spike=cat > {d}/got; : > {d}/there; until [ -e {d}/go ]; do sleep 0.05; done')
            p.send(self.USUAL + minute(30, 40))
            p.until(lambda p: os.path.exists(f'{d}/there'))
            for m in range(31, 34):
                p.send(minute(m, 0))
            p.until(lambda p: b':33:5' in p.out)
            with open(f'{d}/got', encoding='utf-8') as f:
                spike = json.load(f)
            self.assertEqual((spike['event'], spike['group'], spike['open']), ('start', '5xx', True))
            self.assertEqual(spike['start'], '2026-11-24T10:30:00Z')
            with open(f'{d}/go', 'w', encoding='utf-8'):
                pass
            self.assertEqual(p.end(), 0)

    def test_a_signal_ends_it_with_a_command_running(self):
        p = Live('-l', 'raw', '--no-report', '--on-spike=echo begun; sleep 0.2; echo done')
        p.send(self.USUAL + minute(30, 40))
        p.until(lambda p: b'begun' in p.err)
        p.p.send_signal(signal.SIGTERM)
        self.assertEqual(p.end(), 0)
        self.assertEqual(p.err.count(b'begun'), p.err.count(b'done'))


class Merging(unittest.TestCase):
    def partial(self, status):
        return subprocess.run([BINARY, '-r', '-o', 'partial'], input=line(status), stdout=subprocess.PIPE,
                              env=environment()).stdout

    def test_signals_ask_for_a_report_and_for_the_end(self):
        for sig in (signal.SIGINT, signal.SIGTERM):
            p = Live('-m', '--fail-if=5xx>1')
            p.send(self.partial(503))
            wait_until_it_waits(p.p.pid)
            p.p.send_signal(signal.SIGUSR1)
            p.until(lambda p: b'So far 1 request,' in p.out)
            p.send(self.partial(504))
            wait_until_it_waits(p.p.pid)
            p.p.send_signal(sig)
            p.until(lambda p: b'\n2 requests,' in p.out)
            self.assertEqual(p.end(), 3, sig)
            self.assertIn(b'5xx>1 holds', p.err)

    def test_a_closed_pipe_ends_it_quietly(self):
        p = subprocess.Popen([BINARY, '-m'], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             env=environment())
        p.stdout.close()
        p.stdin.write(self.partial(503))
        p.stdin.close()
        self.assertEqual(p.stderr.read(), b'')
        p.stderr.close()
        self.assertEqual(p.wait(PATIENCE), 0)


class Pipes(unittest.TestCase):
    def test_a_closed_pipe_ends_it_quietly(self):
        for args in (['--no-report'], [], ['-l', 'raw']):
            p = subprocess.Popen([BINARY, *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                 env=environment())
            p.stdout.close()
            self.write_until_broken(p.stdin)
            err = p.stderr.read()
            self.assertIn(p.wait(PATIENCE), (0, -signal.SIGPIPE), args)
            self.assertNotIn(b'httpannotate:', err)
            p.stderr.close()

    def test_a_text_that_nobody_reads_is_no_trouble(self):
        for args in (['--help'], ['-x'], ['--list-findings']):
            read, write = os.pipe()
            os.close(read)
            p = subprocess.run([BINARY, *args], stdout=write, stderr=subprocess.PIPE, env=environment())
            os.close(write)
            self.assertEqual((p.returncode, p.stderr), (0, b''), args)

    def write_until_broken(self, to):
        try:
            for _ in range(20000):
                to.write(line())
        except BrokenPipeError:
            pass
        try:
            to.close()
        except BrokenPipeError:
            pass

    def test_a_full_disk_is_said_once(self):
        for args, stdin in ((['--no-report'], line() * 5000), (['-l', 'raw', '--no-report'], line() * 5000), (['-r'], line()),
                            (['--help'], b''), (['-x'], b''), (['--list-patterns'], b'')):
            with open('/dev/full', 'wb') as full:
                p = subprocess.run([BINARY, *args], input=stdin, stdout=full, stderr=subprocess.PIPE, env=environment())
            self.assertEqual(p.returncode, 2, args)
            self.assertEqual(p.stderr.count(b'\n'), 1, p.stderr)
            self.assertTrue(p.stderr.startswith(b'httpannotate: '), p.stderr)


class Terminals(unittest.TestCase):
    def screen(self, args, data, **env):
        """What a terminal on standard output receives."""
        main, other = pty.openpty()
        p = subprocess.Popen([BINARY, *args], stdin=subprocess.PIPE, stdout=other, stderr=subprocess.DEVNULL,
                             env=environment(TERM='xterm-256color', **env))
        os.close(other)
        p.stdin.write(data)
        p.stdin.close()
        got = all_from(main)
        self.assertEqual(p.wait(PATIENCE), 0)
        return got

    def test_colour_by_class(self):
        seen = {s: self.screen(['--no-report'], line(s)) for s in (200, 302, 404, 503)}
        for got in seen.values():
            self.assertIn(b'\x1b[', got)
        inks = {tuple(re.findall(rb'\x1b\[[0-9;]*m', got)) for got in seen.values()}
        self.assertEqual(len(inks), len(seen), 'each class has an ink of its own')

    def test_no_color_and_never(self):
        self.assertNotIn(b'\x1b', self.screen(['--no-report'], line(503), NO_COLOR='1'))
        self.assertNotIn(b'\x1b', self.screen(['--no-report', '--color=never'], line(503)))
        self.assertIn(b'\x1b', self.screen(['--no-report', '--color=always'], line(503), NO_COLOR='1'))
        self.assertIn(b'\x1b', self.screen(['--no-report'], line(503), NO_COLOR=''))

    def test_the_log_does_not_drive_the_terminal(self):
        evil = line(404, target='/\x1b]0;owned\x07\x1b[2J').replace(b'curl', b'\x08\x7f\xc2\x9b31m\x9b\xe2\x80\xae')
        for style in ('append', 'below', 'raw', 'json'):
            got = self.screen(['--no-report', '--color=never', '-l', style], evil) if style != 'json' else b''
            for bad in (b'\x1b', b'\x07', b'\x08', b'\x7f', b'\xc2\x9b', b'\xe2\x80\xae'):
                self.assertNotIn(bad, got, style)
        self.assertIn(rb'\x1B]0;owned\x07', self.screen(['--no-report', '--color=never'], evil))

    def test_the_report_shows_control_bytes_too(self):
        got = self.screen(['-r', '--color=never'], line(404, target='/\x1b[2J\x07') * 3 + b'\x1b[31mprose\n')
        self.assertNotIn(b'\x1b', got)
        self.assertNotIn(b'\x07', got)
        self.assertIn(rb'\x1B[2J', got)


class Memory(unittest.TestCase):
    LIMIT_KIB = 16 * 1024

    def peak(self, args, feed, lines):
        """Peak resident KiB of a run that has read all, and made a report of it."""
        p = subprocess.Popen([BINARY, *args, '-o', 'json:report'], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL, env=environment(), cwd=self.folder)
        feed(p.stdin)
        p.stdin.flush()
        end = time.monotonic() + PATIENCE
        while self.reported() != lines:
            if time.monotonic() > end:
                p.kill()
                self.fail(f'no report of {lines} lines came, but of {self.reported()}')
            p.send_signal(signal.SIGUSR1)
            time.sleep(0.05)
        with open(f'/proc/{p.pid}/status', encoding='utf-8') as f:
            peak = int(re.search(r'VmHWM:\s+(\d+)', f.read())[1])
        p.stdin.close()
        self.assertEqual(p.wait(PATIENCE), 0)
        return peak

    def reported(self):
        try:
            with open(os.path.join(self.folder, 'report'), encoding='utf-8') as f:
                return json.load(f)['input']['lines']
        except FileNotFoundError:
            return None

    def test_does_not_grow_with_lines_or_their_length(self):
        if sanitizer():
            self.skipTest('a sanitizer keeps shadows of its own')
        block = b''.join(line(200, target=f'/{i}', client=f'198.51.100.{i % 250}') for i in range(20000))

        def many(to):
            for _ in range(20):
                to.write(block)

        def long(to):
            for _ in range(64):
                to.write(b'x' * (1 << 20))
            to.write(b'\n' + line())
        for feed, lines in ((many, 400000), (long, 2)):
            for args in (['-r', '--top=0'], ['-l', 'raw', '--top=0']):
                with tempfile.TemporaryDirectory() as self.folder:
                    peak = self.peak(args, feed, lines)
                self.assertLessEqual(peak, self.LIMIT_KIB, (feed.__name__, args))


class Descriptors(unittest.TestCase):
    def test_many_files_on_few_descriptors(self):
        with tempfile.TemporaryDirectory() as d:
            for i in range(64):
                with open(f'{d}/{i}', 'wb') as f:
                    f.write(line(200 + i % 3))

            def few():
                resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
            p = subprocess.run([BINARY, '-r', *[f'{d}/{i}' for i in range(64)]], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=environment(), preexec_fn=few)
        self.assertEqual((p.returncode, p.stderr), (0, b''))


class Threads(unittest.TestCase):
    """Blocks are read by several threads: what leads the lines of one may stand in the block before."""

    def test_directives_lead_the_blocks_of_other_threads(self):
        orders = ('date time cs-method cs-uri-stem sc-status c-ip', 'c-ip sc-status date time cs-uri-stem cs-method')
        rows = ('2026-11-24 10:00:00 GET /a 404 192.0.2.7', '192.0.2.9 503 2026-11-24 10:00:01 /b GET')
        with tempfile.NamedTemporaryFile('w') as log:
            for i in range(40):
                log.write(f'#Fields: {orders[i % 2]}\n' + f'{rows[i % 2]}\n' * (1000 + 211 * i))
            log.flush()
            reports = [subprocess.run([BINARY, '-r', '-o', 'json', f'--threads={n}', log.name], env=environment(),
                                      stdout=subprocess.PIPE, check=True).stdout for n in (1, 2, 5)]
        self.assertEqual(json.loads(reports[0])['input']['unmatched'], 0)
        self.assertEqual(reports[0], reports[1])
        self.assertEqual(reports[0], reports[2])


if __name__ == '__main__':
    BINARY = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=1)
