#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sidecars that change places, and places that change sidecars: each GUID has one final word,
whatever its file is called, and whoever comes to its name is somebody else."""

import os
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from content import make_files  # noqa: E402
from notification import expect_requests, success  # noqa: E402
from sidecar import listed, new_id, put  # noqa: E402
from testcase import expect_equal, main  # noqa: E402
from world import World  # noqa: E402

FILES = {'a.bin': 10, 'b.bin': 20}


def _world(build, keep='1s', give_up='1s'):
    world = World(build, linger='0')
    world.conf.write_text(world.conf.read_text().replace(
        '[endpoint.ctm]', f'keep = {keep}\ngive_up = {give_up}\n\n[endpoint.ctm]', 1))
    world.endpoint.up()
    make_files(world.dl, FILES)
    return world


def _invalid(world, job_id):
    return (f'[job]\nid = {job_id}\nendpoint = ctm\nkind = listed\nlocal_path = {world.dl}\n'
            'files_total = many\n')


def _done(world, name):
    """A job of a.bin that has ended, and CTM knows: its id and its sidecar."""
    job_id = new_id()
    path = world.put_sidecar(name, listed(job_id, world.dl, {'a.bin': 10}))
    world.hook('on-download-complete', world.dl / 'a.bin')
    world.flush().expect(0)
    world.quiet()
    return job_id, path


def _words(world):
    """The final words that CTM was told: ce-id of each."""
    world.quiet()
    return [request['headers']['ce-id'] for request in world.endpoint.requests()]


def _later(world, times=3):
    """More time passes than [state] keep and give_up are."""
    for _ in range(times):
        time.sleep(1.2)
        world.hook('on-download-complete', world.dl / 'a.bin')
        world.flush()
    return _words(world)


def moved_and_back(build):
    """A sidecar is renamed, and gets its name back: its job is known as long as it is there."""
    with _world(build) as world:
        job_id, path = _done(world, 'here')
        there = path.with_name('there.ctm.ini')
        path.rename(there)
        world.flush().expect(0)
        there.rename(path)
        world.flush().expect(0)
        _later(world)
        path.touch()
        expect_equal(_later(world), [f'{job_id}/success'], 'words')
        path.unlink()
        _later(world)
        world.ctm('status').expect(0).says('no jobs')


def not_to_be_read_for_a_while(build):
    """Somebody has it open for writing, or nobody knows whom to trust: no job is forgotten."""
    with _world(build) as world:
        job_id, path = _done(world, 'first')
        other = world.put_sidecar('other', _invalid(world, job_id))
        world.flush()
        path.unlink()
        time.sleep(1.2)
        with open(other, 'ab'):
            world.flush()
        expect_equal(_later(world), [f'{job_id}/success'], 'words, it was being written')
    with _world(build) as world:
        job_id, path = _done(world, 'first')
        configured = world.conf.read_text()
        world.conf.write_text(f'{configured}\n[sidecar]\nowner = no-such-user\n')
        path.rename(path.with_name('moved.ctm.ini'))
        time.sleep(1.2)
        world.flush(seconds=30).expect(1)
        world.conf.write_text(configured)
        expect_equal(_later(world), [f'{job_id}/success'], 'words, nobody was trusted')


def name_of_another(build):
    """An invalid sidecar under the name that another job's had is answered, for itself."""
    for is_gone in (False, True):
        with _world(build, keep='1h') as world:
            job_id, path = _done(world, 'same')
            if is_gone:
                path.unlink()
                world.flush().expect(0)
            another = new_id()
            world.put_sidecar('same', _invalid(world, another))
            world.flush()
            expect_equal(_later(world), [f'{job_id}/success', f'{another}/error'], 'words')
            third = new_id()
            world.put_sidecar('same', _invalid(world, third))
            world.flush()
            expect_equal(_later(world)[2:], [f'{third}/error'], 'words of the third')


def age_of_another(build):
    """How long a sidecar was invalid is said of it, not of what lay there before."""
    with _world(build, give_up='5s') as world:
        first, second = new_id(), new_id()
        world.put_sidecar('same', _invalid(world, first))
        world.flush()
        time.sleep(4)
        world.put_sidecar('same', _invalid(world, second))
        world.flush()
        time.sleep(1.5)
        world.flush()
        expect_equal(_words(world), [], 'words before its time')
        time.sleep(4)
        world.flush()
        expect_equal(_words(world), [f'{second}/error'], 'words')


def moved_and_replaced(build):
    """A sidecar is renamed, and another job's takes its name, before anybody looks: what is
    changed in the first one counts."""
    with _world(build, keep='1h', give_up='1h') as world:
        first, second = new_id(), new_id()
        path = world.put_sidecar('same', listed(first, world.dl, {'a.bin': 10, 'c.bin': 30}))
        world.flush().expect(0)
        path.rename(path.with_name('moved.ctm.ini'))
        world.put_sidecar('same', listed(second, world.dl, {'b.bin': 20}))
        world.flush().expect(0)
        world.put_sidecar('moved', listed(first, world.dl, {'a.bin': 10}))
        world.flush().expect(0)
        for name in FILES:
            world.hook('on-download-complete', world.dl / name)
        expect_equal(sorted(_words(world)), sorted([f'{first}/success', f'{second}/success']),
                     'words')


def first_one_is_away(build):
    """The volume of a job's sidecar is not mounted: another one with its GUID and a shorter list
    does not take its place, and there is no success before all files have come."""
    with _world(build, keep='1h', give_up='1h') as world:
        volume, job_id = world.root / 'volume', new_id()
        volume.mkdir(mode=0o700)
        path = put(volume, 'first.ctm.ini', listed(job_id, world.dl, FILES))
        world.ctm('add', path).expect(0)
        world.hook('on-download-complete', world.dl / 'a.bin')
        os.rename(volume, world.root / 'away')
        volume.mkdir()
        world.put_sidecar('second', listed(job_id, world.dl, {'a.bin': 10}))
        world.flush()
        expect_equal(_words(world), [], 'words with one of two files')
        volume.rmdir()
        os.rename(world.root / 'away', volume)
        world.hook('on-download-complete', world.dl / 'b.bin')
        world.endpoint.wait_for(1)
        world.quiet()
        expect_requests([success(job_id, 2, 30)], world.endpoint.requests())


def ended_while_suspended(build):
    """A job that is cancelled while it is suspended is forgotten like any other."""
    with _world(build) as world:
        job_id = new_id()
        path = world.put_sidecar('job', listed(job_id, world.dl, FILES))
        world.flush().expect(0)
        world.ctm('suspend', job_id).expect(0)
        world.ctm('cancel', job_id).expect(0)
        path.unlink()
        expect_equal(_later(world), [], 'words')
        world.ctm('status').expect(0).says('no jobs')


if __name__ == '__main__':
    main(moved_and_back, not_to_be_read_for_a_while, name_of_another, age_of_another,
         moved_and_replaced, first_one_is_away, ended_while_suspended)
