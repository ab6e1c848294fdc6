#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What is installed for systemd: units that it can read, that let the program do its work and
nothing else, and the user and directories that they name. No systemd needs to run."""

import os
import re
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'support'))

from certificates import Authority  # noqa: E402
from content import make_files  # noqa: E402
from process import run  # noqa: E402
from sidecar import new_id, sidecar  # noqa: E402
from staged import Staged  # noqa: E402
from testcase import Skip, expect, expect_equal, main, needs  # noqa: E402
from tracing import event, needs_strace  # noqa: E402
from world import World  # noqa: E402

SERVICE = 'aria2-ctm-flush.service'
UNITS = (SERVICE, 'aria2-ctm-flush.timer', 'aria2-ctm-flush.path')
EXPOSURE = 2.0
SHA256_OF_NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'


def _places(staged):
    return staged.stage / Path(staged.options['prefix']).relative_to('/') / 'lib'


def _unit(staged, name):
    return (_places(staged) / 'systemd/system' / name).read_text()


def _copies(staged, directory):
    """The units with the program where it stands now."""
    program = str(staged.place('bindir') / 'aria2-ctm')
    for name in UNITS:
        text = re.sub(r'^ExecStart=\S+', f'ExecStart={program}', _unit(staged, name),
                      flags=re.MULTILINE)
        (directory / name).write_text(text)
    return [str(directory / name) for name in UNITS]


def verified(build):
    """systemd-analyze finds nothing to complain of."""
    needs('systemd-analyze')
    with Staged(build) as staged:
        directory = staged.stage / 'units'
        directory.mkdir()
        outcome = run(['systemd-analyze', 'verify', '--man=no', *_copies(staged, directory)])
        expect_equal(outcome.status, 0, outcome.err)
        ours = [line for line in outcome.err.splitlines() if 'aria2-ctm' in line]
        expect_equal(ours, [], 'complaints')


def hardened(build):
    """Its exposure, by systemd's own measure."""
    needs('systemd-analyze')
    with Staged(build) as staged:
        directory = staged.stage / 'units'
        directory.mkdir()
        said = run(['systemd-analyze', 'security', '--offline=yes', '--no-pager',
                    _copies(staged, directory)[0]]).out
        level = re.search(r'exposure level for \S+: ([0-9.]+)', said)
        if not level:
            raise Skip('this systemd can\'t judge a file')
        expect(float(level.group(1)) <= EXPOSURE, level.group(0))


def _group(name):
    """The system calls of one of systemd's groups, groups in it resolved."""
    found = set()
    for word in run(['systemd-analyze', 'syscall-filter', name]).expect(0).out.split('\n')[1:]:
        word = word.strip()
        if word.startswith('@'):
            found |= _group(word)
        elif word and not word.startswith('#'):
            found.add(word)
    return found


def _allowed(text):
    """The system calls that the filters of a unit leave, in their order."""
    allowed = set()
    for value in re.findall(r'^SystemCallFilter=(.+)$', text, re.MULTILINE):
        names = value.lstrip('~').split()
        calls = set().union(*(_group(name) if name[0] == '@' else {name} for name in names))
        allowed = allowed - calls if value[0] == '~' else allowed | calls
    return allowed


def _calls_of(world, program, *arguments):
    """The system calls that one of our programs makes, and what it becomes or starts."""
    trace = world.root / 'log' / 'trace'
    run(['strace', '-f', '-qq', '-o', str(trace), world.program(program), *map(str, arguments)],
        env=world.env, cwd='/').expect(0)
    return set(re.findall(r'^\d+ +(\w+)\(', trace.read_text(errors='replace'), re.MULTILINE))


