#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A connection that is kept for the next message: it dies in between, or brings words that nobody
asked for. No message is lost, none is taken by another's answer, none is sent twice without need."""

import socket
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from content import make_files  # noqa: E402
from figures import survived  # noqa: E402
from hostile_server import HostileServer  # noqa: E402
from process import wait_until  # noqa: E402
from sidecar import new_id, sidecar  # noqa: E402
from testcase import expect, expect_equal, main  # noqa: E402
from world import QUICK, World  # noqa: E402

ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'
BUSY = 'HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n'
MESSAGES = 3


def silent(talk):
    talk.request()
    talk.until_gone()


def good(talk):
    while True:
        talk.request()
        talk.say(ANSWER)


def closed_after(talk):
    """Promises to keep the connection, and closes it."""
    talk.request()
    talk.say(ANSWER)


def reset_after(talk):
    talk.request()
    talk.say(ANSWER)
    time.sleep(0.1)
    talk.reset()


def closed_when_asked_again(talk):
    """Reads the second request whole, and goes without an answer."""
    talk.request()
    talk.say(ANSWER)
    talk.request()


def reset_when_asked_again(talk):
    talk.request()
    talk.say(ANSWER)
    talk.request()
    talk.reset()


def closed_in_second(talk):
    """Goes in the middle of the second request."""
    talk.request()
    talk.say(ANSWER)
    talk.take(50)


def more(text):
    """Says more, behind its answer in the same breath; nothing of that is a word."""
    def behaviour(talk):
        talk.request()
        talk.say(ANSWER + text)
        good(talk)
    return behaviour


def more_later(text):
    """Says more a moment later, while the connection is idle."""
    def behaviour(talk):
        talk.request()
        talk.say(ANSWER)
        time.sleep(0.1)
        talk.say(text)
        good(talk)
    return behaviour


def timeout_later(talk):
    """Says 408 while the connection is idle, as some servers do."""
    talk.request()
    talk.say(ANSWER)
    time.sleep(0.1)
    talk.say('HTTP/1.1 408 x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
    talk.sock.shutdown(socket.SHUT_WR)
    talk.until_gone()


def refuses_second(talk):
    talk.request()
    talk.say(ANSWER)
    talk.request()
    talk.say(BUSY)


# Behaviours, and how often a message may be repeated because its answer was lost.
WAYS = {
    'good': (good, 0), 'closed': (closed_after, 0), 'reset': (reset_after, 0),
    'timeout-later': (timeout_later, 0),
    'stray-answer': (more(ANSWER), 0), 'stray-refusal': (more(BUSY), 0),
    'stray-bytes': (more('x'), 0), 'stray-answer-later': (more_later(ANSWER), 0),
    'stray-refusal-later': (more_later(BUSY), 0), 'stray-line-later': (more_later('\r\n'), 0),
    'closed-in-second': (closed_in_second, 0),
    'closed-when-asked-again': (closed_when_asked_again, 1),
    'reset-when-asked-again': (reset_when_asked_again, 1),
    'refuses-second': (refuses_second, 1),
}


def _linger(world, server, places):
    """Configures all; an attempt that is under way all the time keeps one deliverer, and its
    connections."""
    places = {**places, 'patient': server.place('patient', silent)}
    world.configure(f'url = {places["patient"].url()}', QUICK, '60s', ''.join(
        f'[endpoint.{name}]\nurl = {place.url()}\ntimeout = '
        f'{100 if name == "patient" else 5}s\n' for name, place in places.items()))
    _send(world, 'patient', 0)
    wait_until('the patient one to be suffered', places['patient'].is_open)


def _send(world, name, number):
    """One job of that endpoint completes; its id."""
    job_id, directory = new_id(), world.dl / f'{name}-{number}'
    make_files(directory, {'a.bin': 10})
    world.put_sidecar(f'{name}-{number}', sidecar(
        job_id, directory, [{'path': 'a.bin', 'size': 10}], endpoint=name))
    world.hook('on-download-complete', directory / 'a.bin')
    return job_id


def _all_sent(world, ids):
    states = {job['id']: job['message'] and job['message']['state']
              for job in world.status()['jobs']}
    return all(states.get(job_id) == 'sent' for job_id in ids)


def _look(name, place, jobs, repeats):
    """Each came, its answer was its own, and none came more often than it had to."""
    ids = [one.header('ce-subject') for one in place.requests]
    for job_id in jobs:
        expect(ids.count(job_id) >= 1, f'{name}: {job_id} was taken and never came: {ids}')
        expect(ids.count(job_id) <= 1 + repeats, f'{name}: {job_id} came {ids.count(job_id)} times')
    expect_equal(set(ids), set(jobs), f'{name}: jobs')
    if not repeats:
        expect_equal(ids, jobs, f'{name}: requests')


def between_messages(build):
    """Three messages to each, one after another, while one deliverer lingers."""
    server = HostileServer()
    try:
        with World(build) as world:
            places = {name: server.place(name, way) for name, (way, _) in WAYS.items()}
            _linger(world, server, places)
            jobs = {name: [] for name in places}
            for number in range(MESSAGES):
                for name in places:
                    jobs[name].append(_send(world, name, number))
                wait_until(f'message {number} of each',
                           lambda: _all_sent(world, [ids[-1] for ids in jobs.values()]), 40, 0.2)
                time.sleep(0.3)
            for name, (_, repeats) in WAYS.items():
                _look(name, places[name], jobs[name], repeats)
    finally:
        server.close()
    survived('hostile CTM', 'connections kept between messages', len(WAYS) * (MESSAGES - 1))


def kept(build):
    """Without a reason to drop it, one connection serves all messages."""
    server = HostileServer()
    try:
        with World(build) as world:
            place = server.place('good', good)
            _linger(world, server, {'good': place})
            jobs = []
            for number in range(MESSAGES):
                jobs.append(_send(world, 'good', number))
                wait_until(f'message {number}', lambda: _all_sent(world, jobs), 40, 0.2)
            _look('good', place, jobs, 0)
            expect_equal(len(place.talks), 1, 'connections')
    finally:
        server.close()


if __name__ == '__main__':
    main(between_messages, kept)
