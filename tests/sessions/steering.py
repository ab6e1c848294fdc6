# SPDX-License-Identifier: MIT
"""The part of a recording where aria2c runs in the background, and RPC says what it does."""

import signal

from daemon import Daemon
from process import wait_until

EVENTS = ('on-download-start', 'on-download-error', 'on-download-pause', 'on-download-stop',
          'on-download-complete', 'on-bt-download-complete')


class Steering:
    """What a scenario says to a daemon. `aria2d` is the last one that was started."""

    def daemon(self, *options, cwd='@DL@', hooks=EVENTS):
        """aria2c starts in the background, to be steered by call()."""
        self.aria2d = Daemon(
            *self._options(hooks), f'--dir={self.dl}',
            *map(self.places.fill, map(str, options)), env=self.environment(),
            cwd=self.places.fill(cwd), secret=self.secret)
        self.closers.append(self.aria2d)
        self.settle()

    def call(self, method, *params):
        """One of aria2's methods, by RPC."""
        return self.aria2d.call(method, *map(self.places.fill_all, params))

    def add(self, *uris, **options):
        """aria2.addUri, "-" for "_" in the options; returns the gid."""
        options = {key.replace('_', '-'): str(value) for key, value in options.items()}
        return self.call('addUri', list(uris), options)

    def until(self, *gids, status='complete', done=0, seeder=None):
        """Waits until aria2 says so of each of these downloads, and settles. None: it does not
        know them (any more)."""
        def there(gid):
            said = self.aria2d.status(gid)
            return (said.get('status') == status and int(said.get('completedLength', 0)) >= done
                    and (seeder is None or said.get('seeder') == seeder))
        wait_until(f'{status} of {gids}', lambda: all(there(gid) for gid in gids), 60)
        self.settle()

    def until_ended(self, *gids):
        """Waits until each of these downloads is complete or has failed, and settles."""
        wait_until(f'the end of {gids}', lambda: all(
            self.aria2d.status(gid).get('status') in ('complete', 'error') for gid in gids), 60)
        self.settle()

    def until_active(self):
        """Waits until something of a torrent's payload is there, and settles."""
        wait_until('a payload', lambda: [
            one for one in self.call('tellActive')
            if 'bittorrent' in one and int(one['completedLength'])], 60)
        self.settle()

    def settle(self):
        """The hook calls so far become steps, after what aria2 says now, if it can be asked."""
        at, called = len(self.steps), True
        while called:
            said = self.rpc and {'rpc': self.places.name_all(self.aria2d.snapshot())}
            called = self._settle()
        last = [one for one in self.steps if 'rpc' in one][-1:]
        if said and (len(self.steps) > at or last != [said]):
            self.steps.insert(at, said)

    def kill(self, sig=signal.SIGTERM):
        """Ends the daemon; the hooks that it calls then can't ask it."""
        at = len(self.steps)
        self.aria2d.kill(sig)
        self._settle()
        if self.rpc:
            self.steps.insert(at, {'rpc': None})

    def rpc_down(self):
        """Nobody answers at aria2's port."""
        self.steps.append({'rpc': None})
