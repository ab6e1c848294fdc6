#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""flush, of which one allocation fails, or all from one on: sidecars are not believed in part, what
aria2 says is not misheard, and the next flush has all of it."""

import signal
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from content import make_files  # noqa: E402
from fake_rpc import FakeRpc  # noqa: E402
from nomemory import NoMemory, lasting, survive  # noqa: E402
from notification import error, expect_one_message_each, success  # noqa: E402
from sidecar import listed, new_id, sidecar  # noqa: E402
from testcase import Skip, expect, expect_equal, main  # noqa: E402
from world import World  # noqa: E402

AT_ONCE = ', '.join(['0'] * 20)
GID = '00000000000000aa'
ROW = 12


class Flush:
    """A world in which there is something for flush to do, and the messages that must come."""

    def __init__(self, build, more='', state=''):
        self.world = World(build, retry=AT_ONCE, linger='0')
        self.world.configure(f'url = {self.world.endpoint.url()}', AT_ONCE, '0', more)
        text = self.world.conf.read_text()
        self.world.conf.write_text(text.replace('[state]\n', f'[state]\n{state}\n', 1))
        self.expected, self.said = {}, ''

    def __enter__(self):
        self.world.__enter__()
        self.world.endpoint.up()
        self.memory = NoMemory(self.world)
        return self

    def __exit__(self, *exception):
        return self.world.__exit__(*exception)

    def survive(self, scenario, most=45, **more):
        """What it has come to after a flush without a fault it comes to after any."""
        argv, known = [self.world.program('aria2-ctm'), 'flush'], {}

        def model(point):
            self._told(point)
            known['status'] = lasting(self.world.status())

        def check(point):
            self.said += point.outcome.err + point.log()
            point.expect(0, 1)
            if point.outcome.status == 0:
                self._told(point)
            self.world.flush().expect(0)
            self._told(point)
            expect_equal(lasting(self.world.status()), known['status'], 'what status says')
        survive(self.memory, scenario, argv, check, most, model=model, **more)

    def _told(self, point):
        sent = expect_one_message_each(self.expected, point.requests())
        expect_equal(sent, set(self.expected), 'jobs with a message')


def sidecars(build):
    """Sidecars of all kinds, good and bad, are read; a job is complete by what had arrived."""
    with Flush(build, state='unclaimed = 7d') as flush:  # a long run takes more than an hour
        world, job_id = flush.world, new_id()
        files = {'a.bin': 10, 'sub/b.bin': 20, 'sub/deep/c.bin': 30}
        make_files(world.dl, files)
        (world.dl / 'link.bin').symlink_to('a.bin')
        (world.dl / 'gone.bin').symlink_to('nothing')
        for name in files:
            world.hook('on-download-complete', world.dl / name)
        world.quiet()
        flush.expected[job_id] = success(job_id, 3, 60, 'x' * 500)
        for name, text in {
                'listed': sidecar(job_id, world.dl, [
                    {'path': name, 'size': size, 'uri': ['http://127.0.0.1:9/x'] * 3}
                    for name, size in files.items()], client_data='x' * 500),
                'totals': sidecar(new_id(), world.root / 'b', kind='totals', files_total=2),
                'single': sidecar(new_id(), world.root / 'c', kind='single', bytes_total=7),
                'links': sidecar(new_id(), world.dl, [{'path': 'link.bin', 'size': 5},
                                                      {'path': 'gone.bin', 'size': 5}]),
                'base64': sidecar(new_id(), world.root / 'd', [{'path_base64': 'eC9iaW4='}],
                                  client_data_base64='w6Q='),
                'invalid': sidecar(new_id(), world.dl, [{'path': '../x', 'size': 'many'}]),
                'cut': sidecar(new_id(), world.dl, [{'path': 'x'}]).rstrip('\n')}.items():
            world.put_sidecar(name, text)
        flush.survive('flush, that reads sidecars', 60, whole=True)


def invalid_is_over(build):
    """An invalid sidecar that nobody mended: its error has its client_data, whole."""
    with Flush(build, state='give_up = 1s') as flush:
        job_id = new_id()
        flush.expected[job_id] = error(job_id, '0x8007000D', ['bad.ctm.ini:', 'path', '../x'],
                                       'opaque "data"')
        flush.world.put_sidecar('bad', sidecar(job_id, '/nowhere', [{'path': '../x'}],
                                               client_data='opaque "data"'))
        flush.world.flush().expect(0)
        time.sleep(1.2)
        flush.survive('flush, that ends an invalid sidecar')


def asked(build):
    """aria2 is asked about an error, and for all downloads."""
    rpc = FakeRpc()
    with Flush(build, f'[aria2]\nrpc = {rpc.url()}\n') as flush:
        world, job_id, done = flush.world, new_id(), new_id()
        make_files(world.dl, {'done.bin': 10})
        for one, name, gid in ((job_id, 'a.bin', GID), (done, 'done.bin', 'bb'.zfill(16))):
            world.ctm('add', world.put_sidecar(name, sidecar(one, world.dl, [
                {'path': name, 'size': 10, 'gid': gid}]))).expect(0)
        flush.expected[job_id] = error(job_id, '0x80190194', ['a.bin'])
        flush.expected[done] = success(done, 1, 10)
        rpc.up({'active': [], 'waiting': [], 'stopped': [
            _download(GID, world.dl / 'a.bin', 'error', '3'),
            _download('bb'.zfill(16), world.dl / 'done.bin', 'complete', '0')]})
        try:
            flush.survive('flush, that asks aria2', 60, whole=True)
        finally:
            rpc.close()


def endless(build):
    """libseccomp can go round for ever where its memory fails: the transport ends then, and flush
    need not wait for it."""
    with Flush(build) as flush:
        world, job_id = flush.world, new_id()
        make_files(world.dl, {'a.bin': 10})
        flush.expected[job_id] = success(job_id, 1, 10)
        world.hook('on-download-complete', world.dl / 'a.bin')
        world.quiet()
        world.put_sidecar('job', listed(job_id, world.dl, {'a.bin': 10}))
        flush.memory.more['CTM_TEST_FOREIGN'] = 'libseccomp'
        began = time.monotonic()
        flush.survive('flush, whose transport cannot make its filter', points=_late_in_a_row)
        expect(time.monotonic() - began < ROW * 10, 'flush waited for a transport without an end')
        if f'signal {int(signal.SIGPROF)} ' not in flush.said:
            raise Skip('this libseccomp goes round nowhere there')


def _late_in_a_row(memory, argv):
    """Where the filter's rules become its program: it goes round at one in six of them."""
    foreign = memory.foreign_points(argv)
    if not foreign:
        raise Skip('built without libseccomp')
    return foreign[len(foreign) * 4 // 5:][:ROW]


def _download(gid, path, status, code):
    done = '10' if status == 'complete' else '0'
    return {'gid': gid, 'status': status, 'totalLength': '10', 'completedLength': done,
            'errorCode': code, 'errorMessage': 'Resource not found' if code != '0' else '',
            'dir': str(path.parent),
            'files': [{'index': '1', 'path': str(path), 'length': '10',
                       'completedLength': done, 'selected': 'true',
                       'uris': [{'status': 'used', 'uri': 'http://127.0.0.1:9/a'}]}]}


if __name__ == '__main__':
    main(sidecars, invalid_is_over, asked, endless)
