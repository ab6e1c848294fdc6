# SPDX-License-Identifier: MIT
"""Scenarios of torrents that seed, of parts of torrents, and of gids that follow from others."""

import base64

from notification import error, success
from scenarios_many import TOTAL, TREE, list_tree, serve_tree

GID = 'c7a0000000000004'
PICKED = ['sub/deeper/c d.bin', 'z.bin']


def _add(r, **options):
    """The torrent goes to aria2 by RPC; returns the payload's gid."""
    whole = base64.b64encode((r.www / 'mt.torrent').read_bytes()).decode()
    return r.call('addTorrent', whole, [],
                  {key.replace('_', '-'): value for key, value in options.items()})


def _daemon(r, *options):
    r.daemon('--rpc-save-upload-metadata=false', *options)


def _pick(r, names, **keys):
    r.job([{'path': name, 'size': TREE[name]} for name in names], local_path='@DL@/mt', **keys)


def seeding_then_sigterm(r):
    """Seeding is left on: success at bt-complete. SIGTERM makes it complete, which says
    nothing new."""
    serve_tree(r)
    list_tree(r)
    r.endpoint()
    _daemon(r)
    r.until(_add(r), status='active', seeder='true')
    r.requests(1)
    r.kill()
    r.flush(1)
    r.expect(success(r.job_id, 5, TOTAL))


def seeding_then_removed(r):
    """Removed while seeding, aria2 can be asked: bt-complete, then complete, one success."""
    serve_tree(r)
    r.configure(rpc=True)
    list_tree(r)
    r.endpoint()
    _daemon(r)
    gid = _add(r)
    r.until(gid, status='active', seeder='true')
    r.requests(1)
    r.call('remove', gid)
    r.until(gid, status='complete')
    r.flush(1)
    r.expect(success(r.job_id, 5, TOTAL))


def seeding_complete_only(r):
    """on-bt-download-complete is not set, and the torrent goes on seeding: flush sees by RPC
    that it is there."""
    serve_tree(r)
    r.configure(rpc=True)
    list_tree(r)
    r.endpoint()
    r.daemon('--rpc-save-upload-metadata=false', hooks=('on-download-complete',))
    r.until(_add(r), status='active', seeder='true')
    r.flush(1)
    r.expect(success(r.job_id, 5, TOTAL))


def select_listed(r):
    """Two of five files are selected, and the job lists exactly those; aria2 is asked which.
    Junk of the others lies beside, the control file stays."""
    serve_tree(r)
    r.configure(rpc=True)
    _pick(r, PICKED)
    r.endpoint()
    _daemon(r)
    r.until(_add(r, select_file='3,5', seed_time='0'))
    r.requests(1)
    r.flush(1)
    r.expect(success(r.job_id, 2, sum(TREE[name] for name in PICKED)))


def select_other(r):
    """Two files are selected, two others are listed: RPC says that they were not."""
    serve_tree(r)
    r.configure(rpc=True)
    _pick(r, ['a.bin', 'sub/b.bin'], timeout=86400)
    r.endpoint()
    _daemon(r)
    r.until(_add(r, select_file='3,5', seed_time='0'))
    r.flush(0)
    r.deadline()
    r.expect(error(r.job_id, '0x800705B4'))


def select_too_few(r):
    """Two files are selected, all five are listed, aria2 is asked: three never come."""
    serve_tree(r)
    r.configure(rpc=True)
    _pick(r, list(TREE), timeout=86400)
    r.endpoint()
    _daemon(r)
    r.until(_add(r, select_file='3,5', seed_time='0'))
    r.flush(0)
    r.deadline()
    r.expect(error(r.job_id, '0x800705B4'))


def select_unasked(r):
    """Two files are selected, three are listed, and nobody to ask which they are: no success."""
    serve_tree(r)
    _pick(r, ['a.bin', *PICKED], timeout=86400)
    r.endpoint()
    r.aria2('--seed-time=0', '--select-file=3,5', '--dir=@DL@', '@ROOT@/www/mt.torrent')
    r.flush(0)
    r.deadline()
    r.expect(error(r.job_id, '0x800705B4'))


