#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Where a token, a webhook's secret, aria2's secret and a private key are not: in logs at level
debug, in what commands say, on command lines, in environments, in the state, in the memory of who
has no need of them, in core files."""

import base64
import os
import re
import resource
import secrets
import signal
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from certificates import Authority  # noqa: E402
from content import content, write_file  # noqa: E402
from endpoint import Endpoint  # noqa: E402
from fake_rpc import FakeRpc  # noqa: E402
from figures import survived  # noqa: E402
from process import Failure, every_process, signal_if_there, wait_until  # noqa: E402
from sidecar import new_id, sidecar  # noqa: E402
from testcase import Skip, expect, expect_equal, main, needs  # noqa: E402
from world import World  # noqa: E402

FORMATS = ('text', 'json', 'cmtrace')


class Secrets:
    """One of each kind, in files of their own; `forms` are the bytes to look for, by name."""

    def __init__(self, world):
        self.place = world.root / 'secrets'
        self.place.mkdir()
        key = secrets.token_bytes(32)
        token, rpc = secrets.token_urlsafe(120), secrets.token_urlsafe(24)
        self.rpc_secret, text = rpc, base64.b64encode(key).decode()
        self.token = self._file('token', token)
        self.webhook = self._file('webhook', f'whsec_{text}')
        self.rpc = self._file('rpc', rpc)
        self.forms = {'token': token.encode(), 'webhook secret': text.encode(),
                      'webhook key': key, 'rpc secret': rpc.encode()}

    def _file(self, name, text):
        path = self.place / name
        path.write_text(f'{text}\n')
        path.chmod(0o600)
        return path

    def add_key(self, path):
        """The body of a private key, a line of it."""
        self.forms['private key'] = path.read_bytes().splitlines()[3]

    def found_in(self, data, names=None):
        """The names of those that stand in some bytes."""
        return {name for name, form in self.forms.items()
                if form in data and (names is None or name in names)}


def _memory(pid):
    """All that a process has in memory that can be written to, and not only the stack."""
    found = []
    with open(f'/proc/{pid}/mem', 'rb') as mem:
        for line in Path(f'/proc/{pid}/maps').read_text().splitlines():
            begin, end, rights = re.match(r'([0-9a-f]+)-([0-9a-f]+) (\S+)', line).groups()
            if 'rw' not in rights:
                continue
            try:
                mem.seek(int(begin, 16))
                found.append(mem.read(int(end, 16) - int(begin, 16)))
            except OSError:
                pass
    return b''.join(found)


def _is_root():
    if os.geteuid() != 0:
        raise Skip('only root can look into memory')


def _lines(world, secret, tls):
    return (f'url = https://localhost:{world.endpoint.port}/notify\nca_file = {tls[0]}\n'
            f'cert_file = {tls[1].cert}\nkey_file = {tls[1].key}\n'
            f'token_file = {secret.token}\nsecret_file = {secret.webhook}\n')


def _configure(world, lines, secret, url, log='text'):
    world.configure(lines, linger='0',
                    more=f'[aria2]\nrpc = {url}\nsecret_file = {secret.rpc}\n')
    text = world.conf.read_text().replace('level = info', f'level = debug\nformat = {log}')
    world.conf.write_text(text)


def _ready(world, name, endpoint='ctm'):
    """A job whose file is there; returns the file."""
    write_file(world.dl / name / 'f.bin', content('f', 10))
    world.put_sidecar(name, sidecar(new_id(), world.dl / name, [{'path': 'f.bin', 'size': 10}],
                                    endpoint=endpoint))
    return world.dl / name / 'f.bin'


def _by_name(world):
    """Our programs that run, {name: id}."""
    found = {}
    for pid in world.ours():
        try:
            found[Path(os.readlink(f'/proc/{pid}/exe')).name] = pid
        except OSError:
            pass
    return found


def _of_processes():
    """Command lines and environments of all that runs, but our own."""
    found = []
    for pid in every_process():
        for name in ('cmdline', 'environ'):
            try:
                found.append(Path(f'/proc/{pid}/{name}').read_bytes())
            except OSError:
                pass
    return b'\n'.join(found)


def nowhere(build):
    """During a slow delivery over TLS, with all four, and aria2 asked: processes, the memory of
    the deliverer, the log in each format, what commands say, the state."""
    _is_root()
    needs('openssl')
    with World(build) as world:
        secret, authority = Secrets(world), Authority(world.root / 'tls')
        server, client = authority.issue('server'), authority.issue('client')
        secret.add_key(client.key)
        fake = FakeRpc(secret=secret.rpc_secret)
        fake.up({'active': [], 'waiting': [], 'stopped': []})
        world.endpoint.options = ['--tls-cert', server.cert, '--tls-key', server.key,
                                  '--client-ca', authority.cert]
        lines, samples = _lines(world, secret, (authority.cert, client)), 0
        for number, log in enumerate(FORMATS):
            _configure(world, lines, secret, fake.url(), log)
            world.endpoint.up(['200 delay=1200'])
            call = world.call_hook('on-download-complete', _ready(world, f'job-{number}'))
            samples += _sample(world, secret, number + 1)
            call.wait()
            said = world.flush().expect(0)
            said = said.out + said.err + ''.join(
                f'{one.out}{one.err}' for one in (world.ctm('check', '--connect'),
                                                  world.ctm('status', '--json')))
            expect_equal(secret.found_in(said.encode()), set(), 'what commands say')
        fake.down()
        taken = [one['headers'].get('authorization') for one in world.endpoint.requests()]
        expect(f'Bearer {secret.forms["token"].decode()}' in taken, 'the token was not used')
        _not_in_files(world, secret)
        survived('a look for secrets', 'processes, log, state, output', samples)


def _sample(world, secret, requests):
    """Looks again and again while an attempt is under way. Returns how often."""
    samples, end = 0, time.monotonic() + 20
    while time.monotonic() < end:
        expect_equal(secret.found_in(_of_processes()), set(), 'command lines and environments')
        deliverer = _by_name(world).get('deliver')
        if deliverer:
            try:
                memory = _memory(deliverer)
            except OSError:
                memory = b''
            expect_equal(secret.found_in(memory, ('token', 'webhook secret', 'webhook key',
                                                  'private key')), set(),
                         'the deliverer\'s memory')
            samples += bool(memory)
        elif len(world.endpoint.requests()) >= requests:
            return samples
    raise Failure('the deliverer does not end')


def _not_in_files(world, secret):
    for path in [world.log, *world.state.rglob('*')]:
        if path.is_file():
            expect_equal(secret.found_in(path.read_bytes()), set(), f'{path}')


def gone_after_the_attempt(build):
    """While another attempt is under way, what a finished one used is in nobody's memory: neither
    in the transport's process nor in the deliverer's."""
    _is_root()
    with World(build) as world:
        secret = Secrets(world)
        slow = Endpoint(world.build, world.root / 'slow')
        world.endpoint.up()
        slow.up(['200 delay=4000'])
        try:
            world.configure(
                f'url = {world.endpoint.url()}\ntoken_file = {secret.token}\n'
                f'secret_file = {secret.webhook}\n[endpoint.slow]\nurl = {slow.url()}\n')
            call = world.call_hook('on-download-complete', _ready(world, 'slow', 'slow'))
            slow.wait_for(1)
            world.hook('on-download-complete', _ready(world, 'quick'))
            world.endpoint.wait_for(1)
            wait_until('the outcome', lambda: 'CTM took' in world.log_text())
            ours = _by_name(world)
            expect({'deliver', 'transport'} <= set(ours), f'what runs: {ours}')
            for name in ('transport', 'deliver'):
                expect_equal(secret.found_in(_memory(ours[name])), set(),
                             f'the memory of {name}')
            call.wait()
        finally:
            slow.close()


def asked_and_forgotten(build):
    """aria2's secret is read by the deliverer; when it was asked, nobody has it any more."""
    _is_root()
    with World(build, linger='60s') as world:
        secret = Secrets(world)
        fake = FakeRpc(secret=secret.rpc_secret)
        fake.up({'active': [], 'waiting': [], 'stopped': []})
        world.endpoint.up(['503'])
        world.configure(f'url = {world.endpoint.url()}\n', retry='0, 50s',
                        more=f'[aria2]\nrpc = {fake.url()}\nsecret_file = {secret.rpc}\n')
        job_id, gid = new_id(), secrets.token_hex(8)
        world.put_sidecar('job', sidecar(job_id, world.dl, [{'path': 'a.bin', 'gid': gid}]))
        world.call_hook('on-download-error', '', gid=gid)
        world.endpoint.wait_for(1)
        pid = world.deliverer()
        expect_equal(secret.found_in(_memory(pid)), set(), 'the deliverer\'s memory')
        fake.down()


