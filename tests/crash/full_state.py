#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The disk with the state, and only that, is full for a long time: hooks record as long as the
reserve lasts, then say so by their exit status and in the log; deliverers and commands try and
say nothing false; when there is room again, all that was recorded comes to its end."""

import os
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from content import make_files  # noqa: E402
from figures import is_long, survived  # noqa: E402
from notification import (expect_one_message_each, is_progress,  # noqa: E402
                          success)
from process import wait_until  # noqa: E402
from sidecar import listed, new_id  # noqa: E402
from smalldisk import SmallDisk  # noqa: E402
from testcase import Skip, expect, expect_equal, main, needs  # noqa: E402
from world import World  # noqa: E402

JOBS, FILES = 6, 200
# How often the minute's timer comes round.
ROUNDS = 60 if is_long() else 6


class Jobs:
    """Known jobs that ask for progress, before the disk is full."""

    def __init__(self, world, jobs=JOBS, known=True):
        self.world, self.expected, self.paths = world, {}, {}
        for job in range(jobs):
            sizes = {f'{"n" * 60}-{number}': 1 + number % 7 for number in range(FILES)}
            directory, job_id = world.dl / f'job-{job}', new_id()
            make_files(directory, sizes)
            world.put_sidecar(f'job-{job}', listed(job_id, directory, sizes, chunk_size=1,
                                                   flags='notifyprogress'))
            self.expected[job_id] = success(job_id, FILES, sum(sizes.values()))
            self.paths[job_id] = [directory / name for name in sizes]
        if known:
            world.flush().expect(0)

    def in_turn(self):
        """All paths, a file of each job at a time."""
        return [path for paths in zip(*self.paths.values()) for path in paths]


def _final(world):
    return [one for one in world.endpoint.requests() if not is_progress(one)]


def _call(world, paths):
    """Completions of these; which were recorded, and what the others said."""
    recorded, refused = [], []
    for path in paths:
        outcome = world.call_hook('on-download-complete', path).wait().expect(0, 1)
        (refused if outcome.status else recorded).append((path, outcome))
    return [path for path, _ in recorded], refused


def _with_disk(build, test):
    if os.geteuid() != 0:
        raise Skip('not root')
    needs('mount', 'umount')
    with World(build, linger='0', retry=', '.join(['0'] + ['1s'] * 90)) as world:
        disk = SmallDisk(world.state, '6m')
        try:
            world.make_state()
            world.endpoint.up()
            test(world, disk)
        finally:
            world.end_ours()
            disk.close()


def _hour(world, jobs, disk):
    """Hooks in portions, and between them what tries to work. Returns what was recorded, and
    what was refused."""
    disk.fill()
    paths, recorded, refused = jobs.in_turn(), [], []
    portion = len(paths) // ROUNDS + 1
    for start in range(0, len(paths), portion):
        more, failed = _call(world, paths[start:start + portion])
        recorded += more
        refused += failed
        world.flush(seconds=90).expect(0, 1)
        world.deliver(seconds=90).expect(0, 1)
        world.ctm('status').expect(0, 1)
        disk.fill()
        expect_equal(_final(world), [], 'final words while the disk is full')
    return recorded, refused


def for_an_hour(build):
    """More completions than the reserve holds, of six jobs, each known before."""
    def test(world, disk):
        jobs = Jobs(world)
        recorded, refused = _hour(world, jobs, disk)
        expect(len(recorded) > 100, f'only {len(recorded)} events were recorded')
        expect(refused, 'the reserve was never used up')
        for _, outcome in refused:
            outcome.says('no space')
        expect_equal(world.log_text().count('the event is not recorded'), len(refused),
                     'events that the log says are not recorded')
        disk.free()
        world.flush(seconds=90).expect(0)
        _only_complete(world, jobs, [path for path, _ in refused])
        again, failed = _call(world, [path for path, _ in refused])
        expect_equal(failed, [], 'hooks that fail with room')
        wait_until('all jobs to end', lambda: world.flush(seconds=90).expect(0, 1).status == 0
                   and len(_final(world)) >= JOBS, 60)
        sent = expect_one_message_each(jobs.expected, _final(world))
        expect_equal(len(sent), JOBS, 'jobs with their final word')
        survived('state on a full disk', 'hooks, flush, deliver and status', len(recorded))
    _with_disk(build, test)


def _only_complete(world, jobs, refused):
    """Each event that was recorded is evidence now, and none that was refused."""
    arrived = {job['id']: job['files_arrived'] for job in world.status()['jobs']}
    for job_id, paths in jobs.paths.items():
        expect_equal(arrived[job_id], FILES - len(set(paths) & set(refused)),
                     f'files of {job_id} that have arrived')


def all_recorded(build):
    """As many completions as the reserve holds: flush alone ends their jobs when there is room."""
    def test(world, disk):
        jobs = Jobs(world)
        first = list(jobs.paths)[:1]
        disk.fill()
        recorded, refused = _call(world, jobs.paths[first[0]])
        expect_equal(refused, [], 'hooks that were refused')
        world.flush(seconds=90).expect(0, 1)
        expect_equal(_final(world), [], 'final words while the disk is full')
        disk.free()
        wait_until('the job to end', lambda: world.flush(seconds=90).expect(0, 1).status == 0
                   and _final(world), 60)
        expect_equal(expect_one_message_each(jobs.expected, _final(world)), set(first),
                     'jobs with their final word')
        survived('state on a full disk', 'one job within the reserve', len(recorded))
    _with_disk(build, test)


def cannot_be_registered(build):
    """A sidecar came, and there is no room for its job: flush and deliverers say so and end, as
    often as they are called; its completions are recorded meanwhile."""
    def test(world, disk):
        world.flush().expect(0)
        jobs = Jobs(world, 1, known=False)
        disk.fill()
        paths = jobs.in_turn()
        recorded, refused = _call(world, paths[:100])
        expect_equal(refused, [], 'hooks that were refused')
        for _ in range(3):
            world.flush(seconds=60).expect(1).says('space')
            world.deliver(seconds=60).expect(0, 1)
        expect(len(world.log_text()) < 1 << 20, 'they say so again and again')
        disk.free()
        expect_equal(_call(world, paths[100:])[1], [], 'hooks that fail with room')
        wait_until('the job to end', lambda: world.flush(seconds=90).expect(0, 1).status == 0
                   and _final(world), 60)
        expect_equal(expect_one_message_each(jobs.expected, _final(world)), set(jobs.expected),
                     'jobs with their final word')
        survived('state on a full disk', 'a job that is not known yet', len(recorded))
    _with_disk(build, test)


if __name__ == '__main__':
    main(for_an_hour, all_recorded, cannot_be_registered)
