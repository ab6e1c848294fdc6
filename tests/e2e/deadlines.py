#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What ends a job that nobody finishes: its timeout or [state] give_up, and no clock that is set;
and what is found, without aria2, before anything ends."""

import json
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from content import content, make_files, sha256, write_file  # noqa: E402
from notification import expect_requests, success  # noqa: E402
from sidecar import listed, new_id, put, sidecar  # noqa: E402
from testcase import expect, expect_equal, main  # noqa: E402
from world import World  # noqa: E402

FILES = {'a.bin': 10, 'b.bin': 20}
YEARS = 30 * 365 * 86400
ERROR_FIELDS = ['method', 'szEndpoint', 'szID', 'szClientData', 'hrErrorCode', 'szErrorMessage']


def _check_error(request, job_id, hresult, *texts):
    """A recorded request is the error of that job, with that code, and its message says all."""
    for header in ('ce-id', 'idempotency-key', 'webhook-id'):
        expect_equal(request['headers'].get(header), f'{job_id}/error', header)
    expect_equal(request['headers'].get('ce-type'), 'aria2-ctm.notify.error', 'ce-type')
    expect_equal(request['headers'].get('ce-subject'), job_id, 'ce-subject')
    body = json.loads(request['body'])
    expect_equal(list(body), ERROR_FIELDS, 'fields')
    expect_equal(body['method'], 'SendNotifyErrorToCTM', 'method')
    expect_equal(body['szID'], job_id, 'szID')
    expect_equal(body['hrErrorCode'], hresult, f'hrErrorCode ({body["szErrorMessage"]})')
    for text in texts:
        expect(str(text) in body['szErrorMessage'],
               f'{text!r} is not in {body["szErrorMessage"]!r}')


def _only_error(world, job_id, hresult, *texts):
    """The one request so far is that, and nothing comes after it."""
    _check_error(world.endpoint.wait_for(1)[0], job_id, hresult, *texts)
    for _ in range(2):
        world.flush().expect(0)
    world.quiet()
    expect_equal(len(world.endpoint.requests()), 1, 'requests after two more flushes')


def _nothing(world, why):
    expect_equal(world.endpoint.requests(), [], f'requests {why}')


def _world(build, linger='0', state=''):
    world = World(build, linger=linger)
    if state:
        text = world.conf.read_text(encoding='utf-8')
        world.conf.write_text(text.replace('[state]\n', f'[state]\n{state}\n', 1),
                              encoding='utf-8')
    return world


def _half_done(world, **keys):
    """A job of two files of which one has come; its id."""
    world.endpoint.up()
    job_id = new_id()
    make_files(world.dl, FILES)
    (world.dl / 'b.bin').unlink()
    world.put_sidecar('job', listed(job_id, world.dl, FILES, **keys))
    world.hook('on-download-complete', world.dl / 'a.bin')
    world.flush().expect(0)
    world.quiet()
    _nothing(world, 'of a job that waits')
    return job_id


def _set_clock(world, seconds):
    """The wall clock of all programs that are started from now on."""
    world.env.update(world.preload('fakeclock', CTM_TEST_CLOCK_SHIFT_S=str(seconds)))


def by_flush(build):
    """The timeout is over: the next flush ends the job, once, and names what is missing."""
    with _world(build) as world:
        job_id = _half_done(world, timeout=2)
        time.sleep(2.2)
        world.flush().expect(0)
        _only_error(world, job_id, '0x800705B4', world.dl / 'b.bin', '1 of 2 files',
                    'timeout of 2 s')


def by_hook(build):
    """A hook that is about something else happens to run."""
    with _world(build) as world:
        job_id = _half_done(world, timeout=2)
        world.hook('on-download-start', '')
        world.quiet()
        _nothing(world, 'before the timeout is over')
        time.sleep(2.2)
        world.hook('on-download-start', '')
        world.endpoint.wait_for(1)
        world.quiet()
        _only_error(world, job_id, '0x800705B4', world.dl / 'b.bin')


def by_lingering(build):
    """A deliverer that is still there needs neither."""
    with _world(build, linger='60s') as world:
        world.endpoint.up()
        job_id = new_id()
        world.put_sidecar('job', listed(job_id, world.dl, FILES, timeout=3))
        world.hook('on-download-start', '')
        _check_error(world.endpoint.wait_for(1)[0], job_id, '0x800705B4', 'a.bin', 'and 1 more')
        world.quiet()
        expect_equal(len(world.endpoint.requests()), 1, 'requests')


def give_up(build):
    """Without a timeout [state] give_up is the deadline."""
    with _world(build, state='give_up = 2s') as world:
        job_id = _half_done(world)
        time.sleep(2.2)
        world.flush().expect(0)
        _only_error(world, job_id, '0x800705B4', 'b.bin', 'time to give up of 2 s')


def clock_is_set(build):
    """Thirty years forward and back between flushes end no job, and keep none from its end."""
    with _world(build) as world:
        _set_clock(world, 0)
        job_id = _half_done(world, timeout=3600)
        waits = new_id()
        world.put_sidecar('waits', listed(waits, world.dl / 'other', FILES))
        for shift in (0, YEARS, -YEARS, 0, -YEARS, YEARS):
            _set_clock(world, shift)
            world.hook('on-download-start', '')
            world.flush().expect(0)
            _nothing(world, f'with the clock {shift} s ahead')
            states = {job['id']: job['state'] for job in world.status()['jobs']}
            expect_equal(states, {job_id: 'open', waits: 'open'}, 'states')
        make_files(world.dl, {'b.bin': 20})
        world.hook('on-download-complete', world.dl / 'b.bin')
        world.endpoint.wait_for(1)
        world.flush().expect(0)
        expect_requests([success(job_id, 2, 30)], world.endpoint.requests())


def clock_is_set_before_the_end(build):
    """A timeout is as long as it is, wherever the clock is set to."""
    with _world(build) as world:
        _set_clock(world, 0)
        began = time.monotonic()
        job_id = _half_done(world, timeout=4)
        known = time.monotonic()
        for shift in (YEARS, -YEARS):
            _set_clock(world, shift)
            world.flush().expect(0)
        if time.monotonic() - began < 3.5:
            _nothing(world, 'before the timeout is over')
        time.sleep(max(0, 4.2 - (time.monotonic() - known)))
        world.flush().expect(0)
        _only_error(world, job_id, '0x800705B4', 'b.bin')


def last_cause(build):
    """What was known last of a missing file is the error, not that time is over."""
    with _world(build) as world:
        world.endpoint.up()
        job_id = new_id()
        world.put_sidecar('job', sidecar(job_id, world.dl, [
            {'path': 'a.bin', 'size': 10}, {'path': 'b.bin', 'gid': '00000000000000b1'}],
            timeout=3))
        write_file(world.dl / 'a.bin', content('a', 9))
        world.hook('on-download-error', '', gid='00000000000000b1')
        world.hook('on-download-complete', world.dl / 'a.bin')
        world.flush().expect(0)
        write_file(world.dl / 'b.bin', content('b', 9))
        world.hook('on-download-complete', world.dl / 'b.bin', gid='00000000000000b1')
        world.flush().expect(0)
        world.quiet()
        _nothing(world, 'of a job that waits')
        time.sleep(3.2)
        world.flush().expect(0)
        _only_error(world, job_id, '0x80070570', world.dl / 'a.bin', 'timeout of 3 s')


def gave_up_at_the_deadline(build):
    """The same where aria2 gave up and nobody can say why."""
    with _world(build) as world:
        job_id = _half_done(world, timeout=3)
        world.hook('on-download-error', world.dl / 'b.bin')
        world.flush().expect(0)
        _nothing(world, 'of a job that waits for another try')
        time.sleep(3.2)
        world.flush().expect(0)
        _only_error(world, job_id, '0x80004005', world.dl / 'b.bin', 'timeout of 3 s')


def success_wins(build):
    """What is complete before anybody ends the job is a success, also past the deadline."""
    with _world(build) as world:
        job_id = _half_done(world, timeout=3)
        time.sleep(2.2)
        make_files(world.dl, {'b.bin': 20})
        world.hook('on-download-complete', world.dl / 'b.bin')
        world.endpoint.wait_for(1)
        time.sleep(1.2)
        late = new_id()
        for _ in range(2):
            world.flush().expect(0)
        expect_requests([success(job_id, 2, 30)], world.endpoint.requests())
        world.put_sidecar('late', listed(late, world.dl / 'late', FILES, timeout=2))
        world.flush().expect(0)
        make_files(world.dl / 'late', FILES)
        time.sleep(2.2)
        for name in FILES:
            world.call_hook('on-download-complete', world.dl / 'late' / name)
        world.endpoint.wait_for(2)
        world.flush().expect(0)
        world.quiet()
        got = world.endpoint.requests()
        expect_equal(len(got), 2, 'requests')
        if got[1]['headers']['ce-id'] == f'{late}/success':
            expect_requests([success(late, 2, 30)], got[1:])
        else:
            _check_error(got[1], late, '0x800705B4')


def _hashed(names):
    return [{'path': name, 'size': FILES[name], 'sha256': sha256(content(name, FILES[name]))}
            for name in names]


def missed_by_flush(build):
    """Files that came without a word are found by their sha256, a minute after they came."""
    with _world(build) as world:
        world.endpoint.up()
        _set_clock(world, 0)
        job_id = new_id()
        make_files(world.dl, FILES)
        world.put_sidecar('job', sidecar(job_id, world.dl, _hashed(FILES)))
        world.flush().expect(0)
        _nothing(world, 'for files that were written just now')
        _set_clock(world, 120)
        control = world.dl / 'b.bin.aria2'
        control.touch()
        world.flush().expect(0)
        _nothing(world, 'while aria2 has a control file')
        control.unlink()
        world.flush().expect(0)
        expect_requests([success(job_id, 2, 30)], world.endpoint.wait_for(1))
        world.flush().expect(0)
        expect_equal(len(world.endpoint.requests()), 1, 'requests')


def missed_by_add(build):
    """A job that is added when all of its files are there already."""
    with _world(build, linger='2s') as world:
        world.endpoint.up()
        _set_clock(world, 120)
        job_id = new_id()
        make_files(world.dl, FILES)
        path = put(world.root, 'job.ctm.ini', sidecar(job_id, world.dl, _hashed(FILES)))
        world.ctm('add', path).expect(0)
        expect_requests([success(job_id, 2, 30)], world.endpoint.wait_for(1))
        world.quiet()
        world.ctm('add', path)
        world.flush().expect(0)
        expect_equal(len(world.endpoint.requests()), 1, 'requests')


def missed_by_add_alone(build):
    """Whoever adds a job waits for its files, and for no others: those are the next flush's."""
    with _world(build) as world:
        world.endpoint.up()
        _set_clock(world, 0)
        other, job_id = new_id(), new_id()
        for name in ('other', 'job'):
            make_files(world.dl / name, FILES)
        world.put_sidecar('other', sidecar(other, world.dl / 'other', _hashed(FILES)))
        world.flush().expect(0)
        _set_clock(world, 120)
        path = put(world.root, 'job.ctm.ini', sidecar(job_id, world.dl / 'job', _hashed(FILES)))
        world.ctm('add', path).expect(0)
        expect_requests([success(job_id, 2, 30)], world.endpoint.wait_for(1))
        world.quiet()
        expect_equal(len(world.endpoint.requests()), 1, 'requests after add')
        world.flush().expect(0)
        expect_requests([success(other, 2, 30)], world.endpoint.wait_for(2)[1:])


