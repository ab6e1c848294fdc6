#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The shared object in a host of which one allocation fails, or all from one on: what it returns is
documented, and what it took is sent once. A call waits for the deliverer as long as an attempt may
take, and 5 s: so few are tried."""

import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from content import make_files  # noqa: E402
from nomemory import NoMemory, survive  # noqa: E402
from process import Failure  # noqa: E402
from sidecar import listed, new_id, put  # noqa: E402
from testcase import expect, expect_equal, main  # noqa: E402
from world import World  # noqa: E402

AT_ONCE = ', '.join(['0'] * 20)
# What the six calls of tests/install/host.c may return where memory is short: the success, that it
# is stored and will be sent, that there was no memory, and that a module could not be loaded.
TAKEN, PENDING, NO_MEMORY = '00000000', '800703E5', '8007000E'
# And of progress, which has one attempt, what that met: the transport's process ended.
LOST = '80072EFE'
CALLS = {'SendNotifyProgressToCTM': None, 'SendNotifySuccessToCTM': '01}/success',
         'SendNotifyErrorToCTM': '02}/error', 'aria2ctm_send_notify_progress': None,
         'aria2ctm_send_notify_success': '03/success', 'aria2ctm_send_notify_error': '04}/error'}


def _returned(text):
    """{call: what it returned} of what the host says."""
    return dict(line.rsplit(' ', 1) for line in text.splitlines())


def calls(build):
    """An event, and CTM's three calls in UTF-16 and in UTF-8."""
    with World(build, retry=AT_ONCE, linger='0', endpoint_lines='timeout = 1s') as world:
        world.endpoint.up()
        memory, job_id = NoMemory(world), new_id()
        make_files(world.dl, {'a.bin': 10})
        world.ctm('add', put(world.root, 'job.ctm.ini',
                             listed(job_id, world.dl, {'a.bin': 10}))).expect(0)
        world.quiet()
        argv = [build / 'tests/crash/no-memory-host', world.dl / 'a.bin']

        def check(point):
            said = _returned(point.outcome.out)
            recorded = said.get('aria2ctm_event')
            expect(recorded in ('0', '-12'), f'aria2ctm_event returned {recorded}')
            expect_equal(point.outcome.status, recorded != '0', 'status of the host')
            expect(recorded == '0' or 'memory' in point.outcome.err, 'the reason is not told')
            if recorded != '0':
                world.hook('on-download-complete', world.dl / 'a.bin')
            world.flush().expect(0)
            sent = _sent(point)
            expect(f'{job_id}/success' in sent, 'the event is lost')
            for call, message in CALLS.items():
                if not message and said[call] == LOST:
                    expect("the transport's process ended" in point.log(), f'{call}: {LOST}')
                    continue
                expect(said[call] in (TAKEN, PENDING, NO_MEMORY), f'{call}: {said[call]}')
                if message:
                    came = any(one.upper().endswith(message.upper()) for one in sent)
                    expect_equal(came, said[call] != NO_MEMORY, f'{call}: {said[call]}, sent')
        survive(memory, 'the shared object in a host', argv, check, 24, limit=100)


def _sent(point):
    """The ids of what came; attempts of one message agree."""
    bodies = {}
    for request in point.requests():
        message, body = request['headers']['ce-id'], request['body']
        if bodies.setdefault(message, body) != body:
            raise Failure(f'{message}: two attempts differ: {bodies[message]} and {body}')
    return set(bodies)


if __name__ == '__main__':
    main(calls)
