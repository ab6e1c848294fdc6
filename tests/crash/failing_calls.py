#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each system call fails once, with each error that it can give, or does half of what it was
asked, in each step of a job's life."""

import collections
import re
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from errnos import errnos_of  # noqa: E402
from faults import points  # noqa: E402
from figures import survived  # noqa: E402
from scenarios import ALL  # noqa: E402
from testcase import expect, main  # noqa: E402

MOST = 20  # calls of a step in a bounded run, each with all of its errors
SYNCS = 'fsync', 'fdatasync', 'syncfs'  # are tried in any case: a success rests on them
ALIKE = 4  # the same call of the same program on the same file is made over and over


def _numbered(calls):
    """[(call, n), ...]: the n-th of its name, so that threads in another order make no other call
    of it. Of those that are alike, the first and the last ones."""
    seen, kinds = collections.Counter(), collections.defaultdict(list)
    for call in calls:
        seen[call.name] += 1
        kind = call.program, call.phase, call.name, re.sub(r'[0-9a-f]{2,}', '', call.path)
        if call.phase != 'L':
            kinds[kind].append((call, seen[call.name]))
    found = [one for alike in kinds.values()
             for one in alike[:ALIKE // 2] + alike[ALIKE // 2:][-ALIKE // 2:]]
    return sorted(found, key=lambda one: one[0].number)


def _fault(error):
    return ('--short',) if error == 'short' else ('--error', error)


def _test(scenario):
    def failing(build):
        with scenario(build) as step:
            number = dict(_numbered(step.calls()))
            hits = collections.Counter()
            some = points(list(number), MOST)
            for call in some + [one for one in number if one.name in SYNCS and one not in some]:
                for error in errnos_of(call, step.world.state):
                    hits[error] += step.strike('--calls', call.name, '--at', number[call],
                                               *_fault(error))
            expect(sum(hits.values()) > 20, f'only {hits} were hit')
            for error, count in sorted(hits.items()):
                survived(f'a system call gives {error}', step.name, count)
    failing.__name__, failing.__doc__ = scenario.__name__.lower(), scenario.__doc__
    return failing


if __name__ == '__main__':
    main(*map(_test, ALL))
