# SPDX-License-Identifier: MIT
"""Worlds in which one of our processes was taken over: what it tries stands in
tests/hostile/attempts.c."""

import re
import secrets
import shutil
import socket

from content import content, write_file
from notification import success
from sidecar import listed, new_id
from testcase import Skip, expect
from world import World

# What can be done in a process that is not confined in any case, so that a test can fail.
POSSIBLE = {'rstore', 'wstore', 'tstore', 'lstate', 'cstate',
            'create', 'mkdir', 'link', 'rm', 'chmod', 'rhome', 'kill', 'tgkill', 'fork',
            'spawn', 'conn', 'listen', 'unix', 'memfd', 'wx', 'dump'}


def complete(world, name='job'):
    """A job of one file completes; returns its message."""
    job_id, directory = new_id(), world.dl / name
    write_file(directory / 'f.bin', content('f', 10))
    world.put_sidecar(name, listed(job_id, directory, {'f.bin': 10}))
    world.hook('on-download-complete', directory / 'f.bin')
    return success(job_id, 1, 10)


def findings(world):
    """What check says of the confinement."""
    said = world.ctm('check')
    lines = (said.out + said.err).splitlines()
    return '\n'.join(line for line in lines if 'the process that speaks' in line
                     or 'the processes that have' in line or 'ARIA2_CTM_CONFINE' in line
                     or 'landlock' in line.lower())


def needs_all(world):
    """Skips where this kernel, or this build, can't confine."""
    said = findings(world)
    if 'Landlock (version' not in said or 'seccomp' not in said:
        raise Skip(f'this machine can\'t confine: {said}')
    version = int(re.search(r'Landlock \(version (\d+)', said).group(1))
    if version < 6:
        raise Skip(f'this kernel\'s Landlock is of version {version}')


class Intruded(World):
    """A world in which a process can be taken over: the transport, by its module."""

    def __init__(self, build, **options):
        super().__init__(build, linger='0', **options)
        self.copy_programs()
        self.home = self.root / 'home'
        for directory in (self.home, self.home / 'mountpoint'):
            directory.mkdir()
        for name in ('secret', 'removable'):
            (self.home / name).write_text('secret\n')
            (self.home / name).chmod(0o600)
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.env.update(CTM_INTRUDER_STATE=str(self.state), CTM_INTRUDER_HOME=str(self.home),
                        CTM_INTRUDER_PORT=str(self.listener.getsockname()[1]))
        self.module = build / 'tests' / 'hostile' / 'transport-intruder.so'

    def intrude(self):
        """The module is another one from now on."""
        shutil.copy(self.module, self.build / 'transport-http.so')

    def tried(self):
        """What worked of all that it tried, with the next message."""
        complete(self, secrets.token_hex(4))
        self.quiet()
        found = re.findall(r'attempt 1 failed.*?it worked:([^;]*);', self.log_text())
        expect(found, 'the intruder has said nothing')
        return set(found[-1].split())

    def __exit__(self, *arguments):
        self.listener.close()
        super().__exit__(*arguments)
