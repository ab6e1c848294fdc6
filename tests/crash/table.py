#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the table of faults in SECURITY.md of what a long run survived.

    table.py FIGURES [DOCUMENT]

FIGURES is what support/figures.py wrote down. Prints the number of points survived, and, given a
document, puts the table between its two marks. Exit status: 0 done, 1 there is nothing to count,
or the document has no marks, 2 wrong usage."""

import json
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from marked import put_between  # noqa: E402

BEGIN = '<!-- faults: begin (packaging/check --long writes what stands here) -->\n'
END = '<!-- faults: end -->\n'


def read(path):
    """{fault: {scenario: points}}, in the order of the names; and whether every point was tried."""
    found, is_long = {}, True
    for line in path.read_text(encoding='utf-8').splitlines():
        one = json.loads(line)
        is_long = is_long and one['long']
        scenarios = found.setdefault(one['fault'], {})
        scenarios[one['scenario']] = scenarios.get(one['scenario'], 0) + one['points']
    return {fault: dict(sorted(found[fault].items())) for fault in sorted(found)}, is_long


def table(found, is_long):
    """The table as Markdown: a line for each fault, with its scenarios and their points."""
    which = 'every point' if is_long else 'a choice of points, as `packaging/check` makes it'
    lines = [f'From a run of {which}:', '', '| fault | points | where |', '| --- | ---: | --- |']
    for fault, scenarios in found.items():
        where = ', '.join(f'{name} {points}' for name, points in scenarios.items())
        lines.append(f'| {fault} | {sum(scenarios.values())} | {where} |')
    return ''.join(f'{line}\n' for line in lines)


def main(arguments):
    if len(arguments) not in (1, 2):
        print(f'usage: {sys.argv[0]} FIGURES [DOCUMENT]', file=sys.stderr)
        return 2
    found, is_long = read(Path(arguments[0])) if Path(arguments[0]).exists() else ({}, False)
    if not found:
        print('no figures: no test wrote down what it survived', file=sys.stderr)
        return 1
    if len(arguments) == 2 and not put_between(
            Path(arguments[1]), BEGIN, END, table(found, is_long)):
        print(f'{arguments[1]} has no marks for the table', file=sys.stderr)
        return 1
    points = sum(sum(scenarios.values()) for scenarios in found.values())
    print(f'{points} points survived, {len(found)} kinds of fault')
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
