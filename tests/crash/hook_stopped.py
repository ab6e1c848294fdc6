#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A hook stopped (SIGSTOP) at any of its locks, or at any other call that others could notice,
holds up no other hook."""

import re
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from content import content, write_file  # noqa: E402
from figures import chosen, survived  # noqa: E402
from notification import expect_requests, success  # noqa: E402
from process import Failure  # noqa: E402
from sidecar import listed, new_id  # noqa: E402
from testcase import expect, main  # noqa: E402
from tracing import Traced, event, needs_strace, points  # noqa: E402
from world import World  # noqa: E402

# An empty program takes milliseconds; waiting for somebody would take for ever.
AT_ONCE = 5.0


class Jobs:
    """Jobs of one file each, made as they are needed."""

    def __init__(self, world):
        self.world, self.expected = world, []

    def path(self):
        """The file of a new job; it is there, and its completion will be a success."""
        number = len(self.expected)
        job_id, directory = new_id(), self.world.dl / str(number)
        write_file(directory / 'f.bin', content('f', 10 + number))
        self.world.put_sidecar(str(number), listed(job_id, directory, {'f.bin': 10 + number}))
        self.expected.append(success(job_id, 1, 10 + number))
        return directory / 'f.bin'


def stopped_at_each_call(build):
    """Stops a hook after each such call, deliverer included; three others come and go; then it
    goes on. In the end each job has had its one success."""
    needs_strace()
    with World(build, linger='0') as world:
        world.endpoint.up()
        jobs = Jobs(world)
        for _ in range(2):
            model = Traced(world, 'on-download-complete', event(jobs.path()))
            model.wait()
        stops = locks = 0
        for name, nth in _picked(world, model.calls()):
            world.quiet()
            call = Traced(world, 'on-download-complete', event(jobs.path()),
                          f'{name}:signal=STOP:when={nth}')
            try:
                if call.stopped():
                    stops += 1
                    locks += name == 'flock'
                    _others_pass(world, jobs, f'{name} {nth}')
                    call.go_on()
            finally:
                call.close()
        expect(locks > 1 and stops > 5, 'the hooks were not stopped')
        world.flush().expect(0)
        expect_requests(jobs.expected, world.endpoint.requests(), ordered=False)
        survived('SIGSTOP', 'hook, while three others pass', stops)


def _picked(world, calls):
    """Every lock, and a choice of the other calls."""
    found = points(world, calls)
    some = chosen(found, 15)
    return [point for point in found if point in some or point[0] == 'flock']


def _others_pass(world, jobs, where):
    for _ in range(3):
        path, began = jobs.path(), time.monotonic()
        try:
            world.hook('on-download-complete', path, seconds=AT_ONCE)
        except Failure as failure:
            raise Failure(f'one hook is stopped after {where}: {failure}') from None
        if time.monotonic() - began > AT_ONCE:
            raise Failure(f'one hook is stopped after {where}: another one took long')


def _locks(calls):
    """Where each lock file is taken for the first time: the n-th flock."""
    first = {}
    for nth, line in enumerate((line for _, name, line in calls if name == 'flock'), 1):
        file = re.search('<([^>]*)>', line)
        first.setdefault(file and re.sub(r'\d+', '', file.group(1)), nth)
    return list(first.values())


def command_gives_up(build):
    """While a hook is stopped with any of the locks, flush ends by itself, and what is left
    comes when the hook goes on."""
    needs_strace()
    with World(build, linger='0') as world:
        world.endpoint.up()
        jobs = Jobs(world)
        for _ in range(2):
            model = Traced(world, 'on-download-complete', event(jobs.path()))
            model.wait()
        for nth in _locks(model.calls()):
            world.quiet()
            call = Traced(world, 'on-download-complete', event(jobs.path()),
                          f'flock:signal=STOP:when={nth}')
            try:
                if call.stopped():
                    world.flush(seconds=45).expect(0, 1)
                    call.go_on()
            finally:
                call.close()
        world.flush().expect(0)
        expect_requests(jobs.expected, world.endpoint.requests(), ordered=False)


if __name__ == '__main__':
    main(stopped_at_each_call, command_gives_up)
