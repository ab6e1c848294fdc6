#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""run, a delivery over TLS, and programs that root starts for somebody else's state, of which one
allocation fails, or all from one on: no word is lost or false, nothing is left half done, and what
could not be done can be done afterwards."""

import os
import pwd
import shutil
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from certificates import Authority  # noqa: E402
from content import make_files  # noqa: E402
from no_memory_hooks import AT_ONCE, FILES, Jobs, deliver_event  # noqa: E402
from nomemory import NoMemory, survive  # noqa: E402
from notification import success  # noqa: E402
from sidecar import listed, put, sidecar  # noqa: E402
from testcase import Skip, expect, expect_equal, main, needs  # noqa: E402

OWNER = 'nobody'
FEW = 20


def run(build):
    """The whole job by `run`, hooks and deliverers among it: 0 only where CTM has the word; after
    1 it can be run again."""
    needs('aria2c', 'nginx')
    with Jobs(build) as jobs:
        world = jobs.world
        web = world.serve({'a.bin': 10})
        path = put(world.root, 'job.ctm.ini', sidecar(jobs.job_id, world.dl, [
            {'path': 'a.bin', 'size': 10, 'uri': web.url('a.bin')}], client_data='opaque "data"'))
        jobs.message = success(jobs.job_id, 1, 10, 'opaque "data"')
        argv = [world.program('aria2-ctm'), 'run', str(path)]

        def restore():
            for one in world.dl.iterdir():
                one.unlink()

        def check(point):
            point.expect(0, 1)
            if point.outcome.status == 0:
                jobs.told(point)
            else:
                world.ctm('run', path).expect(0)
            jobs.flush()
            jobs.told(point)
            expect_equal(sorted(os.listdir(world.dl)), ['a.bin'], 'what is there')
        survive(jobs.memory, 'run', argv, check, FEW, restore=restore, limit=90)


def by_tls(build):
    """The last event of a job, whose endpoint wants a client certificate, a token and a
    signature."""
    needs('openssl')
    with Jobs(build) as jobs:
        world = jobs.world
        authority = Authority(world.root / 'tls')
        server, client = authority.issue('server'), authority.issue('client')
        token, key = world.root / 'token', world.root / 'key'
        token.write_text('a-token\n')
        key.write_text('whsec_' + 'A' * 43 + '=\n')
        for file in (token, key):
            file.chmod(0o600)
        world.endpoint.down()
        world.endpoint.options = ['--tls-cert', server.cert, '--tls-key', server.key,
                                  '--client-ca', authority.cert]
        world.endpoint.up()
        world.configure(
            f'url = https://localhost:{world.endpoint.port}/notify\nca_file = {authority.cert}\n'
            f'cert_file = {client.cert}\nkey_file = {client.key}\ntoken_file = {token}\n'
            f'secret_file = {key}\n', AT_ONCE, '0')
        make_files(world.dl, FILES)
        jobs.message = success(jobs.job_id, 2, 30, 'opaque "data"')
        jobs.add(listed(jobs.job_id, world.dl, FILES, client_data='opaque "data"'))
        jobs.run(jobs.complete('a.bin'))
        # What is asked for while the process is confined was tried elsewhere, often.
        jobs.memory.more['CTM_TEST_FOREIGN'] = 'libseccomp ld-'
        deliver_event(jobs, 'last event, with delivery over TLS', jobs.complete('sub/b.bin'), 80)


class Others(Jobs):
    """Jobs in a state directory that is somebody else's; root starts the programs."""

    def __enter__(self):
        if os.geteuid() != 0:
            raise Skip('not root')
        build = self.world.build
        self.world.copy_programs()
        self.user = pwd.getpwnam(OWNER)
        for directory in (self.world.state, self.world.jobs, self.world.log.parent):
            os.chown(directory, self.user.pw_uid, self.user.pw_gid)
        self.world.__enter__()
        self.world.endpoint.up()
        self.memory = NoMemory(self.world, build)
        return self

    def told(self, point):
        """And nothing there is root's, or open to others."""
        super().told(point)
        for entry in [self.world.state, *self.world.state.rglob('*')]:
            st = entry.lstat()
            expect_equal((st.st_uid, st.st_gid), (self.user.pw_uid, self.user.pw_gid),
                         f'owner of {entry}')
            expect(not st.st_mode & 0o077, f'{entry} has mode {st.st_mode:o}')


def root_for_another(build):
    """Hook, deliverer and flush become the state's owner before they open anything, or do
    nothing."""
    with Others(build) as jobs:
        world = jobs.world
        make_files(world.dl, FILES)
        jobs.message = success(jobs.job_id, 2, 30, 'opaque')
        path = world.put_sidecar('job', listed(jobs.job_id, world.dl, FILES, client_data='opaque'))
        os.chown(path, jobs.user.pw_uid, jobs.user.pw_gid)
        jobs.run(jobs.complete('a.bin'))
        deliver_event(jobs, 'last event, root for another', jobs.complete('sub/b.bin'))
        bare = world.root / 'bare'
        bare.mkdir()
        shutil.copy(world.program('drain'), bare)
        hook = Path(shutil.copy(world.program('on-download-complete'), bare))
        jobs.run([hook, *jobs.complete('sub/b.bin')[1:]])

        def check(point):
            point.expect(0, 1)
            jobs.flush()
            jobs.told(point)
        argv = [world.program('aria2-ctm'), 'flush']
        survive(jobs.memory, 'flush, root for another', argv, check)


if __name__ == '__main__':
    main(run, by_tls, root_for_another)
