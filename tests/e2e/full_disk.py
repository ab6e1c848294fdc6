#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The disk with the state is full: hooks still record, and when there is room again, flush
delivers."""

import os
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from content import make_files  # noqa: E402
from notification import expect_requests, success  # noqa: E402
from sidecar import listed, new_id  # noqa: E402
from smalldisk import SmallDisk  # noqa: E402
from testcase import Skip, expect_equal, main, needs  # noqa: E402
from world import World  # noqa: E402

FILES = {f'file-{number:02}.bin': 10 + number for number in range(30)}


def _with_small_disk(build, test):
    if os.geteuid() != 0:
        raise Skip('not root')
    needs('mount', 'umount')
    with World(build) as world:
        disk = SmallDisk(world.state)
        try:
            world.make_state()
            world.endpoint.up()
            test(world, disk)
            world.end_ours()
        finally:
            disk.close()


def _job(world, name, files):
    job_id, directory = new_id(), world.dl / name
    make_files(directory, files)
    world.put_sidecar(name, listed(job_id, directory, files))
    return success(job_id, len(files), sum(files.values()))


def hooks_record(build):
    """Thirty completions while there is no room; none is lost, and none is answered early."""
    def test(world, disk):
        first = _job(world, 'first', {'one.bin': 5})
        world.hook('on-download-complete', world.dl / 'first/one.bin')
        world.endpoint.wait_for(1)
        second = _job(world, 'second', FILES)
        world.flush().expect(0)
        world.quiet()
        disk.fill()
        for name in FILES:
            world.call_hook('on-download-complete', world.dl / 'second' / name).wait()
        world.quiet()
        disk.free()
        world.flush().expect(0)
        world.endpoint.wait_for(2)
        expect_requests([first, second], world.endpoint.requests())
    _with_small_disk(build, test)


def command_complains(build):
    """`add` on a full disk says so and fails; the jobs that are known stay as they are."""
    def test(world, disk):
        message = _job(world, 'known', FILES)
        world.flush().expect(0)
        world.quiet()
        disk.fill()
        job_id = new_id()
        big = {f'{"x" * 200}-{number}': 1 for number in range(20000)}
        path = world.root / 'big.ctm.ini'
        path.write_text(listed(job_id, world.dl / 'big', big))
        world.ctm('add', path).expect(1).says('space')
        disk.free()
        for name in FILES:
            world.hook('on-download-complete', world.dl / 'known' / name)
        world.flush().expect(0)
        expect_requests([message], world.endpoint.requests())
        expect_equal(world.ctm('status', job_id).status, 1, 'status of the job that was refused')
    _with_small_disk(build, test)


if __name__ == '__main__':
    main(hooks_record, command_complains)
