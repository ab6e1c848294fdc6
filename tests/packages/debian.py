#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Debian's packages: built twice to the same bytes, without a complaint of lintian's, with what
each is to have, and libcurl by one of them alone."""

import email.utils
import hashlib
import re
import shutil
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / 'support'), str(HERE)]

from debs import BINARIES, build_in, built, contents, depends, fields, package  # noqa: E402
from testcase import expect, expect_equal, main, needs  # noqa: E402
from tree import PACKAGING, SOURCE, VERSION, do  # noqa: E402

HOOKS = {'on-download-start', 'on-download-pause', 'on-download-stop', 'on-download-complete',
         'on-download-error', 'on-bt-download-complete'}
COMMANDS = 'aria2-ctm-*.1'


def reproducible(build):
    """Another path, another day, another time zone, language, umask and number of jobs: the same
    bytes, sources too."""
    first = built(build)
    faketime = ['faketime', '-f', '+400d'] if shutil.which('faketime') else []
    with tempfile.TemporaryDirectory(prefix='ctm-other-') as scratch:
        second = build_in(Path(scratch) / 'a/rather/long/path', before=[
            *faketime, 'sh', '-c', 'umask 027 && exec "$@"', 'sh'], env={
                'TZ': 'Pacific/Chatham', 'LC_ALL': 'C', 'LANG': 'de_DE.UTF-8', 'NO_FAKE_STAT': '1',
                'DEB_BUILD_OPTIONS': 'nocheck parallel=1', 'HOME': '/tmp'})
        names = [path.name for path in sorted(first.iterdir())
                 if path.suffix in ('.deb', '.dsc') or path.name.endswith('.tar.xz')]
        expect(len(names) >= len(BINARIES) + 3, f'too little was built: {names}')
        differ = [name for name in names if _sum(first / name) != _sum(second / name)]
        expect_equal(differ, [], 'not the same in both')
        days = (_built_at(second) - _built_at(first)).days
        expect(days >= 399 or not faketime, f'the second was built {days} days later')
        print(f'{len(names)} files are the same, byte by byte; the second {days} days later',
              flush=True)


def _built_at(made):
    [info] = made.glob('*.buildinfo')
    said = re.search(r'^Build-Date: (.*)$', info.read_text(), re.MULTILINE).group(1)
    return email.utils.parsedate_to_datetime(said)


def _sum(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def lintian(build):
    """No error and no warning, and nothing pedantic either."""
    needs('lintian')
    [changes] = built(build).glob('*.changes')
    said = do('lintian', '--pedantic', '--allow-root', '--fail-on', 'error,warning', changes,
              status=None, env={'HOME': '/tmp'})
    print(said.out.strip(), flush=True)
    expect(said.status == 0, f'lintian ended with {said.status}: {said.err}')
    expect_equal([line for line in said.out.splitlines() if re.match('[EWP]: ', line)], [], 'tags')


def split(build):
    """Each package has its own part, no file is in two, and none of what is installed is lost."""
    made = built(build)
    has = {name: contents(package(made, name)) for name in BINARIES}
    everything = [path for paths in has.values() for path in paths]
    expect_equal(len(everything), len(set(everything)), 'files, and different ones')
    main_package = has['aria2-ctm']
    wanted = {'/usr/bin/aria2-ctm', '/etc/aria2-ctm/aria2-ctm.conf',
              '/usr/libexec/aria2-ctm/deliver', '/usr/libexec/aria2-ctm/drain',
              '/usr/libexec/aria2-ctm/transport',
              '/usr/lib/sysusers.d/aria2-ctm.conf', '/usr/lib/tmpfiles.d/aria2-ctm.conf',
              '/usr/lib/systemd/system/aria2.service.d/aria2-ctm.conf',
              '/usr/share/doc/aria2-ctm/aria2.conf.snippet',
              *(f'/usr/libexec/aria2-ctm/{hook}' for hook in HOOKS),
              *(f'/usr/share/man/man1/{page.name}.gz'
                for page in (PACKAGING / 'man').glob(COMMANDS))}
    expect_equal(wanted - main_package, set(), 'missing in aria2-ctm')
    units = {Path(path).name for path in main_package if '/systemd/system/aria2-ctm' in path}
    expect_equal(units, {f'aria2-ctm-flush.{kind}' for kind in ('service', 'timer', 'path')},
                 'units')
    for name, pattern in (('aria2-ctm-transport-http', r'/usr/lib/[^/]+/aria2-ctm/.+\.so'),
                          ('libaria2ctm0', r'/usr/lib/[^/]+/libaria2ctm\.so\.0(\.\d+)*')):
        others = {path for path in has[name]
                  if not re.fullmatch(f'{pattern}|/usr/share/(doc|lintian)/.*', path)}
        expect_equal(others, set(), f'what else is in {name}')
    expect({'/usr/include/aria2ctm.h'} <= has['libaria2ctm-dev'], 'the header is missing')


def libcurl(build):
    """It comes by the transport's package alone, and that by aria2-ctm."""
    made = built(build)
    needing = {name for name in BINARIES
               if any('curl' in one for one in depends(package(made, name)))}
    expect_equal(needing, {'aria2-ctm-transport-http'}, 'packages that depend on libcurl')
    expect('aria2-ctm-transport-http' in depends(package(made, 'aria2-ctm')), 'the transport')
    expect_equal([one for one in depends(package(made, 'aria2-ctm-transport-http'))
                  if 'aria2' in one], [], 'the module depends on what loads it')


