# SPDX-License-Identifier: MIT
"""Sidecars, written as a client would: under another name, then renamed."""

import os
import uuid
from pathlib import Path


def new_id():
    """A job's GUID in CTM's own form."""
    return '{' + str(uuid.uuid4()).upper() + '}'


def sidecar(job_id, local_path, files=(), kind='listed', endpoint='ctm', **keys):
    """The text of a sidecar. files: dicts of keys for [file.N], in order; a key whose value is
    a list is repeated. files_total and bytes_total follow from the files unless given."""
    files = list(files)
    job = {'id': job_id, 'kind': kind, 'endpoint': endpoint, 'local_path': local_path}
    if kind == 'listed':
        job['files_total'] = len(files)
    job.update(keys)
    lines = ['[job]', *_lines(job)]
    for number, one in enumerate(files, 1):
        lines += [f'[file.{number}]', *_lines(one)]
    return ''.join(f'{line}\n' for line in lines)


def _lines(keys):
    for key, value in keys.items():
        for one in value if isinstance(value, list) else [value]:
            if one is not None:
                yield f'{key} = {one}'


def listed(job_id, local_path, sizes, **keys):
    """A listed job of files {path: size}."""
    return sidecar(job_id, local_path, [{'path': path, 'size': size}
                                        for path, size in sizes.items()], **keys)


def put(directory, name, text):
    """Makes it appear whole, under its name."""
    directory = Path(directory)
    hidden = directory / f'.{name}.new'
    hidden.write_bytes(text if isinstance(text, bytes) else text.encode())
    hidden.chmod(0o600)
    os.rename(hidden, directory / name)
    return directory / name
