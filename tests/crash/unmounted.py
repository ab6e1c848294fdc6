#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The volume with the content is not mounted, at boot or later: nothing is said about its files,
neither that they are there nor that they are gone, until it is there again. Nor does a job whose
sidecar is away with its volume become a new one."""

import itertools
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from bare import Bare  # noqa: E402
from content import make_files  # noqa: E402
from figures import chosen, survived  # noqa: E402
from mounts import Volume, own_mounts, reboot  # noqa: E402
from notification import error, expect_requests, success  # noqa: E402
from process import wait_until  # noqa: E402
from sidecar import listed, new_id, put, sidecar  # noqa: E402
from testcase import expect, expect_equal, main  # noqa: E402
from world import World  # noqa: E402

FILES = {'a.bin': 11, 'b.bin': 22}
# A job of one file, which its hook did not see where it should be: nothing tells that from a file
# that was moved away.
UNTOLD = [('single', False, boots, True) for boots in (False, True)]


class Job:
    """A job whose local_path is a volume, or lies on it."""

    def __init__(self, world, kind, absent, **keys):
        self.world, self.id = world, new_id()
        place = world.dl / 'volume'
        self.volume = Volume(world, place, absent)
        self.path = place / 'deep' if absent else place
        self.files = FILES if kind != 'single' else {'a.bin': 11}
        make_files(self.path, self.files)
        if kind == 'listed':
            text = listed(self.id, self.path, self.files, **keys)
        else:
            total = {'files_total': len(self.files)} if kind == 'totals' else {}
            text = sidecar(self.id, self.path, kind=kind, **total, **keys)
        world.put_sidecar('job', text)
        world.ctm('add', world.jobs / 'job.ctm.ini').expect(0)
        world.quiet()
        self.hooks = Bare(world)

    def arrive(self, *names):
        """aria2 says so of these files; nobody looks at them yet."""
        for name in names:
            self.hooks.record(self.path / name)

    def success(self):
        return success(self.id, len(self.files), sum(self.files.values()))

    def close(self):
        self.world.end_ours()
        self.volume.close()


def _expect_nothing_said(world):
    """Not now, nor when the look is repeated."""
    world.flush().expect(0, 1)
    wait_until('another look', lambda: world.flush().expect(0, 1) and world.log_text().count(
        'cannot tell yet') > 1, 20, 0.3)
    expect_equal(world.endpoint.requests(), [], 'requests while the volume is away')


def _flush_until_said(world):
    def said():
        world.flush().expect(0, 1)
        return world.endpoint.requests()
    return wait_until('the final word', said, 30, 0.3)


def _comes_and_goes(build, kind, absent, boots, late):
    """The files arrive; the volume is away when they are looked at, and comes back. `late`: the
    last of them arrives while it is away."""
    with World(build, linger='0') as world:
        world.endpoint.up()
        job = Job(world, kind, absent)
        try:
            names = sorted(job.files)
            job.arrive(*names[:-1] if late else names)
            job.volume.unmount()
            if boots:
                reboot(world)
            if late:
                job.arrive(names[-1])
            _expect_nothing_said(world)
            job.volume.mount()
            expect_requests([job.success()], _flush_until_said(world))
        finally:
            job.close()


def away_and_back(build):
    """Jobs of all kinds, local_path absent or empty, in the same boot and in the next, the last
    hook before or while it is away."""
    own_mounts()
    cases = [case for case in itertools.product(('listed', 'totals', 'single'), (True, False),
                                                (False, True), (False, True))
             if case not in UNTOLD]
    cases = chosen(cases, 11)
    for kind, absent, boots, late in cases:
        print(f'{kind}, {"absent" if absent else "empty"}'
              f'{", after a reboot" if boots else ""}{", last hook late" if late else ""}',
              flush=True)
        _comes_and_goes(build, kind, absent, boots, late)
    survived('content volume not mounted', 'away and back', len(cases))


def at_the_deadline(build):
    """The job's time is over while the volume is away: the error says what could not be told,
    and not that files are gone."""
    own_mounts()
    cases = list(itertools.product((True, False), (False, True)))
    for absent, boots in cases:
        with World(build, linger='0') as world:
            world.endpoint.up()
            # Long enough for both files to have come before, however busy the machine is.
            job = Job(world, 'listed', absent, timeout=10)
            try:
                job.arrive(*job.files)
                job.volume.unmount()
                if boots:
                    reboot(world)
                requests = _flush_until_said(world)
                expect_requests([error(job.id, '0x80070003', ['local_path', 'timeout'])],
                                requests)
                expect('gone' not in requests[0]['body'], 'it says that files are gone')
            finally:
                job.close()
    survived('content volume not mounted', 'at the deadline', len(cases))


def gone_indeed(build):
    """A file that is gone while its neighbours are there is an error, also after a reboot."""
    own_mounts()
    for boots in (False, True):
        with World(build, linger='0') as world:
            world.endpoint.up()
            job = Job(world, 'listed', False)
            try:
                job.arrive(*job.files)
                (job.path / 'a.bin').unlink()
                if boots:
                    reboot(world)
                expect_requests([error(job.id, '0x80070002', ['a.bin', 'gone'])],
                                _flush_until_said(world))
            finally:
                job.close()


def sidecars_away(build):
    """A job that has ended is kept while the volume of its sidecar is away, which would make a new
    job of it otherwise, by `forget` too; it is forgotten when the sidecar is gone from the volume.
    """
    own_mounts()
    for absent, boots in itertools.product((True, False), (False, True)):
        with World(build, linger='0') as world:
            world.endpoint.up()
            jobs = world.root / 'sidecars'
            volume = Volume(world, jobs, absent)
            try:
                world.conf.write_text(world.conf.read_text().replace(
                    '[endpoint.ctm]', f'keep = 1s\n[sidecar]\ndir = {jobs}\n[endpoint.ctm]', 1))
                _sidecar_comes_back(world, volume, boots)
            finally:
                world.end_ours()
                volume.close()


def _sidecar_comes_back(world, volume, boots):
    job, path = new_id(), world.dl / 'content'
    make_files(path, FILES)
    file = put(volume.directory, 'job.ctm.ini', listed(job, path, FILES, timeout=2))
    world.ctm('add', file).expect(0)
    hooks = Bare(world)
    for name in FILES:
        hooks.record(path / name)
    expect_requests([success(job, 2, 33)], _flush_until_said(world))
    time.sleep(1.5)  # longer than keep
    volume.unmount()
    if boots:
        reboot(world)
    world.ctm('forget', job).expect(1).says(str(world.root / 'sidecars'), 'mount it')
    world.ctm('forget', '--sidecar', job).expect(1).says('mount it')
    world.flush().expect(0)
    volume.mount()
    world.flush().expect(0)
    time.sleep(2.5)  # longer than timeout
    world.flush().expect(0)
    expect_requests([success(job, 2, 33)], world.endpoint.requests())
    expect(job in world.ctm('status', job).out, 'the job is not known any more')
    file.unlink()
    world.flush().expect(0)
    expect(job not in world.ctm('status').out, 'the job stays though its sidecar is gone')


if __name__ == '__main__':
    main(away_and_back, at_the_deadline, gone_indeed, sidecars_away)
