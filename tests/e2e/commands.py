#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""aria2-ctm for people: add --input, status, retry, send success, explain, and complaints."""

import base64
import os
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

import aria2  # noqa: E402
from content import content, expect_untouched, listing, make_files, sha256  # noqa: E402
from notification import expect_requests, success  # noqa: E402
from sidecar import listed, new_id, put, sidecar  # noqa: E402
from testcase import expect, expect_equal, main, needs  # noqa: E402
from world import World  # noqa: E402

FILES = {'a.bin': 1000, 'sub dir/b "q".bin': 2000, "it's é.bin": 0}


def _values(data):
    """All strings anywhere in a JSON value."""
    if isinstance(data, dict):
        return [one for value in data.values() for one in _values(value)]
    if isinstance(data, list):
        return [one for value in data for one in _values(value)]
    return [data] if isinstance(data, str) else []


def add_input(build):
    """`add --input` writes what aria2c -i downloads, names, checksums and all."""
    needs('aria2c', 'nginx')
    with World(build) as world:
        world.endpoint.up()
        web = world.serve(FILES)
        job_id, directory = new_id(), world.dl / 'content'
        gids = {name: f'{number + 1:016x}' for number, name in enumerate(FILES)}
        files = [{'path': name, 'size': size, 'uri': [web.url('absent'), web.url(name)],
                  'gid': gids[name], 'sha256': sha256(content(name, size))}
                 for name, size in FILES.items()]
        path = put(world.root, 'job.ctm.ini', sidecar(job_id, directory, files))
        text = world.ctm('add', '--input', path).expect(0).out
        for gid in gids.values():
            expect(f'gid={gid}' in text, f'no gid={gid} in\n{text}')
        (world.root / 'input').write_text(text)
        aria2.download(f'--input-file={world.root / "input"}', *world.hook_options(),
                       env=world.env).expect(0)
        world.endpoint.wait_for(1)
        world.flush().expect(0)
        expect_requests([success(job_id, 3, 3000)], world.endpoint.requests())


def add_refuses_names(build):
    """Names that aria2 would trim, or that could put a line of their own into its input."""
    with World(build) as world:
        for number, name in enumerate(('a\nout=x', ' leading', 'trailing ', 'a\rb')):
            encoded = base64.b64encode(name.encode()).decode()
            text = sidecar(new_id(), world.dl, [{
                'path_base64': encoded, 'uri': 'http://127.0.0.1:9/x'}])
            outcome = world.ctm('add', '--input', put(world.root, f'{number}.ctm.ini', text))
            outcome.expect(1)
            expect('uri' not in outcome.out and 'out=' not in outcome.out,
                   f'something was written:\n{outcome}')
        path = put(world.root, 'directory.ctm.ini', sidecar(new_id(), world.dl, [
            {'path': 'a /b.bin', 'uri': 'http://127.0.0.1:9/x'}]))
        world.ctm('add', '--input', path).expect(1).says('"a /b.bin"', 'blank')


def add_refuses_metadata(build):
    """A torrent is not the file that it brings; a file that is a torrent may be one."""
    with World(build) as world:
        for number, uri in enumerate(('http://127.0.0.1:9/x.torrent', 'magnet:?xt=urn:btih:00',
                                      'http://127.0.0.1:9/x.META4?y=z#a', 'MAGNET:?dn=x',
                                      'https://127.0.0.1:9/y/x.metalink')):
            path = put(world.root, f'{number}.ctm.ini', sidecar(new_id(), world.dl / str(number), [
                {'path': 'a.bin', 'uri': ['http://127.0.0.1:9/a.bin', uri]}]))
            outcome = world.ctm('add', '--input', path).expect(1).says(f'{path}:', 'torrent')
            expect('gid=' not in outcome.out, f'something was written:\n{outcome}')
        path = put(world.root, 'itself.ctm.ini', sidecar(new_id(), world.dl / 'itself', [
            {'path': 'a.torrent', 'uri': 'http://127.0.0.1:9/x.torrent'}]))
        text = world.ctm('add', '--input', path).expect(0).out
        expect('follow-torrent=false' in text and 'follow-metalink=false' in text, text)


def add_replaces_files_alone(build):
    """--input=FILE puts a file in the place of a file."""
    with World(build) as world:
        path = put(world.root, 'job.ctm.ini', sidecar(new_id(), world.dl, [
            {'path': 'a.bin', 'uri': 'http://127.0.0.1:9/x'}]))
        place = world.root / 'places'
        place.mkdir()
        os.mkfifo(place / 'fifo')
        (place / 'link').symlink_to(place / 'elsewhere')
        for name in ('fifo', 'link', '.'):
            world.ctm('add', f'--input={place / name}', path).expect(1).says('no regular file')
        expect((place / 'fifo').is_fifo() and (place / 'link').is_symlink(), 'they are replaced')
        expect_equal(world.status()['jobs'], [], 'jobs')
        for _ in range(2):
            world.ctm('add', f'--input={place / "file"}', path).expect(0)
            expect('out=a.bin' in (place / 'file').read_text(), 'the file')


