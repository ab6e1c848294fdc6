# SPDX-License-Identifier: MIT
"""Programs of ours of which chosen allocations fail: nomemory.c, preloaded.

    memory = NoMemory(world)
    points = memory.points(argv, 40)         # how often it can be tried, and where
    outcome = memory.run(argv, 17)           # the 17th fails
    outcome = memory.run(argv, 17, ALL)      # it, and all behind it

The count goes on through what the program becomes or starts; a run has ended when all of that has.
aria2c, which is not ours, is spared.
"""

import mmap
import shutil
import struct
from pathlib import Path

from figures import is_long, survived
from process import Failure, run
from snapshot import Snapshot
from testcase import Skip

# struct plan: count, hits, first, last, program, object, offset; then one byte for each call
PLAN = struct.Struct('=QQQQ32s96sQ')
KINDS = 65536
OURS, FOREIGN, SHARED = range(3)
ALL = 2**63
SECONDS = 60
SHOWN = 5
LONG = 250
# pthread_create() has only EAGAIN for it.
REASONS = 'memory', 'cannot start a thread'

# What `status --json` says that is other each time, without any fault. An event that was claimed
# stays unclaimed too where it is drained beside sidecars that are young, so by the clock.
VOLATILE = ('created', 'ended', 'flushed', 'time', 'deadline_s', 'next_try_s', 'attempts',
            'unclaimed')


def lasting(value):
    """What of it is the same after each run: jobs and sidecars in one order."""
    if isinstance(value, dict):
        return {key: lasting(one) for key, one in value.items() if key not in VOLATILE}
    return sorted(map(lasting, value), key=str) if isinstance(value, list) else value


def _spread(points, most):
    """At most so many of them, evenly, both ends among them."""
    if len(points) <= most:
        return points
    step = (len(points) - 1) / (most - 1)
    return [points[round(number * step)] for number in range(most)]