def missed_by_set(build):
    """A timeout that is set shorter than the job is old: what is there is looked for first."""
    with _world(build) as world:
        world.endpoint.up()
        _set_clock(world, 0)
        job_id, hopeless = new_id(), new_id()
        make_files(world.dl, FILES)
        world.put_sidecar('job', sidecar(job_id, world.dl, _hashed(FILES)))
        world.put_sidecar('hopeless', listed(hopeless, world.dl / 'hopeless', FILES))
        world.flush().expect(0)
        _set_clock(world, 120)
        time.sleep(1.2)
        world.ctm('set', job_id, 'timeout=1').expect(0)
        expect_requests([success(job_id, 2, 30)], world.endpoint.wait_for(1))
        world.ctm('set', hopeless, 'timeout=1').expect(0)
        _check_error(world.endpoint.wait_for(2)[1], hopeless, '0x800705B4', 'timeout of 1 s')


def shorter_give_up(build):
    """[state] give_up may be set shorter while jobs wait: a flush sees that."""
    with _world(build) as world:
        job_id = _half_done(world)
        text = world.conf.read_text(encoding='utf-8')
        world.conf.write_text(text.replace('[state]\n', '[state]\ngive_up = 2s\n', 1),
                              encoding='utf-8')
        time.sleep(2.2)
        world.flush().expect(0)
        _only_error(world, job_id, '0x800705B4', 'b.bin', 'time to give up of 2 s')


