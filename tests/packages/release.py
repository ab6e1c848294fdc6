#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The release: a tarball whose own tests pass, with licences that a program can read, a changelog in
its form, one version everywhere, and an ABI that is compared with the last one."""

import re
import shutil
import sys
import tarfile
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / 'support'), str(HERE)]

from testcase import expect, expect_equal, main, needs  # noqa: E402
from tree import LONG, NAME, PACKAGING, SOURCE, VERSION, copy_to, do, files  # noqa: E402

SEMVER = r'(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?'
GROUPS = {'Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security'}
# Of the tarball's own tests, and how many those are at least.
SUITES, AT_LEAST = (('unit', 'sessions', 'fuzz', 'install'), 300) if LONG else (('fuzz',), 15)


def _repository(directory):
    """The working tree as one commit, since meson packs commits."""
    copy_to(directory)
    who = ('-c', 'user.name=release', '-c', 'user.email=release@localhost')
    do('git', 'init', '-q', '-b', 'main', directory)
    do('git', '-C', directory, 'add', '-A', '-f')
    do('git', '-C', directory, *who, 'commit', '-q', '-m', 'release')
    return directory


def dist(build):
    """`meson dist` packs what the source has and no more; what is unpacked builds with warnings as
    errors, and its tests pass: those of the corpora, and in a long run all that need no network. (Those
    take minutes to build, of files that are the same here, where they pass.)"""
    needs('git', 'meson', 'ninja')
    with tempfile.TemporaryDirectory(prefix='ctm-release-') as scratch:
        place = Path(scratch)
        source = _repository(place / 'source')
        do('meson', 'setup', place / 'b', source, '-Dtests=disabled')
        do('meson', 'dist', '-C', place / 'b', '--no-tests', '--formats', 'xztar')
        archive = place / 'b/meson-dist' / f'{NAME}.tar.xz'
        with tarfile.open(archive) as packed:
            names = {one.name for one in packed if not one.isdir()}
        expect_equal(names, {f'{NAME}/{name}' for name in files()}, 'what the tarball has')
        print((archive.parent / f'{archive.name}.sha256sum').read_text().strip(), flush=True)
        shutil.unpack_archive(archive, place / 'unpacked')
        do('meson', 'setup', place / 't', place / 'unpacked' / NAME, '-Dtests=enabled',
           '-Dwerror=true', '-Doptimization=0')
        suites = [word for suite in SUITES for word in ('--suite', suite)]
        said = do('meson', 'test', '-C', place / 't', '--print-errorlogs', *suites,
                  seconds=3600).out
        [passed] = re.findall(r'^Ok: +(\d+)', said, re.MULTILINE)
        print(f'{passed} tests of the tarball passed', flush=True)
        expect(int(passed) >= AT_LEAST, f'no more than {passed} tests')


def reuse(build):
    """Each file says its licence, to `reuse lint`; what is written by hand says it in itself."""
    needs('reuse', 'git')
    with tempfile.TemporaryDirectory(prefix='ctm-reuse-') as scratch:
        said = do('reuse', 'lint', cwd=_repository(Path(scratch) / 'source'), status=None)
        expect_equal(said.status, 0, said.out)
    silent = [name for name in files()
              if re.search(r'(\.(c|h|cc|py|map|fish|bash|zsh)|meson\.build)$', name) and
              'SPDX-' + 'License-Identifier: MIT' not in
              (SOURCE / name).read_text(encoding='utf-8')[:400]]
    expect_equal(silent, [], 'files without an SPDX identifier')


def changelog(build):
    """Keep a Changelog: Unreleased first, then versions of semver with their dates, newest first."""
    expect(re.fullmatch(SEMVER, VERSION), f'{VERSION} is no semantic version')
    text = (SOURCE / 'CHANGELOG.md').read_text(encoding='utf-8')
    expect(text.startswith('# Changelog\n'), 'its title')
    heads = re.findall(r'^## (.*)$', text, re.MULTILINE)
    expect_equal(heads[0], '[Unreleased]', 'the first section')
    versions = []
    for head in heads[1:]:
        found = re.fullmatch(rf'\[({SEMVER})\] - \d{{4}}-\d\d-\d\d', head)
        expect(found, f'{head!r} is not "[VERSION] - DATE"')
        versions.append([int(part) for part in found.group(2, 3, 4)])
    expect_equal(versions, sorted(versions, reverse=True), 'the order of versions')
    expect_equal(set(re.findall(r'^### (.*)$', text, re.MULTILINE)) - GROUPS, set(), 'groups')
    expect(f'[{VERSION}]' in text or f'To be {VERSION}' in text, f'{VERSION} is not in it')


def one_version(build):
    """What packages say is what meson.build says; so does the program."""
    said = {
        'aria2-ctm --version': do(build / 'aria2-ctm', '--version').out.split()[-1],
        'debian': re.match(r'aria2-ctm \((.+)-[^-]+\)',
                           (PACKAGING / 'debian/changelog').read_text()).group(1),
        'rpm': _field('rpm/aria2-ctm.spec', r'^Version: +(\S+)$'),
        'arch': _field('arch/PKGBUILD', r'^pkgver=(\S+)$'),
        'alpine': _field('alpine/APKBUILD', r'^pkgver=(\S+)$'),
    }
    expect_equal(said, dict.fromkeys(said, VERSION), 'versions')


def _field(name, pattern):
    return re.search(pattern, (PACKAGING / name).read_text(), re.MULTILINE).group(1)


def abi(build):
    """packaging/abi says so where there is no tag, passes what is the same and a struct that grew at
    its end, and finds one whose members moved and a function that is gone."""
    needs('abidiff', 'git', 'readelf')
    with tempfile.TemporaryDirectory(prefix='ctm-abi-') as scratch:
        source = _repository(Path(scratch) / 'source')
        check = source / 'packaging/abi'
        expect('no tag' in do(check).out, 'it did not say that there is no tag')
        do('git', '-C', source, 'tag', f'v{VERSION}')
        expect('nothing that breaks programs' in do(check).out, 'the same source')
        for where, status in (('after', 0), ('before', 1)):
            _grown(source / 'plugin/include/aria2ctm.h', where)
            do(check, status=status)
            do('git', '-C', source, 'checkout', '-q', '.')
        door = source / 'plugin/plugin.map'
        door.write_text(door.read_text().replace('\taria2ctm_event;\n', ''))
        do(check, status=1)


def _grown(header, where):
    """struct aria2ctm_event with one member more, before its gid or after all."""
    text = header.read_text()
    [whole] = re.findall(r'^struct aria2ctm_event \{\n.*?^\};', text, re.MULTILINE | re.DOTALL)
    changed = (whole.replace('\n};', '\n\tuint64_t more;\n};') if where == 'after' else
               whole.replace('\n\tuint64_t gid;', '\n\tuint64_t more;\n\tuint64_t gid;'))
    expect(changed != whole, 'struct aria2ctm_event has no gid any more')
    header.write_text(text.replace(whole, changed))


def abi_of_this(build):
    """This source against its own last tag."""
    needs('abidiff', 'git', 'readelf')
    print(do(PACKAGING / 'abi').out.strip(), flush=True)


if __name__ == '__main__':
    main(dist, reuse, changelog, one_version, abi, abi_of_this)
