#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A proxy that misbehaves, before a tunnel and instead of one: it never speaks for CTM."""

import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from certificates import Authority  # noqa: E402
from hostile_rows import DEAD, PERSON, RETRY, TAKEN, Row, run  # noqa: E402
from hostile_server import REFUSES  # noqa: E402
from testcase import expect, main, needs  # noqa: E402
from tls import context  # noqa: E402

UNREADABLE, TIMEOUT, CHANNEL = '0x80072F78', '0x80072EE2', '0x80072F7D'
BROKE, REFUSED, UNRESOLVED = '0x80072EFE', '0x80072EFD', '0x80072EE7'


def hresult_of(status):
    return f'0x8019{status:04X}'


def tunnel(text, then=None):
    """Reads the CONNECT, says the text, and does the rest."""
    def behaviour(talk):
        line, _ = talk.head()
        expect(line.startswith('CONNECT ctm.example:'), line)
        talk.say(text)
        if then:
            then(talk)
        else:
            talk.sock.shutdown(1)
            talk.until_gone()
    return behaviour


def refusing(status, *headers):
    return tunnel('\r\n'.join([f'HTTP/1.1 {status} x', 'Content-Length: 0', *headers, '', '']))


def again(text):
    return lambda talk: talk.repeat(text)


def until_gone(talk):
    talk.until_gone()


OPEN = 'HTTP/1.1 200 Connection established\r\n\r\n'
TUNNELS = [
    *[(f'status-{status}', refusing(status), PERSON if status in (302, 401, 403, 404, 407)
       else RETRY, hresult_of(status))
      for status in (302, 400, 401, 403, 404, 407, 410, 413, 422, 429, 500, 502, 503, 504)],
    ('407-basic', refusing(407, 'Proxy-Authenticate: Basic realm="x"'), PERSON, hresult_of(407)),
    ('407-ntlm', refusing(407, 'Proxy-Authenticate: NTLM'), PERSON, hresult_of(407)),
    ('407-negotiate', refusing(407, 'Proxy-Authenticate: Negotiate'), PERSON, hresult_of(407)),
    ('407-body', tunnel('HTTP/1.1 407 x\r\nContent-Length: 1073741824\r\n\r\n', again('x' * 65536)),
     PERSON, hresult_of(407)),
    ('502-chunked', tunnel('HTTP/1.1 502 x\r\nTransfer-Encoding: chunked\r\n\r\n',
                           again('5\r\nhello\r\n' * 1000)), RETRY, hresult_of(502)),
    ('502-chunk', tunnel('HTTP/1.1 502 x\r\nTransfer-Encoding: chunked\r\n\r\n',
                         again('0' * 4096)), RETRY, hresult_of(502)),
    ('503-until-close', tunnel('HTTP/1.1 503 x\r\n\r\n', again('x' * 65536)), RETRY, hresult_of(503)),
    ('503-hresult', refusing(503, 'CTM-HRESULT: 0x80070057'), RETRY, hresult_of(503)),
    ('silent', tunnel('', until_gone), RETRY, TIMEOUT),
    ('closed', tunnel(''), RETRY, (BROKE, UNREADABLE)),
    ('cut-in-status', tunnel('HTTP/1.1 20'), RETRY, (BROKE, UNREADABLE)),
    ('cut-in-headers', tunnel('HTTP/1.1 200 x\r\nX-A'), RETRY, (BROKE, UNREADABLE)),
    ('garbage', tunnel('SSH-2.0-OpenSSH_9.2\r\n\r\n'), RETRY, (BROKE, UNREADABLE, CHANNEL)),
    ('endless-headers', tunnel('HTTP/1.1 200 x\r\n', again('X-Header: x\r\n' * 100)), RETRY,
     (BROKE, UNREADABLE)),
    ('endless-line', tunnel('HTTP/1.1 200 x\r\nX-Header: ', again('x' * 4096)), RETRY,
     (BROKE, UNREADABLE)),
    ('endless-hints', tunnel('', again('HTTP/1.1 103 x\r\n\r\n' * 50)), RETRY,
     (BROKE, UNREADABLE)),
    ('open-then-silent', tunnel(OPEN, until_gone), RETRY, TIMEOUT),
    ('open-then-closed', tunnel(OPEN), RETRY, (CHANNEL, BROKE)),
    ('open-then-plain', tunnel(OPEN + 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'), RETRY, CHANNEL),
    ('answers-itself', tunnel('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nCTM-HRESULT: 0x00000000\r\n\r\n'),
     RETRY, (CHANNEL, BROKE)),
]


def before_tls(build):
    """The endpoint is https: whatever the proxy says, no message is given to it."""
    needs('openssl')

    def prepare(world):
        ca = Authority(world.root / 'tls')
        good = context(ca.issue('good'))
        trust = f'ca_file = {ca.cert}'
        rows = [Row(name, behaviour, decision, hresult, host='ctm.example', requests=0,
                    scheme='https', healed_host='127.0.0.1', healed_lines=trust, tls=None,
                    lines=through(trust)) for name, behaviour, decision, hresult in TUNNELS]
        rows.append(Row('proxy-refused', None, RETRY, REFUSED, scheme='https', host='ctm.example',
                        lines=through(trust), requests=0, mode=REFUSES, healed_host='127.0.0.1',
                        healed_lines=trust))
        rows.append(Row('proxy-unknown', None, RETRY, UNRESOLVED, scheme='https', host='ctm.example',
                        lines=f'{trust}\nproxy = http://no-such-proxy.invalid:3128', requests=0,
                        healed_host='127.0.0.1', healed_lines=trust))
        return rows, good
    run(build, 'proxies before TLS', [], prepare=prepare)


def through(lines=''):
    return lambda place: f'{lines}\nproxy = http://127.0.0.1:{place.port}'


def plain(status, *headers):
    def behaviour(talk):
        talk.request()
        talk.answer(f'{status} x', *headers)
    return behaviour


def in_plain(build):
    """The endpoint is http, which a proxy can speak for in all things."""
    answers = [(407, PERSON), (502, RETRY), (504, RETRY), (403, PERSON), (302, PERSON), (400, DEAD)]
    more = {'host': 'ctm.example', 'healed_host': '127.0.0.1', 'healed_lines': '',
            'lines': through('insecure = yes'), 'allowed': ('proxy-connection',)}
    rows = [Row(f'status-{status}', plain(status), decision, hresult_of(status), **more)
            for status, decision in answers]
    rows += [
        Row('407-basic', plain(407, 'Proxy-Authenticate: Basic realm="x"'), PERSON, hresult_of(407),
            **more),
        Row('taken', plain(200), TAKEN, **more),
        Row('silent', lambda talk: (talk.request(), talk.until_gone()), RETRY, TIMEOUT, **more),
        Row('garbage', lambda talk: (talk.request(), talk.say('what?\r\n')), RETRY, UNREADABLE,
            **more),
    ]
    run(build, 'proxies in plain', rows)


if __name__ == '__main__':
    main(before_tls, in_plain)
