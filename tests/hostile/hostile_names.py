#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Names that a download, or whoever writes a sidecar, chose against us: each file is what it is
called, a log keeps its lines, a terminal gets nothing to obey, CTM gets JSON."""

import base64
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from content import expect_untouched, listing, write_file  # noqa: E402
from figures import survived  # noqa: E402
from notification import error, expect_requests, success  # noqa: E402
from sidecar import listed, new_id, put, sidecar  # noqa: E402
from terminal import expect_harmless  # noqa: E402
from testcase import expect, expect_equal, main  # noqa: E402
from world import World  # noqa: E402

FORGED = '2026-01-01T00:00:00.000Z aria2-ctm[1] info: FORGED'
NAMES = [
    'plain.bin', '-rf', '--help', '$(touch PWNED)', '`touch PWNED`', ';touch PWNED', '|touch PWNED',
    '&', '*', '?', '~', '%s%n%1$s', '{"szID":"x"}', '"', "'", '\\', '\\n', 'a\\', ' leading',
    'trailing ', ';comment', 'a ;b', '#x', '[job]', 'a=b', 'CON', 'a:b', '.hidden', '...',
    f'a\n{FORGED}', f'a\r\n{FORGED}', 'a\rb', 'a\tb', '\n', '\033[2J\033[H', '\033]0;title\a',
    '\033]8;;http://x/\033\\', '\x01\x02\x1f', 'a\x7fb', 'a\b\b\b', '\x9b31m', '\u2028', '\u2029',
    'gpj.\u202eexe', '\u2066x', '\ufeffx', '\ufffd', 'ａ', 'é', 'e\u0301', '🎉',
    ']LOG]!><time="00:00:00.000+000" date="01-01-2026" component="x" type="3">',
    '<![LOG[x]LOG]!>', 'x' * 255, 'é' * 127, '\n' * 255, 'a' * 249 + '.1.bin', 'x.1.bin', 'x.2',
]
BYTES = [b'\xff', b'\xff\xfe\x80', b'a\xc3', b'\xed\xa0\x80', b'\xc0\xaf', b'\x80\n\x1b[2J',
         b'\xf5' * 255]
LINE = {
    'text': re.compile(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [\w-]+\[\d+\] '
                       r'(error|warning|info|debug): .*'),
    'cmtrace': re.compile(r'<!\[LOG\[((?!\]LOG\]!>).)*\]LOG\]!><time="[\d:.+-]+" '
                          r'date="\d\d-\d\d-\d{4}" component="[\w-]+" context="" type="[123]" '
                          r'thread="\d+" file="aria2-ctm">'),
}


def _use_format(world, name):
    text = world.conf.read_text()
    world.conf.write_text(text.replace('level = info', f'level = debug\nformat = {name}'))


def _expect_log(world, name):
    """Every line of the log is one of ours."""
    text = world.log.read_bytes().decode('utf-8')
    expect_harmless(text, f'the {name} log')
    lines = text.split('\n')[:-1]
    expect(len(lines) > 10, f'the {name} log has only {len(lines)} lines')
    for line in lines:
        expect(not line.startswith(FORGED), f'a forged line: {line!r}')
        if name == 'json':
            entry = json.loads(line)
            expect({'time', 'level', 'component', 'pid', 'message'} <= set(entry), repr(line))
            expect('FORGED' != entry['message'], f'a forged line: {line!r}')
        else:
            expect(LINE[name].fullmatch(line), f'no line of ours: {line!r}')


def _expect_said(world, count):
    """What the commands say is harmless, and JSON where it should be."""
    for argv in (['status'], ['status', '--json'], ['check'], ['flush'], ['status', '\033[2J\nx'],
                 ['\033[2J'], ['forget', 'x\ny'], ['explain', '\033[2J'], ['status', '--\033[2J']):
        outcome = world.ctm(*argv)
        expect_harmless(outcome.out + outcome.err, f'{argv}')
    expect_equal(len(world.status()['jobs']), count, 'jobs')


def _add_jobs(world):
    """Two jobs for each name, one of which lists another size. The requests that must come."""
    expected = []
    for number, name in enumerate(NAMES):
        for wrong in (0, 1):
            directory, job_id = world.dl / f'{number}-{wrong}', new_id()
            write_file(directory / name, b'x' * 10)
            files = [{'path_base64': base64.b64encode(name.encode()).decode(), 'size': 10 + wrong}]
            world.put_sidecar(f'job-{number}-{wrong}', sidecar(
                job_id, directory, files, delete_on_error='true', content_id=f'{number}'))
            world.hook('on-download-complete', directory / name)
            expected.append(error(job_id, '0x80070570', [': see that both are']) if wrong
                            else success(job_id, 1, 10))
    for number, name in enumerate(BYTES):
        directory, job_id = world.dl / f'b-{number}', new_id()
        directory.mkdir()
        with open(os.fsencode(directory) + b'/' + name, 'wb') as file:
            file.write(b'x' * 10)
        world.put_sidecar(f'bytes-{number}', sidecar(job_id, directory, kind='totals',
                                                     files_total=1))
        world.call_hook('on-download-complete', '', argv=[
            world.program('on-download-complete'), 'a' * 16, '1',
            os.fsdecode(os.fsencode(directory) + b'/' + name)]).wait().expect(0)
        expected.append(success(job_id, 1, 10))
    return expected


def _names(build, name):
    with World(build) as world:
        _use_format(world, name)
        world.endpoint.up()
        expected = _add_jobs(world)
        before = listing(world.dl)
        world.flush().expect(0)
        world.endpoint.wait_for(len(expected))
        expect_requests(expected, world.endpoint.requests(), ordered=False)
        for request in world.endpoint.requests():
            expect('\n' not in request['body'] and '\033' not in request['body'], request['body'])
        _expect_said(world, len(expected))
        _expect_log(world, name)
        expect_untouched(before, world.dl)
        survived('hostile download', f'names: {name} log', len(expected))


def names_in_text(build):
    """Names in a log of text."""
    _names(build, 'text')


def names_in_json(build):
    """Names in a log of JSON."""
    _names(build, 'json')


def names_in_cmtrace(build):
    """Names in a log for CMTrace."""
    _names(build, 'cmtrace')


def names_of_sidecars(build):
    """A sidecar's own name, and what stands in it, are shown and not obeyed."""
    texts = ['', '[job]\n', '[\033[2J]\n', '[job]\nid = \033[2J\n', '[job]\n\033[2J = x\n',
             '[job]\nkind = \u202e\n', '[job]\nendpoint = \x9b31m\n', 'x' * 100, '[x\n', '=\n',
             f'[job]\nlocal_path = /\033]0;x\a\nid = {new_id()}\nendpoint = \033\nkind = single\n']
    with World(build) as world:
        calls = 0
        for text in texts:
            for name in ('a', f'\033[2J\n{FORGED}', '-rf', '\u202eini', '%s%n'):
                path = put(world.jobs, f'{name}.ctm.ini', text)
                for argv in (['add', path], ['check', path], ['run', path], ['flush'], ['status'],
                             ['status', '--json']):
                    outcome = world.ctm(*argv)
                    expect_harmless(outcome.out + outcome.err, f'{argv} of {text!r}')
                    expect(f'\n{FORGED}' not in outcome.out + outcome.err, f'{argv} is forged')
                    calls += 1
                path.unlink()
        _expect_log(world, 'text')
        survived('hostile download', 'names: of sidecars, and in them', calls)


