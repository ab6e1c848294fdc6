# SPDX-License-Identifier: MIT
"""What the three calls must look like on the wire, field by field."""

import json
import re
from collections import Counter

from process import Failure
from progress import progress_differences

CALL = ['method', 'szEndpoint', 'szID', 'szClientData']
COUNTS = ['szBytesTotal', 'szBytesTransferred', 'ulFilesTotal', 'ulFilesTransferred']
TIME = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z')
SOURCE = re.compile(r'aria2-ctm://[^/\s]+')


def _message(job_id, kind, which, fields, values):
    message_id = f'{job_id}/{which}'
    headers = {
        'content-type': 'application/json',
        'ce-specversion': '1.0',
        'ce-id': message_id,
        'idempotency-key': message_id,
        'webhook-id': message_id,
        'ce-type': f'aria2-ctm.notify.{kind}',
        'ce-subject': job_id,
    }
    return {'method': 'POST', 'body': dict(zip(fields, values)), 'headers': headers}


def success(job_id, files, size, client_data='', endpoint='ctm'):
    """The body and the headers of the one success of a job, but for time and host."""
    return _message(job_id, 'success', 'success', CALL + COUNTS,
                    ('SendNotifySuccessToCTM', endpoint, job_id, client_data,
                     str(size), str(size), files, files))


def error(job_id, hresult, message_contains=(), client_data='', endpoint='ctm'):
    """The same of the one error. hresult is a text like "0x80190194"; of the message's words
    only those are told that it must hold, in any case."""
    return _message(job_id, 'error', 'error', CALL + ['hrErrorCode', 'szErrorMessage'],
                    ('SendNotifyErrorToCTM', endpoint, job_id, client_data, hresult,
                     {'contains': list(message_contains)}))


def progress(job_id, number, kind, bytes_total, transferred, files_total, files,
             client_data='', endpoint='ctm'):
    """The same of one progress, where it can be known exactly."""
    return _message(job_id, 'progress', f'progress/{number}',
                    ['method', 'szProgressType', *CALL[1:], *COUNTS],
                    ('SendNotifyProgressToCTM', kind, endpoint, job_id, client_data,
                     str(bytes_total), str(transferred), files_total, files))


def is_progress(request):
    """Whether a recorded request is mere progress, no final word."""
    return request['headers'].get('ce-type') == 'aria2-ctm.notify.progress'


def differences(expected, request):
    """What a recorded request has other than expected, one line each."""
    found = []
    if request['method'] != expected['method']:
        found.append(f'method: {request["method"]}')
    if 'path' in expected and request['path'] != expected['path']:
        found.append(f'path: {request["path"]}')
    for name, value in expected['headers'].items():
        if request['headers'].get(name) != value:
            found.append(f'{name}: expected {value!r}, got {request["headers"].get(name)!r}')
    for name, pattern in (('ce-time', TIME), ('ce-source', SOURCE)):
        if not pattern.fullmatch(request['headers'].get(name, '')):
            found.append(f'{name}: got {request["headers"].get(name)!r}')
    return found + _body_differences(expected['body'], request['body'])


def _body_differences(expected, text):
    try:
        pairs = json.loads(text, object_pairs_hook=list)
    except ValueError as wrong:
        return [f'body: {wrong}: {text!r}']
    names = [name for name, _ in pairs]
    found = []
    if names != list(expected):
        found.append(f'body: expected the fields {list(expected)}, got {names}')
    got = dict(pairs)
    for name, value in expected.items():
        if name in got and not _is_as_expected(value, got[name]):
            found.append(f'{name}: expected {value!r}, got {got[name]!r}')
    return found


def _is_as_expected(expected, got):
    if isinstance(expected, dict):
        return (isinstance(got, str) and got.strip() != ''
                and all(word.lower() in got.lower() for word in expected['contains']))
    return got == expected and type(got) is type(expected)


def expect_requests(expected, requests, ordered=True):
    """Fails unless the requests are exactly the expected ones, and progress, which is best
    effort, as the entries of some_progress() allow. Attempts of one message must agree in time
    and source."""
    lines = progress_differences([one for one in expected if 'progress' in one], requests)
    optional = {one['job'] for one in expected if 'progress' in one}
    expected = [one for one in expected if 'progress' not in one]
    exact = [one for one in requests
             if not (is_progress(one) and one['headers'].get('ce-subject') in optional)]
    lines += _exact_differences(expected, exact, ordered) + _unlike_attempts(requests)
    if lines:
        lines += [f'  received: {request}' for request in requests[:5]]
        raise Failure('\n'.join(lines))


def _exact_differences(expected, requests, ordered):
    lines = []
    if len(expected) != len(requests):
        lines.append(f'expected {len(expected)} requests, got {len(requests)}')
    if not ordered:
        expected = sorted(expected, key=lambda one: one['headers']['ce-id'])
        requests = sorted(requests, key=lambda one: one['headers'].get('ce-id', ''))
    wanted = [one['headers']['ce-id'] for one in expected]
    got = [one['headers'].get('ce-id') for one in requests]
    if sorted(wanted) == sorted(map(str, got)):
        for number, (one, request) in enumerate(zip(expected, requests), 1):
            lines += [f'request {number}: {line}' for line in differences(one, request)]
    else:
        lines += [f'missing: {one}' for one in (Counter(wanted) - Counter(got)).elements()]
        lines += [f'too many: {one}' for one in (Counter(got) - Counter(wanted)).elements()]
    return lines


def _unlike_attempts(requests):
    """Attempts of one message that don't agree."""
    lines, first = [], {}
    for request in requests:
        stamp = (request['headers'].get('ce-time'), request['headers'].get('ce-source'),
                 request['body'])
        message = request['headers'].get('ce-id')
        if first.setdefault(message, stamp) != stamp:
            lines.append(f'{message}: two attempts differ: {first[message]} and {stamp}')
    return lines


def expect_one_message_each(expected, requests):
    """Each job {id: message} has one message; it may have been sent again only where nobody
    could know that it had been taken. Returns the ids of the jobs that have theirs."""
    lines = []
    for request in requests:
        job_id = request['headers']['ce-subject']
        if job_id not in expected:
            raise Failure(f'a request for {job_id}, which nobody expects')
        lines += [f'{job_id}: {line}' for line in differences(expected[job_id], request)]
    lines += _unlike_attempts(requests)
    if lines:
        raise Failure('\n'.join(lines))
    return {request['headers']['ce-subject'] for request in requests}
