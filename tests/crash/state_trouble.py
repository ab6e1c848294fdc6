#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A state directory that root touched first, that is not what or where it should be, or that
cannot be written to: the owner's hooks either record, and then nothing is lost, or fail with a
complaint that says where; and all is well when the trouble is over."""

import os
import pwd
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from content import make_files  # noqa: E402
from figures import survived  # noqa: E402
from mounts import mount, mount_tmpfs, own_mounts, unmount  # noqa: E402
from notification import expect_requests, success  # noqa: E402
from process import run  # noqa: E402
from sidecar import listed, new_id  # noqa: E402
from testcase import Skip, expect, expect_equal, main  # noqa: E402
from world import World  # noqa: E402

OWNER = 'nobody'
FILES = {'a.bin': 100, 'b.bin': 200}


def _become():
    user = pwd.getpwnam(OWNER)
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)


class Owned:
    """A world whose state is the owner's, and a job there; `user` None: all of it is root's."""

    def __init__(self, world, user=OWNER):
        if os.geteuid() != 0:
            raise Skip('not root')
        self.world, self.user, self.id = world, user, new_id()
        world.copy_programs()
        if user:
            ids = pwd.getpwnam(user)
            self.ids = ids.pw_uid, ids.pw_gid
            for directory in (world.state, world.jobs, world.log.parent):
                os.chown(directory, *self.ids)
        self.said = ''
        make_files(world.dl, FILES)
        world.endpoint.up()

    def put_sidecar(self):
        path = self.world.put_sidecar('job', listed(self.id, self.world.dl, FILES))
        if self.user:
            os.chown(path, *self.ids)
        return path

    def hook(self, name):
        """The owner's hook says that the file is complete; it never dies by a signal."""
        return self.world.call_hook('on-download-complete', self.world.dl / name,
                                    user=self.user).wait().expect(0, 1)

    def command(self, *arguments):
        """The owner's command."""
        return run([self.world.program('aria2-ctm'), *map(str, arguments)], env=self.world.env,
                   cwd='/', preexec=_become if self.user else None).expect(0, 1)

    def hooks_in_trouble(self):
        """Both hooks; those that failed said where. Returns the files to be said again."""
        lost = []
        for name in FILES:
            outcome = self.hook(name)
            if outcome.status:
                self.said = outcome.err + self.world.log_text()
                expect(str(self.world.state) in self.said, f'it does not say where: {self.said}')
                lost.append(name)
        return lost

    def expect_end(self, lost=()):
        """The trouble is over: what was recorded is there, what was refused is said again."""
        for name in lost:
            self.hook(name).expect(0)
        self.command('flush').expect(0)
        self.world.quiet()
        self.command('flush').expect(0)
        expect_requests([success(self.id, 2, 300)], self.world.endpoint.requests())


def root_comes_first(build):
    """root's status, check, flush and add before the owner ever ran: whatever they make is the
    owner's, and the owner's hooks work."""
    with World(build, linger='0') as world:
        owned = Owned(world)
        path = owned.put_sidecar()
        for arguments in (['status'], ['check'], ['flush'], ['add', path]):
            world.ctm(*arguments).expect(0, 1)
        world.quiet()
        for entry in [world.state, *world.state.rglob('*')]:
            st = entry.lstat()
            expect_equal((st.st_uid, st.st_gid), owned.ids, f'owner of {entry}')
        expect_equal(owned.hooks_in_trouble(), [], 'hooks that failed')
        owned.expect_end()


def root_makes_it(build):
    """There is no state directory. root only looks: there is none afterwards. root makes one: the
    other user is told whose it is, and gets on when it is given away."""
    with World(build, linger='0') as world:
        owned = Owned(world)
        world.jobs.rmdir()
        world.state.rmdir()
        for name in ('status', 'check'):
            world.ctm(name).expect(0, 1)
        expect(not world.state.exists(), 'looking made the state directory')
        world.flush().expect(0)
        lost = owned.hooks_in_trouble()
        expect_equal(lost, list(FILES), 'hooks that failed')
        expect('belongs to user root' in owned.said, 'it does not say whose it is')
        owned.command('status').expect(1).says(world.state, 'root')
        run(['chown', '-R', OWNER, str(world.state)]).expect(0)
        owned.put_sidecar()
        owned.expect_end(lost)


INSIDE = ('lock', 'deliver.lock', 'store.mdb', 'inbox', 'inbox/current', 'jobs')


