#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Debian's packages in clean systems: they install by what they depend on, the job of their
autopkgtest is done, and upgrade, removal and purge leave what they should."""

import re
import shutil
import sys
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / 'support'), str(HERE)]

from chroot import Chroot  # noqa: E402
from debs import BINARIES, built, depends, package  # noqa: E402
from testcase import expect, expect_equal, main  # noqa: E402
from tree import LONG, PACKAGING, VERSION, copy_to, do  # noqa: E402

# What the job needs that is no dependency of ours.
FOR_THE_JOB = ('aria2', 'python3', 'util-linux', 'passwd')
TO_BUILD = ('gcc', 'libc6-dev', 'pkgconf')
# The user stays, and what tools note of their own work does.
CHANGES = (r'/(dev|proc|sys|run|srv|tmp)/|/usr/sbin/policy-rc\.d|'
           r'/etc/(passwd|shadow|group|gshadow)-?$|/etc/\.pwd\.lock|/etc/ld\.so\.cache|/var/(cache|log)/|/var/lib/(apt|dpkg)/|'
           r'/var/lib/systemd/deb-systemd-helper-enabled$')


def _put(system, build):
    """The packages and the source in it; the packages' paths there."""
    there = system.root / 'srv/packages'
    there.mkdir(parents=True)
    made = built(build)
    paths = [shutil.copy(package(made, name), there) for name in BINARIES]
    return ['/' + str(Path(path).relative_to(system.root)) for path in paths]


def _put_source(system):
    source = copy_to(system.root / 'srv/source')
    shutil.copytree(PACKAGING / 'debian', source / 'debian', symlinks=True)


def _job(system):
    said = system.do('debian/tests/end-to-end', cwd='/srv/source', seconds=300)
    print(said.out, flush=True)
    expect('one success arrived' in said.out, 'the job was not done')


def job_in_bookworm(build):
    """Debian 12: the packages alone, aria2, and one job from sidecar to notification."""
    with Chroot(build, 'bookworm', FOR_THE_JOB + TO_BUILD) as system:
        packages = _put(system, build)
        _put_source(system)
        system.do('apt-get', '-y', '--no-install-recommends', 'install', *packages)
        _job(system)
        system.do('runuser', '-u', 'nobody', '--', 'debian/tests/embed', cwd='/srv/source')


def comes_and_goes(build):
    """dpkg alone installs them once their dependencies are there; they are upgraded with the
    configuration and the state kept, removed, and purged, and then nothing of them is left."""
    with Chroot(build, 'bookworm', FOR_THE_JOB + TO_BUILD) as system:
        packages = _put(system, build)
        needed = {one for path in packages for one in depends(system.root / path[1:])}
        system.do('apt-get', '-y', '--no-install-recommends', 'install',
                  *sorted(needed - set(BINARIES)))
        before = system.snapshot(CHANGES)
        system.do('dpkg', '--install', *packages)
        expect_equal(system.do('dpkg', '--audit').out, '', 'dpkg --audit')
        for unit in ('timers.target.wants/aria2-ctm-flush.timer',
                     'multi-user.target.wants/aria2-ctm-flush.path'):
            expect((system.root / 'etc/systemd/system' / unit).is_symlink(), f'{unit} is not on')
        conf = system.root / 'etc/aria2-ctm/aria2-ctm.conf'
        conf.write_text(conf.read_text() + '[endpoint.ctm]\nurl = https://ctm.example.net/\n')
        system.do('runuser', '-u', 'aria2', '--', 'aria2-ctm', 'flush')
        later = [_later(system, path) for path in packages]
        system.do('dpkg', '--force-confdef', '--install', *later)
        expect('ctm.example.net' in conf.read_text(), 'the configuration was lost')
        said = system.do('aria2-ctm', 'check', status=None).out
        expect(' 0 warnings' in said and 'error: ' not in said, f'after the upgrade: {said}')
        system.do('dpkg', '--remove', *BINARIES)
        expect(conf.exists() and (system.root / 'var/lib/aria2-ctm/store.mdb').exists(),
               'removal took the configuration or the state')
        system.do('dpkg', '--install', *later)
        (system.root / 'var/spool/aria2-ctm/a.ctm.ini').write_text('[job]\n')
        (system.root / 'var/log/aria2-ctm').mkdir()
        system.do('dpkg', '--purge', *BINARIES)
        after = system.snapshot(CHANGES)
        differ = sorted(path for path in before.keys() | after.keys()
                        if before.get(path) != after.get(path))
        expect_equal(differ, [], 'differs from what was before')
        expect_equal(system.do('dpkg', '--audit').out, '', 'dpkg --audit')


def _later(system, path):
    """The same package with a later version, as an upgrade."""
    place = system.root / 'srv/later'
    unpacked = place / 'unpacked'
    place.mkdir(exist_ok=True)
    do('dpkg-deb', '--raw-extract', system.root / path[1:], unpacked)
    control = unpacked / 'DEBIAN/control'
    text = control.read_text()
    [version] = re.findall(r'^Version: (\S+)$', text, re.MULTILINE)
    expect(version.startswith(VERSION), version)
    control.write_text(text.replace(version, version + '+later1'))
    target = place / Path(path).name.replace(version, version + '+later1')
    do('dpkg-deb', '--root-owner-group', '--build', unpacked, target)
    shutil.rmtree(unpacked)
    return '/' + str(target.relative_to(system.root))


def job_in_trixie(build):
    """Debian 13: the same source, built there, installed, and the same job."""
    with Chroot(build, 'trixie', FOR_THE_JOB + ('build-essential', 'lintian')) as system:
        _put_source(system)
        system.do('apt-get', '-y', '--no-install-recommends', '-P', 'nocheck', 'build-dep',
                  '/srv/source', seconds=1200)
        system.do('env', 'DEB_BUILD_OPTIONS=nocheck', 'DEB_BUILD_PROFILES=nocheck',
                  'dpkg-buildpackage', '--no-sign', '-b', cwd='/srv/source', seconds=1800)
        system.do('sh', '-c', 'lintian --pedantic --allow-root --fail-on error,warning '
                  '/srv/*.changes')
        system.do('sh', '-c', 'rm -f /srv/*dbgsym*.deb && '
                  'apt-get -y --no-install-recommends install /srv/*.deb')
        _job(system)


if __name__ == '__main__':
    # A build takes minutes: packaging/check --packages does it.
    main(job_in_bookworm, comes_and_goes, *([job_in_trixie] if LONG else []))
