#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""conf/receiver: takes what we send, once, and nothing that others send."""

import base64
import http.client
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'support'))

from certificates import Authority  # noqa: E402
from content import make_files  # noqa: E402
from ports import free_port  # noqa: E402
from process import dies_with_parent, stop, wait_until  # noqa: E402
from sidecar import listed, new_id  # noqa: E402
from testcase import expect, expect_equal, main, needs  # noqa: E402
from world import World  # noqa: E402

PROGRAM = HERE.parents[1] / 'conf/receiver/receiver.py'
SECRET = 'whsec_' + base64.b64encode(bytes(range(32))).decode()


class Receiver:
    """It runs, with options, until this is left."""

    def __init__(self, world, *options):
        self.port, self.record = free_port(), world.root / 'messages.jsonl'
        self.output = world.root / 'log' / 'receiver'
        self.options = ['--listen', f'127.0.0.1:{self.port}', '--record', self.record, *options]
        self.child = None

    def start(self):
        with open(self.output, 'ab') as output:
            self.child = subprocess.Popen(
                [sys.executable, '-B', str(PROGRAM), *map(str, self.options)],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                preexec_fn=dies_with_parent)
        wait_until('the receiver', lambda: self.child.poll() is not None or
                   f':{self.port}' in self.output.read_text())
        expect_equal(self.child.poll(), None, self.output.read_text())
        return self

    def messages(self):
        return [json.loads(line) for line in self.record.read_text().splitlines()]

    def url(self, scheme='http'):
        return f'url = {scheme}://127.0.0.1:{self.port}/ctm\n'

    def end(self, sig=signal.SIGTERM):
        status = stop(self.child, sig=sig)
        self.output.unlink()
        return status

    def post(self, body, **headers):
        """(status, CTM-HRESULT) of a request by hand."""
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=20)
        connection.request('POST', '/', body, {name.replace('_', '-'): value
                                               for name, value in headers.items()})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status, answer.headers.get('CTM-HRESULT')

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        stop(self.child)


def _file(world, name, text):
    path = world.root / name
    path.write_text(text)
    path.chmod(0o600)
    return path


def the_whole_job(build):
    """TLS, a token and a signature: success, error and progress arrive, each once."""
    needs('openssl')
    with World(build, linger='0') as world:
        server = Authority(world.root / 'tls').issue('server')
        token, secret = _file(world, 'token', 'a-token\n'), _file(world, 'secret', SECRET + '\n')
        with Receiver(world, '--token-file', token, '--secret-file', secret, '--tls-cert',
                      server.cert, '--tls-key', server.key) as receiver:
            world.configure(receiver.url('https') + f'ca_file = {world.root}/tls/ca.pem\n'
                            f'token_file = {token}\nsecret_file = {secret}', linger='0')
            job_id = new_id()
            make_files(world.dl / 'job', {'a.bin': 70})
            # Registered now: whoever asks for a job before its sidecar was read is told so.
            world.ctm('add', world.put_sidecar('job', listed(
                job_id, world.dl / 'job', {'a.bin': 70}, client_data='<ü & "ø">'))).expect(0)
            world.hook('on-download-complete', world.dl / 'job/a.bin')
            world.ctm('status', job_id, '--wait').expect(0)
            world.ctm('send', 'error', '--endpoint', 'ctm', '--hresult', 'E_FAIL', '--message',
                      'why').expect(0)
            world.ctm('send', 'progress', '--endpoint', 'ctm').expect(0)
            success, error, progress = receiver.messages()
            expect_equal(success['message']['szClientData'], '<ü & "ø">', 'client data')
            expect_equal(success['id'], f'{job_id}/success', 'id')
            expect_equal((error['message']['hrErrorCode'], error['hresult']),
                         ('0x80004005', '0x00000000'), 'the error')
            expect_equal(progress['type'], 'aria2-ctm.notify.progress', 'the progress')
            for name, line, hresult in (('token', 'token_file', '0x80190191'),
                                        ('secret', 'secret_file', '0x80190191')):
                wrong = _file(world, f'wrong-{name}', SECRET[:-4] + 'AAA=\n')
                world.configure(receiver.url('https') + f'ca_file = {world.root}/tls/ca.pem\n'
                                f'token_file = {token}\nsecret_file = {secret}\n'
                                .replace(f'{line} = {world.root / name}', f'{line} = {wrong}'),
                                linger='0', retry='0')
                world.ctm('send', 'progress', '--endpoint', 'ctm').expect(1).says(hresult)
            expect_equal(len(receiver.messages()), 3, 'messages')


HEADERS = {'ce_specversion': '1.0', 'ce_type': 'aria2-ctm.notify.success',
           'ce_source': 'aria2-ctm://x', 'ce_time': '2026-01-02T03:04:05Z'}


