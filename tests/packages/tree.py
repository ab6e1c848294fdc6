# SPDX-License-Identifier: MIT
"""The source as a release has it, for what is made of it: the files of the working tree that git
knows or would take, or all where there is no git."""

import hashlib
import os
import re
import shutil
import tarfile
from pathlib import Path

from process import clean_environment, run

SOURCE = Path(__file__).resolve().parents[2]
PACKAGING = SOURCE / 'packaging'
VERSION = re.search(r"version: '([^']+)'", (SOURCE / 'meson.build').read_text()).group(1)
NAME = f'aria2-ctm-{VERSION}'
LONG = bool(os.environ.get('CTM_TEST_LONG'))


def files():
    """Their names below the source, sorted."""
    if (SOURCE / '.git').exists() and shutil.which('git'):
        said = run(['git', '-C', str(SOURCE), '-c', 'safe.directory=*', 'ls-files', '-z', '-co',
                    '--exclude-standard']).expect(0).out
        names = [name for name in said.split('\0') if name]
    else:
        names = [str(path.relative_to(SOURCE)) for path in SOURCE.rglob('*')
                 if not any(part == '__pycache__' or part.startswith('build')
                            for part in path.relative_to(SOURCE).parts)]
    return sorted(name for name in names
                  if (SOURCE / name).is_file() or (SOURCE / name).is_symlink())


def digest():
    """Of all that a release has: what was made of another is not used again."""
    total = hashlib.sha256()
    for name in files():
        path = SOURCE / name
        total.update(f'{name} {os.access(path, os.X_OK)} '.encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def copy_to(directory):
    """The source below a directory that is not there yet."""
    for name in files():
        target = directory / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(SOURCE / name, target, follow_symlinks=False)
    return directory


def tarball(path, prefix=NAME):
    """As a release would be packed: by name, of nobody, of one time."""
    def plain(info):
        info.uid = info.gid = 0
        info.uname = info.gname = 'root'
        info.mtime = 1_700_000_000
        info.mode = 0o755 if info.mode & 0o100 else 0o644
        return info

    with tarfile.open(path, 'w:xz', preset=1, format=tarfile.PAX_FORMAT) as archive:
        for name in files():
            archive.add(SOURCE / name, f'{prefix}/{name}', recursive=False, filter=plain)
    return path


def do(*argv, cwd=None, seconds=600.0, env=None, status=0):
    """What a command says; it must end with that status, or with any for None. Compilers come
    without a cache."""
    more = {'HOME': '/nonexistent', 'LC_ALL': 'C.UTF-8', 'CCACHE_DISABLE': '1', **(env or {})}
    outcome = run(list(map(str, argv)), cwd=cwd, seconds=seconds, env=clean_environment(**more))
    return outcome if status is None else outcome.expect(status)
