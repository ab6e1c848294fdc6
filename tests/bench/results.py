# SPDX-License-Identifier: MIT
"""What was measured: printed as soon as it is known, and kept for the table and the plot."""

from dataclasses import dataclass

FORM = '{:>2} {:<76} {:>11} {:>11} {:>10}  {}'


@dataclass
class Row:
    """One figure. `share` is the figure as a part of its goal, at most 1 where it is met; None
    where there is no goal. `number` is the row of goals that it belongs to."""

    number: int
    what: str
    figure: str
    goal: str
    floor: str
    spread: str
    share: float = None


class Results:
    """All rows so far."""

    def __init__(self):
        self.rows, self.number = [], 0

    def add(self, what, value, at_most=None, at_least=None, unit='', digits=2, floor=None,
            spread=''):
        """A figure, its goal, what the same measurement says of the floor itself, and how far
        single measurements lay apart."""
        def text(number):
            return '' if number is None else f'{number:.{digits}f}{unit}'
        goal, share = '', None
        if at_most is not None:
            goal, share = f'<= {text(at_most)}', value / at_most
        elif at_least is not None:
            goal, share = f'>= {text(at_least)}', at_least / value
        self._print(Row(self.number, what, text(value), goal, text(floor), spread, share))

    def _print(self, row):
        if not self.rows:
            print(FORM.format('', 'what', 'figure', 'goal', 'floor', 'spread'), flush=True)
        print(FORM.format(row.number, row.what, row.figure, row.goal, row.floor, row.spread)
              .rstrip(), flush=True)
        self.rows.append(row)
