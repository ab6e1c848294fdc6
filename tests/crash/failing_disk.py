#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The file system with the state fails, and goes on failing: full, over quota, read-only, dead.
What was recorded is not lost, what was not recorded was said, and when it is well again the work
is finished."""

import errno
import os
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from content import make_files  # noqa: E402
from faults import points  # noqa: E402
from figures import is_long, survived  # noqa: E402
from notification import expect_requests, success  # noqa: E402
from process import run  # noqa: E402
from scenarios import ALL  # noqa: E402
from sidecar import listed, new_id  # noqa: E402
from testcase import Skip, expect, main, needs  # noqa: E402
from world import World  # noqa: E402

MOST = 6  # calls of a step in a bounded run, for each way to fail

# A full disk, a quota that is used up, one that was remounted after an error, a dead one.
WAYS = (('--full', '--error', 'ENOSPC'), ('--full', '--error', 'EDQUOT'),
        ('--full', '--error', 'EROFS'), ('--error', 'EIO'))


def _test(scenario):
    def failing(build):
        with scenario(build) as step:
            under = '--under', step.world.state
            for way in WAYS:
                calls = step.calls(*under, *(option for option in way if option == '--full'))
                hits = sum(step.strike(*under, *way, '--at', call.number, '--on')
                           for call in points(calls, MOST))
                expect(hits > 0, f'{way} hit nothing')
                survived(f'{way[-1]} from a system call on', step.name, hits)
    failing.__name__, failing.__doc__ = scenario.__name__.lower(), scenario.__doc__
    return failing


def full_for_an_hour(build):
    """As many hooks as a busy hour brings, on a disk without one free byte: more than the reserve
    takes. Each that could not record said so, with its exit status and in the log; those that did
    are not lost."""
    if os.geteuid() != 0:
        raise Skip('not root')
    needs('mount', 'umount')
    files = {f'{number:04}.bin': 10 + number for number in range(3000 if is_long() else 700)}
    with World(build, linger='0') as world:
        if run(['mount', '-t', 'tmpfs', '-o', 'size=4m,mode=0700', 'tmpfs',
                world.state]).status != 0:
            raise Skip('no tmpfs may be mounted here')
        try:
            _full_for_an_hour(world, files)
            world.end_ours()
        finally:
            run(['umount', '-l', world.state])


def _full_for_an_hour(world, files):
    world.make_state()
    world.endpoint.up()
    job_id = new_id()
    make_files(world.dl, files)
    world.put_sidecar('job', listed(job_id, world.dl, files))
    world.hook('on-download-complete', world.dl / next(iter(files)))
    world.quiet()
    _fill(world.state / 'ballast')
    lost = []
    for name in files:
        before = len(world.log_text())
        outcome = world.call_hook('on-download-complete', world.dl / name).wait()
        if outcome.status:
            outcome.expect(1).says('inbox', 'space')
            expect('cannot append to the inbox' in world.log_text()[before:],
                   f'{name}: exit status 1, and not a word in the log')
            lost.append(name)
    expect(0 < len(lost) < len(files), f'{len(lost)} of {len(files)} were not recorded')
    world.flush().expect(0, 1)
    expect_requests([], world.endpoint.requests())
    os.unlink(world.state / 'ballast')
    for name in lost:
        world.hook('on-download-complete', world.dl / name)
    world.flush().expect(0)
    expect_requests([success(job_id, len(files), sum(files.values()))],
                    world.endpoint.wait_for(1))
    survived('a full disk', 'hooks of an hour, recorded', len(files) - len(lost))
    survived('a full disk', 'hooks of an hour, not recorded and said so', len(lost))


def _fill(path):
    """Leaves not one byte."""
    with open(path, 'ab', buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while file.write(bytes(size)) == size:
                    pass
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise


if __name__ == '__main__':
    main(*map(_test, ALL), full_for_an_hour)