def not_what_is_missed(build):
    """Other bytes of the right size are none of it; the deadline comes."""
    with _world(build) as world:
        world.endpoint.up()
        _set_clock(world, 120)
        job_id = new_id()
        make_files(world.dl, FILES)
        write_file(world.dl / 'b.bin', content('other', 20))
        world.put_sidecar('job', sidecar(job_id, world.dl, _hashed(FILES), timeout=3))
        world.flush().expect(0)
        _nothing(world, 'for other bytes')
        time.sleep(3.2)
        world.flush().expect(0)
        _only_error(world, job_id, '0x800705B4', world.dl / 'b.bin', '1 of 2 files')


def odd_name(build):
    """A missing file may be called anything: its error is sent, and no other job waits for that."""
    with _world(build) as world:
        world.endpoint.up()
        odd, good = new_id(), new_id()
        name = ('\u202e' * 80 + '/') * 4 + 'x'
        make_files(world.dl, FILES)
        world.put_sidecar('odd', sidecar(odd, world.dl / 'odd', [{'path': name}], timeout=2))
        world.put_sidecar('good', listed(good, world.dl, FILES))
        world.flush().expect(0)
        _nothing(world, 'before the timeout is over')
        time.sleep(2.2)
        for name in FILES:
            world.hook('on-download-complete', world.dl / name)
        world.flush().expect(0)
        world.quiet()
        requests = world.endpoint.requests()
        by_job = {json.loads(request['body'])['szID']: request for request in requests}
        expect_equal(len(requests), 2, 'requests')
        expect_requests([success(good, 2, 30)], [by_job[good]])
        _check_error(by_job[odd], odd, '0x800705B4', r'\xe2\x80\xae', 'timeout of 2 s')


