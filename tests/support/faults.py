# SPDX-License-Identifier: MIT
"""One fault at one system call of our programs, by ctm-fault (see its --help).

    faults = Faults(world)                   # skips where ctm-fault is not built
    for call in faults.calls(argv): …        # what there is to strike
    run = faults.run(argv, '--at', 17, '--kill', 'before')
"""

import collections
import os
import subprocess
import time

from figures import chosen, is_long
from process import Failure
from testcase import Skip

Call = collections.namedtuple('Call', 'number thread program phase name path')

HANG, NOT_RUN = 124, 125


class Run:
    """What came of one run: its exit status, what it said on stderr, the report, and how many
    seconds it took, with all that it started."""

    def __init__(self, options, status, said, report, seconds):
        self.status, self.said, self.seconds = status, said, seconds
        options = list(options)
        self.error = options[options.index('--error') + 1] if '--error' in options else ''
        self.lines = [line.split(' ', 1) for line in report.splitlines()]

    def _of(self, kind):
        return [line[1] if len(line) > 1 else '' for line in self.lines if line[0] == kind]

    @property
    def hit(self):
        """Where the fault struck, '' if it did not."""
        return ''.join(self._of('hit')[:1])

    @property
    def wrote(self):
        """Whether all bytes of a write came into the inbox."""
        return bool(self._of('wrote'))

    @property
    def meanwhile(self):
        """The exit status of what ran meanwhile, None if it did not."""
        return next(map(int, self._of('meanwhile')), None)

    def expect_sound(self):
        """Fails if something of ours crashed or hung; returns this run."""
        if self._of('hang') or self._of('died') or self.status == NOT_RUN:
            raise Failure(f'crashed, hung or not run ({self.status}): {self.lines}\n{self.said}')
        return self


class Faults:
    """Runs programs of a world under ctm-fault."""

    def __init__(self, world):
        self.world = world
        self.program = world.build / 'tests/support/ctm-fault'
        if not self.program.exists():
            raise Skip('ctm-fault is not built for this machine, or with sanitizers')
        self.report = world.root / 'run' / 'fault-report'
        self.said = world.root / 'run' / 'fault-said'

    def run(self, argv, *options):
        """Runs it, and waits until all that it started has ended, too."""
        command = [self.program, '--report', self.report, '--watch', '/inbox/', '--as-aria2',
                   *options, '--', *argv]
        began = time.monotonic()
        with open(self.said, 'wb+') as said:
            child = subprocess.Popen(list(map(str, command)), env=self.world.env,
                                     cwd=self.world.dl, stdin=subprocess.DEVNULL, stdout=said,
                                     stderr=said)
            status = child.wait()
            said.seek(0)
            text = said.read().decode('utf-8', 'backslashreplace')
        return Run(options, status, text, self.report.read_text(errors='replace'),
                   time.monotonic() - began)

    def calls(self, argv, *options):
        """The system calls of a run that no fault strikes: a Call each."""
        listed = self.world.root / 'run' / 'fault-list'
        run = self.run(argv, '--list', listed, *options).expect_sound()
        if run.status != 0:
            raise Failure(f'{argv} without a fault: exit status {run.status}\n{run.said}')
        found = []
        for line in listed.read_text(errors='replace').splitlines():
            number, thread, program, phase, name, *path = line.split(' ', 5)
            found.append(Call(int(number), int(thread), program, phase, name, ''.join(path)))
        return found


def can_trace(world):
    """Skips where no process may be traced."""
    if Faults(world).run([world.program('aria2-ctm'), '--version']).status == NOT_RUN:
        raise Skip('no process may be traced here')


def points(calls, most):
    """The calls to strike: in a long run all, else so many. Before its own first call a program
    has done nothing: of the loader's calls, the first of each start stands for the rest. What
    dlopen does is one thing as well, done a hundred times: of that, some."""
    start = [call for before, call in zip([None, *calls], calls)
             if call.phase == 'L' and (not before or before.phase != 'L')]
    own = [call for call in calls if call.phase == 'P']
    opening = [call for call in calls if call.phase == 'D']
    some = 40 if is_long() else max(2, most // 10)
    spread = opening[::max(1, len(opening) // some)]
    return start + chosen(own, most) + spread


class Snapshot:
    """A state directory as it is now, to be had back as often as one likes.

    Inbox files come back as the very inodes that they were, because the store remembers them."""

    def __init__(self, state, place):
        self.state, self.place = state, place
        place.mkdir()
        self.dirs, self.files, self.linked = [], {}, {}
        for at, dirs, names in os.walk(state):
            here = os.path.relpath(at, state)
            self.dirs += [os.path.join(here, name) for name in dirs]
            for name in names:
                self._take(os.path.join(here, name))

    def _take(self, name):
        path = self.state / name
        if name.startswith('inbox/'):
            os.link(path, self.place / str(len(self.linked)))
            self.linked[name] = (self.place / str(len(self.linked)), path.stat())
        elif path.is_file():
            self.files[name] = path.read_bytes()

    def restore(self):
        """Makes the directory what it was; the FIFO is made by who needs it."""
        for at, dirs, names in os.walk(self.state, topdown=False):
            for name in names:
                os.unlink(os.path.join(at, name))
            for name in dirs:
                os.rmdir(os.path.join(at, name))
        for name in self.dirs:
            os.mkdir(self.state / name, 0o700)
        for name, data in self.files.items():
            with open(os.open(self.state / name, os.O_WRONLY | os.O_CREAT, 0o600), 'wb') as file:
                file.write(data)
        for name, (kept, was) in self.linked.items():
            os.link(kept, self.state / name)
            os.truncate(kept, was.st_size)
            _reserve(kept, was.st_blocks * 512)


def _reserve(path, size):
    """Blocks beyond its end, as a fresh inbox has them."""
    import ctypes
    fd = os.open(path, os.O_WRONLY)
    ctypes.CDLL(None).fallocate(fd, 1, ctypes.c_int64(0), ctypes.c_int64(size))
    os.close(fd)
