#!/usr/bin/env python3
"""--follow: files are rotated while the program reads them.

    follow.py BINARY [TEST...]

As live.py no test measures time: each waits for lines to come, and fails when they have not within a minute. All
tests run twice: with the system telling of changes (inotify), and without.
"""
import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import live
from live import line


class Following(live.Live):
    def __init__(self, *args, poll=False, stdin=subprocess.DEVNULL, **kw):
        env = live.environment(**({'HA_FOLLOW': 'poll'} if poll else {}))
        self.p = subprocess.Popen([live.BINARY, '-f', *args], stdin=stdin, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, env=env, bufsize=0, **kw)
        self.got = {self.p.stdout: b'', self.p.stderr: b''}

    def has(self, count):
        self.until(lambda p: p.out.count(b'\n') >= count)

    def end(self, sig=signal.SIGINT):
        self.p.send_signal(sig)
        self.until(lambda s: all(f.closed for f in s.got))
        return self.p.wait(live.PATIENCE)


class Files(unittest.TestCase):
    poll = False

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.at = self.folder.name
        self.log = f'{self.at}/access.log'
        self.n = 0
        self.running = []

    def tearDown(self):
        for p in self.running:
            if p.p.poll() is None:
                p.kill()
            p.p.stdout.close()
            p.p.stderr.close()
        self.folder.cleanup()

    def follow(self, *args, **kw):
        p = Following(*args, poll=self.poll, **kw)
        self.running.append(p)
        return p

    def write(self, count, path=None, mode='ab'):
        with open(path or self.log, mode) as f:
            for _ in range(count):
                f.write(line(target=f'/n{self.n}'))
                self.n += 1

    def assert_all(self, p, what='each line once, in order'):
        self.assertEqual([int(n) for n in re.findall(rb'/n(\d+) ', p.out)], list(range(self.n)), what)

    def raw(self, *args, **kw):
        return self.follow('--no-report', '-l', 'raw', *args, **kw)

    def test_what_is_there_and_what_comes(self):
        self.write(50)
        p = self.raw(self.log)
        p.has(50)
        for _ in range(20):
            self.write(1)
            p.has(self.n)
        self.assertEqual(p.end(), 0)
        self.assert_all(p)
        self.assertEqual(p.err, b'')

    def test_rename_and_create(self):
        self.write(3)
        p = self.raw(self.log)
        p.has(3)
        for i in range(4):
            os.rename(self.log, f'{self.log}.{i}')
            self.write(2, f'{self.log}.{i}')
            self.write(3)
            p.has(self.n)
        self.assertEqual(p.end(), 0)
        self.assert_all(p)

    def test_the_old_file_is_read_on_behind_the_new_one(self):
        self.write(1)
        p = self.raw(self.log)
        p.has(1)
        os.rename(self.log, f'{self.log}.1')
        self.write(1)
        p.has(2)
        self.write(1, f'{self.log}.1')
        p.has(3)
        self.write(1)
        p.has(4)
        self.assertEqual(p.end(), 0)
        self.assert_all(p)

    def test_the_new_file_is_empty_while_the_old_one_is_written(self):
        self.write(1)
        p = self.raw(self.log)
        p.has(1)
        os.rename(self.log, f'{self.log}.1')
        open(self.log, 'w').close()
        for _ in range(3):
            self.write(1, f'{self.log}.1')
            p.has(self.n)
        self.write(1)
        p.has(self.n)
        p.end()
        self.assert_all(p)

    def test_copy_and_truncate(self):
        self.write(40)
        p = self.raw(self.log)
        p.has(40)
        for _ in range(3):
            self.write(2)
            shutil.copy(self.log, f'{self.log}.1')
            os.truncate(self.log, 0)
            p.has(self.n)
            self.write(5)
            p.has(self.n)
        self.write(100)
        p.has(self.n)
        p.end()
        self.assert_all(p)

    def test_truncated_and_grown_beyond_the_old_place_between_two_looks(self):
        self.write(10)
        p = self.raw(self.log)
        p.has(10)
        p.p.send_signal(signal.SIGSTOP)
        self.write(30, mode='wb')
        p.p.send_signal(signal.SIGCONT)
        p.has(self.n)
        p.end()
        self.assert_all(p)

    def test_truncated_and_grown_to_the_same_size_between_two_looks(self):
        self.write(5)
        p = self.raw(self.log)
        p.has(5)
        p.p.send_signal(signal.SIGSTOP)
        self.write(5, mode='wb')
        p.p.send_signal(signal.SIGCONT)
        p.has(self.n)
        p.end()
        self.assert_all(p)

    def test_what_was_written_before_the_copy_is_read_from_it(self):
        self.write(5)
        p = self.raw(self.log)
        p.has(5)
        p.p.send_signal(signal.SIGSTOP)
        self.write(5)
        shutil.copy(self.log, f'{self.log}.1')
        self.write(20, mode='wb')
        p.p.send_signal(signal.SIGCONT)
        p.has(self.n)
        p.end()
        self.assert_all(p)

    def test_rotated_twice_between_two_looks(self):
        """Found where the file system keeps when files came to be."""
        self.write(3)
        p = self.raw(self.log)
        p.has(3)
        p.p.send_signal(signal.SIGSTOP)
        for i in range(3):
            self.write(2)
            for k in range(i, 0, -1):
                os.rename(f'{self.log}.{k}', f'{self.log}.{k + 1}')
            os.rename(self.log, f'{self.log}.1')
        self.write(2)
        born = subprocess.run(['stat', '-c', '%W', self.log], stdout=subprocess.PIPE, check=True).stdout
        p.p.send_signal(signal.SIGCONT)
        if born.strip() in (b'0', b'-', b'?'):
            p.end()
            self.skipTest('the file system does not keep it')
        p.has(self.n)
        p.end()
        self.assert_all(p)
        self.assertEqual(p.err, b'')

    def test_removed_and_made_anew(self):
        self.write(3)
        p = self.raw(self.log)
        p.has(3)
        for _ in range(3):
            os.unlink(self.log)
            self.write(3)
            p.has(self.n)
        p.end()
        self.assert_all(p)

    def test_a_file_that_does_not_exist_yet(self):
        p = self.raw(self.log)
        p.until(lambda p: b'waiting' in p.err)
        self.write(2)
        p.has(2)
        self.assertEqual(p.end(), 0)
        self.assert_all(p)
        self.assertEqual(p.err.count(b'\n'), 1)

    def test_a_folder_that_does_not_exist_yet(self):
        later = f'{self.at}/a/b/access.log'
        p = self.raw(later)
        p.until(lambda p: b'waiting' in p.err)
        os.makedirs(f'{self.at}/a/b')
        self.write(2, later)
        p.has(2)
        shutil.rmtree(f'{self.at}/a')
        os.makedirs(f'{self.at}/a/b')
        self.write(2, later)
        p.has(4)
        self.assertEqual(p.end(), 0)
        self.assert_all(p)

    def test_a_link_that_is_switched(self):
        os.makedirs(f'{self.at}/pod')
        self.write(2, f'{self.at}/pod/0.log')
        os.symlink('pod/0.log', self.log)
        p = self.raw(self.log)
        p.has(2)
        self.write(1, f'{self.at}/pod/1.log')
        os.symlink('pod/1.log', f'{self.at}/new')
        os.replace(f'{self.at}/new', self.log)
        p.has(3)
        # Rotated where the link leads to.
        os.rename(f'{self.at}/pod/1.log', f'{self.at}/pod/1.log.20261124')
        self.write(2, f'{self.at}/pod/1.log')
        p.has(5)
        p.end()
        self.assert_all(p)

    def test_half_a_line_at_a_rotation(self):
        self.write(1)
        p = self.raw(self.log)
        p.has(1)
        with open(self.log, 'ab') as f:
            f.write(b'half')
        os.rename(self.log, f'{self.log}.1')
        self.write(1)
        p.has(3)
        p.end()
        self.assert_all(p)
        self.assertIn(b'\nhalf\n', p.out)

    def test_half_a_line_that_gets_its_end_behind_a_rotation(self):
        whole = line(target='/n0')
        with open(self.log, 'wb') as f:
            f.write(b'x\n' + whole[:30])
        p = self.raw(self.log)
        p.has(1)
        os.rename(self.log, f'{self.log}.1')
        with open(f'{self.log}.1', 'ab') as f:
            f.write(whole[30:])
        self.n = 1
        self.write(1)
        p.has(3)
        p.end()
        self.assert_all(p)

    def test_half_a_line_at_a_truncation(self):
        with open(self.log, 'wb') as f:
            f.write(b'x\nhalf')
        p = self.raw(self.log)
        p.has(1)
        p.p.send_signal(signal.SIGSTOP)
        self.write(1, mode='wb')
        p.p.send_signal(signal.SIGCONT)
        p.until(lambda p: b'/n0 ' in p.out)
        p.end()
        # Where it was not seen before it was gone it cannot be shown; it is joined to nothing.
        self.assertIn(p.out.replace(b'half\n', b''), b'x\n' + line(target='/n0'))

    def test_the_end_of_the_run_waits_for_no_old_file(self):
        half = line(target='/n1')[:-1]
        for sig in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(sig=sig):
                self.n = 0
                self.write(1, mode='wb')
                p = self.raw(self.log)
                p.has(1)
                with open(self.log, 'ab') as f:
                    f.write(half)
                os.rename(self.log, f'{self.log}.1')
                self.n = 2
                self.write(3)
                self.assertEqual(p.end(sig), 0)
                self.assertEqual(p.out, b''.join(line(target=f'/n{n}') for n in range(5)))

    def test_all_that_is_there_is_read_at_the_end_of_the_run(self):
        self.write(1)
        p = self.raw(self.log)
        p.has(1)
        p.p.send_signal(signal.SIGSTOP)
        self.write(5000)
        os.rename(self.log, f'{self.log}.1')
        self.write(20000)
        p.p.send_signal(signal.SIGINT)
        p.p.send_signal(signal.SIGCONT)
        p.until(lambda s: all(f.closed for f in s.got))
        self.assertEqual(p.p.wait(), 0)
        self.assert_all(p)

    def test_a_last_line_without_its_end_counts_at_the_end_of_the_run(self):
        whole, half = line(503, target='/n0'), line(503, target='/n1')[:-1]
        for gone in (False, True):
            with self.subTest(gone=gone):
                with open(self.log, 'wb') as f:
                    f.write(whole + half)
                p = self.follow('-l', 'raw', '-o', 'json', '--fail-if=503>1', self.log)
                p.has(1)
                if gone:
                    os.unlink(self.log)
                self.assertEqual(p.end(), 3)
                self.assertEqual(p.out, whole + half + b'\n')
                report = json.JSONDecoder().raw_decode(p.err.decode())[0]
                self.assertEqual(report['input']['sources'][0]['lines'], 2)

    def test_a_last_line_without_its_end_is_left_for_the_next_run_that_can_see_it(self):
        whole, half = line(target='/n0'), line(target='/n1')[:-1]
        state = f'{self.at}/state'
        with open(self.log, 'wb') as f:
            f.write(whole + half)
        p = self.raw('--resume', state, self.log)
        p.has(1)
        self.assertEqual(p.end(), 0)
        self.assertEqual(p.out, whole)
        with open(self.log, 'ab') as f:
            f.write(b'\n' + half)
        p = self.raw('--resume', state, self.log)
        p.has(1)
        os.unlink(self.log)
        self.assertEqual(p.end(), 0)
        self.assertEqual(p.out, 2 * (half + b'\n'))

    def test_a_line_that_is_too_long(self):
        with open(self.log, 'wb') as f:
            f.write(b'y' * 700000)
        p = self.raw('--max-line=1K', self.log)
        p.until(lambda p: len(p.out) >= 500000)
        with open(self.log, 'ab') as f:
            f.write(b'y' * 700000 + b'\n')
        self.write(1)
        p.has(2)
        p.end()
        self.assertEqual(p.out, b'y' * 1400000 + b'\n' + line(target='/n0'))

    def test_several_files(self):
        other = f'{self.at}/other.log'
        self.write(2)
        self.write(2, other)
        p = self.follow('-l', 'raw', '-o', 'json', self.log, other)
        p.has(4)
        self.write(1)
        p.has(5)
        self.write(1, other)
        p.has(6)
        os.rename(other, f'{other}.1')
        self.write(1, other)
        p.has(7)
        p.end()
        self.assert_all(p)
        sources = {s['name']: s['lines'] for s in json.loads(p.err)['input']['sources']}
        self.assertEqual(sources, {self.log: 3, other: 4})

    def test_directives_hold_for_their_own_file(self):
        other = f'{self.at}/other.log'
        with open(self.log, 'w') as f:
            f.write('#Fields: date time cs-method cs-uri-stem sc-status\n2026-11-24 10:00:00 GET /a 404\n')
        with open(other, 'w') as f:
            f.write('#Fields: sc-status cs-uri-stem cs-method time date\n503 /b GET 10:00:00 2026-11-24\n')
        p = self.follow('-l', 'raw', '-o', 'json', self.log, other)
        p.has(4)
        for i in range(3):
            with open(self.log, 'a') as f:
                f.write('2026-11-24 10:00:00 GET /a 404\n')
            p.has(5 + 2 * i)
            with open(other, 'a') as f:
                f.write('503 /b GET 10:00:00 2026-11-24\n')
            p.has(6 + 2 * i)
        p.end()
        last = json.loads(p.err)
        self.assertEqual(last['input']['unmatched'], 0)
        self.assertEqual({s['status']: s['count'] for s in last['statuses']}, {404: 4, 503: 4})

    def test_standard_input_beside_a_file(self):
        p = self.raw('-', self.log, stdin=subprocess.PIPE)
        p.until(lambda p: b'waiting' in p.err)
        p.send(line(target='/n0'))
        p.has(1)
        self.n = 1
        self.write(1)
        p.has(2)
        p.p.stdin.close()
        self.write(1)
        p.has(3)
        self.assertEqual(p.end(), 0)
        self.assert_all(p)

    def test_standard_input_alone_ends_where_it_ends(self):
        p = self.raw(stdin=subprocess.PIPE)
        p.send(line(target='/n0') + b'half')
        p.has(1)
        p.p.stdin.close()
        p.until(lambda s: all(f.closed for f in s.got))
        self.assertEqual(p.p.wait(), 0)
        self.assertEqual(p.out, line(target='/n0') + b'half\n')

    def test_standard_input_that_is_a_file(self):
        self.write(2)
        with open(self.log, 'rb') as f:
            f.readline()
            os.lseek(f.fileno(), len(line(target='/n0')), os.SEEK_SET)
            p = self.raw(stdin=f)
        p.has(1)
        self.write(1)
        p.has(2)
        p.end()
        self.assertEqual(re.findall(rb'/n(\d+) ', p.out), [b'1', b'2'])

    def test_a_named_pipe_does_not_end_with_its_writer(self):
        pipe = f'{self.at}/pipe'
        os.mkfifo(pipe)
        p = self.raw(pipe)
        for _ in range(2):
            with open(pipe, 'wb') as f:
                f.write(line(target=f'/n{self.n}'))
            self.n += 1
            p.has(self.n)
        self.assertEqual(p.end(), 0)
        self.assert_all(p)

    def test_compressed_data_is_refused(self):
        with open(self.log, 'wb') as f:
            f.write(gzip.compress(line()))
        p = self.raw(self.log)
        p.until(lambda s: all(f.closed for f in s.got))
        self.assertEqual(p.p.wait(), 2)
        self.assertIn(b'gzip data cannot be followed', p.err)
        self.assertEqual(p.err.count(b'\n'), 1)

    def test_what_comes_in_the_place_of_compressed_data_is_read(self):
        self.write(1)
        p = self.raw(self.log)
        p.has(1)
        os.rename(self.log, f'{self.log}.1')
        with open(f'{self.at}/new', 'wb') as f:
            f.write(gzip.compress(line()))
        os.rename(f'{self.at}/new', self.log)
        p.until(lambda p: b'gzip data cannot be followed' in p.err)
        os.rename(self.log, f'{self.log}.2')
        self.write(1)
        p.has(2)
        self.assertEqual(p.end(), 2)
        self.assert_all(p)
        self.assertEqual(p.err.count(b'\n'), 1)

    def test_a_folder_is_given_up_and_others_are_read(self):
        p = self.raw(self.at)
        p.until(lambda s: all(f.closed for f in s.got))
        self.assertEqual(p.p.wait(), 2)
        self.assertIn(b'Is a directory', p.err)
        self.write(1)
        p = self.raw(self.at, self.log)
        p.has(1)
        self.assertEqual(p.end(), 2)

    def test_a_file_that_gets_its_name_back_is_read_on(self):
        self.write(2)
        p = self.raw(self.log)
        p.has(2)
        os.rename(self.log, f'{self.log}.1')
        self.write(1)
        p.has(3)
        os.rename(f'{self.log}.1', self.log)
        self.write(1)
        p.has(4)
        p.end()
        self.assert_all(p)

    def test_signals(self):
        self.write(1)
        p = self.follow(self.log)
        p.has(1)
        p.p.send_signal(signal.SIGUSR1)
        p.until(lambda p: p.err.count(b'CLASSES') == 1)
        self.write(1)
        p.has(2)
        self.assertEqual(p.end(signal.SIGTERM), 0)
        self.assertEqual(p.err.count(b'CLASSES'), 2)
        self.assert_all(p)

    def test_a_condition_holds_at_the_end(self):
        with open(self.log, 'wb') as f:
            f.write(line(503) * 3)
        p = self.follow('-l', 'raw', '--fail-if=503>2', self.log)
        p.has(3)
        self.assertEqual(p.end(), 3)

    def test_the_reader_goes_away_while_nothing_comes(self):
        self.write(1)
        p = self.raw(self.log)
        p.has(1)
        p.p.stdout.close()
        self.assertEqual(p.p.wait(live.PATIENCE), 0)
        self.assertEqual(p.p.stderr.read(), b'')

    def test_resume_begins_where_the_last_one_ended(self):
        state = f'{self.at}/state'
        self.write(3)
        p = self.raw('--resume', state, self.log)
        p.has(3)
        self.assertEqual(p.end(), 0)
        out = p.out
        self.write(2)
        os.rename(self.log, f'{self.log}.1')
        self.write(2)
        p = self.raw('--resume', state, self.log)
        p.has(4)
        self.write(1)
        p.has(5)
        again = subprocess.run([live.BINARY, '--resume', state, '-r', self.log], env=live.environment(),
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(again.returncode, 2)
        self.assertIn(b'another run goes on from it', again.stderr)
        self.assertEqual(p.end(), 0)
        p.got[p.p.stdout] = out + p.out
        self.assert_all(p)
        once = subprocess.run([live.BINARY, '--resume', state, '--no-report', self.log], env=live.environment(),
                              stdout=subprocess.PIPE, check=True)
        self.assertEqual(once.stdout, b'')

    def kept(self, state):
        """Waits until the file of --resume says that all of the log has been read."""
        for _ in range(live.PATIENCE * 10):
            if os.path.exists(state):
                with open(state, encoding='utf-8') as f:
                    places = [text.split() for text in f.read().splitlines()[1:-1]]
                if any(p[2] == str(os.path.getsize(self.log)) for p in places):
                    return
            time.sleep(0.1)
        self.fail('no place was kept')

    def next_run(self, state, *args):
        return subprocess.run([live.BINARY, '--resume', state, *args, self.log], env=live.environment(),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def test_a_run_that_is_killed_is_not_repeated_from_its_beginning(self):
        """Where lines are all that was asked for, places are kept a few seconds after they are out."""
        state = f'{self.at}/state'
        self.write(3)
        p = self.raw('--threads=2', '--resume', state, self.log)
        p.has(3)
        self.kept(state)
        os.rename(self.log, f'{self.log}.1')
        self.write(2)
        p.has(5)
        self.kept(state)
        self.assertEqual(self.next_run(state, '-r').returncode, 2, 'the new file of places is locked, too')
        p.kill()
        self.write(2)
        again = self.next_run(state, '--no-report', '-l', 'raw')
        self.assertEqual((again.returncode, again.stderr), (0, b''))
        self.assertEqual(re.findall(rb'/n(\d+) ', again.stdout), [b'5', b'6'])

    def test_what_is_in_no_report_yet_is_repeated_when_a_run_is_killed(self):
        """Where a report is asked for, places are kept when one is out."""
        state, report = f'{self.at}/state', f'{self.at}/report'
        self.write(2)
        p = self.follow('-r', '-o', f'json:{report}', '--every=100ms', '--resume', state, self.log)
        self.kept(state)
        p.kill()
        with open(report, encoding='utf-8') as f:
            self.assertEqual(json.load(f)['input']['lines'], 2)
        self.write(2)
        p = self.follow('--resume', state, self.log)
        p.has(2)
        if not self.poll:
            time.sleep(6) # as long as places are kept after where no report is asked for
        p.kill()
        again = self.next_run(state, '--no-report', '-l', 'raw')
        self.assertEqual(re.findall(rb'/n(\d+) ', again.stdout), [b'2', b'3'])

    def test_many_rotations_in_either_way(self):
        open(self.log, 'w').close()
        p = self.raw('--threads=3', self.log)
        f = open(self.log, 'ab', buffering=0)
        for i in range(9):
            for _ in range(50):
                f.write(line(target=f'/n{self.n}'))
                self.n += 1
            # A file that has the name between two looks only is never seen.
            p.has(self.n)
            if i % 3 == 2:
                shutil.copy(self.log, f'{self.log}.copy')
                os.truncate(self.log, 0)
            else:
                os.rename(self.log, f'{self.log}.{i}')
                f.write(line(target=f'/n{self.n}'))
                self.n += 1
                f.close()
                f = open(self.log, 'ab', buffering=0)
        f.close()
        p.has(self.n)
        self.assertEqual(p.end(), 0)
        self.assertEqual(sorted(int(n) for n in re.findall(rb'/n(\d+) ', p.out)), list(range(self.n)))


class WithoutNews(Files):
    poll = True


class Waiting(unittest.TestCase):
    def test_nothing_is_done_while_nothing_happens(self):
        """Wakes of the process are counted, not its time."""
        with tempfile.NamedTemporaryFile() as log:
            log.write(line())
            log.flush()
            p = Following('--no-report', log.name)
            p.has(1)

            def wakes():
                with open(f'/proc/{p.p.pid}/status', encoding='ascii') as f:
                    return int(re.search(r'^voluntary_ctxt_switches:\t(\d+)', f.read(), re.M)[1])
            end = time.monotonic() + live.PATIENCE
            quiet = False
            while not quiet and time.monotonic() < end:
                before, begun = wakes(), time.monotonic()
                p.pump(2)
                quiet = wakes() - before <= 4 * (time.monotonic() - begun)
            p.kill()
            self.assertTrue(quiet)


if __name__ == '__main__':
    live.BINARY = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=1)
