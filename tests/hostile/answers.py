#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Words of every kind: statuses, HRESULTs, Retry-After, redirects, bodies that claim too much, and
headers that ask for what nobody does."""

import gzip
import sys
import time
from email.utils import formatdate
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from hostile_rows import DEAD, PERSON, RETRY, TAKEN, Row, run  # noqa: E402
from hostile_server import HostileServer  # noqa: E402
from testcase import expect_equal, main  # noqa: E402

UNREADABLE = '0x80072F78'
YEAR, DAY = 365 * 86400, 86400


def hresult_of(status):
    return f'0x8019{status:04X}'


def word(status, *headers):
    """Answers so once, and properly from then on."""
    def behaviour(talk):
        talk.request()
        if talk.number == 1:
            talk.answer(f'{status} x', *headers)
        else:
            talk.answer()
    return behaviour


def saying(text):
    def behaviour(talk):
        talk.request()
        talk.say(text)
    return behaviour


def says_hresult(*values, status=200):
    return word(status, *(f'CTM-HRESULT:{value}' for value in values))


def statuses():
    """Each status that means something, and some that mean nothing."""
    decisions = {PERSON: (300, 301, 302, 303, 304, 305, 307, 308, 401, 403, 404, 407),
                 DEAD: (400, 410, 413, 422),
                 RETRY: (402, 405, 406, 408, 409, 411, 415, 417, 418, 421, 423, 425, 426, 429, 431,
                         451, 499, 500, 501, 502, 503, 504, 505, 507, 511, 599)}
    rows = [Row(f'status-{status}', word(status), decision, hresult_of(status))
            for decision, several in decisions.items() for status in several]
    rows += [Row(f'status-{status}', word(status), TAKEN) for status in (200, 201, 202, 203, 206,
                                                                         226, 299)]
    rows += [Row(f'status-{status}', saying(f'HTTP/1.1 {status} x\r\n\r\n'), TAKEN)
             for status in (204, 205)]
    for name in ('Basic realm="x"', 'NTLM', 'Negotiate', 'Digest realm="x", nonce="y"',
                 'Bearer', 'NTLM TlRMTVNTUAACAAAA'):
        rows.append(Row(f'401-{len(rows)}', word(401, f'WWW-Authenticate: {name}'), PERSON,
                        hresult_of(401)))
    return rows + [
        Row('407-basic', word(407, 'Proxy-Authenticate: Basic realm="x"'), PERSON, hresult_of(407)),
        Row('status-without-reason', saying('HTTP/1.1 503\r\nContent-Length: 0\r\n\r\n'), RETRY,
            hresult_of(503)),
        Row('reason-with-escapes', saying('HTTP/1.1 503 \x1b[2J\x07\xff\r\n\r\n'), RETRY,
            hresult_of(503)),
        Row('reason-with-nul', saying('HTTP/1.1 200 O\0K\r\n\r\n'), RETRY, UNREADABLE),
    ]


FINAL = ('0x80070057', '0x8007000D', '0x80070490')
PASSING = ('0x80004005', '0x80004004', '0x80070005', '0x8007000E', '0x800706BA', '0x80072EE2',
           '0x80190194', '0x00000001', '0xFFFFFFFF', '0x7FFFFFFF')
MALFORMED = {
    'empty': '', 'only-0x': ' 0x', 'too-long': ' 0x000000000', 'decimal': ' 2147942487',
    'negative': ' -2147024809', 'words': ' S_OK', 'spaces-in-it': ' 0x0000 0000', 'comma': ' 0x0,0x0',
    'quoted': ' "0x00000000"', 'letters': ' 0x0000000G', 'sign': ' +0x0', 'twice-x': ' 0x0x0',
    'zero': ' 0', 'escapes': ' \x1b[31m0x0', 'not-utf-8': ' \xff\xfe', 'long': ' ' + '0' * 4000,
    'vertical-tab': ' \x0b0x00000000',
}


def hresults():
    """CTM-HRESULT: final, passing, unreadable, several."""
    rows = [Row(f'final-{code}', says_hresult(f' {code}'), DEAD, code) for code in FINAL]
    rows += [Row(f'passing-{code}', says_hresult(f' {code}'), RETRY, code) for code in PASSING]
    rows += [Row(f'malformed-{name}', says_hresult(value), RETRY, UNREADABLE)
             for name, value in MALFORMED.items()]
    zero = '0x00000000'
    return rows + [
        Row('zero-with-spaces', says_hresult(f'   {zero} \t '), TAKEN),
        Row('zero-without-space', says_hresult(zero), TAKEN),
        Row('zero-short', says_hresult(' 0x0'), TAKEN),
        Row('lower-case', says_hresult(' 0x8007000d'), DEAD, '0x8007000D'),
        Row('upper-x', says_hresult(' 0X80070057'), DEAD, '0x80070057'),
        Row('twice-the-same', says_hresult(f' {zero}', f' {zero}'), TAKEN),
        Row('twice-different', says_hresult(f' {zero}', ' 0x80070057'), RETRY, UNREADABLE),
        Row('twice-different-too', says_hresult(' 0x80070057', f' {zero}'), RETRY, UNREADABLE),
        Row('nul-in-it', saying(f'HTTP/1.1 200 OK\r\nCTM-HRESULT: {zero}\0x\r\n'
                                'Content-Length: 0\r\n\r\n'), RETRY, UNREADABLE),
        Row('folded', saying('HTTP/1.1 200 OK\r\nCTM-HRESULT:\r\n 0x80070057\r\n'
                             'Content-Length: 0\r\n\r\n'), RETRY, UNREADABLE),
        Row('in-a-hint', saying('HTTP/1.1 103 x\r\nCTM-HRESULT: 0x80070057\r\n\r\n'
                                'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'), TAKEN),
        Row('in-a-trailer', saying('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n'
                                   'CTM-HRESULT: 0x80070057\r\n\r\n'), TAKEN),
        Row('in-the-body', saying('HTTP/1.1 200 OK\r\nContent-Length: 23\r\n\r\n'
                                  'CTM-HRESULT: 0x80070057'), TAKEN),
        Row('beside-503', says_hresult(' 0x80070057', status=503), RETRY, '0x80070057'),
        Row('beside-503-zero', says_hresult(f' {zero}', status=503), RETRY, hresult_of(503)),
        Row('beside-404', says_hresult(' 0x80070490', status=404), PERSON, '0x80070490'),
        Row('beside-410', says_hresult(f' {zero}', status=410), DEAD, hresult_of(410)),
    ]


def waiting(name, value, seconds, status=503, decision=RETRY):
    """One that asks to be tried again after so long; None: what it says counts for nothing."""
    values = value if isinstance(value, tuple) else (value,)
    return Row(name, word(status, *(f'Retry-After: {one}' for one in values)), decision,
               hresult_of(status), retry_after=seconds)


def retry_after():
    """Seconds, dates, and what is neither."""
    now = time.time()
    soon = [Row(f'soon-{number}', word(503, f'Retry-After: {value}'), TAKEN, attempts=2, requests=2)
            for number, value in enumerate(('0', '1', '2', '000'))]
    return soon + [
        waiting('seconds', '900', 900),
        waiting('seconds-429', '1000', 1000, 429),
        waiting('seconds-padded', '  0900  ', 900),
        waiting('a-year', str(YEAR), DAY),
        waiting('a-day-and-one', '86401', DAY),
        waiting('huge', '9' * 60, DAY),
        waiting('too-long-a-number', '9' * 400, None),
        waiting('negative', '-900', None),
        waiting('fraction', '900.5', None),
        waiting('with-unit', '900s', None),
        waiting('words', 'later', None),
        waiting('hexadecimal', '0x900', None),
        waiting('empty', '', None),
        waiting('date', formatdate(now + 3600, usegmt=True), 3600),
        waiting('date-past', formatdate(now - 3600, usegmt=True), None),
        waiting('date-1970', 'Thu, 01 Jan 1970 00:00:00 GMT', None),
        waiting('date-a-year', formatdate(now + YEAR, usegmt=True), DAY),
        waiting('date-9999', 'Fri, 31 Dec 9999 23:59:59 GMT', DAY),
        waiting('date-that-is-none', 'Xyz, 99 Foo 2026 99:99:99 GMT', None),
        waiting('date-almost', 'Mon, 99 Foo 2026 99:99:99 GMT', None),
        waiting('twice', ('900', '1800'), 1800),
        waiting('for-a-person', '900', 900, 404, PERSON),
        waiting('redirect', '900', 900, 302, PERSON),
        Row('refused-for-good', word(410, 'Retry-After: 900'), DEAD, hresult_of(410)),
        Row('beside-an-hresult', word(200, 'CTM-HRESULT: 0x800706BA', 'Retry-After: 900'), RETRY,
            '0x800706BA', retry_after=900),
    ]


def redirects(build):
    """To elsewhere, to itself, to a file, to a socket: none is followed, nothing reaches the
    place that they lead to."""
    elsewhere = HostileServer()
    target = elsewhere.place('elsewhere')
    places = {'elsewhere': target.url(), 'other-host': target.url(host='localhost'),
              'itself': '/notify', 'relative': 'other', 'scheme-relative':
              f'//127.0.0.1:{target.port}/x', 'file': 'file:///etc/hostname',
              'socket': 'unix:/run/ctm.sock', 'gopher': f'gopher://127.0.0.1:{target.port}/_x',
              'injected': f'{target.url()}\nX-Header: x', 'nothing': '', 'long': 'x' * 50000}
    rows = [Row(f'{status}-{name}', word(status, f'Location: {place}'), PERSON, hresult_of(status))
            for status in (301, 302, 303, 307, 308) for name, place in places.items()]
    others = {'refresh': f'Refresh: 0; url={target.url()}', 'location': f'Location: {target.url()}',
              'link': f'Link: <{target.url()}>; rel=preload', 'alt-svc':
              f'Alt-Svc: http/1.1="127.0.0.1:{target.port}"; ma=86400', 'hsts':
              'Strict-Transport-Security: max-age=31536000; includeSubDomains'}
    rows += [Row(f'taken-{name}', word(200, line), TAKEN) for name, line in others.items()]
    rows += [Row(f'busy-{name}', word(503, line), RETRY, hresult_of(503))
             for name, line in others.items()]
    try:
        run(build, 'redirects', rows)
        expect_equal(target.requests, [], 'requests elsewhere')
        expect_equal(len(target.talks), 0, 'connections elsewhere')
    finally:
        elsewhere.close()


def body(headers, data=b'', then=None):
    def behaviour(talk):
        talk.request()
        talk.say('HTTP/1.1 200 OK\r\n' + ''.join(f'{line}\r\n' for line in headers) + '\r\n')
        talk.say(data)
        while then:
            talk.say(then)
    return behaviour


def bodies():
    """Bombs, lengths that contradict, and codings that nobody asked for."""
    bomb = gzip.compress(bytes(64 << 20), 9)
    chunked = 'Transfer-Encoding: chunked'
    in_chunks = b'%x\r\n' % len(bomb) + bomb + b'\r\n0\r\n\r\n'
    length = f'Content-Length: {len(bomb)}'
    return [
        Row('gzip-bomb', body(['Content-Encoding: gzip', length], bomb), TAKEN),
        Row('gzip-bomb-twice', body(['Content-Encoding: gzip, gzip', length], bomb), TAKEN),
        Row('gzip-bomb-transfer', body(['Transfer-Encoding: gzip'], bomb), TAKEN),
        Row('gzip-bomb-chunked', body(['Transfer-Encoding: gzip, chunked'], in_chunks), TAKEN),
        Row('many-codings', body(['Transfer-Encoding: ' + ', '.join(['gzip'] * 40)], bomb), RETRY,
            UNREADABLE),
        Row('br', body(['Content-Encoding: br', 'Content-Length: 4'], b'nope'), TAKEN),
        Row('unknown-coding', body(['Transfer-Encoding: bogus', 'Content-Length: 4'], b'nope'),
            TAKEN),
        Row('chunked-and-length', body([chunked, 'Content-Length: 3'], b'5\r\nhello\r\n0\r\n\r\n'),
            TAKEN),
        Row('length-and-chunked', body(['Content-Length: 3', chunked], b'5\r\nhello\r\n0\r\n\r\n'),
            TAKEN),
        Row('length-negative', body(['Content-Length: -1'], b'x'), RETRY, UNREADABLE),
        Row('length-of-words', body(['Content-Length: ten'], b'x'), RETRY, UNREADABLE),
        Row('length-twice', body(['Content-Length: 1', 'Content-Length: 5'], b'x'),
            TAKEN),
        Row('length-too-large', body(['Content-Length: 99999999999999999999999'], b'x'), TAKEN),
        Row('length-almost', body([f'Content-Length: {(1 << 63) - 1}'], b'x'), TAKEN),
        Row('chunk-too-large', body([chunked], b'ffffffffffffffff\r\nx'), TAKEN),
        Row('chunk-overflow', body([chunked], b'1' + b'0' * 40 + b'\r\nx'), TAKEN),
        Row('chunk-negative', body([chunked], b'-1\r\nx'), TAKEN),
        Row('chunk-of-words', body([chunked], b'xyz\r\nx'), TAKEN),
        Row('body-behind-204', saying('HTTP/1.1 204 x\r\nContent-Length: 5\r\n\r\nhello'), TAKEN),
        Row('answer-behind-answer', saying('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'
                                           'HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n'), TAKEN),
        Row('refusal-then-answer', saying('HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n'
                                          'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'), RETRY,
            hresult_of(503)),
        Row('cookies', word(503, *(f'Set-Cookie: a{number}=b; Path=/' for number in range(500))),
            RETRY, hresult_of(503)),
        Row('upgrade', word(426, 'Upgrade: TLS/1.0, h2c', 'Connection: Upgrade'), RETRY,
            hresult_of(426)),
        Row('keep-alive', word(200, 'Connection: keep-alive', 'Keep-Alive: timeout=9999999'), TAKEN),
        Row('headers-with-escapes', word(200, 'X-A: \x1b[2J', '\x1b]0;x\x07: y'), TAKEN),
        Row('header-without-colon', word(200, 'no colon'), RETRY, UNREADABLE),
        Row('just-fits', word(200, *(['X-Header: ' + 'x' * 1000] * 60)), TAKEN),
        Row('early', early('200 x'), TAKEN, requests=0, client_data='x' * 60000),
        Row('early-refusal', early('503 x'), RETRY, hresult_of(503), requests=0,
            client_data='x' * 60000),
        Row('slow-reader', slow_reader, TAKEN, client_data='x' * 60000),
        Row('never-reads', never_reads, RETRY, '0x80072EE2', requests=0,
            client_data='\u20ac' * 20000),
    ]


def early(status):
    """Answers before the request is read."""
    def behaviour(talk):
        talk.answer(status)
        talk.take(60000)
    return behaviour


def slow_reader(talk):
    """A few bytes at a time: the request is taken slowly, but within the time."""
    while len(talk.buffer) < 60000:
        talk.buffer += talk.sock.recv(1000)
        time.sleep(0.005)
    talk.request()
    talk.answer()


def never_reads(talk):
    time.sleep(6)


def all_statuses(build):
    """Statuses of each class."""
    run(build, 'statuses', statuses())


def all_hresults(build):
    """CTM's own words, and what can't be read as such."""
    run(build, 'HRESULTs', hresults())


def all_retry_afters(build):
    """When to come back."""
    run(build, 'Retry-After', retry_after())


def all_bodies(build):
    """Bodies, lengths and headers."""
    run(build, 'bodies', bodies())


if __name__ == '__main__':
    main(all_statuses, all_hresults, all_retry_afters, redirects, all_bodies)
