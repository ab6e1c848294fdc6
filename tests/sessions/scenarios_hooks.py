# SPDX-License-Identifier: MIT
"""Scenarios of the six hooks, alone and together, and of aria2 being stopped and started."""

import signal

from notification import error, success

NAME, SIZE = 'setup.exe', 300000
STOP, ERROR, COMPLETE = 'on-download-stop', 'on-download-error', 'on-download-complete'
START = 'on-download-start'


def _job(r, rpc, **keys):
    r.serve({NAME: SIZE})
    r.configure(rpc=rpc)
    r.job([{'path': NAME, 'size': SIZE}], **keys)
    r.endpoint()


def _two_jobs(r, hooks):
    """A good file and a 404, a job each; aria2 has these hooks only."""
    other = r.new_id('other')
    _job(r, rpc=True)
    r.job([{'path': 'missing.bin', 'size': 10}], name='other', job_id=other)
    r.daemon(hooks=hooks)
    good, bad = r.add(r.web.url(NAME)), r.add(r.web.url('missing.bin'))
    r.until(good)
    r.until(bad, status='error')
    r.expect(success(r.job_id, 1, SIZE))
    r.expect(error(other, '0x80190194', ['missing.bin']))


def stop_only(r):
    """on-download-stop is the only hook: aria2 says by RPC what it means each time."""
    _two_jobs(r, (STOP,))
    r.requests(2)
    r.flush(2)


def stop_and_complete(r):
    """stop and complete are set: complete for what is there, stop for the 404."""
    _two_jobs(r, (STOP, COMPLETE))
    r.requests(2)
    r.flush(2)


def stop_and_error(r):
    """stop and error are set: stop for what is there, error for the 404."""
    _two_jobs(r, (STOP, ERROR))
    r.requests(2)
    r.flush(2)


def error_only(r):
    """Only on-download-error is set: what is complete is found by flush."""
    _two_jobs(r, (ERROR,))
    r.flush(2)


def complete_only(r):
    """Only on-download-complete is set: what failed is found by flush."""
    _two_jobs(r, (COMPLETE,))
    r.flush(2)


def start_only(r):
    """Only on-download-start is set: flush finds the rest."""
    _two_jobs(r, (START,))
    r.flush(2)


def stop_only_unasked(r):
    """on-download-stop alone, and nobody to ask: a file of full size is no evidence. The
    deadline ends it."""
    _job(r, rpc=False, timeout=86400)
    r.aria2('--dir=@DL@', r.web.url(NAME), hooks=(STOP,))
    r.flush(0)
    r.deadline()
    r.expect(error(r.job_id, '0x800705B4'))


def stop_only_restarted(r):
    """on-download-stop alone: SIGTERM in the middle, when nobody can be asked, is no end; the
    stop after the restart is one. No timeout."""
    _job(r, rpc=True)
    options = ('--save-session=@ROOT@/saved', '--input-file=@ROOT@/saved')
    (r.root / 'saved').touch()
    r.daemon(*options, hooks=(STOP,))
    gid = r.add(r.web.url(NAME, prefix='slow/'))
    r.until(gid, status='active', done=1)
    r.kill()
    r.flush(0)
    r.daemon(*options, hooks=(STOP,))
    r.until(gid)
    r.requests(1)
    r.flush(1)
    r.expect(success(r.job_id, 1, SIZE))


def pause_and_unpause(r):
    """All hooks: start, pause, start again with a path, complete. One success."""
    _job(r, rpc=False)
    r.daemon()
    gid = r.add(r.web.url(NAME, prefix='slow/'))
    r.until(gid, status='active', done=1)
    r.call('pause', gid)
    r.until(gid, status='paused')
    r.flush(0)
    r.call('unpause', gid)
    r.until(gid)
    r.requests(1)
    r.flush(1)
    r.expect(success(r.job_id, 1, SIZE))


def pause_asked(r):
    """The same with RPC: paused is neither an error nor an end."""
    _job(r, rpc=True)
    r.daemon()
    gid = r.add(r.web.url(NAME, prefix='slow/'))
    r.until(gid, status='active', done=1)
    r.call('forcePause', gid)
    r.until(gid, status='paused')
    r.flush(0)
    r.call('unpause', gid)
    r.until(gid)
    r.requests(1)
    r.flush(1)
    r.expect(success(r.job_id, 1, SIZE))


def moved_while_active(r):
    """The dir is changed in the middle: a second start with the new path, parts left in the old
    place."""
    r.serve({NAME: SIZE})
    r.configure(rpc=True)
    r.job([{'path': NAME, 'size': SIZE}], local_path='@DL@/new')
    r.endpoint()
    r.daemon()
    gid = r.add(r.web.url(NAME, prefix='slow/'))
    r.until(gid, status='active', done=1)
    r.call('changeOption', gid, {'dir': '@DL@/new'})
    r.until(gid)
    r.requests(1)
    r.flush(1)
    r.expect(success(r.job_id, 1, SIZE))


def sigterm_and_resume(r):
    """SIGTERM in the middle: the stop hook, and nobody to ask. It is resumed from aria2's
    session file: one success."""
    _job(r, rpc=True)
    r.daemon('--save-session=@ROOT@/saved')
    gid = r.add(r.web.url(NAME, prefix='slow/'))
    r.until(gid, status='active', done=1)
    r.kill()
    r.flush(0)
    r.aria2('--dir=@DL@', '--input-file=@ROOT@/saved')
    r.requests(1)
    r.flush(1)
    r.expect(success(r.job_id, 1, SIZE))


def sigkill_and_continue(r):
    """SIGKILL in the middle: no hook. aria2c -c completes it: one success."""
    _job(r, rpc=False)
    r.daemon()
    r.until(r.add(r.web.url(NAME, prefix='slow/')), status='active', done=1)
    r.kill(signal.SIGKILL)
    r.flush(0)
    r.aria2('-c', '--dir=@DL@', r.web.url(NAME))
    r.requests(1)
    r.flush(1)
    r.expect(success(r.job_id, 1, SIZE))


SCENARIOS = [stop_only, stop_and_complete, stop_and_error, error_only, complete_only, start_only,
             stop_only_unasked, stop_only_restarted, pause_and_unpause, pause_asked,
             moved_while_active, sigterm_and_resume, sigkill_and_continue]
