# SPDX-License-Identifier: MIT
"""A disk that can be filled to its last byte."""

import errno
import os

from process import run
from testcase import Skip


class SmallDisk:
    """A tmpfs of a few megabytes over a directory."""

    def __init__(self, directory, size='4m'):
        self.directory, self.ballast = directory, directory / 'ballast'
        outcome = run(['mount', '-t', 'tmpfs', '-o', f'size={size},mode=0700', 'tmpfs',
                       str(directory)])
        if outcome.status != 0:
            raise Skip(f'no tmpfs may be mounted here: {outcome.err.strip()}')

    def fill(self):
        """Leaves not one byte."""
        with open(self.ballast, 'ab', buffering=0) as file:
            for size in (65536, 4096, 1):
                try:
                    while file.write(bytes(size)) == size:
                        pass
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise

    def free(self):
        os.unlink(self.ballast)

    def close(self):
        run(['umount', '-l', str(self.directory)])
