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
from testcase import main  # noqa: E402
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
        one.start()
        one.run(COMPLETE, *event(job.paths[0]))
        one.promise({job.id: 1})
        one.survive({job.id: job.message}, again=job.hooks_again)


if __name__ == '__main__':
    main(first_event, first_event_of_all)
