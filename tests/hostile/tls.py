#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""An endpoint with bad TLS of each kind: what does not prove who it is gets no message."""

import socket
import ssl
import sys
import time
import warnings
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from certificates import CA, LEAF, Authority, days  # noqa: E402
from hostile_rows import RETRY, TAKEN, Row, run  # noqa: E402
from hostile_server import behave  # noqa: E402
from testcase import main, needs  # noqa: E402

DATE, NAME, AUTHORITY = '0x80072F05', '0x80072F06', '0x80072F0D'
CLIENT, CHANNEL, FAILURE = '0x80072F0C', '0x80072F7D', '0x80072F8F'
BROKE, TIMEOUT = '0x80072EFE', '0x80072EE2'
ALERT = b'\x15\x03\x03\x00\x02\x02'  # fatal; its description follows
NUL_NAME = 'DER:' + ':'.join(f'{byte:02x}' for byte in
                             b'\x30\x19\x82\x17localhost\x00.evil.example')


def context(pair, lowest=None, highest=None, ciphers=None, client_ca=None):
    """What a server speaks TLS with."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')  # of old versions
        if lowest:
            made.minimum_version = lowest
        if highest:
            made.maximum_version = highest
    if ciphers:
        made.set_ciphers(ciphers)
    if client_ca:
        made.load_verify_locations(client_ca)
        made.verify_mode = ssl.CERT_REQUIRED
    made.load_cert_chain(pair.cert, pair.key)
    return made


def flight(talk, tls):
    """What the server says first of all, whole."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = tls.wrap_bio(incoming, outgoing, server_side=True)
    while True:
        talk.read()
        incoming.write(talk.buffer)
        talk.buffer = b''
        try:
            server.do_handshake()
        except ssl.SSLWantReadError:
            pass
        if outgoing.pending:
            return outgoing.read()


def cut_handshake(tls, part):
    """Closes after this part, from 0 to 1, of its first flight."""
    def behaviour(talk):
        said = flight(talk, tls)
        talk.say(said[:int(len(said) * part)])
        talk.sock.shutdown(socket.SHUT_WR)
        talk.until_gone()
    return behaviour


def stalled_handshake(tls, part):
    def behaviour(talk):
        said = flight(talk, tls)
        talk.say(said[:int(len(said) * part)])
        talk.until_gone()
    return behaviour


def slow_handshake(tls):
    return lambda talk: talk.trickle(flight(talk, tls), 0.05)


def spoilt_handshake(tls):
    """One bit is wrong, late in the flight."""
    def behaviour(talk):
        said = bytearray(flight(talk, tls))
        said[-10] ^= 1
        talk.say(bytes(said))
        talk.until_gone()
    return behaviour


def raw(*parts):
    """Reads the first bytes, and says these."""
    def behaviour(talk):
        talk.read()
        for part in parts:
            talk.say(part)
        talk.sock.shutdown(socket.SHUT_WR)
        talk.until_gone()
    return behaviour


def endless(data):
    def behaviour(talk):
        talk.read()
        talk.repeat(data)
    return behaviour


def silent(talk):
    talk.until_gone()


def plain(data):
    """Spoils an established connection: bytes past TLS."""
    def behaviour(talk):
        talk.request()
        raw_socket = socket.socket(fileno=talk.sock.detach())
        raw_socket.sendall(data)
        raw_socket.shutdown(socket.SHUT_WR)
        time.sleep(0.2)
        raw_socket.close()
    return behaviour


def certificates(ca, directory):
    """[(name, pair, HRESULT)], all refused; and the good one."""
    other = Authority(directory / 'other', 'other authority')
    no_ca = ca.issue('no-ca', None, 'basicConstraints=CA:FALSE\n')
    no_sign = ca.issue('no-sign', None, 'basicConstraints=CA:TRUE\nkeyUsage=cRLSign\n')
    middle = ca.issue('middle', None, CA)
    rsa = ca.issue('rsa', None, CA, rsa_bits=2048)
    unsent = ca.issue('unsent', issuer=middle)
    unsent.cert.write_text(unsent.cert.read_text().split('-----END')[0] +
                           '-----END CERTIFICATE-----\n')
    client_only = 'basicConstraints=CA:FALSE\nextendedKeyUsage=clientAuth\n'
    signs_only = 'basicConstraints=CA:FALSE\nkeyUsage=critical,keyCertSign\n'
    return [
        ('expired', ca.issue('expired', dates=days(2020, 2021)), DATE),
        ('not-yet-valid', ca.issue('future', dates=days(2046, 2047)), DATE),
        ('wrong-name', ca.issue('named', 'DNS:elsewhere.example'), NAME),
        ('wrong-address', ca.issue('addressed', 'IP:127.0.0.2'), NAME),
        ('wildcard-address', ca.issue('wildcard', 'DNS:*.0.0.1,DNS:*'), NAME),
        ('nul-in-name', ca.issue('nul', NUL_NAME), NAME),
        ('self-signed', ca.self_signed('self'), AUTHORITY),
        ('unknown-authority', other.issue('stranger'), AUTHORITY),
        ('middle-not-sent', unsent, AUTHORITY),
        ('signed-by-no-ca', ca.issue('by-no-ca', issuer=no_ca), AUTHORITY),
        ('signer-may-not', ca.issue('by-no-sign', issuer=no_sign), AUTHORITY),
        ('for-clients-only', ca.issue('client-only', extensions=client_only), FAILURE),
        ('for-signing-only', ca.issue('signs-only', extensions=signs_only), FAILURE),
        ('sha1', ca.issue('sha1', digest='sha1'), FAILURE),
        ('md5', ca.issue('md5', digest='md5', issuer=rsa), FAILURE),
        ('rsa-1024', ca.issue('short', rsa_bits=1024), FAILURE),
    ]


