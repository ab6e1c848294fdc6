#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""An endpoint that is away, silent, slow, endless, cut off, or speaks something else."""

import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from hostile_rows import PERSON, RETRY, TAKEN, Row, run  # noqa: E402
from hostile_server import DROPS, IGNORES, REFUSES  # noqa: E402
from testcase import main  # noqa: E402

TIMEOUT, UNREADABLE = '0x80072EE2', '0x80072F78'
BROKE, REFUSED, SHORT = '0x80072EFE', '0x80072EFD', '0x80070026'
OK = 'HTTP/1.1 200 OK\r\n'
GIB = 1 << 30


def saying(text, then=None):
    """Reads the request, says the text, and does the rest with the talk."""
    def behaviour(talk):
        talk.request()
        talk.say(text)
        if then:
            then(talk)
    return behaviour


def again(text, pause=0.0):
    return lambda talk: talk.repeat(text, pause)


def slowly(text, pause=0.2):
    return lambda talk: talk.trickle(text.encode(), pause)


def silent(talk):
    talk.request()
    talk.until_gone()


def greeting(text):
    """Speaks first, as other protocols do."""
    def behaviour(talk):
        talk.say(text)
        talk.request()
    return behaviour


def reset_after_request(talk):
    talk.request()
    talk.reset()


def reset_in(text):
    return saying(text, lambda talk: talk.reset())


def reset_in_request(talk):
    talk.take(100)
    talk.reset()


def close_in_request(talk):
    talk.take(100)


def reset_at_once(talk):
    talk.reset()


AWAY = [
    Row('refused', None, RETRY, REFUSED, mode=REFUSES, requests=0),
    Row('nobody-accepts', None, RETRY, TIMEOUT, mode=IGNORES, requests=0, late=1),
    Row('syn-unanswered', None, RETRY, TIMEOUT, mode=DROPS, requests=0,
        lines='connect_timeout = 1s\ntimeout = 10s'),
    Row('no-such-name', None, RETRY, '0x80072EE7', requests=0, host='no-such-name.invalid',
        healed_host='127.0.0.1', lines='insecure = yes'),
    Row('no-such-socket', None, RETRY, REFUSED, requests=0,
        lines='socket = /nonexistent/socket', healed_lines=''),
    Row('reset-at-once', reset_at_once, RETRY, (BROKE, REFUSED), requests=0),
    Row('reset-in-request', reset_in_request, RETRY, BROKE, requests=0),
    Row('closed-in-request', close_in_request, RETRY, (BROKE, UNREADABLE), requests=0,
        client_data='x' * 60000),
    Row('reset-after-request', reset_after_request, RETRY, BROKE),
    Row('closed-after-request', saying(''), RETRY, UNREADABLE),
    Row('silent', silent, RETRY, TIMEOUT),
]

SLOW = [
    Row('slow-status', saying('', slowly('HTTP/1.1 200 OK and so on, for ever')), RETRY, TIMEOUT),
    Row('slow-headers', saying(OK, slowly('X-Header: abcdefghijklmnopqrst')), RETRY, TIMEOUT),
    Row('slow-hints', saying('', again('HTTP/1.1 102 Processing\r\n\r\n', 0.2)), RETRY, TIMEOUT),
    Row('slow-body', saying(OK + 'Content-Length: 30\r\n\r\n', slowly('a' * 30)), TAKEN),
    Row('slow-error', saying('HTTP/1.1 503 x\r\nRetry-After: 900\r\nContent-Length: 30\r\n\r\n',
                             slowly('a' * 30)), RETRY, '0x801901F7', retry_after=900),
    Row('slow-chunks', saying(OK + 'Transfer-Encoding: chunked\r\n\r\n', slowly('1\r\na\r\n' * 9)),
        TAKEN),
    Row('slow-trailer', saying(OK + 'Transfer-Encoding: chunked\r\n\r\n0\r\n',
                               slowly('X-Trailer: and so on')), TAKEN),
]

