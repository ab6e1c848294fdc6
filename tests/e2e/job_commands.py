#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What CTM tells a provider of a job: cancel, fail, suspend, resume, set; and forget."""

import fcntl
import json
import os
import pwd
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from content import make_files  # noqa: E402
from faults import Faults  # noqa: E402
from notification import expect_requests, success  # noqa: E402
from process import wait_until  # noqa: E402
from sidecar import listed, new_id, put, sidecar  # noqa: E402
from testcase import Skip, expect, expect_equal, main  # noqa: E402
from world import World  # noqa: E402

COMMANDS = ('cancel', 'fail', 'suspend', 'resume', 'set', 'forget')


def _job(world, name, arrived=False, **keys):
    """A job of one file; returns its GUID. It is complete if the file has arrived."""
    job_id = new_id()
    make_files(world.dl / name, {'a.bin': 10})
    world.put_sidecar(name, listed(job_id, world.dl / name, {'a.bin': 10}, **keys))
    world.flush().expect(0)
    if arrived:
        _arrive(world, name)
    return job_id


def _arrive(world, name):
    world.hook('on-download-complete', world.dl / name / 'a.bin')


def _shown(world, job_id):
    """The job as `status --json` has it."""
    jobs = world.status(job_id)['jobs']
    expect_equal([job['id'] for job in jobs], [job_id], 'jobs that status shows')
    return jobs[0]


def _bodies(world):
    return [json.loads(request['body']) for request in world.endpoint.requests()]


def _error(world, count=1):
    """The last of so many requests, which is an error: its code and its text."""
    request = world.endpoint.wait_for(count)[-1]
    body = json.loads(request['body'])
    expect_equal(len(world.endpoint.requests()), count, 'requests')
    expect_equal(body['method'], 'SendNotifyErrorToCTM', 'method')
    expect_equal(request['headers']['ce-id'], f'{body["szID"]}/error', 'ce-id')
    expect_equal(request['headers']['ce-type'], 'aria2-ctm.notify.error', 'ce-type')
    return body['hrErrorCode'], body['szErrorMessage']


def usage(build):
    """--help, no JOB, no such JOB, no such option."""
    with World(build) as world:
        for command in COMMANDS:
            value = ['timeout=5'] if command == 'set' else []
            expect(world.ctm(command, '--help').expect(0).out, f'{command} --help is silent')
            world.ctm(command, *value).expect(2).says('no JOB')
            world.ctm(command, 'x', '--nonsense').expect(2).says('--nonsense')
            world.ctm(command, 'PS9', *value).expect(1).says('PS9')


def cancel(build):
    """An open job ends without a word, for ever; an ended one can't be cancelled."""
    with World(build) as world:
        world.endpoint.up()
        job_id, other = _job(world, 'job', content_id='PS1'), _job(world, 'other')
        world.ctm('cancel', 'PS1').expect(0)
        expect_equal(_shown(world, job_id)['state'], 'cancelled', 'state')
        expect_equal(_shown(world, job_id)['message'], None, 'message')
        _arrive(world, 'job')
        world.flush().expect(0)
        expect_equal(world.endpoint.requests(), [], 'requests of a cancelled job')
        world.ctm('cancel', 'PS1').expect(1).says('PS1', 'has ended', 'cancelled')
        world.ctm('cancel', other, 'PS1').expect(1).says('PS1', 'nothing is done')
        expect_equal(_shown(world, other)['state'], 'open', 'state of the other')
        world.ctm('cancel', other, other.lower(), other[:9]).expect(0)
        for command in ('retry', 'fail', 'suspend', 'resume'):
            world.ctm(command, other).expect(1).says('cancelled')
        world.ctm('set', other, 'timeout=5').expect(1).says('cancelled')
        expect_equal(world.endpoint.requests(), [], 'requests in the end')


def fail(build):
    """Code and text as they are given; without them the last cause, or that a hand ended it."""
    with World(build) as world:
        world.endpoint.up()
        first, second, third = (_job(world, name) for name in ('first', 'second', 'third'))
        world.ctm('fail', first, '--hresult', 'ERROR_DISK_FULL', '--message', 'no\nroom').expect(0)
        code, text = _error(world, 1)
        expect_equal((code, text), ('0x80070070', 'no\\nroom'), 'the error')
        world.ctm('fail', second).expect(0)
        code, text = _error(world, 2)
        expect_equal(code, '0x80004005', 'code')
        expect('by hand' in text, f'text: {text}')
        shown = _shown(world, second)
        expect_equal(shown['state'], 'failed', 'state')
        expect_equal(shown['cause']['text'], text, 'cause')
        world.ctm('fail', third, first).expect(1).says(first, 'has ended')
        for wrong in ('0x0', '0x800703', 'ERROR_NONSENSE', ''):
            world.ctm('fail', third, '--hresult', wrong).expect(2).says('--hresult')
        world.ctm('fail', third, '--message', ' ').expect(2).says('--message')
        expect_equal(_shown(world, third)['state'], 'open', 'state of the third')
        world.ctm('fail', third, '--hresult', '-2147024784').expect(0)
        code, text = _error(world, 3)
        expect_equal(code, '0x80070070', 'code')
        expect('by hand' in text, f'text: {text}')


