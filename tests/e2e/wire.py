#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The wire: TLS with a client certificate, a Unix socket, a bearer token, Standard Webhooks
signatures, headers, client data."""

import base64
import hashlib
import hmac
import secrets
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from certificates import Authority  # noqa: E402
from content import make_files  # noqa: E402
from notification import expect_requests, success  # noqa: E402
from process import wait_until  # noqa: E402
from sidecar import new_id, sidecar  # noqa: E402
from testcase import expect, expect_equal, main, needs  # noqa: E402
from world import World  # noqa: E402


def _complete(world, name='job', expected='', **keys):
    """A job of one file completes; returns its message, with the client data `expected`."""
    job_id, directory = new_id(), world.dl / name
    make_files(directory, {'a.bin': 10})
    world.put_sidecar(name, sidecar(job_id, directory, [{'path': 'a.bin', 'size': 10}], **keys))
    world.hook('on-download-complete', directory / 'a.bin')
    return success(job_id, 1, 10, expected)


def _secret_file(path, text):
    path.write_text(text)
    path.chmod(0o600)
    return path


def tls_with_client_certificate(build):
    """ca_file and client certificate are used; without either the message waits."""
    needs('openssl')
    with World(build) as world:
        ca = Authority(world.root / 'tls')
        server, client = ca.issue('server'), ca.issue('client')
        world.endpoint.options = ['--tls-cert', server.cert, '--tls-key', server.key,
                                  '--client-ca', ca.cert]
        world.endpoint.up()
        url = f'url = {world.endpoint.url(scheme="https")}\n'
        identity = f'cert_file = {client.cert}\nkey_file = {client.key}\n'
        expected = []
        for name, lines in (('no-ca', url + identity),
                            ('no-identity', f'{url}ca_file = {ca.cert}\n')):
            world.configure(lines, linger='0')
            expected.append(_complete(world, name=name))
            world.quiet()
            world.flush()
            taken, refused = _by_certificate(world.endpoint.requests())
            expect_equal(taken, [], f'requests with {lines!r}')
            expect_equal(len(refused) > 0, name == 'no-identity', 'refused requests')
        world.configure(f'{url}{identity}ca_file = {ca.cert}\n')
        expected.append(_complete(world))
        wait_until('three successes',
                   lambda: len(_by_certificate(world.endpoint.requests())[0]) >= 3)
        expect_requests(expected, _by_certificate(world.endpoint.requests())[0], ordered=False)


def _by_certificate(requests):
    """Those that came with the client's certificate, and those that came without and were
    turned away."""
    taken = [one for one in requests if one['client_cert']]
    for one in taken:
        expect('client' in one['client_cert'], f'the certificate is {one["client_cert"]}')
    return taken, [one for one in requests if not one['client_cert']]


def unix_socket(build):
    """socket = PATH speaks HTTP there; the URL's host is only a name."""
    with World(build) as world:
        path = world.root / 'socket'
        world.endpoint.options = ['--unix', path]
        world.configure(f'url = http://ctm.example/notify\nsocket = {path}\n')
        world.endpoint.up()
        message = _complete(world)
        world.endpoint.wait_for(1)
        world.flush().expect(0)
        requests = world.endpoint.requests()
        expect_requests([{**message, 'path': '/notify'}], requests)
        expect_equal(requests[0]['headers'].get('host'), 'ctm.example', 'Host')


def token_and_headers(build):
    """The bearer token comes from its file, headers from the configuration; neither the log
    nor the command line shows the token."""
    with World(build) as world:
        token = secrets.token_urlsafe(24)
        file = _secret_file(world.root / 'token', f'{token}\n')
        world.configure(f'url = {world.endpoint.url()}\ntoken_file = {file}\n'
                        'header = X-Site: LAB\nheader = X-Other: a: b\n')
        world.endpoint.up(['503', '200'])
        message = _complete(world)
        world.endpoint.wait_for(2)
        world.flush().expect(0)
        message['headers'].update({'authorization': f'Bearer {token}', 'x-site': 'LAB',
                                   'x-other': 'a: b'})
        expect_requests([message] * 2, world.endpoint.requests())
        expect(token not in world.log_text(), 'the token is in the log')


