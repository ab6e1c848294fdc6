# SPDX-License-Identifier: MIT
"""A hook that finds no deliverer beside it: it records and drains, and the rest is left to whom a
test wants to do it."""

import shutil

from process import run
from tracing import event


class Bare:
    """Copies of the hook of a world, and of what it becomes to drain."""

    def __init__(self, world):
        self.world, self.place = world, world.root / 'bare'
        self.place.mkdir()
        for name in ('on-download-complete', 'drain'):
            shutil.copy(world.build / name, self.place)

    def record(self, path, seconds=30.0):
        """aria2 says that the download of that file is complete."""
        return run([self.place / 'on-download-complete', *event(path)], env=self.world.env,
                   cwd=self.world.dl, seconds=seconds).expect(0)