ENDLESS = [
    Row('one-endless-header', saying(OK + 'X-Header: ', again('x' * 4096)), RETRY, UNREADABLE),
    Row('endless-name', saying(OK, again('x' * 4096)), RETRY, UNREADABLE),
    Row('endless-headers', saying(OK, again('X-Header: x\r\n' * 100)), RETRY, UNREADABLE),
    Row('endless-folding', saying(OK + 'X-Header: x\r\n', again(' folded\r\n' * 100)), RETRY,
        UNREADABLE),
    Row('endless-status', saying('HTTP/1.1 200 ', again('x' * 4096)), RETRY, UNREADABLE),
    Row('endless-100', saying('', again('HTTP/1.1 100 Continue\r\n\r\n' * 50)), RETRY, UNREADABLE),
    Row('endless-102', saying('', again('HTTP/1.1 102 Processing\r\n\r\n' * 50)), RETRY,
        UNREADABLE),
    Row('endless-103', saying('', again('HTTP/1.1 103 Hints\r\nLink: </x>\r\n\r\n' * 50)), RETRY,
        UNREADABLE),
    Row('endless-body', saying(OK + '\r\n', again('x' * 65536)), TAKEN),
    Row('endless-refusal', saying('HTTP/1.1 503 x\r\n\r\n', again('x' * 65536)), RETRY,
        '0x801901F7'),
    Row('a-gibibyte', saying(OK + f'Content-Length: {GIB}\r\n\r\n', again('x' * 65536)), TAKEN),
    Row('a-gibibyte-unsent', saying(OK + f'Content-Length: {GIB}\r\n\r\n',
                                    lambda talk: talk.until_gone()), TAKEN),
    Row('endless-chunks', saying(OK + 'Transfer-Encoding: chunked\r\n\r\n',
                                 again('5\r\nhello\r\n' * 100)), TAKEN),
    Row('endless-chunk-size', saying(OK + 'Transfer-Encoding: chunked\r\n\r\n', again('0' * 4096)),
        TAKEN),
    Row('endless-extension', saying(OK + 'Transfer-Encoding: chunked\r\n\r\n5;',
                                    again('x' * 4096)), TAKEN),
    Row('endless-trailers', saying(OK + 'Transfer-Encoding: chunked\r\n\r\n0\r\n',
                                   again('X-Trailer: x\r\n' * 100)), TAKEN),
    Row('endless-nothing', saying('', again('\r\n' * 100)), RETRY, UNREADABLE),
    Row('endless-zeros', saying('', again(b'\0' * 4096)), RETRY, UNREADABLE),
]

CUT = [
    Row('cut-in-version', saying('HTT'), RETRY, UNREADABLE),
    Row('cut-in-status', saying('HTTP/1.1 2'), RETRY, UNREADABLE),
    Row('cut-after-status', saying('HTTP/1.1 200'), RETRY, UNREADABLE),
    Row('cut-after-line', saying(OK), RETRY, UNREADABLE),
    Row('cut-in-header', saying(OK + 'Content-Le'), RETRY, UNREADABLE),
    Row('cut-before-blank', saying(OK + 'Content-Length: 0\r\n'), RETRY, UNREADABLE),
    Row('cut-after-hint', saying('HTTP/1.1 103 Hints\r\n\r\n'), RETRY, UNREADABLE),
    Row('cut-in-body', saying(OK + 'Content-Length: 10\r\n\r\nhalf'), TAKEN),
    Row('cut-in-refusal', saying('HTTP/1.1 422 x\r\nContent-Length: 10\r\n\r\nhalf'), 'dead',
        '0x801901A6'),
    Row('cut-in-chunk-size', saying(OK + 'Transfer-Encoding: chunked\r\n\r\n1'), TAKEN),
    Row('cut-in-chunk', saying(OK + 'Transfer-Encoding: chunked\r\n\r\n5\r\nhe'), TAKEN),
    Row('cut-in-trailer', saying(OK + 'Transfer-Encoding: chunked\r\n\r\n0\r\nX-Tr'), TAKEN),
    Row('reset-in-status', reset_in('HTTP/1.1 2'), RETRY, BROKE),
    Row('reset-in-header', reset_in(OK + 'Content-Le'), RETRY, BROKE),
    Row('reset-in-body', reset_in(OK + 'Content-Length: 10\r\n\r\nhalf'), TAKEN),
]

