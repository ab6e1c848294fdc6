# SPDX-License-Identifier: MIT
"""File systems that come and go, and boots: in mounts of the test's own, which end with it."""

import ctypes
import os
import uuid

from process import Failure, run
from testcase import Skip, needs

CLONE_NEWNS = 0x20000
BOOT_ID = '/proc/sys/kernel/random/boot_id'
_LIBC = ctypes.CDLL(None, use_errno=True)


def own_mounts():
    """From here on this process and its children have mounts of their own; nobody else sees
    what they mount. Skips where that may not be."""
    if os.geteuid() != 0:
        raise Skip('not root')
    needs('mount', 'umount')
    if _LIBC.unshare(CLONE_NEWNS) != 0 or _run('mount', '--make-rprivate', '/').status != 0:
        raise Skip('no mounts of our own may be had here')


def _run(*argv):
    return run(list(map(str, argv)))


def mount(*arguments):
    """As the command; a failure skips the test."""
    outcome = _run('mount', *arguments)
    if outcome.status != 0:
        raise Skip(f'this may not be mounted here: {outcome.err.strip()}')


def unmount(directory):
    outcome = _run('umount', directory)
    if outcome.status != 0:
        raise Failure(f'{directory} is busy: {outcome.err.strip()}')


def mount_tmpfs(directory, options='size=64m,mode=0755'):
    mount('-t', 'tmpfs', '-o', options, 'tmpfs', directory)


def reboot(world):
    """The machine has another boot id, as if it had been started again."""
    file = world.root / 'boot_id'
    file.write_text(f'{uuid.uuid4()}\n')
    _run('umount', BOOT_ID)  # of an earlier one
    mount('--bind', file, BOOT_ID)


class Volume:
    """A volume that keeps its files and its device number while it is not mounted. `directory`
    is where it belongs; there is an empty directory when it is away, or, if `absent`, none."""

    def __init__(self, world, directory, absent=False):
        self.store, self.directory, self.absent = world.root / 'volume', directory, absent
        self.store.mkdir()
        mount_tmpfs(self.store)
        self.mounted = False
        self.mount()

    def mount(self):
        self.directory.mkdir(exist_ok=True)
        mount('--bind', self.store, self.directory)
        self.mounted = True

    def unmount(self):
        unmount(self.directory)
        if self.absent:
            self.directory.rmdir()
        self.mounted = False

    def close(self):
        if self.mounted:
            _run('umount', '-l', self.directory)
        _run('umount', '-l', self.store)
