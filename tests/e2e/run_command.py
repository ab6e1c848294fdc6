#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`aria2-ctm run`: the whole job, its exit statuses, and as the main process of a PID namespace."""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from content import sha256, content  # noqa: E402
from notification import expect_requests, success  # noqa: E402
from ports import free_port  # noqa: E402
from process import run, wait_until  # noqa: E402
from sidecar import new_id, put, sidecar  # noqa: E402
from testcase import Skip, expect, expect_equal, main, needs  # noqa: E402
from world import World  # noqa: E402

FILES = {f'sub {number % 3}/file-{number}.bin': 1000 * number for number in range(12)}
FILES['naïve 日本.bin'] = 777
AS_MAIN = ['unshare', '--pid', '--fork', '--mount-proc']


def _sidecar(world, job_id, directory, missing=(), **keys):
    """A sidecar with uris, outside the sidecar directory; its path."""
    files = [{'path': name, 'size': size, 'uri': world.web.url(
        'missing' if name in missing else name)} for name, size in FILES.items()]
    text = sidecar(job_id, directory, files, client_data='run', **keys)
    return put(world.root, f'{directory.name}.ctm.ini', text)


def _message(job_id):
    return success(job_id, len(FILES), sum(FILES.values()), 'run')


def whole_job(build):
    """Downloads, delivers, and ends with 0; everything is where the sidecar says."""
    needs('aria2c', 'nginx')
    with World(build) as world:
        world.endpoint.up()
        world.serve(FILES)
        job_id, directory = new_id(), world.dl / 'content'
        world.ctm('run', _sidecar(world, job_id, directory), '--', '-j4', seconds=120).expect(0)
        expect_requests([_message(job_id)], world.endpoint.requests())
        for name, size in FILES.items():
            expect_equal(sha256((directory / name).read_bytes()), sha256(content(name, size)),
                         f'content of {name}')
        found = {str(path.relative_to(directory)) for path in directory.rglob('*')
                 if path.is_file()}
        expect_equal(found, set(FILES), 'files in local_path')
        world.ctm('run', world.root / 'content.ctm.ini', seconds=120).expect(0)
        expect_equal(len(world.endpoint.requests()), 1, 'requests after the job ran again')


def _mode(path):
    return stat.S_IMODE(path.lstat().st_mode)


def content_has_the_callers_mask(build):
    """What aria2c makes can be read by whom the caller's umask lets, and what is ours by nobody
    else, whatever hooks inherit."""
    needs('aria2c', 'nginx')
    for mask in (0o000, 0o022, 0o077):
        with World(build) as world:
            world.endpoint.up()
            world.serve(FILES)
            world.jobs.rmdir()
            world.state.rmdir()
            job = _sidecar(world, new_id(), world.dl / 'content')
            run(['sh', '-c', f'umask {mask:04o} && exec "$@"', 'sh', world.program('aria2-ctm'),
                 'run', job], env=world.env, cwd='/', seconds=120).expect(0)
            for path in [world.dl / 'content', *(world.dl / 'content').rglob('*')]:
                expect_equal(oct(_mode(path)), oct((0o777 if path.is_dir() else 0o666) & ~mask),
                             f'{path} with {mask:o}')
            for path in [world.state, *world.state.rglob('*'), world.log]:
                expect_equal(oct(_mode(path) & 0o077), oct(0), f'{path} with {mask:o}')


def no_end_of_options(build):
    """Behind a "--" of the caller's our hooks would be URIs, and nothing would ever be told."""
    needs('aria2c', 'nginx')
    with World(build) as world:
        world.endpoint.up()
        world.serve(FILES)
        job_id = new_id()
        job = _sidecar(world, job_id, world.dl / 'content')
        for more in (['--', '-j4', '--'], ['--', '--', world.web.url('x')]):
            world.ctm('run', job, *more, seconds=120).expect(2).says('"--"', 'hooks')
        expect_equal(world.status()['jobs'], [], 'jobs')
        expect(not (world.dl / 'content').exists(), 'something was downloaded')
        world.ctm('run', job, '--', '-j4', seconds=120).expect(0)
        expect_requests([_message(job_id)], world.endpoint.requests())


