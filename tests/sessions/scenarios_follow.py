# SPDX-License-Identifier: MIT
"""Scenarios of metalinks and magnets: what is asked for first is not what comes."""

import aria2
from content import content
from notification import error, success
from ports import free_port
from scenarios_many import TOTAL, TREE, list_tree, serve_tree
from torrent import Tracker, magnet, metalink, torrent

FILES = {'one.bin': 3000, 'subm/two.bin': 4000, 'three.bin': 5000}
GID = 'c7a0000000000005'


def _serve_metalink(r, wrong=None):
    """A .meta4 of the three files, the hash of one of them wrong."""
    r.serve(FILES)
    text = metalink([(name, content('x' if name == wrong else name, size), r.web.url(name))
                     for name, size in FILES.items()])
    (r.www / 'files.meta4').write_text(text, encoding='utf-8')


def _listed(**keys):
    return [{'path': name, 'size': size, **keys} for name, size in FILES.items()]


def _fetch_metalink(r, **options):
    """Adds the .meta4; settles when each of its files has ended."""
    gid = r.add(r.web.url('files.meta4'), **options)
    r.until(gid)
    files = r.aria2d.status(gid)['followedBy']
    r.until_ended(*files)


def metalink_bad_hash(r):
    """One of three hashes is wrong, delete_on_error: two files are there, one error."""
    _serve_metalink(r, wrong='subm/two.bin')
    r.configure(rpc=True)
    r.job(_listed(), delete_on_error='true', timeout=86400)
    r.endpoint()
    r.daemon()
    _fetch_metalink(r)
    r.requests(1)
    r.flush(1)
    r.expect(error(r.job_id, '0x80091007', ['two.bin']))


def metalink_by_gid(r):
    """The sidecar's gid is that of the .meta4; RPC says that the files follow from it."""
    _serve_metalink(r)
    r.configure(rpc=True)
    r.job(_listed(gid=GID))
    r.endpoint()
    r.daemon()
    _fetch_metalink(r, gid=GID)
    r.requests(1)
    r.flush(1)
    r.expect(success(r.job_id, 3, 12000))


def metalink_by_gid_unasked(r):
    """The same without RPC: the gid of a .meta4 brings none of the files, and nobody tells
    which others do. Only the deadline."""
    _serve_metalink(r)
    r.job(_listed(gid=GID), timeout=86400)
    r.endpoint()
    r.daemon()
    _fetch_metalink(r, gid=GID)
    r.flush(0)
    r.deadline()
    r.expect(error(r.job_id, '0x800705B4'))


def _serve_magnet(r):
    """A tracker and a peer that seeds, slowly; returns the magnet."""
    serve_tree(r)
    port = free_port()
    tracker = Tracker(port)
    r.closers.append(tracker)
    seeded = r.root / 'seeded.torrent'
    seeded.write_bytes(torrent(r.www / 'mt', list(TREE), tracker=tracker.url))
    r.closers.append(aria2.Background(
        f'--listen-port={port}', '--seed-ratio=0.0', '-V', '--max-overall-upload-limit=150K',
        f'--dir={r.www}', seeded))
    return magnet(r.www / 'mt', list(TREE), tracker.url)


def _twice(r, magnet_link):
    """SIGTERM in the middle of the payload, then again from the session file."""
    options = ('--save-session=@ROOT@/saved', '--seed-time=0', f'--listen-port={free_port()}',
               '--bt-stop-timeout=60')
    r.daemon(*options)
    r.add(magnet_link, gid=GID)
    r.until(GID)
    first = r.aria2d.status(GID)['followedBy']
    r.until(*first, status='active', done=1)
    r.kill()
    r.flush(0)
    r.daemon(*options, '--input-file=@ROOT@/saved')
    r.until(GID)
    second = r.aria2d.status(GID)['followedBy']
    assert first != second
    r.until(*second)
    r.requests(1)
    r.flush(1)
    r.expect(success(r.job_id, 5, TOTAL))


def magnet_restarted(r):
    """A magnet is cut in the middle and resumed: the metadata complete again, n=0, and the
    payload has another gid than before. One success."""
    link = _serve_magnet(r)
    list_tree(r)
    r.endpoint()
    _twice(r, link)


def magnet_by_gid(r):
    """The same where the sidecar has the magnet's gid, and RPC tells what follows from it."""
    link = _serve_magnet(r)
    r.configure(rpc=True)
    r.job([{'path': name, 'size': size, 'gid': GID} for name, size in TREE.items()],
          local_path='@DL@/mt')
    r.endpoint()
    _twice(r, link)


SCENARIOS = [metalink_bad_hash, metalink_by_gid, metalink_by_gid_unasked, magnet_restarted,
             magnet_by_gid]
