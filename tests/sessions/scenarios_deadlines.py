# SPDX-License-Identifier: MIT
"""Scenarios of jobs with a timeout: what went wrong is remembered, and told at the deadline."""

import signal

from notification import error, success

NAME, SIZE = 'setup.exe', 300000
LOCATIONS = '    location /e403/ { return 403; }\n'


def _begin(r, rpc, timeout=86400):
    """A job of one file that comes slowly; the download has begun. Returns its gid."""
    r.serve({NAME: SIZE})
    r.configure(rpc=rpc)
    r.job([{'path': NAME, 'size': SIZE}], timeout=timeout)
    r.endpoint()
    r.daemon()
    gid = r.add(r.web.url(NAME, prefix='slow/'))
    r.until(gid, status='active', done=1)
    return gid


def _fail_first(r):
    """A job with a timeout whose only file is a 404 at first."""
    r.serve({NAME: SIZE}, LOCATIONS)
    r.configure(rpc=True)
    r.job([{'path': NAME, 'size': SIZE}], timeout=86400)
    r.endpoint()
    r.daemon()
    r.until(r.add(r.web.url(f'missing/{NAME}')), status='error')
    r.flush(0)


def error_then_success(r):
    """404, then the file is added again from elsewhere: success, and nothing else."""
    _fail_first(r)
    r.until(r.add(r.web.url(NAME)))
    r.requests(1)
    r.flush(1)
    r.expect(success(r.job_id, 1, SIZE))


def error_then_deadline(r):
    """404, then 403: at the deadline the error carries the last cause."""
    _fail_first(r)
    r.until(r.add(r.web.url(f'e403/{NAME}')), status='error')
    r.flush(0)
    r.deadline()
    r.expect(error(r.job_id, '0x80190193', [NAME]))


def deadline_without_cause(r):
    """aria2 is killed in the middle and never comes back: the deadline, with no cause known."""
    _begin(r, rpc=False)
    r.kill(signal.SIGKILL)
    r.flush(0)
    r.deadline()
    r.expect(error(r.job_id, '0x800705B4'))


def deadline_while_active(r):
    """The download goes on at the deadline: a job's time is over when it is over."""
    _begin(r, rpc=True)
    r.flush(0)
    r.deadline()
    r.expect(error(r.job_id, '0x800705B4'))


def removed_while_active(r):
    """Removed by RPC while active: only the stop hook. The job stays open, the deadline tells
    that it was cancelled."""
    gid = _begin(r, rpc=True)
    r.call('remove', gid)
    r.until(gid, status='removed')
    r.flush(0)
    r.deadline()
    r.expect(error(r.job_id, '0x800704C7'))


def removed_unasked(r):
    """The same where aria2 can't be asked: stopped means nothing."""
    gid = _begin(r, rpc=False)
    r.call('remove', gid)
    r.until(gid, status='removed')
    r.flush(0)
    r.deadline()
    r.expect(error(r.job_id, '0x800705B4'))


def removed_then_added(r):
    """Removed while active, added again: success, also without a timeout. A person who removes
    is no error of aria2's."""
    gid = _begin(r, rpc=True, timeout=None)
    r.call('remove', gid)
    r.until(gid, status='removed')
    r.flush(0)
    r.until(r.add(r.web.url(NAME), **{'continue': 'true'}))
    r.requests(1)
    r.flush(1)
    r.expect(success(r.job_id, 1, SIZE))


def removed_while_paused(r):
    """Removed while paused: no hook, and aria2 does not know the gid any more."""
    gid = _begin(r, rpc=True)
    r.call('pause', gid)
    r.until(gid, status='paused')
    r.flush(0)
    r.call('remove', gid)
    r.until(gid, status=None)
    r.flush(0)
    r.deadline()
    r.expect(error(r.job_id, '0x800705B4'))


def removed_while_waiting(r):
    """Removed before it ever began: not a single hook."""
    r.serve({NAME: SIZE})
    r.configure(rpc=True)
    r.job([{'path': NAME, 'size': SIZE}], timeout=86400)
    r.endpoint()
    r.daemon()
    gid = r.add(r.web.url(NAME), pause='true')
    r.until(gid, status='paused')
    r.flush(0)
    r.call('remove', gid)
    r.until(gid, status=None)
    r.flush(0)
    r.deadline()
    r.expect(error(r.job_id, '0x800705B4'))


SCENARIOS = [error_then_success, error_then_deadline, deadline_without_cause,
             deadline_while_active, removed_while_active, removed_unasked, removed_then_added,
             removed_while_paused, removed_while_waiting]