def on_a_terminal(build):
    """On a terminal, where colours are wanted, nothing comes through but our own colours."""
    with World(build) as world:
        world.endpoint.up()
        name, job_id = '\033[2J\033]0;x\a.bin', new_id()
        write_file(world.dl / name, b'x' * 10)
        world.put_sidecar('job', sidecar(
            job_id, world.dl, [{'path_base64': base64.b64encode(name.encode()).decode(),
                                'size': 11}], timeout=86400, content_id='\u202eid\x9b31m'))
        world.hook('on-download-complete', world.dl / name)
        world.flush()
        for command in ('status', 'check'):
            said = _on_a_terminal(world, command)
            expect(job_id in said or command == 'check', said)
            expect_harmless(re.sub('\r|\033\\[[0-9;]*m', '', said), f'{command} on a terminal')
        survived('hostile download', 'names: on a terminal', 2)


def _on_a_terminal(world, *arguments):
    """What a command writes to a terminal; it is far less than that holds back."""
    master, slave = pty.openpty()
    env = {**world.env, 'TERM': 'xterm', 'LANG': 'C.UTF-8', 'COLUMNS': '200'}
    try:
        subprocess.run([world.program('aria2-ctm'), *arguments], env=env, timeout=60, check=False,
                       stdin=subprocess.DEVNULL, stdout=slave, stderr=slave)
        os.set_blocking(master, False)
        said = b''
        while True:
            try:
                said += os.read(master, 1 << 16)
            except BlockingIOError:
                return said.decode('utf-8', 'surrogateescape')
    finally:
        os.close(slave)
        os.close(master)


def prefixes(build):
    """A name that is the beginning of another, or aria2's name.N.ext, stands for itself only."""
    with World(build) as world:
        world.endpoint.up()
        places = ['job', 'job2', 'job.1', 'jo', 'job/sub', 'job/sub2', 'job /x', 'job.']
        ids = {}
        for place in places:
            for name in ('a.bin', 'a.1.bin', 'a.bin.1', 'a', 'a.bin2'):
                write_file(world.dl / place / name, b'x' * 10)
                path = f'{place}/{name}'
                ids[path] = new_id()
                world.put_sidecar(f'job-{len(ids)}', listed(
                    ids[path], world.dl / place, {name: 10}, timeout=86400))
        expected = []
        for path, job_id in ids.items():
            world.hook('on-download-complete', world.dl / path)
            expected.append(success(job_id, 1, 10))
            world.flush().expect(0)
            expect_equal(len(world.endpoint.requests()), len(expected), f'requests after {path}')
        expect_requests(expected, world.endpoint.requests())
        survived('hostile download', 'names: beginnings of others', len(ids))


if __name__ == '__main__':
    main(names_in_text, names_in_json, names_in_cmtrace, names_of_sidecars, on_a_terminal,
         prefixes)
