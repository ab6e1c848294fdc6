#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The processes that have the store open, confined: one that was taken over can write nothing but
the state and the log, run nothing but our programs, and signal and connect to little; where a
kernel can't confine, all goes on and `check` says so."""

import os
import re
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from content import content, write_file  # noqa: E402
from figures import survived  # noqa: E402
from intruded import Intruded, complete, findings, needs_all  # noqa: E402
from notification import expect_requests, success  # noqa: E402
from process import run, wait_until  # noqa: E402
from sidecar import listed, new_id, put  # noqa: E402
from testcase import expect, expect_equal, main  # noqa: E402
from tracing import needs_strace  # noqa: E402
from world import World  # noqa: E402

# What a process that is not confined can do in any case, and one that has the store open may not.
DENIED = {'create', 'mkdir', 'link', 'rm', 'kill', 'tgkill', 'spawn', 'conn', 'listen'}
# What it can't do either, though it depends on the machine whether it could otherwise.
NEVER = {'pmem', 'penv', 'peek', 'ptrace', 'packet', 'raw', 'mount', 'unsh', 'setuid', 'exec'}
# `run` has started aria2c, and may signal it.
OF_ANOTHER = {'kill', 'tgkill', 'listen'}


class Taken(Intruded):
    """A world in which somebody is inside one of our programs."""

    def __init__(self, build):
        super().__init__(build)
        self.endpoint.up()
        self.says = self.log.parent / 'says'
        self.env.update(CTM_INTRUDER_SAYS=str(self.says), LD_PRELOAD=str(
            build / 'tests' / 'hostile' / 'intruder-inside.so'))

    def said(self, program, act):
        """What worked of all that somebody inside the program tried, when this is done."""
        self.env['CTM_INTRUDER_IN'] = program
        act()
        self.quiet()
        found = re.findall(rf'^{program}:(.*)$', self.says.read_text() if self.says.exists()
                           else '', re.MULTILINE)
        expect_equal(len(found), 1, f'words of somebody inside {program}')
        self.says.unlink()
        return set(found[0].split())

    def expect_denied(self, program, act, allowed=frozenset()):
        """Nothing that may not be done can be done; and where nobody wants that, it can."""
        worked = self.said(program, act)
        expect_equal(worked & (DENIED | NEVER), worked & allowed, f'{program}: what can be done')
        expect(not (self.home / 'intruder').exists(), f'{program}: it has written')
        expect('wstore' in worked and 'rhome' in worked, f'{program}: it was not tried: {worked}')


def deliverer(build):
    """`deliver`, before it has read anything that others wrote."""
    with Taken(build) as world:
        needs_all(world)
        expected = []

        def delivers():
            expected.append(complete(world, f'job-{len(expected)}'))
            world.quiet()
        world.expect_denied('deliver', delivers)
        world.env.update(ARIA2_CTM_CONFINE='no', CTM_INTRUDER_STAYS='1')
        worked = world.said('deliver', delivers)
        expect(DENIED <= worked, f'that should have worked: {sorted(DENIED - worked)}')
        expect_requests(expected, world.endpoint.requests())
        survived('a deliverer that was taken over', 'what it tries from inside', 36)


def commands(build):
    """The commands, at their end: those that change nothing outside of the state, `add` which
    writes an input file, and `run` once it has started aria2c."""
    with Taken(build) as world:
        needs_all(world)
        jobs, sidecars = [new_id() for _ in range(3)], []
        for number, one in enumerate(jobs):
            write_file(world.dl / str(number) / 'f.bin', content('f', 10))
            sidecars.append(put(world.root, f'{number}.ctm.ini', listed(
                one, world.dl / str(number), {'f.bin': 10})))
        world.jobs.chmod(0o700)
        input_file = world.root / 'input'
        input_file.mkdir()
        for words in (['add', f'--input={input_file}/list', sidecars[0], sidecars[1]],
                      ['status'], ['check', sidecars[0]], ['flush'], ['suspend', jobs[0]],
                      ['resume', jobs[0]], ['set', jobs[0], 'priority=high'],
                      ['cancel', jobs[0]], ['fail', jobs[1]],
                      ['send', 'success', '--endpoint', 'ctm']):
            world.expect_denied('aria2-ctm', lambda words=words: world.ctm(*words).expect(0))
        expect((input_file / 'list').exists(), 'the input file was not written')
        world.expect_denied('aria2-ctm', lambda: world.ctm('run', sidecars[2]), OF_ANOTHER)
        survived('a command that was taken over', 'what it tries from inside', 36 * 11)


def kernels_that_cannot(build):
    """Without Landlock, and without capabilities to be given up, all works; check says that it is
    missing."""
    needs_strace()
    with World(build, linger='0') as world:
        world.endpoint.up()
        needs_all(world)
        world.copy_programs()
        job_id = new_id()
        write_file(world.dl / 'job' / 'f.bin', content('f', 10))
        world.put_sidecar('job', listed(job_id, world.dl / 'job', {'f.bin': 10}))
        for name in ('check', 'flush'):
            traced = run(['strace', '-f', '-o', '/dev/null',
                          *(word for call in ('landlock_create_ruleset', 'capset', 'prctl')
                            for word in ('-e', f'inject={call}:error=ENOSYS')),
                          world.program('aria2-ctm'), name], env=world.env, cwd='/')
            traced.expect(0)
            expect(name != 'check' or 'the processes that have the store open can write' in
                   traced.out, f'check does not say it:\n{traced}')
        world.hook('on-download-complete', world.dl / 'job' / 'f.bin')
        world.quiet()
        expect_requests([success(job_id, 1, 10)], world.endpoint.requests())
        expect('the processes that have the store open are confined' in findings(world),
               'check does not say that they are confined')


def logs_that_move(build):
    """The log is rotated while a deliverer lingers, and it stands behind a link."""
    with World(build, retry='0, 3s', linger='60s') as world:
        needs_all(world)
        elsewhere = world.root / 'elsewhere'
        elsewhere.mkdir()
        (elsewhere / 'real').touch()
        world.log.symlink_to(elsewhere / 'real')
        world.endpoint.up(['503', '200'])
        expected = complete(world)
        world.endpoint.wait_for(1)
        wait_until('the first attempt in the log', lambda: 'attempt 1 failed' in world.log_text())
        os.rename(elsewhere / 'real', elsewhere / 'old')
        world.endpoint.wait_for(2)
        wait_until('the second one in the new log', lambda: 'attempt 2' in world.log_text())
        expect((elsewhere / 'real').exists(), 'the new log is not where the link leads')
        expect_requests([expected, expected], world.endpoint.requests())


if __name__ == '__main__':
    main(deliverer, commands, kernels_that_cannot, logs_that_move)