def _success(job_id, **changes):
    message = {'method': 'SendNotifySuccessToCTM', 'szEndpoint': 'ctm', 'szID': job_id,
               'szClientData': '', 'szBytesTotal': '1', 'szBytesTransferred': '1',
               'ulFilesTotal': 1, 'ulFilesTransferred': 1, **changes}
    return {name: value for name, value in message.items() if value is not None}


def once_and_over_restarts(build):
    """A repeated message is answered as before and done nothing for, also after kill -9 and with
    a line that was cut off."""
    with World(build) as world:
        calls = world.root / 'calls'
        program = _file(world, 'bridge', f'#!/bin/sh\necho >> {calls}\necho 0x80070490\n')
        program.chmod(0o700)
        with Receiver(world, '--call', program) as receiver:
            job_id = new_id()
            body, ce_id = json.dumps(_success(job_id)), f'{job_id}/success'
            for number in range(4):
                expect_equal(receiver.post(body, ce_id=ce_id, **HEADERS), (200, '0x80070490'),
                             f'answer {number}')
                expect_equal(len(calls.read_text().splitlines()), 1, 'calls')
                if number:
                    receiver.end(signal.SIGKILL if number == 1 else signal.SIGTERM)
                    with open(receiver.record, 'a', encoding='utf-8') as file:
                        file.write('{"id": "cut')
                    receiver.start()
            receiver.post(json.dumps(_success(new_id())), ce_id='other', **HEADERS)
            expect_equal([one['id'] for one in receiver.messages()], [ce_id], 'the record')


def what_is_no_message(build):
    """Each is refused for what it is, and nothing is written down."""
    with World(build) as world, Receiver(world) as receiver:
        job_id = new_id()
        good = _success(job_id)
        cases = [('{', {}, 400, None), ('[]', {}, 400, None), ('{"method": []}', {}, 400, None),
                 (json.dumps({'method': 'DropTables'}), {}, 400, None),
                 (json.dumps(good), {'ce_id': f'{job_id}/error'}, 400, None),
                 (json.dumps(good), {'ce_id': f'{job_id}/success/1'}, 400, None),
                 (json.dumps(good), {'ce_type': 'aria2-ctm.notify.error'}, 400, None),
                 (json.dumps(good), {'ce_specversion': '0.3'}, 400, None),
                 (json.dumps(good), {'ce_time': ''}, 400, None),
                 (json.dumps(_success(job_id, szBytesTransferred='0')), {}, 200, '0x80070057')]
        for name, value in (('szID', 'x'), ('szBytesTotal', 1), ('szBytesTotal', '01'),
                            ('szBytesTotal', str(1 << 64)), ('ulFilesTotal', '1'),
                            ('ulFilesTotal', True), ('ulFilesTotal', 1 << 32),
                            ('szClientData', None), ('other', 1)):
            cases.append((json.dumps(_success(job_id, **{name: value})), {}, 400, None))
        for body, changes, status, hresult in cases:
            headers = {'ce_id': f'{job_id}/success', **HEADERS, **changes}
            expect_equal(receiver.post(body, **headers), (status, hresult), f'{body} {changes}')
        expect_equal(receiver.post(b'', Content_Length='2000000', **HEADERS)[0], 413, 'too long')
        expect_equal(receiver.messages(), [], 'the record')
        expect_equal(receiver.post(json.dumps(good), ce_id=f'{job_id}/success', **HEADERS),
                     (200, '0x00000000'), 'a good one')


def bridge_that_fails(build):
    """What can't be handed on is not taken: aria2-ctm tries again, and it arrives once."""
    with World(build, linger='60s') as world:
        program = world.root / 'bridge'
        program.write_text('#!/bin/sh\nexit 1\n')
        program.chmod(0o700)
        with Receiver(world, '--call', program, '--call-timeout', '1') as receiver:
            world.configure(receiver.url())
            world.ctm('send', 'success', '--endpoint', 'ctm', '--bytes', '5')
            for script in ('#!/bin/sh\necho OK\n', '#!/bin/sh\nexec sleep 30\n'):
                expect_equal(receiver.messages(), [], 'the record')
                program.write_text(script)
                time.sleep(1.5)
            program.write_text('#!/bin/sh\ngrep -q \'"szBytesTotal": "5"\' && echo 0x00000000\n')
            wait_until('the message', receiver.messages, 30)
            [job] = world.status()['jobs']
            world.ctm('status', job['id'], '--wait').expect(0)
            expect_equal(len(receiver.messages()), 1, 'messages')


def wrong_usage(_build):
    """It says what is wrong, with status 2."""
    for options in ([], ['--listen', 'x', '--record', '/dev/null'], ['--listen', '1:2']):
        done = subprocess.run([sys.executable, '-B', str(PROGRAM), *options], check=False,
                              stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=30)
        expect_equal(done.returncode, 2, options)
        expect(b'usage' in done.stderr, done.stderr)


if __name__ == '__main__':
    main(the_whole_job, once_and_over_restarts, what_is_no_message, bridge_that_fails, wrong_usage)
