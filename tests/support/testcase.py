# SPDX-License-Identifier: MIT
"""Runs the test functions of a script and says how each went.

    SCRIPT BUILD          all of them
    SCRIPT BUILD NAME…    those

Exit status: 0 all passed, 1 one failed, 77 nothing failed but something could not be tried."""

import shutil
import signal
import sys
import traceback
from pathlib import Path

from process import Failure


class Skip(Exception):
    """What can't be tried here, and why."""


def needs(*programs):
    """Skips where a program is missing."""
    missing = [name for name in programs if not shutil.which(name)]
    if missing:
        raise Skip(f'not installed: {", ".join(missing)}')


def expect(condition, text):
    """Fails with a text unless the condition holds."""
    if not condition:
        raise Failure(text)


def expect_equal(got, wanted, what):
    if got != wanted:
        raise Failure(f'{what}: expected {wanted!r}, got {got!r}')


def main(*tests):
    """Ends the process with the exit status that meson understands."""
    if len(sys.argv) < 2:
        sys.exit(f'usage: {sys.argv[0]} BUILD [TEST…]')
    signal.signal(signal.SIGTERM, lambda *_: sys.exit('ended by a signal'))
    build, wanted = Path(sys.argv[1]).resolve(), sys.argv[2:]
    if not (build / 'aria2-ctm').exists():
        sys.exit(f'there is no aria2-ctm in {build}: build it first')
    known = {test.__name__: test for test in tests}
    unknown = [name for name in wanted if name not in known]
    if unknown:
        sys.exit(f'no such test: {", ".join(unknown)}; there are {", ".join(known)}')
    sys.exit(_run(build, [known[name] for name in wanted or known]))


def _run(build, tests):
    failed = skipped = 0
    for test in tests:
        print(f'--- {test.__name__}: {" ".join((test.__doc__ or "").split())}', flush=True)
        try:
            test(build)
            print(f'ok: {test.__name__}', flush=True)
        except Skip as skip:
            print(f'skipped: {test.__name__}: {skip}', flush=True)
            skipped += 1
        except Failure as failure:
            print(f'not ok: {test.__name__}: {failure}', flush=True)
            failed += 1
        except Exception:
            traceback.print_exc()
            print(f'not ok: {test.__name__}', flush=True)
            failed += 1
    return 1 if failed else 77 if skipped else 0
