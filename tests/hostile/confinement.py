#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The process that speaks to the network, confined: a module that was taken over can do nothing
beyond its task, the real one does all of it, and where a kernel can't confine, all goes on and
`check` says so."""

import base64
import os
import re
import secrets
import socket
import sys
import threading
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from certificates import Authority  # noqa: E402
from content import content, write_file  # noqa: E402
from figures import survived  # noqa: E402
from intruded import POSSIBLE, Intruded, complete, findings, needs_all  # noqa: E402
from notification import expect_requests  # noqa: E402
from process import wait_until  # noqa: E402
from sidecar import listed, new_id  # noqa: E402
from testcase import expect, expect_equal, main, needs  # noqa: E402
from tracing import needs_strace  # noqa: E402
from transports import OtherTransport  # noqa: E402
from world import World  # noqa: E402

LANDLOCK = ('landlock_create_ruleset', 'seccomp')


def intruder(build):
    """Files of the state and of others, the parent's memory, signals, processes, ports, sockets,
    mounts, keys: nothing works, and in a process that is not confined much of it does."""
    with Intruded(build) as world:
        needs_all(world)
        world.intrude()
        expect_equal(world.tried(), set(), 'what a confined intruder can do')
        expect(not (world.home / 'intruder').exists(), 'it has written')
        world.env.update(ARIA2_CTM_CONFINE='no', CTM_INTRUDER_STAYS='1')
        worked = world.tried()
        expect(POSSIBLE <= worked, f'that should have worked: {sorted(POSSIBLE - worked)}')
        survived('a transport module that was taken over', 'what it tries from inside', 36)


def without_seccomp(build):
    """Landlock alone still keeps it from the state, from other files, ports and processes."""
    needs_strace()
    with Intruded(build) as world:
        needs_all(world)
        world.env['CTM_INTRUDER_STAYS'] = '1'
        world.intrude()
        _inject(world, ('seccomp',))
        worked = world.tried()
        denied = POSSIBLE - {'fork', 'spawn', 'unix', 'memfd', 'wx', 'dump', 'chmod'}
        expect_equal(worked & (denied | {'spawn', 'ptrace', 'pmem'}), set(),
                     'what Landlock alone should deny')


def _inject(world, names):
    """The transport runs in a kernel that has not these system calls. Returns its place."""
    options = [word for name in names for word in ('-e', f'inject={name}:error=ENOSYS')]
    # libseccomp has another way to the same end; before it come three calls that are not its own.
    if 'seccomp' in names:
        options += ['-e', 'inject=prctl:error=EINVAL:when=4+']
    other = OtherTransport(world)
    other.put_traced(world.root / 'log' / 'trace', *options)
    return other


def kernels_that_cannot(build):
    """Without Landlock, without seccomp, without both, and where nobody wants it, it delivers;
    check says what is missing, and what to do."""
    needs_strace()
    with World(build, linger='0') as world:
        world.endpoint.up()
        expected = []
        for number, (names, texts) in enumerate((
                (LANDLOCK[:1], ('Landlock is not there',)),
                (LANDLOCK[1:], ('no seccomp filters',)),
                (LANDLOCK, ('Landlock is not there', 'no seccomp filters')))):
            other = _inject(world, names)
            expected.append(complete(world, f'job-{number}'))
            world.quiet()
            said = findings(world)
            for text in texts:
                expect(text in said, f'without {names}, check does not say {text!r}:\n{said}')
        other.put_back()
        world.env['ARIA2_CTM_CONFINE'] = 'no'
        expected.append(complete(world, 'job-unwanted'))
        world.quiet()
        expect('ARIA2_CTM_CONFINE' in findings(world), 'check does not say that it is unwanted')
        expect_requests(expected, world.endpoint.requests())


class Proxy:
    """An HTTP proxy that forwards whatever it is asked for to one port of this machine."""

    def __init__(self, port):
        self.port, self.seen = port, []
        self.server = socket.create_server(('127.0.0.1', 0))
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def url(self):
        return f'http://127.0.0.1:{self.server.getsockname()[1]}'

    def _serve(self):
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            with client, socket.create_connection(('127.0.0.1', self.port)) as server:
                request = client.recv(65536)
                self.seen.append(request.split(b'\r\n')[0].decode())
                server.sendall(re.sub(rb'^POST http://[^/]*', b'POST ', request))
                client.sendall(server.recv(65536))

    def close(self):
        self.server.close()


def all_that_it_is_for(build):
    """A name that is looked up, a proxy, https with a client certificate, a token, a signature,
    a Unix socket, each from files in places of their own, and a file that was replaced."""
    needs('openssl')
    with World(build) as world:
        needs_all(world)
        world.endpoint.up()
        by_name = f'url = http://localhost:{world.endpoint.port}/notify\n'
        expected = [_deliver(world, by_name, 'name')]
        proxy = Proxy(world.endpoint.port)
        expected.append(_deliver(world, 'url = http://ctm.invalid/notify\ninsecure = yes\n'
                                 f'proxy = {proxy.url()}\n', 'proxy'))
        expect(any('ctm.invalid' in line for line in proxy.seen), 'the proxy was not asked')
        proxy.close()
        token, key = _secrets(world)
        lines = f'token_file = {token}\nsecret_file = {key}\n'
        expected.append(_deliver(world, by_name + lines, 'token'))
        replaced = token.with_name('new')
        replaced.write_text('another\n')
        replaced.chmod(0o600)
        os.rename(replaced, token)
        expected.append(_deliver(world, by_name + lines, 'replaced'))
        requests = world.endpoint.requests()
        expect_requests(expected, requests)
        expect_equal(requests[-1]['headers'].get('authorization'), 'Bearer another', 'the token')
        expect('webhook-signature' in requests[-1]['headers'], 'there is no signature')
        world.endpoint.down()
        _by_tls(world, expected)
        _by_socket(world, expected)


def _deliver(world, lines, name):
    """The message of a job that was delivered with this endpoint."""
    world.configure(lines, linger='0')
    before = len(world.endpoint.requests())
    message = complete(world, name)
    world.endpoint.wait_for(before + 1)
    world.quiet()
    return message


def _secrets(world):
    place = world.root / 'secrets'
    place.mkdir()
    token, key = place / 'token', place / 'key'
    token.write_text('first\n')
    key.write_text(f'whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}\n')
    for file in (token, key):
        file.chmod(0o600)
    return token, key


def _by_tls(world, expected):
    authority = Authority(world.root / 'tls')
    server, client = authority.issue('server'), authority.issue('client')
    world.endpoint.options = ['--tls-cert', server.cert, '--tls-key', server.key,
                              '--client-ca', authority.cert]
    world.endpoint.up()
    expected.append(_deliver(
        world, f'url = https://localhost:{world.endpoint.port}/notify\nca_file = {authority.cert}\n'
        f'cert_file = {client.cert}\nkey_file = {client.key}\n', 'tls'))
    expect('client' in world.endpoint.requests()[-1]['client_cert'], 'no client certificate')
    expect_requests(expected, world.endpoint.requests())
    world.endpoint.down()


def _by_socket(world, expected):
    path = world.root / 'socket'
    world.endpoint.options = ['--unix', path]
    world.endpoint.up()
    expected.append(_deliver(world, f'url = http://ctm.example/notify\nsocket = {path}\n', 'unix'))
    expect_requests(expected, world.endpoint.requests())


def in_the_kernel_s_words(build):
    """While it waits for an answer, /proc says the same: no new privileges, a filter, no core
    file, and no capability but to read."""
    with World(build, linger='0') as world:
        needs_all(world)
        world.copy_programs()
        world.endpoint.up(['200 delay=1500'])
        job_id = new_id()
        write_file(world.dl / 'job' / 'f.bin', content('f', 10))
        world.put_sidecar('job', listed(job_id, world.dl / 'job', {'f.bin': 10}))
        call = world.call_hook('on-download-complete', world.dl / 'job' / 'f.bin')
        world.endpoint.wait_for(1)
        pid = wait_until('the transport', lambda: [
            one for one in world.ours()
            if Path(os.readlink(f'/proc/{one}/exe')).name == 'transport'])[0]
        status = dict(re.findall(r'^(\w+):\s*(.*)$', Path(f'/proc/{pid}/status').read_text(),
                                 re.MULTILINE))
        expect_equal(status['NoNewPrivs'], '1', 'no_new_privs')
        expect_equal(status['Seccomp'], '2', 'a filter')
        expect_equal(int(status['CapEff'], 16) & ~4, 0, 'capabilities')
        limits = Path(f'/proc/{pid}/limits').read_text()
        expect(re.search(r'Max core file size\s+0\s+0', limits), 'core files')
        if os.geteuid() == 0:
            expect_equal(os.stat(f'/proc/{pid}/mem').st_uid, 0, 'the owner of its memory')
        call.wait()


if __name__ == '__main__':
    main(intruder, without_seccomp, kernels_that_cannot, all_that_it_is_for, in_the_kernel_s_words)
