#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Arch's package: built by makepkg from the PKGBUILD, and what namcap would look at. namcap itself is
not among Debian's packages, so that each of its rules that can apply has its line here."""

import os
import re
import shutil
import stat
import sys
import tarfile
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / 'support'), str(HERE)]

from testcase import expect, expect_equal, main, needs  # noqa: E402
from tree import NAME, PACKAGING, VERSION, digest, do, tarball  # noqa: E402

PKGBUILD = PACKAGING / 'arch/PKGBUILD'
# What Arch's package meson brings; there lib is the default.
ARCH_MESON = """#!/bin/sh
exec meson setup --prefix /usr --libdir lib --libexecdir lib --sbindir bin --buildtype plain \\
	--auto-features enabled --wrap-mode nodownload -D b_pie=true "$@"
"""
PACKAGES = {'libc.so': 'glibc', 'ld-linux-x86-64.so': 'glibc', 'libcurl.so': 'curl',
            'libjansson.so': 'jansson', 'libinih.so': 'libinih', 'libseccomp.so': 'libseccomp',
            'liblmdb.so': 'lmdb', 'libnettle.so': 'nettle', 'libgcc_s.so': 'gcc-libs'}
DIRECTORIES = r'(etc|usr/(bin|include|lib|share))(/|$)'


def _as_nobody():
    """makepkg does not run as root."""
    if os.geteuid() != 0:
        return []
    needs('setpriv')
    return ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups']


def _make(place):
    """A package in a directory of its own, from a release that lies there."""
    archive = tarball(place / f'{NAME}.tar.xz')
    shutil.copy(PKGBUILD, place)
    sums = do('sha256sum', archive).out.split()[0]
    text = (place / 'PKGBUILD').read_text()
    (place / 'PKGBUILD').write_text(text.replace("('SKIP')", f"('{sums}')"))
    (place / 'bin').mkdir()
    (place / 'bin/arch-meson').write_text(ARCH_MESON)
    (place / 'bin/arch-meson').chmod(0o755)
    for path in (place, *place.rglob('*')):
        os.chown(path, *([65534, 65534] if os.geteuid() == 0 else [-1, -1]))
    do(*_as_nobody(), 'makepkg', '--nodeps', '--noconfirm', cwd=place, seconds=900,
       env={'PATH': f'{place}/bin:{os.environ["PATH"]}', 'HOME': str(place),
            'PKGEXT': '.pkg.tar', 'PACKAGER': 'test <test@example.org>',
            'CARCH': 'x86_64', 'SOURCE_DATE_EPOCH': '1700000000',
            # makepkg asks it for what is installed, and gives up where Debian has none.
            'PACMAN': 'true'})
    return place / f'aria2-ctm-{VERSION}-1-x86_64.pkg.tar'


def built(build):
    """The package of this source: made by whoever asks first."""
    needs('makepkg', 'bsdtar', 'fakeroot')
    made = build / 'packages/arch'
    stamp, now = made / 'stamp', digest()
    package = made / 'aria2-ctm.pkg.tar'
    if not (stamp.exists() and stamp.read_text() == now):
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir(parents=True)
        # Not below the build directory, which others may not be able to enter.
        with tempfile.TemporaryDirectory(prefix='ctm-arch-') as scratch:
            shutil.copy(_make(Path(scratch)), package)
        stamp.write_text(now)
    return package


def _info(package):
    """{key: [values]} of .PKGINFO."""
    found = {}
    with tarfile.open(package) as archive:
        for line in archive.extractfile('.PKGINFO').read().decode().splitlines():
            key, equals, value = line.partition(' = ')
            if equals:
                found.setdefault(key, []).append(value)
    return found


def pkgbuild(build):
    """It is bash without a complaint of shellcheck's, has all that it must, and quotes its paths."""
    needs('shellcheck', 'bash')
    do('bash', '-n', PKGBUILD)
    # Variables are for makepkg, and from it.
    do('shellcheck', '-s', 'bash', '-e', 'SC2034,SC2154,SC2164', PKGBUILD)
    text = PKGBUILD.read_text()
    for name in ('pkgname', 'pkgver', 'pkgrel', 'pkgdesc', 'arch', 'url', 'license', 'depends',
                 'source', 'sha256sums', 'backup'):
        expect(re.search(rf'^{name}=', text, re.MULTILINE), f'no {name}')
    expect(not re.search(r'^\s*[^#"\n]*[^"\w/{$-]\$(pkgdir|srcdir)\b', text, re.MULTILINE),
           'a path is not quoted')
    expect(re.search(r'^# Maintainer: ', text, re.MULTILINE), 'no maintainer')
    expect(len(re.search(r'pkgdesc="(.*)"', text).group(1)) <= 80, 'pkgdesc is too long')
    expect_equal([word for word in ('makepkg', 'sudo', 'pacman', 'startdir', '/usr/local')
                  if word in text], [], 'what has no place in it')


