# SPDX-License-Identifier: MIT
"""A real aria2c that is steered by RPC while a session is recorded."""

import signal

import aria2
import rpc
from ports import answers_on, free_port
from process import wait_until


class Daemon:
    """Runs until it is killed. Nobody but the recording talks to it."""

    def __init__(self, *options, env, cwd, secret=None):
        self.port, self.secret = free_port(), secret
        if secret is not None:
            options = (*options, f'--rpc-secret={secret}')
        self.aria2 = aria2.Background('--enable-rpc', f'--rpc-listen-port={self.port}', *options,
                                      env=env, cwd=cwd)
        wait_until('aria2c to listen', lambda: answers_on(self.port))

    @property
    def pid(self):
        return self.aria2.child.pid

    def _url(self):
        return f'http://127.0.0.1:{self.port}/jsonrpc'

    def call(self, method, *params):
        """The result of one method of aria2's."""
        return rpc.call(self._url(), f'aria2.{method}', *params, secret=self.secret)

    def status(self, gid):
        """Of one download; {} if aria2 does not know it (any more)."""
        said = rpc.answer(self._url(), 'aria2.tellStatus', gid, secret=self.secret)
        return said.get('result', {})

    def snapshot(self):
        """All that it says of its downloads."""
        return {'active': self.call('tellActive'), 'waiting': self.call('tellWaiting', 0, 1000),
                'stopped': self.call('tellStopped', 0, 1000)}

    def kill(self, sig=signal.SIGTERM):
        """Ends it so, and waits for its end."""
        if self.aria2.child.poll() is None:
            self.aria2.child.send_signal(sig)
        self.aria2.child.wait(30)

    def close(self):
        self.kill(signal.SIGKILL)
