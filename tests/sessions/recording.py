# SPDX-License-Identifier: MIT
"""One session while it is recorded: real nginx, real aria2c, the recording hook."""

import json
import os
import shutil
import sys
import tempfile
import time
import uuid
from pathlib import Path

import aria2
import recording_hook
import session
from content import content, make_files, sha256, write_file
from process import Failure, clean_environment, every_process, run, runs_for, wait_until
from sidecar import sidecar
from steering import EVENTS, Steering
from webserver import WebServer

HERE = Path(__file__).resolve().parent


class Recording(Steering):
    """A scenario calls these methods, and those of Steering, in the order in which things are
    to happen."""

    def __init__(self, name, description):
        self.root = Path(tempfile.mkdtemp(prefix='ctm-record-')).resolve()
        self.www, self.dl = self.root / 'www', self.root / 'dl'
        self.hooks, self.record = self.root / 'hooks', self.root / 'record'
        for directory in (self.www, self.dl, self.hooks):
            directory.mkdir()
        self.places = session.Places(dl=self.dl, root=self.root, hooks=self.hooks)
        self.name, self.description = name, description
        self.job_id = self.new_id('')
        self.web, self.seeds, self.state, self.seen = None, {}, {}, 0
        self.steps, self.expected, self.closers = [], [], []
        self.aria2d, self.last_job = None, None
        self.configure()
        self._install_hooks()

    def _install_hooks(self):
        Path(f'{self.record}.marks').mkdir()
        for event in EVENTS:
            shutil.copy(HERE / 'recording_hook.sh', self.hooks / event)
            (self.hooks / event).chmod(0o755)

    # ---- what a scenario says

    def new_id(self, which):
        """The GUID of this scenario's job (or of another one of its jobs)."""
        name = f'{self.name}{which}.aria2-ctm.example'
        return '{' + str(uuid.uuid5(uuid.NAMESPACE_DNS, name)).upper() + '}'

    def configure(self, retry='0, 1s, 1s, 5s', linger='20s', rpc=False, secret=None, ours=None):
        """rpc: aria2 can be asked. secret: what it was started with, and what we know, unless
        `ours` is another one."""
        self.rpc, self.secret = rpc, secret
        self.rpc_secret = secret and {'wanted': secret, 'ours': ours or secret}
        self.configuration = [
            '[state]', 'dir = @STATE@', '[endpoint.ctm]', 'url = @URL@', '[retry]',
            f'schedule = {retry}', f'linger = {linger}', '[log]', 'target = @LOG@',
            *(['[aria2]', 'rpc = @RPC@'] if rpc else []),
            *(['secret_file = @ROOT@/rpc-secret'] if secret else [])]

    def serve(self, files, locations=''):
        """Files {name: size} that nginx has; the name is the seed of the content."""
        make_files(self.www, files)
        self.knows(files)
        self.web = WebServer(self.www, self.root / 'nginx', self.places.fill(locations))

    def knows(self, files):
        """Content that a snapshot may show."""
        self.seeds.update({sha256(content(seed, size)): seed for seed, size in files.items()})

    def job(self, files=(), local_path='@DL@', name='job', job_id=None, **keys):
        """A sidecar appears, or takes the place of one of the same name."""
        self.last_job = dict(files=files, local_path=local_path, name=name, job_id=job_id, **keys)
        text = sidecar(job_id or self.job_id, local_path, files, **keys)
        self.steps.append({'sidecar': f'{name}.ctm.ini', 'text': text.splitlines()})

    def remove_sidecar(self, name='job'):
        self.steps.append({'remove_sidecar': f'{name}.ctm.ini'})

    def deadline(self, requests=1):
        """The last sidecar's timeout becomes a second; that is over at the next flush."""
        self.job(**{**self.last_job, 'timeout': 1})
        self.wait(1.5)
        self.flush(requests)

    def lay_out(self, name, seed, size):
        """A file that is there before aria2 comes."""
        write_file(self.dl / name, content(seed, size))
        self.knows({seed: size})
        self._files_changed()

    def endpoint(self, *answers):
        self.steps.append({'endpoint': 'up', 'answers': list(answers) or ['200']})

    def endpoint_down(self):
        self.steps.append({'endpoint': 'down'})

    def wait(self, seconds):
        self.steps.append({'wait': seconds})

    def flush(self, requests, status=0):
        self.steps.append({'flush': status, 'requests': requests})

    def command(self, *arguments, status=0):
        self.steps.append({'command': list(arguments), 'status': status})

    def requests(self, count):
        self.steps.append({'requests': count})

    def progress(self, at_least):
        self.steps.append({'progress': at_least})

    def expect(self, message, times=1):
        self.expected.append({'times': times, **message})

    # ---- what really happens

    def aria2(self, *arguments, status=0, cwd='@DL@', hooks=EVENTS):
        """aria2c runs to its end; its hook calls become steps."""
        argv = aria2.command(*self._options(hooks), *map(self.places.fill, map(str, arguments)))
        run(argv, env=self.environment(), cwd=self.places.fill(cwd)).expect(status)
        if not self._settle() and hooks:
            raise Failure(f'{self.name}: aria2 called no hook')

    def _options(self, hooks):
        return [f'--{event}={self.hooks / event}' for event in hooks]

    def _settle(self):
        """Waits for the hooks; returns how many calls there were. (While a process becomes
        another program, for a moment nothing tells that it is ours.)"""
        wait_until('the hooks to end', lambda: not self._running(), step=0.1)
        time.sleep(0.1)
        wait_until('the hooks to end', lambda: not self._running())
        calls = self._take_calls()
        self._files_changed()
        return calls

    def environment(self):
        return clean_environment(
            CTM_RECORDING=str(self.record), CTM_RECORDED_DIR=str(self.dl),
            CTM_RECORDER=recording_hook.__file__, CTM_PYTHON=sys.executable)

    def _running(self):
        others = {os.getpid(), self.aria2d and self.aria2d.pid}
        return os.listdir(f'{self.record}.marks') or [
            pid for pid in every_process() if pid not in others and runs_for(pid, self.record)]

    def _take_calls(self):
        lines = self.record.read_text().splitlines() if self.record.exists() else []
        for line in lines[self.seen:]:
            call = json.loads(line)
            files = self._changes(call['files'])
            self.steps.append({'hook': call['hook'],
                               'argv': [self.places.name(one) for one in call['argv']],
                               'cwd': self.places.name(call['cwd']),
                               **({'files': files} if files else {})})
        calls, self.seen = len(lines) - self.seen, len(lines)
        return calls

    def _files_changed(self):
        files = self._changes(recording_hook.snapshot(self.dl))
        if files:
            self.steps.append({'files': files})

    def _changes(self, files):
        """What differs from the last state, content told by its seed."""
        state = {}
        for path, one in files.items():
            seed = self.seeds.get(one['sha256'])
            state[path] = {'size': one['size'], 'mode': one['mode'],
                           **({'seed': seed} if seed is not None and one['size'] else {})}
        found = session.changes(self.state, state)
        self.state = state
        return found

    # ---- the end

    def finish(self):
        """The session as it was recorded."""
        version = run(['aria2c', '--version']).expect(0).out.split()[2]
        return {'name': self.name, 'description': self.description, 'aria2': version,
                'configuration': self.configuration,
                **({'rpc_secret': self.rpc_secret} if self.rpc_secret else {}),
                'steps': self.steps, 'expected': self.expected}

    def close(self):
        for closer in reversed(self.closers):
            closer.close()
        if self.web:
            self.web.close()
        shutil.rmtree(self.root, ignore_errors=True)
