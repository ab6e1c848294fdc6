# SPDX-License-Identifier: MIT
"""A Debian of its own to install packages into: made by debootstrap from the mirror that this
machine uses, entered with mounts and processes of its own, which end with it."""

import hashlib
import os
import re
import shutil
import stat
import tempfile
from pathlib import Path

from process import run
from testcase import Skip, needs
from tree import do

ENTER = ('unshare', '--mount', '--pid', '--fork', '--kill-child')
INSIDE = """mount -t proc proc "$1/proc" && root=$1 && shift && exec chroot "$root" env -i \
PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@\""""


def mirror():
    """Where this machine's packages of Debian come from."""
    needs('apt-get')
    said = do('apt-get', 'indextargets', '--format', '$(REPO_URI) $(CODENAME)',
              'Created-By: Packages', status=None).out
    found = re.findall(r'^(\S+://\S+) [a-z]+$', said, re.MULTILINE)
    if not found:
        raise Skip('apt knows no mirror of Debian here')
    return found[0]


def may_enter():
    """Skips, with the reason, where there may be no chroot with mounts of its own."""
    if os.geteuid() != 0:
        raise Skip('not root, who alone may enter a chroot')
    needs('debootstrap', 'unshare', 'chroot')
    tried = run([*ENTER, 'true'])
    if tried.status != 0:
        raise Skip(f'no mounts and processes of our own may be had here: {tried.err.strip()}')


def _enter(root, *argv, cwd='/', seconds=600.0):
    """Runs a command in it; its processes have ended with it."""
    inner = ['sh', '-c', 'cd "$1" && shift && exec "$@"', 'sh', cwd, *map(str, argv)]
    return run([*ENTER, 'sh', '-c', INSIDE, 'sh', str(root), *inner], seconds=seconds)


def _start_nothing(root):
    policy = root / 'usr/sbin/policy-rc.d'
    policy.write_text('#!/bin/sh\nexit 101\n')
    policy.chmod(0o755)


def _bootstrap(root, suite, include):
    """Skips where the mirror does not bring it."""
    made = run([*ENTER, 'debootstrap', '--variant=minbase', suite, str(root), mirror()],
               seconds=900)
    if made.status != 0:
        raise Skip(f'debootstrap of {suite} ended with {made.status}: '
                   f'{(made.out + made.err).strip()[-600:]}')
    _start_nothing(root)
    _enter(root, 'apt-get', '-y', '--no-install-recommends', 'install', *include,
           seconds=900).expect(0)


def _bootstrapped(build, suite, include):
    """An archive of the system with some of Debian's packages, kept in the build directory."""
    archive = Path(build) / 'packages' / f'{suite}.tar'
    stamp = archive.with_suffix('.stamp')
    wanted = ' '.join(sorted(include))
    if archive.exists() and stamp.exists() and stamp.read_text() == wanted:
        return archive
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix='ctm-debian-') as scratch:
        root = Path(scratch) / 'root'
        _bootstrap(root, suite, include)
        do('tar', '-cf', archive, '--one-file-system', '--numeric-owner', '--xattrs',
           '--exclude=./var/cache/apt/archives/*.deb', '-C', root, '.')
    stamp.write_text(wanted)
    return archive


class Chroot:
    """A clean system, until this is left. No service is started in it."""

    def __init__(self, build, suite, include):
        may_enter()
        archive = _bootstrapped(build, suite, include)
        self.root = Path(tempfile.mkdtemp(prefix=f'ctm-{suite}-'))
        do('tar', '-xf', archive, '--numeric-owner', '--xattrs', '-C', self.root)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.root, ignore_errors=True)

    def do(self, *argv, status=0, **how):
        """What a command in it says; it must end with that status, or with any for None."""
        outcome = _enter(self.root, *argv, **how)
        return outcome if status is None else outcome.expect(status)

    def snapshot(self, leave_out):
        """{path: what it is} of all that is in it, but for what matches."""
        found = {}
        for at, directories, names in os.walk(self.root):
            for name in directories + names:
                path = Path(at, name)
                inside = '/' + str(path.relative_to(self.root))
                if not re.match(leave_out, inside):
                    found[inside] = _what(path)
        return found


def _what(path):
    st = path.lstat()
    content = ''
    if stat.S_ISLNK(st.st_mode):
        content = os.readlink(path)
    elif stat.S_ISREG(st.st_mode):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
    return f'{st.st_mode:o} {st.st_uid}:{st.st_gid} {content}'
