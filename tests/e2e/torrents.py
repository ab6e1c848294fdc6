#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Torrents by a real aria2c: both hooks fire a second apart, the first while the control file
is still there."""

import shutil
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

import aria2  # noqa: E402
from content import make_files  # noqa: E402
from notification import expect_requests, success  # noqa: E402
from process import wait_until  # noqa: E402
from sidecar import listed, new_id, sidecar  # noqa: E402
from testcase import expect, expect_equal, main, needs  # noqa: E402
from torrent import torrent  # noqa: E402
from world import World  # noqa: E402

TREE = {'a.bin': 70000, 'sub/b c.bin': 90000, 'sub/empty.txt': 0}
TOTAL = sum(TREE.values())


def _download(world, *options, tree=TREE):
    """Serves the tree and its torrent, downloads that into dl."""
    needs('aria2c', 'nginx')
    web = world.serve({})
    make_files(world.www / 'mt', tree)
    whole = torrent(world.www / 'mt', list(tree), webseed=web.url(''))
    (world.www / 'mt.torrent').write_bytes(whole)
    return aria2.download('--seed-time=0', *options, *world.hook_options(),
                          web.url('mt.torrent'), env=world.env, cwd=world.dl).expect(0)


def listed_tree(build):
    """A listed job of the torrent's files."""
    with World(build) as world:
        world.endpoint.up()
        job_id = new_id()
        world.put_sidecar('job', listed(job_id, world.dl / 'mt', TREE))
        _download(world)
        world.endpoint.wait_for(1)
        world.flush().expect(0)
        expect_requests([success(job_id, 3, TOTAL)], world.endpoint.requests())


def first_file_in_a_directory(build):
    """The torrent's first file, which the hook names, is in a directory below its root."""
    with World(build) as world:
        world.endpoint.up()
        job_id = new_id()
        tree = {'data/x.cab': 40000, 'setup.exe': 60000}
        world.put_sidecar('job', listed(job_id, world.dl / 'mt', tree))
        _download(world, tree=tree)
        world.endpoint.wait_for(1)
        world.flush().expect(0)
        expect_requests([success(job_id, 2, 100000)], world.endpoint.requests())


def single_in_place(build):
    """A single job whose local_path is aria2's own directory: the control file is in it at
    bt-complete, and is gone at complete."""
    with World(build) as world:
        world.endpoint.up()
        job_id = new_id()
        world.put_sidecar('job', sidecar(job_id, world.dl, kind='single'))
        _download(world, '--follow-torrent=mem')
        world.endpoint.wait_for(1)
        world.flush().expect(0)
        expect_requests([success(job_id, 3, TOTAL)], world.endpoint.requests())


def wrong_number_of_files(build):
    """Only some files of the torrent are selected: the number in the event is not that of the
    list, which is no evidence; nor are the full sizes on disk."""
    with World(build) as world:
        world.endpoint.up()
        job_id = new_id()
        world.put_sidecar('job', listed(job_id, world.dl / 'mt', TREE, timeout=86400))
        _download(world, '--select-file=1')
        world.flush().expect(0)
        world.quiet()
        expect_equal(world.endpoint.requests(), [], 'requests for a part of the torrent')


def repaired(build):
    """A totals job of a torrent and a file. The torrent was complete, lost a piece, and was checked
    and in the middle of its repair when the file comes: it counts when it is complete again."""
    needs('aria2c', 'nginx')
    with World(build) as world:
        world.endpoint.up()
        web = world.serve({'extra.bin': 10})
        make_files(world.www / 'mt', {'a.bin': 400000, 'b.bin': 600000})
        job_id, options = new_id(), ['--seed-time=0', *world.hook_options()]
        for name, seed in ('fast', ''), ('slow', 'slow/'):
            (world.root / name).write_bytes(
                torrent(world.www / 'mt', ['a.bin', 'b.bin'], webseed=web.url(seed)))
        world.put_sidecar('job', sidecar(job_id, world.dl / 'mt', kind='totals', files_total=3,
                                         timeout=86400))
        aria2.download(*options, world.root / 'fast', env=world.env, cwd=world.dl).expect(0)
        world.flush().expect(0)
        expect_equal(world.status(job_id)['jobs'][0]['files_arrived'], 2, 'files arrived')
        time.sleep(2.2)  # clocks tick in steps: what is touched at once was not touched after
        with open(world.dl / 'mt/b.bin', 'r+b') as file:
            file.seek(200000)
            file.write(bytes(100000))
        control = world.dl / 'mt.aria2'
        with aria2.Background(*options, '--check-integrity=true', '--auto-save-interval=1',
                              '--max-download-limit=10K', world.root / 'slow',
                              env=world.env, cwd=world.dl):
            wait_until('the control file', control.exists)
        expect(control.exists(), 'the control file is gone')
        aria2.download(*options, '--dir=mt', web.url('extra.bin'), env=world.env,
                       cwd=world.dl).expect(0)
        world.flush().expect(0)
        expect_equal(world.status(job_id)['jobs'][0]['files_arrived'], 1, 'files arrived')
        expect_equal(world.endpoint.requests(), [], 'requests')
        aria2.download(*options, '--check-integrity=true', world.root / 'fast', env=world.env,
                       cwd=world.dl).expect(0)
        world.endpoint.wait_for(1)
        world.flush().expect(0)
        expect_requests([success(job_id, 3, 1000010)], world.endpoint.requests())


def end_of_seeding(build):
    """A job ends at bt-complete, and a new one comes to its place while aria2 still seeds: that it
    says complete when seeding ends is of the old one. The new job has a download of its own."""
    needs('aria2c', 'nginx')
    with World(build) as world:
        world.endpoint.up()
        web = world.serve({})
        make_files(world.www / 'mt', TREE)
        (world.root / 'mt.torrent').write_bytes(
            torrent(world.www / 'mt', list(TREE), webseed=web.url('')))
        jobs = [new_id(), new_id()]
        texts = [sidecar(job_id, world.dl / 'mt', [{'path': name} for name in TREE], timeout=86400)
                 for job_id in jobs]
        world.put_sidecar('old', texts[0])
        options = [*world.hook_options(), world.root / 'mt.torrent']
        with aria2.Background('--seed-ratio=0.0', *options, env=world.env, cwd=world.dl):
            world.endpoint.wait_for(1)
            time.sleep(0.1)
            world.put_sidecar('new', texts[1])
            world.flush().expect(0)
            said = len(world.log_text())
        log = wait_until('the end of seeding', lambda: (
            'is of an earlier job' in world.log_text()[said:] and world.log_text()[said:]))
        world.flush().expect(0)
        expect(jobs[1] in log, 'it is not said of which job')
        expect_requests([success(jobs[0], 3, TOTAL)], world.endpoint.requests())
        shutil.rmtree(world.dl / 'mt')
        aria2.download('--seed-time=0', *options, env=world.env, cwd=world.dl).expect(0)
        expect_requests([success(one, 3, TOTAL) for one in jobs], world.endpoint.wait_for(2))


if __name__ == '__main__':
    main(listed_tree, first_file_in_a_directory, single_in_place, wrong_number_of_files,
         repaired, end_of_seeding)
