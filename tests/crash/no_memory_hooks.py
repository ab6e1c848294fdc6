#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Hooks, and the deliverers that they become, of which one allocation fails, or all from one on:
what was recorded is not lost, and each job gets its one word, which is true."""

import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from content import content, make_files, sha256  # noqa: E402
from nomemory import ALL, NoMemory, Point, survive  # noqa: E402
from notification import error, expect_one_message_each, success  # noqa: E402
from sidecar import listed, new_id, put, sidecar  # noqa: E402
from testcase import expect, expect_equal, main  # noqa: E402
from world import World  # noqa: E402

AT_ONCE = ', '.join(['0'] * 20)
FILES = {'a.bin': 10, 'sub/b.bin': 20}


class Jobs:
    """A world, a job in it, and what its one message must be (None: there is none)."""

    def __init__(self, build):
        self.world = World(build, retry=AT_ONCE, linger='0')
        self.job_id, self.message = new_id(), None

    def __enter__(self):
        self.world.__enter__()
        self.world.endpoint.up()
        self.memory = NoMemory(self.world)
        return self

    def __exit__(self, *exception):
        return self.world.__exit__(*exception)

    def add(self, text):
        self.world.ctm('add', put(self.world.root, 'job.ctm.ini', text)).expect(0)
        self.world.quiet()

    def hook(self, event, path='', gid='00000000000000aa', number=1):
        """The arguments of a hook."""
        return [self.world.program(event), gid, str(number), str(path)]

    def complete(self, name):
        return self.hook('on-download-complete', self.world.dl / name)

    def run(self, argv):
        """Runs a program as it is, with all that it starts, to their ends."""
        self.memory.run(argv, 0).expect(0)

    def flush(self):
        self.world.flush().expect(0)

    def told(self, point):
        """The job has had its message, and no other; attempts agree."""
        expected = {self.job_id: self.message} if self.message else {}
        sent = expect_one_message_each(expected, point.requests())
        expect_equal(sent, set(expected), 'jobs with a message')


def deliver_event(jobs, scenario, argv, most=30, then=(), whole=False):
    """A hook that says it could not record its event is called again, as a user would; then come
    the others, and a flush."""
    def check(point):
        point.expect(0, 1)
        if point.outcome.status == 1:
            jobs.run(argv)
        for other in then:
            jobs.run(other)
        jobs.flush()
        jobs.told(point)
    survive(jobs.memory, scenario, argv, check, most, whole=whole)


def _two_files(jobs, **keys):
    make_files(jobs.world.dl, FILES)
    jobs.message = success(jobs.job_id, 2, 30, 'opaque "data"')
    jobs.add(listed(jobs.job_id, jobs.world.dl, FILES, client_data='opaque "data"', **keys))


def completes_nothing(build):
    """A hook that completes nothing asks for no memory."""
    with Jobs(build) as jobs:
        _two_files(jobs)
        point = Point(jobs.world)
        jobs.memory.run(jobs.complete('a.bin'), 1, ALL).expect(0)
        expect_equal(jobs.memory.hits(), 0, 'allocations that failed')
        jobs.run(jobs.complete('sub/b.bin'))
        jobs.told(point)


def first_event(build):
    """The first file of two, in another boot: the hook drains."""
    with Jobs(build) as jobs:
        _two_files(jobs)
        (jobs.world.state / 'triggers').unlink()
        deliver_event(jobs, 'first event of a job', jobs.complete('a.bin'),
                      then=[jobs.complete('sub/b.bin')])


def last_event(build):
    """The last one: the hook becomes the deliverer, verifies and sends."""
    with Jobs(build) as jobs:
        _two_files(jobs)
        jobs.run(jobs.complete('a.bin'))
        deliver_event(jobs, 'last event of a job, with delivery', jobs.complete('sub/b.bin'),
                      whole=True)


def sidecar_found(build):
    """The sidecar has not been read yet: the deliverer finds it, with all that it says."""
    with Jobs(build) as jobs:
        make_files(jobs.world.dl, FILES)
        text = sidecar(jobs.job_id, jobs.world.dl, [
            {'path': name, 'size': size, 'sha256': sha256(content(name, size))}
            for name, size in FILES.items()], client_data='opaque "data"', content_id='PS1')
        jobs.message = success(jobs.job_id, 2, 30, 'opaque "data"')
        jobs.world.put_sidecar('job', text)
        jobs.run(jobs.complete('a.bin'))
        jobs.world.flush().expect(0)
        jobs.world.put_sidecar('other', listed(new_id(), jobs.world.root / 'other', {'x': 1}))
        deliver_event(jobs, 'last event, with a sidecar to be read', jobs.complete('sub/b.bin'))


def error_event(build):
    """aria2 gave up: the error is sent."""
    with Jobs(build) as jobs:
        jobs.message = error(jobs.job_id, '0x80004005', ['a.bin'], 'opaque')
        jobs.add(sidecar(jobs.job_id, jobs.world.dl, [
            {'path': 'a.bin', 'gid': '00000000000000aa'}, {'path': 'b.bin'}],
            client_data='opaque'))
        deliver_event(jobs, 'error event, with delivery', jobs.hook('on-download-error'))


def renamed_twin(build):
    """A totals job with a file that aria2 renamed is no success, ever."""
    with Jobs(build) as jobs:
        make_files(jobs.world.dl, {'a.bin': 10, 'a.1.bin': 10})
        jobs.add(sidecar(jobs.job_id, jobs.world.dl, kind='totals', files_total=2,
                         timeout=86400))
        jobs.run(jobs.complete('a.bin'))
        deliver_event(jobs, 'a renamed file in a totals job', jobs.complete('a.1.bin'))


def wrong_hash(build):
    """A file that is not what its sha256 says is no success, ever."""
    with Jobs(build) as jobs:
        make_files(jobs.world.dl, {'a.bin': 10})
        jobs.message = error(jobs.job_id, '0x80091007', ['a.bin', 'sha256'])
        jobs.add(sidecar(jobs.job_id, jobs.world.dl, [
            {'path': 'a.bin', 'sha256': sha256(b'other')}]))
        deliver_event(jobs, 'a file of another hash, with delivery', jobs.complete('a.bin'))


def progress(build):
    """Progress comes or not; the final word does."""
    with Jobs(build) as jobs:
        _two_files(jobs, flags='notifyprogress')

        def told(point):
            final = [one for one in point.requests()
                     if not one['headers']['ce-id'].split('/')[1] == 'progress']
            expect_equal(expect_one_message_each({jobs.job_id: jobs.message}, final),
                         {jobs.job_id}, 'jobs with a message')
        jobs.told = told
        deliver_event(jobs, 'first event of a job with progress', jobs.complete('a.bin'),
                      then=[jobs.complete('sub/b.bin')])


def deliver(build):
    """A message that waited for its endpoint."""
    with Jobs(build) as jobs:
        _two_files(jobs)
        jobs.world.endpoint.down()
        jobs.world.configure(f'url = {jobs.world.endpoint.url()}', linger='0')
        for name in FILES:
            jobs.run(jobs.complete(name))
        jobs.world.configure(f'url = {jobs.world.endpoint.url()}', AT_ONCE, '0')
        jobs.world.endpoint.up()
        time.sleep(1.3)
        state = jobs.world.status(jobs.job_id)['jobs'][0]['message']['state']
        expect_equal(state, 'waiting', 'the message')

        def check(point):
            # What its log says is all that it can say: it has no terminal.
            point.expect(0, 1)
            done = point.outcome.status == 0
            expect(not done or point.requests(), 'status 0, and nothing was sent')
            jobs.flush()
            jobs.told(point)
        survive(jobs.memory, 'deliver, with a message that waits',
                [jobs.world.program('deliver')], check)


if __name__ == '__main__':
    main(completes_nothing, first_event, last_event, sidecar_found, error_event, renamed_twin, wrong_hash, progress,
         deliver)
