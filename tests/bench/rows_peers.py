# SPDX-License-Identifier: MIT
"""What people use today (peers/), on the same job and in turn with our hook: it has no goals."""

import json
import shutil
from pathlib import Path

from measuring import Broken, around, mean
from receiver import Receiver
from rows_completing import curl
from states import State

FILES = 10
HERE = Path(__file__).resolve().parent / 'peers'


def peers(bench):
    """{what it is: its program}. Go's is built first, where there is Go."""
    found = {'a shell hook with curl and jq': HERE / 'hook.sh',
             'a Python hook with urllib': HERE / 'hook.py'}
    bench.tool('curl')
    bench.tool('jq')
    if shutil.which('go'):
        program = bench.work / 'hook-go'
        bench.call([bench.tool('go'), 'build', '-o', program, HERE / 'hook.go'],
                   bench.environment(GOCACHE=str(bench.work / 'go-cache'), GO111MODULE='off',
                                     GOPROXY='off', GOFLAGS='', CGO_ENABLED='0'))
        found['a Go hook'] = program
    return found


def with_peer_job(place, job, url):
    """A directory with the one job in the form that peers read."""
    place.mkdir()
    (place / 'job.json').write_text(json.dumps({
        'id': job.id, 'endpoint': job.endpoint, 'url': url, 'dir': str(job.content),
        'files': [{'path': job.name(n), 'size': 1} for n in range(job.files)]}))
    return place


def compare(bench, results, receiver, what, complete):
    """Ours and theirs in turn, each in a job of its own; with `complete` the last file arrives."""
    programs, rounds = peers(bench), bench.pick(10, 50)
    name = 'last' if complete else 'lone'
    state = State(bench, f'peers-{name}', {'ctm': receiver.url()})
    jobs = [state.job(FILES) for _ in range(rounds)]
    state.register()
    if complete:
        bench.turn([state.chosen(), *(job.bring('most', n) for job in jobs
                                      for n in range(FILES - 1))])
    plan = [state.chosen()]
    for n, job in enumerate(jobs):
        call = job.bring('ours', FILES - 1 if complete else 0)
        plan += [curl(bench, 'floor', receiver, job) if complete else ['floor', bench.empty], call]
        for peer, program in programs.items():
            place = bench.work / f'peer-{name}-{n}-{program.suffix}'
            plan += [['=JOBS', with_peer_job(place, job, receiver.url())],
                     [peer, program, *call[2:]]]
    cost = bench.turn(plan, mode='whole')
    base = mean(cost['floor'].cpu)
    for peer in ('ours', *programs):
        results.add(f'{what}: {peer}', mean(cost[peer].cpu) / base,
                    spread=around(cost[peer].cpu, base))
    posts = [one for one in receiver.taken() if one.length > 0]
    wanted = rounds * (2 + len(programs)) if complete else 0
    if len(posts) != wanted or len({one.length for one in posts}) > 1:
        raise Broken(f'the endpoint has {len(posts)} posts, not {wanted}, or not of one length')
    receiver.forget()
    state.expect_arrived({job: FILES if complete else 1 for job in jobs})


def today(bench, results):
    """11."""
    with Receiver(bench, 'peers-receiver') as receiver:
        compare(bench, results, receiver, 'CPU over an empty program, of a call', False)
        compare(bench, results, receiver, 'CPU over curl\'s post, of the last call', True)
