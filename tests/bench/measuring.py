# SPDX-License-Identifier: MIT
"""The build directory that is measured, and the runner that starts programs and says what each
cost (runner.c)."""

import os
import re
import shutil
import statistics
import subprocess
import sys

COMPLETE = 'on-download-complete'
SECONDS = 3600


class Broken(Exception):
    """Something that was to be measured did not work: there is no figure."""


class Cost:
    """What single calls of one label cost, in order."""

    def __init__(self):
        self.cpu, self.wall, self.faults = [], [], []

    def add(self, cpu, wall, faults):
        self.cpu.append(int(cpu))
        self.wall.append(int(wall))
        self.faults.append(int(faults))


class Bench:
    """The programs of a build, and a directory in it for the time of the run."""

    def __init__(self, build, quick):
        self.build, self.quick = build, quick
        self.work = build / 'bench'
        self.said = ''
        self.empty = self.program('tests/bench/bench-empty')
        self.linked = self.program('tests/bench/bench-linked')
        self.runner = self.program('tests/bench/bench-runner')
        self.hook = self.program(COMPLETE)
        self.command = self.program('aria2-ctm')
        self.clear()

    def clear(self):
        """An empty directory for the next row."""
        self.remove()
        self.work.mkdir()

    def remove(self):
        """Not by Python: it would descend into 2000 directories by calling itself."""
        subprocess.run(['rm', '-rf', str(self.work)], check=True)

    def program(self, name):
        path = self.build / name
        if not path.exists():
            raise Broken(f'{path} is not there: build it first')
        return path

    def slowsync(self):
        found = next(iter((self.build / 'tests/bench').glob('slowsync*.so')), None)
        if not found:
            raise Broken('tests/bench/slowsync.so is not there')
        return found

    @staticmethod
    def syncs(counted):
        """How many slowsync.c has counted in that file; 0 where it was never loaded."""
        return int.from_bytes(counted.read_bytes(), sys.byteorder) if counted.exists() else 0

    @staticmethod
    def tool(name):
        """A program of the machine; without it there is no figure."""
        found = shutil.which(name, path=os.environ.get('PATH', '') + ':/usr/sbin:/sbin')
        if not found:
            raise Broken(f'{name} is not installed (packaging/dependencies.sh has its package)')
        return found

    def pick(self, quick, whole):
        """How many of something."""
        return quick if self.quick else whole

    def environment(self, **more):
        keep = {name: os.environ[name] for name in ('PATH', 'HOME') if name in os.environ}
        if os.geteuid() != 0:
            keep['ARIA2_CTM_CONFINE'] = 'no'
        return {**keep, 'LC_ALL': 'C.UTF-8', **more}

    def call(self, argv, env=None, statuses=(0,)):
        """Runs a program to its end that is not measured; what it printed, and complained."""
        done = subprocess.run([str(one) for one in argv], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=SECONDS,
                              env=env or self.environment())
        if done.returncode not in statuses:
            raise Broken(f'{" ".join(map(str, argv))[:300]}: status {done.returncode}\n'
                         f'{done.stderr[-2000:]}')
        return done.stdout, done.stderr

    def run(self, mode, plan, may_leave=False):
        """Rows of the runner for a plan; they are lists of strings."""
        text = ''.join('\t'.join(map(str, line)) + '\n' for line in plan)
        done = subprocess.run([self.runner, *map(str, mode)], input=text, capture_output=True,
                              text=True, timeout=SECONDS, env=self.environment())
        if done.returncode != 0:
            raise Broken(f'the runner: status {done.returncode}\n{done.stderr[-2000:]}')
        self.said = done.stderr[-2000:]
        rows = [line.split('\t') for line in done.stdout.splitlines()]
        left = [row for row in rows if row[0] == 'left']
        if left and not may_leave:
            raise Broken(f'{left[0][1]} processes were left behind\n{self.said}')
        return [row for row in rows if row[0] != 'left']

    def checked(self, mode, plan, may_leave=False):
        """The same; every status must be 0."""
        rows = self.run(mode, plan, may_leave)
        for row in rows:
            if row[-1] != '0':
                raise Broken(f'{row[0]} ended with status {row[-1]}\n{self.said}')
        return rows

    def turn(self, plan, mode='turn', may_leave=False):
        """{label: Cost} of a plan."""
        found = {}
        for label, cpu, wall, faults, _ in self.checked([mode], plan, may_leave):
            found.setdefault(label, Cost()).add(cpu, wall, faults)
        return found

    def peaks(self, plan, may_leave=False):
        """{label: [KiB]} of a plan."""
        found = {}
        for label, kib, _ in self.checked(['peak'], plan, may_leave):
            found.setdefault(label, []).append(int(kib))
        return found

    def storm(self, at_once, plan, stays=()):
        """(CPU, wall) in microseconds of all programs of a plan, but of those that have become the
        program named in `stays`."""
        row = self.run(['storm', at_once, *stays], plan, may_leave=bool(stays))[0]
        if row[3] != '0':
            raise Broken(f'{row[3]} calls failed\n{self.said}')
        return int(row[1]), int(row[2])

    def instructions(self, argv, env):
        """In user space, as valgrind counts them."""
        _, said = self.call([self.tool('valgrind'), '--tool=callgrind',
                             '--callgrind-out-file=/dev/null', *argv], env)
        found = re.search(r'Collected : (\d+)', said)
        if not found:
            raise Broken(f'valgrind does not say how many instructions\n{said[-2000:]}')
        return int(found.group(1))

    def system_calls(self, argv, env):
        """Of the process and of what it starts, execve included."""
        report = self.work / 'strace'
        self.call([self.tool('strace'), '-f', '-c', '-o', report, *argv], env)
        for line in report.read_text().splitlines():
            # % time, seconds, usecs/call, calls, and errors where there are any
            if line.endswith(' total'):
                return int(line.split()[3])
        raise Broken('strace does not say how many system calls')


mean = statistics.fmean
median = statistics.median


def standard_error(values):
    """Of the mean."""
    return statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else 0.0


def around(values, base):
    """How sure the mean of a sample is, over that of another; and its quartiles."""
    low, _, high = statistics.quantiles(values, n=4)
    return (f'±{2 * standard_error(values) / base:.2f}, quartiles {low / base:.2f} to '
            f'{high / base:.2f}, {len(values)} calls')


def span(values, form='{:.2f}'):
    return f'{form.format(min(values))} to {form.format(max(values))}, {len(values)} rounds'
