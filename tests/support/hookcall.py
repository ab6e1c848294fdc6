# SPDX-License-Identifier: MIT
"""A hook as aria2 starts it: nobody waits for what it may become."""

import os
import subprocess
import tempfile
import time

from process import SANITIZER_REPORTS, Failure, Outcome


class HookCall:
    """One call. It is over when the process has ended or has become `deliver`."""

    def __init__(self, starter, program, argv, env, cwd, user=None):
        self.argv, self.began = list(map(str, argv)), time.monotonic()
        self.output, self.said = tempfile.TemporaryFile(), ''
        self.child = starter.start_as_aria2(
            self.argv, program, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=self.output,
            stderr=self.output, user=user)

    @property
    def pid(self):
        return self.child.pid

    def delivers(self):
        """Whether it has become `deliver`."""
        try:
            return os.path.basename(os.readlink(f'/proc/{self.pid}/exe')) == 'deliver'
        except OSError:
            return False

    def ended(self):
        """Whether it has ended, as `deliver` if it became that."""
        return self.child.poll() is not None

    def over(self):
        return self.ended() or self.delivers()

    def _read(self, ended):
        """What it has said; of one that has ended nothing is kept open, there can be thousands."""
        if not self.output.closed:
            self.output.seek(0)
            self.said = self.output.read().decode('utf-8', 'backslashreplace')
        if ended:
            self.output.close()
        return self.said

    def wait(self, seconds=30.0):
        """Its outcome; that of a hook which became `deliver` is 0."""
        end = time.monotonic() + seconds
        while not self.over():
            if time.monotonic() > end:
                raise Failure(f'the hook still runs after {seconds:g} s: {self.argv}')
            time.sleep(0.002)
        status = self.child.poll()
        said = self._read(status is not None)
        for report in SANITIZER_REPORTS:
            if report in said:
                raise Failure(f'a sanitizer complains: {self.argv}\n{said}')
        return Outcome(self.argv, 0 if status is None else status, '', said,
                       time.monotonic() - self.began)