# Lines of [endpoint.ctm] with a mistake in them, and a secret where SECRET stands.
MISTAKEN = (
    'header = Authorization Bearer SECRET', 'header = "Authorization Bearer SECRET"',
    'header = X-Key: SECRET\x7f', 'header Authorization = Bearer SECRET',
    'header: Authorization Bearer SECRET', 'Authorization: Bearer SECRET', 'SECRET',
    'SECRET=', 'token SECRET=', ' header = X-Key: SECRET',
    'proxy = http://user:SECRET@proxy .example.net', 'proxy = "http://user:SECRET@proxy:1"',
    'url = https://user:SECRET@localhost/notify', 'url = "https://user:SECRET@localhost/notify"',
    'url = https://user:SECRET/@localhost/notify', 'url = user:SECRET@localhost',
    'allow = https://user:SECRET@localhost/, https://user:b,SECRET@localhost/',
    'token_file = SECRET', 'secret_file = whsec_SECRET', 'secret_file = "whsec_SECRET"',
)


def mistaken_lines(build):
    """A complaint about a line of the configuration, or about a URL, does not show what may be a
    secret in it: not the hook's, not the deliverer's, not that of any command, and not the log."""
    with World(build) as world:
        world.endpoint.up()
        write_file(world.dl / 'a.bin', b'')
        good = f'url = {world.endpoint.url()}\n'
        for number, line in enumerate(MISTAKEN):
            secret = secrets.token_urlsafe(32)
            rest = '' if line.startswith('url') else good
            world.configure(f'{line.replace("SECRET", secret)}\n{rest}', linger='0')
            hook = world.call_hook('on-download-complete', world.dl / 'a.bin').wait()
            said = ''.join(f'{one.out}{one.err}' for one in (
                hook, world.deliver(), world.flush(), world.ctm('check'), world.ctm('status')))
            expect(said, f'nobody complains of {line!r}')
            said += world.log_text() if world.log.exists() else ''
            expect(secret not in said, f'{line!r} is shown: {said:.2000}')
        survived('a look for secrets', 'complaints of lines', len(MISTAKEN))


