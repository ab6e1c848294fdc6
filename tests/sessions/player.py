# SPDX-License-Identifier: MIT
"""Plays one session through the real hook programs and a real endpoint."""

import contextlib
import random
import time

from content import content, expect_untouched, listing, write_file
from fake_rpc import FakeRpc
from notification import expect_requests, is_progress
from process import Failure, clean_environment, wait_until
from session import Places, segments
from sidecar import put
from world import World

PATIENCE = 30.0
# How long nothing more may come after the last expected request.
SILENCE = 0.3


class Player:
    """One play of one session. `order` rearranges the calls of a group; `together` starts them
    all at once."""

    def __init__(self, build, session, order=None, together=False):
        self.build, self.session = build, session
        self.order, self.together = order, together

    def play(self):
        """Fails unless the requests are those that the session expects."""
        secret = self.session.get('rpc_secret', {})
        rpc = FakeRpc(secret.get('wanted'))
        with World(self.build) as world, contextlib.closing(rpc):
            self.world, self.rpc = world, rpc
            self.places = Places(dl=world.dl, root=world.root, hooks=world.build,
                                 state=world.state, url=world.endpoint.url(), rpc=rpc.url(),
                                 log=world.log)
            if secret:
                write_file(world.root / 'rpc-secret', secret['ours'].encode(), 0o600)
            world.conf.write_text(self._text(self.session['configuration']), encoding='utf-8')
            world.env = clean_environment(ARIA2_CTM_CONF=str(world.conf))
            del world.env['PATH']
            self.layout = listing(world.dl)
            for plain, steps in segments(self.session['steps']):
                if plain:
                    self._play_calls(steps)
                else:
                    self._play(steps[0])
            time.sleep(SILENCE)
            expect_untouched(self.layout, world.dl)
            world.end_ours()
            expected = [one for one in self.session['expected'] for _ in range(one['times'])]
            several = len(self.session['expected']) > 1
            expect_requests(expected, world.endpoint.requests(), ordered=not several)

    def _text(self, lines):
        return ''.join(f'{self.places.fill(line)}\n' for line in lines)

    # ---- steps that stand alone

    def _play(self, step):
        for kind in ('endpoint', 'sidecar', 'remove_sidecar', 'wait', 'flush', 'command',
                     'requests', 'progress'):
            if kind in step:
                getattr(self, f'_play_{kind}')(step)
                return
        raise Failure(f'no such step: {step}')

    def _play_endpoint(self, step):
        if step['endpoint'] == 'up':
            self.world.endpoint.up(step.get('answers', ()))
        else:
            self.world.endpoint.down()

    def _play_sidecar(self, step):
        put(self.world.jobs, step['sidecar'], self._text(step['text']))

    def _play_remove_sidecar(self, step):
        (self.world.jobs / step['remove_sidecar']).unlink()

    def _play_wait(self, step):
        time.sleep(step['wait'])

    def _play_flush(self, step):
        outcome = self.world.flush()
        if outcome.status != step['flush']:
            raise Failure(f'expected flush to end with {step["flush"]}:\n{outcome}')
        self._expect_count(step['requests'])

    def _play_command(self, step):
        arguments = [self.places.fill(one) for one in step['command']]
        self.world.ctm(*arguments).expect(step['status'])

    def _play_requests(self, step):
        wait_until(f'{step["requests"]} final words',
                   lambda: len(self._finals()) >= step['requests'], PATIENCE)
        self._expect_count(step['requests'])

    def _play_progress(self, step):
        wait_until(f'{step["progress"]} requests of progress',
                   lambda: len(self._progress()) >= step['progress'], PATIENCE)

    def _progress(self):
        return [one for one in self.world.endpoint.requests() if is_progress(one)]

    def _finals(self):
        return [one for one in self.world.endpoint.requests() if not is_progress(one)]

    def _expect_count(self, count):
        got = self._finals()
        if len(got) != count:
            raise Failure(f'expected {count} requests by now, got {len(got)}: {got}')

    # ---- hook calls

    def _play_calls(self, steps):
        """A group of calls. As recorded, each finds the files as they were; rearranged, all
        find them as they were in the end, because that is the order that is known to exist. So
        they do where aria2 can be asked, which answers what was true in the end."""
        asked = 'rpc' in steps[0]
        if self.order is None and not self.together and not asked:
            for step in steps:
                self._lay_out(step.get('files', {}))
                if 'hook' in step:
                    self._call(step).wait(PATIENCE).expect(0)
            return
        for step in steps:
            self._lay_out(step.get('files', {}))
        if asked:
            self._answer(steps[0]['rpc'])
        calls = [step for step in steps if 'hook' in step]
        calls = self.order(calls) if self.order else calls
        if self.together:
            for started in [self._call(step) for step in calls]:
                started.wait(PATIENCE).expect(0)
        else:
            for step in calls:
                self._call(step).wait(PATIENCE).expect(0)

    def _answer(self, snapshot):
        if snapshot is None:
            self.rpc.down()
        else:
            self.rpc.up(self.places.fill_all(snapshot))

    def _call(self, step):
        argv = [self.places.fill(one) for one in step['argv']]
        return self.world.call_hook(step['hook'], '', argv=argv,
                                    cwd=self.places.fill(step['cwd']))

    def _lay_out(self, files):
        expect_untouched(self.layout, self.world.dl)
        for path, one in files.items():
            if one is None:
                (self.world.dl / path).unlink()
            else:
                data = content(one['seed'], one['size']) if 'seed' in one else bytes(one['size'])
                write_file(self.world.dl / path, data, int(one['mode'], 8))
        self.layout = listing(self.world.dl)


def shuffled(seed):
    """An order of calls that is the same for the same seed."""
    def order(calls):
        calls = list(calls)
        random.Random(seed).shuffle(calls)
        return calls
    return order


def doubled(calls):
    """Each call twice in a row."""
    return [call for call in calls for _ in range(2)]


def doubled_shuffled(seed):
    return lambda calls: shuffled(seed)(doubled(calls))


MODES = {
    'recorded': {},
    'doubled': {'order': doubled},
    'shuffled-1': {'order': shuffled(1)},
    'shuffled-2': {'order': shuffled(2)},
    'shuffled-3': {'order': doubled_shuffled(3)},
    'together': {'order': doubled_shuffled(4), 'together': True},
}
