# SPDX-License-Identifier: MIT
"""What may reach a terminal or a log: text whose lines are ours, and nothing that is obeyed."""

import re

from process import Failure

# C0 but newline and tab, DEL, C1, line and paragraph separators, and what turns text round.
OBEYED = re.compile('[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]')


def expect_harmless(text, what):
    """Fails if a text has control characters in it."""
    if isinstance(text, bytes):
        text = text.decode('utf-8', 'surrogateescape')
    found = OBEYED.search(text) or re.search('[\ud800-\udfff]', text)
    if found:
        around = text[max(0, found.start() - 60):found.end() + 60]
        raise Failure(f'{what}: a control character {found.group()!r} in {around!r}')
