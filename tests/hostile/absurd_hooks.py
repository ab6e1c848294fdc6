#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Hooks called by hand, with arguments that aria2 never gives and in surroundings that it never
has: none crashes or hangs, each says what is wrong, and what it took is not lost."""

import ctypes
import os
import resource
import secrets
import signal
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from content import expect_untouched, listing, make_files  # noqa: E402
from figures import survived  # noqa: E402
from notification import expect_requests, success  # noqa: E402
from process import Outcome, clean_environment, run, wait_until  # noqa: E402
from sidecar import listed, new_id  # noqa: E402
from terminal import expect_harmless  # noqa: E402
from testcase import Skip, expect, expect_equal, main, needs  # noqa: E402
from world import EVENTS, World  # noqa: E402

COMPLETE = 'on-download-complete'
LONGEST = 131071  # bytes that the kernel takes in one argument
GID = '2089b05ecca3d829'
RECORDED, NOT_RECORDED, USAGE = 0, 1, 2
FILE_SIZE = 100


def _call(world, argv, env=None, preexec=None, seconds=30, program=COMPLETE):
    """Runs a hook to its end; a crash is a failure, and so is text that a terminal obeys."""
    outcome = run(argv, executable=world.program(program), env=env or world.env, cwd=world.dl,
                  seconds=seconds, preexec=preexec)
    expect(outcome.status >= 0, f'ended by signal {-outcome.status}: {str(outcome)[:2000]}')
    expect_harmless(outcome.out + outcome.err, f'{argv!r:.200}')
    return outcome


def _call_piped(world, argv, env, preexec):
    """The same, its output into a pipe: what limits files does not limit that."""
    with subprocess.Popen(argv, executable=world.program(COMPLETE), env=env, cwd=world.dl,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, preexec_fn=preexec) as child:
        said = child.communicate(timeout=30)[0].decode('utf-8', 'backslashreplace')
    expect(child.returncode >= 0, f'ended by signal {-child.returncode}: {said}')
    return Outcome(argv, child.returncode, '', said, 0)


def _usable(world, job_id, name):
    """The state is as good as before: the job's file is taken, and its success sent."""
    world.hook(COMPLETE, world.dl / name)
    world.flush().expect(0)
    world.endpoint.wait_for(1)
    world.end_ours()
    expect_requests([success(job_id, 1, FILE_SIZE)], world.endpoint.requests())


def _wrong_usage():
    """[argv, …] that are no call at all."""
    good = [COMPLETE, GID, '1', '/x']
    for count in (1, 2, 3):
        yield good[:count]
    yield [*good, 'more']
    yield good + ['x'] * 1000
    for name in ('', 'sh', 'on-download-complete ', 'on-download-complete\n', '\033[2J', '/' * 999,
                 'on-download', 'ON-DOWNLOAD-COMPLETE', '%s%n%s', 'x' * LONGEST):
        yield [name, *good[1:]]
    for gid in ('', ' ', '0' * 16, 'z' * 16, GID[:-1], GID + '0', f' {GID}', f'{GID}\n',
                f'0x{GID[2:]}',
                '-' + GID[1:], 'a' * LONGEST, '\033]0;x\a', 'ａ' * 16):
        yield [COMPLETE, gid, '1', '/x']
    for number in ('', '-1', '-0', '1e9', '4294967296', '9' * 30, ' 1', '1 ', '+1', '0x1', '1.0',
                   '1\n', '9' * LONGEST, '１', 'one'):
        yield [COMPLETE, GID, number, '/x']


