# SPDX-License-Identifier: MIT
"""File content made from a seed, and what a directory holds."""

import hashlib
import os
from pathlib import Path

from process import Failure


def content(seed, size):
    """The same bytes for the same seed, always."""
    return hashlib.shake_256(seed.encode()).digest(size)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def write_file(path, data, mode=0o644):
    """Writes a file whole, with the directories that lead to it."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(mode)


def make_files(directory, files):
    """files: {name: size}; the name is the seed."""
    for name, size in files.items():
        write_file(Path(directory) / name, content(name, size))


def listing(directory):
    """{relative name: (size, mtime in ns, inode)} of all that is in a directory."""
    found = {}
    for at, dirs, names in os.walk(directory):
        for name in dirs + names:
            path = os.path.join(at, name)
            try:
                st = os.lstat(path)
            except FileNotFoundError:
                continue
            directory_entry = name in dirs
            found[os.path.relpath(path, directory)] = (
                'directory' if directory_entry else (st.st_size, st.st_mtime_ns, st.st_ino))
    return found


def expect_untouched(before, directory):
    """Fails if anything in a directory is new, gone or changed since `before`."""
    after = listing(directory)
    for name in sorted(set(before) | set(after)):
        if before.get(name) != after.get(name):
            raise Failure(f'{directory}: {name!r} was {before.get(name)}, is {after.get(name)}')
