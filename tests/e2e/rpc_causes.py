#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Why a download failed, asked of a real aria2c over its RPC: each ends in exactly one final
word, with the HRESULT of its cause."""

import base64
import json
import os
import shutil
import signal
import socket
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

import aria2  # noqa: E402
import rpc  # noqa: E402
from content import content, make_files, sha256  # noqa: E402
from notification import expect_requests, success  # noqa: E402
from ports import free_port  # noqa: E402
from process import run, wait_until  # noqa: E402
from sidecar import new_id, sidecar  # noqa: E402
from testcase import Skip, expect, expect_equal, main, needs  # noqa: E402
from torrent import torrent  # noqa: E402
from world import World  # noqa: E402

LOCATIONS = ''.join(f'    location /{status}/ {{ return {status}; }}\n'
                    for status in (403, 500, 503))
GID = '00000000000000a1'
ERROR_FIELDS = ['method', 'szEndpoint', 'szID', 'szClientData', 'hrErrorCode', 'szErrorMessage']


class Aria2World(World):
    """A world with an aria2c that is asked, and a server of files."""

    def __init__(self, build, files, options=(), hooks=True):
        needs('aria2c', 'nginx')
        super().__init__(build)
        self.port, self.daemon = free_port(), None
        self.options = [*options, *(self.hook_options() if hooks else [])]
        self.configure(f'url = {self.endpoint.url()}', linger='20s',
                       more=f'[aria2]\nrpc = http://127.0.0.1:{self.port}/jsonrpc\n')
        self.endpoint.up()
        self.serve(files, LOCATIONS)
        self.start()

    def start(self):
        """aria2c comes up, and knows of nothing."""
        self.daemon = aria2.Background(
            '--enable-rpc', f'--rpc-listen-port={self.port}', f'--dir={self.dl}',
            '--auto-file-renaming=false', *self.options, env=self.env)
        wait_until('aria2c to answer', self._answers)

    def _answers(self):
        with socket.socket() as client:
            return client.connect_ex(('127.0.0.1', self.port)) == 0

    def rpc(self, method, *params):
        """What aria2 returns."""
        return rpc.call(f'http://127.0.0.1:{self.port}/jsonrpc', f'aria2.{method}', *params)

    def add(self, url, **options):
        return self.rpc('addUri', [url], options)

    def ended(self, gid):
        """Waits until aria2 has done with a download; how that ended."""
        def over():
            status = self.rpc('tellStatus', gid)['status']
            return status if status in ('complete', 'error', 'removed') else None
        return wait_until('a download to end', over, 40)

    def job(self, *files, **keys):
        """A listed job; its id. files: names, or dicts of keys."""
        job_id = new_id()
        files = [one if isinstance(one, dict) else {'path': one} for one in files]
        self.put_sidecar(job_id[1:9], sidecar(
            job_id, keys.pop('local_path', self.dl), files, **keys))
        self.flush().expect(0)
        return job_id

    def __exit__(self, *exception):
        if self.daemon:
            self.daemon.close()
        super().__exit__(*exception)


def _check_error(request, job_id, hresult, *texts):
    """A recorded request is the error of that job, with that code, and its message says all."""
    for header in ('ce-id', 'idempotency-key', 'webhook-id'):
        expect_equal(request['headers'].get(header), f'{job_id}/error', header)
    expect_equal(request['headers'].get('ce-type'), 'aria2-ctm.notify.error', 'ce-type')
    body = json.loads(request['body'])
    expect_equal(list(body), ERROR_FIELDS, 'fields')
    expect_equal(body['szID'], job_id, 'szID')
    expect_equal(body['hrErrorCode'], hresult, f'hrErrorCode ({body["szErrorMessage"]})')
    for text in texts:
        expect(str(text) in body['szErrorMessage'],
               f'{text!r} is not in {body["szErrorMessage"]!r}')


def _nothing_more(world, count=1):
    for _ in range(2):
        world.flush().expect(0)
    expect_equal(len(world.endpoint.requests()), count, 'requests after two more flushes')


def _only_error(world, job_id, hresult, *texts):
    _check_error(world.endpoint.wait_for(1)[0], job_id, hresult, *texts)
    _nothing_more(world)


def _only_success(world, job_id, files, size):
    expect_requests([success(job_id, files, size)], world.endpoint.wait_for(1))
    _nothing_more(world)


def _fails(build, hresult, url, name='a.bin', options=(), **download):
    """One download that fails, known by its path and by its gid."""
    for gid in (None, GID):
        with Aria2World(build, {'a.bin': 1000}, options) as world:
            job_id = world.job({'path': name, 'gid': gid})
            if gid:
                download['gid'] = gid
            world.add(url(world), **download)
            _only_error(world, job_id, hresult, world.dl / name)


def not_found(build):
    """404, where aria2 has no name for the file, and where it has."""
    _fails(build, '0x80190194', lambda world: world.web.url('nope.bin'), name='nope.bin')
    _fails(build, '0x80190194', lambda world: world.web.url('nope.bin'), out='a.bin')


def forbidden(build):
    """403."""
    _fails(build, '0x80190193', lambda world: world.web.url('a.bin', '403/'))


def server_fails(build):
    """500 and 503."""
    _fails(build, '0x801901F4', lambda world: world.web.url('a.bin', '500/'))
    _fails(build, '0x801901F7', lambda world: world.web.url('a.bin', '503/'))


def refused(build):
    """Nobody listens."""
    port = free_port()
    _fails(build, '0x80072EFD', lambda world: f'http://127.0.0.1:{port}/a.bin')


def no_such_host(build):
    """A name that nobody can resolve: the only server of names that is asked is not there."""
    version = run(['aria2c', '--version'])
    if 'Async DNS' not in version.out:
        raise Skip('this aria2c asks the machine for names')
    _fails(build, '0x80072EE7', lambda world: 'http://host.invalid/a.bin',
           options=['--async-dns-server=127.0.0.1'])


def checksum(build):
    """What came is not what was announced."""
    _fails(build, '0x80091007', lambda world: world.web.url('a.bin'),
           checksum=f'sha-256={"1" * 64}')


def disk_full(build):
    """There is no room for it."""
    if os.geteuid() != 0:
        raise Skip('not root')
    needs('mount', 'umount')
    with Aria2World(build, {'a.bin': 1000000}) as world:
        outcome = run(['mount', '-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', str(world.dl)])
        if outcome.status != 0:
            raise Skip(f'no tmpfs may be mounted here: {outcome.err.strip()}')
        try:
            job_id = world.job('a.bin')
            world.add(world.web.url('a.bin'))
            _only_error(world, job_id, '0x80070070', world.dl / 'a.bin')
        finally:
            run(['umount', '-l', str(world.dl)])


def removed(build):
    """Somebody takes it out of aria2: the job waits for it to be added again, until its
    deadline."""
    with Aria2World(build, {'a.bin': 4000000}) as world:
        job_id = world.job('a.bin', timeout=6)
        gid = world.add(world.web.url('a.bin', 'slow/'))
        wait_until('some bytes', lambda: int(world.rpc('tellStatus', gid)['completedLength']))
        world.flush().expect(0)
        world.rpc('remove', gid)
        expect_equal(world.ended(gid), 'removed', 'status')
        world.flush().expect(0)
        expect_equal(world.endpoint.requests(), [], 'requests before the deadline')
        time.sleep(6.2)
        world.flush().expect(0)
        _only_error(world, job_id, '0x800704C7', world.dl / 'a.bin', 'timeout of 6 s')


def removed_before_it_began(build):
    """aria2 calls no hook for a waiting download that is removed: two flushes see it."""
    with Aria2World(build, {'a.bin': 1000}) as world:
        job_id = world.job({'path': 'a.bin', 'gid': GID}, timeout=4)
        world.add(world.web.url('a.bin'), pause='true', gid=GID)
        world.flush().expect(0)
        world.rpc('remove', GID)
        world.flush().expect(0)
        expect_equal(world.endpoint.requests(), [], 'requests before the deadline')
        time.sleep(4.2)
        world.flush().expect(0)
        _only_error(world, job_id, '0x800704C7', world.dl / 'a.bin')


def removed_and_added_again(build):
    """Then it is a success, also without a timeout."""
    with Aria2World(build, {'a.bin': 4000000}) as world:
        job_id = world.job('a.bin')
        gid = world.add(world.web.url('a.bin', 'slow/'))
        wait_until('some bytes', lambda: int(world.rpc('tellStatus', gid)['completedLength']))
        world.rpc('remove', gid)
        world.ended(gid)
        world.flush().expect(0)
        expect_equal(world.endpoint.requests(), [], 'requests')
        world.add(world.web.url('a.bin'), **{'continue': 'true'})
        _only_success(world, job_id, 1, 4000000)


def tried_again(build):
    """With a timeout a 404 is remembered, and what comes after it counts."""
    with Aria2World(build, {'a.bin': 1000}) as world:
        job_id = world.job('a.bin', timeout=3600)
        gid = world.add(world.web.url('nope.bin'), out='a.bin')
        expect_equal(world.ended(gid), 'error', 'status')
        world.flush().expect(0)
        expect_equal(world.endpoint.requests(), [], 'requests')
        job = world.status(job_id)['jobs'][0]
        expect_equal(job['state'], 'open', 'state')
        world.add(world.web.url('a.bin'))
        _only_success(world, job_id, 1, 1000)


def without_hooks(build):
    """No hook was ever set: flush finds what is complete, and what has failed."""
    with Aria2World(build, {'a.bin': 1000, 'b.bin': 2000}, hooks=False) as world:
        good = world.job('a.bin', 'b.bin')
        world.ended(world.add(world.web.url('a.bin')))
        world.flush().expect(0)
        expect_equal(world.endpoint.requests(), [], 'requests after one of two')
        world.ended(world.add(world.web.url('b.bin')))
        world.flush().expect(0)
        expect_requests([success(good, 2, 3000)], world.endpoint.wait_for(1))
        bad = world.job({'path': 'c.bin', 'gid': GID})
        world.ended(world.add(world.web.url('nope.bin'), gid=GID, out='c.bin'))
        world.flush().expect(0)
        _check_error(world.endpoint.wait_for(2)[1], bad, '0x80190194', world.dl / 'c.bin')
        _nothing_more(world, 2)


def without_hooks_at_the_deadline(build):
    """The flush that would end the job finds that all is there."""
    with Aria2World(build, {'a.bin': 1000}, hooks=False) as world:
        job_id = world.job('a.bin', timeout=3)
        world.ended(world.add(world.web.url('a.bin')))
        time.sleep(3.2)
        world.flush().expect(0)
        _only_success(world, job_id, 1, 1000)


def _add_torrent(world, tree, seed='', **options):
    """A torrent mt of that tree; its gid."""
    whole = torrent(world.www / 'mt', list(tree), webseed=world.web.url(seed))
    return world.rpc('addTorrent', base64.b64encode(whole).decode(), [],
                     {'seed-time': '0', **options})


def torrent_removed_half_way(build):
    """It was complete once, was deleted, and added again: what that has left when it is removed is
    not what aria2's list still calls complete."""
    tree = {'mt/a.bin': 400000, 'mt/b.bin': 600000}
    names = [name[3:] for name in tree]
    with Aria2World(build, tree, hooks=False) as world:
        world.ended(_add_torrent(world, names))
        shutil.rmtree(world.dl / 'mt')
        again = _add_torrent(world, names, 'slow/',
                             **{'file-allocation': 'trunc', 'no-file-allocation-limit': '0',
                                'max-download-limit': '40K'})
        wait_until('some bytes', lambda: int(world.rpc('tellStatus', again)['completedLength']))
        world.rpc('forceRemove', again)
        world.ended(again)
        world.rpc('removeDownloadResult', again)
        sizes = [(world.dl / name).stat().st_size for name in tree]
        expect_equal(sizes, list(tree.values()), 'sizes of what is there in part')
        job_id = world.job(*names, local_path=world.dl / 'mt', timeout=86400)
        world.flush().expect(0)
        expect_equal(world.endpoint.requests(), [], 'requests')
        # It goes on, to its end.
        world.ended(_add_torrent(world, names, **{'continue': 'true'}))
        world.flush().expect(0)
        _only_success(world, job_id, 2, 1000000)


