#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A file cannot be written to disk. The kernel says so once, to whoever syncs it first; whatever
happens to that answer, and however often aria2 repeats itself, there is no success until somebody
has written the file anew."""

import os
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from bare import Bare  # noqa: E402
from content import make_files  # noqa: E402
from faults import Faults  # noqa: E402
from figures import survived  # noqa: E402
from notification import expect_requests, success  # noqa: E402
from sidecar import listed, new_id  # noqa: E402
from testcase import expect, expect_equal, main  # noqa: E402
from world import World  # noqa: E402

FILES = {'a.bin': 11, 'b.bin': 22}
HOLD_S = 13  # longer than anybody waits for the lock of the state


class Job:
    """A job whose files are there, and nobody has looked at them yet."""

    def __init__(self, world):
        self.world, self.id, self.path = world, new_id(), world.dl / 'content'
        world.endpoint.up()
        make_files(self.path, FILES)
        self.add(86400)
        self.hooks = Bare(world)
        for name in FILES:
            self.hooks.record(self.path / name)

    def add(self, timeout):
        self.world.put_sidecar('job', listed(self.id, self.path, FILES, timeout=timeout))
        self.world.ctm('add', self.world.jobs / 'job.ctm.ini').expect(0)
        self.world.quiet()

    def flush_failing(self, *options):
        """The first sync of the first file fails, in a flush."""
        run = Faults(self.world).run(
            [self.world.program('aria2-ctm'), 'flush'], '--calls', 'fsync', '--under', self.path,
            '--at', 1, '--error', 'EIO', *options).expect_sound()
        expect('a.bin' in run.hit or 'b.bin' in run.hit, f'it struck {run.hit!r}')
        return self.path / ('a.bin' if 'a.bin' in run.hit else 'b.bin')

    def expect_no_success(self, path):
        """aria2 says it again, and flush looks again."""
        for _ in range(3):
            self.hooks.record(path)
            self.world.flush().expect(0, 1)
        expect_equal(self.world.endpoint.requests(), [], 'requests about data that are lost')
        expect(path.name in self.world.log_text(), 'not a word of it')

    def write_anew(self, path):
        """In place, as aria2 does: the same inode."""
        inode = path.stat().st_ino
        time.sleep(0.05)
        content = path.read_bytes()
        with open(path, 'r+b') as file:
            file.write(content)
        expect_equal(path.stat().st_ino, inode, 'inode')
        self.hooks.record(path)
        self.world.flush().expect(0)
        expect_requests([success(self.id, len(FILES), sum(FILES.values()))],
                        self.world.endpoint.wait_for(1))


def _script(world, text):
    path = world.root / 'run' / 'meanwhile'
    path.write_text(f'#!/bin/sh\n{text}\n')
    path.chmod(0o755)
    return path


def said_again(build):
    """aria2 says again that it is complete: at the end of seeding, at a restart."""
    with World(build, linger='0') as world:
        job = Job(world)
        path = job.flush_failing()
        job.expect_no_success(path)
        job.write_anew(path)
        survived('a write error', 'said again', 1)


def job_changes(build):
    """The job is changed while the disk is asked: the look says nothing about the job any more."""
    with World(build, linger='0') as world:
        job = Job(world)
        text = listed(job.id, job.path, FILES, timeout=86401)
        changed = world.root / 'run' / 'changed.ctm.ini'
        changed.write_text(text)
        command = world.program('aria2-ctm')
        path = job.flush_failing('--meanwhile', _script(
            world, f'cp {changed} {world.jobs}/job.new && '
                   f'mv {world.jobs}/job.new {world.jobs}/job.ctm.ini && '
                   f'exec {command} add {world.jobs}/job.ctm.ini'))
        job.expect_no_success(path)
        job.write_anew(path)
        survived('a write error', 'the job changes meanwhile', 1)


def state_is_locked(build):
    """Somebody holds the state's lock for longer than flush waits for it."""
    with World(build, linger='0') as world:
        job = Job(world)
        lock = world.state / 'lock'
        expect(lock.exists(), 'no lock')
        began = time.monotonic()
        path = job.flush_failing('--meanwhile', _script(
            world, f'flock {lock} sleep {HOLD_S} >/dev/null 2>&1 </dev/null & sleep 0.5'))
        expect(time.monotonic() - began > 10, 'nobody waited for the lock')
        job.expect_no_success(path)
        job.write_anew(path)
        survived('a write error', 'the lock is held', 1)


if __name__ == '__main__':
    os.environ.setdefault('LC_ALL', 'C')
    main(said_again, job_changes, state_is_locked)
