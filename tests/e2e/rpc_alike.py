#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The RPC that replayed sessions are answered by speaks as a real aria2c does: same status, same
answer, to the same requests."""

import json
import sys
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

import aria2  # noqa: E402
import rpc  # noqa: E402
from content import make_files  # noqa: E402
from fake_rpc import FakeRpc  # noqa: E402
from ports import answers_on, free_port  # noqa: E402
from process import wait_until  # noqa: E402
from testcase import expect, expect_equal, main, needs  # noqa: E402
from webserver import WebServer  # noqa: E402

GIDS = [f'c7a000000000000{digit}' for digit in '123456']
GOOD, BAD, PAUSED = GIDS[:3], GIDS[3], GIDS[4:]
REQUESTS = [
    ('aria2.tellStatus', [GOOD[0]]),
    ('aria2.tellStatus', [GOOD[0].upper(), ['gid', 'status', 'nothing']]),
    ('aria2.tellStatus', [BAD, []]),
    ('aria2.tellStatus', [PAUSED[0], ['files', 'dir']]),
    ('aria2.tellStatus', ['0123456789abcdef']),
    ('aria2.tellStatus', ['no gid']),
    ('aria2.tellStatus', []),
    ('aria2.tellActive', []),
    ('aria2.tellActive', [['gid']]),
    ('aria2.tellWaiting', [0, 100]),
    ('aria2.tellWaiting', [-1, 100, ['gid']]),
    ('aria2.tellStopped', [0, 100]),
    ('aria2.tellStopped', [1, 2, ['gid', 'errorCode']]),
    ('aria2.tellStopped', [-2, 2, ['gid']]),
    ('aria2.tellStopped', [9, 2]),
    ('aria2.tellStopped', []),
    ('aria2.nothing', []),
    ('aria2.tellActive', ['token:not asked for']),
]
MULTI = [*[{'methodName': method, 'params': params} for method, params in REQUESTS],
         {'methodName': 'system.multicall', 'params': []}, {}]


def _post(port, body, path='/jsonrpc'):
    """HTTP status, type and body as JSON."""
    request = urllib.request.Request(f'http://127.0.0.1:{port}{path}', body)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=30) as reply:
            return reply.status, reply.headers['Content-Type'], reply.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers['Content-Type'], error.read()


def _ask(port, method, params, number='1'):
    body = {'jsonrpc': '2.0', 'id': number, 'method': method, 'params': params}
    return _post(port, json.dumps(body).encode())


def _start(directory, *options):
    port = free_port()
    real = aria2.Background('--enable-rpc', f'--rpc-listen-port={port}', f'--dir={directory}',
                            *options)
    wait_until('aria2c to listen', lambda: answers_on(port))
    return real, port


def _expect_alike(real, fake, requests):
    for method, params in requests:
        expect_equal(_ask(fake, method, params), _ask(real, method, params),
                     f'{method}{params}')


def same_answers(_):
    """Three downloads that are there, one that failed, two that wait: every request, alone, in
    one multicall and as a batch, and what is no request at all."""
    needs('aria2c', 'nginx')
    with tempfile.TemporaryDirectory(prefix='ctm-test-') as root:
        www, dl, fake = Path(root, 'www'), Path(root, 'dl'), FakeRpc()
        make_files(www, {f'{gid}.bin': 3000 for gid in GOOD})
        web = WebServer(www, Path(root, 'nginx'))
        real, port = _start(dl, '-j1')
        try:
            for gid in GIDS:
                pause = 'true' if gid in PAUSED else 'false'
                rpc.call(f'http://127.0.0.1:{port}/jsonrpc', 'aria2.addUri',
                         [web.url(f'{gid}.bin')], {'gid': gid, 'pause': pause})
            wait_until('four ends', lambda: len(json.loads(
                _ask(port, 'aria2.tellStopped', [0, 9])[2])['result']) == 4)
            snapshot = {part: json.loads(_ask(port, f'aria2.{method}', params)[2])['result']
                        for part, method, params in (('active', 'tellActive', []),
                                                     ('waiting', 'tellWaiting', [0, 9]),
                                                     ('stopped', 'tellStopped', [0, 9]))}
            fake.up(snapshot)
            _expect_alike(port, fake.port, [*REQUESTS, ('system.multicall', [MULTI])])
            batch = json.dumps([{'jsonrpc': '2.0', 'id': number, 'method': method,
                                 'params': params}
                                for number, (method, params) in enumerate(REQUESTS)]).encode()
            for body in (batch, b'{no', b'{"jsonrpc":"2.0","method":"aria2.tellActive"}'):
                expect_equal(_post(fake.port, body), _post(port, body), body.decode())
            fake.down()
            expect(not answers_on(fake.port), 'the fake listens although it is down')
        finally:
            fake.close()
            real.close()
            web.close()


def same_secret(_):
    """With a secret: without a token, with a wrong one, with the right one, and in a multicall
    each part for itself."""
    needs('aria2c')
    tokens = [[], ['token:wrong'], ['token:right']]
    nested = [{'methodName': 'aria2.tellActive', 'params': token} for token in tokens]
    with tempfile.TemporaryDirectory(prefix='ctm-test-') as root:
        real, port = _start(root, '--rpc-secret=right')
        fake = FakeRpc(secret='right')
        fake.up({'active': [], 'waiting': [], 'stopped': []})
        try:
            _expect_alike(port, fake.port, [('aria2.tellActive', token) for token in tokens]
                          + [('system.multicall', [nested])])
        finally:
            fake.close()
            real.close()


if __name__ == '__main__':
    main(same_answers, same_secret)
