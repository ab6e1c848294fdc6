# SPDX-License-Identifier: MIT
"""What happens to a job, step by step: each step is one program, to be struck by faults.

A scenario makes a world in which the step comes next, and can make it again and again. After a
fault, expect_kept() looks at all that is promised."""

import json
import os
import re
import secrets
import time
from pathlib import Path

from content import content, expect_untouched, listing, write_file
from faults import Faults, Snapshot, can_trace
from notification import error, expect_one_message_each, success
from process import Failure
from sidecar import listed, new_id, put, sidecar
from testcase import expect, expect_equal
from world import World

FILES = {'a.bin': 10, 'b/b.bin': 20, 'c.bin': 30}
GID = '00000000000000e1'


LOUD = re.compile(r' (warning|error): ')  # what a person is to read


class Scenario:
    """A job of three files, and none of them has come."""

    retry = ', '.join(['0'] * 40)
    answers = ()
    early = False  # the word may come before finish()

    def __init__(self, build):
        self.world = World(build, linger='0')
        self.job = new_id()
        self.expected = {self.job: success(self.job, len(FILES), sum(FILES.values()))}
        self.seen = 0
        self.log_seen = 0
        self.got, self.last_lines = [], []

    def __enter__(self):
        world = self.world
        world.__enter__()
        try:
            can_trace(world)
            self.faults = Faults(world)
            world.jobs = world.root / 'jobs'
            world.jobs.mkdir(mode=0o700)
            world.configure(f'url = {world.endpoint.url()}', retry=self.retry, linger='0',
                            more=f'[sidecar]\ndir = {world.jobs}\n')
            world.endpoint.up(self.answers)
            self.prepare()
            world.quiet()
            self.snapshot = Snapshot(world.state, world.root / 'snapshot')
            self.places = {place: listing(place) for place in
                           (world.dl, world.www, world.jobs, world.conf.parent)}
            self.requests()
        except BaseException as failure:
            self.__exit__(type(failure), failure, failure.__traceback__)
            raise
        return self

    def __exit__(self, *what):
        return self.world.__exit__(*what)

    # ---- the step

    def prepare(self):
        """Makes what stands before the step."""
        self.make_content()
        self.world.put_sidecar('job', listed(self.job, self.world.dl, FILES))

    def argv(self):
        """The program that takes the step."""
        return self.complete('a.bin')

    def again(self):
        """What is done if the step says that it failed: the same again."""
        return self.call(self.argv())

    def finish(self):
        """What is left to be done for the job to end."""
        self.call(self.complete('b/b.bin'))
        self.call(self.complete('c.bin'))

    # ---- around it

    def make_content(self):
        for name, size in FILES.items():
            write_file(self.world.dl / name, content(name, size))

    def complete(self, name):
        return [self.world.program('on-download-complete'), secrets.token_hex(8), '1',
                self.world.dl / name]

    def call(self, argv):
        """One of our programs, with no fault, to its end and that of all it starts."""
        run = self.faults.run(argv).expect_sound()
        expect_equal(run.status, 0, f'exit status of {argv[0]}, which no fault struck')
        return run

    def restore(self):
        """The world is again as it was before the step, and what was seen is forgotten."""
        self.snapshot.restore()
        self.requests()
        self.log_lines()
        self.got = []
        if self.answers:
            answers = self.world.endpoint.run_dir / 'answers'
            answers.with_suffix('.new').write_text(''.join(f'{one}\n' for one in self.answers))
            os.rename(answers.with_suffix('.new'), answers)

    def flush(self):
        return self.call([self.world.program('aria2-ctm'), 'flush'])

    def requests(self):
        """What the endpoint got since it was last asked."""
        record = self.world.endpoint.record
        if not record.exists():
            return []
        with open(record, 'rb') as file:
            file.seek(self.seen)
            text = file.read()
        self.seen += len(text)
        return [json.loads(line) for line in text.decode().splitlines()]

    def log_lines(self):
        """What our programs logged since it was last asked."""
        if not self.world.log.exists():
            return []
        with open(self.world.log, 'rb') as file:
            file.seek(self.log_seen)
            text = file.read()
        self.log_seen += len(text)
        return text.decode('utf-8', 'backslashreplace').splitlines()

    def expect_word_of(self, run):
        """A step that a fault struck has said what failed: with its exit status, and in words on
        stderr or in the log if that is 1, or if it left undone what it does otherwise."""
        run.expect_sound()
        self.last_lines = self.log_lines()
        expect(run.status in (0, 1), f'exit status {run.status}')
        logged = any(LOUD.search(line) for line in self.last_lines)
        said = run.said.strip() or logged
        expect(run.status == 0 or said, 'exit status 1, and not a word of why')
        if self.is_hook() and run.status == 1 and not run.wrote and self.has_log(run):
            expect(logged, 'an event is not recorded, and not a word in the log')
        if self.early and not said:
            self.got = self.requests()
            expect(self.got, 'no message was sent, and not a word of why')

    def is_hook(self):
        return Path(self.argv()[0]).name.startswith('on-')

    def has_log(self, run):
        """Whether the program could find out where its log is, and write there."""
        return str(self.world.conf) not in run.hit and str(self.world.log) not in run.hit

    def wanted(self, run):
        """The words {job: message} after that fault: an error that is true of what it did. The
        content is on stable storage only with the names of all directories that lead to it."""
        call, path = (run.hit.split(' ', 4) + [''] * 5)[3:5]
        leads_there = (path.startswith(str(self.world.dl)) or
                       path in map(str, self.world.dl.parents))
        if call != 'fsync' or not leads_there or run.error in ('', 'EINTR'):
            return self.expected
        return {self.job: error(self.job, '0x8007001D', ['disk' if '.bin' in path else 'sync'])}

    def expect_kept(self, run):
        """After a step that a fault struck: all that is promised."""
        run.expect_sound()
        got, self.got = self.got + self.requests(), []
        if run.status != 0 and not run.wrote:
            self.again()
        self.flush()
        got += self.requests()
        if not self.early:
            expect(not got, f'a word before the end: {got}')
        self.finish()
        got += self.requests()
        if not got and any('cannot tell yet' in line for line in self.last_lines):
            time.sleep(1.05)  # it is looked at again, a second later
            self.flush()
            got += self.requests()
        wanted = self.wanted(run)
        sent = expect_one_message_each(wanted, got)
        expect_equal(sent, set(wanted), 'jobs with their word')
        self.expect_done()
        for place, before in self.places.items():
            expect_untouched(before, place)

    def strike(self, *options):
        """Takes the step while a fault strikes it, and looks at all that is promised. Whether
        it was hit."""
        self.restore()
        run = self.faults.run(self.argv(), *map(str, options))
        self.struck_seconds = run.seconds
        try:
            if '--kill' not in options:
                self.expect_word_of(run)
            self.expect_kept(run)
        except Failure as failure:
            raise Failure(f'{" ".join(map(str, options))}: {run.lines}: {failure}\n'
                          f'stderr: {run.said}\nlog:\n' + '\n'.join(self.last_lines)) from None
        return bool(run.hit)

    def calls(self, *options):
        """The system calls of the step, where nothing strikes: of two runs, that of the fewer. Who
        has to wait on a busy machine asks again and again, which no other run does."""
        runs = []
        for _ in range(2):
            self.restore()
            runs.append(self.faults.calls(self.argv(), *options))
        return min(runs, key=len)

    def expect_done(self):
        """Nothing is left behind that would send once more."""
        self.flush()
        expect_equal(self.requests(), [], 'requests after the last word')


