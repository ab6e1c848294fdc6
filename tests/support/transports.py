# SPDX-License-Identifier: MIT
"""Another program in the place of `transport`: the real one under strace, or a false one."""

import os
import shutil
from pathlib import Path


class OtherTransport:
    """The programs of a world, copied, with another transport beside them.

    The real one, and the module that it loads, stand in a directory of their own, so that a
    script in its place can start it. It is below that of the programs, with all that such a script
    starts: whoever starts a transport may run nothing else."""

    def __init__(self, world):
        if world.build != world.root / 'bin':
            world.copy_programs()
        self.world, self.place = world, world.build / 'transport'
        self.real = world.build / 'real'
        if not self.real.exists():
            self.real.mkdir()
            for name in ('transport', 'transport-http.so'):
                shutil.copy(world.build / name, self.real)
            for name in ('sh', 'strace'):
                if shutil.which(name):
                    shutil.copy(shutil.which(name), self.real)

    def put(self, program):
        """A program, in its place."""
        self.place.unlink()
        shutil.copy(program, self.place)

    def put_back(self):
        self.put(self.real / 'transport')

    def put_traced(self, trace, *options):
        """The real one, under strace with these options, which appends to a file beside the log."""
        words = [self.real / 'strace', '-A', '-o', trace, *options, self.real / 'transport']
        text = ' '.join(f"'{word}'" for word in words)
        self.place.unlink()
        # A path of its own: the program looks at its name only to say how it is used.
        self.place.write_text(f'#!{self.real}/sh\nexec {text}\n')
        self.place.chmod(0o755)

    def running(self):
        """The ids of transports that run for this world."""
        found = []
        for pid in self.world.ours():
            try:
                if Path(os.readlink(f'/proc/{pid}/exe')).name == 'transport':
                    found.append(pid)
            except OSError:
                pass
        return found