OTHER = [
    Row('ssh', greeting('SSH-2.0-OpenSSH_9.2\r\n'), RETRY, UNREADABLE),
    Row('smtp', greeting('220 mail.example ESMTP\r\n'), RETRY, UNREADABLE),
    Row('ftp', greeting('220 (vsFTPd 3.0.3)\r\n'), RETRY, UNREADABLE),
    Row('tls-alert', saying(b'\x15\x03\x03\x00\x02\x02\x46'), RETRY, UNREADABLE),
    Row('http-0.9', saying('<html>taken</html>\n'), RETRY, UNREADABLE),
    Row('json', saying('{"status": 200}\n'), RETRY, UNREADABLE),
    Row('http-1.0', saying('HTTP/1.0 200 OK\r\n\r\ntaken'), TAKEN),
    Row('http-1.0-refusal', saying('HTTP/1.0 404 Not Found\r\n\r\nno'), PERSON, '0x80190194'),
    Row('http-3.0', saying('HTTP/3.0 200 OK\r\n\r\n'), RETRY, UNREADABLE),
    Row('http-9.9', saying('HTTP/9.9 200 OK\r\n\r\n'), RETRY, UNREADABLE),
    Row('http-2-in-plain', saying('HTTP/2 200\r\n\r\n'), RETRY, UNREADABLE),
    Row('rtsp', saying('RTSP/1.0 200 OK\r\n\r\n'), RETRY, UNREADABLE),
    Row('icy', saying('ICY 200 OK\r\n\r\n'), RETRY, UNREADABLE),
    Row('lower-case', saying('http/1.1 200 ok\r\n\r\n'), TAKEN),
    Row('only-line-feeds', saying('HTTP/1.1 200 OK\nContent-Length: 0\n\n'), TAKEN),
    Row('status-missing', saying('HTTP/1.1 OK\r\n\r\n'), RETRY, UNREADABLE),
    Row('status-of-words', saying('HTTP/1.1 two hundred\r\n\r\n'), RETRY, UNREADABLE),
    Row('status-000', saying('HTTP/1.1 000 x\r\n\r\n'), RETRY, UNREADABLE),
    Row('status-42', saying('HTTP/1.1 42 x\r\n\r\n'), RETRY, UNREADABLE),
    Row('status-099', saying('HTTP/1.1 099 x\r\n\r\n'), RETRY, UNREADABLE),
    Row('status-600', saying('HTTP/1.1 600 x\r\n\r\n'), RETRY, UNREADABLE),
    Row('status-999', saying('HTTP/1.1 999 x\r\n\r\n'), RETRY, UNREADABLE),
    Row('status-2000', saying('HTTP/1.1 2000 OK\r\n\r\n'), RETRY, UNREADABLE),
    Row('status-200x', saying('HTTP/1.1 200x OK\r\n\r\n'), RETRY, UNREADABLE),
    Row('status-negative', saying('HTTP/1.1 -200 OK\r\n\r\n'), RETRY, UNREADABLE),
    Row('status-spaced', saying('HTTP/1.1  200 OK\r\n\r\n'), RETRY, UNREADABLE),
    Row('status-101', saying('HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n'
                             'Connection: Upgrade\r\n\r\n'), RETRY, UNREADABLE),
    Row('two-status-lines', saying('HTTP/1.1 200 OK\r\nHTTP/1.1 503 x\r\n\r\n'), RETRY, UNREADABLE),
    Row('two-words', saying('HTTP/1.1 503 x\r\nHTTP/1.1 200 OK\r\n\r\n'), RETRY, UNREADABLE),
]


def away_and_slow(build):
    """Nobody there, nobody who answers, and answers by the byte."""
    run(build, 'away, slow', AWAY + SLOW)


def endless(build):
    """Headers, hints, bodies and chunks without end; a body of a GiB."""
    run(build, 'endless', ENDLESS)


def cut_off(build):
    """Answers that end too early, at each of their parts."""
    run(build, 'cut off', CUT)


def other_protocols(build):
    """Other protocols, other versions, and a status that is none."""
    run(build, 'other protocols', OTHER)


if __name__ == '__main__':
    main(away_and_slow, endless, cut_off, other_protocols)
