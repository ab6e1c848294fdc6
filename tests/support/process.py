# SPDX-License-Identifier: MIT
"""Processes of a test: started here, watched here, ended here by their own ids."""

import ctypes
import os
import select
import signal
import subprocess
import tempfile
import time
from pathlib import Path

SANITIZER_REPORTS = ('ERROR: AddressSanitizer', 'ERROR: LeakSanitizer', 'runtime error:')
PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)


class Failure(Exception):
    """What a test found wrong."""


def wait_until(what, condition, seconds=20.0, step=0.02):
    """Returns the first true value of condition(); fails, naming `what`, when time is up."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Failure(f'waited {seconds:g} s in vain for {what}')
        time.sleep(step)


def dies_with_parent():
    """In a child, before exec: ends with the test even if that is killed. (starter.py does so
    for many children.)"""
    _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def clean_environment(**more):
    """A small environment; what sanitizers read is let through."""
    passed = ('ASAN_OPTIONS', 'UBSAN_OPTIONS', 'LSAN_OPTIONS', 'LD_PRELOAD')
    env = {name: os.environ[name] for name in passed if name in os.environ}
    # Who is not root can't see whose a process is that hides itself.
    if os.geteuid() != 0:
        env['ARIA2_CTM_CONFINE'] = 'no'
    env['PATH'] = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
    env.update(more)
    return env


class Outcome:
    """What a program that ran to its end left behind."""

    def __init__(self, argv, status, out, err, seconds):
        self.argv, self.status, self.out, self.err = argv, status, out, err
        self.seconds = seconds

    def __str__(self):
        return (f'{" ".join(map(str, self.argv))}\n  exit status {self.status}\n'
                f'  stdout: {self.out.strip()}\n  stderr: {self.err.strip()}')

    def expect(self, *statuses):
        """This outcome, if it ended with one of these; else a failure that shows all."""
        if self.status not in statuses:
            raise Failure(f'expected exit status {" or ".join(map(str, statuses))}:\n{self}')
        return self

    def says(self, *texts):
        """This outcome, if its complaint holds each of the texts, in any case."""
        said = (self.err + self.out).lower()
        for text in texts:
            if str(text).lower() not in said:
                raise Failure(f'expected it to say {text!r}:\n{self}')
        return self


def wait_for(child, seconds):
    """The exit status of a child that ends in that time, as soon as it does: subprocess looks again
    and again, after up to 50 ms, which is what is left where a container has no pidfd_open().
    Raises subprocess.TimeoutExpired."""
    if child.poll() is not None:
        return child.returncode
    end = time.monotonic() + seconds
    try:
        pidfd = os.pidfd_open(child.pid)
    except OSError:
        return child.wait(seconds)
    try:
        ended = select.poll()
        ended.register(pidfd, select.POLLIN)
        ended.poll(seconds * 1000)
    finally:
        os.close(pidfd)
    # Of one that is traced its tracer hears first.
    return child.wait(max(end - time.monotonic(), 0))


def run(argv, env=None, cwd=None, seconds=60.0, executable=None, stdin=None, preexec=None):
    """Runs a program to its end, bounded in time, its output in files so that no one who
    inherits it can hold us up. `preexec` is called in the child first, which costs a fork of the
    interpreter."""
    began = time.monotonic()
    with _scratch() as out, _scratch() as err:
        child = subprocess.Popen(
            argv, env=clean_environment() if env is None else env, cwd=cwd,
            executable=executable, stdin=subprocess.DEVNULL if stdin is None else stdin,
            stdout=out, stderr=err, preexec_fn=preexec)
        try:
            status = wait_for(child, seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            raise Failure(f'still running after {seconds:g} s: {" ".join(map(str, argv))}\n'
                          f'{_text(out)}{_text(err)}') from None
        outcome = Outcome(argv, status, _text(out), _text(err), time.monotonic() - began)
    for report in SANITIZER_REPORTS:
        if report in outcome.err:
            raise Failure(f'a sanitizer complains:\n{outcome}')
    return outcome


def _scratch():
    return tempfile.TemporaryFile()


def _text(file):
    file.seek(0)
    return file.read().decode('utf-8', 'backslashreplace')


def stop(child, seconds=10.0, sig=signal.SIGTERM):
    """Ends a child of ours: asked first, then killed."""
    if child.poll() is None:
        child.send_signal(sig)
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    return child.returncode


def signal_if_there(pid, sig):
    """Signals a process of ours that may have ended by itself; 0 is none."""
    if pid:
        try:
            os.kill(pid, sig)
        except ProcessLookupError:
            pass


def every_process():
    """The ids of all processes there are."""
    return [int(entry) for entry in os.listdir('/proc') if entry.isdigit()]


def state_of(pid):
    """One letter: R, S, T … or '' if there is no such process."""
    try:
        return Path(f'/proc/{pid}/stat').read_text().rsplit(')', 1)[1].split()[0]
    except (OSError, IndexError):
        return ''


def parent_of(pid):
    """The id of its parent, 0 if there is no such process."""
    try:
        return int(Path(f'/proc/{pid}/stat').read_text().rsplit(')', 1)[1].split()[1])
    except (OSError, IndexError):
        return 0


def _file_of(pid):
    """The path of its program's file, '' if there is no such process."""
    try:
        return os.readlink(f'/proc/{pid}/exe')
    except OSError:
        return ''


def program_of(pid):
    """The name of its program's file, '' if there is no such process."""
    return os.path.basename(_file_of(pid))


def place_of(pid):
    """The directory of its program's file, '' if there is no such process."""
    return os.path.dirname(_file_of(pid))


def what_it_does(pid):
    """A line for a person: program, and for each thread its state and where it sleeps."""
    threads = []
    for task in sorted(Path(f'/proc/{pid}/task').glob('*')):
        try:
            threads.append(f'{state_of(task.name)} {(task / "wchan").read_text()}')
        except OSError:
            pass
    return f'{program_of(pid)}[{pid}]: {", ".join(threads)}'


def open_files(pid):
    """What its descriptors lead to."""
    found = []
    try:
        for fd in os.listdir(f'/proc/{pid}/fd'):
            try:
                found.append(os.readlink(f'/proc/{pid}/fd/{fd}'))
            except OSError:
                pass
    except OSError:
        pass
    return found


def runs_for(pid, directory):
    """Whether a process belongs to the world in `directory`: by environment, arguments or open
    files. (A world's directory has a name that no other has.)"""
    mark = os.fsencode(str(directory))
    for name in ('environ', 'cmdline'):
        try:
            if mark in Path(f'/proc/{pid}/{name}').read_bytes():
                return True
        except OSError:
            pass
    return any(str(directory) in path for path in open_files(pid))
