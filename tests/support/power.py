# SPDX-License-Identifier: MIT
"""Losses of power: real programs are recorded, and what a loss at any moment can leave of their
disk is given to real programs that know that the machine was started again.

    with Recorded(build, 'first event') as one:
        job = Job(one, files=2)                         # power_jobs.py
        one.start(unsynced=[job])
        one.run('on-download-complete', *event(path))   # the first life
        one.promise({job_id: 1})                        # files that no loss takes from now on
        one.survive({job_id: message}, again=...)       # the second lives

disk_model.py has what a disk can lose, disk_crash.py which losses are tried."""

import contextlib
import copy
import os
import secrets
import tempfile
import time
from collections import defaultdict

from content import expect_untouched, listing
from disk_calls import Interpreter
from disk_crash import Platter, digest, image, losses
from disk_trace import record
from figures import chosen, is_long, survived
from notification import expect_one_message_each, is_progress
from process import Failure
from testcase import expect, expect_equal
from world import World

NAMES = ('state', 'dl', 'input', 'home')
OURS = 'keep', 'reboot'
REBOOT_S = 600
FAULT = 'loss of power'
ENDED = 'succeeded', 'failed', 'cancelled'


@contextlib.contextmanager
def _quick_disk():
    """Scratch directories in memory, where there is such a place: what is lost is the model's
    business, not that of this machine's disk."""
    before = tempfile.tempdir
    if 'TMPDIR' not in os.environ and os.access('/dev/shm', os.W_OK):
        tempfile.tempdir = '/dev/shm'
    try:
        yield
    finally:
        tempfile.tempdir = before


class Summary(dict):
    """{job: (state, files arrived, state of its message)}, of what `status` says."""

    def __init__(self, status=None):
        super().__init__({job['id']: (job['state'], job['files_arrived'],
                                      (job['message'] or {}).get('state'))
                          for job in (status or {'jobs': []})['jobs']})

    def lost(self, later):
        """What is here and no longer in a later summary, one line each."""
        lines = []
        for job, (state, arrived, message) in self.items():
            other = later.get(job)
            if other is None:
                lines.append(f'{job} is gone')
                continue
            if other[1] < arrived:
                lines.append(f'{job}: {other[1]} files have arrived, {arrived} had')
            if state in ENDED and other[0] != state:
                lines.append(f'{job} is {other[0]}, was {state}')
            if message in ('sent', 'dead') and other[2] != message:
                lines.append(f'{job}: its message is {other[2]}, was {message}')
        return lines

    def told(self):
        """The jobs whose message is not to go out again."""
        return {job for job, one in self.items() if one[2] in ('sent', 'dead')}


