#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`status`: in place on a terminal, again and again into a pipe, and until all has ended."""

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from content import make_files  # noqa: E402
from judges import judge_by_schema, parse_prometheus  # noqa: E402
from process import dies_with_parent, stop, wait_until  # noqa: E402
from sidecar import listed, new_id, put  # noqa: E402
from testcase import expect, expect_equal, main  # noqa: E402
from world import World  # noqa: E402

SCHEMA = Path(__file__).resolve().parents[2] / 'conf' / 'status.schema.json'
FRAME = '\x1b[?25l\x1b[H'
FRAME_END = '\x1b[J\x1b[?25h'


def _job(world, name, arrived=False, **keys):
    job_id = new_id()
    make_files(world.dl / name, {'a.bin': 10})
    world.put_sidecar(name, listed(job_id, world.dl / name, {'a.bin': 10}, **keys))
    world.flush().expect(0)
    if arrived:
        world.hook('on-download-complete', world.dl / name / 'a.bin')
    return job_id


class Running:
    """`status` with options, in the background, on a terminal or into a pipe."""

    def __init__(self, world, *arguments, terminal=False):
        self.text = ''
        self.fd, theirs = pty.openpty() if terminal else os.pipe()
        self.child = subprocess.Popen(
            [world.program('aria2-ctm'), 'status', *arguments], env=dict(world.env, TERM='xterm'),
            cwd='/', stdin=subprocess.DEVNULL, stdout=theirs, preexec_fn=dies_with_parent)
        os.close(theirs)

    def read(self):
        """All that it has written so far."""
        while select.select([self.fd], [], [], 0.01)[0]:
            try:
                data = os.read(self.fd, 65536)
            except OSError:  # a terminal whose other side is closed
                break
            if not data:
                break
            self.text += data.decode('utf-8', 'backslashreplace')
        return self.text

    def wait_for(self, text, count=1):
        wait_until(f'{count} of {text!r}', lambda: self.read().count(text) >= count)

    def end(self, sig):
        """Its exit status after a signal, and what it wrote in all."""
        status = stop(self.child, sig=sig)
        self.read()
        os.close(self.fd)
        return status, self.text

    def __enter__(self):
        return self

    def __exit__(self, *_):
        stop(self.child)


def watch_on_a_terminal(build):
    """Frames are drawn over one another; the cursor is there between them and in the end."""
    for sig in (signal.SIGINT, signal.SIGTERM):
        with World(build) as world:
            job_id = _job(world, 'job', content_id='PS1')
            with Running(world, '--watch=1', terminal=True) as running:
                running.wait_for(FRAME_END)
                expect('suspended' not in running.text, 'it is suspended')
                world.ctm('suspend', job_id).expect(0)
                running.wait_for('suspended')
                status, text = running.end(sig)
            expect_equal(status, 0, f'exit status after {sig}')
            expect_equal(text.count('\x1b[?25l') + 1, text.count('\x1b[?25h'), 'cursors')
            expect(text.startswith(FRAME) and '\x1b[?1049' not in text, f'frames: {text!r}')
            expect(text.endswith('\r\n'), f'the end: {text!r}')
            expect(job_id in text and 'PS1' in text, f'frames: {text!r}')


def watch_a_pipe(build):
    """A table every interval, an empty line in between; with --json one object a line."""
    with World(build) as world:
        job_id = _job(world, 'job')
        with Running(world, job_id, '--watch=1') as running:
            running.wait_for('state: ', 2)
            status, text = running.end(signal.SIGTERM)
        expect_equal(status, 0, 'exit status')
        expect('\x1b' not in text, f'escapes: {text!r}')
        expect('\n\nconfiguration: ' in text, f'no empty line: {text!r}')
        with Running(world, '--watch=1', '--json') as running:
            running.wait_for('\n', 2)
            status, text = running.end(signal.SIGINT)
        for line in text.splitlines():
            expect_equal(json.loads(line)['jobs'][0]['id'], job_id, 'job')
        for wrong in ('0', 'x', '', '2d'):
            world.ctm('status', f'--watch={wrong}').expect(2).says('--watch')


