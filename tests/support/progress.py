# SPDX-License-Identifier: MIT
"""Progress is best effort: a newer one takes the place of one that was not sent yet. What must
be true of those that came, whichever they are."""

import json

TYPES = ('DownloadingManifest', 'ProcessingManifest', 'CreatingDirectories', 'PreparingDownload',
         'DownloadingData', '')
FIELDS = ['method', 'szProgressType', 'szEndpoint', 'szID', 'szClientData', 'szBytesTotal',
          'szBytesTransferred', 'ulFilesTotal', 'ulFilesTransferred']


def some_progress(job_id, bytes_total, files_total, at_least=1, client_data='', endpoint='ctm'):
    """An entry for expect_requests(): this job may report progress, so many times at least."""
    return {'progress': 'some', 'at_least': at_least, 'job': job_id, 'body': {
        'method': 'SendNotifyProgressToCTM', 'szEndpoint': endpoint, 'szID': job_id,
        'szClientData': client_data, 'szBytesTotal': str(bytes_total),
        'ulFilesTotal': files_total}}


def progress_differences(entries, requests):
    """What is wrong with the progress of the jobs that have an entry, one line each: the
    numbers of the messages rise, what was transferred never falls nor exceeds the total, only
    the first one says DownloadingData, and the job's final word is the last of all."""
    lines = []
    for entry in entries:
        lines += [f'progress of {entry["job"]}: {line}' for line in _wrong(entry, requests)]
    return lines


def _wrong(entry, requests):
    of_job = [one for one in requests if one['headers'].get('ce-subject') == entry['job']]
    kinds = [one['headers'].get('ce-type', '').rsplit('.', 1)[-1] for one in of_job]
    found = [one for one, kind in zip(of_job, kinds) if kind == 'progress']
    if 'progress' in kinds[len(found):]:
        yield f'the final word is not the last: {kinds}'
    if len(found) < entry['at_least']:
        yield f'expected at least {entry["at_least"]}, got {len(found)}'
    last = (0, 0, 0)
    for request in found:
        yield from _wrong_message(entry, request)
        number = request['headers'].get('ce-id', '').rsplit('/', 1)[-1]
        body = json.loads(request['body'])
        now = (int(number) if number.isdigit() else 0,
               int(body['szBytesTransferred']), body['ulFilesTransferred'])
        if now[0] <= last[0] or now[1] < last[1] or now[2] < last[2]:
            yield f'(number, bytes, files) went from {last} to {now}'
        last = now
    types = [json.loads(request['body'])['szProgressType'] for request in found]
    if 'DownloadingData' in types[1:] or (entry['at_least'] and types[:1] == ['']):
        yield f'the types are {types}'


def _wrong_message(entry, request):
    headers, body = request['headers'], json.loads(request['body'])
    names = [name for name, _ in json.loads(request['body'], object_pairs_hook=list)]
    if names != FIELDS:
        yield f'expected the fields {FIELDS}, got {names}'
    for name, value in entry['body'].items():
        if body.get(name) != value:
            yield f'{name}: expected {value!r}, got {body.get(name)!r}'
    if not headers.get('ce-id', '').startswith(f'{entry["job"]}/progress/'):
        yield f'ce-id: {headers.get("ce-id")}'
    for name in ('idempotency-key', 'webhook-id'):
        if headers.get(name) != headers.get('ce-id'):
            yield f'{name}: {headers.get(name)}'
    if body['szProgressType'] not in TYPES:
        yield f'szProgressType: {body["szProgressType"]!r}'
    if 0 < int(body['szBytesTotal']) < int(body['szBytesTransferred']):
        yield f'more was transferred than there is: {body}'
    if 0 < body['ulFilesTotal'] < body['ulFilesTransferred']:
        yield f'more files came than there are: {body}'
