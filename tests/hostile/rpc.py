#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""An aria2 that answers questions with anything but an answer: the job that was asked about still
ends, once, in an error; no other job waits for it, and none succeeds by such words."""

import json
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from content import make_files  # noqa: E402
from figures import survived  # noqa: E402
from hostile_rows import MEMORY_KIB, Memory  # noqa: E402
from hostile_server import HostileServer  # noqa: E402
from notification import differences, success  # noqa: E402
from process import wait_until  # noqa: E402
from sidecar import listed, new_id, sidecar  # noqa: E402
from testcase import expect, expect_equal, main  # noqa: E402
from world import World  # noqa: E402

GID = '00000000000000a1'
FILE = {'path': '/etc/hostname', 'length': '5', 'completedLength': '5', 'selected': 'true',
        'index': '1', 'uris': []}
STATUS = {'gid': GID, 'status': 'error', 'dir': '/', 'errorCode': '1', 'errorMessage': 'x',
          'totalLength': '5', 'completedLength': '5', 'files': [FILE]}


def status(**changes):
    """A result of one tellStatus that has these changes; None takes a field away."""
    fields = {**STATUS, **changes}
    return [[{name: value for name, value in fields.items() if value is not None}]]


def result(value):
    return json.dumps({'id': 'x', 'jsonrpc': '2.0', 'result': value})


def error(value):
    return json.dumps({'id': 'x', 'jsonrpc': '2.0', 'error': value})


BODIES = {
    'empty': '', 'blank': '  \n', 'null': 'null', 'number': '1', 'text': '"x"', 'list': '[]',
    'no-result': '{}', 'cut': '{"result": [[{"gid"', 'html': '<html>404</html>', 'nul': '\0',
    'nested-lists': '[' * 100000, 'nested-objects': '{"result":' * 100000,
    'nested-inside': '{"result":' + '[' * 3000 + ']' * 3000 + '}',
    'result-null': result(None), 'result-number': result(5), 'result-text': result('x'),
    'result-object': result({}), 'batch-empty': result([]), 'batch-long': result([[STATUS]] * 1000),
    'call-number': result([5]), 'call-null': result([None]), 'call-empty': result([[]]),
    'call-of-number': result([[5]]), 'call-of-nothing': result([[{}]]),
    'call-without-message': result([{'code': 1}]), 'call-message-number':
    result([{'code': 1, 'message': 5}]), 'error-number': error(5), 'error-empty': error({}),
    'error-message-number': error({'message': 5}), 'error-escapes':
    error({'message': '\x1b[2J\x07\n\r\u202e' + 'x' * 100}), 'error-nul':
    '{"error": {"message": "a\\u0000b"}}', 'error-long': error({'message': 'x' * (1 << 20)}),
    'other-gid': result(status(gid='00000000000000b2')), 'gid-number': result(status(gid=5)),
    'gid-nonsense': result(status(gid='../../x')), 'gid-zero': result(status(gid='0' * 16)),
    'status-unknown': result(status(status='marvellous')), 'status-missing':
    result(status(status=None)), 'status-number': result(status(status=7)),
    'length-negative': result(status(totalLength='-1')), 'length-overflow':
    result(status(totalLength='9' * 40)), 'length-number': result(status(totalLength=5)),
    'code-negative': result(status(errorCode='-1')), 'code-overflow':
    result(status(errorCode='9' * 40)), 'files-object': result(status(files={})),
    'files-numbers': result(status(files=[1, 2])), 'file-without-path':
    result(status(files=[{**FILE, 'path': None}])), 'uris-nested':
    result(status(files=[{**FILE, 'uris': [[[]]]}])), 'invalid-utf-8':
    b'{"result": [[{"gid": "\xff\xfe\xc0\x80"}]]}', 'surrogates':
    '{"error": {"message": "\\ud800"}}', 'message-invalid-utf-8':
    b'{"error": {"message": "\xff\x9b2J\xf4\x90\x80\x80"}}', 'huge-number': '{"result": 1e999999}',
    'long-integer': '{"result": ' + '9' * 10000 + '}', 'keys-twice':
    '{"result": 1, "result": [[{}]]}', 'a-million-keys':
    '{' + ','.join(f'"k{number}":0' for number in range(200000)) + '}',
    'a-million-zeros': '{"result": [' + '0,' * 1000000 + '0]}',
    'complete-elsewhere': result(status(status='complete', errorCode='0')),
    'complete-with-dots': result(status(status='complete', files=[
        {**FILE, 'path': '/srv/../../etc/hostname'}])),
}


# aria2 says that it has the file, but not where the job wants it: nothing is decided.
UNDECIDED = ('complete-elsewhere', 'complete-with-dots')


def answering(body, code='200 OK', *headers):
    def behaviour(talk):
        while True:
            talk.request()
            talk.answer(code, *headers, body=body.encode() if isinstance(body, str) else body)
    return behaviour


def saying(text, again=None):
    def behaviour(talk):
        talk.request()
        talk.say(text)
        while again:
            talk.say(again)
    return behaviour


OK = 'HTTP/1.1 200 OK\r\n'
ANSWERS = {
    'closed': saying(''),
    'endless-body': saying(OK + '\r\n', '[' * 65536),
    'endless-blanks': saying(OK + '\r\n', ' ' * 65536),
    'a-gibibyte': saying(OK + f'Content-Length: {1 << 30}\r\n\r\n', '0,' * 32768),
    'endless-header': saying(OK + 'X-Header: ', 'x' * 65536),
    'endless-headers': saying(OK, 'X-Header: x\r\n' * 1000),
    'endless-hints': saying('', 'HTTP/1.1 103 x\r\n\r\n' * 100),
    'endless-chunks': saying(OK + 'Transfer-Encoding: chunked\r\n\r\n', '5\r\n[[[[[\r\n' * 5000),
    'cut-body': saying(OK + 'Content-Length: 100\r\n\r\n{"result":'),
    'ssh': saying('SSH-2.0-OpenSSH_9.2\r\n'),
    'redirect': answering('', '302 x', 'Location: file:///etc/hostname'),
    'unauthorized': answering('', '401 x', 'WWW-Authenticate: Basic'),
    'busy': answering('', '503 x', 'Retry-After: 86400'),
    'gzip': answering('x' * 100, '200 OK', 'Content-Encoding: gzip'),
    'wrong-status': answering(result(status()), '500 x'),
    **{name: answering(body) for name, body in BODIES.items()},
}


def _look(world, name, failing, good):
    """One error for the one, one success for the other, and nothing more."""
    wanted = {good: 1} if name in UNDECIDED else {failing: 1, good: 1}
    by_job = {}
    for request in world.endpoint.requests():
        by_job.setdefault(request['headers']['ce-subject'], []).append(request)
    expect_equal({job: len(several) for job, several in by_job.items()}, wanted,
                 f'{name}: words')
    for request in by_job.get(failing, []):
        body = json.loads(request['body'])
        expect_equal(request['headers']['ce-id'], f'{failing}/error', f'{name}: ce-id')
        expect_equal(body['hrErrorCode'], '0x80004005', f'{name}: {body["szErrorMessage"]}')
        expect(body['szErrorMessage'].isprintable(), f'{name}: {body["szErrorMessage"]!r}')
    expect_equal(differences(success(good, 1, 10), by_job[good][0]), [], name)
    for line in world.log_text().split('\n'):
        expect(not line or line.isprintable(), f'{name}: {line!r} in the log')


def _suffer(build, name, behaviour):
    server = HostileServer()
    place = server.place(name, behaviour)
    try:
        with World(build) as world:
            world.endpoint.up()
            world.configure(f'url = {world.endpoint.url()}', linger='5s',
                            more=f'[aria2]\nrpc = {place.url(path="/jsonrpc")}\n')
            failing, good, waiting = new_id(), new_id(), new_id()
            make_files(world.dl / 'good', {'a.bin': 10})
            world.put_sidecar('failing', sidecar(failing, world.dl / 'failing', [
                {'path': 'a.bin', 'size': 5, 'gid': GID}]))
            world.put_sidecar('good', listed(good, world.dl / 'good', {'a.bin': 10}))
            world.put_sidecar('waiting', listed(waiting, world.dl / 'waiting', {'a.bin': 10},
                                                timeout=86400))
            memory = Memory(world)
            world.hook('on-download-error', world.dl / 'failing' / 'a.bin', gid=GID)
            world.hook('on-download-complete', world.dl / 'good' / 'a.bin')
            wait_until(f'{name}: both words', lambda: len(world.endpoint.requests()) >=
                       2 - (name in UNDECIDED), 40)
            for _ in range(2):
                world.flush().expect(0)
            peak, whose = memory.stop()
            expect(peak < 2 * MEMORY_KIB, f'{name}: {whose} came to {peak} KiB')
            expect(place.talks, f'{name}: nobody asked')
            _look(world, name, failing, good)
            states = {job['id']: job['state'] for job in world.status()['jobs']}
            expect_equal(states[waiting], 'open', f'{name}: the job that waits')
            return peak
    finally:
        server.close()


def no_answers(build):
    """Each way in a world of its own: a question by a hook, then two flushes that ask for all."""
    peak = max(_suffer(build, name, behaviour) for name, behaviour in ANSWERS.items())
    print(f'{len(ANSWERS)} ways, at most {peak} KiB')
    survived('hostile CTM', 'an aria2 that answers nonsense', len(ANSWERS))


def silent(build):
    """One that never answers: others get their word while it is asked."""
    server, seen = HostileServer(), []

    def behaviour(talk):
        talk.request()
        talk.until_gone()
    place = server.place('silent', behaviour)
    try:
        with World(build) as world:
            world.endpoint.up()
            world.configure(f'url = {world.endpoint.url()}', linger='5s',
                            more=f'[aria2]\nrpc = {place.url(path="/jsonrpc")}\n')
            failing, good = new_id(), new_id()
            make_files(world.dl / 'good', {'a.bin': 10})
            world.put_sidecar('failing', sidecar(failing, world.dl / 'failing', [
                {'path': 'a.bin', 'size': 5, 'gid': GID}]))
            world.put_sidecar('good', listed(good, world.dl / 'good', {'a.bin': 10}))
            world.hook('on-download-error', world.dl / 'failing' / 'a.bin', gid=GID)
            wait_until('the question', place.is_open)
            world.hook('on-download-complete', world.dl / 'good' / 'a.bin')
            world.endpoint.wait_for(1)
            seen = [one['headers']['ce-subject'] for one in world.endpoint.requests()]
            expect_equal(seen, [good], 'the first word')
            world.endpoint.wait_for(2, 60)
            _look(world, 'silent', failing, good)
    finally:
        server.close()
    survived('hostile CTM', 'an aria2 that is silent', 1)


if __name__ == '__main__':
    main(no_answers, silent)
