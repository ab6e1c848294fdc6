#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A receiver of aria2-ctm's notifications, complete and small: for trials, and to start from.

It takes what aria2-ctm-protocol(7) describes, checks it, writes each message down once, and answers
with an HRESULT. With --call a program is run for each new message, which hands it on: on a machine
of Configuration Manager that is where SendNotifySuccessToCTM and its siblings are called.

    receiver.py --listen 127.0.0.1:8443 --record messages.jsonl
                [--secret-file FILE] [--token-file FILE] [--tls-cert FILE --tls-key FILE]
                [--call PROGRAM [--call-timeout SECONDS]]

The record is one JSON object a line: {"id", "type", "time", "source", "hresult", "message"}, where
message is the body as it came. A message whose id stands there is answered as it was then, and
nothing else is done: aria2-ctm repeats a message whose answer was lost.

PROGRAM gets the body on standard input and says the HRESULT of the call on standard output
("0x00000000"); no arguments, no shell, one call at a time. Exit status 0: that HRESULT is the answer. Anything else, or
too long: 503, nothing is written down, and aria2-ctm tries again. If we are ended between the call
and the record, the call is made again: PROGRAM must bear that, as CTM does.

Python 3.9 and its own library, nothing else. Ends on SIGINT and SIGTERM; exit status 2: wrong usage.
"""

import argparse
import base64
import hashlib
import hmac
import json
import os
import re
import signal
import ssl
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BODY_MAX = 1 << 20
CLOCK_SKEW_S = 300
GUID = re.compile(r'\{?[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}?')
BYTES = re.compile(r'0|[1-9][0-9]{0,19}')
HRESULT = re.compile(r'0x[0-9A-Fa-f]{8}')
S_OK, E_INVALIDARG = '0x00000000', '0x80070057'
PROGRESS = ('', 'DownloadingManifest', 'ProcessingManifest', 'CreatingDirectories',
            'PreparingDownload', 'DownloadingData')


class Refused(Exception):
    """What is wrong with a request: its status and a line for people."""

    def __init__(self, status, text, hresult=None):
        super().__init__(text)
        self.status, self.hresult = status, hresult


# ---- what a message must be


def _is_text(value):
    return isinstance(value, str)


def _is_bytes(value):
    return _is_text(value) and BYTES.fullmatch(value) and int(value) < 1 << 64


def _is_files(value):
    return type(value) is int and 0 <= value < 1 << 32


CALL = {'szEndpoint': _is_text, 'szID': lambda v: _is_text(v) and GUID.fullmatch(v),
        'szClientData': _is_text}
COUNTS = {'szBytesTotal': _is_bytes, 'szBytesTransferred': _is_bytes,
          'ulFilesTotal': _is_files, 'ulFilesTransferred': _is_files}
METHODS = {
    'SendNotifySuccessToCTM': ('success', {**CALL, **COUNTS}),
    'SendNotifyErrorToCTM': ('error', {
        **CALL, 'hrErrorCode': lambda v: _is_text(v) and HRESULT.fullmatch(v),
        'szErrorMessage': lambda v: _is_text(v) and v}),
    'SendNotifyProgressToCTM': ('progress', {
        'szProgressType': lambda v: v in PROGRESS, **CALL, **COUNTS}),
}


def check_message(headers, body):
    """The message in a body, if it is one and its headers are its own."""
    try:
        message = json.loads(body)
    except ValueError as wrong:
        raise Refused(400, f'the body is no JSON: {wrong}') from None
    method = message.get('method') if isinstance(message, dict) else None
    if not isinstance(method, str) or method not in METHODS:
        raise Refused(400, f'no such method: {method!r}')
    kind, fields = METHODS[method]
    if set(message) != {'method', *fields}:
        raise Refused(400, f'{method} has the fields {sorted(fields)}')
    for name, is_good in fields.items():
        if not is_good(message[name]):
            raise Refused(400, f'{name} = {message[name]!r} is malformed')
    transferred = message.get('szBytesTransferred'), message.get('ulFilesTransferred')
    if kind == 'success' and transferred != (message['szBytesTotal'], message['ulFilesTotal']):
        raise Refused(200, 'a success transfers all there is', E_INVALIDARG)
    if headers.get('ce-specversion') != '1.0':
        raise Refused(400, 'it is no CloudEvent of version 1.0')
    if headers.get('ce-type') != f'aria2-ctm.notify.{kind}':
        raise Refused(400, f'ce-type is {headers.get("ce-type")!r}')
    number = '/[0-9]+' if kind == 'progress' else ''
    if not re.fullmatch(re.escape(f'{message["szID"]}/{kind}') + number, headers.get('ce-id') or ''):
        raise Refused(400, f'ce-id is {headers.get("ce-id")!r}')
    return message


# ---- who may send one


class Gate:
    """What a request must show: a token, a signature, both or nothing. Files are read again for
    each request, so that they can be replaced."""

    def __init__(self, token_file, secret_file):
        self.token_file, self.secret_file = token_file, secret_file

    def check(self, headers, body):
        if self.token_file and not self._has_token(headers.get('authorization') or ''):
            raise Refused(401, 'the token is not ours')
        if self.secret_file and not self._is_signed(headers, body):
            raise Refused(401, 'the signature is not ours, or is too old')

    def _has_token(self, authorization):
        with open(self.token_file, encoding='utf-8') as file:
            wanted = 'Bearer ' + file.readline().strip()
        return hmac.compare_digest(authorization.encode(), wanted.encode())

    def _is_signed(self, headers, body):
        stamp, message_id = headers.get('webhook-timestamp') or '', headers.get('webhook-id') or ''
        if not stamp.isdecimal() or abs(time.time() - int(stamp)) > CLOCK_SKEW_S:
            return False
        text = f'{message_id}.{stamp}.'.encode() + body
        given = [one[3:] for one in (headers.get('webhook-signature') or '').split()
                 if one.startswith('v1,')]
        with open(self.secret_file, encoding='utf-8') as file:
            secrets = [line.strip() for line in file if line.strip()]
        good = False
        for secret in secrets:
            key = base64.b64decode(secret.removeprefix('whsec_'))
            wanted = base64.b64encode(hmac.digest(key, text, hashlib.sha256)).decode()
            for one in given:
                good |= hmac.compare_digest(one.encode(), wanted.encode())
        return good


# ---- what becomes of it


class Record:
    """Each message once, on stable storage before it is answered."""

    def __init__(self, path):
        self.answers, self.lock = {}, threading.Lock()
        self.file = open(path, 'a+b')  # noqa: SIM115: as long as we live
        self.file.seek(0)
        whole = 0
        for line in self.file:
            if not line.endswith(b'\n'):
                break
            whole += len(line)
            one = json.loads(line)
            self.answers[one['source'], one['id']] = one['hresult']
        self.file.truncate(whole)  # of a line that was cut off nobody was told

    def take(self, headers, message, hand_on):
        """The HRESULT that is the answer; hand_on(message) is asked for one the first time."""
        key = headers['ce-source'], headers['ce-id']
        with self.lock:
            if key not in self.answers:
                hresult = hand_on(message)
                line = {'id': key[1], 'type': headers['ce-type'], 'time': headers['ce-time'],
                        'source': key[0], 'hresult': hresult, 'message': message}
                self.file.write(json.dumps(line).encode() + b'\n')
                self.file.flush()
                os.fsync(self.file.fileno())
                self.answers[key] = hresult
            return self.answers[key]


def caller(program, seconds):
    """What hands a message on to a program; without one, all are taken."""
    def call(message):
        try:
            done = subprocess.run([program], input=json.dumps(message).encode(), timeout=seconds,
                                  stdout=subprocess.PIPE, check=False)
        except (OSError, subprocess.TimeoutExpired) as wrong:
            raise Refused(503, f'it could not be handed on: {wrong}') from None
        said = done.stdout.decode('utf-8', 'replace').strip()
        if done.returncode != 0 or not HRESULT.fullmatch(said):
            raise Refused(503, f'{program} ended with {done.returncode} and said {said[:80]!r}')
        return '0x' + said[2:].upper()
    return call if program else lambda _: S_OK


class Handler(BaseHTTPRequestHandler):
    """One request. The server has gate, record and hand_on."""

    protocol_version = 'HTTP/1.1'
    server_version, sys_version = 'aria2-ctm-receiver', ''
    timeout = 60

    def do_POST(self):  # noqa: N802: the name is the base class's
        try:
            body = self._read()
            self.server.gate.check(self.headers, body)
            message = check_message(self.headers, body)
            for name in ('ce-source', 'ce-time'):
                if not self.headers.get(name):
                    raise Refused(400, f'there is no {name}')
            hresult = self.server.record.take(self.headers, message, self.server.hand_on)
            self._answer(200, '', hresult)
        except Refused as refused:
            self._answer(refused.status, str(refused), refused.hresult)

    def _read(self):
        length = self.headers.get('content-length') or ''
        if not length.isdecimal():
            self.close_connection = True
            raise Refused(411, 'there is no Content-Length')
        if int(length) > BODY_MAX:
            self.close_connection = True
            raise Refused(413, f'more than {BODY_MAX} bytes')
        body = self.rfile.read(int(length))
        if len(body) != int(length):
            self.close_connection = True
            raise Refused(400, 'the body is cut short')
        return body

    def _answer(self, status, text, hresult):
        body = f'{text}\n'.encode() if text else b''
        self.send_response(status)
        if hresult:
            self.send_header('CTM-HRESULT', hresult)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _arguments():
    parser = argparse.ArgumentParser(description='Receives notifications of aria2-ctm.')
    parser.add_argument('--listen', required=True, metavar='HOST:PORT')
    parser.add_argument('--record', required=True, metavar='FILE')
    parser.add_argument('--secret-file', metavar='FILE')
    parser.add_argument('--token-file', metavar='FILE')
    parser.add_argument('--tls-cert', metavar='FILE')
    parser.add_argument('--tls-key', metavar='FILE')
    parser.add_argument('--call', metavar='PROGRAM')
    parser.add_argument('--call-timeout', type=float, default=20, metavar='SECONDS')
    options = parser.parse_args()
    host, _, port = options.listen.rpartition(':')
    if not host or not port.isdecimal():
        parser.error(f'--listen: {options.listen!r} is not HOST:PORT')
    return options, (host.strip('[]'), int(port))


def main():
    options, address = _arguments()
    server = ThreadingHTTPServer(address, Handler)
    server.daemon_threads = True
    server.gate = Gate(options.token_file, options.secret_file)
    server.record = Record(options.record)
    server.hand_on = caller(options.call, options.call_timeout)
    if options.tls_cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.tls_cert, options.tls_key)
        # The handshake is the request's own, so that one that hangs holds up no other.
        server.socket = context.wrap_socket(server.socket, server_side=True,
                                            do_handshake_on_connect=False)
    for sig in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sig, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f'listening on {server.server_address[0]}:{server.server_address[1]}', flush=True)
    server.serve_forever()
    server.server_close()


if __name__ == '__main__':
    sys.exit(main())