def status_and_retry(build):
    """A message that nobody takes is dead, listed, and goes out by `retry`, the same one."""
    with World(build, retry='0, 1s', linger='5s') as world:
        make_files(world.dl, {'a.bin': 10})
        job_id = new_id()
        world.ctm('add', put(world.root, 'job.ctm.ini',
                             listed(job_id, world.dl, {'a.bin': 10}, content_id='PS1'))).expect(0)
        expect(job_id in _values(world.status()), 'status does not list the job')
        expect(job_id in _values(world.status(job_id[:9])), 'the start of a GUID finds no job')
        expect(job_id in _values(world.status('PS1')), 'the content_id finds no job')
        world.endpoint.up(['500'])
        world.hook('on-download-complete', world.dl / 'a.bin')
        world.endpoint.wait_for(2)
        world.quiet()
        dead = world.ctm('status', '--json', job_id).expect(0)
        expect('dead' in dead.out, f'nothing is called dead:\n{dead}')
        world.endpoint.up()
        world.flush()
        expect_equal(len(world.endpoint.requests()), 2, 'requests before retry')
        world.ctm('retry', job_id).expect(0)
        world.flush().expect(0)
        expect_requests([success(job_id, 1, 10)] * 3, world.endpoint.requests())
        world.ctm('retry', new_id()).expect(1)
        world.ctm('retry').expect(2)
        world.ctm('status', '--json').expect(0)


def send_success(build):
    """The call by hand; the GUID of a known job is refused."""
    with World(build) as world:
        world.endpoint.up()
        job_id = new_id()
        world.ctm('send', 'success', '--help').expect(0)
        known = new_id()
        world.put_sidecar('job', listed(known, world.dl, {'a.bin': 10}))
        world.flush().expect(0)
        arguments = ['--endpoint', 'ctm', '--client-data', 'by "hand"', '--bytes', '30',
                     '--files', '2']
        world.ctm('send', 'success', '--id', job_id, *arguments).expect(0)
        expect_requests([success(job_id, 2, 30, 'by "hand"')], world.endpoint.requests())
        world.ctm('send', 'success', '--id', known, *arguments).expect(1).says(known)
        world.ctm('send', 'success', '--id', 'no-guid', *arguments).expect(1, 2)
        world.ctm('send', 'nonsense').expect(2).says('nonsense')
        expect_equal(len(world.endpoint.requests()), 1, 'requests in the end')


EXPLAINED = [
    # arguments, exit status, the first lines of the blocks, what else is said
    (['0x80070070'], 0, ['0x80070070 (ERROR_DISK_FULL), an HRESULT'], ['free disk space']),
    (['80070070'], 0, ['0x80070070 (ERROR_DISK_FULL), an HRESULT'], ['no, it fails again']),
    (['2147942512'], 0, ['0x80070070 (ERROR_DISK_FULL), an HRESULT'], []),
    (['-2147024784'], 0, ['0x80070070 (ERROR_DISK_FULL), an HRESULT'], []),
    (['error_Disk_full'], 0, ['0x80070070 (ERROR_DISK_FULL), an HRESULT'], []),
    (['0x801901F7'], 0, ['0x801901F7 (BG_E_HTTP_ERROR_503), an HRESULT'], ['yes, a later']),
    (['0x800703E5'], 0, ['0x800703E5 (ERROR_IO_PENDING), an HRESULT'], ['aria2-ctm status']),
    (['aria2:22'], 0, ['aria2:22, an exit code of aria2'], ['0x80072F78', 'status']),
    (['aria2:7'], 0, ['aria2:7, an exit code of aria2'], ['no HRESULT']),
    (['curl:28'], 0, ['curl:28 (CURLE_OPERATION_TIMEDOUT), a code of libcurl'],
     ['0x80072EE2 (ERROR_WINHTTP_TIMEOUT)', 'yes, a later']),
    (['60'], 0, ['curl:60 (CURLE_PEER_FAILED_VERIFICATION), a code of libcurl'], ['ca_file']),
    (['503'], 0, ['http:503 (Service Unavailable), an HTTP status'], ['0x801901F7']),
    (['HTTP:418'], 0, ['http:418 (client error), an HTTP status'], ['0x801901A2']),
    (['22'], 0, ['aria2:22, an exit code of aria2',
                 'curl:22 (CURLE_HTTP_RETURNED_ERROR), a code of libcurl'], []),
    (['11'], 0, ['aria2:11, an exit code of aria2'], []),
    (['404', 'E_FAIL'], 0, ['http:404 (Not Found), an HTTP status',
                            '0x80004005 (E_FAIL), an HRESULT'], []),
    (['aria2:33'], 1, [], ['aria2:33']),
    (['curl:20'], 1, [], ['curl:20']),
    (['http:600'], 1, [], ['http:600']),
    (['0x8007ABCD'], 1, [], ['0x8007ABCD']),
    (['600'], 1, [], ['600']),
    (['aria2:'], 1, [], ['aria2:']),
    (['aria2: 9'], 1, [], ['aria2: 9']),
    ([''], 1, [], ['""']),
    (['NONSENSE', '9'], 1, ['aria2:9, an exit code of aria2',
                            'curl:9 (CURLE_REMOTE_ACCESS_DENIED), a code of libcurl'],
     ['NONSENSE']),
    ([], 2, [], ['CODE']),
    (['-x'], 2, [], ['-x']),
    (['9', '-'], 2, [], ['"-"']),
    (['--'], 2, [], ['CODE']),
    (['--', 'http:404'], 0, ['http:404 (Not Found), an HTTP status'], []),
    (['http:404', '--'], 0, ['http:404 (Not Found), an HTTP status'], []),
    (['http:404', '--', '--'], 1, ['http:404 (Not Found), an HTTP status'], ['"--"']),
]


