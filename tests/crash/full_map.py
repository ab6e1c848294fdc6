#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The map of the store is full: it grows, also under a storm and behind the back of a deliverer
that has it open. Where it can't grow, events are recorded all the same, nothing crashes, and all
is well when it can."""

import resource
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from bare import Bare  # noqa: E402
from content import make_files  # noqa: E402
from figures import survived  # noqa: E402
from lmdbfile import fill_map, map_size, set_map_size  # noqa: E402
from notification import expect_one_message_each, success  # noqa: E402
from process import dies_with_parent, run, wait_until  # noqa: E402
from sidecar import listed, new_id  # noqa: E402
from storm import Racing, Storm, hook_line  # noqa: E402
from testcase import expect, expect_equal, main  # noqa: E402
from tracing import event  # noqa: E402
from world import World  # noqa: E402

GIB = 1 << 30


class Jobs:
    """Jobs of many files, with long names: each fills some hundred pages of the store."""

    def __init__(self, world):
        self.world, self.expected, self.paths = world, {}, []

    def put(self, files=200):
        """One more, in the sidecar directory; its files are there. Returns their paths."""
        number, job_id = len(self.expected), new_id()
        sizes = {f'{"n" * 180}-{file}': 1 + file % 9 for file in range(files)}
        directory = self.world.dl / f'job-{number}'
        make_files(directory, sizes)
        self.world.put_sidecar(f'job-{number}', listed(job_id, directory, sizes))
        self.expected[job_id] = success(job_id, files, sum(sizes.values()))
        paths = [directory / name for name in sizes]
        self.paths += paths
        return paths

    def expect_all(self):
        self.world.flush(seconds=120).expect(0)
        requests = self.world.endpoint.requests()
        missing = set(self.expected) - expect_one_message_each(self.expected, requests)
        expect(not missing, f'{len(missing)} of {len(self.expected)} jobs have no final word')


def _store(world):
    """The store's file, made by whoever came first."""
    world.flush().expect(0)
    world.quiet()
    return world.state / 'store.mdb'


def grows_in_a_storm(build):
    """A map of a few pages, two thousand hooks of ten jobs, flush and status: it grows while all
    of them use it."""
    with World(build, linger='5s') as world:
        world.endpoint.up()
        jobs, store = Jobs(world), _store(world)
        set_map_size(store, 16 * 4096)
        for _ in range(10):
            jobs.put()
        plan = [hook_line(world, 'on-download-complete', path) for path in jobs.paths]
        storm = Storm(world, plan)
        with Racing(lambda: world.flush(seconds=60).expect(0, 1),
                    lambda: world.ctm('status', seconds=60).expect(0, 1)):
            storm.expect_well(len(plan))
        jobs.expect_all()
        expect(map_size(store) > 64 * 4096, f'the map has {map_size(store)} bytes')
        survived('map of the store full', 'it grows in a storm', len(plan))


def grows_behind_a_deliverer(build):
    """A deliverer that lingers has the store open while `add` makes its map larger."""
    with World(build, linger='60s', retry='0, 20s, 20s') as world:
        jobs, store = Jobs(world), _store(world)
        set_map_size(store, 64 * 4096)
        for path in jobs.put(3):
            world.hook('on-download-complete', path)
        deliverer = world.deliverer()
        before = map_size(store)
        for _ in range(4):
            jobs.put(300)
            world.ctm('add', world.jobs / f'job-{len(jobs.expected) - 1}.ctm.ini').expect(0)
        expect(map_size(store) > before, 'the map did not grow')
        world.endpoint.up()
        calls = [world.call_hook('on-download-complete', path) for path in jobs.paths[3:]]
        for call in calls:
            call.wait().expect(0)
        wait_until('the deliverer to send all', lambda: len(
            {one['headers']['ce-subject'] for one in world.endpoint.requests()}) == 5, 60)
        expect(f'deliver[{deliverer}]' in world.log_text(), 'another deliverer sent them')
        jobs.expect_all()


def _limited(kind, value):
    def limit():
        dies_with_parent()
        resource.setrlimit(kind, (value, value))
    return limit


def _survives(world, jobs, limit, hooks, complains):
    """Hooks, commands and a deliverer under a limit: none dies by a signal, and hooks record."""
    argv = {'status': [world.program('aria2-ctm'), 'status'],
            'flush': [world.program('aria2-ctm'), 'flush'],
            'deliver': [world.program('deliver')],
            'add': [world.program('aria2-ctm'), 'add',
                    str(world.jobs / f'job-{len(jobs.expected) - 1}.ctm.ini')]}
    for path in jobs.paths[:4]:
        run([hooks.place / 'on-download-complete', *event(path)], env=world.env, cwd=world.dl,
            preexec=limit).expect(0)
    failed = 0
    for name in ('status', 'add', 'flush', 'deliver', 'status', 'add'):
        failed += run(argv[name], env=world.env, cwd='/', preexec=limit).expect(0, 1).status
    for path in jobs.paths[4:8]:
        run([hooks.place / 'on-download-complete', *event(path)], env=world.env, cwd=world.dl,
            preexec=limit).expect(0)
    expect(failed >= complains, f'only {failed} failed: there was no limit')
    expect_equal(world.endpoint.requests(), [], 'requests under the limit')


def no_address_space(build):
    """RLIMIT_AS leaves room for the map as it is, but not for a larger one; also when somebody
    else has made it larger. A deliverer that lingers goes on trying."""
    with World(build, linger='3s') as world:
        world.endpoint.up()
        jobs, hooks, store = Jobs(world), Bare(world), _store(world)
        fill_map(store, GIB, 16 * 4096)
        jobs.put()
        limit = _limited(resource.RLIMIT_AS, GIB + (GIB >> 1))
        _survives(world, jobs, limit, hooks, 3)
        expect_equal(map_size(store), GIB, 'size of the map')
        for path in jobs.paths[8:]:
            hooks.record(path)
        jobs.expect_all()
        expect_equal(map_size(store), 2 * GIB, 'size of the map')
        survived('map of the store full', 'it cannot grow: RLIMIT_AS', 14)


def no_larger_files(build):
    """RLIMIT_FSIZE: the store may not become larger. (Its signal kills whom it is not expected
    by.) The inbox has room."""
    with World(build, linger='3s') as world:
        world.endpoint.up()
        jobs, hooks, store = Jobs(world), Bare(world), _store(world)
        jobs.put()
        limit = _limited(resource.RLIMIT_FSIZE, max(store.stat().st_size, 98304))
        _survives(world, jobs, limit, hooks, 3)
        for path in jobs.paths[8:]:
            hooks.record(path)
        jobs.expect_all()
        survived('map of the store full', 'it cannot grow: RLIMIT_FSIZE', 14)


if __name__ == '__main__':
    main(grows_in_a_storm, grows_behind_a_deliverer, no_address_space, no_larger_files)
