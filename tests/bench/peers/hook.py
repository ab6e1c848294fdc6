#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""on-download-complete, as it is written with urllib: when all files of a job are there, its
endpoint is told, and the job is put away. Jobs as in hook.sh."""

import json
import os
import sys
import urllib.request
from pathlib import Path


def is_whole(job):
    for file in job['files']:
        path = Path(job['dir'], file['path'])
        if not path.is_file() or path.stat().st_size != file['size']:
            return False
        if Path(f'{path}.aria2').exists():
            return False
    return True


def tell(job):
    size, count = str(sum(file['size'] for file in job['files'])), len(job['files'])
    body = json.dumps({
        'method': 'SendNotifySuccessToCTM', 'szEndpoint': job['endpoint'], 'szID': job['id'],
        'szClientData': '', 'szBytesTotal': size, 'szBytesTransferred': size,
        'ulFilesTotal': count, 'ulFilesTransferred': count}, separators=(',', ':'))
    request = urllib.request.Request(job['url'], body.encode(),
                                     {'Content-Type': 'application/json'})
    urllib.request.urlopen(request, timeout=30).close()


def main():
    path = Path(sys.argv[3])
    for name in Path(os.environ['JOBS']).glob('*.json'):
        job = json.loads(name.read_text())
        if Path(job['dir']) in path.parents and is_whole(job):
            tell(job)
            name.rename(f'{name}.done')


main()
