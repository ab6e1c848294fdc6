# SPDX-License-Identifier: MIT
"""Scenarios of jobs that asked for progress."""

from notification import error, success
from progress import some_progress

FILES = {'a.bin': 2000, 'b.bin': 3000, 'c.bin': 4000}
BIG = 400000


def _job(r, files, chunk, **keys):
    r.job([{'path': name, 'size': size} for name, size in files.items()],
          flags='directory, notifyprogress', chunk_size=chunk,
          bytes_total=sum(files.values()), **keys)


def progress_of_files(r):
    """Hooks alone: DownloadingData with the first event (a start that has a path, or nobody
    could tell whose it is), then at every chunk, the final word last."""
    files = {'slow.bin': 100000, **FILES}
    total = sum(files.values())
    r.serve(files)
    _job(r, files, 2000, client_data='bar')
    r.endpoint()
    r.flush(0)
    r.daemon()
    slow = r.add(r.web.url('slow.bin'), out='slow.bin', max_download_limit='50K')
    r.until(slow, status='active')
    r.progress(1)
    r.until(slow)
    r.progress(2)
    for number, name in enumerate(['a.bin', 'b.bin'], 3):
        r.until(r.add(r.web.url(name)))
        r.progress(number)
    r.until(r.add(r.web.url('c.bin')))
    r.requests(1)
    r.flush(1)
    r.expect(some_progress(r.job_id, total, 4, at_least=4, client_data='bar'))
    r.expect(success(r.job_id, 4, total, 'bar'))


def progress_in_a_storm(r):
    """Twelve files at once: whatever is reported on the way, it rises, and the final word is
    the last."""
    files = {f'part-{number:02}.bin': 1000 + number for number in range(12)}
    r.serve(files)
    _job(r, files, 1000)
    r.endpoint()
    r.aria2('-Z', '-j4', '--dir=@DL@', *map(r.web.url, files))
    r.requests(1)
    r.flush(1)
    r.expect(some_progress(r.job_id, sum(files.values()), 12, at_least=0))
    r.expect(success(r.job_id, 12, sum(files.values())))


def progress_under_way(r):
    """One large file and RPC: flush reports the bytes that aria2 has so far."""
    r.serve({'big.bin': BIG})
    r.configure(rpc=True)
    _job(r, {'big.bin': BIG}, 50000)
    r.endpoint()
    r.flush(0)
    r.daemon()
    gid = r.add(r.web.url('big.bin'), out='big.bin', max_download_limit='100K')
    r.until(gid, status='active')
    r.progress(1)
    for number, done in enumerate((100000, 250000), 2):
        r.until(gid, status='active', done=done)
        r.flush(0)
        r.progress(number)
    r.until(gid)
    r.requests(1)
    r.flush(1)
    r.expect(some_progress(r.job_id, BIG, 1, at_least=3))
    r.expect(success(r.job_id, 1, BIG))


def progress_of_unknown(r):
    """Neither sizes nor bytes_total are told: the total is 0 until the end."""
    files = {'slow.bin': 60000, 'a.bin': 2000}
    r.serve(files)
    r.job([{'path': name} for name in files], flags='0x4', chunk_size=1000)
    r.endpoint()
    r.flush(0)
    r.daemon()
    slow = r.add(r.web.url('slow.bin'), out='slow.bin', max_download_limit='50K')
    r.until(slow, status='active')
    r.progress(1)
    r.until(slow)
    r.until(r.add(r.web.url('a.bin')))
    r.requests(1)
    r.flush(1)
    r.expect(some_progress(r.job_id, 0, 2, at_least=1))
    r.expect(success(r.job_id, 2, 62000))


def progress_then_error(r):
    """One file comes, the other is a 404: the error is the last word."""
    r.serve(FILES)
    r.configure(rpc=True)
    _job(r, {'a.bin': 2000, 'bad.bin': 9000}, 1000)
    r.endpoint()
    r.daemon()
    r.until(r.add(r.web.url('a.bin')))
    r.progress(1)
    r.until(r.add(r.web.url('bad.bin')), status='error')
    r.requests(1)
    r.flush(1)
    r.expect(some_progress(r.job_id, 11000, 2, at_least=1))
    r.expect(error(r.job_id, '0x80190194', ['bad.bin']))


SCENARIOS = [progress_of_files, progress_in_a_storm, progress_under_way, progress_of_unknown,
             progress_then_error]
