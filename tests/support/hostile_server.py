# SPDX-License-Identifier: MIT
"""A server of many ports on this machine, each of which misbehaves in a way of its own.

    server = HostileServer()
    place = server.place('cut', cut)         # cut(talk) is run for each connection, in a thread
    place.url(); place.requests; place.heal()
    server.close()

A behaviour gets a Talk; when it returns the connection is closed. heal() makes a place behave."""

import selectors
import socket
import ssl
import struct
import threading
import time

PATIENCE_S = 60
REFUSES, DROPS, IGNORES = 'refuses', 'drops', 'ignores'


class Gone(Exception):
    """The other side has gone, or what it sent was no request."""


class Request:
    """One that came whole."""

    def __init__(self, line, headers, body, connection):
        self.line, self.headers, self.body, self.connection = line, headers, body, connection

    def names(self):
        return [name for name, _ in self.headers]

    def header(self, name):
        """The value of a header that is there once, '' if it is not there."""
        found = [value for one, value in self.headers if one == name]
        return ', '.join(found)


class Talk:
    """One connection. Its methods raise Gone or OSError where the other side is gone."""

    def __init__(self, place, sock, number):
        self.place, self.sock, self.number = place, sock, number
        self.buffer, self.sent, self.begin, self.end = b'', 0, time.monotonic(), None
        self.failure = None

    def read(self):
        """Some bytes more into the buffer."""
        data = self.sock.recv(65536)
        if not data:
            raise Gone
        self.buffer += data

    def take(self, size):
        while len(self.buffer) < size:
            self.read()
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data

    def head(self):
        """A request line and headers, nothing recorded yet."""
        while b'\r\n\r\n' not in self.buffer:
            self.read()
        text, self.buffer = self.buffer.split(b'\r\n\r\n', 1)
        line, *lines = text.decode('latin-1').split('\r\n')
        headers = [tuple(part.strip() for part in one.split(':', 1)) for one in lines]
        return line, [(name.lower(), value) for name, value in headers]

    def request(self):
        """Reads one request whole, and records it."""
        line, headers = self.head()
        length = int(dict(headers).get('content-length', 0))
        found = Request(line, headers, self.take(length), self.number)
        self.place.requests.append(found)
        return found

    def say(self, data):
        if isinstance(data, str):
            data = data.encode('latin-1')
        self.sock.sendall(data)
        self.sent += len(data)

    def answer(self, status='200 OK', *headers, body=b''):
        """An answer as it should be."""
        lines = [f'HTTP/1.1 {status}', f'Content-Length: {len(body)}', *headers]
        self.say('\r\n'.join(lines) + '\r\n\r\n')
        self.say(body)

    def trickle(self, data, pause):
        """Byte by byte."""
        for one in data:
            self.say(bytes([one]))
            time.sleep(pause)

    def repeat(self, data, pause=0.0):
        """The same again and again, until the other side has enough."""
        data = data.encode('latin-1') if isinstance(data, str) else data
        while True:
            self.say(data)
            if pause:
                time.sleep(pause)

    def until_gone(self):
        """Says nothing until the other side goes."""
        while True:
            self.read()

    def reset(self):
        """Closes with a RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        raise Gone


def behave(talk):
    """What every place does once it is healed: takes every message."""
    while True:
        talk.request()
        talk.answer()


class Place:
    """One port. `mode`: REFUSES has nobody listening, DROPS a backlog that is full, IGNORES
    nobody who accepts. `tls`: an ssl.SSLContext; raw: the behaviour does TLS itself."""

    def __init__(self, server, name, behaviour, tls=None, mode=None):
        self.server, self.name, self.behaviour, self.mode = server, name, behaviour, mode
        self.tls, self.healed_tls = tls, tls
        self.requests, self.talks, self.fillers = [], [], []
        self.sock = socket.socket()
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.bind(('127.0.0.1', 0))
        self.port = self.sock.getsockname()[1]
        if mode == DROPS:
            self.sock.listen(0)
            self._fill()
        elif mode != REFUSES:
            self.sock.listen(128)
        if mode is None:
            server.watch(self)

    def _fill(self):
        """Connects until no further connection is completed."""
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(('127.0.0.1', self.port))
            self.fillers.append(filler)

    def url(self, scheme='http', host='127.0.0.1', path='/notify'):
        return f'{scheme}://{host}:{self.port}{path}'

    def heal(self):
        """From now on it does all as it should."""
        self.behaviour, self.tls = behave, self.healed_tls
        for filler in self.fillers:
            filler.close()
        if self.mode:
            self.mode = None
            self.sock.listen(128)
            self.server.watch(self)

    def is_open(self):
        """Whether somebody still suffers here."""
        return any(talk.end is None for talk in self.talks)

    def seconds(self):
        """How long each connection lasted."""
        now = time.monotonic()
        return [(talk.end or now) - talk.begin for talk in self.talks]

    def run(self, talk):
        """One connection, in its thread."""
        try:
            talk.sock.settimeout(PATIENCE_S)
            if self.tls:
                self._shake_hands(talk)
            self.behaviour(talk)
        except (Gone, OSError, ssl.SSLError, ValueError) as failure:
            talk.failure = failure
        finally:
            talk.end = time.monotonic()
            talk.sock.close()


    def _shake_hands(self, talk):
        """TLS; where that fails, our alert is heard before the connection is closed."""
        bare = talk.sock.dup()
        talk.sock = self.tls.wrap_socket(talk.sock, server_side=True,
                                         do_handshake_on_connect=False)
        with bare:
            bare.settimeout(PATIENCE_S)
            try:
                talk.sock.do_handshake()
            except ssl.SSLError:
                bare.shutdown(socket.SHUT_WR)
                while bare.recv(65536):
                    pass
                raise


class HostileServer:
    """All places of one test."""

    def __init__(self):
        self.places, self.closed = {}, False
        self.selector, self.lock = selectors.DefaultSelector(), threading.Lock()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def place(self, name, behaviour=behave, tls=None, mode=None):
        self.places[name] = Place(self, name, behaviour, tls, mode)
        return self.places[name]

    def watch(self, place):
        with self.lock:
            self.selector.register(place.sock, selectors.EVENT_READ, place)

    def suffered(self):
        """The names of the places where a connection is open just now."""
        return {name for name, place in self.places.items() if place.is_open()}

    def heal(self):
        for place in self.places.values():
            place.heal()

    def _serve(self):
        while not self.closed:
            for key, _ in self.selector.select(0.05):
                self._accept(key.data)

    def _accept(self, place):
        try:
            sock, _ = place.sock.accept()
        except OSError:
            return
        talk = Talk(place, sock, len(place.talks) + 1)
        place.talks.append(talk)
        threading.Thread(target=place.run, args=(talk,), daemon=True).start()

    def close(self):
        self.closed = True
        self.thread.join()
        for place in self.places.values():
            place.sock.close()
            for talk in place.talks:
                try:
                    talk.sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
