#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The power fails, at any point of a run: what was drained is not lost, a job has one final word
over both lives, a success was true, and the work is finished after the restart."""

import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from power import Recorded  # noqa: E402
from power_jobs import Job  # noqa: E402
from process import Failure  # noqa: E402
from testcase import expect, main  # noqa: E402
from tracing import event, needs_strace  # noqa: E402

COMPLETE = 'on-download-complete'


def first_event(build):
    """The first event ever: there is no store, no inbox. Its file is found again by sha256."""
    needs_strace()
    with Recorded(build, 'first event') as one:
        job = Job(one, 2, hashed=True)
        one.start()
        one.run(COMPLETE, *event(job.paths[0]))
        one.promise({job.id: 1})
        one.survive({job.id: job.message})


def first_event_of_all(build):
    """The same where there is no state directory either, and the one file completes its job."""
    needs_strace()
    with Recorded(build, 'first event, no state directory') as one:
        one.use_new_state('home/state/aria2-ctm')
        job = Job(one, 1)
        one.start(unsynced=[job])
        one.run(COMPLETE, *event(job.paths[0]))
        one.promise({job.id: 1})
        one.survive({job.id: job.message}, again=job.hooks_again)


def last_event(build):
    """The event that completes a job, until CTM has its word. The one before it may be left to the
    drain of the last. What is lost of events is called again by aria2."""
    needs_strace()
    with Recorded(build, 'last event and delivery') as one:
        job = Job(one, 4)
        for path in job.paths[:2]:
            one.world.hook(COMPLETE, path)
        one.world.quiet()
        one.start(unsynced=[job])
        for path in job.paths[2:]:
            one.run(COMPLETE, *event(path))
        one.promise({job.id: 4})
        one.survive({job.id: job.message}, again=job.hooks_again)


def content_lost(build):
    """The same, and the content's names go too: no success is told of what is not there."""
    needs_strace()
    with Recorded(build, 'last event, content lost too') as one:
        job = Job(one, 3, timeout=86400)
        one.world.hook(COMPLETE, job.paths[0])
        one.world.quiet()
        one.start(unsynced=[job], only_names=True)
        for path in job.paths[1:]:
            one.run(COMPLETE, *event(path))

        def look(found, later):
            expect(not later or job.is_whole(), 'a success was told of what is not there')

        def again(floor):
            job.download_again()
            job.hooks_again(floor, everything=True)
        one.survive({job.id: job.message}, again=again, look=look, content=True)


def many_events(build):
    """Forty events, alone and several at once, in many drains; the inbox is rotated. Hooks that
    complete nothing leave the drain to others: what it committed is promised, and no more."""
    needs_strace()
    with Recorded(build, 'forty events, inbox rotated') as one:
        job = Job(one, 40, name_length=180)
        one.start(unsynced=[job])
        for number, path in enumerate(job.paths[:30], 1):
            one.run(COMPLETE, *event(path))
            if number % 3 == 0:
                one.run('aria2-ctm', 'flush')
                one.promise({job.id: number})
        for number in range(30, 40, 5):
            calls = [' '.join([one.world.program(COMPLETE), *event(path)])
                     for path in job.paths[number:number + 5]]
            one.run_command('sh', '-c', ' & '.join(calls) + ' & wait')
            job.at_once.append((number, number + 5))
        if not any(call.name == 'renameat2' and not call.failed for run in one.runs
                   for _, call in run):
            raise Failure('the inbox was not rotated')
        one.survive({job.id: job.message}, again=job.hooks_again, at_most=5000)


if __name__ == '__main__':
    main(first_event, first_event_of_all, last_event, content_lost, many_events)