def metadata(build):
    """.PKGINFO says what the PKGBUILD does; the configuration is kept when it was changed."""
    info = _info(built(build))
    for key, values in (('pkgname', ['aria2-ctm']), ('pkgver', [f'{VERSION}-1']),
                        ('license', ['MIT']), ('arch', ['x86_64']),
                        ('backup', ['etc/aria2-ctm/aria2-ctm.conf'])):
        expect_equal(info[key], values, key)


def places(build):
    """Files are where Arch has them, readable, of root, not hidden; links lead somewhere, no
    directory is empty, and nothing is of libtool or of info."""
    with tarfile.open(built(build)) as archive:
        members = {one.name.rstrip('/'): one for one in archive if not one.name.startswith('.')}
    for name, one in members.items():
        expect(re.match(DIRECTORIES, name) or name == 'usr', f'{name} has no place in Arch')
        expect((one.uid, one.gid) == (0, 0), f'{name} is of {one.uid}:{one.gid}')
        if not one.issym():
            mode = stat.S_IMODE(one.mode)
            expect(mode in (0o644, 0o755), f'{name}: {mode:o}')
        if one.issym():
            target = os.path.normpath(os.path.join(os.path.dirname(name), one.linkname))
            # Manual pages are compressed, and their links with them.
            expect(target in members, f'{name} leads to {one.linkname}')
        if one.isdir():
            expect(any(other.startswith(name + '/') for other in members), f'{name} is empty')
        expect(not re.search(r'(\.la|\.a|/info/dir|/\.[^/]+|~)$', name), name)
    for name in ('usr/share/licenses/aria2-ctm/LICENSE', 'etc/aria2-ctm/aria2-ctm.conf',
                 'usr/bin/aria2-ctm', 'usr/lib/aria2-ctm/deliver', 'usr/include/aria2ctm.h',
                 'usr/lib/aria2-ctm/on-download-complete', 'usr/lib/aria2-ctm/transport-http.so',
                 'usr/lib/sysusers.d/aria2-ctm.conf', 'usr/lib/tmpfiles.d/aria2-ctm.conf',
                 'usr/lib/systemd/system/aria2-ctm-flush.timer',
                 'usr/lib/pkgconfig/aria2ctm.pc', 'usr/share/man/man1/aria2-ctm.1.gz'):
        expect(name in members, f'{name} is missing')


def programs(build):
    """They are stripped, hardened, without a path to libraries or to where they were built, and need
    the libraries of the packages that are depended on: all of those, and no others."""
    needs('readelf')
    package = built(build)
    needed = set()
    with tempfile.TemporaryDirectory(prefix='ctm-arch-') as scratch:
        root = Path(scratch)
        do('bsdtar', '-xf', package, '-C', root)
        programs_ = [path for path in root.rglob('*') if path.is_file() and
                     not path.is_symlink() and path.read_bytes()[:4] == b'\x7fELF']
        expect_equal(len(programs_), 7, 'programs and objects')
        for path in programs_:
            said = do('readelf', '-W', '-d', '-l', '-S', path).out
            expect('GNU_RELRO' in said and re.search(r'BIND_NOW|FLAGS_1.*NOW', said),
                   f'{path.name}: no full RELRO')
            expect(re.search(r'GNU_STACK.* RW ', said), f'{path.name}: executable stack')
            expect(not re.search(r'TEXTREL|RPATH|RUNPATH|\.symtab|\.debug_info', said),
                   f'{path.name}: text relocations, a path, or not stripped')
            expect('shared object' in said or 'DYN' in said, f'{path.name}: no PIE')
            expect(b'ctm-arch-' not in path.read_bytes(), f'{path.name} knows where it was built')
            needed |= {re.sub(r'\.so.*', '.so', one)
                       for one in re.findall(r'\(NEEDED\).*\[(.+?)\]', said)}
    wanted = {PACKAGES[one] for one in needed} - {'gcc-libs'}
    expect_equal(set(_info(package)['depend']), wanted, 'dependencies')


if __name__ == '__main__':
    main(pkgbuild, metadata, places, programs)
