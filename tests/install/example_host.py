#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""conf/example-host, which embeds libaria2: its events end jobs, and start no process."""

import json
import re
import sys
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'support'))

from content import make_files  # noqa: E402
from notification import expect_requests, success  # noqa: E402
from process import run  # noqa: E402
from sidecar import listed, new_id, sidecar  # noqa: E402
from testcase import Skip, expect, expect_equal, main  # noqa: E402
from torrent import torrent  # noqa: E402
from tracing import needs_strace  # noqa: E402
from world import World  # noqa: E402

GID = '0123456789abcdef'
FILES = {f'{n:02}.bin': 1000 + n for n in range(12)}
TREE = {'a.bin': 70000, 'sub/b c.bin': 90000, 'sub/empty.txt': 0}
OPTIONS = ['--no-conf=true', '--no-netrc=true', '--enable-dht=false', '--enable-dht6=false',
           '--disable-ipv6=true', '--max-tries=1', '--no-proxy=127.0.0.1', '--quiet=true']


def _host(build):
    path = build / 'conf' / 'example-host' / 'example-host'
    if not path.exists():
        raise Skip('there is no example-host: it needs libaria2 and a C++ compiler')
    return str(path)


def _errors(world):
    return [request for request in world.endpoint.requests()
            if request['headers']['ce-type'] == 'aria2-ctm.notify.error']


def success_and_error(build):
    """A job of twelve files and one whose file is not there: one success, one error."""
    host = _host(build)
    with World(build, linger='0') as world:
        _prepare(world)
        run([host, *OPTIONS, f'--dir={world.dl}', *_uris(world)], env=world.env).expect(1)
        _expect_outcome(world)


def no_process_but_deliver(build):
    """The same under strace: nothing is started but `deliver`, with its `transport`, and far less
    often than events come."""
    host = _host(build)
    needs_strace()
    with World(build, linger='0') as world:
        _prepare(world)
        trace = world.root / 'log' / 'trace'
        env = {**world.env,
               'ASAN_OPTIONS': world.env.get('ASAN_OPTIONS', '') + ':detect_leaks=0'}
        run(['strace', '-f', '-o', str(trace), '-e', 'trace=execve', host, *OPTIONS,
             f'--dir={world.dl}', *_uris(world)], env=env).expect(1)
        _expect_outcome(world)
        started = re.findall(r'execve\("([^"]*)"', trace.read_text(errors='replace'))
        delivers = started.count(world.program('deliver'))
        transports = started.count(world.program('transport'))
        expect_equal(len(started), 1 + delivers + transports, f'other programs in {started}')
        expect(transports <= delivers, f'{transports} transports for {delivers} deliverers')
        expect(1 <= delivers < len(FILES), f'{delivers} deliverers for {2 * len(FILES)} events')


def torrent_in_memory(build):
    """A torrent that is kept in memory has a name and no file; its payload is the job. It is
    complete when the control file has gone, a second after its first event."""
    host = _host(build)
    with World(build) as world:
        web = world.serve({})
        make_files(world.www / 'mt', TREE)
        whole = torrent(world.www / 'mt', list(TREE), webseed=web.url(''))
        (world.www / 'mt.torrent').write_bytes(whole)
        world.endpoint.up()
        job = new_id()
        world.put_sidecar('job', sidecar(job, world.dl, kind='single'))
        run([host, *OPTIONS, '--seed-time=0', '--bt-enable-lpd=false',
             '--enable-peer-exchange=false', '--interface=127.0.0.1', '--follow-torrent=mem',
             f'--dir={world.dl}', web.url('mt.torrent')], env=world.env).expect(0)
        world.endpoint.wait_for(1)
        world.flush().expect(0)
        expect_requests([success(job, len(TREE), sum(TREE.values()))], world.endpoint.requests())


def not_recorded(build):
    """A state directory of others': the program says so, downloads all the same, and ends with
    1."""
    host = _host(build)
    with World(build) as world:
        world.serve({'00.bin': 1000})
        world.state.chmod(0o777)
        outcome = run([host, *OPTIONS, f'--dir={world.dl}', world.web.url('00.bin')],
                      env=world.env).expect(1)
        outcome.says('is not recorded', str(world.state))
        expect((world.dl / '00.bin').exists(), 'the download went on')
        world.state.chmod(0o700)


def usage(build):
    """What is no URI or option is wrong usage."""
    host = _host(build)
    for arguments in ([], ['--dir'], [f'--gid={GID}']):
        run([host, *arguments]).expect(2).says('usage')
    run([host, '--gid=no', 'http://127.0.0.1:1/a']).expect(1).says('gid')


def _prepare(world):
    world.serve(FILES)
    world.endpoint.up()
    world.good, world.bad = new_id(), new_id()
    world.put_sidecar('good', listed(world.good, world.dl, FILES))
    world.put_sidecar('bad', sidecar(
        world.bad, world.root / 'none', [{'path': 'none.bin', 'gid': GID}],
        delete_on_error='true'))
    world.ctm('add', *world.jobs.glob('*.ctm.ini')).expect(0)


def _uris(world):
    return [*map(world.web.url, FILES), f'--gid={GID}', world.web.url('none.bin')]


def _expect_outcome(world):
    world.endpoint.wait_for(2)
    world.quiet()
    errors = _errors(world)
    expect_equal(len(errors), 1, 'errors')
    body = json.loads(errors[0]['body'])
    expect_equal(body['szID'], world.bad, 'the job that failed')
    expect(body['szErrorMessage'], 'an error says why')
    others = [request for request in world.endpoint.requests() if request not in errors]
    expect_requests([success(world.good, len(FILES), sum(FILES.values()))], others)


if __name__ == '__main__':
    main(success_and_error, no_process_but_deliver, torrent_in_memory, not_recorded, usage)