def invalid_sidecar(build):
    """One that names id and endpoint, and is never mended, is answered once."""
    with _world(build, state='give_up = 2s') as world:
        world.endpoint.up()
        job_id = new_id()
        bad = (f'[job]\nid = {job_id}\nkind = listed\nendpoint = ctm\nclient_data = opaque\n'
               f'local_path = {world.dl}\nfiles_total = many\n')
        world.put_sidecar('bad', bad)
        world.put_sidecar('nobody', '[job]\nendpoint = ctm\nkind = listed\n')
        world.flush()
        _nothing(world, 'before it is given up')
        time.sleep(2.2)
        world.flush()
        request = world.endpoint.wait_for(1)[0]
        _check_error(request, job_id, '0x8007000D', 'files_total')
        expect_equal(json.loads(request['body'])['szClientData'], 'opaque', 'szClientData')
        make_files(world.dl, FILES)
        world.put_sidecar('bad', listed(job_id, world.dl, FILES))
        for name in FILES:
            world.hook('on-download-complete', world.dl / name)
        for _ in range(2):
            world.flush()
        world.quiet()
        expect_equal(len(world.endpoint.requests()), 1, 'requests after it was mended')


if __name__ == '__main__':
    main(by_flush, by_hook, by_lingering, give_up, clock_is_set, clock_is_set_before_the_end,
         last_cause, gave_up_at_the_deadline, success_wins, missed_by_flush, missed_by_add,
         missed_by_add_alone, missed_by_set, shorter_give_up, not_what_is_missed,
         odd_name, invalid_sidecar)
