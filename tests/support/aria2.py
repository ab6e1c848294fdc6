# SPDX-License-Identifier: MIT
"""A real aria2c, on this machine only."""

import subprocess

from process import clean_environment, dies_with_parent, run, stop

# No configuration of the machine's, no peers from outside, no output that changes with time.
BASE = ['aria2c', '--no-conf', '--no-netrc', '--enable-dht=false', '--enable-dht6=false',
        '--bt-enable-lpd=false', '--enable-peer-exchange=false', '--disable-ipv6=true',
        '--summary-interval=0', '--show-console-readout=false', '--max-tries=2',
        '--retry-wait=1', '--connect-timeout=5', '--timeout=10', '--interface=127.0.0.1',
        '--no-proxy=127.0.0.1']


def command(*arguments):
    return [*BASE, *map(str, arguments)]


def download(*arguments, env=None, cwd='/', seconds=120.0):
    """Runs aria2c to its end; the caller judges its exit status."""
    return run(command(*arguments), env=env, cwd=cwd, seconds=seconds)


class Background:
    """An aria2c that runs until it is closed (to seed, say)."""

    def __init__(self, *arguments, env=None, cwd='/', output=subprocess.DEVNULL):
        self.child = subprocess.Popen(
            command(*arguments), env=env or clean_environment(), cwd=cwd,
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, preexec_fn=dies_with_parent)

    def close(self):
        stop(self.child)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def input_file(path, downloads):
    """Writes an input file: [(url, {option: value}), …]."""
    lines = []
    for url, options in downloads:
        lines.append(url)
        lines += [f'  {name}={value}' for name, value in options.items()]
    path.write_text(''.join(f'{line}\n' for line in lines), encoding='utf-8')
    return path