def paused_when_it_is_asked(build):
    """A torrent that is there is there, also where somebody has paused it before aria2 is asked
    about the event: aria2 would never speak of it again."""
    tree = {'mt/a.bin': 400000, 'mt/b.bin': 600000}
    names = [name[3:] for name in tree]
    with Aria2World(build, tree, hooks=False) as world:
        job_id = world.job(*names, local_path=world.dl / 'mt', timeout=86400)
        gid = _add_torrent(world, names, **{'seed-time': '60', 'seed-ratio': '0.0'})
        wait_until('the torrent to seed', lambda: world.rpc('tellStatus', gid).get(
            'seeder') == 'true', 40)
        world.rpc('forcePause', gid)
        wait_until('the pause', lambda: world.rpc('tellStatus', gid)['status'] == 'paused')
        world.hook('on-bt-download-complete', world.dl / 'mt/a.bin', number=2, gid=gid)
        _only_success(world, job_id, 2, 1000000)


def part_of_a_torrent(build):
    """aria2 keeps the control file of a torrent of which one file is wanted; its pieces tell."""
    tree = {'mt/a.bin': 400000, 'mt/b.bin': 600000}
    with Aria2World(build, tree, hooks=False) as world:
        world.ended(_add_torrent(world, [name[3:] for name in tree], **{'select-file': '2'}))
        expect((world.dl / 'mt.aria2').exists(), 'there is no control file')
        job_id = world.job('b.bin', local_path=world.dl / 'mt')
        world.flush().expect(0)
        _only_success(world, job_id, 1, 600000)


