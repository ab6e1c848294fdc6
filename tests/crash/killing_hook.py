# SPDX-License-Identifier: MIT
"""What aria2c calls in hooks_killed.py: starts the real hook and often kills it.

    killing_hook.py PROGRAM LOG GID NUMBER PATH

Appends to LOG what it called and how that ended: "killed" if the blow hit."""

import fcntl
import json
import os
import random
import signal
import sys
import time


def becomes_deliverer(pid):
    try:
        return os.path.basename(os.readlink(f'/proc/{pid}/exe')) == 'deliver'
    except OSError:
        return False


def main(program, log, *arguments):
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid == 0:
        os.execv(program, [program, *arguments])
    if random.random() < 0.6:
        time.sleep(random.choice((0.0, 0.0005, 0.001, 0.002, 0.004, 0.008, 0.02))
                   * random.random())
        os.kill(pid, signal.SIGKILL)
    status = None
    while status is None and not becomes_deliverer(pid):
        done, value = os.waitpid(pid, os.WNOHANG)
        status = value if done else None
        time.sleep(0.001)
    line = {'argv': [program, *arguments], 'killed': bool(status)}
    with open(log, 'a') as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(json.dumps(line) + '\n')


if __name__ == '__main__':
    main(*sys.argv[1:])
