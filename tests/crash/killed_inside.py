#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Thousands of our processes killed wherever they are, inside transactions too, while clocks jump
and boots change: no lock stays behind, nothing fills up, and the next one works at once."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from content import content, write_file  # noqa: E402
from figures import is_long, survived  # noqa: E402
from mounts import own_mounts, reboot  # noqa: E402
from notification import expect_one_message_each, success  # noqa: E402
from process import run, wait_until  # noqa: E402
from sidecar import listed, new_id  # noqa: E402
from testcase import expect, main  # noqa: E402
from tracing import event  # noqa: E402
from world import World  # noqa: E402

KILLS = 12000 if is_long() else 2000
# Nobody holds a lock: a command takes milliseconds, and gives up after 10 s if somebody does.
AT_ONCE = 9.0


class Jobs:
    """Jobs of one file; an hour is their time."""

    def __init__(self, world):
        self.world, self.expected, self.paths = world, {}, []

    def put(self):
        number, job_id = len(self.paths), new_id()
        directory = self.world.dl / str(number)
        write_file(directory / 'f.bin', content('f', 10 + number % 90))
        self.world.put_sidecar(str(number), listed(job_id, directory,
                                                   {'f.bin': 10 + number % 90}, timeout=3600))
        self.expected[job_id] = success(job_id, 1, 10 + number % 90)
        self.paths.append(directory / 'f.bin')
        return self.paths[-1]

    def expect_all(self):
        self.world.flush(seconds=120).expect(0)
        requests = self.world.endpoint.requests()
        missing = set(self.expected) - expect_one_message_each(self.expected, requests)
        expect(not missing, f'{len(missing)} of {len(self.expected)} jobs have no final word')


def _start_and_kill(world, argv):
    """Whether the blow hit; it falls at any moment of the process's life."""
    child = subprocess.Popen(argv, env=world.env, cwd=world.dl, stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(random.random() * random.choice((0.002, 0.004, 0.008)))
    child.send_signal(signal.SIGKILL)
    return child.wait(10) == -signal.SIGKILL


def thousands(build):
    """Readers and writers by turns, while a deliverer has the store open all the time; after
    every hundred kills a command has to work at once."""
    with World(build, retry=', '.join(['0'] + ['5s'] * 100)) as world:
        jobs, hits = Jobs(world), 0
        world.hook('on-download-complete', jobs.put())
        deliverer = world.deliverer()
        for number in range(KILLS):
            if number % 20 == 0:
                path = jobs.put()
            argv = ([world.program('aria2-ctm'), 'status'],
                    [world.program('on-download-complete'), *event(path)],
                    [world.program('aria2-ctm'), 'status', '--json'],
                    [world.program('deliver')],
                    [world.program('aria2-ctm'), 'flush'])[number % 5]
            hits += _start_and_kill(world, argv)
            if number % 100 == 99:
                world.ctm('status', seconds=AT_ONCE).expect(0)
        expect(deliverer in world.ours(), 'the deliverer did not stay')
        expect(hits > KILLS // 4, f'only {hits} of {KILLS} blows hit')
        names = sorted(entry.name for entry in world.state.iterdir())
        expect(len(names) < 9, f'what dead processes left behind: {names}')
        expect('store.mdb-lock' not in names, 'there is a table of readers, which the dead fill')
        world.endpoint.up()
        for path in jobs.paths:
            world.call_hook('on-download-complete', path).wait().expect(0)
        wait_until('all to be sent', lambda: world.flush(seconds=60).expect(0, 1) and len(
            world.endpoint.requests()) >= len(jobs.expected), 60, 1)
        jobs.expect_all()
        survived('SIGKILL', 'readers and writers, one after another', hits)


def _clock(world, shift_s):
    """Our programs see a wall clock that somebody has set."""
    world.env.update(world.preload('fakeclock', CTM_TEST_CLOCK_SHIFT_S=str(shift_s)))


def clocks_and_boots(build):
    """The wall clock is years ahead, then behind, and the machine starts anew, while processes
    are killed: no job ends by that, and each has its one word."""
    own_mounts()
    year = 365 * 86400
    with World(build, linger='0') as world:
        world.endpoint.up()
        jobs, steps = Jobs(world), (0, 10 * year, -10 * year, 0, -5 * year, 5 * year, 0)
        for shift_s in steps:
            _clock(world, shift_s)
            for _ in range(30):
                _start_and_kill(world, [world.program('on-download-complete'),
                                        *event(jobs.put())])
                _start_and_kill(world, [world.program('aria2-ctm'), 'flush'])
            world.ctm('status', seconds=AT_ONCE).expect(0)
            # Across boots a clock that was set is time that has passed: they end before that.
            for path in jobs.paths[-30:]:
                run([world.program('on-download-complete'), *event(path)], env=world.env,
                    cwd=world.dl, seconds=AT_ONCE).expect(0)
            world.quiet()
            jobs.expect_all()
            if shift_s == 0:
                reboot(world)
                world.ctm('status', seconds=AT_ONCE).expect(0)
        survived('clock and boot', 'steps of years, new boots', len(steps))


if __name__ == '__main__':
    main(thousands, clocks_and_boots)
