# SPDX-License-Identifier: MIT
"""Row 7: the call that completes a job, with all that follows it until nothing of it runs any more:
the look at the files, the message, the request."""

import json
import shutil

from measuring import Broken, around, mean
from process import wait_until
from receiver import Receiver
from states import State

FEW = 10
AT_ONCE = 8
FEW_SYNCS = 6


def body_of(job):
    """What is posted for it, to the byte."""
    return json.dumps({
        'method': 'SendNotifySuccessToCTM', 'szEndpoint': job.endpoint, 'szID': job.id,
        'szClientData': '', 'szBytesTotal': str(job.files), 'szBytesTransferred': str(job.files),
        'ulFilesTotal': job.files, 'ulFilesTransferred': job.files}, separators=(',', ':'))


def curl(bench, label, receiver, job):
    """The line of a plan by which curl posts the same."""
    body = bench.work / 'body'
    body.write_text(body_of(job))
    return [label, bench.tool('curl'), '-sS', '-f', '-H', 'Content-Type: application/json',
            '--data-binary', f'@{body}', receiver.url()]


def expect_taken(receiver, jobs, posts):
    """Each success has come once, so many posts of curl, and all had bodies of the same length. The
    nginx writes a request down when whoever made it has ended already."""
    wait_until('the last requests', lambda: receiver.count() >= len(jobs) + posts, 10)
    taken = receiver.taken()
    ours = sorted(one.id for one in taken if one.id != '-')
    if ours != sorted(f'{job.id}/success' for job in jobs) or len(taken) - len(ours) != posts:
        raise Broken(f'the endpoint has {len(ours)} messages and {len(taken) - len(ours)} posts; '
                     f'{len(jobs)} and {posts} were wanted')
    if len({one.length for one in taken}) != 1:
        raise Broken('what was posted has not one length')
    receiver.forget()


def small_jobs(bench, results):
    rounds, with_syncs = bench.pick(10, 100), 3
    with Receiver(bench, 'completing-receiver') as receiver:
        state = State(bench, 'completing', {'ctm': receiver.url()})
        jobs = [state.job(FEW) for _ in range(rounds + with_syncs)]
        state.register()
        bench.turn([state.chosen(), *(job.bring('most', n) for job in jobs
                                      for n in range(FEW - 1))])
        plan = [state.chosen()]
        for job in jobs[:rounds]:
            plan += [curl(bench, 'curl', receiver, job), job.bring('hook', FEW - 1),
                     curl(bench, 'again', receiver, job)]
        cost = bench.turn(plan, mode='whole')
        expect_taken(receiver, jobs[:rounds], 2 * rounds)
        base = mean(cost['curl'].cpu + cost['again'].cpu)
        results.add(f'the call that completes a job of {FEW} files, CPU over curl\'s post',
                    mean(cost['hook'].cpu) / base, at_most=1.2,
                    floor=mean(cost['again'].cpu) / mean(cost['curl'].cpu),
                    spread=around(cost['hook'].cpu, base))
        results.add('  wall over curl\'s', mean(cost['hook'].wall) / mean(
            cost['curl'].wall + cost['again'].wall))
        results.add('  curl', base / 1000, unit=' ms', digits=1)
        syncs = [counted_syncs(bench, [state.chosen(), job.bring('hook', FEW - 1)])
                 for job in jobs[rounds:]]
        expect_taken(receiver, jobs[rounds:], 0)
        results.add(f'  syncs of the call that completes a job of {FEW} files', max(syncs),
                    at_most=FEW_SYNCS, digits=0)


def counted_syncs(bench, plan):
    counted = bench.work / 'syncs'
    counted.unlink(missing_ok=True)
    bench.turn([['=LD_PRELOAD', bench.slowsync()], ['=BENCH_SYNC_COUNT', counted], *plan],
               mode='whole')
    if not bench.syncs(counted):
        raise Broken('a job was completed without a sync: what counts them has no effect')
    return bench.syncs(counted)


def large_job(bench, results):
    """One job, brought to its last file once; each round begins with a copy of that state."""
    files = bench.pick(12_000, 100_000)
    with Receiver(bench, 'large-receiver') as receiver:
        state = State(bench, 'completing-large', {'ctm': receiver.url()})
        job = state.job(files)
        state.register()
        bench.storm(AT_ONCE, [state.chosen(), *(job.bring('most', n) for n in range(files - 1))])
        state.expect_arrived({job: files - 1})
        kept = state.root / 'kept'
        bench.call(['cp', '-a', state.root / 'state', kept])
        stats = bench.program('tests/bench/bench-stats')
        last = job.bring('hook', files - 1)
        costs = []

        def once(measure):
            shutil.rmtree(state.root / 'state')
            bench.call(['cp', '-a', kept, state.root / 'state'])
            return measure()
        for _ in range(bench.pick(2, 5)):
            costs.append(once(lambda: bench.turn([
                state.chosen(), curl(bench, 'curl', receiver, job),
                ['stats', stats, job.content, files], last,
                curl(bench, 'again', receiver, job), ['stats', stats, job.content, files]],
                mode='whole')))
            expect_taken(receiver, [job], 2)

        def cpu(label):
            return mean([us for cost in costs for us in cost[label].cpu])
        both = [cost['curl'].cpu[0] + cost['again'].cpu[0] for cost in costs]
        allowed = 1.2 * sum(both) / len(both) / 2 + cpu('stats')
        results.add(f'the same, {files} files, CPU over 1.2 posts and a stat a file',
                    cpu('hook') / allowed, at_most=1.0,
                    spread=f'{cpu("hook") / 1000:.0f} ms, the stats '
                           f'{cpu("stats") / 1000:.0f} ms, {len(costs)} rounds')
        results.add(f'  syncs of the call that completes one of {files}',
                    once(lambda: counted_syncs(bench, [state.chosen(), last])),
                    at_most=FEW_SYNCS, digits=0)
        expect_taken(receiver, [job], 0)


def completing(bench, results):
    """7."""
    small_jobs(bench, results)
    large_job(bench, results)
