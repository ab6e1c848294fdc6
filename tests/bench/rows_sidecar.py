# SPDX-License-Identifier: MIT
"""Row 8: registering a sidecar of a million files, against inih alone reading it."""

import shutil

from measuring import Broken, median, span
from states import State


def registration(bench, results):
    """8. `add` leaves a deliverer, which finds nothing to do; it is not part of the figure."""
    files = bench.pick(100_000, 1_000_000)
    alone = bench.program('tests/bench/bench-inih-alone')
    origin = State(bench, 'sidecar')
    job = origin.job(files)
    keys = int(bench.call([alone, job.sidecar])[0])
    if keys != 5 + 2 * files:
        raise Broken(f'inih alone found {keys} keys in the sidecar')
    figures = {'wall': ([], []), 'CPU': ([], [])}
    peaks = []
    for n in range(bench.pick(2, 5)):
        state = State(bench, f'add-{n}')
        cost = bench.turn([state.chosen(), ['inih', alone, job.sidecar],
                           ['add', bench.command, 'add', job.sidecar],
                           ['again', alone, job.sidecar]], may_leave=True)
        for kind, values in (('wall', lambda c: c.wall[0]), ('CPU', lambda c: c.cpu[0])):
            first, second = values(cost['inih']), values(cost['again'])
            figures[kind][0].append(2 * values(cost['add']) / (first + second))
            figures[kind][1].append(second / first)
        expect_registered(state, job)
        state = State(bench, f'peak-{n}')
        kib = bench.peaks([state.chosen(), ['add', bench.command, 'add', job.sidecar]],
                          may_leave=True)
        peaks.append(kib['add'][0] * 1024 / job.sidecar.stat().st_size)
        expect_registered(state, job)
    for kind, (over, floor) in figures.items():
        results.add(f'registering a sidecar of {files} files, {kind} over inih alone', median(over),
                    at_most=4.0, floor=median(floor), spread=span(over))
    results.add(f'  peak memory over the file\'s {job.sidecar.stat().st_size / 2**20:.0f} MiB',
                median(peaks), at_most=3.0, spread=span(peaks))
    results.add('  instructions over inih alone', instructions(bench, job, alone))


def instructions(bench, job, alone):
    """They say what the machine's memory has no part in."""
    state = State(bench, 'add-counted')
    ours = bench.instructions([bench.command, 'add', job.sidecar], state.env())
    expect_registered(state, job)
    return ours / bench.instructions([alone, job.sidecar], None)


def expect_registered(state, job):
    state.expect_arrived({job: 0})
    shutil.rmtree(state.root)