def urls_of_others(build):
    """A sidecar's URL with a password in it, and a proxy of the environment's that libcurl can't
    use and names in its words. (What `status` shows is the job as it was given.)"""
    with World(build) as world:
        world.endpoint.up()
        user, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
        world.put_sidecar('url', sidecar(new_id(), world.dl, [{'path': 'f.bin', 'size': 10}],
                                         endpoint=f'https://{user}:{secret}@localhost/'))
        world.put_sidecar('uri', sidecar(new_id(), world.dl, [
            {'path': 'g.bin', 'size': 10, 'uri': f'gopher://{user}:{secret}@localhost/g.bin'}]))
        said = ''.join(f'{one.out}{one.err}' for one in (world.flush(), world.ctm('check')))
        for scheme in ('socks9', 'http'):
            world.configure(f'url = http://192.0.2.1/notify\ninsecure = yes\n'
                            f'proxy = {scheme}://{user}:{secret}@no^proxy:99999\n', linger='0')
            world.hook('on-download-complete', _ready(world, f'job-{scheme}'))
            said += ''.join(f'{one.out}{one.err}' for one in (
                world.flush(), world.ctm('check', '--connect')))
        said += world.log_text()
        expect(user not in said and secret not in said, f'they are shown: {said:.4000}')


def no_core_file(build):
    """SIGABRT, with core files allowed, leaves none of the deliverer nor of the transport."""
    pattern = Path('/proc/sys/kernel/core_pattern').read_text().strip()
    if os.geteuid() != 0 or pattern.startswith('|'):
        raise Skip(f'core files go where they can\'t be looked for: {pattern}')
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    with World(build) as world:
        world.endpoint.up(['200 delay=3000'])
        before = _cores(world)
        for name, number in (('transport', 0), ('deliver', 1)):
            world.call_hook('on-download-complete', _ready(world, f'job-{number}'))
            ours = wait_until(name, lambda: (lambda found: found if name in found else None)(
                _by_name(world)))
            world.endpoint.wait_for(1 + number)
            signal_if_there(ours[name], signal.SIGABRT)
            wait_until(f'{name} to end', lambda: _by_name(world).get(name) != ours[name])
            expect_equal(_cores(world) - before, set(), f'core files of {name}')
            world.end_ours()


def _cores(world):
    places = {Path('/'), Path.cwd(), world.dl, world.state, world.build}
    return {path for place in places for path in place.glob('core*') if path.is_file()}


if __name__ == '__main__':
    main(nowhere, gone_after_the_attempt, asked_and_forgotten, mistaken_lines, urls_of_others,
         no_core_file)
