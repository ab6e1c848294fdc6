#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sidecars in their worst form: monstrous, garbled, no files at all, from people whom nobody
trusts, and changed while they are read. A bad one is complained of by file and line, costs bounded time and
memory, and stops no other job."""

import os
import pwd
import random
import re
import socket
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

from content import make_files  # noqa: E402
from figures import is_long, survived  # noqa: E402
from measured import run_measured  # noqa: E402
from notification import expect_one_message_each, expect_requests, success  # noqa: E402
from sidecar import listed, new_id, put, sidecar  # noqa: E402
from swapping import Running  # noqa: E402
from terminal import expect_harmless  # noqa: E402
from testcase import Skip, expect, expect_equal, main  # noqa: E402
from world import World  # noqa: E402

MIB = 1 << 20
SECONDS = 120  # for what takes one or two here
MEMORY = 96 * MIB  # beyond three times the file


def _good(world, name):
    """A job beside the bad ones that must succeed; its message."""
    job_id = new_id()
    make_files(world.dl, {f'{name}.bin': 10})
    world.put_sidecar(f'zz-{name}', listed(job_id, world.dl, {f'{name}.bin': 10}))
    return success(job_id, 1, 10)


def _flush(world, size, what):
    """A flush within the bounds; its exit status is not asked for."""
    outcome, peak = run_measured([world.program('aria2-ctm'), 'flush'], world.env, SECONDS)
    expect(outcome.status in (0, 1), f'{what}: {outcome}')
    expect(peak < MEMORY + 3 * size, f'{what}: {peak / MIB:.0f} MiB for {size / MIB:.0f} MiB')


def _head(world, **more):
    return sidecar(new_id(), world.dl, kind='single', **more).encode()


def _texts(world):
    """(what, bytes, whether a line is complained of) …"""
    head = _head(world)
    job = head.replace(b'[job]\n', b'')
    yield 'NULs', head + b'client_data = a\0b\n', True
    yield 'only NULs', bytes(MIB) + b'\n', True
    yield 'a NUL in the id', head.replace(b'id = {', b'id = {\0'), True
    yield 'a value of 1 MiB', head + b'client_data = ' + b'x' * MIB + b'\n', True
    yield 'a key of 1 MiB', head + b'x' * MIB + b' = y\n', True
    yield 'a section of 1 MiB', head + b'[' + b'x' * MIB + b']\n', True
    yield 'a comment of 1 MiB', head.replace(b'[job]', b'[nowhere]') + b';' * MIB + b'\n', True
    yield 'a line of 16 MiB', head + b'x' * (16 * MIB) + b'\n', True
    yield 'a local_path of 64 KiB', head.replace(
        bytes(world.dl), b'/' + b'd/' * 32000), True
    yield 'two marks of byte order', b'\xef\xbb\xbf\xef\xbb\xbf' + head, True
    yield 'CR only', head.replace(b'\n', b'\r') + b'\n', True
    yield 'UTF-16 LE', b'\xff\xfe' + head.decode().encode('utf-16-le') + b'\n', True
    yield 'UTF-16 BE', b'\xfe\xff' + head.decode().encode('utf-16-be') + b'\n', True
    yield 'UTF-32', head.decode().encode('utf-32') + b'\n', True
    yield 'no UTF-8', head + b'content_id = \xff\xfe\n', True
    yield 'overlong UTF-8', head + b'content_id = \xc0\xaf\n', True
    yield 'a surrogate', head + b'content_id = \xed\xa0\x80\n', True
    yield 'a million sections', head + b'[x]\n' * 10**6 + b'[job]\n', True
    yield 'a million jobs', head + b'[job]\n' * 10**6, True
    yield 'a million files without a path', head + b'[file.1]\n' * 10**6, True
    yield 'a million times one file', head.replace(b'single', b'listed') + \
        b'files_total = 1\n' + b'[file.1]\npath = a\n' * 10**6, True
    yield 'a million keys', head + b'flags = 1\n' * 10**6, True
    yield 'a million unknown keys', head + b'x = y\nkind = single\n' * 10**6, True
    yield 'a million addresses', head.replace(b'single', b'listed') + \
        b'files_total = 1\n[file.1]\n' + b'uri = http://x/\n' * 10**6, True
    yield 'a million lines of nothing', b'\n' * 10**6 + job, True
    yield 'random bytes', random.Random(1).randbytes(MIB) + b'\n', True
    yield 'out of range', head + b'bytes_total = 18446744073709551616\n', True
    yield 'a program', Path('/proc/self/exe').read_bytes()[:MIB] + b'\n', True
    yield 'nothing at all', b'', False
    yield 'a newline', b'\n', True
    yield 'no end', head[:-1], False


def monsters(build):
    """Garbled and monstrous texts, each in time and memory, complained of by line."""
    with World(build) as world:
        world.endpoint.up()
        expected, count = [], 0
        for what, text, complained in _texts(world):
            path = world.put_sidecar('bad', text)
            expected.append(_good(world, f'good-{count}'))
            world.hook('on-download-complete', world.dl / f'good-{count}.bin')
            _flush(world, len(text), what)
            said = world.ctm('check', seconds=SECONDS)
            expect_harmless(said.out + said.err, what)
            if complained:
                said.expect(1)
                expect(re.search(rf'{re.escape(str(path))}:\d+: ', said.out),
                       f'{what}: {said.out[:900]}')
            expect_equal(len(world.endpoint.requests()), len(expected), f'requests after {what}')
            path.unlink()
            count += 1
        expect_requests(expected, world.endpoint.requests())
        expect_harmless(world.log_text(), 'the log')
        survived('hostile download', 'sidecars: monstrous and garbled texts', count)


def _put_long(world, head, line, size, tail=b''):
    """A sidecar of so many bytes, which this process never holds whole: that would count."""
    path = world.jobs / '.bad.new'
    with open(path, 'wb') as file:
        file.write(head)
        while line and file.tell() < size - MIB:
            file.write(line * (MIB // len(line)))
        file.write(tail + b';' * (size - 1 - file.tell() - len(tail) if line else 0))
        file.truncate(size)
        file.seek(size - 1)
        file.write(b'\n')
    os.rename(path, world.jobs / 'bad.ctm.ini')
    return world.jobs / 'bad.ctm.ini'


def _sections(world):
    """(what, head, line, tail) …: [file.N] that can be part of no good sidecar."""
    single, path = _head(world), b'[file.1]\npath = a\n'
    listed_head = single.replace(b'single', b'listed')
    yield 'of a single job', single, path, b''
    yield 'beyond files_total', listed_head + b'files_total = 1\n', path, b''
    yield 'of no total', listed_head, path, b''
    yield 'of no kind', single.replace(b'kind = single\n', b''), path, b''
    yield 'too few', listed_head + b'files_total = 4294967295\n', path, b''
    yield 'without a path', listed_head + b'files_total = 2000000\n', b'[file.1]\n', b''
    yield 'before [job]', b'', path, single
    yield 'without a [job]', b'', path, b''


def sections_without_end(build):
    """Millions of [file.N] that can be part of no good sidecar are not kept, wherever and however
    [job] says so."""
    with World(build) as world:
        world.endpoint.up()
        expected = []
        for what, head, line, tail in _sections(world):
            path = _put_long(world, head, line, 24 * MIB, tail)
            name = f'good-{len(expected)}'
            expected.append(_good(world, name))
            world.hook('on-download-complete', world.dl / f'{name}.bin')
            _flush(world, 0, what)
            outcome = world.ctm('add', path, seconds=SECONDS)
            expect_equal(outcome.status, 1, f'{what}: {outcome.err[:900]}')
            expect_equal(len(world.endpoint.requests()), len(expected), f'requests after {what}')
        expect_requests(expected, world.endpoint.requests())
        survived('hostile download', 'sidecars: sections without end', len(expected))


def a_gibibyte(build):
    """One of a GiB: too large by a byte, or just not, of NULs, and (in a long run) of text."""
    cases = [('of NULs and a byte more', (1 << 30) + 1, b''), ('of NULs', 1 << 30, b'')]
    if is_long():
        cases += [('of comments', 1 << 30, b'; comment\n'), ('of lines', 1 << 30, b'x\n'),
                  ('of sections', 1 << 30, b'[x]\n'), ('of files', 1 << 30, b'[file.1]\n'),
                  ('of paths', 1 << 30, b'[file.1]\npath = a\n')]
    with World(build) as world:
        world.endpoint.up()
        expected = []
        for what, size, line in cases:
            _put_long(world, _head(world), line, size)
            name = f'good-{len(expected)}'
            expected.append(_good(world, name))
            world.hook('on-download-complete', world.dl / f'{name}.bin')
            _flush(world, 64 * MIB, what)
            expect_equal(len(world.endpoint.requests()), len(expected), f'requests after {what}')
        expect_requests(expected, world.endpoint.requests())
        survived('hostile download', 'sidecars: a GiB', len(cases))


def no_files(build):
    """What is called *.ctm.ini and is no regular file is opened by nobody who would wait."""
    with World(build) as world:
        world.endpoint.up()
        os.mkfifo(world.jobs / 'fifo.ctm.ini')
        (world.jobs / 'directory.ctm.ini').mkdir()
        (world.jobs / 'link.ctm.ini').symlink_to(put(world.root, 'x', _head(world)))
        (world.jobs / 'dangling.ctm.ini').symlink_to('nowhere')
        (world.jobs / 'loop.ctm.ini').symlink_to('loop.ctm.ini')
        (world.jobs / 'device-link.ctm.ini').symlink_to('/dev/zero')
        names = ['fifo', 'directory', 'link', 'dangling', 'loop', 'device-link', 'socket', 'open']
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(world.jobs / 'socket.ctm.ini'))
        if os.geteuid() == 0:
            os.mknod(world.jobs / 'zero.ctm.ini', 0o600 | 0o020000, os.makedev(1, 5))
            names.append('zero')
        world.put_sidecar('open', _head(world)).chmod(0o602)
        expected = _good(world, 'good')
        world.hook('on-download-complete', world.dl / 'good.bin')
        _flush(world, 0, 'no files')
        said = world.ctm('check').expect(1)
        for name in names:
            expect(f'{name}.ctm.ini' in said.out, f'check does not name {name}: {said.out}')
            outcome = world.ctm('add', world.jobs / f'{name}.ctm.ini', seconds=30).expect(1)
            expect(name in outcome.err, f'add does not name {name}: {outcome}')
        expect_requests([expected], world.endpoint.requests())
        survived('hostile download', 'sidecars: no regular files', len(names))


def strangers(build):
    """Whom a sidecar may come from: by its owner, its group and the directory it stands in."""
    if os.geteuid() != 0:
        raise Skip('not root')
    users = {name: pwd.getpwnam(name) for name in ('nobody', 'daemon', 'root')}
    cases = []  # (owner of the directory, its mode, [sidecar] owner, owner, mode, trusted)
    for directory, mode, named, owner, trusted in (
            ('nobody', 0o700, '', 'nobody', True), ('nobody', 0o700, '', 'root', True),
            ('nobody', 0o700, '', 'daemon', False), ('nobody', 0o777, '', 'daemon', False),
            ('nobody', 0o700, 'daemon', 'daemon', True),
            ('nobody', 0o700, 'daemon', 'nobody', False),
            ('root', 0o755, '', 'daemon', True), ('root', 0o777, '', 'daemon', False),
            ('root', 0o1777, '', 'daemon', False), ('root', 0o1777, '', 'nobody', True)):
        cases.append((directory, mode, named, owner, 0o644, trusted))
        cases.append((directory, mode, named, owner, 0o646, False))
    for directory, mode, named, owner, file_mode, trusted in cases:
        with World(build) as world:
            world.copy_programs()
            for path in (world.state, world.log.parent):
                os.chown(path, users['nobody'].pw_uid, users['nobody'].pw_gid)
            os.chown(world.jobs, users[directory].pw_uid, users[directory].pw_gid)
            world.jobs.chmod(mode)
            world.configure(f'url = {world.endpoint.url()}',
                            more=f'[sidecar]\nowner = {named}\n' if named else '')
            world.endpoint.up()
            make_files(world.dl, {'a.bin': 10})
            job_id = new_id()
            path = world.put_sidecar('job', listed(job_id, world.dl, {'a.bin': 10}))
            os.chown(path, users[owner].pw_uid, users[owner].pw_gid)
            path.chmod(file_mode)
            os.utime(path, (1e9, 1e9))  # no lease on what is another's: it must be old
            world.hook('on-download-complete', world.dl / 'a.bin')
            world.flush()
            what = f'{directory} {mode:o}, owner = {named}: {owner} {file_mode:o}'
            expect_equal(len(world.endpoint.requests()), int(trusted), f'requests for {what}')
    survived('hostile download', 'sidecars: of strangers', len(cases))


WRITER = '''
import os, sys
way, path, half = sys.argv[1], sys.argv[2], int(sys.argv[3])
texts = [open(one, "rb").read() for one in sys.argv[4:]]
while True:
    for text in texts:
        if way == "rename":
            with open(path + ".new", "wb") as file:
                file.write(text)
            os.rename(path + ".new", path)
            continue
        flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if way == "truncate" else 0)
        fd = os.open(path, flags, 0o600)
        os.pwrite(fd, text[:half], 0)
        os.pwrite(fd, text[half:], half)
        os.close(fd)
'''


def _halves(world, ids):
    """Two sidecars of equal length: the first half of one and the second of the other list what is
    there, all else is missing. (the length of a half, the two, what is there, what is missing)"""
    texts, there, missing, half = [], [], [], 0
    for number, job_id in enumerate(ids):
        lists = [[f'{number}-{part}-{count}.bin' for count in range(5)] for part in range(2)]
        text = listed(job_id, world.dl, {name: 10 for part in lists for name in part})
        half = text.index('[file.6]')
        texts.append(put(world.root, f'text-{number}', text))
        there += lists[number]
        missing += lists[1 - number]
    return half, texts, there, missing


def _race(build, way):
    """Two sidecars take turns under one name. Neither can succeed; one half of each would."""
    with World(build) as world:
        world.endpoint.up()
        world.configure(f'url = {world.endpoint.url()}', linger='0')
        ids = [new_id(), new_id()]
        half, texts, there, missing = _halves(world, ids)
        make_files(world.dl, {name: 10 for name in there})
        end, flushes = time.monotonic() + (60 if is_long() else 5), 0
        with Running(WRITER, way, world.jobs / 'job.ctm.ini', half, *texts):
            while time.monotonic() < end:
                for name in there:
                    world.hook('on-download-complete', world.dl / name)
                world.flush(seconds=10)
                flushes += 1
        expect_equal(world.endpoint.requests(), [], 'requests for one half of each')
        make_files(world.dl, {name: 10 for name in missing})
        for text in texts:
            world.put_sidecar('job', text.read_bytes())
            world.flush().expect(0)
        for name in there + missing:
            world.hook('on-download-complete', world.dl / name)
        world.flush().expect(0)
        world.endpoint.wait_for(2)
        expect_requests([success(job_id, 10, 100) for job_id in ids], world.endpoint.requests(),
                        ordered=False)
        survived('hostile download', f'sidecars: changed while read, by {way}', flushes)


def replaced_while_read(build):
    """By renaming another one into its place."""
    _race(build, 'rename')


def truncated_while_read(build):
    """Truncated, and written again in two parts."""
    _race(build, 'truncate')


def overwritten_while_read(build):
    """Overwritten in place, in two parts, never shorter."""
    _race(build, 'overwrite')


def swamped(build):
    """A directory full of sidecars, of which one is good."""
    with World(build) as world:
        world.endpoint.up()
        count = 100_000 if is_long() else 10_000
        for number in range(count):
            (world.jobs / f'{number}.ctm.ini').write_bytes(b'[job]\nid = x\n')
        expected = _good(world, 'good')
        call = world.hook('on-download-complete', world.dl / 'good.bin', seconds=60)
        expect(call.seconds < 60, 'the hook')
        outcome, peak = run_measured([world.program('aria2-ctm'), 'flush'], world.env, 600)
        expect(outcome.status in (0, 1), f'{outcome}')
        expect(peak < 512 * MIB, f'{peak / MIB:.0f} MiB')
        expect_one_message_each({expected['headers']['ce-subject']: expected},
                                world.endpoint.wait_for(1))
        survived('hostile download', 'sidecars: a directory full of them', count)


if __name__ == '__main__':
    main(monsters, sections_without_end, a_gibibyte, no_files, strangers, replaced_while_read,
         truncated_while_read, overwritten_while_read, swamped)
