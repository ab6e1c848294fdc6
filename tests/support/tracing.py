# SPDX-License-Identifier: MIT
"""One of our programs under strace, stopped or killed at a chosen system call.

SIGKILL strikes before the call is made, SIGSTOP after it was made (strace's way)."""

import collections
import re
import secrets
import signal
import subprocess

from process import (Failure, every_process, parent_of, run, signal_if_there, state_of,
                     wait_until)
from testcase import Skip, needs

# The calls that change something others see: locks, files, the wire, becoming `deliver`.
CALLS = ('flock', 'write', 'writev', 'pwrite64', 'pwritev', 'ftruncate', 'fallocate', 'fsync',
         'fdatasync', 'msync', 'syncfs', 'rename', 'renameat', 'renameat2', 'link', 'linkat',
         'unlink', 'unlinkat', 'mkdir', 'mkdirat', 'execve', 'sendto', 'sendmsg', 'recvfrom')
# Those that only look: of them, what is done after a look at the state may be done too late.
LOOKS = ('newfstatat', 'fstat', 'statx', 'openat')
LINE = re.compile(r'(?:(\d+) +)?((\w+)\(.*)')


def needs_strace():
    """Skips where strace is missing or may not trace."""
    needs('strace')
    if run(['strace', '-o', '/dev/null', 'true']).status != 0:
        raise Skip('strace may not trace here')


def event(path, gid=None):
    """What aria2 hands to a hook."""
    return [gid or secrets.token_hex(8), '1', str(path)]


class Traced:
    """One of our programs under strace; `inject` as strace takes it, or none. `calls`: those
    that are traced, else the ones named above. `alone`: neither its threads nor its children."""

    def __init__(self, world, program, arguments, inject=None, calls=','.join(CALLS + LOOKS),
                 alone=False):
        self.trace = world.root / 'log' / f'trace-{secrets.token_hex(6)}'
        argv = ['strace', '-y', '-o', str(self.trace), '-e', 'signal=STOP,KILL',
                '-e', 'trace=' + calls]
        if not alone:
            argv.append('-f')
        if inject:
            argv += ['-e', f'inject={inject}']
        env = dict(world.env)
        env['ASAN_OPTIONS'] = env.get('ASAN_OPTIONS', '') + ':detect_leaks=0'
        argv += [world.program(program), *arguments]
        self.child = world.starter.start_leashed(
            argv, env=env, cwd=world.dl, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)

    def tracee(self):
        """The id of the traced hook, 0 if there is none (any more)."""
        return next(iter(self.tracees()), 0)

    def tracees(self):
        """The ids of all that are traced: the hook first, then what it started."""
        found, parents = [], [self.child.pid]
        while parents:
            parents = [pid for pid in every_process() if parent_of(pid) in parents]
            found += parents
        return found

    def stopped(self):
        """Waits until it, or what it started, is stopped; false if it ended instead."""
        wait_until('the hook to stop or to end', lambda: self.child.poll() is not None
                   or self._says('stopped by') and any(state_of(pid) in ('t', 'T')
                                                       for pid in self.tracees()), 60)
        return self.child.poll() is None

    def killed(self):
        """Whether it, or what it started, was killed."""
        return self._says('killed by SIGKILL')

    def _says(self, text):
        return self.trace.exists() and text in self.trace.read_text(errors='replace')

    def go_on(self, seconds=60.0):
        """Lets it go on, as often as it stops (each of its threads may), until it has ended."""
        def continued():
            for pid in self.tracees():
                signal_if_there(pid, signal.SIGCONT)
            return self.child.poll() is not None
        wait_until('the hook that went on to end', continued, seconds, 0.1)

    def wait(self, seconds=60.0):
        """Until the hook, and the deliverer that it may become, has ended."""
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failure(f'the traced hook still runs after {seconds:g} s') from None

    def calls(self):
        """The system calls: (thread, name, line) each, in order."""
        found = map(LINE.fullmatch, self.trace.read_text(errors='replace').splitlines())
        return [(one.group(1), one.group(3), one.group(2)) for one in found if one]

    def close(self):
        if self.child.poll() is None:
            signal_if_there(self.tracee(), signal.SIGKILL)
            self.child.wait(10)


def points(world, calls):
    """[(call, n), …]: the n-th call of each name in a thread, as strace counts, but for the
    first call of all, which starts the hook, and looks elsewhere than at the state."""
    seen, found = collections.Counter(), []
    for thread, name, line in calls:
        seen[thread, name] += 1
        point = name, seen[thread, name]
        elsewhere = name in LOOKS and str(world.state) not in line
        if point != ('execve', 1) and not elsewhere and point not in found:
            found.append(point)
    return found


def points_in(world, calls, text=''):
    """[(call, n), …]: every call of a thread, as strace counts, from the first one on that has
    to do with the state; but for those that end a thread. With a text: those whose line has
    it."""
    seen, found, begun = collections.Counter(), [], False
    for thread, name, line in calls:
        seen[thread, name] += 1
        begun = begun or str(world.state) in line
        point = name, seen[thread, name]
        if begun and text in line and point not in found and not name.startswith('exit'):
            found.append(point)
    return found


def append_returned(calls):
    """Whether the hook's write into the inbox came back whole."""
    return any(name in ('write', 'writev', 'pwrite64') and 'inbox' in line
               and not re.search(r'= (-1|\?)|unfinished', line) for _, name, line in calls)