def built_using(build):
    """The package whose hook commands have the C library in them says of which source that was."""
    with tempfile.TemporaryDirectory(prefix='ctm-static-') as scratch:
        one = package(built(build), 'aria2-ctm')
        do('dpkg-deb', '--extract', one, scratch)
        hook = Path(scratch) / 'usr/libexec/aria2-ctm/on-download-complete'
        is_static = 'INTERP' not in do('readelf', '-l', hook).out
        said = do('dpkg-deb', '--field', one, 'Built-Using').out.strip()
        expect(re.fullmatch(r'glibc \(= \S+\)' if is_static else '', said), said)


def symbols(build):
    """The symbols file names what the map names, and gives programs the right dependency."""
    exported = set(re.findall(r'^\t(\w+);', (SOURCE / 'plugin/plugin.map').read_text(), re.M))
    text = (PACKAGING / 'debian/libaria2ctm0.symbols').read_text()
    named = set(re.findall(r'^ (\w+)@ARIA2CTM_0 ', text, re.M)) - {'ARIA2CTM_0'}
    expect_equal(named, exported, 'symbols')
    with tempfile.TemporaryDirectory(prefix='ctm-symbols-') as scratch:
        root = Path(scratch)
        do('dpkg-deb', '--control', package(built(build), 'libaria2ctm0'), root / 'control')
        made = (root / 'control/symbols').read_text()
        expect('#MISSING' not in made and 'libaria2ctm0 #MINVER#' in made, made)
        expect((root / 'control/triggers').read_text().strip(), 'nobody calls ldconfig')


def files_of_debian(build):
    """What a maintainer looks for: format, watch, copyright, autopkgtest; all of one version."""
    debian = PACKAGING / 'debian'
    expect_equal((debian / 'source/format').read_text(), '3.0 (quilt)\n', 'source/format')
    expect((debian / 'watch').read_text().startswith('version=4\n'), 'watch')
    copyright_ = (debian / 'copyright').read_text()
    expect(copyright_.startswith('Format: https://www.debian.org/doc/packaging-manuals/'
                                 'copyright-format/1.0/\n'), 'copyright is not of DEP-5')
    words = re.sub(r'(?m)^ \.?', '', copyright_).split('License: MIT\n')[-1].split()
    expect_equal(words, (SOURCE / 'LICENSE').read_text().split('authors\n', 1)[1].split(),
                 'the text of the licence')
    for stanza in (debian / 'tests/control').read_text().split('\n\n'):
        [name] = re.findall(r'^Tests: (\S+)$', stanza, re.M)
        expect((debian / 'tests' / name).stat().st_mode & 0o111, f'{name} cannot be run')
    expect(re.match(rf'aria2-ctm \({re.escape(VERSION)}-\S+\) ',
                    (debian / 'changelog').read_text()), 'the changelog is of another version')
    for name in BINARIES:
        expect_equal(fields(package(built(build), name))['Homepage'],
                     'https://example.org/aria2-ctm', name)


if __name__ == '__main__':
    main(reproducible, lintian, split, libcurl, built_using, symbols, files_of_debian)
