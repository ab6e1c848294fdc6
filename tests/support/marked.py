# SPDX-License-Identifier: MIT
"""What a program writes into a document that people write: it stands between two marks."""


def put_between(document, begin, end, text):
    """Replaces what stands between two lines of it; false if it does not have both, in order."""
    head, first, rest = document.read_text(encoding='utf-8').partition(begin)
    _, second, tail = rest.partition(end)
    if not first or not second:
        return False
    document.write_text(f'{head}{begin}{text}{end}{tail}', encoding='utf-8')
    return True
