#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Programs that embed the library: one that makes every call, one that looks whether it was left
alone, one whose threads all call at once."""

import fcntl
import json
import os
import sys
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'support'))

from content import write_file  # noqa: E402
from process import run  # noqa: E402
from sidecar import listed, new_id  # noqa: E402
from testcase import expect, expect_equal, main  # noqa: E402
from world import World  # noqa: E402

MAX = str(2**64 - 1)
JOB = '3F2504E0-4F89-11D3-9A0C-0305E82C33'
DATA = '„host“ 日'
SAID = '''\
aria2ctm_event 0
SendNotifyProgressToCTM 00000000
SendNotifySuccessToCTM 00000000
SendNotifyErrorToCTM 00000000
aria2ctm_send_notify_progress 00000000
aria2ctm_send_notify_success 00000000
aria2ctm_send_notify_error 00000000
null 80070057
null in utf16 80070057
no number 80070057
too large 80070057
differs 80070057
no guid 80070057
no unicode 80070057
no failure 80070057
no message 80070057
null message 80070057
no type 80070057
no endpoint 80070490
has ended 800700B7
has ended so 00000000
other totals 800700B7
other data 800700B7
progress of ended 00000000
'''


def _totals(job, data, total, transferred, files_total, files_transferred):
    return {'szEndpoint': 'ctm', 'szID': job, 'szClientData': data, 'szBytesTotal': total,
            'szBytesTransferred': transferred, 'ulFilesTotal': files_total,
            'ulFilesTransferred': files_transferred}


def _error(job, data, code, message):
    return {'method': 'SendNotifyErrorToCTM', 'szEndpoint': 'ctm', 'szID': job,
            'szClientData': data, 'hrErrorCode': code, 'szErrorMessage': message}


def _expected():
    """What host.c says to CTM: ce-id, body."""
    done, failed = f'{{{JOB}01}}', f'{{{JOB}02}}'
    done8, failed8 = f'{JOB}03'.lower(), f'{{{JOB}04}}'
    return {
        f'{done}/progress/1': {'method': 'SendNotifyProgressToCTM',
                               'szProgressType': 'DownloadingData',
                               **_totals(done, DATA, '7', '3', 1, 0)},
        f'{done}/success': {'method': 'SendNotifySuccessToCTM',
                            **_totals(done, DATA, '7', '7', 1, 1)},
        f'{failed}/error': _error(failed, DATA, '0x80190194', '日 is not there'),
        f'{done8}/progress/1': {'method': 'SendNotifyProgressToCTM', 'szProgressType': '',
                                **_totals(done8, '', '0', MAX, 0, 0)},
        f'{done8}/success': {'method': 'SendNotifySuccessToCTM',
                             **_totals(done8, '', MAX, MAX, 2**32 - 1, 2**32 - 1)},
        f'{failed8}/error': _error(failed8, '', '0x80070070', 'disk\\nfull'),
    }


def _bodies(requests):
    """{ce-id: body}; each message came once."""
    found = {}
    for request in requests:
        message = request['headers']['ce-id']
        expect(message not in found, f'{message} came twice')
        found[message] = json.loads(request['body'])
    return found


def make_every_call(world, host, **more):
    """Runs host.c, `more` being its environment's; what its calls returned, and what CTM got."""
    write_file(world.dl / 'a.bin', b'content')
    world.endpoint.up()
    job = new_id()
    world.ctm('add', world.put_sidecar('job', listed(job, world.dl, {'a.bin': 7}))).expect(0)
    said = run([str(host), str(world.dl / 'a.bin')], env={**world.env, **more}).expect(0).out
    expect_equal(said, SAID, 'what the calls returned')
    world.endpoint.wait_for(7)
    world.quiet()
    got = _bodies(world.endpoint.requests())
    expect_equal(got.pop(f'{job}/success', {}).get('szID'), job, 'the job of the event')
    for message, body in _expected().items():
        expect_equal(got.pop(message, None), body, message)
    expect_equal(got, {}, 'what else came')


