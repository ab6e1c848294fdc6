# SPDX-License-Identifier: MIT
"""A program's peak of memory, for tests that feed it something monstrous."""

import os
import subprocess
import time

from process import Failure, Outcome, dies_with_parent


def run_measured(argv, env, seconds=120.0, cwd='/'):
    """Runs a program to its end: (outcome, peak in bytes). What a test's own interpreter takes is
    the least that can be measured, some tens of MiB."""
    began = time.monotonic()
    child = subprocess.Popen(argv, env=env, cwd=cwd, stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                             preexec_fn=dies_with_parent)
    while True:
        pid, status, usage = os.wait4(child.pid, os.WNOHANG)
        if pid:
            break
        if time.monotonic() - began > seconds:
            child.kill()
            child.wait()
            raise Failure(f'still running after {seconds:g} s: {" ".join(map(str, argv))}')
        time.sleep(0.005)
    child.returncode = os.waitstatus_to_exitcode(status)
    outcome = Outcome(argv, child.returncode, '', '', time.monotonic() - began)
    return outcome, usage.ru_maxrss * 1024
