# SPDX-License-Identifier: MIT
"""A job for power.py: listed files that are there, and what aria2 does for them after a loss."""

import secrets

from content import content, sha256, write_file
from notification import success
from sidecar import new_id, put, sidecar


class Job:
    """`hashed`: its sidecar knows the sha256 of its files. It lies among the others of the world,
    or `elsewhere`, where nobody looks for it. `uri`: of each file."""

    def __init__(self, one, files, hashed=False, elsewhere=False, name_length=0, uri=None, **keys):
        self.world, self.id = one.world, new_id()
        self.directory = one.world.dl / secrets.token_hex(4)
        self.data, self.at_once, entries = {}, [], []
        for number in range(files):
            name = f'd{number % 3}/f{number}.bin' + 'x' * name_length
            data = content(f'f{number}', 100 + number)
            write_file(self.directory / name, data)
            self.data[self.directory / name] = data
            entries.append({'path': name, 'size': len(data),
                            'sha256': sha256(data) if hashed else None, 'uri': uri})
        self.paths = list(self.data)
        self.message = success(self.id, files, sum(one['size'] for one in entries))
        self.sidecar = put(one.world.conf.parent if elsewhere else one.world.jobs,
                           f'{self.directory.name}.ctm.ini',
                           sidecar(self.id, self.directory, entries, **keys))

    def hooks_again(self, floor, everything=False):
        """aria2 starts again: what it told before is told again, but for events that were
        drained, and the rest for the first time. Of events told at once any may be drained."""
        known = 0 if everything else floor.get(self.id, (None, 0, None))[1]
        for first, end in self.at_once:
            known = first if first < known < end else known
        for path in self.paths[known:]:
            self.world.hook('on-download-complete', path)

    def is_whole(self):
        """Whether all of its content is there as it was downloaded."""
        return all(path.exists() and path.read_bytes() == data
                   for path, data in self.data.items())

    def download_again(self):
        """What is missing comes again."""
        for path, data in self.data.items():
            if not path.exists() or path.read_bytes() != data:
                write_file(path, data)
