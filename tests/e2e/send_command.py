#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`send`: an error and a progress by hand, as they stand on the wire, and what is refused."""

import json
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from content import make_files  # noqa: E402
from sidecar import listed, new_id  # noqa: E402
from testcase import expect, expect_equal, main  # noqa: E402
from world import World  # noqa: E402

COMMON = ['--endpoint', 'ctm', '--client-data', 'by "hand"']
OTHER = '[endpoint.other]\nurl = http://127.0.0.1:9/other\n'
TYPES = ['DownloadingManifest', 'ProcessingManifest', 'CreatingDirectories', 'PreparingDownload',
         'DownloadingData', '']


def _expect_last(world, count, which, **body):
    """The last of so many requests, whole: its ids, and the arguments in their order."""
    requests = world.endpoint.requests()
    expect_equal(len(requests), count, 'requests')
    headers = requests[-1]['headers']
    expect_equal(json.loads(requests[-1]['body'], object_pairs_hook=list), list(body.items()),
                 'body')
    for name in ('ce-id', 'idempotency-key', 'webhook-id'):
        expect_equal(headers[name], f'{body["szID"]}/{which}', name)
    expect_equal(headers['ce-type'], f'aria2-ctm.notify.{which.split("/")[0]}', 'ce-type')
    expect_equal(headers['ce-subject'], body['szID'], 'ce-subject')


def _error(job_id, code, text):
    return {'method': 'SendNotifyErrorToCTM', 'szEndpoint': 'ctm', 'szID': job_id,
            'szClientData': 'by "hand"', 'hrErrorCode': code, 'szErrorMessage': text}


def _progress(job_id, kind, total, transferred, files_total, files):
    return {'method': 'SendNotifyProgressToCTM', 'szProgressType': kind, 'szEndpoint': 'ctm',
            'szID': job_id, 'szClientData': 'by "hand"', 'szBytesTotal': total,
            'szBytesTransferred': transferred, 'ulFilesTotal': files_total,
            'ulFilesTransferred': files}


def error(build):
    """Code and text; the GUID has its end by it."""
    with World(build) as world:
        world.endpoint.up()
        job_id = new_id()
        call = ['send', 'error', '--id', job_id, *COMMON, '--message', 'no "room"', '--hresult']
        world.ctm(*call, 'ERROR_DISK_FULL').expect(0).says('SendNotifyErrorToCTM', job_id)
        _expect_last(world, 1, 'error', **_error(job_id, '0x80070070', 'no "room"'))
        shown = world.status(job_id)['jobs'][0]
        expect_equal(shown['message']['kind'], 'error', 'kind')
        expect_equal(shown['error']['name'], 'ERROR_DISK_FULL', 'name')
        world.ctm('send', 'success', '--id', job_id, *COMMON).expect(1).says(job_id, 'failed')
        world.ctm(*call[:4], '--force', *COMMON, '--message', 'x').expect(2).says('--hresult')
        world.ctm(*call, '0x00000000').expect(2).says('no failure')
        world.ctm(*call, 'E_NONSENSE').expect(2).says('E_NONSENSE')
        world.ctm('send', 'error', *COMMON, '--hresult', 'E_FAIL').expect(2).says('--message')
        world.ctm('send', 'error', *COMMON, '--hresult', 'E_FAIL', '--message', '').expect(2)
        world.ctm('send', 'error', *COMMON, '--bytes', '1').expect(2).says('--bytes')
        expect_equal(len(world.endpoint.requests()), 1, 'requests in the end')


def repeated(build):
    """The same word again is no failure and no request; another one is refused, and says so."""
    with World(build, endpoint_lines=OTHER) as world:
        world.endpoint.up()
        failed, done = new_id(), new_id()
        error = {'--endpoint': 'ctm', '--client-data': 'x', '--hresult': '0x80070070',
                 '--message': 'no\nroom'}
        success = {'--endpoint': 'ctm', '--client-data': 'x', '--bytes': '7', '--files': '1'}
        for count, (word, job_id, said, others) in enumerate((
                ('error', failed, error, {'--hresult': '0x80190194', '--message': 'gone'}),
                ('success', done, success, {'--bytes': '8', '--files': '2'})), 1):
            call = ['send', word, '--id', job_id]
            for _ in range(2):
                world.ctm(*call, *_flat(said)).expect(0)
            expect_equal(len(world.endpoint.requests()), count, 'requests')
            others = {'--endpoint': 'other', '--client-data': 'y', **others}
            for option, value in others.items():
                for more in ([], ['--force']):
                    world.ctm(*call, *_flat({**said, option: value}), *more).expect(1).says(
                        job_id, 'one end', 'which stands: to "ctm", ' + word)
            world.ctm(*call, *_flat(said)).expect(0)
            expect_equal(len(world.endpoint.requests()), count, 'requests in the end')


