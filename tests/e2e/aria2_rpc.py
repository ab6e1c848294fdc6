#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`check --connect` asks a real aria2c over its RPC, and says what is wrong where it can't."""

import http.server
import socket
import sys
import threading
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

import aria2  # noqa: E402
from ports import free_port  # noqa: E402
from process import wait_until  # noqa: E402
from testcase import expect, main, needs  # noqa: E402
from world import World  # noqa: E402

SECRET = 'open "sesame" é'


def _answers(port):
    with socket.socket() as client:
        return client.connect_ex(('127.0.0.1', port)) == 0


def _aria2(port, *options):
    needs('aria2c')
    daemon = aria2.Background('--enable-rpc', f'--rpc-listen-port={port}', *options)
    wait_until('aria2 to answer', lambda: _answers(port))
    return daemon


def _check(world, port, secret_file=None, path='/jsonrpc'):
    """The outcome of a check by a configuration with that [aria2.main]."""
    lines = f'[aria2.main]\nrpc = http://127.0.0.1:{port}{path}\n'
    if secret_file:
        lines += f'secret_file = {secret_file}\n'
    world.configure(f'url = {world.endpoint.url()}', more=lines)
    outcome = world.ctm('check', '--connect')
    expect('sesame' not in outcome.out + outcome.err, f'the secret is told:\n{outcome}')
    return outcome


def _secret(world, text, mode=0o600):
    path = world.root / 'secret'
    path.unlink(missing_ok=True)
    path.write_text(text, encoding='utf-8')
    path.chmod(mode)
    return path


def answers(build):
    """With and without a secret: says which version it is."""
    with World(build) as world:
        world.endpoint.up()
        port = free_port()
        with _aria2(port, f'--dir={world.dl}', *world.hook_options()):
            _check(world, port).expect(0).says('[aria2.main] rpc', 'aria2 1.')
            _check(world, port, _secret(world, SECRET)).expect(0).says('aria2 1.')
        with _aria2(port, f'--rpc-secret={SECRET}', f'--dir={world.dl}',
                    *world.hook_options()):
            secret = _secret(world, f'{SECRET}\nmore\n')
            _check(world, port, secret).expect(0).says('aria2 1.', f'127.0.0.1:{port}')


def refuses(build):
    """A secret that is missing, wrong, open to others or nowhere: each with its remedy."""
    with World(build) as world:
        world.endpoint.up()
        port = free_port()
        with _aria2(port, f'--rpc-secret={SECRET}'):
            _check(world, port).expect(1).says('does not take the secret', 'set secret_file')
            _check(world, port, _secret(world, 'wrong')).expect(1).says(
                'does not take the secret')
            _check(world, port, _secret(world, SECRET, 0o644)).expect(1).says(
                'is open to others', 'chmod 600')
            _check(world, port, _secret(world, '\n')).expect(1).says('as the first line')
            _check(world, port, world.root / 'none').expect(1).says(
                'can\'t be asked', 'No such file')


class _NotAria2(http.server.BaseHTTPRequestHandler):
    """Speaks HTTP, and not JSON-RPC."""

    def do_POST(self):
        self.send_error(404)

    def log_message(self, *_):
        pass


def nobody(build):
    """Nobody listens; somebody else does; the path is not aria2's."""
    with World(build) as world:
        world.endpoint.up()
        port = free_port()
        _check(world, port).expect(1).says('can\'t be asked', 'enable-rpc=true')
        with _aria2(port):
            _check(world, port, path='/other').expect(1).says('HTTP status 404', '/jsonrpc')
        server = http.server.HTTPServer(('127.0.0.1', 0), _NotAria2)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            _check(world, server.server_port).expect(1).says('is not aria2\'s JSON-RPC')
        finally:
            server.shutdown()
            server.server_close()


if __name__ == '__main__':
    main(answers, refuses, nobody)