def fail_with_a_cause(build):
    """aria2 gave up on a file, and the job waits for another try: fail says why."""
    with World(build) as world:
        world.endpoint.up()
        job_id, directory = new_id(), world.dl / 'job'
        world.put_sidecar('job', listed(job_id, directory, {'a.bin': 10}, timeout=86400))
        world.flush().expect(0)
        world.hook('on-download-error', directory / 'a.bin')
        world.flush().expect(0)
        cause = _shown(world, job_id)['cause']
        expect(cause, 'the error is not known')
        world.ctm('fail', job_id).expect(0)
        expect_equal(_error(world), (cause['hresult'], cause['text']), 'the error')


def suspend(build):
    """A complete job is not sent until it is resumed, and its clock stands still."""
    with World(build) as world:
        world.endpoint.up()
        job_id, other = _job(world, 'job', timeout=3), _job(world, 'other')
        world.ctm('suspend', job_id).expect(0)
        expect_equal(_shown(world, job_id)['suspended'], True, 'suspended')
        expect_equal(_shown(world, job_id)['deadline_s'], None, 'deadline_s')
        _arrive(world, 'job')
        time.sleep(3.5)
        world.flush().expect(0)
        expect_equal(world.endpoint.requests(), [], 'requests while suspended')
        expect_equal(_shown(world, job_id)['state'], 'open', 'state while suspended')
        world.ctm('suspend', other, job_id).expect(1).says(job_id, 'suspended already')
        world.ctm('resume', job_id, other).expect(1).says(other, 'not suspended')
        expect_equal(_shown(world, job_id)['suspended'], True, 'suspended')
        expect_equal(_shown(world, other)['suspended'], False, 'suspended, the other')
        world.ctm('resume', job_id).expect(0)
        world.endpoint.wait_for(1)
        expect_requests([success(job_id, 1, 10)], world.endpoint.requests())
        world.ctm('suspend', job_id).expect(1).says('has ended')


def suspend_and_progress(build):
    """What waits to be told of a job is not told while it is suspended."""
    with World(build) as world:
        world.endpoint.up()
        ids, gids = [new_id(), new_id()], ['1' * 16, '2' * 16]
        for job_id, gid in zip(ids, gids):
            world.put_sidecar(gid, sidecar(job_id, world.dl / gid, [
                {'path': 'a.bin', 'size': 10, 'gid': gid}], flags='notifyprogress'))
        world.flush().expect(0)
        with open(world.state / 'deliver.lock', 'a') as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for gid in gids:
                world.hook('on-download-start', '', 0, gid)
            for job_id in ids:
                expect_equal(_shown(world, job_id)['progress'], {'number': 1, 'bytes': '0'},
                             'progress')
            world.ctm('suspend', ids[0]).expect(0)
        world.flush().expect(0)
        told = [request['headers']['ce-id'] for request in world.endpoint.requests()]
        expect_equal(told, [f'{ids[1]}/progress/1'], 'requests')


def set_timeout(build):
    """A timeout that is over ends the job; one that is not yet, when it is."""
    with World(build) as world:
        world.endpoint.up()
        job_id, other = _job(world, 'job'), _job(world, 'other', timeout=86400)
        world.ctm('set', job_id, 'timeout=2d', 'priority=HIGH').expect(0)
        shown = _shown(world, job_id)
        expect_equal(shown['priority'], 'high', 'priority')
        expect(172700 < shown['deadline_s'] <= 172800, f'deadline_s: {shown["deadline_s"]}')
        world.flush().expect(0)
        expect_equal(_shown(world, job_id)['priority'], 'high', 'priority after a flush')
        time.sleep(1)
        world.ctm('set', job_id, 'timeout=1').expect(0)
        code, text = _error(world)
        wait_until('the end', lambda: _shown(world, job_id)['message']['state'] == 'sent')
        expect_equal(code, '0x800705B4', 'code')
        expect('timeout' in text, f'text: {text}')
        shown = _shown(world, job_id)
        expect_equal(shown['error']['name'], 'ERROR_TIMEOUT', 'error')
        expect_equal(shown['deadline_s'], None, 'deadline_s of an ended job')
        world.ctm('set', other, job_id, 'priority=low').expect(1).says(job_id, 'has ended')
        expect_equal(_shown(world, other)['priority'], 'normal', 'priority of the other')
        world.ctm('set', other, 'timeout=4').expect(0)
        expect_equal(_error(world, 2)[0], '0x800705B4', 'code')


