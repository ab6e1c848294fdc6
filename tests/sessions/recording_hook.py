# SPDX-License-Identifier: MIT
"""What aria2c calls while a session is recorded, under the names of our six hooks.

Appends one line to $CTM_RECORDING: the event, the arguments exactly, the working directory, and
the files under $CTM_RECORDED_DIR as they are at this moment. A lock puts the calls in order.
recording_hook.sh, which starts in a moment, has stopped aria2c and left a mark for each call;
the last call that is under way lets it go on."""

import fcntl
import hashlib
import json
import os
import signal
import sys


def describe(path):
    """Size, mode and hash of one file, None if it has just gone."""
    try:
        with open(path, 'rb') as file:
            data = file.read()
            mode = os.fstat(file.fileno()).st_mode & 0o7777
    except FileNotFoundError:
        return None
    return {'size': len(data), 'mode': f'{mode:04o}', 'sha256': hashlib.sha256(data).hexdigest()}


def snapshot(directory):
    """{relative path: description} of all files in a directory."""
    found = {}
    for at, _, names in os.walk(directory):
        for name in names:
            path = os.path.join(at, name)
            one = describe(path)
            if one:
                found[os.path.relpath(path, directory)] = one
    return found


def is_aria2(pid):
    try:
        with open(f'/proc/{pid}/comm') as file:
            return file.read() == 'aria2c\n'
    except OSError:
        return False


def main(argv):
    recording = os.environ['CTM_RECORDING']
    with open(recording, 'a') as record:
        fcntl.flock(record, fcntl.LOCK_EX)
        line = {'hook': os.path.basename(argv[0]), 'argv': argv, 'cwd': os.getcwd(),
                'files': snapshot(os.environ['CTM_RECORDED_DIR'])}
        record.write(json.dumps(line) + '\n')
        record.flush()
        marks = recording + '.marks'
        os.unlink(os.path.join(marks, str(os.getpid())))
        aria2 = os.getppid()
        if not os.listdir(marks) and is_aria2(aria2):
            os.kill(aria2, signal.SIGCONT)


if __name__ == '__main__':
    main(sys.argv[1:])
