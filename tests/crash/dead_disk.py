#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The disk with the content of a job hangs, as an NFS does whose server has gone: no call comes
back. The job waits, all others go on, no lock is held, and when it is well again that job ends."""

import contextlib
import fcntl
import os
import subprocess
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from bare import Bare  # noqa: E402
from content import make_files  # noqa: E402
from notification import expect_requests, success  # noqa: E402
from process import dies_with_parent, wait_until  # noqa: E402
from sidecar import new_id, sidecar  # noqa: E402
from testcase import expect, expect_equal, main  # noqa: E402
from world import World  # noqa: E402

DEAD = 'on-a-dead-disk'


class Disk:
    """A disk of which every path has DEAD in it."""

    def __init__(self, world):
        self.world, self.marker = world, world.state / 'dead'
        world.env.update(world.preload('deaddisk', CTM_TEST_DEAD=f'/{DEAD}',
                                       CTM_TEST_DEAD_WHILE=str(self.marker)))

    def die(self):
        self.marker.touch()

    def come_back(self):
        self.marker.unlink(missing_ok=True)

    def wait_for_one_that_hangs(self):
        told = Path(f'{self.marker}.hangs')
        wait_until('a call to hang', told.exists, 30)
        told.unlink()


def _add(world, name, **keys):
    """A job of one file, which is there. `keys`: of the file."""
    job_id, path = new_id(), world.dl / name
    make_files(path, {'a.bin': 5})
    world.ctm('add', world.put_sidecar(name, sidecar(
        job_id, path, [{'path': 'a.bin', 'size': 5, **keys}], timeout=86400))).expect(0)
    world.quiet()
    return job_id


@contextlib.contextmanager
def _flush(world):
    """One that may not end by itself."""
    with subprocess.Popen([world.program('aria2-ctm'), 'flush'], env=world.env, cwd='/',
                          stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          preexec_fn=dies_with_parent) as process:
        try:
            yield process
        finally:
            process.kill()


def _wake(world):
    with open(world.state / 'deliver.fifo', 'wb', buffering=0,
              opener=lambda path, _: os.open(path, os.O_RDWR | os.O_NONBLOCK)) as fifo:
        fifo.write(b'x')


def _expect_unlocked(world, name):
    with open(world.state / name, 'rb') as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            expect(False, f'{name} is still held')


def _hangs_and_fails(world, disk):
    """A flush whose look hangs, and which can't have the lock of the store: it ends."""
    with _flush(world) as flush, open(world.state / 'lock', 'rb') as lock:
        disk.wait_for_one_that_hangs()
        fcntl.flock(lock, fcntl.LOCK_EX)
        time.sleep(0.3)
        _wake(world)
        expect_equal(flush.wait(30), 1, 'exit status of a flush that has not the lock')
    _expect_unlocked(world, 'deliver.lock')


def look_hangs(build):
    """A look does not come back from a sync. A flush that then fails ends all the same; the next
    one meets the same, and sends what other jobs have to say."""
    with World(build, linger='0') as world:
        disk, hooks = Disk(world), Bare(world)
        world.endpoint.up()
        dead, well = _add(world, DEAD), _add(world, 'well')
        hooks.record(world.dl / DEAD / 'a.bin')
        disk.die()
        _hangs_and_fails(world, disk)
        expect_requests([], world.endpoint.requests())
        hooks.record(world.dl / 'well' / 'a.bin')
        with _flush(world) as flush:
            disk.wait_for_one_that_hangs()
            expect_requests([success(well, 1, 5)], world.endpoint.wait_for(1))
            expect_equal(flush.poll(), None, 'exit status while a look is under way')
            disk.come_back()
            expect_requests([success(dead, 1, 5)], world.endpoint.wait_for(2)[1:])
            expect_equal(flush.wait(30), 0, 'exit status when all is well')


def hash_hangs(build):
    """A flush beside a deliverer does not come back from a file that it hashes. When the deliverer
    has gone it delivers what falls due, for no timer calls another flush while it is there."""
    with World(build, linger='0') as world:
        disk, hooks = Disk(world), Bare(world)
        world.endpoint.up()
        dead, well = _add(world, DEAD, sha256='0' * 64), _add(world, 'well')
        disk.die()
        with open(world.state / 'deliver.lock', 'rb') as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with _flush(world) as flush:
                disk.wait_for_one_that_hangs()
                hooks.record(world.dl / 'well' / 'a.bin')
                expect_requests([], world.endpoint.requests())
                fcntl.flock(lock, fcntl.LOCK_UN)
                expect_requests([success(well, 1, 5)], world.endpoint.wait_for(1))
                expect_equal(flush.poll(), None, 'exit status while a file is hashed')
                disk.come_back()
                expect_equal(flush.wait(30), 0, 'exit status when all is well')
        expect(dead in world.ctm('status').out, 'the job whose disk was dead')
        expect_requests([success(well, 1, 5)], world.endpoint.requests())


if __name__ == '__main__':
    main(look_hangs, hash_hangs)
