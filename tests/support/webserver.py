# SPDX-License-Identifier: MIT
"""A real nginx of our own, on this machine only."""

import os
import signal
import subprocess
import urllib.parse
from pathlib import Path

from ports import answers_on, free_port
from process import Failure, dies_with_parent, stop, wait_until

CONFIGURATION = '''\
daemon off;
{user}worker_processes 1;
pid {run}/nginx.pid;
error_log {run}/error.log warn;
events {{ worker_connections 512; }}
http {{
  access_log off;
  sendfile on;
  default_type application/octet-stream;
  client_body_temp_path {run}/body;
  proxy_temp_path {run}/proxy;
  fastcgi_temp_path {run}/fastcgi;
  uwsgi_temp_path {run}/uwsgi;
  scgi_temp_path {run}/scgi;
  server {{
    listen 127.0.0.1:{port};
    root "{www}";
    location /slow/ {{ limit_rate 200k; alias "{www}/"; }}
{locations}  }}
}}
'''


class WebServer:
    """Serves `www`; `locations` are further lines for nginx's server block."""

    def __init__(self, www, run_dir, locations=''):
        self.www, self.run_dir = Path(www), Path(run_dir)
        self.run_dir.mkdir(parents=True, exist_ok=True)
        self.port, self.child = 0, None
        for _ in range(5):
            if self._start(locations):
                return
        raise Failure('nginx does not start:\n' + self._complaints())

    def _start(self, locations):
        self.port = free_port()
        configuration = self.run_dir / 'nginx.conf'
        configuration.write_text(CONFIGURATION.format(
            user='user root;\n' if os.geteuid() == 0 else '', run=self.run_dir, port=self.port,
            www=self.www, locations=locations))
        with open(self.run_dir / 'output', 'ab') as output:
            self.child = subprocess.Popen(
                ['nginx', '-p', str(self.run_dir), '-c', str(configuration),
                 '-e', str(self.run_dir / 'error.log')],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                preexec_fn=dies_with_parent)
        wait_until('nginx', lambda: answers_on(self.port) or self.child.poll() is not None)
        return self.child.poll() is None

    def _complaints(self):
        return ''.join(path.read_text(errors='replace')
                       for path in (self.run_dir / 'output', self.run_dir / 'error.log')
                       if path.exists())

    def url(self, name, prefix=''):
        """The address of a file under www, percent-encoded."""
        quoted = urllib.parse.quote(str(name))
        return f'http://127.0.0.1:{self.port}/{prefix}{quoted}'

    def close(self):
        """nginx ends at once, its worker with it."""
        stop(self.child, sig=signal.SIGTERM)
