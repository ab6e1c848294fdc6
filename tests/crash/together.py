#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A second hook runs, from its beginning to its end, while the first one stands at one of its
system calls: at each of them. The first one then goes on, or is killed."""

import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from faults import points  # noqa: E402
from figures import survived  # noqa: E402
from notification import expect_one_message_each  # noqa: E402
from process import Failure  # noqa: E402
from scenarios import Together  # noqa: E402
from testcase import expect, expect_equal, main  # noqa: E402

MOST = 100  # points in a bounded run


def _run(step, call, *kill):
    step.restore()
    return step.faults.run(step.argv(), '--at', call.number, '--meanwhile', step.other, *kill)


def _expect_sent(step, run):
    """Both events are there, and nobody is left to say so but these two."""
    run.expect_sound()
    expect_equal((run.status, run.meanwhile), (0, 0), 'exit statuses of both')
    got = step.requests()
    sent = expect_one_message_each(step.expected, got)
    expect_equal((len(got), sent), (1, set(step.expected)), 'requests')
    step.expect_done()


def _expect_kept(step, run):
    """The second one recorded its event, whatever became of the first."""
    expect_equal(run.meanwhile, 0, 'exit status of the second')
    step.expect_kept(run)


def _test(build, expect_all, what, *kill):
    with Together(build) as step:
        hits = 0
        for call in points(step.calls(), MOST):
            run = _run(step, call, *kill)
            try:
                expect_all(step, run)
            except Failure as failure:
                raise Failure(f'at {call}: {run.lines}: {failure}\nlog:\n'
                              + '\n'.join(step.log_lines())) from None
            hits += bool(run.hit)
        expect(hits > 20, f'only {hits} were hit')
        survived(what, step.name, hits)


def goes_on(build):
    """The first one goes on: the word comes without a flush, and once."""
    _test(build, _expect_sent, 'another hook while a system call waits')


def is_killed(build):
    """The first one is killed where it stands: the next flush has the word."""
    _test(build, _expect_kept, 'another hook while a system call waits, then kill -9',
          '--kill', 'before')


if __name__ == '__main__':
    main(goes_on, is_killed)