def _flat(options):
    return [part for option in options.items() for part in option]


def progress(build):
    """Every type, numbered; totals that are not known are 0; a success ends it."""
    with World(build) as world:
        world.endpoint.up()
        job_id = new_id()
        for number, kind in enumerate(TYPES, 1):
            world.ctm('send', 'progress', '--id', job_id, *COMMON, '--type', kind, '--bytes',
                      number).expect(0)
            _expect_last(world, number, f'progress/{number}',
                         **_progress(job_id, kind, '0', str(number), 0, 0))
        world.ctm('send', 'progress', '--id', job_id, *COMMON, '--bytes', '5', '--bytes-total',
                  '18446744073709551615', '--files', '1', '--files-total', '7').expect(0)
        _expect_last(world, 7, 'progress/7',
                     **_progress(job_id, '', '18446744073709551615', '5', 7, 1))
        expect_equal(world.status(job_id)['jobs'][0]['progress'], {'number': 7, 'bytes': '5'},
                     'progress')
        world.ctm('status', job_id).expect(0).says('progress: 7 messages, the last of 5 B')
        for wrong in ('downloadingdata', 'Nonsense'):
            world.ctm('send', 'progress', *COMMON, '--type', wrong).expect(2).says(wrong)
        world.ctm('send', 'progress', *COMMON, '--files-total', '4294967296').expect(2)
        world.ctm('send', 'progress', *COMMON, '--hresult', 'E_FAIL').expect(2).says('--hresult')
        world.ctm('send', 'success', '--id', job_id, *COMMON).expect(0)
        world.ctm('send', 'progress', '--id', job_id, *COMMON).expect(0)
        expect_equal(len(world.endpoint.requests()), 8, 'requests after the end')


def known_jobs(build):
    """A job that is open is ended by hand only with --force."""
    with World(build, endpoint_lines=OTHER) as world:
        world.endpoint.up()
        job_id = new_id()
        make_files(world.dl, {'a.bin': 10})
        world.put_sidecar('job', listed(job_id, world.dl, {'a.bin': 10}))
        world.flush().expect(0)
        call = ['send', 'error', '--id', job_id, *COMMON, '--hresult', 'E_ABORT', '--message', 'x']
        world.ctm(*call).expect(1).says(job_id, 'open')
        world.ctm('send', 'progress', '--id', job_id, *COMMON).expect(1).says(job_id, 'open')
        forced = [*call[:4], *call[8:], '--force']
        world.ctm(*call, '--force').expect(1).says(job_id, 'another szClientData')
        world.ctm(*forced, '--endpoint', 'other').expect(1).says('another szEndpoint')
        expect_equal(world.endpoint.requests(), [], 'requests before the end')
        for _ in range(2):
            world.ctm(*forced, '--endpoint', 'ctm').expect(0)
        expect_equal(len(world.endpoint.requests()), 1, 'requests')
        expect_equal(world.status(job_id)['jobs'][0]['state'], 'failed', 'state')
        body = json.loads(world.endpoint.requests()[-1]['body'])
        expect_equal((body['hrErrorCode'], body['szClientData']), ('0x80004004', ''), 'the error')


def refused_with_a_success(build):
    """What CTM refuses with a code that is no failure is one all the same to whoever asks for the
    sign; `status` shows what it said."""
    with World(build, retry='0') as world:
        answers = [f'{status} header=CTM-HRESULT:0x00000001' for status in (400, 200, 422)]
        world.endpoint.up(answers)
        ids = [new_id() for _ in answers]
        calls = (['success'], ['error', '--hresult', 'E_ABORT', '--message', 'x'], ['progress'])
        for job_id, call in zip(ids, calls):
            world.ctm('send', *call, '--id', job_id, *COMMON).expect(1).says('0x80004005')
        expect_equal(len(world.endpoint.requests()), len(answers), 'requests')
        for job_id in ids[:2]:
            message = world.status(job_id)['jobs'][0]['message']
            expect_equal((message['state'], message['hresult']), ('dead', '0x00000001'),
                         'message')


def wrong_usage(build):
    """What is no call, or lacks an endpoint."""
    with World(build) as world:
        expect(world.ctm('send', 'progress', '--help').expect(0).out, '--help is silent')
        world.ctm('send').expect(2).says('nothing', 'progress')
        world.ctm('send', 'warning').expect(2).says('warning', 'progress')
        world.ctm('send', 'success', 'error', *COMMON).expect(2).says('error')
        for call in ('success', 'error', 'progress'):
            world.ctm('send', call).expect(2).says('--endpoint')
        world.ctm('send', 'success', *COMMON, '--bytes-total', '5').expect(2).says('--bytes-total')


if __name__ == '__main__':
    main(error, repeated, progress, known_jobs, refused_with_a_success, wrong_usage)