class NoMemory:
    """See above. For programs of one world, one at a time; `build`: where they were built, if the
    world has copies of them. What these libraries ask for is foreign:
    thousands of allocations while they are loaded, of which a run tries a few. And this program
    does much the same in each scenario."""

    foreign = 'libcrypto libtasn1 libgnutls libgcrypt libp11 ld-'
    shared = 'transport'

    def __init__(self, world, build=None):
        tools = Path(build or world.build) / 'tests/support'
        if not (tools / 'nomemory.so').exists():
            raise Skip('nomemory.so is not built (with sanitizers it is not)')
        # Beside the log: elsewhere whoever has the store open, and what that starts, may not write.
        path = world.log.parent / 'nomemory'
        path.write_bytes(bytes(PLAN.size + KINDS))
        path.chmod(0o666)
        with open(path, 'r+b') as file:
            self.plan = mmap.mmap(file.fileno(), PLAN.size + KINDS)
        self.world = world
        self.reaper = str(tools / 'reaper')
        self.more = {'LD_PRELOAD': str(shutil.copy(tools / 'nomemory.so', world.root)),
                     'CTM_TEST_NOMEMORY': str(path), 'CTM_TEST_FOREIGN': self.foreign,
                     'CTM_TEST_SHARED': self.shared, 'CTM_TEST_SPARED': 'aria2c'}

    def run(self, argv, first, last=None):
        """Its outcome, when the first to the last allocation fail; only the first without `last`,
        none with 0. No signal may end it, and it ends."""
        self.plan[:PLAN.size] = PLAN.pack(0, 0, first, last or first, b'', b'', 0)
        outcome = run([self.reaper, str(SECONDS), *map(str, argv)],
                      env={**self.world.env, **self.more}, cwd='/', seconds=SECONDS + 10)
        if outcome.status >= 124:
            raise Failure(f'{self.where()}\n{outcome}')
        return outcome

    def points(self, argv, most, statuses=(0,), limit=None, whole=False):
        """[(first, last), …] after a run in which none fails: each allocation alone, and with all
        behind it. A short run has at most `most` that are alone and fewer of the others. A long one
        has all that are alone and ours, of the shared program only if it is to be tried as a
        `whole`; or `limit`, where each takes seconds."""
        count = self._count(argv, statuses)
        ours = self._of_kinds(count, OURS, SHARED)
        foreign = self._of_kinds(count, FOREIGN)
        fewer = limit or LONG if is_long() else max(2, most // 4)
        if limit or not is_long():
            alone = _spread(ours, limit if is_long() else most)
        elif whole:
            alone = ours
        else:
            alone = self._of_kinds(count, OURS) + _spread(self._of_kinds(count, SHARED), fewer)
        return ([(n, n) for n in sorted(alone + _spread(foreign, fewer))]
                + [(n, ALL) for n in _spread(ours, fewer)])

    def foreign_points(self, argv):
        """All that are foreign, each alone."""
        return [(n, n) for n in self._of_kinds(self._count(argv, (0,)), FOREIGN)]

    def _count(self, argv, statuses):
        """How many there are in a run in which none fails; it is known then of which kind."""
        self.plan[PLAN.size:] = bytes(KINDS)
        self.run(argv, 0).expect(*statuses)
        count = PLAN.unpack(self.plan[:PLAN.size])[0]
        if not count:
            raise Failure(f'no allocation was counted: {argv}')
        return count

    def _of_kinds(self, count, *kinds):
        """Allocations that are of one of them."""
        return [n for n in range(1, count + 1)
                if (self.plan[PLAN.size + n] if n < KINDS else OURS) in kinds]

    def hits(self):
        """How many failed in the last run."""
        return PLAN.unpack(self.plan[:PLAN.size])[1]

    def program(self):
        """In which program the first one failed."""
        return PLAN.unpack(self.plan[:PLAN.size])[4].rstrip(b'\0').decode()

    def where(self):
        """What the first failure of the last run hit."""
        count, hits, first, last, program, caller, offset = PLAN.unpack(self.plan[:PLAN.size])
        program, caller = (text.rstrip(b'\0').decode() for text in (program, caller))
        which = f'allocation {first}' + (' and all behind it' if last == ALL else '')
        return (f'{which} of {count}: {hits} failed, the first in {program}, '
                f'for {caller} at {offset:#x}')


class Point:
    """What came of one run: its outcome, and what was said and sent since it began."""

    def __init__(self, world):
        self.world, self.outcome, self.program = world, None, ''
        self.mark, self.log_size = world.endpoint.mark(), len(world.log_text())

    def log(self):
        return self.world.log_text()[self.log_size:]

    def requests(self):
        return self.world.endpoint.requests(self.mark)

    def expect(self, *statuses):
        """It ended so; and if it failed, it said that memory was the reason. A deliverer without
        its configuration has nowhere to say so; and of a transport's process that was lost
        (libseccomp is ended by a signal where its memory fails) its parent knows that it was."""
        self.outcome.expect(*statuses)
        said = self.outcome.out + self.outcome.err + self.log()
        mute = self.program == 'deliver' and 'deliver[' not in said
        told = any(words in said.lower() for words in REASONS)
        if self.program == 'transport':
            told = told or 'transport' in said
        if self.outcome.status == 1 and not told and not mute:
            raise Failure(f'it failed and does not say that memory is short:\n{said}')
        return self


def survive(memory, scenario, argv, check, most=30, statuses=(0,), restore=lambda: None,
            model=lambda point: None, limit=None, whole=False, points=None):
    """Lets each chosen allocation of a program fail, and calls check(point) each time, with the
    world as it was before (restore() puts back what is not in the state directory). model(point)
    gets what comes of it without a fault; `limit` and `whole` are those of NoMemory.points();
    points(memory, argv) gives others. What is wrong is told at once: a long run may be ended before
    its end."""
    world, wrong, hits = memory.world, 0, 0
    snapshot = Snapshot(world.state)

    def begin():
        snapshot.restore()
        restore()
        return Point(world)
    point = begin()
    point.outcome = memory.run(argv, 0).expect(*statuses)
    model(point)
    begin()
    for first, last in (points(memory, argv) if points
                        else memory.points(argv, most, statuses, limit, whole)):
        point = begin()
        point.outcome = memory.run(argv, first, last)
        where, point.program = memory.where(), memory.program()
        hits += memory.hits() > 0
        try:
            check(point)
        except Failure as failure:
            wrong += 1
            if wrong <= SHOWN:
                print(f'{scenario}: {where}\n{failure}\n{point.outcome}\n{point.log()}',
                      flush=True)
    snapshot.restore()
    restore()
    if wrong:
        raise Failure(f'{scenario}: {wrong} of {hits} were not survived')
    survived('no memory', scenario, hits)