def every_call(build):
    """An event that completes a job, and all six calls; what is wrong with others is told by their
    HRESULT and in the log."""
    with World(build, linger='0') as world:
        make_every_call(world, build / 'tests/install/host-calls')
        for text in ('szClientData is NULL', 'szID is not UTF-16', 'szBytesTotal "7 "'):
            expect(text in world.log_text(), f'the log lacks {text}')


def drained_by_a_call(build):
    """An event that a hook could only record, for the store was taken, is drained by a call that
    has nothing to send itself: what it completes is delivered all the same."""
    with World(build, linger='0') as world:
        write_file(world.dl / 'a.bin', b'content')
        world.endpoint.up()
        job, ended = new_id(), new_id()
        world.ctm('add', world.put_sidecar('job', listed(job, world.dl, {'a.bin': 7}))).expect(0)
        world.ctm('send', 'success', '--endpoint', 'ctm', '--id', ended).expect(0)
        world.quiet()
        with open(world.state / 'lock', 'a') as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            world.hook('on-download-complete', world.dl / 'a.bin')
        said = run([str(build / 'tests/install/host-calls'), '--progress', ended], env=world.env)
        expect_equal(said.expect(0).out, 'progress 00000000\n', 'what the call returned')
        world.endpoint.wait_for(2)
        expect_equal(set(_bodies(world.endpoint.requests())),
                     {f'{ended}/success', f'{job}/success'}, 'messages')


def wrong_configuration(build):
    """It is not the arguments: ERROR_INVALID_DATA, except where those are wrong as well."""
    with World(build) as world:
        world.conf.write_text(f'[state]\ndir = {world.state}\n[retry]\nlinger = soon\n')
        outcome = run([str(build / 'tests/install/host-calls')], env=world.env)
        expect('SendNotifySuccessToCTM 8007000D' in outcome.out, str(outcome))
        expect('null 80070057' in outcome.out, str(outcome))


def left_alone(build):
    """Descriptors, signals, masks, directory, environment, threads and children are after all
    calls what they were before, whatever the host does with SIGCHLD."""
    for child_signal in ('default', 'ignored', 'handler'):
        with World(build, linger='0') as world:
            write_file(world.dl / 'a.bin', b'content')
            world.endpoint.up()
            said = run([str(build / 'tests/install/host-hygiene'), child_signal,
                        str(world.dl / 'a.bin')], env=world.env).expect(0).out
            expect_equal(said, '0 -22 00000000 00000000 00000000 80070057\n', child_signal)
            world.quiet()


def threads(build):
    """Eight threads with 200 events and 10 notifications each, while a ninth forks: each event is
    in the job, each word came once, and nobody has to flush."""
    number, events, words = 8, 200, 10
    names = [f'{thread}-{n}' for thread in range(number) for n in range(events)]
    with World(build, linger='1s') as world:
        for name in names:
            write_file(world.dl / name, b'x')
        # The job's end waits for syncfs: what others wrote before this is not to be its burden.
        os.sync()
        world.endpoint.up()
        job = new_id()
        text = listed(job, world.dl, {name: 1 for name in names})
        world.ctm('add', world.put_sidecar('job', text)).expect(0)
        run([str(build / 'tests/install/host-threads'), str(world.dl), str(number), str(events),
             str(words)], env=world.env, seconds=240).expect(0)
        world.endpoint.wait_for(number * words + 1, 120)
        world.quiet(60)
        got = _bodies(world.endpoint.requests())
        expect_equal(len(got), number * words + 1, 'words')
        expect_equal(got[f'{job}/success']['ulFilesTotal'], len(names), 'files of the job')
        expect_equal(world.log_text().count(' error'), 0, 'errors in the log')


if __name__ == '__main__':
    main(every_call, drained_by_a_call, wrong_configuration, left_alone, threads)
