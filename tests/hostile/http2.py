#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""We speak HTTP/1.1 and offer nothing else, so that frames of HTTP/2 are no answer: neither floods
of them nor well-formed ones, over TLS or in plain."""

import struct
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

import http2_frames as h2  # noqa: E402
from certificates import Authority  # noqa: E402
from hostile_rows import RETRY, TAKEN, Row, run  # noqa: E402
from testcase import expect, main, needs  # noqa: E402
from tls import context  # noqa: E402

UNREADABLE = '0x80072F78'


def word(value):
    return struct.pack('>I', value)


ANSWER = h2.frame(h2.HEADERS, h2.END_HEADERS | h2.END_STREAM, 1, h2.STATUS_200)
HALF = h2.frame(h2.HEADERS, 0, 1, h2.STATUS_200)
MORE = h2.literal('x-header', 'x' * 1000)
# What is said behind the server's SETTINGS, and what is said again and again behind that.
WAYS = [
    ('silent', b'', None),
    ('answer', ANSWER, None),
    ('answer-and-data', h2.frame(h2.HEADERS, h2.END_HEADERS, 1, h2.STATUS_200) +
     h2.frame(h2.DATA, h2.END_STREAM, 1, b'taken'), None),
    ('rst-stream', h2.frame(h2.RST_STREAM, 0, 1, word(2)), None),
    ('rst-refused', h2.frame(h2.RST_STREAM, 0, 1, word(7)), None),
    ('goaway', h2.frame(h2.GOAWAY, 0, 0, word(0) + word(2)), None),
    ('goaway-graceful', h2.frame(h2.GOAWAY, 0, 0, word(0x7fffffff) + word(0)), None),
    ('window-of-zero', h2.settings(INITIAL_WINDOW_SIZE=0), None),
    ('push-promise', h2.frame(h2.PUSH_PROMISE, h2.END_HEADERS, 1, word(2) + b'\x82\x86\x84'), None),
    ('huge-headers', h2.frame(h2.HEADERS, h2.END_HEADERS | h2.END_STREAM, 1,
                              h2.STATUS_200 + MORE * 16), None),
    ('settings-flood', b'', h2.settings() * 100),
    ('ping-flood', b'', h2.frame(h2.PING, 0, 0, bytes(8)) * 100),
    ('window-flood', b'', h2.frame(h2.WINDOW_UPDATE, 0, 0, word(1)) * 500),
    ('priority-flood', b'', h2.frame(2, 0, 1, bytes(5)) * 500),
    ('unknown-flood', b'', h2.frame(0x77, 0, 0, bytes(100)) * 100),
    ('continuation-flood', HALF, h2.frame(h2.CONTINUATION, 0, 1, MORE * 10)),
    ('empty-continuations', HALF, h2.frame(h2.CONTINUATION, 0, 1) * 500),
    ('empty-data', h2.frame(h2.HEADERS, h2.END_HEADERS, 1, h2.STATUS_200),
     h2.frame(h2.DATA, 0, 1) * 500),
    ('garbage', b'x' * 5000, None),
]


def speak(said, again, chosen):
    """Answers the request with frames; notes what TLS agreed upon."""
    def behaviour(talk):
        if hasattr(talk.sock, 'selected_alpn_protocol'):
            chosen.append(talk.sock.selected_alpn_protocol())
        talk.request()
        talk.say(h2.settings() + said)
        while again:
            talk.say(again)
        talk.until_gone()
    return behaviour


def over_tls(build):
    """The server would like h2, and speaks it though it was not agreed upon."""
    needs('openssl')
    chosen = []

    def prepare(world):
        ca = Authority(world.root / 'tls')
        pair = ca.issue('good')
        both, only = context(pair), context(pair)
        both.set_alpn_protocols(['h2', 'http/1.1'])
        only.set_alpn_protocols(['h2'])
        more = {'scheme': 'https', 'lines': f'ca_file = {ca.cert}'}
        rows = [Row(name, speak(said, again, chosen), RETRY, UNREADABLE, tls=only, **more)
                for name, said, again in WAYS]
        rows.append(Row('prefers-h2', noting(chosen), TAKEN, tls=both, **more))
        return rows, both
    run(build, 'HTTP/2 forced over TLS', [], prepare=prepare)
    expect(len(chosen) >= len(WAYS) + 1 and set(chosen) == {None, 'http/1.1'},
           f'ALPN chose {chosen}')


def noting(chosen):
    def behaviour(talk):
        chosen.append(talk.sock.selected_alpn_protocol())
        talk.request()
        talk.answer()
    return behaviour


def upgrade(said, again):
    """As if we had asked for it."""
    def behaviour(talk):
        talk.request()
        talk.say('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n')
        talk.say(h2.settings() + said)
        while again:
            talk.say(again)
    return behaviour


def in_plain(build):
    """The same without TLS, and behind an upgrade that nobody asked for."""
    rows = [Row(name, speak(said, again, []), RETRY, UNREADABLE) for name, said, again in WAYS]
    rows += [Row(f'upgrade-{name}', upgrade(said, again), RETRY, UNREADABLE)
             for name, said, again in WAYS if name in ('answer', 'ping-flood', 'empty-data')]
    run(build, 'HTTP/2 forced in plain', rows)


if __name__ == '__main__':
    main(over_tls, in_plain)
