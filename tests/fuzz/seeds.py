#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes the corpus anew: what is there, the recorded sessions, and the good and bad examples of the
unit tests, of which libFuzzer keeps the smallest inputs that reach all that these reach.

    tests/fuzz/seeds.py BUILD [TARGET...]     after `ninja -C BUILD fuzzers`; see tests/fuzz/run

Inputs whose names say what was found with them are kept whatever they reach."""

import glob
import itertools
import json
import os
import re
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
MOST = 4096  # bytes of an input that is kept


def literals(*patterns):
    """The strings in C files, neighbours put together, as bytes."""
    for path in itertools.chain(*(sorted(glob.glob(os.path.join(ROOT, p))) for p in patterns)):
        with open(path, encoding='utf-8') as file:
            text = file.read()
        for match in re.finditer(r'"((?:[^"\\\n]|\\.)*)"(?:\s*"(?:(?:[^"\\\n]|\\.)*)")*', text):
            parts = re.findall(r'"((?:[^"\\\n]|\\.)*)"', match.group(0))
            try:
                yield b''.join(part.encode().decode('unicode_escape').encode('latin-1')
                               for part in parts)
            except (UnicodeError, ValueError):
                continue


def sessions():
    for path in sorted(glob.glob(os.path.join(ROOT, 'tests/sessions/*.json'))):
        with open(path, encoding='utf-8') as file:
            yield json.load(file)


def sidecars():
    for session in sessions():
        for step in session['steps']:
            if 'text' in step:
                text = step['text']
                text = ''.join(line + '\n' for line in text) if isinstance(text, list) else text
                yield text.replace('@DL@', '/srv/dl').encode()
    with open(os.path.join(ROOT, 'conf/example.ctm.ini'), 'rb') as file:
        yield file.read()
    for text in literals('tests/unit/ini/sidecar*.c', 'tests/unit/ini/ini_text.c'):
        if b'=' in text or b'[' in text:
            yield text
            yield b'[job]\nid={3F2504E0-4F89-11D3-9A0C-0305E82C3301}\nendpoint=ctm\n' + text


def configurations():
    for session in sessions():
        yield '\n'.join(session['configuration'] + ['']).encode()
    with open(os.path.join(ROOT, 'conf/aria2-ctm.conf'), 'rb') as file:
        yield file.read()
    for text in literals('tests/unit/ini/config*.c'):
        if b'=' in text or b'[' in text:
            yield text
            yield b'[endpoint.ctm]\nurl = https://h/\n' + text


def keys():
    names = []
    for path in ('plugin/ini/config_keys.c', 'plugin/ini/sidecar_keys.c'):
        with open(os.path.join(ROOT, path), encoding='utf-8') as file:
            names += re.findall(r'^\t\{ CTM_\w+, "(\w+)"', file.read(), re.MULTILINE)
    for text in itertools.chain(sidecars(), configurations()):
        for key, value in re.findall(rb'^(\w+)[ \t]*=[ \t]*([^\n]*)$', text, re.MULTILINE):
            for number, name in enumerate(names):
                if name.encode() == key:
                    yield bytes([number]) + value.split(b' ;')[0].strip()
    values = set(literals('tests/unit/ini/config_keys.c', 'tests/unit/ini/sidecar_keys.c'))
    for number, value in itertools.product(range(len(names)), sorted(values)):
        yield bytes([number]) + value


def urls():
    values = [text for text in literals('tests/unit/ini/url.c', 'tests/unit/ini/config_endpoint.c',
                                        'tests/unit/http/local.c') if b'/' in text]
    for text in values:
        yield b'\1' + text + b'\0' + text
        yield b'\0https://h/a\0' + text
    for a, b in zip(values, values[1:]):
        yield b'\1' + a + b'\0' + b


def answers():
    head = b'\1' + struct.pack('>Q', 1_767_323_045 << 31)
    fields = [text for text in literals('tests/unit/http/answer.c', 'tests/unit/http/reply.c',
                                        'tests/unit/http/raw.c', 'tests/unit/http/transport*.c')]
    for text in fields:
        yield head + text
        yield head + b'HTTP/1.1 200 OK\r\nCTM-HRESULT: ' + text + b'\r\n\r\n\0{}'
        yield head + b'HTTP/1.1 503 No\r\nRetry-After: ' + text + b'\r\n\r\n'
    for status in (100, 200, 204, 302, 400, 401, 403, 404, 407, 408, 410, 413, 422, 429, 500, 503):
        yield head + b'HTTP/2 %d \r\nretry-after: 120\r\n\r\n' % status


def messages():
    texts = [text for text in literals('tests/unit/http/headers.c', 'tests/unit/http/body.c',
                                       'tests/unit/http/encode.c') if b'\0' not in text]
    good = [b'X-Site: LAB', b'{3F2504E0-4F89-11D3-9A0C-0305E82C3301}', b'opaque',
            b'DownloadingData', b'no room', b'aria2-ctm://edge']
    for kind in (0, 1, 2, 64):
        head = bytes([kind]) + struct.pack('>Q', 1 << 60)
        yield head + b'\0'.join(good)
        for place, text in itertools.product(range(6), texts):
            yield head + b'\0'.join(good[:place] + [text] + good[place + 1:])


def string(text):
    return struct.pack('>I', len(text)) + text


def event(kind, sight, path=b'/srv/dl/a', version=2):
    unseen = bytes(32) if version > 1 else b''
    known = struct.pack('>4Q', 7, 8, 9, 10) if sight == 1 else unseen
    return (bytes([version, kind]) + struct.pack('>QIQQ', 0x2089b05ecca3d829, 1, 2, 3)
            + bytes([sight]) + known + string(path))


def varint(number):
    low = bytes([number & 127])
    return low if number < 128 else bytes([number & 127 | 128]) + varint(number >> 7)


def listed(shared, rest, bits=0, known=b'', skipped=0):
    return b''.join(map(varint, (skipped, shared, len(rest)))) + rest + bytes([bits]) + known


def lists():
    first, head = struct.pack('>Q', 1), b'\1' + struct.pack('>I', 3)
    two = listed(0, b'/srv/a/setup.exe', 1, varint(524288)) + listed(7, b'x.msi', 1, b'\0')
    known = varint(2**64 - 1) + bytes(range(32)) + struct.pack('>QBQQ', 7, 2, 8, 9)
    yield first + head
    yield first + head + two
    yield first + head + two[:-3]
    yield first + b'\2' + two
    yield first + head + listed(0, b'/srv/a', 31, known, 2) + listed(3, b'', 8, bytes(8))
    yield first + head + listed(9, b'a')
    yield struct.pack('>Q', 2**32 - 1) + head + listed(0, b'a') + listed(0, b'b')
    yield bytes(8) + head + two


def records():
    stamp = struct.pack('>3Q', 1, 2, 3)
    first = (struct.pack('>I', 4) + b'\1\0' + struct.pack('>I3Q5IQIIQ', 2, *[9] * 3, *[1] * 5, 5,
             1, 0, 0) + stamp * 2 + struct.pack('>3QI', 1, 2, 0, 0))
    more = struct.pack('>Q', 0) + b'\0\1' + struct.pack('>IQIIQIQ', *[1] * 7)
    job = bytes([1, 1, 2]) + first
    yield b'\0\1' + job
    yield b'\0\2' + job + more
    texts = b''.join(string(t) for t in (b'{3F25}', b'ctm', b'x', b'', b'', b'/a', b'/b', b''))
    yield b'\1\1' + texts
    yield b'\1\2' + texts
    file = struct.pack('>Q4I3Q', 1, 1, 1, 16, 0, 1, 2, 3) + b'\0'
    yield b'\2\1\0' + file + string(b'/srv/a')
    yield (b'\2\2\x2b' + struct.pack('>Q', 5) + b'h' * 32 + file + struct.pack('>Q', 5) + b'\2\1'
           + struct.pack('>Q', 77) + string(b'/srv/a') + string(b'no room'))
    message = struct.pack('>IIQ', 1, 2, 3) + stamp + struct.pack('>QQIIQQII', *[4] * 8)
    strings = string(b'aria2-ctm://edge') + string(b'')
    yield b'\3\1\1\1\0' + message + strings
    yield b'\3\2\3\1\1' + message + struct.pack('>II', 5, 6) + b'\5' + strings + string(b'no room')
    for kind, number in ((b'\4', 4), (b'\5', 5)):
        for version, sight in itertools.product((1, 2), range(3)):
            yield kind + bytes([version]) + stamp + event(number, sight, version=version)
    sidecar = struct.pack('>3QIQ', 1, 2, 3, 4, 5)
    strings = b''.join(string(t) for t in (b'/a.ctm.ini', b'{3F25}', b'ctm', b'complaint'))
    yield b'\6\1\1' + sidecar + strings
    yield b'\6\2\5' + sidecar + stamp + struct.pack('>Q', 6) + strings
    yield b'\t\1' + struct.pack('>4QI', 1, 2, 0xef53, 4, 5)
    yield b'\7' + struct.pack('>Q?Q', 1, True, 2)
    yield b'\n' + struct.pack('>Q', 1) + b'\0'
    yield b'\n' + struct.pack('>QB4Q', 1, 1, 2, 3, 4, 5)
    for kind, sight, version in itertools.product(range(1, 7), range(3), (1, 2)):
        yield b'\x08' + event(kind, sight, version=version)


def fnv(data):
    value = 0xcbf29ce484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001b3 % 2 ** 64
    return value


def inboxes():
    def piece(what, data):
        return bytes([what, len(data)]) + data

    paths = [b'/srv/dl/a', b'', b'/srv/dl/' + b'x' * 100, b'\xc7\xa2\xeb\x0c']
    event_of = [b'\x1b\x14' + struct.pack('>Q', 7) + path for path in paths]
    for first, second in itertools.product(event_of, event_of):
        yield b'\3' + piece(0, first) + piece(1, second) + piece(0, second)
        yield b'\1' + piece(1, first) + piece(3, b'\xc7\xa2\xeb\x0c\0\0\0\x40') + piece(0, second)
    for sight, version in itertools.product(range(3), (1, 2)):
        payload = event(4, sight, version=version)
        record = (struct.pack('>IIQ', 0xC7A2EB0C, len(payload), fnv(payload)) + payload)
        yield record
        yield record[:30] + record * 2 + b'\xc7'
        yield b'\0' + piece(2, record[:20]) + piece(2, record) + piece(0, event_of[0])


def texts_with(head, *patterns):
    return lambda: (head + text for text in literals(*patterns))


def numbers():
    values = set(literals('tests/unit/base/num.c', 'tests/unit/base/guid.c',
                          'tests/unit/base/base64.c', 'tests/unit/job/hresult.c'))
    for bound, text in itertools.product((0, 100, 2 ** 32, 2 ** 64 - 1), sorted(values)):
        yield struct.pack('>Q', bound) + text


def lines_of_log():
    values = set(literals('tests/unit/base/log*.c', 'tests/unit/base/utf.c'))
    for what, text in itertools.product((0, 63), sorted(values)):
        yield bytes([what]) + struct.pack('>Q', 1_767_323_045 << 24) + b'\0'.join(
            [text, b'{3F25}', b'ctm'])
        yield bytes([what]) + bytes(8) + b'\0'.join([b'x', text, text])


def paths():
    values = sorted(set(literals('tests/unit/base/path.c', 'tests/unit/job/names.c')))
    for a, b in itertools.product(values, values):
        yield a + b'\0' + b


def rpc_answers():
    def answer(result):
        return json.dumps({'id': 'aria2-ctm', 'jsonrpc': '2.0', 'result': result}).encode()

    for session in sessions():
        for step in session['steps']:
            downloads = [d for part in step.get('rpc') or () for d in
                         (step['rpc'][part] if isinstance(step['rpc'], dict) else ())]
            downloads = [d for d in downloads if isinstance(d, dict)]
            if downloads:
                yield b'\4\0' + answer(downloads)
                yield bytes([len(downloads) % 4, 0]) + answer([[d] for d in downloads])
    for text in literals('tests/unit/deliver/rpc*.c', 'tests/unit/deliver/spoken.c'):
        for head in (b'\1\0', b'\4\0', b'\1\x91'):
            yield head + text
        yield b'\4\0{"result":' + text + b'}'
        yield b'\1\0{"result":[[' + text + b']]}'
    gone = {'code': 1, 'message': 'No such download for GID#2089b05ecca3d829'}
    yield b'\1\0' + answer([gone])
    yield b'\0\0' + answer({'version': '1.36.0', 'enabledFeatures': []})


def wide():
    values = list(literals('tests/unit/base/utf.c', 'tests/unit/hooks/lines.c'))
    for text in values:
        yield b'\x10' + text
        yield b'\x10' + text.decode('utf-8', 'replace').encode('utf-16-le')


def options_of_aria2():
    with open(os.path.join(ROOT, 'conf/aria2.conf.snippet.in'), 'rb') as file:
        yield file.read()
    for text in literals('tests/unit/hooks/aria2_conf.c', 'tests/unit/hooks/check_aria2.c'):
        yield text
        yield b'split=5\n' + text.replace(b'@', b'/usr') + b'\n'


def wires():
    def text(words):
        return b'\1' + string(words) + b'\0' if words is not None else b'\0'

    version = re.search(r"version: '([^']+)'", open(os.path.join(ROOT, 'meson.build'),
                                                  encoding='utf-8').read()).group(1).encode()
    opens = (text(version) + struct.pack('>I', 1) + text(b'/etc/ca.pem') + text(b'/state')
             + struct.pack('>II', 1, 443) + b'\0\1')
    submit = (struct.pack('>Q', 7) + text(b'https://h/') + text(None) * 7 + struct.pack(
        '>3I', 10000, 30000, 1) + text(b'X: y') + struct.pack('>I', 1) + text(b'ctm') + text(b'{3F}')
        + text(b'') + text(None) + struct.pack('>2Q3I', 5, 5, 1, 1, 0) + text(None) + text(b'{3F}/s')
        + text(b'aria2-ctm://edge') + struct.pack('>Q', 9))
    ask = struct.pack('>Q', 7) + text(b'http://127.0.0.1/') + struct.pack('>QII', 9, 1, 1) + b'{}'
    opened = struct.pack('>I', 0) + b'\1' + text(b'http') + text(b'')
    outcome = struct.pack('>Q5I', 7, 1, 0x80072EE2, 503, 0, 60) + text(b'no answer')
    answer = struct.pack('>Q3I', 7, 0, 200, 0) + text(b'') + b'\1{}'
    logs = b'\2' + text(b'a line')
    everything = (opens, submit, ask, opened, outcome, answer, logs)
    for kind, message in enumerate(everything):
        yield bytes([kind, 0]) + message
        yield bytes([7, 30]) + struct.pack('>IB', len(message), kind) + message + logs
    knock = struct.pack('>Q', 0) + text(None) + text(b'::1') + struct.pack('>II', 443, 10000)
    yield b'\10\0' + knock
    yield b'\7\3' + b''.join(struct.pack('>IB', len(m), 1) + m for m in everything)


def controls():
    tail = b'\0\0\0\1\0\0\0\4\0\0\0\x10\0\0\0\1\0'
    for info_hash in (b'', b'01234567890123456789'):
        for bits in (b'\xfe', b'\xf0', b'\0'):
            data = (struct.pack('>HII', 1, bool(info_hash), len(info_hash)) + info_hash
                    + struct.pack('>IQQI', 16, 100, 7, 1) + bits + tail)
            for offset, length in ((0, 100), (0, 64), (32, 16), (96, 4), (100, 0), (101, 1)):
                yield struct.pack('>QQ', offset, length) + data
            yield bytes(16) + data[:-len(tail) - 1]
            yield bytes(16) + b'\0\0' + data[2:]


TARGETS = {
    'answer': answers,
    'aria2_conf': options_of_aria2,
    'config': configurations,
    'control': controls,
    'headers': messages,
    'inbox': inboxes,
    'ini_text': lambda: (b'\x14\x07' + text for text in itertools.chain(
        sidecars(), configurations())),
    'keys': keys,
    'lines': texts_with(b'\x14\2\4\3', 'tests/unit/hooks/lines.c', 'tests/unit/hooks/json.c',
                        'tests/unit/base/utf.c'),
    'list': lists,
    'log': lines_of_log,
    'numbers': numbers,
    'path': paths,
    'records': records,
    'rpc': rpc_answers,
    'secret': texts_with(b'', 'tests/unit/http/s[ei][cg]*.c', 'tests/unit/http/credentials.c',
                         'tests/unit/deliver/rpc_secret.c'),
    'sidecar': lambda: (head + text for text in sidecars() for head in (b'\0\0\x60', b'\1\0\x90')),
    'url': urls,
    'utf': wide,
    'wire': wires,
}


def make(build, target):
    corpus = os.path.join(HERE, 'corpus', target)
    os.makedirs(corpus, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        raw = os.path.join(scratch, 'raw')
        merged = os.path.join(scratch, 'merged')
        os.mkdir(raw)
        os.mkdir(merged)
        for number, seed in enumerate(TARGETS[target]()):
            if len(seed) <= MOST:
                with open(os.path.join(raw, f'{number:06}'), 'wb') as file:
                    file.write(seed)
        subprocess.run([os.path.join(build, 'tests/fuzz/fuzz-' + target), '-merge=1',
                        f'-max_len={MOST}', merged, raw, corpus], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=scratch)
        for name in os.listdir(corpus):
            if re.fullmatch('[0-9a-f]{40}|x', name):
                os.remove(os.path.join(corpus, name))
        for name in os.listdir(merged):
            os.replace(os.path.join(merged, name), os.path.join(corpus, name))
    names = os.listdir(corpus)
    size = sum(os.path.getsize(os.path.join(corpus, name)) for name in names)
    print(f'{target}: {len(names)} inputs, {size} bytes', flush=True)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for target in sys.argv[2:] or TARGETS:
        make(os.path.abspath(sys.argv[1]), target)


main()
