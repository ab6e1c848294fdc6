# SPDX-License-Identifier: MIT
"""Scenarios where one download brings many files, and jobs that don't list theirs."""

import aria2
from content import content, make_files
from notification import success
from ports import free_port
from torrent import Tracker, magnet, metalink, torrent

TREE = {'a.bin': 70000, 'sub/b.bin': 90000, 'sub/deeper/c d.bin': 60000, 'sub/empty.txt': 0,
        'z.bin': 1}
TOTAL = sum(TREE.values())


def serve_tree(r, prefix=''):
    """The tree of files as www/mt, and its torrent beside it; its webseed has the prefix."""
    r.serve({})
    make_files(r.www / 'mt', TREE)
    r.knows(TREE)
    whole = torrent(r.www / 'mt', list(TREE), webseed=r.web.url('', prefix=prefix))
    (r.www / 'mt.torrent').write_bytes(whole)


def list_tree(r, prefix=''):
    r.job([{'path': prefix + name, 'size': size} for name, size in TREE.items()],
          local_path='@DL@' if prefix else '@DL@/mt', bytes_total=TOTAL)


def metalink_files(r):
    """A metalink over HTTP with three files: a hook for itself, then one for each."""
    files = {'one.bin': 3000, 'subm/two.bin': 4000, 'three.bin': 5000}
    r.serve(files)
    text = metalink([(name, content(name, size), r.web.url(name))
                     for name, size in files.items()])
    (r.www / 'files.meta4').write_text(text, encoding='utf-8')
    r.job([{'path': name, 'size': size} for name, size in files.items()], bytes_total=12000)
    r.endpoint()
    r.aria2('--dir=@DL@', r.web.url('files.meta4'))
    r.requests(1)
    r.flush(1)
    r.expect(success(r.job_id, 3, 12000))


def torrent_single(r):
    """A torrent with sub-directories, seed-time 0, as a single job: bt-complete and complete,
    each with the number of files and the first path only."""
    serve_tree(r)
    r.job(kind='single', local_path='@DL@/mt', bytes_total=TOTAL)
    r.endpoint()
    r.aria2('--seed-time=0', '--dir=@DL@', '@ROOT@/www/mt.torrent')
    r.requests(1)
    r.flush(1)
    r.expect(success(r.job_id, 5, TOTAL))


def torrent_in_place(r):
    """A single job whose local_path is aria2's own dir and working directory: n=0 with an empty
    path is no download, and at bt-complete the control file is still inside local_path."""
    serve_tree(r)
    r.job(kind='single', bytes_total=TOTAL)
    r.endpoint()
    r.aria2('--seed-time=0', '--follow-torrent=mem', r.web.url('mt.torrent'))
    r.requests(1)
    r.flush(1)
    r.expect(success(r.job_id, 5, TOTAL))


def torrent_listed(r):
    """The same torrent over HTTP, as a listed job; the hook fires for the .torrent too."""
    serve_tree(r)
    list_tree(r)
    r.endpoint()
    r.aria2('--seed-time=0', '--dir=@DL@', r.web.url('mt.torrent'))
    r.requests(1)
    r.flush(1)
    r.expect(success(r.job_id, 5, TOTAL))


def torrent_in_memory(r):
    """follow-torrent=mem: the .torrent itself completes with n=0 and an empty path."""
    serve_tree(r)
    list_tree(r, prefix='mt/')
    r.endpoint()
    r.aria2('--seed-time=0', '--follow-torrent=mem', '--dir=@DL@', r.web.url('mt.torrent'))
    r.requests(1)
    r.flush(1)
    r.expect(success(r.job_id, 5, TOTAL))


def magnet_link(r):
    """A magnet, a tracker and a peer that seeds: the metadata complete with n=0 and an empty
    path, then the payload under a new gid."""
    serve_tree(r)
    port = free_port()
    tracker = Tracker(port)
    r.closers.append(tracker)
    seeded = r.root / 'seeded.torrent'
    seeded.write_bytes(torrent(r.www / 'mt', list(TREE), tracker=tracker.url))
    r.closers.append(aria2.Background(f'--listen-port={port}', '--seed-ratio=0.0', '-V',
                                      f'--dir={r.www}', seeded))
    list_tree(r)
    r.endpoint()
    r.aria2('--seed-time=0', '--dir=@DL@', f'--listen-port={free_port()}',
            '--bt-stop-timeout=60', magnet(r.www / 'mt', list(TREE), tracker.url))
    r.requests(1)
    r.flush(1)
    r.expect(success(r.job_id, 5, TOTAL))


def totals_job(r):
    """A totals job: no list, four distinct files in sub-directories, a file elsewhere does not
    count."""
    files = {'a.bin': 1500, 'x/b.bin': 2500, 'x/y/c.bin': 0, 'd.bin': 3500}
    r.serve({**files, 'other.bin': 10})
    r.job(kind='totals', local_path='@DL@/tree', files_total=4, bytes_total=7500)
    r.endpoint()
    r.aria2('--dir=@DL@', r.web.url('other.bin'))
    r.flush(0)
    downloads = [(r.web.url(name), {'dir': '@DL@/tree', 'out': name}) for name in files]
    downloads = [(url, {key: r.places.fill(value) for key, value in options.items()})
                 for url, options in downloads]
    r.aria2('-j2', f'--input-file={aria2.input_file(r.root / "list", downloads)}')
    r.requests(1)
    r.flush(1)
    r.expect(success(r.job_id, 4, 7500))


def single_job(r):
    """A single job: one download under local_path, of no known name or size."""
    r.serve({'image.wim': 12345})
    r.job(kind='single', local_path='@DL@/content', content_id='PS100042', content_version=3,
          client_data='single')
    r.endpoint()
    r.aria2('--dir=@DL@/content', r.web.url('image.wim'))
    r.requests(1)
    r.flush(1)
    r.expect(success(r.job_id, 1, 12345, 'single'))


SCENARIOS = [metalink_files, torrent_single, torrent_in_place, torrent_listed,
             torrent_in_memory, magnet_link, totals_job, single_job]
