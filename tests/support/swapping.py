# SPDX-License-Identifier: MIT
"""Somebody who changes what a name leads to, as fast as possible, and a watch over what nobody
should open."""

import ctypes
import os
import signal
import struct
import subprocess
import sys

from process import dies_with_parent, stop

_LIBC = ctypes.CDLL(None, use_errno=True)
IN_ACCESS, IN_OPEN = 1, 0x20
SWAP = '''
import ctypes, sys
libc, a, b = ctypes.CDLL(None), *map(str.encode, sys.argv[1:])
while True:
    libc.renameat2(-100, a, -100, b, 2)
'''


class Running:
    """A Python program of ours that works against us until it is left."""

    def __init__(self, program, *arguments):
        self.child = subprocess.Popen([sys.executable, '-c', program, *map(str, arguments)],
                                      preexec_fn=dies_with_parent)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        stop(self.child, sig=signal.SIGKILL)


def swapping(a, b):
    """Exchanges two names without end."""
    return Running(SWAP, a, b)


class Watch:
    """Sees who opens or reads what is in a directory, or a file."""

    def __init__(self, *paths):
        self.fd = _LIBC.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        for path in paths:
            if _LIBC.inotify_add_watch(self.fd, os.fsencode(path), IN_OPEN | IN_ACCESS) < 0:
                raise OSError(ctypes.get_errno(), f'cannot watch {path}')

    def seen(self):
        """What was opened since the last time, by name."""
        names = []
        try:
            events = os.read(self.fd, 1 << 16)
        except BlockingIOError:
            return names
        while events:
            mask, _, length = struct.unpack_from('iIII', events)[1:]
            names.append((mask, events[16:16 + length].rstrip(b'\0').decode()))
            events = events[16 + length:]
        return names

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self.fd)