def bad_certificates(build):
    """Dates, names, authorities, purposes, weak digests and keys."""
    needs('openssl')

    def prepare(world):
        ca = Authority(world.root / 'tls')
        good = context(ca.issue('good'))
        trust = f'ca_file = {ca.cert}'
        rows = [Row('good-certificate', behave, TAKEN, scheme='https', tls=good, lines=trust),
                Row('no-ca-file', behave, RETRY, AUTHORITY, scheme='https', tls=good,
                    healed_lines=trust, requests=0)]
        for name, pair, hresult in certificates(ca, world.root):
            host = 'localhost' if 'nul' in name else '127.0.0.1'
            rows.append(Row(name, behave, RETRY, hresult, scheme='https', host=host, lines=trust,
                            requests=0, tls=context(pair, ciphers='ALL:@SECLEVEL=0')))
        return rows, good
    run(build, 'bad certificates', [], prepare=prepare)


def old_rows(good, pair, client_ca, identity):
    """Versions and ciphers that are too old, and a client's certificate that nobody has."""
    old, tickets = ssl.TLSVersion, context(pair)
    tickets.num_tickets = 1000000
    return [
        ('endless-tickets', behave, TIMEOUT, {'tls': tickets}),
        ('tls-1.0', behave, CHANNEL, {'tls': context(pair, old.TLSv1, old.TLSv1,
                                                     'ALL:@SECLEVEL=0')}),
        ('tls-1.1', behave, CHANNEL, {'tls': context(pair, old.TLSv1_1, old.TLSv1_1,
                                                     'ALL:@SECLEVEL=0')}),
        ('no-common-cipher', behave, CHANNEL, {'tls': context(
            pair, old.TLSv1_2, old.TLSv1_2, 'aNULL:eNULL:@SECLEVEL=0')}),
        # Before TLS 1.3 it says no more than that it does not like the handshake.
        ('client-wanted-1.2', behave, CHANNEL, {'tls': context(
            pair, old.TLSv1_2, old.TLSv1_2, client_ca=client_ca)}),
        ('client-wanted-1.3', behave, CLIENT, {'tls': context(pair, client_ca=client_ca)}),
        ('client-unknown', behave, CLIENT, {'tls': context(pair, client_ca=client_ca),
                                            'lines': identity}),
        ('plain-http', raw('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'), CHANNEL, {}),
        ('ssh', raw('SSH-2.0-OpenSSH_9.2\r\n'), CHANNEL, {}),
        ('zeros', endless(b'\0' * 4096), CHANNEL, {}),
        ('silent', silent, TIMEOUT, {}),
        ('closed-at-once', lambda talk: None, (CHANNEL, BROKE), {}),
        ('reset-at-hello', lambda talk: (talk.read(), talk.reset()), (CHANNEL, BROKE), {}),
        ('alert-handshake-failure', raw(ALERT + b'\x28'), CHANNEL, {}),
        ('alert-internal-error', raw(ALERT + b'\x50'), CHANNEL, {}),
        ('alert-unrecognized-name', raw(ALERT + b'\x70'), CHANNEL, {}),
        ('alert-close-notify', raw(b'\x15\x03\x03\x00\x02\x01\x00'), CHANNEL, {}),
        ('endless-warnings', endless(b'\x15\x03\x03\x00\x02\x01\x5a' * 500), CHANNEL, {}),
        ('empty-records', endless(b'\x16\x03\x03\x00\x00' * 800), CHANNEL, {}),
        ('longest-message', endless(b'\x16\x03\x03\x40\x00\x02\xff\xff\xff' + bytes(16380)),
         CHANNEL, {}),
        ('spoilt-flight', spoilt_handshake(good), CHANNEL, {}),
        ('slow-handshake', slow_handshake(good), TIMEOUT, {}),
        *[(f'cut-at-{part}', cut_handshake(good, part), CHANNEL, {})
          for part in (0.001, 0.01, 0.1, 0.5, 0.999)],
        *[(f'stalled-at-{part}', stalled_handshake(good, part), TIMEOUT, {})
          for part in (0.001, 0.5, 0.999)],
    ]


def bad_handshakes(build):
    """Old versions, other protocols, alerts, and handshakes that are cut, stall or never end."""
    needs('openssl')

    def prepare(world):
        ca = Authority(world.root / 'tls')
        pair = ca.issue('good')
        good, trust = context(pair), f'ca_file = {ca.cert}'
        stranger = Authority(world.root / 'other', 'other authority').issue('stranger')
        identity = f'{trust}\ncert_file = {stranger.cert}\nkey_file = {stranger.key}'
        rows = [Row(name, behaviour, RETRY, hresult,
                    **{'scheme': 'https', 'lines': trust, 'requests': 0, **more})
                for name, behaviour, hresult, more in old_rows(good, pair, ca.cert, identity)]
        late = {'scheme': 'https', 'lines': trust, 'tls': good}
        rows += [
            Row('closed-after-request', ask_only, RETRY, (BROKE, '0x80072F78'),
                **late),
            Row('alert-after-request', plain(ALERT + b'\x50'), RETRY, BROKE, **late),
            Row('garbage-after-request', plain(b'HTTP/1.1 200 OK\r\n\r\n'), RETRY, BROKE, **late),
            Row('cut-body', saying_cut, TAKEN, **late),
        ]
        return rows, good
    run(build, 'bad handshakes', [], prepare=prepare)


def ask_only(talk):
    talk.request()


def saying_cut(talk):
    """The word is whole, its body is not, and TLS is not ended."""
    talk.request()
    talk.say('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf')
    socket.socket(fileno=talk.sock.detach()).close()


if __name__ == '__main__':
    main(bad_certificates, bad_handshakes)
