#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`check`: jobs whose errors nobody would hear of, and aria2.conf beside our own."""

import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from sidecar import listed, new_id, sidecar  # noqa: E402
from testcase import expect, main  # noqa: E402
from world import EVENTS, World  # noqa: E402

UNSEEN = 'errors will be seen only at the deadline'
RPC = '[aria2]\nrpc = http://127.0.0.1:6800/jsonrpc\n'


def _configure(world, more=''):
    world.configure(f'url = {world.endpoint.url()}\n', more=more)


def _expect_silent(outcome, *texts):
    said = outcome.out + outcome.err
    for text in texts:
        expect(text not in said, f'it says {text!r}:\n{outcome}')


def unseen_errors(build):
    """A job without gids is warned of, unless aria2 can be asked."""
    with World(build) as world:
        without, tied = new_id(), new_id()
        world.put_sidecar('without', listed(without, world.dl / 'a', {'a.bin': 10}))
        world.put_sidecar('tied', sidecar(tied, world.dl / 'b', [
            {'path': 'a.bin', 'gid': '0123456789abcdef'}]))
        world.flush().expect(0)
        outcome = world.ctm('check').expect(0).says(without, UNSEEN)
        _expect_silent(outcome, tied)
        _configure(world, RPC)
        _expect_silent(world.ctm('check').expect(0), UNSEEN)
        _configure(world)
        world.ctm('cancel', without).expect(0)
        _expect_silent(world.ctm('check').expect(0), UNSEEN)


def by_hand(build):
    """A job that progress by hand began has no downloads to give gids to."""
    with World(build) as world:
        world.endpoint.up()
        world.ctm('send', 'progress', '--endpoint', 'ctm').expect(0)
        _expect_silent(world.ctm('check').expect(0), UNSEEN)


def aria2_conf(build):
    """Hooks that are missing, and RPC that is on one side only."""
    with World(build) as world:
        path = world.root / 'aria2.conf'

        def check(*lines):
            path.write_text('auto-file-renaming=false\ncontinue=true\n' + ''.join(
                f'{line}\n' for line in lines))
            return world.ctm('check', '--aria2-conf', path).expect(0)

        hooks = [f'{event}={world.program(event)}' for event in EVENTS]
        no_error = [line for line in hooks if not line.startswith('on-download-error=')]
        _expect_silent(check(*hooks), f'warning: {path}')
        check(*no_error).says('on-download-error is not set', 'without [aria2] rpc',
                              f'write on-download-error={build}/on-download-error')
        _configure(world, RPC)
        check(*hooks).says('enable-rpc is not true', 'write enable-rpc=true')
        check(*hooks, 'enable-rpc=false').says('aria2.conf:9', 'write enable-rpc=true')
        _expect_silent(check(*hooks, 'enable-rpc=true'), f'warning: {path}')
        check(*no_error, 'enable-rpc=true').says('if aria2 answers')


if __name__ == '__main__':
    main(unseen_errors, by_hand, aria2_conf)