def set_wrong(build):
    """What can't be set, and what it can't be set to."""
    with World(build) as world:
        job_id = _job(world, 'job')
        for wrong in ('timeout=soon', 'timeout=', 'timeout=-1', 'timeout=4294967296',
                      'priority=urgent', 'priority=', 'flags=4', 'state=open'):
            world.ctm('set', job_id, wrong).expect(2).says(wrong.split('=')[0])
        world.ctm('set', job_id).expect(2).says('nothing')
        world.ctm('set', job_id, 'timeout=0').expect(0)
        expect(_shown(world, job_id)['deadline_s'] > 86400, 'timeout=0 is not give_up')


def a_changed_sidecar_wins(build):
    """What was set holds until the sidecar changes."""
    with World(build) as world:
        job_id = _job(world, 'job', priority='low')
        world.ctm('set', job_id, 'priority=foreground').expect(0)
        time.sleep(2.2)
        world.flush().expect(0)
        expect_equal(_shown(world, job_id)['priority'], 'foreground', 'priority')
        world.ctm('set', job_id, 'timeout=9d').expect(0)
        for command in ('add', 'run'):
            world.ctm(command, world.jobs / 'job.ctm.ini')
            shown = _shown(world, job_id)
            expect_equal(shown['priority'], 'foreground', f'priority after {command}')
            expect(shown['deadline_s'] > 8 * 86400, f'{shown["deadline_s"]} s after {command}')
        world.put_sidecar('job', listed(job_id, world.dl / 'job', {'a.bin': 10}, priority='high'))
        world.flush().expect(0)
        expect_equal(_shown(world, job_id)['priority'], 'high', 'priority')


def _ids(world):
    return [job['id'] for job in world.status()['jobs']]


def forget(build):
    """An ended job goes off the list, with its sidecar if that is wanted, and all or none."""
    with World(build) as world:
        world.endpoint.up()
        first, second, third = (_job(world, name) for name in ('first', 'second', 'third'))
        paths = {name: world.jobs / f'{name}.ctm.ini' for name in ('first', 'second', 'third')}
        world.ctm('forget', first).expect(1).says(first, 'has not ended')
        world.ctm('cancel', first, second).expect(0)
        world.ctm('forget', first).expect(1).says(str(paths['first']), '--sidecar')
        world.ctm('forget', first, third, '--sidecar').expect(1).says(third, 'nothing is done')
        expect_equal(len(_ids(world)), 3, 'jobs')
        expect(paths['first'].exists(), 'a sidecar is gone')
        world.ctm('forget', first, '--sidecar').expect(0)
        expect(not paths['first'].exists(), 'the sidecar is still there')
        expect_equal(_ids(world), [second, third], 'jobs')
        paths['second'].unlink()
        world.ctm('forget', second).expect(0)
        expect_equal(_ids(world), [third], 'jobs')
        world.ctm('forget', second).expect(1).says(second)
        world.flush().expect(0)
        expect_equal(_ids(world), [third], 'jobs after a flush')
        expect_equal(world.endpoint.requests(), [], 'requests')


def forget_twice(build):
    """A job that is named twice is forgotten once, by whatever name."""
    with World(build) as world:
        first, second = _job(world, 'first'), _job(world, 'second')
        world.ctm('cancel', first, second).expect(0)
        names = (first[1:9], first, second, first[1:15], second)
        world.ctm('forget', '--sidecar', *names).expect(0)
        expect_equal(_ids(world), [], 'jobs')
        expect_equal(list(world.jobs.iterdir()), [], 'sidecars')


def forget_in_part(build):
    """What is said to have been done was done, and no more, when a sidecar can't be removed."""
    with World(build) as world:
        names = ('first', 'second')
        paths = [world.jobs / f'{name}.ctm.ini' for name in names]
        jobs = [_job(world, name) for name in names]
        world.ctm('cancel', *jobs).expect(0)
        command = [world.program('aria2-ctm'), 'forget', '--sidecar', *jobs]
        strike = ['--calls', 'unlink', '--under', world.jobs, '--error', 'EIO', '--at']
        faults = Faults(world)
        run = faults.run(command, *strike, 1).expect_sound()
        expect_equal((run.status, [path.exists() for path in paths]), (1, [True, True]), 'first')
        expect('nothing is done to any of them' in run.said, run.said)
        run = faults.run(command, *strike, 2).expect_sound()
        expect_equal((run.status, [path.exists() for path in paths]), (1, [False, True]), 'second')
        expect(f'no job is forgotten, but "{paths[0]}" is removed' in run.said, run.said)
        expect('nothing is done' not in run.said, run.said)
        expect_equal(_ids(world), jobs, 'jobs')
        world.ctm('forget', '--sidecar', *jobs).expect(0)
        expect_equal(_ids(world), [], 'jobs in the end')


