# SPDX-License-Identifier: MIT
"""The figures as a table in Markdown, between two marks of a document, and as a plot (SVG)."""

import math
from html import escape

from marked import put_between
from measuring import Broken

BEGIN = '<!-- figures: begin (tests/bench/run --write writes what stands here) -->\n'
END = '<!-- figures: end -->\n'

# The plot: a bar for each figure that has a goal, by how much of its goal it takes.
WIDTH, LEFT, RIGHT, STEP, TOP = 1000, 520, 80, 22, 56
LOWEST, HIGHEST = 0.1, 10.0
STYLE = '''\
text { font: 13px system-ui, sans-serif; fill: #1f2328; }
.small { font-size: 11px; fill: #59636e; }
.met { fill: #1a7f37; } .missed { fill: #bc4c00; }
.grid { stroke: #d1d9e0; } .goal { stroke: #1f2328; stroke-width: 2; }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc; } .small { fill: #9198a1; }
  .met { fill: #3fb950; } .missed { fill: #f0883e; }
  .grid { stroke: #3d444d; } .goal { stroke: #f0f6fc; }
}'''


def markdown(rows, caption, picture):
    """The plot, and a line for each figure."""
    lines = [f'![Each figure as a part of its goal]({picture})', '', caption, '',
             '| what | figure | goal | floor | spread |', '| --- | ---: | ---: | ---: | --- |']
    for row in rows:
        what = row.what.strip()
        cells = [f'&emsp;{what}' if row.what.startswith(' ') else what, row.figure,
                 row.goal.replace('<=', '≤').replace('>=', '≥'), row.floor, row.spread]
        lines.append('| ' + ' | '.join(cell.replace('|', '\\|') for cell in cells) + ' |')
    return ''.join(f'{line}\n' for line in lines)


def put_into(document, text):
    """Replaces what stands between the marks."""
    if not put_between(document, BEGIN, END, text):
        raise Broken(f'{document} has no marks for the table: {BEGIN.strip()} and {END.strip()}')


def _place(share):
    """Where on the axis, which is logarithmic."""
    within = min(max(share, LOWEST), HIGHEST)
    part = math.log10(within / LOWEST) / math.log10(HIGHEST / LOWEST)
    return LEFT + (WIDTH - LEFT - RIGHT) * part


def plot(rows, caption):
    """Bars that end left of the line keep their goal."""
    shown = [(row.what.strip(), row) for row in rows if row.share is not None]
    height = TOP + STEP * len(shown) + 34
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
           f'width="{WIDTH}" height="{height}" role="img" '
           'aria-label="Each figure as a part of its goal">', f'<style>{STYLE}</style>',
           '<text x="8" y="20">Each figure as a part of its goal: what ends left of the line '
           'keeps it</text>', f'<text class="small" x="8" y="38">{escape(caption)}</text>']
    bottom = TOP + STEP * len(shown)
    for share in (0.1, 0.2, 0.5, 1, 2, 5, 10):
        kind, x = 'goal' if share == 1 else 'grid', _place(share)
        out += [f'<line class="{kind}" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 6}" y2="{bottom}"/>',
                f'<text class="small" x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">'
                f'{share:g}</text>']
    for n, (what, row) in enumerate(shown):
        y, x = TOP + STEP * n, _place(row.share)
        kind = 'met' if row.share <= 1 else 'missed'
        beyond = ' »' if row.share > HIGHEST else ''
        out += [
            f'<text x="{LEFT - 10}" y="{y + 13}" text-anchor="end">{escape(what)}</text>',
            f'<rect class="{kind}" x="{LEFT}" y="{y + 3}" width="{max(x - LEFT, 1):.1f}" '
            f'height="{STEP - 8}" rx="2"><title>{escape(row.figure)}, goal {escape(row.goal)}'
            '</title></rect>',
            f'<text class="small" x="{max(x, LEFT) + 5:.1f}" y="{y + 13}">'
            f'{escape(row.figure)}{beyond}</text>']
    return '\n'.join([*out, '</svg>', ''])
