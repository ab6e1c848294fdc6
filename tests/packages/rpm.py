#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fedora's packages: built by rpmbuild from the spec file, with Fedora's macros from beside it,
without an error of rpmlint's, with the contents and dependencies that each is to have, and
installed."""

import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / 'support'), str(HERE)]

from testcase import Skip, expect, expect_equal, main, needs  # noqa: E402
from tree import LONG, NAME, PACKAGING, VERSION, digest, do, tarball  # noqa: E402

SPEC = PACKAGING / 'rpm/aria2-ctm.spec'
BINARIES = ('aria2-ctm', 'aria2-ctm-transport-http', 'aria2-ctm-libs', 'aria2-ctm-devel')
HOOKS = {'on-download-start', 'on-download-pause', 'on-download-stop', 'on-download-complete',
         'on-download-error', 'on-bt-download-complete'}
LIBRARY = f'/usr/lib64/libaria2ctm.so.{VERSION}'


def built(build):
    """The directory of rpmbuild's, with the packages of this source."""
    needs('rpmbuild', 'rpm')
    if os.uname().machine != 'x86_64':
        raise Skip('the macros are those of x86_64')
    made = build / 'packages/rpm'
    stamp, now = made / 'stamp', digest()
    if stamp.exists() and stamp.read_text() == now:
        return made
    shutil.rmtree(made, ignore_errors=True)
    (made / 'SOURCES').mkdir(parents=True)
    tarball(made / 'SOURCES' / f'{NAME}.tar.xz')
    # What it wants to be built are Fedora's packages, which this machine's rpm knows nothing of.
    said = do('rpmbuild', '--load', HERE / 'fedora.macros', '--define', f'_topdir {made}',
              '--nodeps', *([] if LONG else ['--without', 'tests']), '-ba', SPEC, seconds=1800)
    expect('warning: ' not in said.err, said.err)
    stamp.write_text(now)
    return made


def _package(made, name):
    [found] = (made / 'RPMS').rglob(f'{name}-{VERSION}-*.rpm')
    return found


def _query(made, name, what):
    return do('rpm', '-qp', what, _package(made, name)).out.splitlines()


def rpmlint(build):
    """No error, in the spec file, the source package and what was built."""
    needs('rpmlint')
    made = built(build)
    said = do('rpmlint', '--config', HERE / 'rpmlint.toml', SPEC,
              *sorted(made.rglob('*.rpm')), status=None).out
    print(said.strip(), flush=True)
    expect(' 5 packages and 1 specfiles checked; 0 errors' in said, said)
    expect_equal([line for line in said.splitlines() if ': E: ' in line], [], 'errors')


def contents(build):
    """Each package has its own part; configuration, ghosts and owners are as they should be."""
    made = built(build)
    has = {name: set(_query(made, name, '-l')) for name in BINARIES}
    wanted = {
        'aria2-ctm': {'/usr/bin/aria2-ctm', '/usr/libexec/aria2-ctm/deliver',
                      '/usr/libexec/aria2-ctm/drain', '/usr/libexec/aria2-ctm/transport',
                      '/etc/aria2-ctm/aria2-ctm.conf',
                      '/usr/lib/systemd/system/aria2-ctm-flush.timer',
                      '/var/lib/aria2', '/var/lib/aria2-ctm',
                      '/usr/lib/systemd/system/aria2-ctm-flush.service',
                      '/usr/lib/systemd/system/aria2-ctm-flush.path',
                      '/usr/lib/systemd/system/aria2.service.d/aria2-ctm.conf',
                      '/usr/lib/sysusers.d/aria2-ctm.conf', '/usr/lib/tmpfiles.d/aria2-ctm.conf',
                      '/usr/share/doc/aria2-ctm/aria2.conf.snippet', '/var/spool/aria2-ctm',
                      *(f'/usr/libexec/aria2-ctm/{hook}' for hook in HOOKS)},
        'aria2-ctm-transport-http': {'/usr/lib64/aria2-ctm/transport-http.so'},
        'aria2-ctm-libs': {LIBRARY, '/usr/lib64/libaria2ctm.so.0'},
        'aria2-ctm-devel': {'/usr/include/aria2ctm.h', '/usr/lib64/libaria2ctm.so',
                            '/usr/lib64/pkgconfig/aria2ctm.pc'}}
    for name, paths in wanted.items():
        expect_equal(paths - has[name], set(), f'missing in {name}')
        for other in set(BINARIES) - {name}:
            expect_equal(paths & has[other], set(), f'of {name}, in {other}')
    expect_equal(_query(made, 'aria2-ctm', '-c'), ['/etc/aria2-ctm/aria2-ctm.conf'],
                 'configuration')
    said = {line.split()[-1]: line.split() for line in _query(made, 'aria2-ctm', '-lv')}
    state, spool = said['/var/lib/aria2-ctm'], said['/var/spool/aria2-ctm']
    expect_equal((state[0], state[2:4]), ('drwx------', ['aria2', 'aria2']), 'the state')
    home = said['/var/lib/aria2']
    expect_equal((home[0], home[2:4]), ('drwxr-x---', ['aria2', 'aria2']), "aria2's home")
    expect_equal((spool[0], spool[2:4]), ('drwxrws---', ['root', 'aria2']), 'for sidecars')


