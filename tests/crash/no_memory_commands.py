#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""aria2-ctm, of which one allocation fails, or all from one on: what ends with 0 has done what it
says, what does not has said why, and afterwards it can be done."""

import json
import os
import re
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from content import make_files  # noqa: E402
from nomemory import NoMemory, lasting, survive  # noqa: E402
from notification import error, expect_one_message_each, success  # noqa: E402
from sidecar import listed, new_id, put, sidecar  # noqa: E402
from testcase import expect, expect_equal, main  # noqa: E402
from world import World  # noqa: E402

AT_ONCE = ', '.join(['0'] * 20)
FEW = 14

class Open:
    """A world with one open job of a file, and its memory."""

    def __init__(self, build, state='open', **keys):
        self.world = World(build, retry=AT_ONCE, linger='0')
        self.job_id, self.state, self.keys = new_id(), state, keys

    def __enter__(self):
        world = self.world.__enter__()
        self.memory = NoMemory(world)
        make_files(world.dl, {'a.bin': 10})
        path = put(world.root, 'job.ctm.ini', listed(
            self.job_id, world.dl, {'a.bin': 10}, client_data='opaque', **self.keys))
        world.ctm('add', path).expect(0)
        world.quiet()
        if self.state == 'dead':
            world.endpoint.up(['400'])
            world.hook('on-download-complete', world.dl / 'a.bin')
            world.endpoint.wait_for(1)
            world.quiet()
            world.endpoint.down()
        world.endpoint.up()
        return self

    def __exit__(self, *exception):
        return self.world.__exit__(*exception)

    def argv(self, *arguments):
        return [self.world.program('aria2-ctm'), *map(str, arguments)]

    def shown(self):
        """Everything that status says, but what is volatile."""
        return lasting(self.world.status())

    def change(self, scenario, *arguments, most=FEW, message=None, restore=lambda: None,
               limit=None):
        """A command that changes something: after status 0 all is as after one without a fault;
        after 1 as before, or as after; and then it can be done."""
        argv = self.argv(*arguments)
        begin = self.shown()
        states = {}

        def model(point):
            expect(not self.memory.hits(), 'the model had a fault')
            states['after'] = self._settled(point, message)

        def check(point):
            point.expect(0, 1)
            if point.outcome.status == 1 and self.shown() == begin:
                self.memory.run(argv, 0).expect(0)
            expect_equal(self._settled(point, message), states['after'], 'what status says')
        survive(self.memory, scenario, argv, check, most, restore=restore, model=model,
                limit=limit)

    def _settled(self, point, message):
        """After a flush; the message has gone out, once, or none has."""
        self.world.flush().expect(0)
        expected = {self.job_id: message} if message else {}
        sent = expect_one_message_each(expected, point.requests())
        expect_equal(sent, set(expected), 'jobs with a message')
        return self.shown()

    def look(self, scenario, *arguments, most=FEW, statuses=(0,)):
        """A command that only looks: with status 0 it says all that it says without a fault."""
        argv, said = self.argv(*arguments), {}

        def model(point):
            said['whole'] = _words(point.outcome.out)

        def check(point):
            point.expect(0, 1)
            if point.outcome.status in statuses and point.outcome.status == 0:
                expect_equal(_words(point.outcome.out), said['whole'], 'what it says')
        survive(self.memory, scenario, argv, check, most, statuses, model=model)


def _words(text):
    """What a command says, without the digits, and what tells how long ago it was or will be."""
    try:
        return json.dumps(lasting(json.loads(text)))
    except ValueError:
        lines = [line for line in text.splitlines() if ' ago' not in line and ' age ' not in line]
        text = re.sub('deadline in [^,]*', 'deadline', '\n'.join(lines))
        return ''.join(c for c in text if not c.isdigit())


def add(build):
    """The job is known, with all its files, or the sidecar is complained of."""
    with Open(build) as jobs:
        files = [{'path': f'{n}/f.bin', 'size': n, 'uri': [f'http://127.0.0.1:9/{n}'] * 2}
                 for n in range(5)]
        other = put(jobs.world.root, 'other.ctm.ini', sidecar(
            new_id(), jobs.world.root / 'other', files, client_data='x' * 300, content_id='PS2'))
        jobs.change('add', 'add', other, most=40)
        jobs.look('add --input', 'add', '--input', other, most=40)


def looks(build):
    """status, explain."""
    with Open(build, content_id='PS1') as jobs:
        put(jobs.world.jobs, 'bad.ctm.ini', sidecar(new_id(), '/nowhere', [{'path': '../x'}]))
        jobs.world.flush().expect(0)
        jobs.look('status', 'status')
        jobs.look('status JOB', 'status', 'PS1')
        jobs.look('status --json', 'status', '--json')
        jobs.look('explain', 'explain', '0x80190194', '5')


def check(build):
    """check finds something to complain of here; it must not find less and call that well."""
    with Open(build) as jobs:
        jobs.look('check', 'check', most=30, statuses=(0, 1))


def cancel(build):
    """cancel ends without a word."""
    with Open(build) as jobs:
        jobs.change('cancel', 'cancel', jobs.job_id)


def fail(build):
    """fail: the error that was given."""
    with Open(build) as jobs:
        jobs.change('fail', 'fail', jobs.job_id, '--hresult', 'ERROR_DISK_FULL', '--message',
                    'no "room"', message=error(jobs.job_id, '0x80070070', ['no "room"'], 'opaque'))


def pause(build):
    """suspend, resume, set."""
    with Open(build) as jobs:
        jobs.change('suspend', 'suspend', jobs.job_id)
        jobs.world.ctm('suspend', jobs.job_id).expect(0)
        jobs.change('resume', 'resume', jobs.job_id)
        jobs.change('set', 'set', jobs.job_id, 'priority=high', 'timeout=5000')


def retry(build):
    """A dead message goes out, the same one."""
    with Open(build, 'dead') as jobs:
        jobs.change('retry', 'retry', jobs.job_id,
                    message=success(jobs.job_id, 1, 10, 'opaque'))


def forget(build):
    """forget --sidecar."""
    with Open(build) as jobs:
        jobs.world.ctm('cancel', jobs.job_id).expect(0)
        path, same = jobs.world.root / 'job.ctm.ini', jobs.world.root / 'kept'
        os.link(path, same)

        def put_back():
            if not path.exists():
                os.link(same, path)
        jobs.change('forget --sidecar', 'forget', '--sidecar', jobs.job_id, restore=put_back)


def send(build):
    """send error, by hand. It waits for the deliverer as long as an attempt may take, and 5 s."""
    with Open(build) as jobs:
        jobs.world.configure(f'url = {jobs.world.endpoint.url()}\ntimeout = 1s', AT_ONCE, '0')
        jobs.job_id = new_id()
        jobs.change('send error', 'send', 'error', '--id', jobs.job_id, '--endpoint', 'ctm',
                    '--client-data', 'x', '--hresult', 'E_ABORT', '--message', 'by hand',
                    message=error(jobs.job_id, '0x80004004', ['by hand'], 'x'), most=6, limit=60)


if __name__ == '__main__':
    main(add, looks, check, cancel, fail, pause, retry, forget, send)
