# SPDX-License-Identifier: MIT
"""Rows 1 and 2: one hook call that does not complete its job, in a job and in none."""

import shutil
import tempfile
from pathlib import Path

from measuring import around, mean
from states import State

PATH_BYTES, DEPTH = 4085, 2000


def counted(bench, results, state, calls, most_instructions=None, most_system_calls=None):
    """What does not depend on the machine: {what: argv of a fresh call} against the empty one."""
    floor = bench.instructions([bench.empty], state.env())
    for label, call in calls.items():
        results.add(f'{label}, instructions above the empty program',
                    bench.instructions(call(), state.env()) - floor, at_most=most_instructions,
                    digits=0, spread=f'the empty program has {floor}')
    floor = bench.system_calls([bench.empty], state.env())
    for label, call in calls.items():
        results.add(f'{label}, system calls above it',
                    bench.system_calls(call(), state.env()) - floor, at_most=most_system_calls,
                    digits=0, spread=f'the empty program has {floor}')


def ratio(results, what, cost, label):
    """A hook's CPU time over the mean of both empty programs about it."""
    base = mean(cost['empty'].cpu + cost['again'].cpu)
    results.add(what, mean(cost[label].cpu) / base, at_most=1.10,
                floor=mean(cost['again'].cpu) / mean(cost['empty'].cpu),
                spread=around(cost[label].cpu, base))
    return base


def in_a_job(bench, results):
    """1."""
    rounds, few = bench.pick(100, 500), bench.pick(10, 30)
    loaded = bench.program('tests/support/preloadable/on-download-complete')
    state = State(bench, 'lone')
    job = state.job(2000)
    state.register()
    numbers = iter(range(2000))
    plan = [state.chosen()]
    for _ in range(rounds):
        plan += [['empty', bench.empty], job.bring('hook', next(numbers)), ['again', bench.empty],
                 ['linked', bench.linked], job.bring('loaded', next(numbers), loaded)]
    cost = bench.turn(plan)
    base = ratio(results, 'a call that completes nothing, CPU over the empty program', cost,
                 'hook')
    results.add('  the same call where the C library is loaded', mean(cost['loaded'].cpu) / base)
    results.add('  the empty program with the shared object linked',
                mean(cost['linked'].cpu) / base)
    results.add('  the empty program', base, unit=' us', digits=0)
    counted(bench, results, state, {
        '  such a call': lambda: job.bring('', next(numbers))[1:]}, 40_000, 20)
    results.add('  such a call, page faults above it',
                mean(cost['hook'].faults) - mean(cost['empty'].faults), at_most=15, digits=1,
                floor=mean(cost['again'].faults) - mean(cost['empty'].faults),
                spread=f'the empty program has {mean(cost["empty"].faults):.1f}')
    plan = [state.chosen()]
    for number in range(few):
        plan += [['empty', bench.empty], job.bring('hook', next(numbers)), ['again', bench.empty]]
    kib = bench.peaks(plan)
    results.add('  such a call, memory above it', mean(kib['hook']) - mean(kib['empty']),
                at_most=256, unit=' KiB', digits=0, floor=mean(kib['again']) - mean(kib['empty']),
                spread=f'{min(kib["hook"])} to {max(kib["hook"])} KiB in all')
    state.expect_arrived({job: 2 * rounds + few + 2})


def deep_directory(top):
    """A directory so deep below `top` that a name of it has DEPTH directories."""
    path = str(top)
    for _ in range(DEPTH - path.count('/')):
        path += '/d'
        Path(path).mkdir()
    return path


def in_no_job(bench, results):
    """2."""
    rounds = bench.pick(100, 500)
    state = State(bench, 'none')
    job = state.job(10)
    state.register()
    flat = state.root / 'elsewhere'
    flat.mkdir()
    top = tempfile.mkdtemp(prefix='ctm')
    try:
        deep = deep_directory(top)

        def path(where, number):
            name = f'{number:08}'
            if where == deep:
                name = name.rjust(PATH_BYTES - len(deep) - 1, 'n')
            made = Path(f'{where}/{name}')
            made.write_bytes(b'x')
            return made
        plan = [state.chosen()]
        for n in range(rounds):
            plan += [['empty', bench.empty],
                     ['flat', bench.hook, f'{n + 1:016x}', 1, path(flat, n)],
                     ['again', bench.empty],
                     ['deep', bench.hook, f'{n + 10001:016x}', 1, path(deep, n)]]
        cost = bench.turn(plan)
        ratio(results, 'a download in no job, CPU over the empty program', cost, 'flat')
        ratio(results, f'the same, a path of {PATH_BYTES} bytes in {DEPTH} directories', cost,
              'deep')
        numbers = iter(range(rounds, rounds + 8))
        counted(bench, results, state, {
            '  below one directory': lambda: [bench.hook, f'{1:016x}', 1,
                                              path(flat, next(numbers))],
            '  so deep': lambda: [bench.hook, f'{2:016x}', 1, path(deep, next(numbers))]})
    finally:
        bench.call(['rm', '-rf', top])
    state.expect_arrived({job: 0})
    state.expect_unclaimed(2 * rounds + 4)
    shutil.rmtree(state.root)
