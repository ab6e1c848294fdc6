# SPDX-License-Identifier: MIT
"""Scenarios where a person has a hand in it."""

from notification import error, success

FILES = {'a.bin': 1000, 'b.bin': 2000}


def _begin(r):
    """One of a job's two files is there."""
    r.serve(FILES)
    r.job([{'path': name, 'size': size} for name, size in FILES.items()])
    r.endpoint()
    r.aria2('--dir=@DL@', r.web.url('a.bin'))
    r.flush(0)


def _finish(r):
    r.aria2('--dir=@DL@', r.web.url('b.bin'))


def cancelled(r):
    """The job is cancelled between its files: it ends without a word, whatever comes."""
    _begin(r)
    r.command('cancel', r.job_id)
    _finish(r)
    r.flush(0)


def failed_by_hand(r):
    """The job is failed between its files: that is its final word, and the rest changes
    nothing."""
    _begin(r)
    r.command('fail', r.job_id, '--hresult', '0x80070005', '--message', 'the share is closed')
    r.flush(1)
    _finish(r)
    r.flush(1)
    r.expect(error(r.job_id, '0x80070005', ['the share is closed']))


def sidecar_deleted(r):
    """The sidecar is deleted between the files: the store is the truth, success."""
    _begin(r)
    r.remove_sidecar()
    _finish(r)
    r.requests(1)
    r.flush(1)
    r.expect(success(r.job_id, 2, 3000))


def timeout_set(r):
    """The job's timeout is set by hand, and is over: the deadline."""
    _begin(r)
    r.command('set', r.job_id, 'timeout=1')
    r.wait(1.5)
    r.flush(1)
    _finish(r)
    r.flush(1)
    r.expect(error(r.job_id, '0x800705B4'))


SCENARIOS = [cancelled, failed_by_hand, sidecar_deleted, timeout_set]
