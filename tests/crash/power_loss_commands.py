#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The power fails while commands work: add, flush, forget; while the store grows, is migrated, or
takes down what CTM answered."""

import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from notification import error  # noqa: E402
from power import Recorded  # noqa: E402
from power_jobs import Job  # noqa: E402
from power_store import SCHEMA, is_schema, map_bytes, set_map_bytes, set_schema  # noqa: E402
from testcase import expect, expect_equal, main  # noqa: E402
from tracing import event, needs_strace  # noqa: E402

COMPLETE = 'on-download-complete'


def _add_again(one, job):
    """What the outside does: who added a job that is not there adds it again."""
    def again(floor):
        if job.id not in floor:
            one.world.ctm('add', job.sidecar).expect(0)
    return again


def add(build):
    """A job of many files is added, with an input file for aria2: that is whole or not there, and
    names no job that nobody knows."""
    needs_strace()
    with Recorded(build, 'add with an input file') as one:
        job = Job(one, 150, hashed=True, elsewhere=True, uri='http://127.0.0.1:9/f')
        (one.world.root / 'input').mkdir()
        list_file = one.world.root / 'input' / 'list'
        one.start(unsynced=[job])
        one.run('aria2-ctm', 'add', f'--input={list_file}', job.sidecar)
        one.promise({job.id: 0})

        def look(found, _):
            if list_file.exists():
                expect(job.id in found, 'the input file names a job that is not registered')
                expect(list_file.read_text().endswith('\n') and
                       list_file.read_text().count('http://') == 150, 'half an input file')
        one.survive({job.id: job.message}, again=_add_again(one, job), look=look)


def growth(build):
    """A job is added that the store has no room for: its map is enlarged, again and again."""
    needs_strace()
    with Recorded(build, 'the store grows') as one:
        job = Job(one, 300, hashed=True, elsewhere=True, name_length=150)
        one.world.status()
        set_map_bytes(one.world.state, 65536)
        one.start(unsynced=[job])
        one.run('aria2-ctm', 'add', job.sidecar)
        one.promise({job.id: 0})
        expect(map_bytes(one.world.state) >= 4 * 65536, 'the map did not grow')
        one.survive({job.id: job.message}, again=_add_again(one, job))


def migration(build):
    """The store of an older version, and the hook that migrates it. A hook that completes nothing
    leaves the drain to others, so its event is promised when the next one has drained."""
    needs_strace()
    with Recorded(build, 'migration of the store') as one:
        job = Job(one, 3)
        one.world.hook(COMPLETE, job.paths[0])
        one.world.quiet()
        set_schema(one.world.state, SCHEMA, 1)
        one.start(unsynced=[job])
        for path in job.paths[1:]:
            one.run(COMPLETE, *event(path))
        one.promise({job.id: 3})
        expect(is_schema(one.world.state, SCHEMA), 'the store was not migrated')
        one.survive({job.id: job.message}, again=job.hooks_again)


def answers(build):
    """CTM's answers are taken down: one is tried again, one is final, one is a refusal."""
    needs_strace()
    with Recorded(build, 'outcomes of deliveries') as one:
        first, second = Job(one, 1), Job(one, 1)
        one.start(unsynced=[first, second], answers=['503', '200', '410'])
        one.run(COMPLETE, *event(first.paths[0]))
        one.run('aria2-ctm', 'flush')
        one.run(COMPLETE, *event(second.paths[0]))
        expect_equal([request['answer'] for request in one.world.endpoint.requests()],
                     ['503', '200', '410'], 'answers')

        def again(floor):
            for job in (first, second):
                job.hooks_again(floor)
        one.survive({first.id: first.message, second.id: second.message}, again=again,
                    dead=[second.id])


def expiry(build):
    """A job's time is over."""
    needs_strace()
    with Recorded(build, 'expiry') as one:
        job = Job(one, 2, timeout=1)
        job.paths[1].unlink()
        one.start()
        one.run(COMPLETE, *event(job.paths[0]))
        one.promise({job.id: 1})
        time.sleep(1.2)
        one.run('aria2-ctm', 'flush')
        expect_equal(len(one.world.endpoint.requests()), 1, 'requests')

        one.survive({job.id: error(job.id, '0x800705B4')}, look=lambda *_: one.boot(2))


def _done(one):
    """A job that was done before the recording starts."""
    job = Job(one, 2, hashed=True)
    one.world.endpoint.up()
    for path in job.paths:
        one.world.hook(COMPLETE, path)
    one.world.quiet()
    expect_equal(len(one.world.endpoint.requests()), 1, 'requests')
    return job


def forget(build):
    """An ended job is forgotten, and its sidecar goes: it must not come back as a new job."""
    needs_strace()
    with Recorded(build, 'forget --sidecar', forgets=True) as one:
        job = _done(one)
        one.start()
        one.run('aria2-ctm', 'forget', '--sidecar', job.id)
        expect(not job.sidecar.exists(), 'the sidecar is still there')
        one.survive({job.id: job.message})


def forget_removed(build):
    """The same where somebody removed the sidecar a moment ago."""
    needs_strace()
    with Recorded(build, 'forget, sidecar removed before', forgets=True) as one:
        job = _done(one)
        one.start()
        one.run_command('rm', job.sidecar)
        one.run('aria2-ctm', 'forget', job.id)
        one.survive({job.id: job.message})


def tombstone(build):
    """The same where flush finds that an ended job's time on the list is over."""
    needs_strace()
    with Recorded(build, 'the tombstone goes', forgets=True) as one:
        job = _done(one)
        one.world.configure(f'url = {one.world.endpoint.url()}\n', one.retry, '0',
                            '[state]\nkeep = 0\n')
        one.start()
        one.run_command('rm', job.sidecar)
        one.run('aria2-ctm', 'flush')
        one.survive({job.id: job.message})


if __name__ == '__main__':
    main(add, growth, migration, answers, expiry, forget, forget_removed, tombstone)