def killed(build):
    """aria2c is killed in the middle, and started again with -c: no word until all is there."""
    with Aria2World(build, {'a.bin': 600000, 'b.bin': 1000}) as world:
        job_id = world.job({'path': 'a.bin', 'sha256': sha256(content('a.bin', 600000))},
                           'b.bin')
        world.ended(world.add(world.web.url('b.bin')))
        gid = world.add(world.web.url('a.bin', 'slow/'))
        wait_until('some bytes', lambda: int(world.rpc('tellStatus', gid)['completedLength']))
        world.flush().expect(0)
        world.daemon.child.send_signal(signal.SIGKILL)
        world.daemon.child.wait()
        world.flush().expect(0)
        expect((world.dl / 'a.bin').exists(), 'aria2c had not begun')
        expect_equal(world.endpoint.requests(), [], 'requests while aria2c is away')
        world.options.append('-c')
        world.start()
        world.flush().expect(0)
        expect_equal(world.endpoint.requests(), [], 'requests while aria2c knows of nothing')
        world.add(world.web.url('a.bin'))
        _only_success(world, job_id, 2, 601000)


def away(build):
    """aria2c is away when it is to be asked: the failure counts, and its cause is not known."""
    with Aria2World(build, {'a.bin': 1000}) as world:
        job_id = world.job({'path': 'a.bin', 'gid': GID})
        world.daemon.close()
        world.hook('on-download-error', '', gid=GID)
        _only_error(world, job_id, '0x80004005', GID, world.dl / 'a.bin')


