# SPDX-License-Identifier: MIT
"""Row 10: how long `aria2-ctm status` lets a person wait for its first line."""

from measuring import Broken, median, span
from states import State


def status(bench, results):
    """10."""
    jobs = bench.pick(1000, 10_000)
    state = State(bench, 'status')
    for _ in range(jobs):
        state.job(1)
    state.register()
    if len(state.arrived()) != jobs:
        raise Broken(f'status shows {len(state.arrived())} jobs, not {jobs}')
    rows = bench.checked(['first'], [state.chosen()] + [
        ['status', bench.command, 'status']] * bench.pick(3, 10))
    first, whole = ([int(row[at]) / 1000 for row in rows] for at in (1, 2))
    if min(first) < 0:
        raise Broken('status printed no line')
    results.add(f'status with {jobs} jobs, time to its first line', median(first), at_most=50,
                unit=' ms', digits=0, spread=span(first, '{:.0f}'))
    results.add('  to its last', median(whole), unit=' ms', digits=0, spread=span(whole, '{:.0f}'))
