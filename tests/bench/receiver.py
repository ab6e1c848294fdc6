# SPDX-License-Identifier: MIT
"""Endpoints for the bench: an nginx that takes all and writes down what, and one that is dead.

nginx, because it takes a request for less than anything that is to be measured spends on it. It
answers 200 to each, and its log says when, with which ce-id and how many bytes of body."""

import os
import socket
import subprocess

from measuring import Broken
from ports import answers_on, free_port
from process import dies_with_parent, stop, wait_until

CONFIGURATION = '''\
daemon off;
{user}worker_processes 1;
pid {run}/nginx.pid;
error_log {run}/error.log warn;
events {{ worker_connections 2048; }}
http {{
  log_format taken '$msec\t$http_ce_id\t$content_length\t$status\t$uri';
  access_log {run}/taken taken;
  keepalive_requests 1000000;
  client_body_temp_path {run}/body;
  proxy_temp_path {run}/proxy;
  fastcgi_temp_path {run}/fastcgi;
  uwsgi_temp_path {run}/uwsgi;
  scgi_temp_path {run}/scgi;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    root "{www}";
    location /notify {{ return 200; }}
  }}
}}
'''


class Taken:
    """A request: when it was answered, its ce-id, the length of its body, where to."""

    def __init__(self, line):
        when, self.id, length, self.status, self.path = line.split('\t')
        self.at, self.length = float(when), int(length) if length.isdigit() else 0


class Receiver:
    """Its port stays, so that it can come up later than those who speak to it."""

    def __init__(self, bench, name, www='/nonexistent'):
        self.run, self.child = bench.work / name, None
        self.program, self.port = bench.tool('nginx'), free_port()
        self.run.mkdir()
        self.log = self.run / 'taken'
        (self.run / 'nginx.conf').write_text(CONFIGURATION.format(
            user='user root;\n' if os.geteuid() == 0 else '', run=self.run, port=self.port,
            www=www))

    def url(self, path='/notify'):
        return f'http://127.0.0.1:{self.port}{path}'

    def up(self):
        with open(self.run / 'output', 'ab') as output:
            self.child = subprocess.Popen(
                [self.program, '-p', str(self.run), '-c', str(self.run / 'nginx.conf'),
                 '-e', str(self.run / 'error.log')], stdin=subprocess.DEVNULL, stdout=output,
                stderr=output, preexec_fn=dies_with_parent)
        wait_until('nginx', lambda: answers_on(self.port) or self.child.poll() is not None)
        if self.child.poll() is not None:
            raise Broken('nginx does not start:\n' + (self.run / 'output').read_text())
        return self

    def down(self):
        if self.child:
            stop(self.child)
            self.child = None

    def count(self, path='/notify'):
        """How many were taken so far whose path begins so."""
        return sum(one.path.startswith(path) for one in self.taken())

    def taken(self):
        """All requests so far; one that was not answered with 200 is an error."""
        text = self.log.read_text() if self.log.exists() else ''
        lines = text[:text.rfind('\n') + 1].splitlines()
        found = [one for one in map(Taken, lines) if one.path.startswith('/notify')]
        bad = [one for one in found if one.status != '200']
        if bad:
            raise Broken(f'{len(bad)} requests were answered with {bad[0].status}')
        return found

    def forget(self):
        """Counts from here on; nginx appends."""
        os.truncate(self.log, 0)

    def expect(self, ids, at_least_once=False):
        """These ids have come and no other; each once, unless somebody was ended while it sent."""
        came = [one.id for one in self.taken()]
        if (set(came) != set(ids)) if at_least_once else (sorted(came) != sorted(ids)):
            raise Broken(f'{len(came)} requests, {len(set(came))} ids; {len(ids)} were wanted')

    def __enter__(self):
        return self.up()

    def __exit__(self, *_):
        self.down()


class Silent:
    """An endpoint that takes connections and never says a word."""

    def __init__(self):
        self.socket = socket.socket()
        self.socket.bind(('127.0.0.1', 0))
        self.socket.listen(64)

    def url(self):
        return f'http://127.0.0.1:{self.socket.getsockname()[1]}/notify'

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
