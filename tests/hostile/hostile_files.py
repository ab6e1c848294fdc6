#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Files that are not what they were: replaced by links, FIFOs and devices, exchanged while they are
looked at, growing while they are hashed, too large to be hashed today. No success for what is not
there, nothing outside opened, nobody held up."""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from content import content, make_files, sha256, write_file  # noqa: E402
from figures import is_long, survived  # noqa: E402
from notification import expect_requests, success  # noqa: E402
from process import dies_with_parent, run, stop, wait_until  # noqa: E402
from sidecar import new_id, sidecar  # noqa: E402
from swapping import Running, Watch, swapping  # noqa: E402
from testcase import expect, expect_equal, main  # noqa: E402
from tracing import needs_strace  # noqa: E402
from world import World  # noqa: E402

NAME, SIZE = 'a.bin', 1000
RIGHT = content(NAME, SIZE)
BOUND = 30  # seconds for a flush that has nothing large to look at


def _put(world, name='job', **file):
    """A listed job of dl/NAME/a.bin; its id."""
    job_id = new_id()
    (world.dl / name).mkdir(exist_ok=True)
    world.put_sidecar(name, sidecar(job_id, world.dl / name, [{'path': NAME, **file}],
                                    timeout=86400))
    return job_id


def _flush(world):
    outcome = world.flush(seconds=BOUND)
    expect(outcome.status in (0, 1), f'{outcome}')


def _finish(world, job_id, expected, name='job'):
    """Where the right file comes, the job ends as it should."""
    path = world.dl / name / NAME
    if path.is_dir() and not path.is_symlink():
        path.rmdir()
    path.unlink(missing_ok=True)
    write_file(path, RIGHT)
    world.hook('on-download-complete', path)
    expected.append(success(job_id, 1, SIZE))

    # A look that could not tell is repeated after a while, not at once.
    def arrived():
        _flush(world)
        return len(world.endpoint.requests()) >= len(expected)
    wait_until('the success of the right file', arrived, 120, 0.5)


def _kinds(world, outside):
    """(what, what is made at a path) …"""
    def listen(path):
        with socket.socket(socket.AF_UNIX) as listener:
            os.chdir(path.parent)
            listener.bind(path.name)
            os.chdir('/')
    yield 'a directory', lambda path: path.mkdir()
    yield 'a FIFO', os.mkfifo
    yield 'a socket', listen
    yield 'a link to the right file', lambda path: path.symlink_to(outside)
    yield 'a link to a file beside it', lambda path: path.symlink_to('beside.bin')
    yield 'a link to itself', lambda path: path.symlink_to(path.name)
    yield 'a link to a device', lambda path: path.symlink_to('/dev/zero')
    yield 'a link to standard input', lambda path: path.symlink_to('/proc/self/fd/0')
    yield 'nothing', lambda path: None
    yield 'a sparse file', lambda path: (path.touch(), os.truncate(path, 1 << 40))
    if os.geteuid() == 0:
        for name, major, minor in (('null', 1, 3), ('zero', 1, 5), ('kmsg', 1, 11), ('tty', 5, 0)):
            yield f'the device {name}', lambda path, device=os.makedev(major, minor): os.mknod(
                path, 0o020666, device)


def kinds(build):
    """The file that aria2 completed is something else by the time it is looked at."""
    with World(build, linger='0') as world:
        world.endpoint.up()
        outside, expected, count = world.root / 'outside.bin', [], 0
        write_file(outside, RIGHT)
        for what, make in _kinds(world, outside):
            for file in ({'size': SIZE}, {'size': SIZE, 'sha256': sha256(RIGHT)}, {}):
                # Without size or hash only what is no file at all is known to be wrong.
                name = f'job-{count}'
                job_id, path = _put(world, name, **file), world.dl / name / NAME
                write_file(path, RIGHT)
                write_file(path.parent / 'beside.bin', RIGHT)
                path.unlink()
                make(path)
                world.hook('on-download-complete', path)
                _flush(world)
                if what == 'a sparse file' and not file:
                    expected.append(success(job_id, 1, 1 << 40))
                expect_equal(len(world.endpoint.requests()), len(expected), f'requests: {what}')
                if what != 'a sparse file' or file:
                    _finish(world, job_id, expected, name)
                count += 1
        expect_requests(expected, world.endpoint.requests())
        survived('hostile download', 'files: of another kind', count)


def leased(build):
    """A file that somebody has a lease on is not waited for."""
    with World(build, linger='0') as world:
        world.endpoint.up()
        expected, job_id = [], _put(world, size=SIZE)
        path = world.dl / 'job' / NAME
        write_file(path, RIGHT)
        with open(path, 'r+b') as file:
            signal.signal(signal.SIGIO, signal.SIG_IGN)
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
            world.hook('on-download-complete', path)
            _flush(world)
            expect_equal(world.endpoint.requests(), [], 'requests while it is leased')
        _finish(world, job_id, expected)
        survived('hostile download', 'files: leased', 1)


GROW = '''
import os, sys, time
size = 0
while True:
    size += 2 << 20
    os.truncate(sys.argv[1], size)
    time.sleep(0.001)
'''
BREATHE = '''
import os, sys
text = open(sys.argv[1], "rb").read()
fd = os.open(sys.argv[1], os.O_WRONLY)
while True:
    os.ftruncate(fd, 0)
    os.pwrite(fd, text + text, 0)
    os.ftruncate(fd, len(text))
'''


def changing(build):
    """A file that grows faster than it can be hashed, or is longer and shorter all the time."""
    with World(build, linger='0') as world:
        world.endpoint.up()
        expected, flushes = [], 0
        for program in (GROW, BREATHE):
            for file in ({'sha256': sha256(RIGHT)}, {'size': SIZE, 'sha256': sha256(b'')}):
                name = f'job-{flushes}'
                job_id, path = _put(world, name, **file), world.dl / name / NAME
                write_file(path, RIGHT)
                with Running(program, path):
                    wait_until('the file to change', lambda: path.stat().st_size != SIZE)
                    # What grows is longer, and takes longer, at each look.
                    for _ in range(1 if program is GROW else 10):
                        world.hook('on-download-complete', path)
                        world.flush(seconds=120)
                        flushes += 1
                    right = [one for one in world.endpoint.requests()
                             if one['headers']['ce-subject'] == job_id]
                if program is GROW or file['sha256'] == sha256(b''):
                    expect_equal(right, [], 'requests while it changes')
                if not right:
                    if file['sha256'] == sha256(b''):
                        write_file(path, b'')
                        continue
                    _finish(world, job_id, expected, name)
                else:
                    expected.append(success(job_id, 1, SIZE))
        expect_requests(expected, world.endpoint.requests())
        survived('hostile download', 'files: changing while they are hashed', flushes)


def huge(build):
    """Files of a TiB to be hashed hold up no other job, and nobody who wants the deliverer to
    end."""
    with World(build, linger='0') as world:
        world.endpoint.up()
        ids = {}
        for number in range(2):
            name = f'huge-{number}'
            ids[name] = new_id()
            (world.dl / name).mkdir()
            path = world.dl / name / NAME
            path.touch()
            os.truncate(path, 1 << 40)
            world.put_sidecar(name, sidecar(ids[name], world.dl / name, [
                {'path': NAME, 'sha256': sha256(RIGHT)}], timeout=86400, priority='foreground'))
            world.hook('on-download-complete', path)
        expected = []
        flush = subprocess.Popen([world.program('aria2-ctm'), 'flush'], env=world.env,
                                 stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL, preexec_fn=dies_with_parent)
        try:
            time.sleep(1)
            for number in range(3):
                name = f'small-{number}'
                job_id = _put(world, name, size=SIZE, sha256=sha256(RIGHT))
                write_file(world.dl / name / NAME, RIGHT)
                world.hook('on-download-complete', world.dl / name / NAME)
                expected.append(success(job_id, 1, SIZE))
                world.endpoint.wait_for(len(expected), seconds=90)
            # Else the last one is not known to be taken, and is rightly said once more.
            wait_until('CTM\'s answers to be known', lambda: world.log_text().count(
                'CTM took the final word') == len(expected), 10)
            expect(world.ours(), 'nobody hashes')
        finally:
            stop(flush)
            world.end_ours()
        for name in ids:
            (world.dl / name / NAME).unlink()
        for name in ids:
            _finish(world, ids[name], expected, name)
        expect_requests(expected, world.endpoint.requests(), ordered=False)
        survived('hostile download', 'files: of a TiB', len(ids))


def _prepare_race(world, what):
    """What is inside is wrong, what is outside is right: (job, a, b, what is outside)."""
    outside, stage = world.root / 'outside', world.root / 'stage'
    for directory in (outside, stage):
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir()
    write_file(outside / NAME, RIGHT)
    job_id, job = _put(world, size=SIZE, sha256=sha256(RIGHT)), world.dl / 'job'
    write_file(job / NAME, b'wrong')
    if what == 'its file and a link':
        (stage / NAME).symlink_to(outside / NAME)
        return job_id, job / NAME, stage / NAME, outside
    if what == 'its file and a FIFO':
        os.mkfifo(stage / NAME)
        return job_id, job / NAME, stage / NAME, outside
    if what == 'its directory and a link':
        (stage / 'job').symlink_to(outside)
        return job_id, job, stage / 'job', outside
    (stage / 'dl').symlink_to(world.root / 'other')
    (world.root / 'other').mkdir(exist_ok=True)
    (world.root / 'other/job').unlink(missing_ok=True)
    (world.root / 'other/job').symlink_to(outside)
    return job_id, world.dl, stage / 'dl', outside


def _race(build, wrap, seconds):
    with World(build, linger='0') as world:
        world.endpoint.up()
        looks, expected = 0, []
        for what in ('its file and a link', 'its file and a FIFO', 'its directory and a link',
                     'the directory above and a link'):
            job_id, a, b, outside = _prepare_race(world, what)
            end = time.monotonic() + seconds
            with Watch(outside / NAME) as watch:
                with swapping(a, b):
                    while time.monotonic() < end:
                        call = world.call_hook('on-download-complete', world.dl / 'job' / NAME,
                                               cwd='/')
                        call.wait(BOUND)
                        run([*wrap, world.program('aria2-ctm'), 'flush'], env=world.env,
                            seconds=BOUND * 2).expect(0, 1)
                        looks += 1
                requests = [one for one in world.endpoint.requests()
                            if one['headers']['ce-subject'] == job_id]
                expect_equal(requests, [], f'requests with {what} exchanged')
                expect_equal(watch.seen(), [], f'what was opened with {what} exchanged')
            if world.dl.is_symlink() or (world.dl / 'job').is_symlink():
                os.rename(a, world.root / 'link')
                os.rename(b, a)
                (world.root / 'link').unlink()
            _finish(world, job_id, expected)
            (world.jobs / 'job.ctm.ini').unlink()
            shutil.rmtree(world.dl / 'job')
        expect_requests(expected, world.endpoint.requests())
        survived('hostile download', 'files: exchanged while looked at, '
                 f'{"without" if wrap else "with"} openat2', looks)


def exchanged(build):
    """Names are exchanged all the time, at full speed."""
    _race(build, [], 60 if is_long() else 3)


def exchanged_without_openat2(build):
    """The same on a kernel that does not know openat2."""
    needs_strace()
    _race(build, ['strace', '-f', '-o', '/dev/null', '-e', 'trace=openat2', '-e',
                  'inject=openat2:error=ENOSYS'], 60 if is_long() else 3)


if __name__ == '__main__':
    main(kinds, leased, changing, huge, exchanged, exchanged_without_openat2)
