#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What tells CTM of errors, killed (kill -9) before each system call that changes something: a
question to aria2 and its answer, the end of a job, the message. Each job gets its one error."""

import secrets
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

import aria2  # noqa: E402
import rpc  # noqa: E402
from figures import chosen, survived  # noqa: E402
from notification import error, expect_one_message_each  # noqa: E402
from ports import free_port  # noqa: E402
from process import Failure, wait_until  # noqa: E402
from sidecar import new_id, sidecar  # noqa: E402
from testcase import expect, expect_equal, main, needs  # noqa: E402
from tracing import Traced, append_returned, event, needs_strace, points  # noqa: E402
from world import World  # noqa: E402


class Unasked:
    """Jobs of one file that never comes, and no aria2 that can be asked why."""

    def __init__(self, world):
        self.world, self.expected = world, {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def add(self):
        """The sidecar of a new job is there; its id, and the gid of its download."""
        job_id, name, gid = new_id(), self.name(), secrets.token_hex(8)
        self.expected[job_id] = error(job_id, '0x80004005')
        self.world.put_sidecar(name, sidecar(job_id, self.world.dl, [{'path': name, 'gid': gid}]))
        return job_id, gid

    def name(self):
        return f'{len(self.expected)}.bin'


class Asked(Unasked):
    """The same with an aria2c that has looked for the file in vain. It has no hooks."""

    def __init__(self, world):
        needs('aria2c', 'nginx')
        super().__init__(world)
        self.web = world.serve({'there.bin': 10})
        port = free_port()
        self.url = f'http://127.0.0.1:{port}/jsonrpc'
        self.daemon = aria2.Background('--enable-rpc', f'--rpc-listen-port={port}',
                                       f'--dir={world.dl}')

    def __enter__(self):
        wait_until('aria2c to answer', self._answers)
        self.world.configure(f'url = {self.world.endpoint.url()}', linger='0',
                             more=f'[aria2]\nrpc = {self.url}\n')
        return self

    def __exit__(self, *_):
        self.daemon.close()

    def _answers(self):
        try:
            return rpc.call(self.url, 'aria2.getVersion')
        except OSError:
            return None

    def add(self):
        name = self.name()
        job_id, gid = super().add()
        self.expected[job_id] = error(job_id, '0x80190194', [name, '127.0.0.1'])
        rpc.call(self.url, 'aria2.addUri', [self.web.url(name)], {'out': name, 'gid': gid})
        wait_until('the download to fail', lambda: rpc.call(
            self.url, 'aria2.tellStatus', gid, ['status'])['status'] == 'error')
        return job_id, gid


def _killed_at_each_call(build, scenario, make_jobs, start, mend):
    """start(world, job_id, gid, inject) starts one of our programs, for a new job each time;
    where it was killed, mend(world, job_id, gid, its calls) does what a user would do then."""
    needs_strace()
    with World(build, linger='0') as world, make_jobs(world) as jobs:
        world.endpoint.up()
        for _ in range(2):
            model = start(world, *jobs.add(), None)
            expect_equal(model.wait(), 0, 'status of one that nobody kills')
        world.quiet()
        hits = 0
        picked = chosen(points(world, model.calls()), 30)
        for name, nth in picked:
            job = jobs.add()
            killed = start(world, *job, f'{name}:signal=KILL:when={nth}')
            killed.wait()
            hits += killed.killed()
            world.quiet()
            mend(world, *job, killed.calls())
            world.flush().expect(0)
            _let_retries_pass(world, job[0])
            _expect_all(jobs.expected, world.endpoint.requests(), f'killed at {name} {nth}')
        expect(hits > len(picked) // 2, 'the blows did not hit')
        survived('kill -9 before a system call', scenario, hits)


def _let_retries_pass(world, job_id):
    """Where only the transport's process was killed, the attempt has failed, and the next one
    is due a second later."""
    def taken():
        world.flush().expect(0)
        return any(one['headers']['ce-subject'] == job_id for one in world.endpoint.requests())
    wait_until(f'the word of {job_id}', taken, 10, 0.2)


def _expect_all(expected, requests, where):
    try:
        sent = expect_one_message_each(expected, requests)
        expect_equal(len(sent), len(expected), 'jobs with an error')
    except Failure as failure:
        raise Failure(f'{where}: {failure}') from None


def _hook(world, _job_id, gid, inject):
    return Traced(world, 'on-download-error', event('', gid), inject)


def hook(build):
    """on-download-error, and the deliverer that it becomes: what was recorded is not lost."""
    def call_again(world, _job_id, gid, calls):
        if not append_returned(calls):
            world.hook('on-download-error', '', gid=gid)
    _killed_at_each_call(build, 'on-download-error', Unasked, _hook, call_again)


def hook_that_asks(build):
    """The same with an aria2 that tells why: the next flush has the error, recorded or not."""
    _killed_at_each_call(build, 'on-download-error that asks aria2', Asked, _hook,
                         lambda *_: None)


def flush_that_asks(build):
    """flush, that finds what hooks missed: the next one has the error."""
    def start(world, _job_id, _gid, inject):
        return Traced(world, 'aria2-ctm', ['flush'], inject)
    _killed_at_each_call(build, 'flush that asks aria2', Asked, start, lambda *_: None)


def fail(build):
    """A job that is ended by hand: what was ended stays so, and its error comes."""
    def start(world, job_id, _gid, inject):
        world.flush().expect(0)
        return Traced(world, 'aria2-ctm', ['fail', job_id], inject)

    def fail_again(world, job_id, _gid, _calls):
        if world.status(job_id)['jobs'][0]['state'] == 'open':
            world.ctm('fail', job_id).expect(0)
    _killed_at_each_call(build, 'fail', Unasked, start, fail_again)


if __name__ == '__main__':
    main(hook, hook_that_asks, flush_that_asks, fail)