def watch_before_there_is_a_state(build):
    """The state directory may be made later."""
    with World(build) as world:
        world.jobs.rmdir()
        world.state.rmdir()
        with Running(world, '--watch=1') as running:
            running.wait_for('no state directory yet')
            world.make_state()
            job_id = _job(world, 'job')
            running.wait_for(job_id)
            expect_equal(running.end(signal.SIGTERM)[0], 0, 'exit status')
        world.ctm('status', new_id(), '--wait').expect(1)


def wait_for_success(build):
    """It returns when CTM took the word, and not before."""
    with World(build) as world:
        first, second = _job(world, 'first'), _job(world, 'second')
        with Running(world, first, '--wait') as waiting, Running(world, '--wait') as for_all:
            time.sleep(0.5)
            world.hook('on-download-complete', world.dl / 'first/a.bin')
            time.sleep(0.5)
            expect_equal(waiting.child.poll(), None, 'status while the word waits')
            world.endpoint.up()
            wait_until('the end', lambda: waiting.child.poll() is not None)
            expect_equal(waiting.child.returncode, 0, 'exit status')
            text = waiting.read()
            expect(first in text and second not in text and 'success: sent' in text, text)
            expect_equal(for_all.child.poll(), None, 'status while another is open')
            world.hook('on-download-complete', world.dl / 'second/a.bin')
            wait_until('the end', lambda: for_all.child.poll() is not None)
            expect_equal(for_all.child.returncode, 0, 'exit status')
            expect_equal(for_all.read().count('success: sent'), 2, 'words')
        world.ctm('status', '--wait', '--json').expect(0)


def wait_for_failure(build):
    """An error that CTM took, a dead message and a cancelled job are an end, and no success."""
    with World(build, retry='0', linger='0') as world:
        world.endpoint.up()
        failed, cancelled, dead = (_job(world, name) for name in ('first', 'second', 'third'))
        world.ctm('fail', failed).expect(0)
        world.ctm('status', failed, '--wait').expect(1).says('error: sent', 'by hand')
        world.ctm('cancel', cancelled).expect(0)
        world.ctm('status', cancelled, '--wait').expect(1).says('cancelled')
        world.endpoint.up(['400'])
        world.hook('on-download-complete', world.dl / 'third/a.bin')
        world.ctm('status', dead, '--wait').expect(1).says('success: dead')
        world.ctm('status', '--wait', '--watch').expect(1)
        world.ctm('status', new_id(), '--wait').expect(1)


def _shown(world, *options):
    """The ids of the jobs that `status --json` shows with these options."""
    return {job['id'] for job in world.status(*options)['jobs']}


def filters(build):
    """By state, endpoint and age; all must fit, and what is waited for is chosen once."""
    with World(build, retry='0', linger='0', endpoint_options=()) as world:
        world.configure(f'url = {world.endpoint.url()}\n[endpoint.other]\n'
                        f'url = {world.endpoint.url()}', retry='0', linger='0')
        world.endpoint.up()
        done = _job(world, 'done', arrived=True)
        world.ctm('status', done, '--wait').expect(0)
        is_open, other = _job(world, 'open'), _job(world, 'other', endpoint='other')
        suspended = _job(world, 'suspended')
        world.ctm('suspend', suspended).expect(0)
        every = {done, is_open, other, suspended}
        for options, wanted in (
                ((), every), (('--state', 'succeeded'), {done}),
                (('--state=open',), every - {done}), (('--state', 'suspended'), {suspended}),
                (('--state', 'open, succeeded', '--endpoint', 'ctm'), every - {other}),
                (('--endpoint', 'none'), set()), (('--newer', '1h'), every),
                (('--older', '1h'), set()), (('--state', 'waiting,dead'), set()),
                ((done, '--state', 'open'), set()), ((done, other, '--state', 'open'), {other})):
            expect_equal(_shown(world, *options), wanted, f'status {options}')
        world.ctm('status', '--state', 'verifying').expect(0).says('no jobs')
        for wrong in (('--state', 'opened'), ('--state', ''), ('--newer', '0'), ('--older', 'x')):
            world.ctm('status', *wrong).expect(2).says(wrong[0])
        with Running(world, '--state=open', '--endpoint=other', '--wait') as waiting:
            time.sleep(0.3)
            world.hook('on-download-complete', world.dl / 'other/a.bin')
            wait_until('the end', lambda: waiting.child.poll() is not None)
            expect_equal(waiting.child.returncode, 0, 'exit status')
            expect(other in waiting.read() and is_open not in waiting.text, waiting.text)
        world.ctm('status', '--state=verifying', '--wait').expect(0)


