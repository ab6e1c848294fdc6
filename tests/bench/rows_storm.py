# SPDX-License-Identifier: MIT
"""Rows 4 and 5: thousands of hooks at once, and the same on a disk that is slow to sync."""

import shutil

from measuring import Broken, median, span
from receiver import Receiver
from states import State

AT_ONCE, JOBS, DELAY_US = 64, 10, 20_000


def size(bench):
    return bench.pick(1000, 10_000)


def rounds_of(bench):
    return range(bench.pick(2, 5))


def ten_jobs(bench, name, before=()):
    """(CPU, wall) of a storm on ten jobs in a fresh state, none of which is completed."""
    state = State(bench, name)
    each = size(bench) // JOBS
    jobs = [state.job(each + 1) for _ in range(JOBS)]
    state.register()
    plan = [state.chosen(), *before]
    plan += [job.bring('hook', number) for number in range(each) for job in jobs]
    taken = bench.storm(AT_ONCE, plan)
    state.expect_arrived({job: each for job in jobs})
    shutil.rmtree(state.root)
    return taken


def one_file_jobs(bench, name):
    """(CPU, wall) of a storm on as many jobs of one file, until each call is over; then all are
    delivered, and each success has come once."""
    with Receiver(bench, f'{name}-receiver') as receiver:
        state = State(bench, name, {'ctm': receiver.url()}, linger=60)
        jobs = [state.job(1) for _ in range(size(bench))]
        state.register()
        taken = bench.storm(AT_ONCE, [state.chosen(), *(job.bring('hook', 0) for job in jobs)],
                            stays=['deliver'])
        state.configure({'ctm': receiver.url()}, retry='schedule = 0\n', linger=0)
        state.ctm('flush')
        receiver.expect({f'{job.id}/success' for job in jobs}, at_least_once=True)
    shutil.rmtree(state.root)
    return taken


def against_empty(bench, results, what, most, measure):
    """A storm between two of the empty program, in several rounds, each in a state of its own."""
    empty_plan = [['empty', bench.empty]] * size(bench)
    figures = {'CPU': ([], []), 'wall': ([], [])}
    for n in rounds_of(bench):
        first = bench.storm(AT_ONCE, empty_plan)
        hooks = measure(bench, f'storm-{n}')
        second = bench.storm(AT_ONCE, empty_plan)
        for at, kind in enumerate(('CPU', 'wall')):
            over, floor = figures[kind]
            over.append(2 * hooks[at] / (first[at] + second[at]))
            floor.append(second[at] / first[at])
    for kind, (over, floor) in figures.items():
        results.add(f'{what}, {kind} over empty programs', median(over), at_most=most,
                    floor=median(floor), spread=span(over))


def storm(bench, results):
    """4."""
    against_empty(bench, results, f'{size(bench)} hooks, {AT_ONCE} at a time, ten jobs', 1.10,
                  ten_jobs)
    against_empty(bench, results, f'{size(bench)} jobs of one file, each call completes one', 1.25,
                  one_file_jobs)


def slow_disk(bench, results):
    """5. The object that brings the delay is loaded without it too, so that loading it counts for
    neither."""
    counted = bench.work / 'syncs'
    over, floor, syncs = [], [], []
    preload = [['=LD_PRELOAD', bench.slowsync()], ['=BENCH_SYNC_COUNT', counted]]
    without = [*preload, ['=BENCH_SYNC_DELAY_US', 0]]
    for n in rounds_of(bench):
        _, first = ten_jobs(bench, f'fast-{n}', without)
        counted.unlink(missing_ok=True)
        _, slow = ten_jobs(bench, f'slow-{n}',
                           [*preload, ['=BENCH_SYNC_DELAY_US', DELAY_US]])
        syncs.append(bench.syncs(counted))
        _, second = ten_jobs(bench, f'again-{n}', without)
        over.append(2 * slow / (first + second))
        floor.append(second / first)
    prove_delay(bench, counted, preload)
    results.add(f'the storm, {DELAY_US // 1000} ms in all that syncs, wall over none',
                median(over), at_most=1.05, floor=median(floor), spread=span(over))
    results.add('  syncs of the storm', median(syncs), digits=0, spread=span(syncs, '{:.0f}'))


def prove_delay(bench, counted, preload):
    """No sync at all is a fine figure, so that the object works is shown by a flush, which does
    sync, rather than by the storm."""
    counted.unlink(missing_ok=True)
    state = State(bench, 'proof')
    job = state.job(2)
    bench.turn([*preload, ['=BENCH_SYNC_DELAY_US', DELAY_US], state.chosen(),
                ['add', bench.command, 'add', job.sidecar]], may_leave=True)
    if not bench.syncs(counted):
        raise Broken('what delays syncs has no effect')
