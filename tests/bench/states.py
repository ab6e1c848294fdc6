# SPDX-License-Identifier: MIT
"""State directories with jobs in them, and the calls that bring their files.

    state = State(bench, 'name')
    job = state.job(files=10)
    state.register()
    plan = [state.chosen(), job.bring('hook', 0)]
    ...
    state.expect_arrived({job: 1})
"""

import json
import uuid

from measuring import Broken

DEAD = 'http://127.0.0.1:9/'


class Job:
    """A listed job; its files are made when their call is."""

    def __init__(self, state, number, files, endpoint):
        self.state, self.files = state, files
        self.id = '{' + str(uuid.uuid4()).upper() + '}'
        self.content = state.root / f'content-{number}'
        self.sidecar = state.root / f'{number}.ctm.ini'
        self.endpoint = endpoint
        self._directories = set()
        self.content.mkdir()
        with open(self.sidecar, 'w', encoding='utf-8') as out:
            out.write(f'[job]\nid = {self.id}\nkind = listed\nendpoint = {endpoint}\n'
                      f'local_path = {self.content}\nfiles_total = {files}\n')
            for n in range(files):
                out.write(f'[file.{n + 1}]\npath = {self.name(n)}\nsize = 1\n')

    @staticmethod
    def name(number):
        return f'{number // 1000:04}/file-{number}'

    def make(self, number):
        """The file is there, with its size."""
        path = self.content / self.name(number)
        if number // 1000 not in self._directories:
            path.parent.mkdir(exist_ok=True)
            self._directories.add(number // 1000)
        path.write_bytes(b'x')
        return path

    def bring(self, label, number, hook=None):
        """The line of a plan by which a file arrives."""
        return [label, hook or self.state.bench.hook, f'{number + 1:016x}', 1, self.make(number)]


class State:
    """A state directory and its configuration; `endpoints` are {name: url}."""

    def __init__(self, bench, name, endpoints=None, retry='', endpoint_lines='', linger=0):
        self.bench, self.jobs = bench, []
        self.root, self.linger = bench.work / name, linger
        self.sidecars = self.root / 'sidecars'
        self.sidecars.mkdir(parents=True)
        (self.root / 'state').mkdir(mode=0o700)
        self.conf = self.root / 'aria2-ctm.conf'
        self.configure(endpoints or {'ctm': DEAD}, retry, endpoint_lines)

    def configure(self, endpoints, retry='', endpoint_lines='', linger=None):
        """Writes the configuration, also anew."""
        self.linger = self.linger if linger is None else linger
        text = ''.join(f'[endpoint.{name}]\nurl = {url}\n{endpoint_lines}'
                       for name, url in endpoints.items())
        self.conf.write_text(
            f'[state]\ndir = {self.root}/state\n[sidecar]\ndir = {self.sidecars}\n{text}'
            f'[retry]\n{retry}linger = {self.linger}\n[log]\ntarget = {self.root}/log\n')

    def job(self, files, endpoint='ctm'):
        one = Job(self, len(self.jobs), files, endpoint)
        self.jobs.append(one)
        return one

    def env(self):
        return self.bench.environment(ARIA2_CTM_CONF=str(self.conf))

    def chosen(self):
        """The line of a plan that makes the calls below it this state's."""
        return ['=ARIA2_CTM_CONF', self.conf]

    def ctm(self, *arguments, statuses=(0,)):
        return self.bench.call([self.bench.command, *arguments], self.env(), statuses)[0]

    def register(self):
        """All jobs are known, and nothing is left to do."""
        for first in range(0, len(self.jobs), 1000):
            self.ctm('add', *(job.sidecar for job in self.jobs[first:first + 1000]))
        self.ctm('flush', statuses=(0, 1))
        return self

    def arrived(self):
        """{job's id: files that have arrived}, when all that was recorded is drained. What could
        not be delivered is not looked at here."""
        self.ctm('flush', statuses=(0, 1))
        said = json.loads(self.ctm('status', '--json'))
        return {job['id']: job['files_arrived'] for job in said['jobs']}

    def expect_arrived(self, wanted):
        """{job: files}: the store knows of so many, or what was measured was no hook."""
        found = self.arrived()
        for job, count in wanted.items():
            if found.get(job.id) != count:
                raise Broken(f'{self.root.name}: {found.get(job.id)} files of {job.id} have '
                             f'arrived, not {count}')

    def expect_unclaimed(self, count):
        """So many events belong to no job."""
        self.ctm('flush', statuses=(0, 1))
        found = json.loads(self.ctm('status', '--json'))['unclaimed']
        if found != count:
            raise Broken(f'{self.root.name}: {found} events of no job are kept, not {count}')
