# SPDX-License-Identifier: MIT
"""A directory as it was, to begin from the same place many times.

    snapshot = Snapshot(world.state)
    …
    snapshot.restore()

What has not changed is left alone, so that sidecars keep their times and inodes."""

import os
import shutil
import stat


def _at(path):
    st = os.lstat(path)
    return st.st_mode, st.st_size, st.st_mtime_ns, st.st_ino


class Snapshot:
    """Of regular files, directories and FIFOs; nobody may be at work in it."""

    def __init__(self, directory):
        self.directory = str(directory)
        self.entries, self.data, self.owners = {}, {}, {}
        for path in self._walk():
            self.entries[path] = _at(path)
            self.owners[path] = os.lstat(path).st_uid, os.lstat(path).st_gid
            if stat.S_ISREG(self.entries[path][0]):
                with open(path, 'rb') as file:
                    self.data[path] = file.read()

    def _walk(self):
        """All paths, each directory before what is in it."""
        yield self.directory
        for at, dirs, names in os.walk(self.directory):
            for name in dirs + names:
                yield os.path.join(at, name)

    def restore(self):
        """Makes it so again."""
        for path in reversed(list(self._walk())):
            if path not in self.entries:
                shutil.rmtree(path) if os.path.isdir(path) else os.unlink(path)
        for path, known in self.entries.items():
            if not os.path.lexists(path) or _at(path) != known:
                self._put_back(path, known)
        for path in reversed(self.entries):
            mode, _, mtime, _ = self.entries[path]
            os.utime(path, ns=(mtime, mtime))
            self.entries[path] = _at(path)

    def _put_back(self, path, known):
        mode, was_there = known[0], os.path.lexists(path)
        if stat.S_ISDIR(mode):
            os.makedirs(path, stat.S_IMODE(mode), exist_ok=True)
        elif stat.S_ISFIFO(mode) and not os.path.lexists(path):
            os.mkfifo(path, stat.S_IMODE(mode))
        elif stat.S_ISREG(mode):
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, stat.S_IMODE(mode)),
                      'wb') as file:
                file.write(self.data[path])
        if not was_there:
            os.chown(path, *self.owners[path])