def open_secret_is_refused(build):
    """A token that everybody can read is not used; check says so."""
    with World(build) as world:
        file = _secret_file(world.root / 'token', 'abc\n')
        file.chmod(0o644)
        world.configure(f'url = {world.endpoint.url()}\ntoken_file = {file}\n', linger='0')
        world.endpoint.up()
        _complete(world)
        world.quiet()
        expect_equal(world.endpoint.requests(), [], 'requests with an open token file')
        world.ctm('check').expect(1).says(str(file))


def _signature(key, request):
    headers = request['headers']
    text = '.'.join((headers['webhook-id'], headers['webhook-timestamp'], request['body']))
    digest = hmac.new(key, text.encode(), hashlib.sha256).digest()
    return 'v1,' + base64.b64encode(digest).decode()


def signatures(build):
    """Each attempt is signed anew, by both keys while one is replaced by the other."""
    with World(build) as world:
        keys = [secrets.token_bytes(32), secrets.token_bytes(24)]
        lines = ''.join(f'whsec_{base64.b64encode(key).decode()}\n' for key in keys)
        file = _secret_file(world.root / 'secret', lines)
        world.configure(f'url = {world.endpoint.url()}\nsecret_file = {file}\n')
        world.endpoint.up(['500', '200'])
        message = _complete(world, expected='päivää', client_data='päivää')
        world.endpoint.wait_for(2)
        world.flush().expect(0)
        expect_requests([message] * 2, world.endpoint.requests())
        stamps = []
        for request in world.endpoint.requests():
            headers = request['headers']
            stamps.append(int(headers['webhook-timestamp']))
            expect(abs(stamps[-1] - time.time()) < 120, f'timestamp {stamps[-1]}')
            expect_equal(sorted(headers['webhook-signature'].split()),
                         sorted(_signature(key, request) for key in keys), 'signatures')
        expect(stamps[0] <= stamps[1], f'timestamps {stamps}')
        for line in lines.split():
            expect(line not in world.log_text(), 'the secret is in the log')


def client_data_verbatim(build):
    """Quotes, backslashes, every control character, UTF-8 of all lengths, nearly 64 KiB."""
    with World(build) as world:
        world.endpoint.up()
        nasty = '"\\/' + ''.join(map(chr, range(1, 32))) + '\x7f\u0080é€\U0001f600\u2028 ; # ='
        expected = []
        for number, data in enumerate((nasty, 'x' * 48000, ' ', '\n', '{"a": [1, "\\u0000"]}')):
            encoded = base64.b64encode(data.encode()).decode()
            expected.append(_complete(world, f'encoded-{number}', data,
                                      client_data_base64=encoded))
        for number, data in enumerate(("it's a \"quoted\" \\ value = é€\U0001f600", 'y' * 65000,
                                       '<a b="c">&amp;</a>', '"whole"')):
            expected.append(_complete(world, f'plain-{number}', data, client_data=data))
        world.endpoint.wait_for(len(expected))
        world.flush().expect(0)
        expect_requests(expected, world.endpoint.requests(), ordered=False)


def answers_are_judged(build):
    """S_OK and final refusals: what is refused for good is dead, is listed, and is never sent
    again by itself; retry sends the same message once more."""
    with World(build) as world:
        for number, answer in enumerate(('400', '410', '413', '422', '200 header=CTM-HRESULT:'
                                         '0x80070057', '200 header=CTM-HRESULT:0x80070490')):
            world.endpoint.up([answer])
            before = len(world.endpoint.requests())
            message = _complete(world, name=f'job-{number}')
            world.endpoint.wait_for(before + 1)
            world.quiet()
            world.flush()
            expect_equal(len(world.endpoint.requests()), before + 1, f'requests after {answer}')
            world.endpoint.up(['200 header=CTM-HRESULT:0x00000000'])
            world.ctm('retry', message['body']['szID']).expect(0)
            world.flush().expect(0)
            expect_requests([message] * 2, world.endpoint.requests()[before:])


if __name__ == '__main__':
    main(tls_with_client_certificate, unix_socket, token_and_headers, open_secret_is_refused,
         signatures, client_data_verbatim, answers_are_judged)