def single_files_are_roots(build):
    """One file or directory inside is root's, mode 0600 or 0700: check names it with a remedy,
    hooks that can't record say so, and nothing that was recorded is lost."""
    for name in (*INSIDE, 'deliver.fifo'):
        with World(build, linger='0') as world:
            owned = Owned(world)
            owned.put_sidecar()
            owned.command('flush').expect(0)
            entry = next((one for one in world.state.iterdir() if one.is_fifo()), None) \
                if name == 'deliver.fifo' else world.state / name
            expect(entry and entry.exists(), f'there is no {name}')
            os.chown(entry, 0, 0)
            lost = owned.hooks_in_trouble()
            world.quiet()
            if name != 'jobs':
                owned.command('check').expect(1).says(entry, 'chown')
            owned.command('flush')
            owned.command('status')
            os.chown(entry, *owned.ids)
            owned.expect_end(lost)
    survived("a state that is root's in part", 'hooks, flush, status and check', len(INSIDE) + 1)


def wrong_modes(build):
    """Modes that shut out the owner, or let others write."""
    for mode in (0o000, 0o500, 0o600, 0o770, 0o777):
        with World(build, linger='0') as world:
            owned = Owned(world)
            owned.put_sidecar()
            world.state.chmod(mode)
            lost = owned.hooks_in_trouble()
            owned.command('check').expect(1).says(world.state)
            world.state.chmod(0o700)
            owned.expect_end(lost)


def _read_only(world):
    mount('--bind', world.state, world.state)
    mount('-o', 'remount,ro,bind', world.state)
    return lambda: unmount(world.state)


def _file_instead(world):
    aside = world.root / 'aside'
    world.state.rename(aside)
    world.state.write_text('')

    def mend():
        world.state.unlink()
        aside.rename(world.state)
    return mend


def _loose_link(world):
    aside = world.root / 'aside'
    world.state.rename(aside)
    world.state.symlink_to(world.root / 'nowhere')

    def mend():
        expect(not (world.root / 'nowhere').exists(), 'something was made behind the link')
        world.state.unlink()
        aside.rename(world.state)
    return mend


def _link(world):
    aside = world.root / 'aside'
    world.state.rename(aside)
    world.state.symlink_to(aside)

    def mend():
        world.state.unlink()
        aside.rename(world.state)
    return mend


def _missing(world):
    """Somebody moved it away, and brings it back: a new one was made meanwhile, or none."""
    aside = world.root / 'aside'
    world.state.rename(aside)
    world.root.chmod(0o555)

    def mend():
        world.root.chmod(0o755)
        expect(not world.state.exists(), 'the state was made anew')
        aside.rename(world.state)
    return mend


def in_the_wrong_place(build):
    """A read-only mount, a file, a link to it, a link to nowhere, none that may be made: before
    the first event, and when the job is known."""
    own_mounts()
    troubles = (_read_only, _file_instead, _link, _loose_link, _missing)
    for trouble in troubles:
        for known in (False, True):
            with World(build, linger='0') as world:
                owned = Owned(world)
                owned.put_sidecar()
                if known:
                    owned.command('flush').expect(0)
                mend = trouble(world)
                try:
                    lost = owned.hooks_in_trouble()
                    expect(lost or trouble is _link, f'{trouble.__name__} is no trouble')
                    for arguments in (['status'], ['flush'], ['check']):
                        owned.command(*arguments)
                    world.quiet()
                finally:
                    mend()
                owned.expect_end(lost)
    survived('a state in the wrong place', 'hooks and commands', 2 * len(troubles))


def no_inodes(build):
    """The file system has no inode left: not one more file can be made."""
    own_mounts()
    for known in (False, True):
        with World(build, linger='0') as world:
            owned = Owned(world)
            world.jobs.rmdir()
            mount_tmpfs(world.state, f'size=64m,nr_inodes=64,mode=0700,uid={owned.ids[0]},'
                                     f'gid={owned.ids[1]}')
            try:
                world.jobs.mkdir(0o700)
                os.chown(world.jobs, *owned.ids)
                owned.put_sidecar()
                if known:
                    owned.command('flush').expect(0)
                ballast = _take_inodes(world.state)
                lost = owned.hooks_in_trouble()
                expect(lost or known, 'hooks find a place where there is none')
                expect(not lost or not known, 'hooks of a known job fail')
                owned.command('flush')
                world.quiet()
                for path in ballast:
                    path.unlink()
                owned.expect_end(lost)
            finally:
                world.end_ours()
                unmount(world.state)
    survived('no inode left', 'hooks and flush', 2)


def _take_inodes(directory):
    taken = []
    try:
        while True:
            path = directory / f'ballast-{len(taken)}'
            path.touch()
            taken.append(path)
    except OSError:
        return taken


if __name__ == '__main__':
    main(root_comes_first, root_makes_it, single_files_are_roots, wrong_modes,
         in_the_wrong_place, no_inodes)