def renamed_by_index(r):
    """-O moves the first file out of the torrent's directory; RPC tells where it is."""
    serve_tree(r)
    r.configure(rpc=True)
    names = {'renamed.bin': 'a.bin', **{f'mt/{name}': name for name in TREE if name != 'a.bin'}}
    r.job([{'path': path, 'size': TREE[name]} for path, name in names.items()])
    r.endpoint()
    _daemon(r)
    r.until(_add(r, index_out=['1=renamed.bin'], seed_time='0'))
    r.requests(1)
    r.flush(1)
    r.expect(success(r.job_id, 5, TOTAL))


def torrent_totals(r):
    """A torrent counts its files in a totals job, a plain download beside it one more."""
    serve_tree(r)
    total = TOTAL + (r.www / 'mt.torrent').stat().st_size
    r.job(kind='totals', local_path='@DL@/mt', files_total=6, bytes_total=total)
    r.endpoint()
    r.aria2('--seed-time=0', '--dir=@DL@', '@ROOT@/www/mt.torrent')
    r.flush(0)
    r.aria2('--dir=@DL@/mt', '--follow-torrent=false', '--out=one.more', r.web.url('mt.torrent'))
    r.requests(1)
    r.flush(1)
    r.expect(success(r.job_id, 6, total))


def checked_again(r):
    """With -V bt-complete comes again at each unpause: one success."""
    serve_tree(r)
    list_tree(r)
    r.endpoint()
    _daemon(r, '--check-integrity=true')
    gid = _add(r)
    r.until(gid, status='active', seeder='true')
    r.requests(1)
    r.call('pause', gid)
    r.until(gid, status='paused')
    r.call('unpause', gid)
    r.until(gid, status='active', seeder='true')
    r.flush(1)
    r.expect(success(r.job_id, 5, TOTAL))


def torrent_by_gid(r):
    """The sidecar's gid is that of the .torrent; RPC says that the payload follows from it."""
    serve_tree(r)
    r.configure(rpc=True)
    r.job([{'path': name, 'size': size, 'gid': GID} for name, size in TREE.items()],
          local_path='@DL@/mt')
    r.endpoint()
    r.daemon('--seed-time=0')
    r.until(r.add(r.web.url('mt.torrent'), gid=GID))
    r.until(*r.aria2d.status(GID)['followedBy'])
    r.requests(1)
    r.flush(1)
    r.expect(success(r.job_id, 5, TOTAL))


def _fetch_thrice(r):
    """A torrent of which only the .torrent comes, at each of three starts."""
    r.job(kind='single', timeout=86400)
    r.endpoint()
    options = ('--follow-torrent=mem', '--save-session=@ROOT@/saved',
               '--max-overall-download-limit=20K')
    for more in ((), ('--input-file=@ROOT@/saved',), ('--input-file=@ROOT@/saved',)):
        r.daemon(*options, *more)
        if not more:
            r.add(r.web.url('mt.torrent'), gid=GID)
        r.until_active()
        r.flush(0)
        r.kill()
        r.flush(0)
    r.deadline()
    r.expect(error(r.job_id, '0x800705B4'))


def fetched_at_every_restart(r):
    """follow-torrent=mem: at each restart the .torrent is fetched and completes anew, n=0 and
    no path, while the payload is nowhere near. No false word."""
    serve_tree(r)
    _fetch_thrice(r)


def fetched_asked(r):
    """The same with RPC, which says complete of a .torrent that is not on disk."""
    serve_tree(r)
    r.configure(rpc=True)
    _fetch_thrice(r)


SCENARIOS = [seeding_then_sigterm, seeding_then_removed, seeding_complete_only, select_listed,
             select_other, select_too_few, select_unasked, renamed_by_index, torrent_totals,
             checked_again, torrent_by_gid, fetched_at_every_restart,
             fetched_asked]