def explain(build):
    """What a code means, in all that it can be; there is no configuration and no state."""
    with World(build) as world:
        world.conf.unlink()
        before = listing(world.root)
        for arguments, status, heads, texts in EXPLAINED:
            outcome = world.ctm('explain', *arguments).expect(status).says(*texts)
            found = [line for line in outcome.out.splitlines() if line and line[0] != ' ']
            expect_equal(found, heads, f'first lines of explain {arguments}')
        for code in range(33):
            world.ctm('explain', f'aria2:{code}').expect(0).says('meaning', 'becomes', 'remedy')
        expect_untouched(before, world.root)


def wrong_usage(build):
    """2 for what is no command, no option; --help is 0 everywhere."""
    with World(build) as world:
        world.ctm().expect(2)
        world.ctm('flsuh').expect(2).says('flsuh')
        world.ctm('--help').expect(0)
        for command in ('run', 'add', 'status', 'flush', 'check', 'retry', 'cancel', 'fail',
                        'suspend', 'resume', 'set', 'forget', 'send', 'explain'):
            expect(world.ctm(command, '--help').expect(0).out, f'{command} --help is silent')
            world.ctm(command, '--nonsense').expect(2).says('nonsense')
        world.ctm('add').expect(2)
        world.ctm('flush', 'too', 'many').expect(2)


BAD_CONFIGURATIONS = [
    ('[state]\nkeep = soon\n', 2, ['keep', 'soon']),
    ('[state]\n\n[endpoint.ctm]\nurl = ftp://ctm.example/\n', 4, ['url', 'ftp']),
    ('[endpoint.ctm]\nurl = http://ctm.example/notify\n', 2, ['url', 'insecure']),
    ('[retry]\nscedule = 0\n', 2, ['scedule', 'schedule']),
    ('[log]\nformat = xml\n', 2, ['format', 'xml']),
    ('[state]\nkeep = 30d\nkeep = 31d\n', 3, ['keep']),
    ('[endpoint.ctm]\n  url = https://ctm.example/\n', 2, ['indent']),
]


def bad_configuration(build):
    """Each complaint names file, line and key, what was found and what would be right."""
    with World(build) as world:
        good = world.conf.read_text()
        for text, line, words in BAD_CONFIGURATIONS:
            world.conf.write_text(text)
            outcome = world.ctm('check')
            outcome.says(f'{world.conf}:{line}:', *words)
            if 'scedule' not in text:
                outcome.expect(1)
        world.conf.unlink()
        world.ctm('flush').expect(1).says(str(world.conf))
        world.conf.write_text(good)
        world.ctm('flush').expect(0)


def _job_with(line, files='[file.1]\npath = a.bin\n', total=1):
    return (f'[job]\nid = {new_id()}\nkind = listed\nendpoint = ctm\nlocal_path = @DL@\n'
            f'files_total = {total}\n{line}{files}')


