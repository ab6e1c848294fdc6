# SPDX-License-Identifier: MIT
"""Debian's packages, built as a maintainer would: the release, with packaging/debian as debian/."""

import shutil
from pathlib import Path

from testcase import needs
from tree import LONG, NAME, PACKAGING, VERSION, digest, do, tarball

BINARIES = ('aria2-ctm', 'aria2-ctm-transport-http', 'libaria2ctm0', 'libaria2ctm-dev')
TOOLS = ('dpkg-buildpackage', 'dh', 'dpkg-deb', 'xz')


def build_in(directory, env=None, before=(), check=False):
    """The packages built in a directory that is not there yet; where they lie is returned. `before`
    is a command that runs the build."""
    needs(*TOOLS)
    directory.mkdir(parents=True)
    orig = tarball(directory / f'aria2-ctm_{VERSION}.orig.tar.xz')
    shutil.unpack_archive(orig, directory)
    source = directory / NAME
    shutil.copytree(PACKAGING / 'debian', source / 'debian', symlinks=True)
    options = {} if check else {'DEB_BUILD_OPTIONS': 'nocheck', 'DEB_BUILD_PROFILES': 'nocheck'}
    do(*before, 'dpkg-buildpackage', '--no-sign', cwd=source, seconds=1800,
       env={**options, **(env or {})})
    shutil.rmtree(source)
    return directory


def built(build):
    """The directory with the packages of this source: made by whoever asks first."""
    made = Path(build) / 'packages' / 'debian'
    stamp, now = made / 'stamp', digest()
    if not (stamp.exists() and stamp.read_text() == now):
        shutil.rmtree(made, ignore_errors=True)
        build_in(made, check=LONG)
        stamp.write_text(now)
    return made


def package(directory, name):
    [found] = directory.glob(f'{name}_{VERSION}-*.deb')
    return found


def fields(path):
    """{field: value} of a package's control file."""
    said = do('dpkg-deb', '--field', path).out.replace('\n ', ' ')
    return dict(line.split(': ', 1) for line in said.splitlines() if ': ' in line)


def depends(path):
    """The names of the packages that it depends on, the first of each alternative."""
    value = fields(path).get('Depends', '')
    return [one.split('|')[0].split('(')[0].strip() for one in value.split(',') if one.strip()]


def contents(path):
    """The names of its files and links, without directories."""
    lines = do('dpkg-deb', '--contents', path).out.splitlines()
    return {line.split(None, 5)[5].split(' -> ')[0][1:] for line in lines
            if not line.startswith('d')}
