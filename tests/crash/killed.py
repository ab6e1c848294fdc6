#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Death (kill -9) at each system call, in each step of a job's life: before the call is made, and,
where it changes something, when it was made and the program does not know. (After a call that only
looks all is as it is before the next.)"""

import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from faults import points  # noqa: E402
from figures import survived  # noqa: E402
from scenarios import ALL, ErrorEvent  # noqa: E402
from testcase import expect, main  # noqa: E402
from tracing import CALLS  # noqa: E402

MOST = 20  # points of a step in a bounded run
AT_ONCE = 20.0  # seconds; whoever waits for somebody who is dead takes longer
CHANGING = CALLS + ('mknodat', 'connect', 'socket', 'clone', 'clone3', 'vfork', 'fork', 'close')


def _strike(step, call, when):
    """Whether the blow hit; nobody waits for who was killed."""
    hit = step.strike('--at', call.number, '--kill', when)
    expect(step.struck_seconds < AT_ONCE, f'killed {when} {call}: somebody waits for that')
    return hit


def _test(scenario):
    def killed(build):
        with scenario(build) as step:
            for when in ('before', 'after'):
                calls = [call for call in step.calls()
                         if when == 'before' or call.name in CHANGING]
                hits = sum(_strike(step, call, when) for call in points(calls, MOST))
                expect(hits > len(points(calls, MOST)) * 3 // 4, f'only {hits} blows hit')
                survived(f'kill -9 {when} a system call', scenario.name, hits)
    killed.__name__, killed.__doc__ = scenario.__name__.lower(), scenario.__doc__
    return killed


def unborn(build):
    """The child that is to become the transport's process, while it settles."""
    with ErrorEvent(build) as step:
        calls = step.calls()
        child = next(call.thread for call in calls if call.program == 'transport')
        early = [call for call in calls if call.thread == child and call.program != 'transport']
        expect(early, 'it has no call of its own')
        for call in points(early, 5):
            expect(_strike(step, call, 'before'), 'the blow did not hit')


if __name__ == '__main__':
    main(*map(_test, ALL), unborn)