def calls_are_allowed(build):
    """What registers, hashes, syncs, and delivers by TLS uses no call that the unit forbids."""
    needs('systemd-analyze', 'openssl')
    needs_strace()
    with Staged(build) as staged:
        staged.needs_plain()
        allowed = _allowed(_unit(staged, SERVICE))
    with World(build, linger='0') as world:
        ca = Authority(world.root / 'tls')
        server = ca.issue('server')
        world.endpoint.options = ['--tls-cert', server.cert, '--tls-key', server.key]
        world.configure(f'url = {world.endpoint.url(scheme="https")}\nca_file = {ca.cert}',
                        linger='0')
        world.endpoint.up()
        make_files(world.dl / 'job', {'a.bin': 0})
        world.put_sidecar('job', sidecar(new_id(), world.dl / 'job', [
            {'path': 'a.bin', 'sha256': SHA256_OF_NOTHING}]))
        used = _calls_of(world, 'aria2-ctm', 'flush')
        used |= _calls_of(world, 'on-download-complete', *event(world.dl / 'job/a.bin'))
        world.endpoint.wait_for(1)
        world.endpoint.down()
        world.ctm('send', 'success', '--endpoint', 'ctm').expect(1)
        world.quiet()
        world.endpoint.up()
        time.sleep(1.5)
        used |= _calls_of(world, 'aria2-ctm', 'flush')
        world.endpoint.wait_for(2)
    expect({'fsync', 'connect', 'flock'} <= used, f'too little was done: {sorted(used)}')
    expect(len(allowed) > 200, f'{len(allowed)} calls are allowed')
    expect_equal(used - allowed, set(), 'calls that the unit forbids')


def user_and_directories(build):
    """sysusers.d and tmpfiles.d make what the units and the configuration name."""
    needs('systemd-sysusers', 'systemd-tmpfiles')
    if os.geteuid() != 0:
        raise Skip('not root')
    with Staged(build) as staged:
        root = staged.stage / 'root'
        for name in ('etc', 'var/lib'):
            (root / name).mkdir(parents=True)
        for tool, options in (('sysusers', []), ('tmpfiles', ['--create'])):
            config = _places(staged) / f'{tool}.d' / 'aria2-ctm.conf'
            run([f'systemd-{tool}', f'--root={root}', *options, str(config)]).expect(0)
        [uid, gid] = re.search(r'^aria2:[^:]*:(\d+):(\d+):.*:/var/lib/aria2:',
                               (root / 'etc/passwd').read_text(), re.MULTILINE).groups()
        for name, owner, mode in (('lib/aria2', int(uid), 0o750),
                                  ('lib/aria2-ctm', int(uid), 0o700),
                                  ('spool/aria2-ctm', 0, 0o2770)):
            found = (root / 'var' / name).stat()
            expect_equal((found.st_uid, found.st_gid, found.st_mode & 0o7777),
                         (owner, int(gid), mode), f'/var/{name}')
        expect_equal(os.readlink(root / 'var/lib/aria2-ctm/jobs'), '/var/spool/aria2-ctm', 'jobs')
        conf = (staged.place('sysconfdir') / 'aria2-ctm/aria2-ctm.conf').read_text()
        expect('\ndir = /var/lib/aria2-ctm\n' in conf, 'the configuration names another place')
        service = _unit(staged, SERVICE)
        expect('\nStateDirectory=aria2-ctm\n' in service and
               '\nUser=aria2\n' in service, 'the unit names another place or user')
        for path in ('/var/lib/aria2-ctm/jobs', '/var/spool/aria2-ctm'):
            expect(f'\nPathChanged={path}\n' in _unit(staged, UNITS[2]), path)


def jobs_stay(build):
    """Who has sidecars in the state itself keeps that directory as it is."""
    needs('systemd-sysusers', 'systemd-tmpfiles')
    if os.geteuid() != 0:
        raise Skip('not root')
    with Staged(build) as staged:
        root = staged.stage / 'root'
        (root / 'etc').mkdir(parents=True)
        run(['systemd-sysusers', f'--root={root}',
             str(_places(staged) / 'sysusers.d/aria2-ctm.conf')]).expect(0)
        jobs = root / 'var/lib/aria2-ctm/jobs'
        jobs.mkdir(parents=True, mode=0o700)
        (jobs / 'a.ctm.ini').write_text('; of a job')
        for _ in range(2):
            run(['systemd-tmpfiles', f'--root={root}', '--create',
                 str(_places(staged) / 'tmpfiles.d/aria2-ctm.conf')])
        expect(not jobs.is_symlink() and (jobs / 'a.ctm.ini').is_file(), 'it was replaced')


if __name__ == '__main__':
    main(verified, hardened, calls_are_allowed, user_and_directories, jobs_stay)
