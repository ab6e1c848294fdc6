#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The process that speaks to the network: killed at any moment, or not what it should be. Whoever
started it is neither led astray nor held up, and the word is delivered later, once."""

import os
import re
import signal
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from content import content, write_file  # noqa: E402
from figures import chosen, is_long, survived  # noqa: E402
from notification import expect_one_message_each, success  # noqa: E402
from process import open_files, signal_if_there, state_of, wait_until  # noqa: E402
from sidecar import listed, new_id  # noqa: E402
from testcase import Skip, expect, expect_equal, main  # noqa: E402
from tracing import needs_strace  # noqa: E402
from transports import OtherTransport  # noqa: E402
from world import World  # noqa: E402

# What a delivery does that others can see, and what it does to be able to.
CALLS = ('read', 'recvfrom', 'sendto', 'sendmsg', 'socket', 'connect', 'poll', 'openat', 'mmap',
         'close', 'socketpair', 'getsockopt', 'setsockopt', 'futex', 'prctl', 'fstat', 'newfstatat')
LIES = ('exits', 'aborts', 'refuses', 'early', 'twice', 'dies', 'garbage', 'huge', 'unknown-kind',
        'unknown-tag', 'unknown-verdict', 'unasked-answer', 'floods')
# Not by their end, nor by time: what they say is looked at.
NONSENSE = ('early', 'twice', 'garbage', 'huge', 'unknown-kind', 'unknown-tag', 'unknown-verdict',
            'unasked-answer', 'floods')
# These are found out only when time is up: 1 s for the attempt, 10 s more; 30 s to come to life.
SLOW_LIES = (('endless', 30), ('silent', 30), ('deaf', 45))


class Jobs:
    """Jobs of one file that is there."""

    def __init__(self, world):
        self.world, self.expected = world, {}

    def complete(self):
        """One more has all it needs; a hook has said so and is gone, what it became too."""
        number, job_id = len(self.expected), new_id()
        directory = self.world.dl / str(number)
        write_file(directory / 'f.bin', content('f', 10 + number))
        self.world.put_sidecar(str(number), listed(job_id, directory, {'f.bin': 10 + number}))
        self.expected[job_id] = success(job_id, 1, 10 + number)
        self.world.hook('on-download-complete', directory / 'f.bin')
        return job_id

    def expect_all(self):
        """Each has its one message, which may have been repeated."""
        expect_one_message_each(self.expected, self.world.endpoint.requests())


def _world(build, **options):
    world = World(build, linger='0', **options)
    world.configure(f'url = {world.endpoint.url()}\nconnect_timeout = 1s\ntimeout = 1s\n',
                    retry='0, 1h', linger='0')
    return world


def _calls(trace):
    """[(call, n), …] of a transport that ran under strace."""
    seen, found = {}, []
    for name in re.findall(r'^(\w+)\(', trace.read_text(errors='replace'), re.MULTILINE):
        if name in CALLS:
            seen[name] = seen.get(name, 0) + 1
            found.append((name, seen[name]))
    return found


def killed_at_any_call(build):
    """kill -9 before any of its system calls: the deliverer says what happened, the word waits,
    and goes out later, once."""
    needs_strace()
    with _world(build) as world:
        world.endpoint.up()
        jobs, other = Jobs(world), OtherTransport(world)
        trace = world.root / 'log' / 'trace'
        trace_calls = ['-e', 'trace=' + ','.join(CALLS)]
        other.put_traced(trace, *trace_calls)
        jobs.complete()
        world.quiet()
        expect_equal(len(world.endpoint.requests()), 1, 'requests of the model run')
        points = chosen(_calls(trace), 24)
        for name, nth in points:
            other.put_traced(trace, *trace_calls, '-e', f'inject={name}:signal=KILL:when={nth}')
            jobs.complete()
            world.quiet()
            other.put_back()
            world.flush()
            world.quiet()
        _deliver_rest(world, jobs)
        expect('ended by signal 9' in world.log_text(), 'nothing says that it was killed')
        survived('SIGKILL', 'the transport\'s process, at each of its system calls', len(points))


def _deliver_rest(world, jobs):
    """What waits for its second step is told to go."""
    waiting = [one['id'] for one in world.status()['jobs'] if one['message']['state'] != 'sent']
    if waiting:
        world.ctm('retry', *waiting)
    world.flush().expect(0)
    jobs.expect_all()


def liars(build):
    """Garbage, frames without end, unknown tags, kinds and verdicts, floods, and no word at all:
    nothing counts as taken, and no one waits beyond the time-out and some."""
    with _world(build) as world:
        world.endpoint.up()
        jobs, other = Jobs(world), OtherTransport(world)
        liar = build / 'tests' / 'hostile' / 'transport-liar'
        lies = [(name, 15) for name in LIES] + list(SLOW_LIES if is_long() else SLOW_LIES[:2])
        for name, seconds in lies:
            other.put(liar)
            world.env['CTM_LIAR'] = name
            began, logged = time.monotonic(), len(world.log_text())
            jobs.complete()
            world.quiet(seconds)
            said = world.log_text()[logged:]
            expect(name not in NONSENSE or 'makes no sense' in said, f'{name}: believed:\n{said}')
            expect(time.monotonic() - began < seconds, f'{name}: that took too long')
            expect_equal(other.running(), [], f'{name}: what is left of it')
            other.put_back()
            _deliver_rest(world, jobs)
        expect(world.log_text().count('a false alarm') <= 64 * 6, 'the log was flooded')
        survived('a false transport', 'delivery', len(lies))


def waited_for_asleep(build):
    """One that does not come to life is waited for, and nothing is done meanwhile."""
    with _world(build) as world:
        world.endpoint.up()
        jobs, other = Jobs(world), OtherTransport(world)
        other.put(build / 'tests' / 'hostile' / 'transport-liar')
        world.env['CTM_LIAR'] = 'deaf'
        call = world.call_hook('on-download-complete', _ready(world, jobs))
        deaf = wait_until('the transport', other.running)[0]
        deliverer = next(pid for pid in world.ours() if pid != deaf)
        time.sleep(1)
        seen = []
        for _ in range(40):
            time.sleep(0.02)
            seen.append(state_of(deliverer))
        expect(seen.count('S') > 30, f'the deliverer does not sleep: {"".join(seen)}')
        signal_if_there(deaf, signal.SIGKILL)
        call.wait()
        other.put_back()
        _deliver_rest(world, jobs)


def goes_with_its_parent(build):
    """A deliverer that is killed takes it along, wherever it waits."""
    with World(build) as world:
        world.configure(f'url = {world.endpoint.url()}\ntimeout = 60s\n')
        world.endpoint.up(['200 delay=20000'])
        jobs, other = Jobs(world), OtherTransport(world)
        call = world.call_hook('on-download-complete', _ready(world, jobs))
        world.endpoint.wait_for(1)
        transport = wait_until('the transport', other.running)[0]
        deliverer = next(pid for pid in world.ours() if pid != transport)
        expect_equal([name for name in open_files(transport) if str(world.state) in name], [],
                     'files of the state that it has open')
        signal_if_there(deliverer, signal.SIGKILL)
        wait_until('the transport to go', lambda: state_of(transport) in ('', 'Z'), 5)
        call.wait()
        world.endpoint.up()
        world.flush().expect(0)
        jobs.expect_all()


def _ready(world, jobs):
    """A job whose file is there; nobody has said so yet."""
    job_id = new_id()
    write_file(world.dl / 'ready' / 'f.bin', content('f', 10))
    world.put_sidecar('ready', listed(job_id, world.dl / 'ready', {'f.bin': 10}))
    jobs.expected[job_id] = success(job_id, 1, 10)
    return world.dl / 'ready' / 'f.bin'


def leaves_when_idle(build):
    """A deliverer that lingers keeps no process that has read secrets, and starts another when
    the next attempt is due."""
    with World(build, retry='0, 4s') as world:
        world.endpoint.up(['503', '200'])
        jobs, other = Jobs(world), OtherTransport(world)
        world.call_hook('on-download-complete', _ready(world, jobs))
        world.endpoint.wait_for(1)
        world.deliverer()
        expect_equal(other.running(), [], 'transports of an idle deliverer')
        world.endpoint.wait_for(2)
        jobs.expect_all()


def stopped(build):
    """Stopped (SIGSTOP) in the middle of an attempt, it is given up when time is up."""
    with _world(build) as world:
        world.endpoint.up(['200 delay=700'])
        jobs, other = Jobs(world), OtherTransport(world)
        world.call_hook('on-download-complete', _ready(world, jobs))
        world.endpoint.wait_for(1)
        found = other.running()
        if not found:
            raise Skip('it was too quick to be stopped')
        os.kill(found[0], signal.SIGSTOP)
        world.quiet(30)
        expect('gave no word in time' in world.log_text(), 'nothing says what happened')
        world.endpoint.up()
        _deliver_rest(world, jobs)


if __name__ == '__main__':
    main(killed_at_any_call, liars, waited_for_asleep, goes_with_its_parent, leaves_when_idle,
         stopped)
