# SPDX-License-Identifier: MIT
"""aria2's JSON-RPC, answered from a snapshot of what a real one said.

    rpc = FakeRpc()
    rpc.up({'active': [...], 'waiting': [...], 'stopped': [...]})
    rpc.down()                       # connection refused

Speaks as aria2 1.36 does: an error is HTTP 400 outside a multicall and an element {"code",
"message"} inside, a slash is escaped, a token that nobody asked for is let pass."""

import http.server
import json
import re
import socket
import threading

GID = re.compile('[0-9a-fA-F]{1,16}')
VERSION = {'enabledFeatures': ['Async DNS', 'BitTorrent', 'HTTPS', 'Message Digest', 'Metalink'],
           'version': '1.36.0'}
EMPTY = {'active': [], 'waiting': [], 'stopped': []}


class RpcError(Exception):
    """What aria2 would answer instead of a result."""


def _parameter(params, at):
    if len(params) <= at:
        raise RpcError(f'The parameter at {at} is required but missing.')
    return params[at]


def _only(status, keys):
    return {key: value for key, value in status.items() if key in keys} if keys else status


def _part(items, offset, number):
    """A negative offset counts from the end, and the order is the other way round."""
    if offset >= 0:
        return items[offset:offset + number]
    return items[::-1][-offset - 1:][:number]


class FakeRpc:
    """Keeps its port over up and down. `secret` is what a caller must know."""

    def __init__(self, secret=None):
        self.secret, self.snapshot, self.server = secret, EMPTY, None
        # Bound, and nobody listens: the port is refused, and is no other's, while this is down.
        self.held = socket.socket()
        self.held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.held.bind(('127.0.0.1', 0))
        self.port = self.held.getsockname()[1]

    def url(self):
        return f'http://127.0.0.1:{self.port}/jsonrpc'

    def up(self, snapshot):
        """Answers from this snapshot from now on."""
        self.snapshot = snapshot
        if self.server is None:
            self.server = http.server.ThreadingHTTPServer(('127.0.0.1', self.port),
                                                          _handler(self))
            self.server.daemon_threads = True
            threading.Thread(target=self.server.serve_forever, args=(0.02,),
                             daemon=True).start()

    def down(self):
        """Nobody listens any more."""
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def close(self):
        """For good."""
        self.down()
        self.held.close()

    # ---- what it answers

    def reply(self, request):
        """(HTTP status, answer) to one request, or to several at once."""
        if isinstance(request, list):
            return 200, [self.reply(one)[1] for one in request]
        if not isinstance(request, dict) or not {'id', 'method'} <= set(request):
            return 400, _answer(None, error={'code': -32600, 'message': 'Invalid Request.'})
        try:
            result = self._call(request['method'], request.get('params', []))
        except RpcError as error:
            return 400, _answer(request['id'], error={'code': 1, 'message': str(error)})
        return 200, _answer(request['id'], result=result)

    def _call(self, method, params):
        if method == 'system.multicall':
            return [self._nested(one) for one in _parameter(params, 0)]
        token = None
        if params and isinstance(params[0], str) and params[0].startswith('token:'):
            token, params = params[0][len('token:'):], params[1:]
        if self.secret is not None and token != self.secret:
            raise RpcError('Unauthorized')
        known = {'aria2.tellStatus': self._status, 'aria2.tellActive': self._active,
                 'aria2.tellWaiting': self._waiting, 'aria2.tellStopped': self._stopped,
                 'aria2.getVersion': lambda _: VERSION}
        if method not in known:
            raise RpcError(f'No such method: {method}')
        return known[method](params)

    def _nested(self, one):
        try:
            if 'methodName' not in one:
                raise RpcError('Missing methodName.')
            if one['methodName'] == 'system.multicall':
                raise RpcError('Recursive system.multicall forbidden.')
            return [self._call(one['methodName'], one.get('params', []))]
        except RpcError as error:
            return {'code': 1, 'message': str(error)}

    def _status(self, params):
        gid = _parameter(params, 0)
        if not GID.fullmatch(gid):
            raise RpcError(f'Invalid GID {gid}')
        for status in (one for part in self.snapshot.values() for one in part):
            if status['gid'] == gid.lower():
                return _only(status, params[1:] and params[1])
        raise RpcError(f'GID {gid} is not found')

    def _active(self, params):
        return [_only(one, params and params[0]) for one in self.snapshot['active']]

    def _waiting(self, params):
        return self._slice('waiting', params)

    def _stopped(self, params):
        return self._slice('stopped', params)

    def _slice(self, part, params):
        found = _part(self.snapshot[part], _parameter(params, 0), _parameter(params, 1))
        return [_only(one, params[2:] and params[2]) for one in found]


def _answer(number, **what):
    return {'id': number, 'jsonrpc': '2.0', **what}


def _handler(rpc):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            text = self.rfile.read(int(self.headers.get('Content-Length', 0)))
            if self.path != '/jsonrpc':
                self.send_error(404)
                return
            try:
                status, said = rpc.reply(json.loads(text))
            except ValueError:
                status, said = 500, _answer(None, error={'code': -32700,
                                                         'message': 'Parse error.'})
            body = json.dumps(said, ensure_ascii=False, separators=(',', ':'))
            data = body.replace('/', '\\/').encode()
            self.send_response(status)
            self.send_header('Content-Type', 'application/json-rpc')
            self.send_header('Content-Length', str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    return Handler
