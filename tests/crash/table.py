#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the table of faults in SECURITY.md of what a long run survived.

    table.py FIGURES [DOCUMENT]

FIGURES is what support/figures.py wrote down, by one run or by several of the same tree: what was
tried at every point counts so, whatever a choice of its points gave. Prints the number of points
survived, and, given a document, puts the table between its two marks. Exit status: 0 done, 1 there
is nothing to count, or the document has no marks, 2 wrong usage."""

import json
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from marked import put_between  # noqa: E402

BEGIN = '<!-- faults: begin (packaging/check --long writes what stands here) -->\n'
END = '<!-- faults: end -->\n'


class Tried:
    """The points of one scenario: `all` of them, or a choice."""

    def __init__(self):
        self.points, self.all = 0, False

    def add(self, points, is_all):
        if is_all and not self.all:
            self.points, self.all = 0, True
        if is_all == self.all:
            self.points += points


def read(path):
    """{fault: {scenario: Tried}}, in the order of the names."""
    found = {}
    for line in path.read_text(encoding='utf-8').splitlines():
        one = json.loads(line)
        scenarios = found.setdefault(one['fault'], {})
        scenarios.setdefault(one['scenario'], Tried()).add(one['points'], one['long'])
    return {fault: dict(sorted(found[fault].items())) for fault in sorted(found)}


def heading(tried):
    if all(one.all for one in tried):
        return 'From a run of every point:'
    if not any(one.all for one in tried):
        return 'From a run of a choice of points, as `packaging/check` makes it:'
    return 'Every point was tried where there is a `*`, elsewhere a choice of them:'


def table(found):
    """The table as Markdown: a line for each fault, with its scenarios and their points."""
    tried = [one for scenarios in found.values() for one in scenarios.values()]
    mark = '*' if len({one.all for one in tried}) > 1 else ''
    lines = [heading(tried), '', '| fault | points | where |', '| --- | ---: | --- |']
    for fault, scenarios in found.items():
        where = ', '.join(f'{name} {one.points}{mark if one.all else ""}'
                          for name, one in scenarios.items())
        lines.append(f'| {fault} | {sum(one.points for one in scenarios.values())} | {where} |')
    return ''.join(f'{line}\n' for line in lines)


def main(arguments):
    if len(arguments) not in (1, 2):
        print(f'usage: {sys.argv[0]} FIGURES [DOCUMENT]', file=sys.stderr)
        return 2
    found = read(Path(arguments[0])) if Path(arguments[0]).exists() else {}
    if not found:
        print('no figures: no test wrote down what it survived', file=sys.stderr)
        return 1
    if len(arguments) == 2 and not put_between(
            Path(arguments[1]), BEGIN, END, table(found)):
        print(f'{arguments[1]} has no marks for the table', file=sys.stderr)
        return 1
    points = sum(one.points for scenarios in found.values() for one in scenarios.values())
    print(f'{points} points survived, {len(found)} kinds of fault')
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
