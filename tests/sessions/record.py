#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Records sessions anew, with the aria2c and nginx of this machine.

    record.py            all of them
    record.py NAME…      those
    record.py --list     their names"""

import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

import scenarios_commands  # noqa: E402
import scenarios_deadlines  # noqa: E402
import scenarios_errors  # noqa: E402
import scenarios_follow  # noqa: E402
import scenarios_hooks  # noqa: E402
import scenarios_http  # noqa: E402
import scenarios_many  # noqa: E402
import scenarios_missed  # noqa: E402
import scenarios_progress  # noqa: E402
import scenarios_torrents  # noqa: E402
import scenarios_unsure  # noqa: E402
import scenarios_wire  # noqa: E402
import session  # noqa: E402
from process import Failure  # noqa: E402
from recording import Recording  # noqa: E402

MODULES = (
    scenarios_wire, scenarios_http, scenarios_many, scenarios_errors, scenarios_unsure,
    scenarios_deadlines, scenarios_hooks, scenarios_missed, scenarios_torrents,
    scenarios_follow, scenarios_progress, scenarios_commands)
SCENARIOS = {function.__name__.replace('_', '-'): function
             for module in MODULES
             for function in module.SCENARIOS}


def record(name):
    """Records one scenario; returns where it was written."""
    function = SCENARIOS[name]
    recording = Recording(name, ' '.join(function.__doc__.split()))
    try:
        function(recording)
        return session.save(recording.finish())
    finally:
        recording.close()


def main(names):
    if names == ['--list']:
        print('\n'.join(SCENARIOS))
        return 0
    unknown = [name for name in names if name not in SCENARIOS]
    if unknown:
        print(f'no such scenario: {", ".join(unknown)}; --list names them', file=sys.stderr)
        return 2
    failed = 0
    for name in names or SCENARIOS:
        try:
            print(f'{name}: {record(name).name}')
        except Failure as failure:
            print(f'{name}: {failure}', file=sys.stderr)
            failed = 1
    return failed


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
