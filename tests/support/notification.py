# SPDX-License-Identifier: MIT
"""What a success must look like on the wire, field by field."""

import json
import re
from collections import Counter

from process import Failure

FIELDS = ['method', 'szEndpoint', 'szID', 'szClientData', 'szBytesTotal', 'szBytesTransferred',
          'ulFilesTotal', 'ulFilesTransferred']
TIME = re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z')
SOURCE = re.compile(r'aria2-ctm://[^/\s]+')


def success(job_id, files, size, client_data='', endpoint='ctm'):
    """The body and the headers of the one success of a job, but for time and host."""
    body = dict(zip(FIELDS, ('SendNotifySuccessToCTM', endpoint, job_id, client_data,
                             str(size), str(size), files, files)))
    headers = {
        'content-type': 'application/json',
        'ce-specversion': '1.0',
        'ce-id': f'{job_id}/success',
        'idempotency-key': f'{job_id}/success',
        'webhook-id': f'{job_id}/success',
        'ce-type': 'aria2-ctm.notify.success',
        'ce-subject': job_id,
    }
    return {'method': 'POST', 'body': body, 'headers': headers}


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
    except ValueError as error:
        return [f'body: {error}: {text!r}']
    names = [name for name, _ in pairs]
    found = []
    if names != list(expected):
        found.append(f'body: expected the fields {list(expected)}, got {names}')
    got = dict(pairs)
    for name, value in expected.items():
        if name in got and (got[name] != value or type(got[name]) is not type(value)):
            found.append(f'{name}: expected {value!r}, got {got[name]!r}')
    return found


def expect_requests(expected, requests, ordered=True):
    """Fails unless the requests are exactly the expected ones. Attempts of one message must
    agree in time and source."""
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
    first = {}
    for request in requests:
        stamp = (request['headers'].get('ce-time'), request['headers'].get('ce-source'),
                 request['body'])
        message = request['headers'].get('ce-id')
        if first.setdefault(message, stamp) != stamp:
            lines.append(f'{message}: two attempts differ: {first[message]} and {stamp}')
    if lines:
        lines += [f'  received: {request}' for request in requests[:5]]
        raise Failure('\n'.join(lines))
