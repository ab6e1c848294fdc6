#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Totals and single jobs count what is really there: a stray file, a control file or a renamed
copy holds success back, and what leaves the way lets it come. So does a listed file's own control
file where nobody saw the file when aria2 said that it is complete."""

import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

import aria2  # noqa: E402
from bare import Bare  # noqa: E402
from content import content, make_files, write_file  # noqa: E402
from notification import expect_requests, success  # noqa: E402
from process import wait_until  # noqa: E402
from sidecar import new_id, sidecar  # noqa: E402
from testcase import expect, expect_equal, main  # noqa: E402
from world import World  # noqa: E402


def _totals(world, directory, files, size, **keys):
    job_id = new_id()
    world.put_sidecar('job', sidecar(job_id, directory, kind='totals', files_total=files,
                                     bytes_total=size, timeout=86400, **keys))
    return job_id


def _held_back(world, completed, stray, message):
    """No success while `stray` is there; a later event, without it, brings it."""
    for path in completed:
        world.hook('on-download-complete', path)
    world.flush()
    time.sleep(1.5)
    expect_equal(world.endpoint.requests(), [], f'requests with {stray.name} about')
    stray.unlink()
    for path in completed:
        world.hook('on-download-complete', path)
    world.endpoint.wait_for(1)
    world.flush().expect(0)
    expect_requests([message], world.endpoint.requests())


def totals_with_stray(build):
    """A file that nobody completed."""
    with World(build) as world:
        world.endpoint.up()
        directory = world.dl / 't'
        make_files(directory, {'a.bin': 10, 'sub/b.bin': 20, 'stray.txt': 3})
        job_id = _totals(world, directory, 2, 30)
        _held_back(world, [directory / 'a.bin', directory / 'sub/b.bin'],
                   directory / 'stray.txt', success(job_id, 2, 30))


def totals_with_control_file(build):
    """A download that is still under way beside them."""
    with World(build) as world:
        world.endpoint.up()
        directory = world.dl / 't'
        make_files(directory, {'a.bin': 10, 'b.bin': 20, 'b.bin.aria2': 40})
        job_id = _totals(world, directory, 2, 30)
        _held_back(world, [directory / 'a.bin', directory / 'b.bin'],
                   directory / 'b.bin.aria2', success(job_id, 2, 30))


def renamed_copy_does_not_count(build):
    """name.1.ext is never the second file while name.ext exists."""
    with World(build) as world:
        world.endpoint.up()
        directory = world.dl / 't'
        make_files(directory, {'a.bin': 10, 'a.1.bin': 20})
        job_id = _totals(world, directory, 2, 30)
        for name in ('a.bin', 'a.1.bin', 'a.1.bin'):
            world.hook('on-download-complete', directory / name)
        world.flush()
        expect_equal(world.endpoint.requests(), [], 'requests with a renamed copy')
        (directory / 'a.1.bin').unlink()
        make_files(directory, {'b.bin': 20})
        world.hook('on-download-complete', directory / 'b.bin')
        world.endpoint.wait_for(1)
        world.flush().expect(0)
        expect_requests([success(job_id, 2, 30)], world.endpoint.requests())


def torrent_files_do_not_count(build):
    """.torrent, .metalink and .meta4 are the way, not the content."""
    with World(build) as world:
        world.endpoint.up()
        directory = world.dl / 't'
        make_files(directory, {'a.bin': 10, 'b.bin': 20})
        ways = {'x.torrent': 5, 'x.meta4': 6, 'x.metalink': 7}
        make_files(directory, ways)
        job_id = _totals(world, directory, 2, 30)
        for name in [*ways, 'a.bin', 'a.bin']:
            world.hook('on-download-complete', directory / name)
        world.flush().expect(0)
        expect_equal(world.endpoint.requests(), [], 'requests after one of two files')
        for name in ways:
            (directory / name).unlink()
        world.hook('on-download-complete', directory / 'b.bin')
        world.endpoint.wait_for(1)
        world.flush().expect(0)
        expect_requests([success(job_id, 2, 30)], world.endpoint.requests())


def single_with_stray(build):
    """A single job with a second file in its directory."""
    with World(build) as world:
        world.endpoint.up()
        directory = world.dl / 's'
        make_files(directory, {'image.wim': 50, 'stray.txt': 3})
        job_id = new_id()
        world.put_sidecar('job', sidecar(job_id, directory, kind='single', timeout=86400))
        _held_back(world, [directory / 'image.wim'], directory / 'stray.txt',
                   success(job_id, 1, 50))


def wrong_size_then_right(build):
    """A listed file of another size is no success; the right one later is."""
    with World(build) as world:
        world.endpoint.up()
        job_id, path = new_id(), world.dl / 'a.bin'
        world.put_sidecar('job', sidecar(job_id, world.dl, [{'path': 'a.bin', 'size': 10}],
                                         timeout=86400))
        write_file(path, content('a', 9))
        world.hook('on-download-complete', path)
        world.flush()
        world.quiet()
        expect_equal(world.endpoint.requests(), [], 'requests for a file that is too short')
        write_file(path, content('a', 10))
        world.hook('on-download-complete', path)
        world.endpoint.wait_for(1)
        world.flush().expect(0)
        expect_requests([success(job_id, 1, 10)], world.endpoint.requests())


def only_dry_run(build):
    """With --dry-run aria2 says that it is complete, and nothing is there. A moment later the
    download begins, and has its full size at once."""
    size = 6000000
    with World(build, linger='0') as world:
        world.endpoint.up()
        world.serve({'a.bin': size})
        job_id, path = new_id(), world.dl / 'a.bin'
        world.put_sidecar('job', sidecar(job_id, world.dl, [{'path': 'a.bin', 'size': size}],
                                         timeout=86400))
        world.ctm('add', world.jobs / 'job.ctm.ini').expect(0)
        hook = Bare(world).place / 'on-download-complete'
        options = '--dir', world.dl, '--on-download-complete', hook
        aria2.download('--dry-run', *options, world.web.url('a.bin'), env=world.env).expect(0)
        wait_until('the hook', lambda: 'verifying' in world.log_text())
        expect(not path.exists(), 'a dry run downloaded')
        with aria2.Background(*options, '--file-allocation=trunc',
                              world.web.url('a.bin', 'slow/'), env=world.env):
            wait_until('the file', lambda: path.exists() and path.stat().st_size == size and
                       path.with_name('a.bin.aria2').exists())
            world.flush().expect(0, 1)
            expect(path.with_name('a.bin.aria2').exists(), 'it was too fast')
            expect_equal(world.endpoint.requests(), [], 'requests while it is under way')
        aria2.download('--continue', *options, world.web.url('a.bin'), env=world.env).expect(0)
        wait_until('success', lambda: world.flush().expect(0, 1) and world.endpoint.requests(), 30,
                   0.3)
        expect_requests([success(job_id, 1, size)], world.endpoint.requests())


if __name__ == '__main__':
    main(totals_with_stray, totals_with_control_file, renamed_copy_does_not_count,
         torrent_files_do_not_count, single_with_stray, wrong_size_then_right, only_dry_run)
