# SPDX-License-Identifier: MIT
"""A scratch world for one test: state, configuration, content, endpoint, and our programs.

    with World(build) as world:
        world.endpoint.up()
        world.put_sidecar('job', listed(...))
        world.hook('on-download-complete', path)
        world.endpoint.wait_for(1)

Leaving it ends what still runs for it, and fails the test if that does not end when asked.
"""

import json
import os
import secrets
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from content import make_files
from endpoint import Endpoint
from hookcall import HookCall
from process import (Failure, clean_environment, every_process, place_of, program_of, run, runs_for,
                     signal_if_there, state_of, wait_until, what_it_does)
from sanitizers import Reports
from sidecar import put
from starter import Starter
from testcase import Skip
from webserver import WebServer

EVENTS = ('on-download-start', 'on-download-error', 'on-download-pause', 'on-download-stop',
          'on-download-complete', 'on-bt-download-complete')
PROGRAMS = ('aria2-ctm', 'deliver', 'drain', 'transport', 'transport-http.so')
QUICK = ', '.join(['0'] + ['1s'] * 60)


class World:
    """See above. `retry`, `linger` and `endpoint_lines` go into the configuration."""

    def __init__(self, build, retry=QUICK, linger='60s', endpoint_lines='', endpoint_options=(),
                 state_dir=None):
        self.build = self.hooks = Path(build).resolve()
        self.root = Path(tempfile.mkdtemp(prefix='ctm-test-')).resolve()
        self.root.chmod(0o755)
        self.state = Path(state_dir) if state_dir else self.root / 'state'
        self.www, self.dl = self.root / 'www', self.root / 'dl'
        self.conf, self.log = self.root / 'conf' / 'aria2-ctm.conf', self.root / 'log' / 'log'
        for directory in (self.www, self.dl, self.conf.parent, self.log.parent):
            directory.mkdir()
        self.jobs = self.state / 'jobs'
        self.make_state()
        self.endpoint = Endpoint(self.build, self.root / 'run', endpoint_options)
        self.starter = Starter(self.build)
        self.web, self.calls = None, []  # hooks that may still run, or deliver
        self.env = clean_environment(ARIA2_CTM_CONF=str(self.conf))
        self.reports = Reports(self.build, self.root / 'reports', self.env)
        self.configure(f'url = {self.endpoint.url()}\n{endpoint_lines}', retry, linger)

    # ---- what stands on disk

    def make_state(self):
        """The state directory as a package would make it."""
        self.state.mkdir(mode=0o700, exist_ok=True)
        self.jobs.mkdir(mode=0o700, exist_ok=True)

    def configure(self, endpoint_lines, retry=QUICK, linger='60s', more=''):
        """Writes the configuration; `more` is appended, sections and all."""
        self.conf.write_text(
            f'[state]\ndir = {self.state}\n\n[endpoint.ctm]\n{endpoint_lines}\n'
            f'[retry]\nschedule = {retry}\nlinger = {linger}\n\n'
            f'[log]\ntarget = {self.log}\nlevel = info\n\n{more}', encoding='utf-8')

    def put_sidecar(self, name, text):
        """A sidecar appears, whole, in the sidecar directory."""
        return put(self.jobs, f'{name}.ctm.ini', text)

    def serve(self, files, locations=''):
        """Makes files {name: size} under www and serves them."""
        make_files(self.www, files)
        self.web = WebServer(self.www, self.root / 'nginx', locations)
        return self.web

    def log_text(self):
        """The log of our programs so far."""
        return self.log.read_text(errors='replace') if self.log.exists() else ''

    # ---- our programs

    def program(self, name):
        return str((self.hooks if name in EVENTS else self.build) / name)

    def preload(self, *modules, **more):
        """What can be loaded before our programs: names of tests/support, and their environment.
        The hooks are the twins that heed it from now on. Returns what is to be in the environment
        of whoever is to load it."""
        place = self.build / 'tests/support'
        if not place.exists():
            raise Failure('nothing can be preloaded before copies of the hooks')
        paths = [place / f'{one}.so' for one in modules]
        if not all(one.exists() for one in paths):
            raise Skip(f'{" or ".join(modules)} is not built (with sanitizers it is not)')
        self.hooks = place / 'preloadable'
        return {'LD_PRELOAD': ' '.join(map(str, paths)), **more}

    def copy_programs(self):
        """Uses copies from now on, where every user can reach them."""
        place = self.root / 'bin'
        place.mkdir()
        for entry in self.build.iterdir():
            if entry.is_file() and (entry.name in PROGRAMS or entry.name in EVENTS
                                    or entry.name.startswith('libaria2ctm.so')):
                shutil.copy(entry, place)
        if self.hooks != self.build:
            raise Failure('what is preloaded has no effect on copies of the hooks')
        self.starter = self.starter.copied_to(place)
        self.build = self.hooks = place

    def ctm(self, *arguments, **options):
        """Runs aria2-ctm to its end."""
        return run([self.program('aria2-ctm'), *map(str, arguments)], env=self.env, cwd='/',
                   **options)

    def flush(self, **options):
        return self.ctm('flush', **options)

    def deliver(self, **options):
        """A deliverer that is started by hand, to its end."""
        return run([self.program('deliver')], env=self.env, cwd='/', **options)

    def status(self, *jobs):
        """What `status --json` says."""
        outcome = self.ctm('status', '--json', *jobs).expect(0)
        try:
            return json.loads(outcome.out)
        except ValueError:
            raise Failure(f'status --json is no JSON:\n{outcome}') from None

    def call_hook(self, event, path, number=1, gid=None, argv=None, cwd=None, user=None):
        """Starts a hook as aria2 would."""
        argv = argv or [self.program(event), gid or secrets.token_hex(8), str(number), str(path)]
        call = HookCall(self.starter, self.program(event), argv, self.env, cwd or self.dl, user)
        # Whoever has ended and is not waited for stays in the list of all processes, which others
        # read again and again.
        self.calls = [one for one in self.calls if not one.ended()] + [call]
        return call

    def hook(self, event, path, number=1, gid=None, seconds=30.0):
        """Calls a hook and expects it to end well, or to become `deliver`."""
        return self.call_hook(event, path, number, gid).wait(seconds).expect(0)

    def hook_options(self):
        """aria2's options that set all six hooks."""
        return [f'--{event}={self.program(event)}' for event in EVENTS]

    # ---- what runs

    def ours(self):
        """The ids of our programs' processes that work in this world."""
        return [pid for pid in every_process()
                if place_of(pid) == str(self.build) and runs_for(pid, self.root)
                and state_of(pid) not in ('', 'Z')]

    def deliverer(self):
        """The id of the deliverer, once it is the only one of ours that runs."""
        def alone():
            first = self.ours()
            time.sleep(0.3)
            return first if first == self.ours() and len(first) == 1 else None
        pid = wait_until('the deliverer alone', alone)[0]
        if program_of(pid) != 'deliver':
            raise Failure(f'what is left running is {what_it_does(pid)}')
        return pid

    def quiet(self, seconds=30.0):
        """Waits until none of our programs runs in this world."""
        wait_until('our programs to end', lambda: not self.ours(), seconds)

    def end_ours(self):
        """Ends lingering deliverers; they must go at once when asked."""
        for pid in self.ours():
            signal_if_there(pid, signal.SIGTERM)
        try:
            wait_until('our programs to end at SIGTERM', lambda: not self.ours(), 10)
        finally:
            for pid in self.ours():
                signal_if_there(pid, signal.SIGKILL)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        failed = bool(kind) and issubclass(kind, Exception)
        running = [what_it_does(pid) for pid in self.ours()] if failed else []
        try:
            self.end_ours()
        finally:
            self.endpoint.close()
            if self.web:
                self.web.close()
            try:
                if failed:
                    self._show(running)
                else:
                    self.reports.expect_none()
            finally:
                self._remove()

    def _show(self, running):
        for title, text in (('log of our programs', self.log_text()),
                            ('what ran of them', '\n'.join(running)),
                            ('what sanitizers say', self.reports.text())):
            print(f'--- {title}\n{text[-6000:]}', file=sys.stderr)

    def _remove(self):
        if os.environ.get('CTM_TEST_KEEP'):
            print(f'kept: {self.root}', file=sys.stderr)
        else:
            shutil.rmtree(self.root, ignore_errors=True)