def _refused():
    """[argv, …] that can't be written down."""
    for path in ('a' * LONGEST, '/' + 'a' * (LONGEST - 1), '/a' * (LONGEST // 2), '/' * LONGEST,
                 '../' * (LONGEST // 3), '\033[2J\n' * (LONGEST // 6)):
        yield [COMPLETE, GID, '1', path]


def _odd():
    """[argv, …] that are taken as they are."""
    for number in ('0', '1', '2', '4294967295', '0' * 1000 + '1'):
        yield [COMPLETE, GID, number, '/x']
    for path in ('', '/', '//', '///x', '.', '..', './..', 'x', 'x/', '-rf', '--help', '~', '*',
                 '$(id)', '`id`', ';id', '|id', 'a\nb', 'a\rb', '\t', '\033[2J', b'\xff\xfe',
                 '/nowhere/x', '/dev/zero', '/dev/stdin', '/proc/self/mem', '/proc/self/fd/0',
                 '/etc/passwd/x', 'x' * 255, 'x' * 256, '%s%n', '/' + 'd/' * 2000 + 'x'):
        yield [COMPLETE, GID, '1', path]
    for event in EVENTS:
        yield [f'/any/where/{event}', GID.upper(), '1', '/x']


def arguments(build):
    """Each absurd call ends as documented; none leaves anything behind but the events taken."""
    with World(build) as world:
        world.endpoint.up()
        make_files(world.dl, {'a.bin': FILE_SIZE})
        job_id = new_id()
        world.put_sidecar('job', listed(job_id, world.dl, {'a.bin': FILE_SIZE}))
        before, calls = listing(world.dl), 0
        for wanted, argvs in ((USAGE, _wrong_usage()), (NOT_RECORDED, _refused()),
                              (RECORDED, _odd())):
            for argv in argvs:
                outcome = _call(world, argv)
                expect_equal(outcome.status, wanted, f'exit status of {argv!r:.200}')
                expect(len(outcome.err) < 5000, f'{len(outcome.err)} bytes of complaint')
                expect(wanted == RECORDED or outcome.err.strip(), f'{argv!r:.200} says nothing')
                calls += 1
        expect_equal(world.endpoint.requests(), [], 'requests')
        expect_harmless(world.log_text(), 'the log')
        expect_untouched(before, world.dl)
        _usable(world, job_id, 'a.bin')
        survived('hostile download', 'hooks: absurd arguments', calls)


def no_arguments(build):
    """execve with no argument at all, not even a name."""
    with World(build) as world:
        world.endpoint.up()
        make_files(world.dl, {'a.bin': FILE_SIZE})
        job_id = new_id()
        world.put_sidecar('job', listed(job_id, world.dl, {'a.bin': FILE_SIZE}))
        libc = ctypes.CDLL(None, use_errno=True)
        program = os.fsencode(world.program(COMPLETE))
        empty = (ctypes.c_char_p * 1)(None)
        for argv in (None, empty):
            outcome = _call(world, [COMPLETE], preexec=lambda argv=argv: libc.execve(
                program, argv, empty))
            expect_equal(outcome.status, USAGE, 'exit status')
            expect('usage' in outcome.err, f'{outcome}')
        _usable(world, job_id, 'a.bin')
        survived('hostile download', 'hooks: no arguments at all', 2)


def _limit(which, soft):
    return lambda: resource.setrlimit(which, (soft, resource.getrlimit(which)[1]))


def _close(*fds):
    return lambda: [os.close(fd) for fd in fds]


def _leave_directory(world):
    gone = world.root / 'gone'

    def leave():
        gone.mkdir()
        os.chdir(gone)
        gone.rmdir()
    return leave


def _surroundings(world):
    """(what, what is done in the child before exec, the environment) …"""
    env = world.env
    without = {name: value for name, value in env.items() if name != 'PATH'}
    every = set(range(1, signal.NSIG)) - {signal.SIGKILL, signal.SIGSTOP}
    for fds in ((0,), (1,), (2,), (0, 1, 2)):
        yield f'without descriptors {fds}', _close(*fds), env
    for count in (0, 3, 4, 5, 6, 7, 8, 10, 16):
        yield f'{count} descriptors', _limit(resource.RLIMIT_NOFILE, count), env
    for size in (0, 1, 100, 4096):
        yield f'files of {size} bytes', _limit(resource.RLIMIT_FSIZE, size), env
    for size in (8 << 20, 16 << 20, 64 << 20):
        yield f'{size >> 20} MiB of memory', _limit(resource.RLIMIT_AS, size), env
    yield '128 KiB of stack', _limit(resource.RLIMIT_STACK, 128 << 10), env
    yield 'no processes', _limit(resource.RLIMIT_NPROC, 0), env
    yield 'no data', _limit(resource.RLIMIT_DATA, 1 << 20), env
    yield 'no locks', _limit(resource.RLIMIT_MEMLOCK, 0), env
    yield 'umask 0777', lambda: os.umask(0o777), env
    yield 'no directory', _leave_directory(world), env
    yield 'all signals blocked', lambda: signal.pthread_sigmask(signal.SIG_BLOCK, every), env
    yield 'no PATH', None, without
    yield '1 MiB of environment', None, {**env, **{f'X{n}': 'x' * 100000 for n in range(10)}}
    yield 'odd names in the environment', None, {**env, '\033[2J': 'x', 'LC_ALL': 'x\n' * 99,
                                                 'TZ': ':/dev/zero', 'HOME': 'nowhere'}


def _flush_until(world, count, what):
    """
    A deliverer that the hook started may have met the same want, and have left a look or an
    attempt for a few seconds later: flush ends with 0 then, and the next one delivers.
    """
    def delivered():
        world.flush().expect(0)
        return len(world.endpoint.requests()) >= count
    wait_until(f'{count} requests after: {what}', delivered, 30, 0.3)
    expect_equal(len(world.endpoint.requests()), count, f'requests after: {what}')


def surroundings(build):
    """What is recorded in them is delivered later; what is not says so, and can be repeated."""
    with World(build) as world:
        world.endpoint.up()
        world.configure(f'url = {world.endpoint.url()}', linger='0')
        cases = list(_surroundings(world))
        expected = []
        for number, (what, prepare, env) in enumerate(cases):
            name, job_id = f'f-{number}.bin', new_id()
            make_files(world.dl, {name: FILE_SIZE})
            world.put_sidecar(f'job-{number}', listed(job_id, world.dl, {name: FILE_SIZE}))
            argv = [COMPLETE, secrets.token_hex(8), '1', str(world.dl / name)]
            said = len(world.log_text())
            call = _call_piped if what.startswith('files of') else _call
            outcome = call(world, argv, env=env, preexec=prepare)
            # 127: the dynamic loader itself found no room.
            expect(outcome.status in (0, 1, 127), f'{what}: {outcome}')
            mute = 'without descriptors' in what and '2' in what
            expect(outcome.status == 0 or mute or outcome.err or len(world.log_text()) > said,
                   f'{what}: fails and says nothing: {outcome}')
            if outcome.status != 0:
                world.hook(COMPLETE, world.dl / name)
            expected.append(success(job_id, 1, FILE_SIZE))
            _flush_until(world, len(expected), what)
        expect_requests(expected, world.endpoint.requests())
        survived('hostile download', 'hooks: absurd surroundings', len(cases))


def few_descriptors(build):
    """What a hook starts delivers all by itself, however few descriptors aria2 had left."""
    with World(build) as world:
        world.endpoint.up()
        world.configure(f'url = {world.endpoint.url()}', linger='0')
        expected = []
        for count in (8, 10, 13, 16, 24):
            name, job_id = f'f-{count}.bin', new_id()
            make_files(world.dl, {name: FILE_SIZE})
            world.put_sidecar(f'job-{count}', listed(job_id, world.dl, {name: FILE_SIZE}))
            argv = [COMPLETE, secrets.token_hex(8), '1', str(world.dl / name)]
            outcome = _call(world, argv, preexec=_limit(resource.RLIMIT_NOFILE, count))
            expect_equal(outcome.status, RECORDED, f'exit status with {count} descriptors')
            expected.append(success(job_id, 1, FILE_SIZE))
            expect_requests(expected, world.endpoint.wait_for(len(expected)))
        survived('hostile download', 'hooks: few descriptors, no flush', len(expected))


def configurations(build):
    """A configuration that is none is named, and nothing is made in its stead."""
    with World(build) as world:
        world.endpoint.up()
        make_files(world.dl, {'a.bin': FILE_SIZE})
        job_id = new_id()
        world.put_sidecar('job', listed(job_id, world.dl, {'a.bin': FILE_SIZE}))
        home = world.root / 'home'
        home.mkdir()
        places = {name: world.root / name for name in ('fifo', 'loop', 'nul', 'binary', 'long',
                                                       'damaged', 'indented')}
        os.mkfifo(places['fifo'])
        places['loop'].symlink_to('loop')
        places['nul'].write_bytes(b'[state]\ndir = /x\0y\n')
        places['binary'].write_bytes(bytes(range(256)) * 256)
        places['long'].write_bytes(b'[state]\ndir = ' + b'x' * (1 << 20) + b'\n')
        endpoint = f'[endpoint.ctm]\nurl = {world.endpoint.url()}\n'
        places['damaged'].write_text(f'{endpoint}[state\ndir = {world.state}\n')
        places['indented'].write_text(f'{endpoint} [state]\ndir = {world.state}\n')
        named = [*map(str, places.values()), str(world.dl), '/dev/zero', '/dev/null',
                 '/nowhere/x', 'nowhere', '/etc/passwd/x', 'x' * 5000]
        before = listing(world.dl), listing(home)
        for path in named:
            outcome = _call(world, [COMPLETE, GID, '1', str(world.dl / 'a.bin')],
                            env={**world.env, 'ARIA2_CTM_CONF': path, 'HOME': str(home)})
            expect_equal(outcome.status, NOT_RECORDED, f'exit status with {path!r:.100}')
            expect(path[:200] in outcome.err, f'{path!r:.100} is not named: {outcome}')
        expect_untouched(before[0], world.dl)
        expect_untouched(before[1], home)
        _usable(world, job_id, 'a.bin')
        survived('hostile download', 'hooks: configurations that are none', len(named))


def no_home(build):
    """Without a configuration and without a home of its own it says where the state should be."""
    with World(build) as world:
        for more in ({}, {'HOME': ''}, {'HOME': 'relative'}, {'HOME': '/nowhere/at/all'},
                     {'HOME': '/dev/null'}, {'HOME': str(world.root / 'file')},
                     {'XDG_STATE_HOME': 'relative', 'HOME': '/dev/null'}):
            (world.root / 'file').write_text('x')
            env = clean_environment(**more)
            env['XDG_CONFIG_HOME'] = str(world.root / 'none')
            before = listing(world.dl)
            outcome = _call(world, [COMPLETE, GID, '1', '/x'], env=env)
            expect(outcome.status in (0, 1), f'{more}: {outcome}')
            expect(outcome.status == 0 or outcome.err.strip(), f'{more}: says nothing')
            expect_untouched(before, world.dl)
        survived('hostile download', 'hooks: no home', 7)


def without_proc(build):
    """Where /proc is not mounted, hooks and flush work all the same."""
    if os.geteuid() != 0:
        raise Skip('not root')
    needs('unshare', 'mount')
    hide = ['unshare', '-m', 'sh', '-c',
            'mount -t tmpfs none /proc && exec "$@"', 'sh']
    if run([*hide, 'true']).status != 0:
        raise Skip('no mount namespaces here')
    with World(build) as world:
        world.endpoint.up()
        make_files(world.dl / 'sub', {'a.bin': FILE_SIZE})
        (world.dl / 'link').symlink_to('sub')
        job_id = new_id()
        world.put_sidecar('job', listed(job_id, world.dl / 'sub', {'a.bin': FILE_SIZE}))
        hook = [world.program(COMPLETE), GID, '1', str(world.dl / 'link/a.bin')]
        run([*hide, *hook], env=world.env, cwd=world.dl, seconds=90).expect(0)
        run([*hide, world.program('aria2-ctm'), 'flush'], env=world.env).expect(0)
        world.endpoint.wait_for(1)
        expect_requests([success(job_id, 1, FILE_SIZE)], world.endpoint.requests())
        survived('hostile download', 'hooks: no /proc', 2)


if __name__ == '__main__':
    main(arguments, no_arguments, surroundings, few_descriptors, configurations, no_home,
         without_proc)