BAD_SIDECARS = [
    (_job_with('bytes_total = 12x\n'), 7, ['bytes_total', '12x']),
    (_job_with('bytes_total = 18446744073709551616\n'), 7, ['bytes_total']),
    (_job_with('priority = urgent\n'), 7, ['priority', 'urgent']),
    (_job_with('flags = dierctory\n'), 7, ['flags', 'dierctory']),
    (_job_with('', '[file.1]\npath = ../a.bin\n'), 8, ['path', '..']),
    (_job_with('', '[file.1]\npath = /etc/passwd\n'), 8, ['path', '/etc/passwd']),
    (_job_with('', '[file.1]\npath = C:\\a.bin\n'), 8, ['path', 'C:']),
    (_job_with('', '[file.1]\npath = a.bin\nsize = -1\n'), 9, ['size', '-1']),
    (_job_with('', '[file.1]\npath = a.bin\nsha256 = abc\n'), 9, ['sha256']),
    (_job_with('', '[file.1]\npath = a.bin\ngid = xyz\n'), 9, ['gid', 'xyz']),
    (_job_with('', '[file.1]\npath = a.bin\npath = b.bin\n'), 9, ['path']),
    (_job_with('client_data_base64 = ###\n'), 7, ['client_data_base64']),
    (_job_with('  timeout = 5\n'), 7, ['indent']),
    ('[job]\nid = {12}\nkind = listed\n', 2, ['id', '{12}']),
    (f'[job]\nid = {new_id()}\nkind = lsited\n', 3, ['kind', 'lsited', 'listed']),
]


def bad_sidecars(build):
    """Each is refused with file, line and key; a good one beside them is delivered."""
    with World(build) as world:
        world.endpoint.up()
        for number, (text, line, words) in enumerate(BAD_SIDECARS):
            text = text.replace('@DL@', str(world.dl))
            path = put(world.root, f'bad-{number}.ctm.ini', text)
            for command in ('add', 'check'):
                world.ctm(command, path).expect(1).says(f'{path}:{line}:', *words)
            world.put_sidecar(f'bad-{number}', text)
        make_files(world.dl / 'good', {'a.bin': 10})
        job_id = new_id()
        world.put_sidecar('good', listed(job_id, world.dl / 'good', {'a.bin': 10}))
        world.hook('on-download-complete', world.dl / 'good/a.bin')
        world.hook('on-download-complete', world.dl / 'a.bin')
        world.endpoint.wait_for(1)
        world.flush()
        expect_requests([success(job_id, 1, 10)], world.endpoint.requests())


def endpoint_to_be_mended(build):
    """A sidecar whose endpoint is not configured is not registered: it can still be mended. One
    that is found in the directory is, so that no event is lost."""
    with World(build) as world:
        world.endpoint.up()
        make_files(world.dl, {'a.bin': 10})
        job_id = new_id()
        good = listed(job_id, world.dl, {'a.bin': 10})
        for command in ('add', 'run'):
            path = put(world.root, 'job.ctm.ini', good.replace('= ctm\n', '= cmt\n'))
            world.ctm(command, path).expect(1).says(str(path), '"cmt"', 'did you mean "ctm"')
            expect_equal(world.status()['jobs'], [], f'jobs after {command}')
        put(world.root, 'job.ctm.ini', good)
        world.ctm('add', path).expect(0)
        world.hook('on-download-complete', world.dl / 'a.bin')
        world.endpoint.wait_for(1)
        expect_requests([success(job_id, 1, 10)], world.endpoint.requests())
        found = new_id()
        world.put_sidecar('found', listed(found, world.dl, {'b.bin': 1}, endpoint='cmt'))
        world.flush().expect(0)
        expect_equal(len(world.status(found)['jobs']), 1, 'jobs that were found')


def odd_hook_calls(build):
    """Arguments that aria2 never passes harm nothing and nobody."""
    with World(build) as world:
        world.endpoint.up()
        make_files(world.dl, {'a.bin': 10})
        job_id = new_id()
        world.put_sidecar('job', listed(job_id, world.dl, {'a.bin': 10}))
        name = world.program('on-download-complete')
        path = str(world.dl / 'a.bin')
        for rest in ([], ['x'], ['0' * 16], ['0123456789abcdef', '1'],
                     ['0123456789abcdef', '-1', path], ['0123456789abcdef', '99999999999', path],
                     ['nonsense', '1', path], ['0123456789abcdef', '0', ''],
                     ['0123456789abcdef', '1', 'x' * 100000]):
            world.call_hook('on-download-complete', '', argv=[name, *rest]).wait()
        world.call_hook('on-download-complete', '', argv=['strange-name', 'a' * 16, '1', path]
                        ).wait()
        world.flush()
        expect_equal(world.endpoint.requests(), [], 'requests after nonsense')
        world.hook('on-download-complete', path)
        world.endpoint.wait_for(1)
        expect_requests([success(job_id, 1, 10)], world.endpoint.requests())


if __name__ == '__main__':
    main(add_input, add_refuses_names, add_refuses_metadata, add_replaces_files_alone,
         status_and_retry, send_success, explain, wrong_usage,
         bad_configuration, bad_sidecars, endpoint_to_be_mended, odd_hook_calls)
