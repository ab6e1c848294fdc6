# SPDX-License-Identifier: MIT
"""Row 9: messages that wait, delivered; against a plain libcurl multi loop (multi.c)."""

import shutil
import subprocess

from measuring import Broken, median, span
from process import stop, wait_until
from receiver import Receiver, Silent
from states import State

AT_ONCE, ENDPOINTS = 8, 10
SECONDS = 1800


def waiting(bench, name, urls, messages):
    """A state with so many messages that wait for their first attempt, spread over endpoints; and
    the ids of those messages by endpoint. The command that ends the jobs is a copy beside which
    there is no deliverer that it could start."""
    state = State(bench, name, urls)
    names = list(urls)
    jobs = [state.job(1, names[n % len(names)]) for n in range(messages)]
    state.register()
    alone = state.root / bench.command.name
    shutil.copy(bench.command, alone)
    bench.call([alone, 'fail', *(job.id for job in jobs)], state.env(), statuses=(0, 1))
    return state, {name: [f'{job.id}/error' for job in jobs if job.endpoint == name]
                   for name in names}


def rate(taken):
    """Requests a second, from the first answer to the last."""
    at = sorted(one.at for one in taken)
    if len(at) < 2 or at[-1] == at[0]:
        raise Broken('too few requests for a rate')
    return (len(at) - 1) / (at[-1] - at[0])


def multi_loop(bench, receiver, messages, body):
    """(rate, CPU microseconds)."""
    receiver.forget()
    cost = bench.turn([['multi', bench.program('tests/bench/bench-multi'), receiver.url(), body,
                        messages, AT_ONCE]])
    receiver.expect([f'multi/{n + 1}' for n in range(messages)])
    return rate(receiver.taken()), cost['multi'].cpu[0]


def flush(bench, receiver, state, ids):
    """(rate, CPU microseconds, bytes of a body) of delivering all that waits."""
    receiver.forget()
    cost = bench.turn([state.chosen(), ['flush', bench.command, 'flush']], mode='whole')
    receiver.expect(ids)
    return rate(receiver.taken()), cost['flush'].cpu[0], receiver.taken()[0].length


def against_multi_loop(bench, results, messages):
    body = bench.work / 'message'
    over, floor, cpu = [], [], []
    for n in range(bench.pick(2, 5)):
        receiver = Receiver(bench, f'delivery-{n}')
        state, ids = waiting(bench, f'waiting-{n}', {'ctm': receiver.url()}, messages)
        with receiver:
            ours, our_cpu, length = flush(bench, receiver, state, ids['ctm'])
            body.write_bytes(b'x' * length)
            first, first_cpu = multi_loop(bench, receiver, messages, body)
            second, second_cpu = multi_loop(bench, receiver, messages, body)
        over.append(2 * ours / (first + second))
        cpu.append(2 * our_cpu / (first_cpu + second_cpu))
        floor.append(second / first)
    results.add(f'delivering {messages} messages, rate over a libcurl multi loop\'s', median(over),
                at_least=0.7, floor=median(floor),
                spread=f'{span(over)}; {ours:.0f} a second')
    results.add('  CPU over it', median(cpu), spread=span(cpu))


def time_of_nine(bench, name, tenth, messages):
    """Seconds from the first answer of nine endpoints to their last; `tenth` is the tenth's URL,
    or None where it has no messages."""
    receiver = Receiver(bench, f'{name}-receiver')
    urls = {f'e{n}': receiver.url(f'/notify/{n}') for n in range(ENDPOINTS - 1)}
    if tenth:
        urls['dead'] = tenth
    each = messages // ENDPOINTS
    state, ids = waiting(bench, name, urls, each * len(urls))
    wanted = [one for name, some in ids.items() if name != 'dead' for one in some]
    with receiver:
        child = subprocess.Popen([bench.command, 'flush'], env=state.env(),
                                 stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        try:
            wait_until('the nine endpoints', lambda: receiver.count() >= len(wanted)
                       or (not tenth and child.poll() is not None), SECONDS, 0.1)
        finally:
            # It would wait for the dead one.
            stop(child)
        receiver.expect(wanted)
        return len(wanted) / rate(receiver.taken())


def dead_among_ten(bench, results, messages):
    over, floor = [], []
    for n in range(bench.pick(1, 3)):
        first = time_of_nine(bench, f'nine-{n}', None, messages)
        with Silent() as silent:
            dead = time_of_nine(bench, f'dead-{n}', silent.url(), messages)
        second = time_of_nine(bench, f'nine-again-{n}', None, messages)
        over.append(2 * dead / (first + second))
        floor.append(second / first)
    results.add('  one dead endpoint among ten, time of the other nine over theirs alone',
                median(over), at_most=1.0, floor=median(floor), spread=span(over))


def delivery(bench, results):
    """9."""
    messages = bench.pick(1000, 10_000)
    against_multi_loop(bench, results, messages)
    dead_among_ten(bench, results, messages)
