# SPDX-License-Identifier: MIT
"""Ports of this machine, for servers that the tests start."""

import socket

# Bound as long as this process lives, but never listening: a server that sets SO_REUSEADDR, as
# all of ours do, can listen there, whenever it starts; the kernel gives the port to nobody else,
# and where no server is up, connections are refused.
_HELD = []


def free_port():
    """A port of 127.0.0.1 that nobody has, and that is nobody else's as long as this process
    lives."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(('127.0.0.1', 0))
    _HELD.append(held)
    return held.getsockname()[1]


def answers_on(port):
    """Whether somebody listens there."""
    with socket.socket() as sock:
        sock.settimeout(1)
        return sock.connect_ex(('127.0.0.1', port)) == 0
