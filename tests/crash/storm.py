#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Thousands of hooks at once, while deliverers, drains and commands race with them: each job has
its one final word, every hook ends well, and hooks wait for nobody."""

import itertools
import random
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from content import content, make_files, write_file  # noqa: E402
from figures import survived  # noqa: E402
from notification import error, expect_one_message_each, success  # noqa: E402
from process import wait_until  # noqa: E402
from sidecar import listed, new_id  # noqa: E402
from storm import Racing, Storm, hook_line  # noqa: E402
from testcase import expect, expect_equal, main  # noqa: E402
from world import World  # noqa: E402

# All hooks of a storm exist before the first of them begins.
HOOKS = 5000
# One deliverer works, and one more may be on its way out: it asks once more whether something is
# due after it let go of its lock. Commands that people start wait as well, each for itself. And
# each of them may have a process that speaks to the network.
DELIVERERS = 2
# A command gives up after 10 s without the lock; two such waits and the work itself.
SECONDS = 60


def _large_jobs(world, jobs, files):
    """Listed jobs of many files, all there; {id: message} and the paths."""
    expected, paths = {}, []
    for job in range(jobs):
        sizes = {f'{number}.bin': 1 + number % 50 for number in range(files)}
        directory, job_id = world.dl / f'large-{job}', new_id()
        make_files(directory, sizes)
        world.put_sidecar(f'large-{job}', listed(job_id, directory, sizes))
        expected[job_id] = success(job_id, files, sum(sizes.values()))
        paths += [directory / name for name in sizes]
    return expected, paths


def _small_job(world, number, name='small'):
    """A job of one file, which is there: its sidecar's text, path and message."""
    directory, job_id = world.dl / f'{name}-{number}', new_id()
    path = directory / 'f.bin'
    write_file(path, content('f', 10 + number % 90))
    text = listed(job_id, directory, {'f.bin': 10 + number % 90})
    return text, path, success(job_id, 1, 10 + number % 90)


def _id(message):
    return message['body']['szID']


def _expect_all(world, expected, others=()):
    """Each expected job has its word; `others` may have none. One message a job in any case."""
    # A deliverer may be at work for longer than flush waits for it.
    wait_until('a flush that leaves nothing', lambda: world.flush(seconds=120).status == 0, 300)
    requests = world.endpoint.requests()
    sent = expect_one_message_each({**expected, **dict(others)}, requests)
    missing = set(expected) - sent
    expect(not missing, f'{len(missing)} of {len(expected)} jobs have no final word')


def _expect_bound(result, commands):
    expect(result['samples'], f'the storm was not looked at: {result}')
    bound = 2 * (DELIVERERS + commands)
    expect(result['waiting'] <= bound, f'more than {bound} processes waited: {result}')


def many_files(build):
    """Five thousand hooks of ten jobs with five hundred files each."""
    with World(build, linger='5s') as world:
        world.endpoint.up()
        expected, paths = _large_jobs(world, 10, HOOKS // 10)
        random.shuffle(paths)
        plan = [hook_line(world, 'on-download-complete', path) for path in paths]
        result = Storm(world, plan).expect_well(HOOKS)
        _expect_bound(result, 0)
        _expect_all(world, expected)
        survived('a storm of hooks', 'jobs of 500 files', HOOKS)


def one_file_each(build):
    """Five thousand hooks, each the only one of its job; the sidecars were never read before."""
    with World(build, linger='5s') as world:
        world.endpoint.up()
        expected, plan = {}, []
        for number in range(HOOKS):
            text, path, message = _small_job(world, number)
            world.put_sidecar(f'small-{number}', text)
            expected[_id(message)] = message
            plan.append(hook_line(world, 'on-download-complete', path))
        result = Storm(world, plan).expect_well(HOOKS)
        _expect_bound(result, 0)
        _expect_all(world, expected)
        survived('a storm of hooks', 'jobs of one file', HOOKS)


class _Added:
    """Jobs that are added by hand while their hooks run."""

    def __init__(self, world, count):
        self.world, self.expected, self.paths, self.waiting = world, {}, [], []
        for number in range(count):
            text, path, message = _small_job(world, number, 'added')
            self.expected[_id(message)] = message
            self.paths.append(path)
            file = world.root / f'added-{number}.ctm.ini'
            file.write_text(text)
            self.waiting.append(file)

    def add(self):
        if self.waiting:
            self.world.ctm('add', self.waiting.pop(), seconds=SECONDS).expect(0)


class _Ended:
    """Jobs that somebody cancels or fails while their hooks run; `words` has the final word of
    each that is to have one, in the end."""

    def __init__(self, world, count):
        self.world, self.paths, self.words, self.waiting = world, [], {}, []
        for number in range(count):
            text, path, message = _small_job(world, number, 'ended')
            world.put_sidecar(f'ended-{number}', text)
            world.ctm('add', world.jobs / f'ended-{number}.ctm.ini').expect(0)
            self.paths.append(path)
            self.waiting.append((number, message))

    def end(self):
        if not self.waiting:
            return
        number, message = self.waiting.pop()
        job_id = _id(message)
        if number % 2:
            done = self.world.ctm('cancel', job_id, seconds=SECONDS).expect(0, 1)
            word = None
        else:
            done = self.world.ctm('fail', job_id, '--hresult', '0x80070005', '--message', 'no',
                                  seconds=SECONDS).expect(0, 1)
            word = error(job_id, '0x80070005', ['no'])
        if done.status:
            done.says('has ended')
        self.words[job_id] = message if done.status else word

    def expected(self):
        return {job_id: word for job_id, word in self.words.items() if word}


def _other_events(world, paths):
    """What aria2 says besides: each download starts, some stop, and some complete twice."""
    for path, event in zip(paths, itertools.cycle(('on-download-start', 'on-download-stop',
                                                   'on-download-pause'))):
        yield hook_line(world, event, path)


def with_all_that_races(build):
    """Five thousand hooks of large and small jobs and all events, and with them flush, status,
    deliverers started by hand, jobs that are added, cancelled and failed."""
    with World(build, linger='5s') as world:
        world.endpoint.up()
        expected, paths = _large_jobs(world, 4, 500)
        added, ended = _Added(world, 30), _Ended(world, 30)
        paths += added.paths + ended.paths
        plan = [hook_line(world, 'on-download-complete', path) for path in paths]
        plan += itertools.islice(_other_events(world, itertools.cycle(paths)), HOOKS - len(plan))
        random.shuffle(plan)
        racing = (lambda: world.flush(seconds=SECONDS).expect(0, 1),
                  lambda: world.flush(seconds=SECONDS).expect(0, 1),
                  lambda: world.ctm('status', seconds=SECONDS).expect(0, 1),
                  lambda: world.ctm('status', '--json', seconds=SECONDS).expect(0, 1),
                  lambda: world.deliver(seconds=SECONDS).expect(0, 1),
                  added.add, ended.end)
        storm = Storm(world, plan)
        with Racing(*racing):
            result = storm.expect_well(HOOKS)
            while added.waiting or ended.waiting:
                racing[0]()
        _expect_bound(result, len(racing))
        expected.update(added.expected)
        expected.update(ended.expected())
        _expect_all(world, expected)
        expect_equal(len(ended.words), 30, 'jobs that somebody ended')
        survived('a storm of hooks', 'with commands and deliverers', HOOKS)


if __name__ == '__main__':
    main(many_files, one_file_each, with_all_that_races)