class First(Scenario):
    """The first event of a job, and of the state directory: the store comes to be."""
    name = 'first event of a job'


class Middle(Scenario):
    """An event that neither begins nor completes a job."""
    name = 'middle event'

    def prepare(self):
        super().prepare()
        self.call(self.complete('a.bin'))

    def argv(self):
        return self.complete('b/b.bin')

    def finish(self):
        self.call(self.complete('c.bin'))


class Last(Middle):
    """The event that completes a job: it is verified and sent."""
    name = 'last event: verify and send'
    early = True

    def prepare(self):
        super().prepare()
        self.call(self.complete('b/b.bin'))

    def argv(self):
        return self.complete('c.bin')

    def finish(self):
        pass


class Delivery(Last):
    """A message waits, and flush delivers it."""
    name = 'delivery by flush'
    retry = '0, 1s' + ', 0' * 40

    def prepare(self):
        super().prepare()
        self.world.endpoint.down()
        self.call(self.complete('c.bin'))
        self.world.endpoint.up()
        time.sleep(1.3)

    def argv(self):
        return [self.world.program('aria2-ctm'), 'flush']


class Retry(Last):
    """The deliverer is told 503, and tries again."""
    name = 'retry after a 503'
    answers = ('503', '200')


class Expiry(Scenario):
    """A job's time is over, and flush ends it."""
    name = 'expiry by flush'
    early = True

    def __init__(self, build):
        super().__init__(build)
        self.expected = {self.job: error(self.job, '0x800705B4', ['b.bin', 'timeout of 1 s'])}

    def prepare(self):
        self.make_content()
        self.world.put_sidecar('job', listed(self.job, self.world.dl, FILES, timeout=1))
        self.call(self.complete('a.bin'))
        time.sleep(1.2)

    def argv(self):
        return [self.world.program('aria2-ctm'), 'flush']

    def finish(self):
        pass


class Add(Scenario):
    """A job is added whose files have come already: nobody claimed them until now."""
    name = 'add'
    early = True

    def prepare(self):
        self.make_content()
        for name in FILES:
            self.call(self.complete(name))
        self.path = put(self.world.root / 'conf', 'job.ctm.ini',
                        listed(self.job, self.world.dl, FILES))

    def argv(self):
        return [self.world.program('aria2-ctm'), 'add', self.path]

    def finish(self):
        pass


class ErrorEvent(Scenario):
    """aria2 gives up on a file, which ends the job."""
    name = 'error event'
    early = True

    def __init__(self, build):
        super().__init__(build)
        self.expected = {self.job: error(self.job, '0x80004005')}

    def prepare(self):
        self.world.put_sidecar('job', sidecar(self.job, self.world.dl,
                                              [{'path': 'never.bin', 'gid': GID}]))
        self.flush()

    def argv(self):
        return [self.world.program('on-download-error'), GID, '1', '']

    def finish(self):
        pass


class Fail(ErrorEvent):
    """A person ends the job with an error."""
    name = 'fail'

    def argv(self):
        return [self.world.program('aria2-ctm'), 'fail', self.job]

    def again(self):
        """It may have been ended: then the command says so."""
        run = self.faults.run(self.argv()).expect_sound()
        expect(run.status in (0, 1), f'fail, again: {run.status}: {run.said}')


class Together(Middle):
    """Two files are completed at once: the last one while the hook of the other is at work."""
    name = 'two hooks at once'
    early = True

    def prepare(self):
        super().prepare()
        self.other = self.world.root / 'other-hook'
        call = ' '.join(map(str, self.complete('c.bin')))
        write_file(self.other, f'#!/bin/sh\nexec {call}\n'.encode(), 0o755)

    def finish(self):
        pass


ALL = (First, Middle, Last, Delivery, Retry, Expiry, Add, ErrorEvent, Fail)
