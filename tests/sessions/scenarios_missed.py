# SPDX-License-Identifier: MIT
"""Scenarios where hooks never ran, or in vain: flush asks aria2 what it was."""

import signal

from notification import error, success

FILES = {'a.bin': 4000, 'b.bin': 6000}
GID = 'c7a0000000000003'


def _begin(r, hooks=(), sidecar=True, **keys):
    r.serve(FILES)
    r.configure(rpc=True)
    if sidecar:
        _job(r, **keys)
    r.endpoint()
    r.daemon(hooks=hooks)


def _job(r, **keys):
    r.job([{'path': name, 'size': size} for name, size in FILES.items()], **keys)


def missed_all(r):
    """No hook is set at all: flush finds both files among aria2's stopped downloads."""
    _begin(r)
    r.until(*[r.add(r.web.url(name)) for name in FILES])
    r.flush(1)
    r.expect(success(r.job_id, 2, 10000))


def missed_one(r):
    """One file came by a hook, the other after aria2 was started again without."""
    _begin(r, hooks=('on-download-complete',))
    r.until(r.add(r.web.url('a.bin')))
    r.flush(0)
    r.kill(signal.SIGKILL)
    r.daemon(hooks=())
    r.until(r.add(r.web.url('b.bin')))
    r.flush(1)
    r.expect(success(r.job_id, 2, 10000))


def missed_error(r):
    """No hook is set; one of two files is a 404: flush finds that too."""
    _begin(r)
    r.until(r.add(r.web.url('a.bin')))
    r.until(r.add(r.web.url('nowhere/b.bin')), status='error')
    r.flush(1)
    r.expect(error(r.job_id, '0x80190194', ['b.bin']))


def missed_error_then_success(r):
    """No hook is set; a 404, then the file comes, and both are told at once: success."""
    _begin(r)
    r.until(r.add(r.web.url('a.bin')))
    r.until(r.add(r.web.url('nowhere/b.bin')), status='error')
    r.until(r.add(r.web.url('b.bin')))
    r.flush(1)
    r.expect(success(r.job_id, 2, 10000))


def missed_under_way(r):
    """No hook is set; flush runs while a file is under way, of full size on disk: nothing yet."""
    r.serve({'big.bin': 300000})
    r.configure(rpc=True)
    r.job([{'path': 'big.bin', 'size': 300000}])
    r.endpoint()
    r.daemon('--file-allocation=prealloc', hooks=())
    gid = r.add(r.web.url('big.bin', prefix='slow/'))
    r.until(gid, status='active', done=1)
    r.flush(0)
    r.until(gid)
    r.flush(1)
    r.expect(success(r.job_id, 1, 300000))


def missed_and_added_late(r):
    """The job is added after its files came, without a hook: flush catches up."""
    _begin(r, sidecar=False)
    r.until(*[r.add(r.web.url(name)) for name in FILES])
    r.flush(0)
    _job(r)
    r.flush(1)
    r.expect(success(r.job_id, 2, 10000))


def missed_and_forgotten(r):
    """No hook is set, and aria2 keeps no results: full sizes are no evidence, the deadline ends
    the job."""
    r.serve(FILES)
    r.configure(rpc=True)
    _job(r, timeout=86400)
    r.endpoint()
    r.daemon('--max-download-result=0', hooks=())
    r.until(*[r.add(r.web.url(name)) for name in FILES], status=None)
    r.flush(0)
    r.deadline()
    r.expect(error(r.job_id, '0x800705B4'))


def missed_totals(r):
    """No hook is set; a totals job counts what aria2 completed below its local_path."""
    r.serve(FILES)
    r.configure(rpc=True)
    r.job(kind='totals', local_path='@DL@/tree', files_total=2, bytes_total=10000)
    r.endpoint()
    r.daemon(hooks=())
    r.until(*[r.add(r.web.url(name), dir='@DL@/tree') for name in FILES])
    r.flush(1)
    r.expect(success(r.job_id, 2, 10000))


def missed_single(r):
    """No hook is set; a single job takes the one download below its local_path."""
    r.serve(FILES)
    r.configure(rpc=True)
    r.job(kind='single', local_path='@DL@/content')
    r.endpoint()
    r.daemon(hooks=())
    r.until(r.add(r.web.url('a.bin'), dir='@DL@/content'))
    r.flush(1)
    r.expect(success(r.job_id, 1, 4000))


def gid_again(r):
    """The same gid is added again after its result was removed: complete fires once more, for
    a.1.bin. One success."""
    r.serve(FILES)
    r.configure(rpc=True)
    r.job([{'path': 'a.bin', 'size': 4000, 'gid': GID}])
    r.endpoint()
    r.daemon()
    r.until(r.add(r.web.url('a.bin'), gid=GID))
    r.requests(1)
    r.call('removeDownloadResult', GID)
    r.until(r.add(r.web.url('a.bin'), gid=GID))
    r.flush(1)
    r.expect(success(r.job_id, 1, 4000))


SCENARIOS = [missed_all, missed_one, missed_error, missed_error_then_success, missed_under_way,
             missed_and_added_late, missed_and_forgotten, missed_totals, missed_single, gid_again]