def dependencies(build):
    """libcurl by the transport's package alone, which aria2-ctm wants in its own version."""
    made = built(build)
    wants = {name: _query(made, name, '--requires') for name in BINARIES}
    expect_equal({name for name, lines in wants.items() if any('curl' in one for one in lines)},
                 {'aria2-ctm-transport-http'}, 'packages that want libcurl')
    same = f'(x86-64) = {VERSION}-1.fc41'
    expect(f'aria2-ctm-transport-http{same}' in wants['aria2-ctm'], wants['aria2-ctm'])
    expect(f'aria2-ctm-libs{same}' in wants['aria2-ctm-devel'], wants['aria2-ctm-devel'])
    for library in ('libinih.so', 'liblmdb.so', 'libjansson.so', 'libnettle.so', 'libseccomp.so'):
        expect(any(one.startswith(library) for one in wants['aria2-ctm']), f'no {library}')
    provided = _query(made, 'aria2-ctm-libs', '--provides')
    expect('libaria2ctm.so.0(ARIA2CTM_0)(64bit)' in provided, provided)
    expect(f'pkgconfig(aria2ctm) = {VERSION}' in _query(made, 'aria2-ctm-devel', '--provides'),
           'pkgconfig(aria2ctm)')


def installed(build):
    """rpm puts them into a root of their own, where they are as they were packed; the programs run
    from there; they go again without leaving a file."""
    made = built(build)
    if os.geteuid() != 0:
        raise Skip('not root, who alone may install')
    with tempfile.TemporaryDirectory(prefix='ctm-rpm-') as scratch:
        root = Path(scratch) / 'root'
        for name in ('dev', 'var/lib/rpm', 'etc'):
            (root / name).mkdir(parents=True)
        (root / 'etc/passwd').write_text('root:x:0:0::/root:/bin/sh\n')
        rpm = ('rpm', '--root', root, '--dbpath', '/var/lib/rpm')
        alone = ('--nodeps', '--noscripts')
        do(*rpm, '--initdb')
        do(*rpm, '-i', *alone, *(_package(made, name) for name in BINARIES))
        said = do(*rpm, '-V', '-a', '--nodeps', status=None).out
        wrong = [line for line in said.splitlines()
                 if not re.search(r'/var/(lib|spool)/aria2(-ctm)?$', line)]
        expect_equal(wrong, [], 'rpm -V')
        libraries = f'{root}/usr/lib64'
        said = do(root / 'usr/bin/aria2-ctm', '--version', env={'LD_LIBRARY_PATH': libraries}).out
        expect_equal(said.split()[-1], VERSION, 'aria2-ctm --version')
        said = do('ldd', root / LIBRARY[1:], env={'LD_LIBRARY_PATH': libraries}).out
        expect('not found' not in said, said)
        for hook in HOOKS:
            path = root / 'usr/libexec/aria2-ctm' / hook
            expect(path.exists() and os.access(path, os.X_OK), f'{hook} cannot be run')
        do(*rpm, '-e', *alone, *BINARIES)
        left = [str(path.relative_to(root)) for path in root.rglob('*')
                if 'aria2' in path.name and not path.is_relative_to(root / 'var/lib/rpm')]
        expect_equal(left, [], 'what they left')


if __name__ == '__main__':
    main(rpmlint, contents, dependencies, installed)
