#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Replays recorded sessions through the real hook program and compares the requests.

    replay.py BUILD SESSION.json…             in every mode
    replay.py BUILD --mode MODE SESSION.json… in one of them: recorded, doubled, shuffled-1,
                                              shuffled-2, shuffled-3, together

BUILD is the build directory. Without a session: all beside this file."""

import argparse
import signal
import sys
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'support'))

import session  # noqa: E402
from player import MODES, Player  # noqa: E402
from process import Failure  # noqa: E402


def replay(build, path, modes):
    """Plays one session in each mode; returns how many plays failed."""
    failed = 0
    for mode in modes:
        try:
            Player(build, session.load(path), **MODES[mode]).play()
            print(f'ok: {path.stem}, {mode}', flush=True)
        except Failure as failure:
            print(f'not ok: {path.stem}, {mode}: {failure}', flush=True)
            failed += 1
    return failed


def main():
    parser = argparse.ArgumentParser(description='Replays recorded sessions.')
    parser.add_argument('build', type=Path)
    parser.add_argument('--mode', choices=MODES, action='append')
    parser.add_argument('sessions', type=Path, nargs='*')
    options = parser.parse_intermixed_args()
    if not (options.build / 'aria2-ctm').exists():
        parser.error(f'there is no aria2-ctm in {options.build}: build it first')
    signal.signal(signal.SIGTERM, lambda *_: sys.exit('ended by a signal'))
    paths = options.sessions or sorted(HERE.glob('*.json'))
    failed = sum(replay(options.build, path, options.mode or MODES) for path in paths)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
