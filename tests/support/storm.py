# SPDX-License-Identifier: MIT
"""Thousands of programs at once (storm.c), and commands that race with them."""

import json
import secrets
import subprocess
import threading

from process import Failure, dies_with_parent


def hook_line(world, event, path, gid=None):
    """The call of a hook, as a plan for Storm has it."""
    return [world.program(event), gid or secrets.token_hex(8), '1', str(path)]


class Storm:
    """Starts all programs of a plan at once; `result` says how it went."""

    def __init__(self, world, plan, seconds=240):
        self.world, self.seconds = world, seconds
        text = ''.join('\t'.join(map(str, line)) + '\n' for line in plan)
        self.errors = world.root / 'log' / f'storm-{secrets.token_hex(4)}'
        with open(self.errors, 'wb') as errors:
            self.child = subprocess.Popen(
                [world.build / 'tests/support/ctm-storm', world.build, world.root, str(seconds)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, env=world.env,
                cwd=world.dl, preexec_fn=dies_with_parent)
        self.child.stdin.write(text.encode())
        self.child.stdin.close()

    def is_over(self):
        return self.child.poll() is not None

    def result(self):
        """What ctm-storm says: a dictionary (see storm.c)."""
        try:
            said = self.child.stdout.read()
            status = self.child.wait(self.seconds)
        except subprocess.TimeoutExpired:
            self.child.kill()
            raise Failure('the storm does not end') from None
        if status:
            raise Failure(f'the storm ended with {status}: {self._complaints()}')
        return json.loads(said)

    def expect_well(self, count):
        """The result, if all have ended with 0 in time and no hook ever waited."""
        result = self.result()
        if result['over'] != count or result['failed'] or result['late'] or result['hooks']:
            raise Failure(f'of {count}: {result}\n{self._complaints()}')
        return result

    def _complaints(self):
        return self.errors.read_text(errors='replace')[-4000:]


class Racing:
    """Calls functions again and again, each in a thread of its own, until it is left. What one
    of them raises fails the test then."""

    def __init__(self, *functions):
        self.functions, self.failures = functions, []
        self.over, self.threads = threading.Event(), []

    def _run(self, function):
        try:
            while not self.over.is_set():
                function()
        except Exception as failure:  # pylint: disable=broad-except
            self.failures.append(failure)

    def __enter__(self):
        for function in self.functions:
            thread = threading.Thread(target=self._run, args=(function,), daemon=True)
            thread.start()
            self.threads.append(thread)
        return self

    def __exit__(self, kind, value, traceback):
        self.over.set()
        for thread in self.threads:
            thread.join()
        if not kind and self.failures:
            raise self.failures[0]