def two_jobs_at_once(build):
    """Several sidecars, one run."""
    needs('aria2c', 'nginx')
    with World(build) as world:
        world.endpoint.up()
        world.serve(FILES)
        ids = [new_id(), new_id()]
        paths = [_sidecar(world, one, world.dl / f'job {number}')
                 for number, one in enumerate(ids)]
        world.ctm('run', *paths, seconds=120).expect(0)
        expect_requests([_message(one) for one in ids], world.endpoint.requests(), ordered=False)


def outcome_is_exit_status(build):
    """1 where a file is missing, where the endpoint is down, where the sidecar is bad; 2 for
    wrong usage."""
    needs('aria2c', 'nginx')
    with World(build, retry='0, 1s', linger='1s') as world:
        world.endpoint.up()
        world.serve(FILES)
        job = _sidecar(world, new_id(), world.dl / 'a', missing=['sub 0/file-3.bin'])
        world.ctm('run', job, seconds=120).expect(1).says('failed, 0x80004005', 'file-3.bin')
        error = world.endpoint.wait_for(1)[0]
        expect_equal(error['headers']['ce-type'], 'aria2-ctm.notify.error', 'ce-type')
        expect('file-3.bin' in json.loads(error['body'])['szErrorMessage'], error['body'])
        bad = put(world.root, 'bad.ctm.ini', '[job]\nid = {x}\n')
        world.ctm('run', bad, seconds=120).expect(1).says(f'{bad}:')
        world.ctm('run', world.root / 'nowhere.ctm.ini').expect(1).says('nowhere.ctm.ini')
        world.ctm('run').expect(2)
        world.ctm('run', '--no-such-option', job).expect(2).says('no-such-option')
        world.endpoint.down()
        job_id = new_id()
        job = _sidecar(world, job_id, world.dl / 'b')
        world.ctm('run', job, seconds=120).expect(1)
        world.endpoint.up()
        world.ctm('retry', job_id)
        world.flush().expect(0)
        expect_requests([_message(job_id)], world.endpoint.requests()[1:])


def _children(pid):
    return [int(one) for one in
            Path(f'/proc/{pid}/task/{pid}/children').read_text().split()]


def one_run_at_a_time(build):
    """Another run of the same job does not begin, lest its aria2c overwrite what CTM was told of;
    nor while an aria2c goes on whose run was killed."""
    needs('aria2c', 'nginx')
    with World(build) as world:
        world.endpoint.up()
        world.serve({'slow.bin': 600000})
        job_id, directory = new_id(), world.dl / 'content'
        job = put(world.root, 'job.ctm.ini', sidecar(job_id, directory, [
            {'path': 'slow.bin', 'uri': world.web.url('slow/slow.bin')}]))
        argv = [world.program('aria2-ctm'), 'run', str(job)]
        with subprocess.Popen(argv, env=world.env, cwd='/', stdout=subprocess.DEVNULL) as first:
            wait_until('the download', lambda: (directory / 'slow.bin').exists())
            world.ctm('run', job, seconds=20).expect(1).says(job_id, 'is being downloaded')
            [downloader] = _children(first.pid)
            first.kill()
        world.ctm('run', job, seconds=20).expect(1).says(job_id, 'is being downloaded')
        expect_equal(world.endpoint.requests(), [], 'requests')
        os.kill(downloader, signal.SIGTERM)
        wait_until('aria2c to end', lambda: not Path(f'/proc/{downloader}').exists())
        world.ctm('run', job, seconds=60).expect(0)
        expect_requests([success(job_id, 1, 600000)], world.endpoint.requests())
        world.ctm('run', job, seconds=20).expect(0)
        expect_equal((directory / 'slow.bin').read_bytes(), content('slow.bin', 600000), 'content')


SLOW_HOOK = '''#!/bin/sh
# aria2c, whose hooks begin two seconds late
for argument; do
	shift
	case $argument in
	--on-download-complete=*)
		printf '#!/bin/sh\\nsleep 2\\nexec "%s" "$@"\\n' "${argument#*=}" > "$0.hook"
		chmod 755 "$0.hook"
		argument=--on-download-complete=$0.hook ;;
	esac
	set -- "$@" "$argument"
done
exec aria2c-itself "$@"
'''