class Recorded:
    """One scenario: see above. `forgets`: jobs may leave the list."""

    def __init__(self, build, name, forgets=False, retry='0, 0, 0, 0, 0, 0', **options):
        self.name, self.forgets, self.retry = name, forgets, retry
        with _quick_disk():
            self.world = World(build, linger='0', retry=retry, **options)
        self.runs, self.promises, self.floors, self.survivors = [], {}, [], set()

    def __enter__(self):
        self.world.__enter__()
        return self

    def __exit__(self, *arguments):
        return self.world.__exit__(*arguments)

    def use_new_state(self, place):
        """A state directory that is not there yet, at `place`; sidecars are elsewhere."""
        world = self.world
        world.state, world.jobs = world.root / place, world.root / 'cards'
        world.jobs.mkdir(mode=0o700)
        (world.root / place.split('/')[0]).mkdir()
        world.configure(f'url = {world.endpoint.url()}\n', self.retry, '0',
                        f'[sidecar]\ndir = {world.jobs}\n')

    # ---- the first life

    def start(self, unsynced=(), answers=(), only_names=False):
        """From now on the disk is watched. The content of the jobs `unsynced` was written a moment
        ago, and is on stable storage only when somebody syncs it; with `only_names` that holds for
        the names, because aria2 syncs a file that it has downloaded, and no directory."""
        world = self.world
        ignored = {one.name for one in world.root.iterdir()} - set(NAMES) | set(OURS)
        place = world.root / 'reboot'
        place.mkdir()
        self.boot_id = place / 'boot-id'
        self.platter = Platter(world.root, NAMES, world.root / 'keep', place / 'inodes')
        self.unsynced = {job.id: str(job.directory) for job in unsynced}
        self.disk = self.platter.load(ignored, self.unsynced.values(), only_names)
        self.second_env = dict(world.env, **world.preload(
            'fakeclock', 'reboot', CTM_TEST_BOOT_ID=str(self.boot_id),
            CTM_TEST_INODES=str(place / 'inodes')))
        self.said_before = world.endpoint.requests()
        world.endpoint.up(answers)

    def run(self, program, *arguments, status=0):
        """One of our programs, and all that it starts, to the end."""
        self.run_command(self.world.program(program), *arguments, status=status)

    def run_command(self, *argv, status=0):
        """The same of any program."""
        trace = self.world.root / 'log' / f'trace-{secrets.token_hex(6)}'
        ended, moments = record(argv, trace, env=self.world.env, cwd=self.world.dl)
        trace.unlink()
        expect_equal(ended, status, f'exit status of {argv}')
        self.runs.append(moments)

    def promise(self, arrived):
        """After the runs so far so many files of each job are on stable storage."""
        self.promises[len(self.runs)] = dict(arrived)

    # ---- the second lives

    def survive(self, expected, again=None, look=None, dead=(), content=False,
                most=50, at_most=None):
        """Loses the power at every point. expected: {job: its message}; again(floor): what the
        outside does after the restart, where floor is the summary of what no loss could take;
        look(found, requests): looks at more, where found is the summary of what is there. The
        messages of the jobs in `dead` were refused for good in the first life. `content` is lost
        too. `most` losses are tried in a bounded run, `at_most` in a long one: there may be too
        many that are hardly different."""
        self.expected, self.again, self.look, self.dead = expected, again, look, set(dead)
        self.leave = None if content else 'dl'
        self.first = defaultdict(list)
        for request in self.world.endpoint.requests()[len(self.said_before):]:
            self.first[request['headers']['ce-id']].append(request)
        self.world.endpoint.up()
        first_env, self.world.env = self.world.env, self.second_env
        self.boot(1)
        try:
            for point, loss in self._pick(self._look_at_all(), most, at_most):
                self.wanted[point].append(loss)
            self._replay(self._lose)
        finally:
            self.world.env = first_env
        expect(self.survivors, 'nothing was tried')
        survived(FAULT, self.name, len(self.survivors))

    def boot(self, life):
        """The machine starts again, a while later, with a boot id of its own."""
        self.boot_id.write_text(f'deadbeef-0000-4000-8000-{life:012}\n')
        self.world.env['CTM_TEST_CLOCK_SHIFT_S'] = str(REBOOT_S * life)

    def _replay(self, at_step):
        """The first life once more, on the model. at_step(number, disk, label, messages seen);
        the label is 'run' after each run."""
        disk, seen, count = copy.deepcopy(self.disk), [], 0

        def step(label):
            nonlocal count
            if label not in ('', 'sync', 'run'):
                seen.append(label)
            at_step(count, disk, label, seen)
            count += 1
        interpreter = Interpreter(disk, step)
        step('sync')
        for moments in self.runs:
            interpreter.feed(moments)
            step('run')

    def _look_at_all(self):
        """All that can be lost: [(point, loss)]. On the way what can't be lost is asked of
        `status`, and what was said is compared with what was true."""
        found, runs, self.wanted = [], 0, defaultdict(list)
        known = {}

        def look(number, disk, label, seen):
            nonlocal runs
            floor = self.floors[-1] if self.floors else Summary()
            if label == 'sync':
                tree = image(disk, ('none kept',))
                key = digest(tree)
                if key not in known:
                    self._put(tree)
                    known[key] = self._summary()
                if not self.forgets:
                    self._expect_nothing(floor.lost(known[key]), 'what was durable is not')
                floor = known[key]
            elif label == 'run':
                runs += 1
                for job, arrived in self.promises.get(runs, {}).items():
                    there = floor.get(job, ('unknown', -1, None))[1]
                    expect(there >= arrived, f'{self.name}: after run {runs} {there} files of '
                           f'{job} are on stable storage, not {arrived}')
            elif label.endswith('/success'):
                self._expect_true(disk, label[:-len('/success')])
            self.floors.append(floor)
            apart = disk.unsynced_below(f'{disk.root_path}/{self.leave}') if self.leave else ()
            found.extend((number, loss) for loss in losses(disk, set(apart)))
        self._replay(look)
        return found

    def _expect_true(self, disk, job):
        """A success goes out: the content is on stable storage, with the names that lead to it."""
        path = self.unsynced.get(job)
        if path is None:
            return
        left = disk.unsynced_below(path) + disk.unsynced_names_to(path)
        self._expect_nothing(list(map(str, left)), f'a success goes out, but {path} is not durable')

    @staticmethod
    def _pick(found, most, at_most):
        """In a bounded run: of all losses of everything or nothing, and of all others."""
        plain = [one for one in found if len(one[1]) == 1]
        others = [one for one in found if len(one[1]) > 1]
        if at_most:
            others = others[::len(found) // at_most + 1]
        return chosen(plain, most // 2) + chosen(others, most // 2)

    def _put(self, tree):
        """The machine starts with that disk."""
        self.world.quiet()
        self.boot(1)
        self.platter.put(tree, self.leave)

    def _summary(self):
        """What `status` says; a deliverer may be at work for it afterwards."""
        return Summary(self.world.status())

    def _lose(self, number, disk, label, seen):
        """The losses that were chosen at this point, each with another order of what comes first
        after the restart."""
        for loss in self.wanted.pop(number, ()):
            tree, floor = image(disk, loss), self.floors[number]
            key = digest(tree), len(seen), tuple(sorted(floor.items()))
            if key in self.survivors:
                continue
            for hooks_first in self._orders():
                try:
                    self._put(tree)
                    self._live_again(floor, seen, len(loss) == 1, hooks_first)
                except Failure as failure:
                    pending = '\n  '.join(map(str, disk.pending))
                    raise Failure(
                        f'{self.name}: point {number} ({label or "-"}), {loss}, '
                        f'{"hooks" if hooks_first else "flush"} first: {failure}\n'
                        f'not durable then:\n  {pending}\non the disk: {sorted(tree)}') from None
            self.survivors.add(key)

    def _orders(self):
        """Whether the hooks come first: both in a long run, else in turn."""
        if not self.again or self.look:
            return (False,)
        return (False, True) if is_long() else (len(self.survivors) % 2 == 0,)

    def _live_again(self, floor, seen, thorough, hooks_first):
        world = self.world
        content, before = listing(world.dl), len(world.endpoint.requests())
        if hooks_first:
            self.again(floor)
        found = self._summary()
        if not self.forgets:
            self._expect_nothing(floor.lost(found), 'what was durable is lost')
        if thorough:
            world.ctm('check').expect(0)
        world.flush().expect(0)
        if self.look:
            self.look(found, world.endpoint.requests()[before:])
        if self.again and not hooks_first:
            self.again(floor)
        self._flush_until_told()
        world.quiet()
        later = world.endpoint.requests()[before:]
        self._expect_one_word_each(self._seen(seen) + later)
        told = floor.told() | (set() if hooks_first else found.told())
        repeated = {one['headers']['ce-subject'] for one in later} & told
        expect(not repeated, f'{repeated}: told once more, though it was known to be told')
        self._expect_ended(self._summary())
        if self.leave:
            expect_untouched(content, world.dl)

    def _flush_until_told(self):
        """What could not be looked at is looked at again after a second, two, and so on."""
        for delay in (0, 1.1, 2.1, 5.1):
            time.sleep(delay)
            self.world.flush().expect(0)
            if not any(one[0] == 'verifying' for one in self._summary().values()):
                break

    def _seen(self, seen):
        """The requests of the first life that had gone out."""
        counts, found = defaultdict(int), list(self.said_before)
        for message in seen:
            if counts[message] < len(self.first[message]):
                found.append(self.first[message][counts[message]])
            counts[message] += 1
        return found

    def _expect_one_word_each(self, requests):
        requests = [one for one in requests if not is_progress(one)]
        told = expect_one_message_each(self.expected, requests)
        missing = set(self.expected) - told
        expect(not missing, f'no word of {missing}')

    def _expect_ended(self, last):
        for job in self.expected:
            message = last.get(job, (None,) * 3)[2]
            expect(message == 'sent' or (message == 'dead' and job in self.dead)
                   or (self.forgets and job not in last), f'the message of {job} is {message}')

    @staticmethod
    def _expect_nothing(lines, what):
        expect(not lines, what + ':\n  ' + '\n  '.join(lines))
