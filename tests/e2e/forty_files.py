#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Forty files with -j16, fifty runs in a row: one success each, with the right numbers. With
sanitizers, whose thousands of hooks take minutes, five."""

import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

import aria2  # noqa: E402
from notification import expect_requests, success  # noqa: E402
from sanitizers import is_sanitized  # noqa: E402
from sidecar import listed, new_id  # noqa: E402
from testcase import main, needs  # noqa: E402
from world import World  # noqa: E402

RUNS, RUNS_SANITIZED = 50, 5
FILES = {f'file-{number:02}.bin': 100 + 997 * number for number in range(40)}


def in_a_row(build):
    """Each run is a job of its own in the same state directory."""
    needs('aria2c', 'nginx')
    with World(build) as world:
        world.endpoint.up()
        web = world.serve(FILES)
        downloads = aria2.input_file(world.root / 'list', [(web.url(name), {}) for name in FILES])
        expected = []
        for number in range(RUNS_SANITIZED if is_sanitized(build) else RUNS):
            job_id, directory = new_id(), world.dl / f'run-{number}'
            world.put_sidecar(f'run-{number}', listed(job_id, directory, FILES,
                                                      client_data=f'run {number}'))
            aria2.download('-j16', f'--dir={directory}', f'--input-file={downloads}',
                           *world.hook_options(), env=world.env).expect(0)
            expected.append(success(job_id, len(FILES), sum(FILES.values()), f'run {number}'))
            world.endpoint.wait_for(number + 1)
        world.flush().expect(0)
        expect_requests(expected, world.endpoint.requests())


if __name__ == '__main__':
    main(in_a_row)