def figures_for_prometheus(build):
    """A foreign parser reads them, and they are what there is."""
    with World(build, retry='0, 1h', linger='0') as world:
        world.endpoint.up(['200', '503'])
        _job(world, 'taken', arrived=True)
        world.endpoint.wait_for(1)
        world.quiet()
        world.ctm('fail', _job(world, 'failed'), '--hresult', 'ERROR_DISK_FULL').expect(0)
        world.endpoint.wait_for(2)
        world.quiet()
        _job(world, 'open')
        world.put_sidecar('bad', '[job]\n')
        world.flush()
        samples = parse_prometheus(world.ctm('status', '--prometheus').expect(0).out, world.root)
        got = {(name, *sorted(labels.values())): value for name, labels, value, _, _ in samples}
        for name, *labels, value in (
                ('jobs', 'open', 1), ('jobs', 'succeeded', 1), ('jobs', 'failed', 1),
                ('jobs', 'verifying', 0), ('messages', 'sent', 'success', 1),
                ('messages', 'error', 'waiting', 1), ('messages', 'dead', 'error', 0),
                ('message_attempts', 2), ('outcomes', '0x00000000', 'S_OK', 1),
                ('outcomes', '0x80070070', 'ERROR_DISK_FULL', 1),
                ('last_attempts', '0x801901F7', 'BG_E_HTTP_ERROR_503', 1),
                ('sidecars', 'invalid', 1), ('unclaimed_events', 0)):
            expect_equal(got.get((f'aria2_ctm_{name}', *labels)), value, f'{name} {labels}')
        expect(got['aria2_ctm_last_flush_timestamp_seconds',] > 1e9, 'no flush')
        for name, _, _, kind, text in samples:
            expect(kind == 'gauge' and text, f'{name} has no type or help')
        world.ctm('status', '--prometheus', '--json').expect(2)


def json_is_as_its_schema_says(build):
    """Jobs in every state, bad sidecars, unclaimed events, and nothing at all."""
    with World(build, retry='0, 1h', linger='0') as world:
        seen = [world.status()]
        world.endpoint.up(['200', '503'])
        _job(world, 'taken', arrived=True)
        world.endpoint.wait_for(1)
        world.quiet()
        world.ctm('fail', _job(world, 'failed', flags='notifyprogress')).expect(0)
        world.endpoint.wait_for(2)
        world.quiet()
        world.ctm('cancel', _job(world, 'cancelled')).expect(0)
        world.ctm('suspend', _job(world, 'open', content_id='PS1', timeout=9)).expect(0)
        world.put_sidecar('bad', '[job]\nid = x\n')
        world.flush()
        world.hook('on-download-complete', world.dl / 'nobodys')
        seen.append(world.status())
        expect_equal(len(seen[1]['jobs']), 4, 'jobs')
        expect_equal(judge_by_schema(SCHEMA, seen, world.root), [[], []], 'what is wrong')
        wrong = [{**seen[1], 'schema': 2}, {**seen[1], 'jobs': [{}]}]
        expect(all(judge_by_schema(SCHEMA, wrong, world.root)), 'it admits anything')


def ten_thousand_jobs(build):
    """They are registered, listed, filtered and counted."""
    with World(build) as world:
        for number in range(10000):
            put(world.jobs, f'{number}.ctm.ini',
                listed(new_id(), world.dl / str(number), {'a.bin': 1}, content_id=f'PS{number}'))
        world.flush(seconds=120).expect(0)
        world.ctm('cancel', 'PS77').expect(0)
        expect_equal(len(world.status()['jobs']), 10000, 'jobs')
        [one] = world.status('--state', 'cancelled')['jobs']
        expect_equal(one['content_id'], 'PS77', 'the one that is cancelled')
        expect_equal(world.ctm('status').expect(0).out.count('endpoint ctm'), 10000, 'blocks')
        world.ctm('status', '--prometheus').expect(0).says('aria2_ctm_jobs{state="open"} 9999')


if __name__ == '__main__':
    main(watch_on_a_terminal, watch_a_pipe, watch_before_there_is_a_state, wait_for_success,
         wait_for_failure, filters, figures_for_prometheus, json_is_as_its_schema_says,
         ten_thousand_jobs)
