#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The endpoint is down when the job completes, and comes back later."""

import os
import signal
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

import aria2  # noqa: E402
from notification import expect_requests, success  # noqa: E402
from sidecar import listed, new_id  # noqa: E402
from testcase import expect_equal, main, needs  # noqa: E402
from world import World  # noqa: E402

FILES = {'a.bin': 1000, 'sub/b.bin': 2000, 'c.bin': 0}


def _complete(world):
    """A job of three files completes by real hooks; returns its one message."""
    needs('aria2c', 'nginx')
    web = world.serve(FILES)
    job_id = new_id()
    world.put_sidecar('job', listed(job_id, world.dl, FILES))
    downloads = [(web.url(name), {'out': name}) for name in FILES]
    downloads = aria2.input_file(world.root / 'list', downloads)
    aria2.download(f'--dir={world.dl}', f'--input-file={downloads}', *world.hook_options(),
                   env=world.env).expect(0)
    return success(job_id, 3, 3000)


def lingering(build):
    """A deliverer that lingers needs no flush."""
    with World(build, linger='60s') as world:
        message = _complete(world)
        pid = world.deliverer()
        time.sleep(2.5)
        expect_equal(world.deliverer(), pid, 'what lingers')
        world.endpoint.up()
        world.endpoint.wait_for(1, 15)
        expect_requests([message], world.endpoint.requests())


def flushing(build):
    """Nobody lingers: flush says what is unsent, then sends it, once."""
    with World(build, linger='0') as world:
        message = _complete(world)
        world.quiet()
        time.sleep(1.3)
        world.flush().expect(1)
        world.endpoint.up()
        time.sleep(1.3)
        world.flush().expect(0)
        expect_requests([message], world.endpoint.requests())
        world.flush().expect(0)
        expect_equal(len(world.endpoint.requests()), 1, 'requests after a second flush')


def cut_and_late(build):
    """An answer that is cut off and one that comes too late are no answers: the same message is
    sent again, under the same id."""
    with World(build, endpoint_lines='timeout = 1s') as world:
        world.endpoint.up(['200 cut', '200 delay=2500', '200 header=CTM-HRESULT:0x80072EE2',
                           '204'])
        message = _complete(world)
        world.endpoint.wait_for(4, 20)
        world.flush().expect(0)
        expect_requests([message] * 4, world.endpoint.requests())


def deliverer_killed(build):
    """A deliverer killed between attempts: flush goes on where it was."""
    with World(build) as world:
        message = _complete(world)
        pid = world.deliverer()
        time.sleep(0.5)
        os.kill(pid, signal.SIGKILL)
        world.quiet()
        world.endpoint.up()
        time.sleep(1.5)
        world.flush().expect(0)
        expect_requests([message], world.endpoint.requests())


if __name__ == '__main__':
    main(lingering, flushing, cut_and_late, deliverer_killed)
