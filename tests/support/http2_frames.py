# SPDX-License-Identifier: MIT
"""HTTP/2 frames by hand (RFC 9113), for a server that breaks the rules."""

import struct

PREFACE = b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
DATA, HEADERS, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = (
    0, 1, 3, 4, 5, 6, 7, 8, 9)
END_STREAM, ACK, END_HEADERS = 1, 1, 4
INITIAL_WINDOW_SIZE = 4
# HPACK: an indexed field of the static table; 0x88 is ":status: 200".
STATUS_200 = b'\x88'


def frame(kind, flags=0, stream=0, payload=b''):
    return struct.pack('>I', len(payload))[1:] + struct.pack('>BBI', kind, flags, stream) + payload


def settings(**values):
    """A SETTINGS frame; names as the constants here."""
    pairs = ((globals()[name], value) for name, value in values.items())
    return frame(SETTINGS, 0, 0, b''.join(struct.pack('>HI', *pair) for pair in pairs))


def literal(name, value):
    """A header field that is in no table."""
    return b'\0' + _string(name) + _string(value)


def _string(text):
    data = text.encode() if isinstance(text, str) else text
    return _number(len(data), 7) + data


def _number(value, bits):
    limit = (1 << bits) - 1
    if value < limit:
        return bytes([value])
    out, value = [limit], value - limit
    while value >= 128:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def read_frame(talk):
    """(kind, flags, stream, payload) of the next one."""
    head = talk.take(9)
    length = int.from_bytes(head[:3], 'big')
    return head[3], head[4], int.from_bytes(head[5:9], 'big'), talk.take(length)


def read_request(talk):
    """The stream of the next request, read to its end; its body."""
    body, stream = b'', 0
    while True:
        kind, flags, number, payload = read_frame(talk)
        if kind == HEADERS:
            stream = number
        elif kind == DATA:
            body += payload
            talk.say(frame(WINDOW_UPDATE, 0, 0, struct.pack('>I', max(1, len(payload)))))
        elif kind == SETTINGS and not flags & ACK:
            talk.say(frame(SETTINGS, ACK))
        if stream and kind in (HEADERS, DATA) and flags & END_STREAM:
            return stream, body