def forget_in_a_sticky_directory(build):
    """Another's file in a directory like /tmp can't be removed: that is seen before any is."""
    if os.geteuid() != 0:
        raise Skip('not root')
    with World(build) as world:
        world.copy_programs()
        user = pwd.getpwnam('nobody')
        for path in (world.state, world.jobs, world.log.parent):
            os.chown(path, user.pw_uid, user.pw_gid)
        shared = world.root / 'shared'
        shared.mkdir()
        shared.chmod(0o1777)
        jobs = [new_id(), new_id()]
        paths = [put(directory, 'one.ctm.ini', listed(job_id, world.dl, {job_id: 10}))
                 for directory, job_id in zip((world.jobs, shared), jobs)]
        os.chown(paths[0], user.pw_uid, user.pw_gid)
        paths[1].chmod(0o644)
        world.ctm('add', *paths).expect(0)
        world.ctm('cancel', *jobs).expect(0)
        for job_ids in (jobs, jobs[1:]):
            world.ctm('forget', '--sidecar', *job_ids).expect(1).says(
                f'cannot remove "{paths[1]}"', 'sticky')
        expect_equal([path.exists() for path in paths], [True, True], 'sidecars')
        os.chown(paths[1], user.pw_uid, user.pw_gid)
        world.flush().expect(0)
        world.ctm('forget', '--sidecar', *jobs).expect(0)


def forget_looks_at_the_sidecar(build):
    """One that was moved is found, and one that is another file now is never removed."""
    with World(build) as world:
        job_id, other = _job(world, 'job'), _job(world, 'other')
        world.ctm('cancel', job_id, other).expect(0)
        moved = world.jobs / 'moved.ctm.ini'
        (world.jobs / 'job.ctm.ini').rename(moved)
        world.ctm('forget', job_id).expect(1).says(str(moved))
        world.ctm('forget', job_id, '--sidecar').expect(0)
        expect(not moved.exists(), 'the sidecar is still there')
        path = world.jobs / 'other.ctm.ini'
        text = path.read_text()
        path.unlink()
        path.symlink_to(world.root / 'elsewhere')
        (world.root / 'elsewhere').write_text(text)
        world.ctm('forget', other, '--sidecar').expect(1)
        expect(path.is_symlink(), 'what is not the sidecar is gone')
        expect_equal(_ids(world), [other], 'jobs')


def forget_names_other_sidecars(build):
    """One with the same id would bring the job back; one that `add` read is known, too."""
    with World(build) as world:
        job_id = _job(world, 'job')
        world.put_sidecar('other', (world.jobs / 'job.ctm.ini').read_text())
        world.flush().expect(0)
        path = put(world.root, 'added.ctm.ini', listed(new_id(), world.dl, {'b.bin': 10}))
        world.ctm('add', path).expect(0)
        added = _ids(world)[1]
        world.ctm('cancel', job_id, added).expect(0)
        world.ctm('forget', job_id, '--sidecar').expect(1).says('other.ctm.ini', 'remove it first')
        (world.jobs / 'other.ctm.ini').unlink()
        world.ctm('forget', job_id, '--sidecar').expect(0)
        path.write_text(path.read_text() + '\n')
        world.ctm('forget', added, '--sidecar').expect(1).says(str(path), 'not the file any more')
        path.unlink()
        world.ctm('forget', added).expect(0)
        expect_equal(_ids(world), [], 'jobs')


def forget_and_messages(build):
    """Not while the final word waits; a dead one may go."""
    with World(build, retry='0, 1h', linger='0') as world:
        job_id = _job(world, 'job', arrived=True)
        wait_until('an attempt', lambda: (_shown(world, job_id)['message'] or {}).get('attempts'))
        world.quiet()
        world.ctm('forget', job_id, '--sidecar').expect(1).says('waits')
        world.endpoint.up(['400'])
        world.ctm('retry', job_id).expect(0)
        world.endpoint.wait_for(1)
        wait_until('the end', lambda: _shown(world, job_id)['message']['state'] == 'dead')
        world.ctm('forget', job_id, '--sidecar').expect(0)
        expect_equal(_ids(world), [], 'jobs')


if __name__ == '__main__':
    main(usage, cancel, fail, fail_with_a_cause, suspend, suspend_and_progress,
         set_timeout, set_wrong, a_changed_sidecar_wins, forget, forget_twice, forget_in_part,
         forget_in_a_sticky_directory, forget_looks_at_the_sidecar, forget_names_other_sidecars,
         forget_and_messages)