def stopped(build):
    """aria2c does not answer, and takes its time for that: other jobs do not wait for it."""
    with Aria2World(build, {'a.bin': 1000}) as world:
        bad = world.job({'path': 'a.bin', 'gid': GID})
        good = world.job('b.bin')
        make_files(world.dl, {'b.bin': 10})
        world.daemon.child.send_signal(signal.SIGSTOP)
        try:
            world.hook('on-download-error', '', gid=GID)
            world.hook('on-download-complete', world.dl / 'b.bin')
            requests = world.endpoint.wait_for(2, 60)
        finally:
            world.daemon.child.send_signal(signal.SIGCONT)
        expect_requests([success(good, 1, 10)], requests[:1])
        _check_error(requests[1], bad, '0x80004005', world.dl / 'a.bin')
        _nothing_more(world, 2)


def one_of_two(build):
    """One download is good and one is bad: an error, and no success after it."""
    with Aria2World(build, {'a.bin': 1000}) as world:
        job_id = world.job('a.bin', 'b.bin')
        world.add(world.web.url('a.bin'))
        world.add(world.web.url('b.bin'))
        _only_error(world, job_id, '0x80190194', world.dl / 'b.bin')
        expect_equal(world.status(job_id)['jobs'][0]['state'], 'failed', 'state')


def two_jobs(build):
    """Of two jobs that list a file of the same name each has its own end."""
    with Aria2World(build, {'a.bin': 1000}) as world:
        ids = []
        for number, url in enumerate((world.web.url('a.bin'), world.web.url('nope.bin'))):
            job_id = new_id()
            directory = world.dl / f'job {number}'
            world.put_sidecar(f'job-{number}', sidecar(job_id, directory, [{'path': 'a.bin'}]))
            world.flush().expect(0)
            world.add(url, dir=str(directory), out='a.bin')
            ids.append(job_id)
        requests = {one['headers']['ce-subject']: one for one in world.endpoint.wait_for(2)}
        expect_requests([success(ids[0], 1, 1000)], [requests[ids[0]]])
        _check_error(requests[ids[1]], ids[1], '0x80190194', 'job 1/a.bin')
        _nothing_more(world, 2)


if __name__ == '__main__':
    main(not_found, forbidden, server_fails, refused, no_such_host, checksum, disk_full, removed,
         removed_before_it_began, removed_and_added_again, tried_again, without_hooks,
         without_hooks_at_the_deadline, torrent_removed_half_way, paused_when_it_is_asked,
         part_of_a_torrent, killed, away, stopped, one_of_two, two_jobs)
