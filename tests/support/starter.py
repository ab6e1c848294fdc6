# SPDX-License-Identifier: MIT
"""Children of a test, started by ctm-start (see start.c): by the hundred, so with no fork of the
interpreter, which preexec_fn would need.

    starter = Starter(build)
    child = starter.start_leashed(argv, stdin=subprocess.DEVNULL)
"""

import shutil
import subprocess
from pathlib import Path


class Starter:
    """Starts as subprocess.Popen does; what is not there ends with 127."""

    def __init__(self, build):
        self.program = Path(build) / 'tests/support/ctm-start'

    def copied_to(self, place):
        """A copy, where those who may not read the build directory can reach it."""
        starter = Starter(place)
        starter.program = shutil.copy(self.program, place)
        return starter

    def start_as_aria2(self, argv, executable, **options):
        """The signals are those that aria2 hands to its hooks."""
        return self._start('aria2', executable, argv, options)

    def start_leashed(self, argv, **options):
        """It ends with the test, even if that is killed."""
        return self._start('leashed', argv[0], argv, options)

    def _start(self, how, executable, argv, options):
        return subprocess.Popen(
            list(map(str, [self.program, how, executable, *argv])), **options)
