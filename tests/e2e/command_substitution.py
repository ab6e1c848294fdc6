#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""out=$(aria2c …) returns as fast as without the hook, although the endpoint is down and a
deliverer lingers: nothing of ours holds the pipe."""

import os
import subprocess
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

import aria2  # noqa: E402
from notification import expect_requests, success  # noqa: E402
from process import dies_with_parent, open_files  # noqa: E402
from sidecar import listed, new_id  # noqa: E402
from testcase import expect, main, needs  # noqa: E402
from world import World  # noqa: E402

# The deliverer lingers far longer than this; a busy machine needs far less.
MARGIN = 10.0
FILES = {'a.bin': 1000, 'b.bin': 2000}


def _shell(world, arguments):
    """Seconds that the shell's substitution takes."""
    began = time.monotonic()
    subprocess.run(['sh', '-c', 'out=$("$@"); test -n "$out"', 'sh', *arguments],
                   env=world.env, cwd='/', stdin=subprocess.DEVNULL, timeout=90, check=True,
                   preexec_fn=dies_with_parent)
    return time.monotonic() - began


def as_fast_as_without(build):
    """Without hooks, then with them, the endpoint down."""
    needs('aria2c', 'nginx')
    with World(build, linger='80s') as world:
        web = world.serve(FILES)
        urls = [web.url(name) for name in FILES]
        bare = _shell(world, aria2.command('-Z', f'--dir={world.dl}/bare', *urls))
        job_id = new_id()
        world.put_sidecar('job', listed(job_id, world.dl / 'job', FILES))
        hooked = _shell(world, aria2.command('-Z', f'--dir={world.dl}/job',
                                             *world.hook_options(), *urls))
        expect(hooked < bare + MARGIN, f'{bare:.1f} s without hooks, {hooked:.1f} s with them')
        world.deliverer()
        world.endpoint.up()
        world.endpoint.wait_for(1)
        expect_requests([success(job_id, 2, 3000)], world.endpoint.requests())


def nothing_holds_the_pipe(build):
    """While the deliverer lingers, it has neither aria2c's output nor its directory, session or
    process group."""
    needs('aria2c', 'nginx')
    with World(build, linger='80s') as world:
        web = world.serve(FILES)
        world.put_sidecar('job', listed(new_id(), world.dl, FILES))
        reader, writer = os.pipe()
        pipe = os.readlink(f'/proc/self/fd/{writer}')
        child = subprocess.Popen(
            aria2.command('-Z', f'--dir={world.dl}', *world.hook_options(),
                          *map(web.url, FILES)), env=world.env, cwd=world.dl,
            stdin=subprocess.DEVNULL, stdout=writer, stderr=writer, start_new_session=True)
        os.close(writer)
        child.wait(60)
        with os.fdopen(reader, 'rb') as output:
            output.read()
        pid = world.deliverer()
        expect(pipe not in open_files(pid), f'process {pid} holds the pipe')
        expect(os.getsid(pid) != child.pid, f'process {pid} is in the session of aria2c')
        expect(os.readlink(f'/proc/{pid}/cwd') == '/', f'process {pid} keeps a directory')
        for fd in range(3):
            target = os.readlink(f'/proc/{pid}/fd/{fd}')
            expect(target == '/dev/null', f'descriptor {fd} of {pid} is {target}')


if __name__ == '__main__':
    main(as_fast_as_without, nothing_holds_the_pipe)
