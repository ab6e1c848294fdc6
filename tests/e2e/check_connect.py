#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`check --connect`: each endpoint is connected to, nothing is said to it, and it is `transport`
that does so, not the process that has the store open."""

import os
import re
import socket
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from process import run  # noqa: E402
from testcase import Skip, expect, expect_equal, main  # noqa: E402
from tracing import needs_strace  # noqa: E402
from world import World  # noqa: E402


def _check(world, lines, status):
    world.configure(lines)
    return world.ctm('check', '--connect').expect(status)


def _line(outcome, text):
    """The one line of the report that has it."""
    found = [line for line in outcome.out.splitlines() if text in line]
    expect_equal(len(found), 1, f'lines with {text!r} in {outcome}')
    return found[0]


def somebody_is_there(build):
    """By address, by name, by IPv6, by a Unix socket; nothing is said."""
    with World(build) as world, socket.create_server(('127.0.0.1', 0)) as server:
        port = server.getsockname()[1]
        for host in ('127.0.0.1', 'localhost'):
            said = _check(world, f'url = http://{host}:{port}/x\n', 0)
            expect(re.search(rf'^ok: \[endpoint.ctm\]: http://{host}:{port}/x can be connected to '
                             r'\(\d+ ms\)$', said.out, re.MULTILINE), f'{host}: {said}')
            peer, _ = server.accept()
            with peer:
                expect_equal(peer.recv(1), b'', f'{host}: what was said')
        path = world.root / 'socket'
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
            listener.listen()
            said = _check(world, f'url = http://ctm.example/x\nsocket = {path}\n', 0)
            expect(f'{path} can be connected to (' in said.out, f'a Unix socket: {said}')


def by_ipv6(build):
    """An address in brackets."""
    try:
        server = socket.create_server(('::1', 0), family=socket.AF_INET6)
    except OSError:
        raise Skip('there is no IPv6 here') from None
    with World(build) as world, server:
        said = _check(world, f'url = http://[::1]:{server.getsockname()[1]}/x\n', 0)
        expect('can be connected to (' in said.out, f'{said}')


def nobody_is_there(build):
    """Refused, silent, unknown, no socket: an error each with its reason, or where there is a
    proxy before it, a warning; the others are tried all the same."""
    with World(build) as world, socket.socket() as bound:
        bound.bind(('127.0.0.1', 0))
        url = f'http://127.0.0.1:{bound.getsockname()[1]}/x'
        said = _check(world, f'url = {url}\n', 1)
        expect_equal(_line(said, "can't be connected to"),
                     f"error: [endpoint.ctm]: {url} can't be connected to: Connection refused",
                     'refused')
        expect('see whether it runs, and what lies between' in said.out, f'no remedy: {said}')
        said = _check(world, f'url = {url}\nproxy = http://proxy.example:3128\n', 0)
        expect_equal(_line(said, "can't be connected to"),
                     f"warning: [endpoint.ctm]: {url} can't be connected to without its proxy: "
                     'Connection refused', 'behind a proxy')
        said = _check(world, 'url = https://no-such-host.invalid/x\n', 1)
        expect("can't be connected to: the name can't be resolved: " in said.out, f'{said}')
        path = world.root / 'nowhere'
        said = _check(world, f'url = http://ctm.example/x\nsocket = {path}\n\n'
                      f'[endpoint.other]\nurl = {url}\n', 1)
        expect(f"{path} can't be connected to: No such file or directory" in said.out, f'{said}')
        expect(f"{url} can't be connected to: Connection refused" in said.out, f'{said}')


def silent(build):
    """Who does not answer at all costs the time-out for connecting, and no more."""
    with World(build) as world, socket.create_server(('127.0.0.1', 0), backlog=0) as server:
        port, waiting = server.getsockname()[1], []
        for _ in range(8):  # a full backlog: the kernel answers no more
            waiting.append(socket.socket())
            waiting[-1].setblocking(False)
            waiting[-1].connect_ex(('127.0.0.1', port))
        said = _check(world, f'url = http://127.0.0.1:{port}/x\nconnect_timeout = 1s\n', 1)
        expect("can't be connected to: Connection timed out" in said.out, f'{said}')
        for one in waiting:
            one.close()


def by_the_transport(build):
    """The process that has the store open makes no socket but the one to `transport`."""
    needs_strace()
    with World(build) as world, socket.create_server(('127.0.0.1', 0)) as server:
        world.configure(f'url = http://localhost:{server.getsockname()[1]}/x\n')
        trace = world.root / 'log' / 'trace'
        world.env['ASAN_OPTIONS'] = world.env.get('ASAN_OPTIONS', '') + ':detect_leaks=0'
        said = run(['strace', '-ff', '-o', str(trace), '-e', 'trace=execve,socket,connect',
                    world.program('aria2-ctm'), 'check', '--connect'], env=world.env, cwd='/')
        expect('can be connected to (' in said.out, f'{said}')
        network = {}
        for file in trace.parent.iterdir():
            text = file.read_text()
            calls = re.findall(r'^connect\(.*AF_INET.*', text, re.MULTILINE)
            if calls:
                network[os.path.basename(re.findall(r'execve\("([^"]+)"', text)[-1])] = calls
        expect_equal(list(network), ['transport'], f'who connects: {network}')


if __name__ == '__main__':
    main(somebody_is_there, by_ipv6, nobody_is_there, silent, by_the_transport)
