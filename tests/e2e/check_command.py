#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`check`: jobs whose errors nobody would hear of, and aria2.conf beside our own."""

import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

import aria2  # noqa: E402
import rpc  # noqa: E402
from ports import free_port  # noqa: E402
from process import wait_until  # noqa: E402
from sidecar import listed, new_id, sidecar  # noqa: E402
from testcase import expect, main, needs  # noqa: E402
from world import EVENTS, World  # noqa: E402

UNSEEN = 'errors will be seen only at the deadline'
RPC = '[aria2]\nrpc = http://127.0.0.1:6800/jsonrpc\n'


def _configure(world, more=''):
    world.configure(f'url = {world.endpoint.url()}\n', more=more)


def _expect_silent(outcome, *texts):
    said = outcome.out + outcome.err
    for text in texts:
        expect(text not in said, f'it says {text!r}:\n{outcome}')


def answers(url):
    """Whether an aria2 does, there."""
    try:
        return rpc.call(url, 'aria2.getVersion')
    except OSError:
        return None


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


def running_aria2(build):
    """What is wrong with the hooks of an aria2 that runs is asked of itself."""
    needs('aria2c')
    with World(build) as world:
        world.endpoint.up()
        for options, status, said in (
                ([], 1, ['[aria2]', 'on-download-complete is not set']),
                ([f'--on-download-complete={world.program("on-download-error")}'], 1,
                 ['the command of another event']),
                (['--on-download-complete=relative/name'], 0, ['"relative/name" is relative']),
                ([f'--on-download-complete={world.program("on-download-complete")} --now'], 1,
                 ['taken for one file name']),
                ([*world.hook_options(), '--auto-file-renaming=false'], 0,
                 ['continue is false', 'write continue=true']),
                ([*world.hook_options(), '--auto-file-renaming=false', '--continue=true'], 0,
                 ['[aria2]: aria2 calls our hooks'])):
            port = free_port()
            rpc_url = f'http://127.0.0.1:{port}/jsonrpc'
            daemon = aria2.Background('--enable-rpc', f'--rpc-listen-port={port}',
                                      f'--dir={world.dl}', *options)
            try:
                wait_until('aria2c to answer', lambda: answers(rpc_url))
                _configure(world, f'[aria2]\nrpc = {rpc_url}\n')
                world.ctm('check', '--connect').expect(status).says('answers at', *said)
                _expect_silent(world.ctm('check').expect(0), 'calls our hooks', 'not set')
            finally:
                daemon.close()


def newcomer(build):
    """Whatever is wrong with a set-up is told in one run, each with its remedy."""
    with World(build) as world:
        secret, aria2_file = world.root / 'secret', world.root / 'aria2.conf'
        secret.write_text('whsec_' + 'A' * 32 + '\n')
        secret.chmod(0o644)
        aria2_file.write_text(
            'on-download-complete="' + world.program('on-download-complete') + '"\n'
            'on-bt-download-complete=~/on-bt-download-complete\n'
            'on-download-eror=' + world.program('on-download-error') + '\n'
            'on-download-stop=' + world.program('on-download-stop') + ' --quiet\n')
        world.configure(f'url = {world.endpoint.url()}\nsecret_file = {secret}\n'
                        f'tokenfile = {secret}\nca_file = {world.root}/none.pem')
        world.put_sidecar('bad', '[job]\nid = 7\n local_path = C:\\content\n')
        world.jobs.chmod(0o777)
        world.state.chmod(0o755)
        outcome = world.ctm('check', '--connect', '--aria2-conf', aria2_file).expect(1)
        outcome.says('others can enter the state directory', 'chmod 700', 'tokenfile',
                     'token_file', 'is open to others', 'chmod 600', 'none.pem', 'quotes', '"~"',
                     'on-download-error', 'taken for one file name')
        found = [line for line in outcome.out.splitlines()
                 if line.startswith(('error:', 'warning:'))]
        expect(len(found) >= 9, f'only {len(found)} are told:\n{outcome}')
        world.jobs.chmod(0o700)
        world.state.chmod(0o700)
        world.ctm('check', '--connect').expect(1).says(
            'remove the indent', 'is not a GUID', f'127.0.0.1:{world.endpoint.port}', 'refused')


if __name__ == '__main__':
    main(unseen_errors, by_hand, aria2_conf, running_aria2, newcomer)
