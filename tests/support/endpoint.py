# SPDX-License-Identifier: MIT
"""The endpoint that stands for CTM: ctm-endpoint, and the record that it keeps."""

import json
import subprocess
from pathlib import Path

from figures import is_long
from ports import free_port
from process import Failure, stop, wait_until
from starter import Starter


# It ends by itself then, should nobody be left to end it.
SECONDS = 4 * 3600 if is_long() else 900


class Endpoint:
    """Comes up and goes down on the port it first had; the record goes on over both. `build`:
    where ctm-endpoint was built."""

    def __init__(self, build, run_dir, options=()):
        self.program, self.run_dir = Path(build) / 'tests/support/ctm-endpoint', Path(run_dir)
        self.starter = Starter(build)
        self.run_dir.mkdir(parents=True, exist_ok=True)
        self.record = self.run_dir / 'record.jsonl'
        self.options = list(options)
        self.port, self.child = free_port(), None

    def url(self, path='/notify', scheme='http'):
        return f'{scheme}://127.0.0.1:{self.port}{path}'

    def up(self, answers=()):
        """Starts it; the n-th request from now on gets the n-th answer, then the last again."""
        if self.child is not None:
            self.down()
        port_file = self.run_dir / 'port'
        port_file.unlink(missing_ok=True)
        argv = [str(self.program), '--record', str(self.record), '--max-seconds', str(SECONDS),
                '--port-file', str(port_file), *map(str, self.options)]
        if '--unix' not in self.options:
            argv += ['--port', str(self.port)]
        if answers:
            answers_file = self.run_dir / 'answers'
            answers_file.write_text(''.join(f'{line}\n' for line in answers))
            argv += ['--answers', str(answers_file)]
        with open(self.run_dir / 'endpoint.output', 'ab') as output:
            self.child = self.starter.start_leashed(argv, stdin=subprocess.DEVNULL, stdout=output,
                                                    stderr=output)
        wait_until('the endpoint', lambda: port_file.exists() or self.child.poll() is not None)
        if self.child.poll() is not None:
            said = (self.run_dir / 'endpoint.output').read_text(errors='replace')
            raise Failure(f'the endpoint ended with {self.child.returncode}:\n{said}')
        return self

    def down(self):
        """Nobody listens any more."""
        if self.child is not None:
            stop(self.child)
            self.child = None

    def mark(self):
        """A place in the record, for requests()."""
        return self.record.stat().st_size if self.record.exists() else 0

    def requests(self, since=0):
        """All requests so far, in order, or those since a mark."""
        if not self.record.exists():
            return []
        with open(self.record, encoding='utf-8') as file:
            file.seek(since)
            text = file.read()
        whole = text[:text.rfind('\n') + 1]
        return [json.loads(line) for line in whole.split('\n') if line]

    def wait_for(self, count, seconds=30.0):
        """The requests, when there are at least so many."""
        try:
            wait_until(f'{count} requests', lambda: len(self.requests()) >= count, seconds)
        except Failure as failure:
            raise Failure(f'{failure}: the endpoint has {len(self.requests())}') from None
        return self.requests()

    def close(self):
        self.down()
