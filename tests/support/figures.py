# SPDX-License-Identifier: MIT
"""How far a test of faults goes, and what it writes down about it.

`packaging/check --long` sets CTM_TEST_LONG, and CTM_TEST_FIGURES to a file that collects what was
survived, one JSON object a line; tests/crash/table.py makes the table in SECURITY.md of it."""

import fcntl
import json
import os


def is_long():
    """Whether every point is to be tried, however long that takes."""
    return bool(os.environ.get('CTM_TEST_LONG'))


def chosen(points, most):
    """All points of a list in a long run; else `most` of them, evenly spread, both ends among
    them."""
    if is_long() or len(points) <= most:
        return points
    step = (len(points) - 1) / (most - 1)
    return [points[round(number * step)] for number in range(most)]


def survived(fault, scenario, points):
    """Says, and writes down, that the invariants held after so many single faults. To be called
    when they have been looked at, never before."""
    print(f'survived {points}: {fault}: {scenario}', flush=True)
    if os.environ.get('CTM_TEST_FIGURES'):
        with open(os.environ['CTM_TEST_FIGURES'], 'a', encoding='utf-8') as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            json.dump({'fault': fault, 'scenario': scenario, 'points': points,
                       'long': is_long()}, file)
            file.write('\n')
