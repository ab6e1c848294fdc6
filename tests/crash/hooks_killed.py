#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Hooks killed (kill -9) at random and at each system call: each job gets exactly one message
id, and nothing that was recorded is lost."""

import json
import random
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

import aria2  # noqa: E402
from content import content, write_file  # noqa: E402
from figures import chosen, survived  # noqa: E402
from notification import expect_one_message_each, success  # noqa: E402
from process import every_process, runs_for, wait_until  # noqa: E402
from sidecar import listed, new_id  # noqa: E402
from testcase import expect, expect_equal, main, needs  # noqa: E402
from tracing import Traced, append_returned, event, needs_strace, points  # noqa: E402
from world import EVENTS, World  # noqa: E402

JOBS, FILES = 20, 5


def _killing_hooks(world, log):
    """Programs under the hooks' names that start the real ones and often kill them."""
    options = []
    for name in EVENTS:
        program = world.root / 'killing' / name
        script = (f'#!/bin/sh\nexec {sys.executable} -SEB {Path(__file__).parent}/killing_hook.py'
                  f' {world.program(name)} {log} "$@"\n')
        write_file(program, script.encode(), 0o755)
        options.append(f'--{name}={program}')
    return options


def killed_at_random(build):
    """Twenty jobs download while their hooks are killed. Jobs whose completions were all
    recorded succeed by flush alone, the others when the lost hooks are called again."""
    needs('aria2c', 'nginx')
    with World(build) as world:
        world.endpoint.up()
        web = world.serve({f'{job}/{number}.bin': 1000 + 100 * job + number
                           for job in range(JOBS) for number in range(FILES)})
        ids, expected, downloads = {}, {}, []
        for job in range(JOBS):
            sizes = {f'{n}.bin': 1000 + 100 * job + n for n in range(FILES)}
            ids[job] = new_id()
            expected[ids[job]] = success(ids[job], FILES, sum(sizes.values()))
            world.put_sidecar(str(job), listed(ids[job], world.dl / str(job), sizes))
            downloads += [(web.url(f'{job}/{name}'), {'dir': world.dl / str(job)})
                          for name in sizes]
        random.shuffle(downloads)
        log = world.root / 'log' / 'calls'
        list_file = aria2.input_file(world.root / 'list', downloads)
        aria2.download('-j16', f'--input-file={list_file}', *_killing_hooks(world, log),
                       env=world.env).expect(0)
        wait_until('the killing hooks', lambda: not any(
            runs_for(pid, log) for pid in every_process()), 60)
        calls = [json.loads(line) for line in log.read_text().splitlines()]
        killed = [call['argv'] for call in calls if call['killed']]
        print(f'{len(killed)} of {len(calls)} hooks were killed')
        expect(len(killed) > len(calls) // 10, 'the blows did not hit')
        world.flush().expect(0)
        lost = {Path(argv[3]).parent.name for argv in killed if argv[3]}
        sent = expect_one_message_each(expected, world.endpoint.requests())
        for job in range(JOBS):
            expect(str(job) in lost or ids[job] in sent, f'job {job} lost a recorded event')
        for argv in killed:
            world.call_hook(Path(argv[0]).name, '', argv=argv).wait().expect(0)
        world.flush().expect(0)
        sent = expect_one_message_each(expected, world.endpoint.requests())
        expect_equal(len(sent), JOBS, 'jobs with a success')


def _one_file_job(world, number):
    """A job of one file, whose file is there; returns its path and message."""
    job_id, directory = new_id(), world.dl / str(number)
    write_file(directory / 'f.bin', content('f', 10 + number))
    world.put_sidecar(str(number), listed(job_id, directory, {'f.bin': 10 + number}))
    return directory / 'f.bin', success(job_id, 1, 10 + number)


def _flush(world, expected, never):
    """Those of the expected, but for some, that flush alone does not tell of. Where a blow hit the
    transport, its deliverer wrote down that what was on its way had failed: that is due at its next
    step, so another flush has it."""
    until = time.monotonic() + 30
    while True:
        world.flush().expect(0)
        missing = set(expected) - never - expect_one_message_each(
            expected, world.endpoint.requests())
        if not missing or time.monotonic() > until:
            return missing
        time.sleep(0.5)


def killed_at_each_call(build):
    """A hook killed before each of its system calls that change something, deliverer included:
    if the write into the inbox had come back, flush alone delivers."""
    needs_strace()
    with World(build, linger='0') as world:
        world.endpoint.up()
        path, message = _one_file_job(world, 0)
        expected = {message['body']['szID']: message}
        Traced(world, 'on-download-complete', event(path)).wait()
        path, message = _one_file_job(world, 1)
        expected[message['body']['szID']] = message
        model = Traced(world, 'on-download-complete', event(path))
        model.wait()
        expect(append_returned(model.calls()), f'no append in {model.calls()}')
        again, hits = [], 0
        picked = chosen(points(world, model.calls()), 60)
        for number, (name, nth) in enumerate(picked, 2):
            path, message = _one_file_job(world, number)
            job_id = message['body']['szID']
            expected[job_id] = message
            call = Traced(world, 'on-download-complete', event(path),
                          f'{name}:signal=KILL:when={nth}')
            call.wait()
            hits += call.killed()
            if not append_returned(call.calls()):
                again.append((job_id, path, f'{name} {nth}'))
        print(f'{len(again)} hooks were killed before they had recorded anything')
        expect(hits > len(picked) // 2, 'the blows did not hit')
        missing = _flush(world, expected, {job_id for job_id, _, _ in again})
        expect(not missing, f'{len(missing)} recorded events are lost: {missing}')
        for _, path, _ in again:
            world.hook('on-download-complete', path)
        world.flush().expect(0)
        sent = expect_one_message_each(expected, world.endpoint.requests())
        expect_equal(len(sent), len(expected), 'jobs with a success')
        survived('kill -9 before a system call', 'hook, alone', hits)


if __name__ == '__main__':
    main(killed_at_random, killed_at_each_call)
