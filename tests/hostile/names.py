#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A name server that is silent, slow, or says what is not so; in a network namespace of our own,
where nobody else's is asked."""

import fcntl
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from hostile_rows import RETRY, TAKEN, Row, run  # noqa: E402
from hostile_server import behave  # noqa: E402
from process import run as run_program  # noqa: E402
from testcase import Skip, expect, main  # noqa: E402

MARK = 'CTM_TEST_NAMES'
UNRESOLVED, TIMEOUT = '0x80072EE7', '0x80072EE2'
NO_ERROR, SERVER_FAILED, NO_NAME, REFUSED = 0, 2, 3, 5
A, CNAME = 1, 5


def question(query):
    """The name's first label, the type that is asked for, and where the question ends."""
    at, labels = 12, []
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]])
        at += 1 + query[at]
    return labels[0].decode(), struct.unpack('>H', query[at + 1:at + 3])[0], at + 5


def reply(query, code, records=(), flags=0):
    """An answer with these (type, data)."""
    end = question(query)[2]
    head = query[:2] + struct.pack('>HHHHH', 0x8180 | flags | code, 1, len(records), 0, 0)
    return head + query[12:end] + b''.join(
        b'\xc0\x0c' + struct.pack('>HHIH', kind, 1, 60, len(data)) + data for kind, data in records)


def address(query):
    """127.0.0.1, where that is what is asked for."""
    return reply(query, NO_ERROR, [(A, bytes([127, 0, 0, 1]))] if question(query)[1] == A else [])


def late(query):
    time.sleep(0.5)
    return address(query)


WAYS = {
    'right': (address, TAKEN, '0x00000000'),
    'late': (late, TAKEN, '0x00000000'),
    'silent': (lambda query: None, RETRY, TIMEOUT),
    'unknown': (lambda query: reply(query, NO_NAME), RETRY, UNRESOLVED),
    'nothing': (lambda query: reply(query, NO_ERROR), RETRY, UNRESOLVED),
    'failed': (lambda query: reply(query, SERVER_FAILED), RETRY, (UNRESOLVED, TIMEOUT)),
    'refused': (lambda query: reply(query, REFUSED), RETRY, (UNRESOLVED, TIMEOUT)),
    'garbage': (lambda query: query[:2] + bytes(range(200)), RETRY, (UNRESOLVED, TIMEOUT)),
    'wrong-id': (lambda query: b'\0\0' + address(query)[2:], RETRY, (UNRESOLVED, TIMEOUT)),
    'empty': (lambda query: b'', RETRY, (UNRESOLVED, TIMEOUT)),
    'loop': (lambda query: reply(query, NO_ERROR, [(CNAME, b'\xc0\x0c')]), RETRY, UNRESOLVED),
    'loops-in-name': (lambda query: reply(query, NO_ERROR, [(A, b'\xc0\x20')] * 50), RETRY,
                      (UNRESOLVED, TIMEOUT)),
    'truncated': (lambda query: reply(query, NO_ERROR, flags=0x200), RETRY, (UNRESOLVED, TIMEOUT)),
}


class NameServer:
    """Answers on port 53 of this namespace."""

    def __init__(self):
        self.asked = set()
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind(('127.0.0.1', 53))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            query, whom = self.sock.recvfrom(4096)
            threading.Thread(target=self._answer, args=(query, whom), daemon=True).start()

    def _answer(self, query, whom):
        name = question(query)[0]
        self.asked.add(name)
        said = WAYS[name][0](query)
        if said is not None:
            self.sock.sendto(said, whom)


def set_up():
    """The loopback comes up, and only our name server is known."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        fcntl.ioctl(sock, 0x8914, struct.pack('16sH14x', b'lo', 0x41))  # SIOCSIFFLAGS: up, running
    with tempfile.NamedTemporaryFile('w') as file:
        file.write('nameserver 127.0.0.1\noptions timeout:3 attempts:2\n')
        file.flush()
        run_program(['mount', '--bind', file.name, '/etc/resolv.conf']).expect(0)


def bad_name_servers(build):
    """Each way at once; the one that is silent holds up nobody."""
    if MARK not in os.environ:
        raise Skip('no network namespace of our own (unshare -mn)')
    set_up()
    server = NameServer()
    run(build, 'name servers', [
        Row(name, behave, decision, hresult, requests=int(decision == TAKEN),
            host=f'{name}.example', healed_host='127.0.0.1', lines='insecure = yes')
        for name, (_, decision, hresult) in WAYS.items()])
    expect(server.asked == set(WAYS), f'asked for {server.asked}')


if __name__ == '__main__':
    if MARK not in os.environ and subprocess.call(['unshare', '-mn', 'true'],
                                                  stderr=subprocess.DEVNULL) == 0:
        os.environ[MARK] = '1'
        os.execvp('unshare', ['unshare', '-mn', sys.executable, '-B', *sys.argv])
    main(bad_name_servers)