def slow_hook(build):
    """A hook that has not begun when aria2c has ended is waited for, by whom is confined too."""
    needs('aria2c', 'nginx')
    with World(build) as world:
        world.endpoint.up()
        world.serve(FILES)
        place = world.root / 'slow'
        place.mkdir()
        (place / 'aria2c').write_text(SLOW_HOOK)
        (place / 'aria2c').chmod(0o755)
        (place / 'aria2c-itself').symlink_to(shutil.which('aria2c'))
        world.env['PATH'] = f'{place}:{world.env["PATH"]}'
        job_id = new_id()
        job = _sidecar(world, job_id, world.dl / 'content')
        world.ctm('run', job, seconds=120).expect(0)
        expect_requests([_message(job_id)], world.endpoint.requests())


def users_aria2_conf(build):
    """What stands there for an aria2c that stays keeps no run from its end, and a run leaves its
    session alone."""
    needs('aria2c', 'nginx')
    with World(build) as world:
        world.endpoint.up()
        world.serve(FILES)
        conf, session = world.root / 'home/.aria2/aria2.conf', world.root / 'home/session'
        conf.parent.mkdir(parents=True)
        session.write_text('http://127.0.0.1:9/x\n')
        conf.write_text(f'enable-rpc=true\nrpc-listen-port={free_port()}\ndaemon=true\n'
                        f'dry-run=true\nsave-session={session}\n')
        world.env['HOME'] = str(world.root / 'home')
        job_id = new_id()
        job = _sidecar(world, job_id, world.dl / 'content')
        world.ctm('run', job, seconds=120).expect(0)
        expect_requests([_message(job_id)], world.endpoint.requests())
        expect_equal(session.read_text(), 'http://127.0.0.1:9/x\n', 'the session')


def advice(build):
    """Where another run would change nothing, it says what does."""
    needs('aria2c', 'nginx')
    with World(build, retry='0', linger='0') as world:
        world.endpoint.up(['410'])
        world.serve(FILES)
        job_id = new_id()
        job = _sidecar(world, job_id, world.dl / 'dead')
        outcome = world.ctm('run', job, seconds=120).expect(1)
        outcome.says(f'aria2-ctm retry {job_id}')
        expect('run it again' not in outcome.err, outcome)
        for command, text in (('suspend', 'aria2-ctm resume {}'), ('cancel', '{} was cancelled')):
            job_id = new_id()
            job = put(world.root, f'{command}.ctm.ini', sidecar(
                job_id, world.dl / command, [{'path': 'a.bin'}]))
            world.ctm('add', job).expect(0)
            world.ctm(command, job_id).expect(0)
            outcome = world.ctm('run', job, seconds=60).expect(1).says(text.format(job_id))
            expect('run it again' not in outcome.err, outcome)


def main_process(build):
    """In a container, what is left dies with the main process: nothing may be left then."""
    needs('aria2c', 'nginx', 'unshare')
    if run([*AS_MAIN, 'true']).status != 0:
        raise Skip('no PID namespace may be made here')
    with World(build) as world:
        world.endpoint.up(['200 delay=300'])
        world.serve(FILES)
        expected = []
        for number in range(10):
            job_id = new_id()
            path = _sidecar(world, job_id, world.dl / f'run-{number}')
            run([*AS_MAIN, world.program('aria2-ctm'), 'run', path, '--', '-j16'],
                env=world.env, cwd='/', seconds=120).expect(0)
            expected.append(_message(job_id))
            expect_equal(len(world.endpoint.requests()), number + 1, 'requests when run ended')
            expect(not world.ours(), 'something outlived its namespace')
        expect_requests(expected, world.endpoint.requests())


if __name__ == '__main__':
    main(whole_job, content_has_the_callers_mask, no_end_of_options, two_jobs_at_once,
         outcome_is_exit_status, one_run_at_a_time, slow_hook, users_aria2_conf, advice,
         main_process)
