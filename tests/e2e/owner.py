#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A state directory belongs to one user: root becomes that user, others are refused."""

import os
import pwd
import stat
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from content import content, make_files  # noqa: E402
from notification import expect_requests, success  # noqa: E402
from process import run  # noqa: E402
from sidecar import listed, new_id  # noqa: E402
from testcase import Skip, expect, expect_equal, main  # noqa: E402
from world import World  # noqa: E402

OWNER = 'nobody'


def _give_away(world):
    """The state directory and what is downloaded belong to nobody."""
    user = pwd.getpwnam(OWNER)
    for directory in (world.state, world.jobs, world.log.parent):
        os.chown(directory, user.pw_uid, user.pw_gid)
    return user


def _needs_root():
    if os.geteuid() != 0:
        raise Skip('not root')


def _become():
    user = pwd.getpwnam(OWNER)
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)


def root_becomes_owner(build):
    """Hooks, the command and the deliverer, all started by root, work as the owner: no file
    there is root's, and every mode is closed."""
    _needs_root()
    with World(build) as world:
        world.copy_programs()
        user = _give_away(world)
        job_id = new_id()
        make_files(world.dl, {'a.bin': 100, 'b.bin': 200})
        path = world.put_sidecar('job', listed(job_id, world.dl, {'a.bin': 100, 'b.bin': 200}))
        os.chown(path, user.pw_uid, user.pw_gid)
        world.hook('on-download-complete', world.dl / 'a.bin')
        world.hook('on-download-complete', world.dl / 'b.bin')
        status = Path(f'/proc/{world.deliverer()}/status').read_text().splitlines()
        uids = next(line for line in status if line.startswith('Uid:')).split()[1:]
        groups = next(line for line in status if line.startswith('Groups:')).split()[1:]
        expect_equal(set(uids), {str(user.pw_uid)}, 'user of the deliverer')
        expect('0' not in groups, f'the deliverer keeps the groups {groups}')
        world.endpoint.up()
        world.endpoint.wait_for(1)
        world.flush().expect(0)
        world.status()
        expect_requests([success(job_id, 2, 300)], world.endpoint.requests())
        for entry in [world.state, *world.state.rglob('*')]:
            st = entry.lstat()
            expect_equal((st.st_uid, st.st_gid), (user.pw_uid, user.pw_gid), f'owner of {entry}')
            allowed = 0o700 if stat.S_ISDIR(st.st_mode) else 0o600
            expect(not stat.S_IMODE(st.st_mode) & ~allowed,
                   f'{entry} has mode {stat.S_IMODE(st.st_mode):04o}')


def _logs_as_root(world):
    """What may log before it has become the owner, each failing; and what it said, where."""
    world.state.chmod(0o720)
    yield 'hook', world.call_hook('on-download-complete', world.dl / 'a.bin').wait()
    yield 'flush', world.flush()
    yield 'status', world.ctm('status')
    for name in (['drain', '--recorded', 'on-download-complete'], ['deliver']):
        yield name[0], run([world.program(name[0]), *name[1:]], env=world.env, cwd='/')
    world.state.chmod(0o700)
    yield 'host', run([str(world.calls_of_a_host)], env=world.env, cwd='/')


def root_leaves_the_log_alone(build):
    """Before it has become the owner, root neither follows a link that the owner put in the log's
    place, nor makes a log that the owner can't write to afterwards."""
    _needs_root()
    with World(build) as world:
        world.calls_of_a_host = world.build / 'tests/install/host-calls'
        world.copy_programs()
        user = _give_away(world)
        private = world.root / 'private'
        private.mkdir(mode=0o700)
        make_files(world.dl, {'a.bin': 10})
        for what, kept in ((private / 'made', False), (private / 'kept', True), (None, False)):
            if what:
                world.log.symlink_to(what)
            if kept:
                what.write_text('of root\n')
            for name, outcome in _logs_as_root(world):
                if not Path('/dev/log').exists():
                    expect(str(world.state) in outcome.err, f'{name} says nothing: {outcome}')
                expect_equal(what.read_text() if kept else (what or world.log).exists(),
                             'of root\n' if kept else False, f'{name}: {what}')
            if what:
                world.log.unlink()
        path = world.put_sidecar('job', listed(new_id(), world.dl, {'a.bin': 10}))
        os.chown(path, user.pw_uid, user.pw_gid)
        world.hook('on-download-complete', world.dl / 'a.bin')
        world.flush()
        expect_equal(world.log.stat().st_uid, user.pw_uid, 'owner of the log')


def others_are_refused(build):
    """Another user's hook and command say whose the directory is, and change nothing."""
    _needs_root()
    with World(build) as world:
        world.copy_programs()
        world.log.parent.chmod(0o777)
        world.root.chmod(0o755)
        (world.dl / 'a.bin').write_bytes(content('a', 10))
        world.put_sidecar('job', listed(new_id(), world.dl, {'a.bin': 10}))
        before = {str(path): path.lstat().st_mtime_ns for path in world.state.rglob('*')}
        for name in ('flush', 'status', 'check'):
            outcome = run([world.program('aria2-ctm'), name], env=world.env, cwd='/',
                          preexec=_become)
            outcome.expect(1).says(str(world.state))
        call = world.call_hook('on-download-complete', world.dl / 'a.bin', user=OWNER).wait()
        said = call.err + world.log_text()
        expect(str(world.state) in said, f'the refused hook says nothing of the state: {said!r}')
        after = {str(path): path.lstat().st_mtime_ns for path in world.state.rglob('*')}
        expect_equal(after, before, 'the state directory')


def open_modes_are_refused(build):
    """A state directory that others may enter is complained about by check."""
    with World(build) as world:
        world.state.chmod(0o755)
        world.ctm('check').expect(1).says(str(world.state), '700')


if __name__ == '__main__':
    main(root_becomes_owner, root_leaves_the_log_alone, others_are_refused, open_modes_are_refused)
