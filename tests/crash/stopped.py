#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Any process of ours stopped (SIGSTOP) at any of its system calls, whatever it holds: hooks
record and go at once, one process at most waits, commands give up and name the holder, and
nothing is lost when it goes on."""

import sys
import threading
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from bare import Bare  # noqa: E402
from content import content, write_file  # noqa: E402
from figures import chosen, is_long, survived  # noqa: E402
from notification import expect_one_message_each, success  # noqa: E402
from process import Failure, program_of, wait_until  # noqa: E402
from sidecar import listed, new_id  # noqa: E402
from storm import Storm, hook_line  # noqa: E402
from testcase import expect, main  # noqa: E402
from tracing import Traced, event, needs_strace, points_in  # noqa: E402
from world import World  # noqa: E402

# An empty program takes milliseconds; waiting for somebody would take for ever.
AT_ONCE = 5.0
# Commands try for 10 s; `flush` also waits for another deliverer's attempts.
GIVES_UP = 45.0
# How many processes may wait while one is stopped: a deliverer.
WAITING = 1
HOOKS = 500
ENDPOINT = 'timeout = 2s\nconnect_timeout = 2s'


class Stage:
    """A world, and jobs of one file each. Its hooks find no deliverer beside them, unless they
    are called as `others`: what they recorded is left to the program under test."""

    def __init__(self, world):
        self.world, self.expected = world, {}
        self.bare = Bare(world)
        world.endpoint.up()

    def job(self, put=True):
        """A new job: the path of its file, which is there, and its sidecar."""
        number = len(self.expected)
        job_id, directory = new_id(), self.world.dl / str(number)
        write_file(directory / 'f.bin', content('f', 10 + number % 90))
        text = listed(job_id, directory, {'f.bin': 10 + number % 90})
        self.expected[job_id] = success(job_id, 1, 10 + number % 90)
        if put:
            return directory / 'f.bin', self.world.put_sidecar(str(number), text)
        sidecar = self.world.root / f'{number}.ctm.ini'
        sidecar.write_text(text)
        return directory / 'f.bin', sidecar

    def due(self):
        """A job whose sidecar is not read, and whose event waits."""
        self.bare.record(self.job()[0])

    def to_add(self):
        """The sidecar of a job whose event nobody has claimed."""
        path, sidecar = self.job(put=False)
        self.bare.record(path)
        return sidecar

    def others_pass(self, where):
        """Three hooks come and go; then no more than one process is left waiting."""
        for _ in range(3):
            path, began = self.job()[0], time.monotonic()
            try:
                self.world.hook('on-download-complete', path, seconds=AT_ONCE)
            except Failure as failure:
                raise Failure(f'one process is stopped {where}: {failure}') from None
            if time.monotonic() - began > AT_ONCE:
                raise Failure(f'one process is stopped {where}: another one took long')

    def end(self):
        """All that was recorded comes to its end."""
        self.world.flush(seconds=120).expect(0)
        requests = self.world.endpoint.requests()
        missing = set(self.expected) - expect_one_message_each(self.expected, requests)
        expect(not missing, f'{len(missing)} of {len(self.expected)} jobs have no final word')


def _old_store(world):
    """The store as schema 1 would have it: its next user migrates it."""
    store = world.state / 'store.mdb'
    data, key = store.read_bytes(), b'S\0\0\0\x01'
    expect(key + bytes(7) + b'\x03' in data, 'the store has no schema 3')
    store.write_bytes(data.replace(key + bytes(7) + b'\x03', key + bytes(7) + b'\x01'))


def _due(stage):
    stage.due()
    return []


def _due_in_old_store(stage):
    stage.due()
    _old_store(stage.world)
    return []


def _to_add(stage):
    return [str(stage.to_add())]


# Name: program, first arguments, what is prepared (and says more arguments). Commands have one
# thread, and a deliverer that one starts is another process.
SCENARIOS = {
    'deliver': ('deliver', [], _due),
    'deliver that migrates': ('deliver', [], _due_in_old_store),
    'flush': ('aria2-ctm', ['flush'], _due),
    'add': ('aria2-ctm', ['add'], _to_add),
    'status': ('aria2-ctm', ['status'], _due),
    'status --json': ('aria2-ctm', ['status', '--json'], _due),
    'hook': ('on-download-complete', [], lambda stage: event(stage.job()[0])),
}


def _start(stage, scenario, inject=None):
    program, arguments, prepare = SCENARIOS[scenario]
    more = prepare(stage)
    return Traced(stage.world, program, [*arguments, *more], inject, calls='all',
                  alone=arguments and arguments != ['flush'])


def _points(stage, scenario, text=''):
    """Where the program can be stopped, as its third run shows."""
    for _ in range(2):
        _start(stage, scenario).wait()
    stage.world.quiet()
    model = _start(stage, scenario)
    model.wait()
    return points_in(stage.world, model.calls(), text)


def _new_world(build):
    needs_strace()
    return World(build, linger='0', endpoint_lines=ENDPOINT)


def _others_than(world, call):
    """Those that work besides it; what speaks for one of them to the network is part of it."""
    return [pid for pid in world.ours() if pid not in call.tracees()
            and program_of(pid) != 'transport']


def _stopped_at(stage, scenario, point, meanwhile):
    """Whether the program could be stopped there; then `meanwhile` was called, and it went on."""
    stage.world.quiet()
    call = _start(stage, scenario, f'{point[0]}:signal=STOP:when={point[1]}')
    try:
        if not call.stopped():
            return False
        meanwhile(call, f'after {point[0]} {point[1]} of {scenario}')
        call.go_on()
        return True
    finally:
        call.close()


def _hooks_pass(stage):
    def meanwhile(call, where):
        stage.others_pass(where)
        wait_until(f'all but {WAITING} to go, one is stopped {where}',
                   lambda: len(_others_than(stage.world, call)) <= WAITING, 30)
    return meanwhile


def _each_point(build, scenario, most):
    with _new_world(build) as world:
        stage = Stage(world)
        points = _points(stage, scenario)
        picked = chosen(points, most)
        stops = sum(_stopped_at(stage, scenario, point, _hooks_pass(stage)) for point in picked)
        expect(stops > len(picked) // 2, f'stopped {stops} times at {len(picked)} points')
        stage.end()
        survived('SIGSTOP', scenario, stops)


def deliverer(build):
    """A deliverer that registers, verifies and sends."""
    _each_point(build, 'deliver', 40)


def deliverer_migrating(build):
    """A deliverer that finds a store of schema 1."""
    _each_point(build, 'deliver that migrates', 20)


def flush(build):
    """`flush` with a sidecar to read and a job to end."""
    _each_point(build, 'flush', 25)


def add(build):
    """`add` of a job whose event is there already."""
    _each_point(build, 'add', 30)


def status(build):
    """`status`, which only reads."""
    _each_point(build, 'status', 15)
    _each_point(build, 'status --json', 10)


def hook(build):
    """A hook, and the deliverer that it becomes."""
    _each_point(build, 'hook', 20)


def _give_up(stage, program):
    """Commands called while one of ours holds a lock: each ends by itself, and one that fails
    says which process it is."""
    def meanwhile(call, where):
        holder, outcomes = call.tracee(), {}
        path, sidecar = stage.job(put=False)
        other = stage.job()[0]
        commands = {'status': [], 'flush': [], 'add': [str(sidecar)], 'check': [],
                    'cancel': [new_id()]}

        def command(name):
            try:
                outcomes[name] = stage.world.ctm(name, *commands[name], seconds=GIVES_UP)
            except Failure as failure:
                outcomes[name] = failure

        threads = [threading.Thread(target=command, args=(name,)) for name in commands]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for name, outcome in outcomes.items():
            if isinstance(outcome, Failure):
                raise Failure(f'{name}, one process is stopped {where}: {outcome}')
            if outcome.expect(0, 1).status and name in ('status', 'flush', 'add'):
                outcome.says(f'{program} (process {holder})')
        stage.bare.record(path)
        stage.bare.record(other)
        # It is in the sidecar directory as well, should `add` have given up.
        stage.world.put_sidecar(sidecar.name.removesuffix('.ctm.ini'), sidecar.read_text())
    return meanwhile


def commands_give_up(build):
    """A deliverer, and `add`, stopped with each of their locks and inside their transactions."""
    with _new_world(build) as world:
        stage, stops = Stage(world), 0
        scenarios = (('deliver', 'deliver'), ('add', 'aria2-ctm'))
        for scenario, program in scenarios if is_long() else scenarios[:1]:
            for text in (f'{world.state}/lock>, LOCK_EX', 'deliver.lock>, LOCK_EX',
                         f'{world.state}/store.mdb>'):
                points = [point for point in _points(stage, scenario, text)
                          if point[0] in ('flock', 'pwrite64', 'fdatasync', 'pwritev')]
                # Not the last one: a run may have one turn less than the one that was looked at.
                for point in points if is_long() else points[len(points) // 2:][:1]:
                    stops += _stopped_at(stage, scenario, point, _give_up(stage, program))
        expect(stops > 2, f'stopped {stops} times')
        stage.end()
        survived('SIGSTOP', 'commands while a lock is held', stops)


def storm(build):
    """Hundreds of hooks at once while one of ours is stopped with a lock: one deliverer at most
    waits, all the time."""
    with _new_world(build) as world:
        stage = Stage(world)
        for scenario in ('deliver', 'add'):
            held = _points(stage, scenario, f'{world.state}/lock>, LOCK_EX')
            point = held[len(held) // 2]

            def meanwhile(call, where):
                paths = [stage.job()[0] for _ in range(HOOKS)]
                plan = [hook_line(world, 'on-download-complete', path) for path in paths]
                result = Storm(world, plan).expect_well(HOOKS)
                # The stopped one sleeps in no call that waits, but what speaks for it does.
                expect(result['waiting'] <= WAITING + 1, f'{where}: {result}')
                wait_until(f'all but {WAITING} to go, one is stopped {where}',
                           lambda: len(_others_than(world, call)) <= WAITING, 30)

            expect(_stopped_at(stage, scenario, point, meanwhile), f'{scenario} did not stop')
        stage.end()
        survived('SIGSTOP', 'a storm of hooks while the lock is held', 2 * HOOKS)


if __name__ == '__main__':
    main(deliverer, deliverer_migrating, flush, add, status, hook, commands_give_up, storm)
