#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Somebody controls all that aria2 downloads, names and all: CTM hears nothing of it, nobody else
is spoken to, and no other job comes to an end by it."""

import base64
import os
import pwd
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'support'))

import aria2  # noqa: E402
from content import content, make_files, sha256, write_file  # noqa: E402
from figures import survived  # noqa: E402
from naming_server import NamingServer, Silence  # noqa: E402
from notification import expect_requests, success  # noqa: E402
from process import run  # noqa: E402
from sidecar import listed, new_id, sidecar  # noqa: E402
from testcase import expect, expect_equal, main, needs  # noqa: E402
from torrent import bencode, info_of, metalink, torrent  # noqa: E402
from world import World  # noqa: E402

GID = '2089b05ecca3d829'
SIZE = 1000


class Attack:
    """A world whose aria2 runs as the state's owner, who is not root, and who downloads from a
    server of the attacker's. A second one must stay silent."""

    def __init__(self, build, sidecars=''):
        needs('aria2c')
        self.world = World(build)
        self.server, self.silence = NamingServer(), Silence()
        self.user = pwd.getpwnam('nobody') if os.geteuid() == 0 else None
        self.world.copy_programs()
        self.world.configure(f'url = {self.world.endpoint.url()}', linger='0', more=sidecars)
        for path in (self.world.state, self.world.jobs, self.world.log.parent, self.world.dl):
            self.give(path)
        self.world.endpoint.up()

    def give(self, path):
        """A file or directory becomes the owner's."""
        if self.user:
            os.chown(path, self.user.pw_uid, self.user.pw_gid)
        return path

    def put(self, name, text):
        return self.give(self.world.put_sidecar(name, text))

    def _become(self):
        if self.user:
            os.setgroups([])
            os.setgid(self.user.pw_gid)
            os.setuid(self.user.pw_uid)

    def download(self, *arguments, seconds=60):
        """aria2c with all hooks, to its end, however that is."""
        world = self.world
        outcome = run(aria2.command('--seed-time=0', '--auto-file-renaming=true',
                                    '--allow-overwrite=true', '--check-integrity=false',
                                    *world.hook_options(), *arguments),
                      env=world.env, cwd=world.dl, seconds=seconds, preexec=self._become)
        world.quiet()
        return outcome

    def flush(self):
        """Twice: what was found by the first may be due in the second."""
        for _ in range(2):
            self.world.flush()

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        try:
            self.world.__exit__(*failure)
        finally:
            self.server.close()
            self.silence.close()


def _evil_texts(attack, victim):
    """Sidecars as an attacker would have them read: for a job of their own, for the victim's, to a
    place of their own."""
    world = attack.world
    for job_id in (new_id(), victim):
        for endpoint in ('ctm', f'http://127.0.0.1:{attack.silence.port}/'):
            for place in (world.dl, world.dl / 'victim', '/etc'):
                yield sidecar(job_id, place, kind='totals', files_total=1,
                              endpoint=endpoint).encode()
    yield sidecar(new_id(), world.dl, [{'path': 'victim/a.bin', 'size': SIZE}]).encode()
    yield sidecar(victim, None, kind='single').encode()


DISPOSITIONS = [
    b'attachment; filename="evil.ctm.ini"', b'attachment; filename=victim.ctm.ini',
    b'attachment; filename="a.bin.ctm.ini"', b'attachment; filename=".ctm.ini"',
    b'attachment; filename="../state/jobs/evil.ctm.ini"',
    b'attachment; filename="..%2fstate%2fjobs%2fevil.ctm.ini"',
    b'attachment; filename="/etc/evil.ctm.ini"', b"attachment; filename*=UTF-8''evil.ctm.ini",
    b"attachment; filename*=UTF-8''..%2F..%2Fevil.ctm.ini",
    b'attachment; filename="evil.ctm.ini\\0"', b'attachment; filename="\xff\xfe.ctm.ini"',
    b'attachment; filename="..\\state\\jobs\\evil.ctm.ini"',
    b'attachment; filename="a\\nb.ctm.ini"',
    b'attachment; filename="-rf"', b'attachment; filename="$(touch PWNED).ctm.ini"',
    b'attachment; filename=""', b'attachment; filename="' + b'x' * 240 + b'.ctm.ini"',
    b'attachment; filename="\x1b[2J.ctm.ini"', b'attachment; filename="a.bin"',
]


def _by_disposition(attack, victim):
    """All names, with all texts in turn, into dl and beside the victim's directory."""
    texts = list(_evil_texts(attack, victim))
    urls = [attack.server.serve(disposition, texts[number % len(texts)])
            for number, disposition in enumerate(DISPOSITIONS * 2)]
    urls += [attack.server.serve(DISPOSITIONS[number % 2], text)
             for number, text in enumerate(texts)]
    listing = aria2.input_file(attack.give(attack.world.root / 'run') / 'list',
                               [(url, {}) for url in urls])
    attack.download('-j4', f'--input-file={listing}')
    return len(urls)


def _by_torrent(attack, victim):
    """Sidecars in torrents: one alone, in a directory, beside one, in the victim's, above all."""
    world, count = attack.world, 0
    source = world.root / 'source'
    for name, files in (('evil.ctm.ini', None), ('victim.ctm.ini', None),
                        ('d', ['evil.ctm.ini', 'd.ctm.ini', 'sub.ctm.ini', 'sub/x.ctm.ini']),
                        ('victim', ['victim.ctm.ini', 'x.ctm.ini']),
                        ('..', ['state/jobs/evil.ctm.ini']), ('e', ['../../state/jobs/e.ctm.ini']),
                        ('/etc', ['e.ctm.ini'])):
        text = next(iter(_evil_texts(attack, victim)))
        for file in files or ['']:
            write_file(source / f'{count}' / 'x' / (file.replace('../', 'up/') or name), text)
        root = source / f'{count}' / 'x'
        info = info_of(root, [file.replace('../', 'up/') or name for file in files or ['']])
        info['name'] = name
        if not files:
            info['length'] = info.pop('files')[0]['length']
        else:
            for one, file in zip(info['files'], files):
                one['path'] = file.split('/')
        web = world.web or world.serve({})
        for file in files or ['']:
            served = world.www / name.strip('/').replace('..', 'up') / file.replace('../', 'up/')
            write_file(served if files else world.www / name, text)
        path = source / f'{count}.torrent'
        path.write_bytes(bencode({'info': info, 'url-list': [web.url('')]}))
        attack.download('--bt-stop-timeout=3', str(path), seconds=90)
        count += 1
    return count


def _sidecars(build, beside, owner):
    options = f'[sidecar]\nbeside = {beside}\n' + (f'owner = {owner}\n' if owner else '')
    with Attack(build, options) as attack:
        world, victim = attack.world, new_id()
        directory = world.dl / 'victim'
        make_files(directory, {'a.bin': SIZE})
        for path in (directory, directory / 'a.bin'):
            attack.give(path)
        attack.put('victim', listed(victim, directory, {'a.bin': SIZE, 'b.bin': SIZE}))
        world.flush()
        count = _by_disposition(attack, victim) + _by_torrent(attack, victim)
        found = list(world.dl.rglob('*.ctm.ini'))
        expect(len(found) > 10, f'only {len(found)} sidecars were downloaded')
        attack.flush()
        expect_equal(sorted(os.listdir(world.jobs)), ['victim.ctm.ini'], '[sidecar] dir')
        expect_equal([job['id'] for job in world.status()['jobs']], [victim], 'jobs')
        expect_equal(world.endpoint.requests(), [], 'requests')
        expect_equal(attack.silence.connections, 0, 'connections elsewhere')
        expect(not list(world.root.rglob('PWNED')), 'a name was run as a command')
        make_files(directory, {'b.bin': SIZE})
        for name in ('a.bin', 'b.bin'):
            world.hook('on-download-complete', directory / name)
        attack.flush()
        expect_requests([success(victim, 2, 2 * SIZE)], world.endpoint.requests())
        expect_equal(attack.silence.connections, 0, 'connections elsewhere')
        survived('hostile download', f'sidecars downloaded: beside = {beside}, owner = {owner}',
                 count)


def sidecars_in_a_directory(build):
    """Sidecars count in their own directory only."""
    _sidecars(build, 'no', '')


def sidecars_of_an_owner(build):
    """The same where a user is named who may write them."""
    _sidecars(build, 'no', 'nobody' if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name)


def sidecars_beside(build):
    """Sidecars count beside content; those downloaded are aria2's user's."""
    _sidecars(build, 'yes', '')


def sidecars_beside_of_aria2s_user(build):
    """The same where aria2's own user is named by mistake."""
    _sidecars(build, 'yes', 'nobody' if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name)


def _attack_paths(attack, victim):
    """Every way into another job's directory that a download, or a link in it, has."""
    world = attack.world
    evil, name = b'e' * SIZE, 'a.bin'
    for path in (f'mine/../victim/{name}', f'./victim/./{name}', f'victim//{name}'):
        write_file(world.dl / 'victim' / name, evil)
        world.call_hook('on-download-complete', f'{world.dl}/{path}').wait().expect(0)
    (world.dl / 'mine').mkdir(exist_ok=True)
    (world.dl / 'mine/link').symlink_to('../victim')
    os.link(world.dl / 'victim' / name, world.dl / 'mine/hard.bin')
    (world.dl / 'mine/soft.bin').symlink_to(f'../victim/{name}')
    for path in ('link/a.bin', 'hard.bin', 'soft.bin', 'a.bin'):
        for number in (0, 1, 2, 7):
            world.call_hook('on-download-complete', world.dl / 'mine' / path, number).wait()
            world.call_hook('on-bt-download-complete', world.dl / 'mine' / path, number).wait()
    for path in world.dl.rglob('*'):
        if not path.is_symlink():
            attack.give(path)
    world.serve({})
    url = attack.server.serve(b'attachment; filename="a.bin"', evil)
    attack.download('-d', world.dl / 'victim', url)
    attack.download('-d', world.dl / 'mine/link', url)
    attack.download('-d', world.dl, '-o', 'victim/a.bin', url)
    (world.root / 'm.meta4').write_text(metalink([
        (path, evil, attack.server.serve(b'inline', evil))
        for path in ('../victim/a.bin', 'victim/a.bin', 'a.bin')]))
    attack.download('-d', world.dl, f'--metalink-file={world.root}/m.meta4')
    write_file(world.www / 'victim' / name, evil)
    whole = torrent(world.www / 'victim', [name], webseed=world.web.url(''))
    (world.root / 'victim.torrent').write_bytes(whole)
    attack.download('-d', world.dl, world.root / 'victim.torrent')
    expect_equal((world.dl / 'victim' / name).read_bytes(), evil, 'the attacker is there')
    return 3 + 4 * 4 * 2 + 3 + 3 + 1


def _victims(build, what, **evidence):
    """A job is not ended by a file that somebody else's download put into its place."""
    with Attack(build) as attack:
        world, victim = attack.world, new_id()
        keys = {'path': 'a.bin', 'size': SIZE, **evidence}
        attack.put('victim', sidecar(victim, world.dl / 'victim', [keys], timeout=86400))
        mine = new_id()
        attack.put('mine', sidecar(mine, world.dl / 'mine', kind='totals', files_total=1000,
                                   timeout=86400))
        attack.put('above', sidecar(new_id(), world.dl, kind='totals', files_total=1000,
                                    timeout=86400))
        attack.give(world.dl)
        count = _attack_paths(attack, victim)
        attack.flush()
        expect_equal(world.endpoint.requests(), [], f'requests with {what}')
        write_file(world.dl / 'victim/a.bin', content('a.bin', SIZE))
        world.call_hook('on-download-complete', world.dl / 'victim/a.bin', gid=GID).wait()
        attack.flush()
        expect_requests([success(victim, 1, SIZE)], world.endpoint.requests())
        expect_equal(attack.silence.connections, 0, 'connections elsewhere')
        survived('hostile download', f'another job\'s file, which has {what}', count)


def victim_with_a_gid(build):
    """Its file is evident by its own download alone."""
    _victims(build, 'a gid', gid=GID)


def victim_with_a_hash(build):
    """Its file is evident by anything, and not right."""
    _victims(build, 'a sha256', sha256=sha256(content('a.bin', SIZE)))


def _urls(port, other):
    """(endpoint, whether it is admitted by http://127.0.0.1:PORT/notify/) …"""
    here = f'http://127.0.0.1:{port}'
    for url in (f'{here}/notify/ok', f'HTTP://127.0.0.1:{port}/notify/ok', f'{here}/notify',
                f'{here}/notify/?to=http://127.0.0.1:{other}/', f'{here}/notify/%41',
                f'http://127.0.0.1:0{port}/notify/zero'):
        yield url, True
    for url in (f'http://127.0.0.1:{other}/notify/', f'{here}@127.0.0.1:{other}/notify/',
                f'http://127.0.0.1:{port}:{other}/notify/', f'{here}/notifyx', f'{here}/notify.x/',
                f'{here}/', here, f'{here}/Notify/', f'{here}/x/../notify/', f'{here}//notify/',
                f'{here}/notify/../x', f'{here}/notify/%2e%2e/x', f'{here}/notify/.%2E/x',
                f'{here}/notify/..%2fx', f'{here}/notify/%2f..%2fx', f'{here}/notify/%00',
                f'{here}/notify/\\..\\x', f'{here}\\@127.0.0.1:{other}/notify/',
                f'{here}/notify/\tx', f'{here}/notify/ x', f'{here}#@127.0.0.1:{other}/notify/',
                f'{here}/notify/#x', f'{here}?@127.0.0.1:{other}/notify/',
                f'http://user@127.0.0.1:{port}/notify/', f'http://127.0.0.1.:{port}/notify/',
                f'http://localhost:{port}/notify/', f'http://127.1:{port}/notify/',
                f'http://2130706433:{other}/notify/', f'http://0x7f000001:{other}/notify/',
                f'http://[::1]:{port}/notify/', f'http://[::ffff:127.0.0.1]:{other}/notify/',
                f'http://[127.0.0.1]:{other}/notify/', f'http://127.0.0.1:{port}x/notify/',
                f'http://127.0.0.1:{port + 65536}/notify/',
                f'http://127.0.0.1%3a{other}/notify/', f'http://%31%32%37.0.0.1:{port}/notify/',
                f'https://127.0.0.1:{port}/notify/', f'//127.0.0.1:{port}/notify/',
                f'http:/127.0.0.1:{port}/notify/', f'http:///127.0.0.1:{port}/notify/',
                f'http://１２７.0.0.1:{other}/notify/', f'http://127。0。0。1:{other}/notify/',
                f'http://127.0.0.1:{port}。x/notify/', f'file://{here}/notify/',
                'file:///etc/passwd',
                f'gopher://127.0.0.1:{other}/x', f'ftp://127.0.0.1:{other}/', 'unix:///run/x.sock',
                f'javascript://127.0.0.1:{other}/', f'dict://127.0.0.1:{other}/x',
                f'{here}/notify/{{a,b}}', f'http://{{127.0.0.1,x}}:{other}/notify/',
                f'http://127.0.0.1:[{port}-{other}]/notify/', f'{here}/notify/%',
                f'{here}/notify/%zz',
                f'http://127.0.0.1:{port}/notify/' + 'x' * 9000 + f'@127.0.0.1:{other}'):
        yield url, url.endswith(str(other)) and 'x' * 9000 in url


def urls(build):
    """A sidecar's own address is spoken to where `allow` admits it, by whole parts, and nowhere
    else; what it says in the message can't end a header or a string."""
    with World(build) as world, Silence() as silence:
        world.endpoint.up()
        world.configure(f'url = {world.endpoint.url()}\n'
                        f'allow = http://127.0.0.1:{world.endpoint.port}/notify/\n', linger='0')
        expected = []
        cases = list(_urls(world.endpoint.port, silence.port))
        data = '\r\nX-Evil: 1\r\n\r\nPOST /evil HTTP/1.1\r\n","szID":"x\u2028\\'
        for number, (url, admitted) in enumerate(cases):
            job_id, directory = new_id(), world.dl / f'{number}'
            make_files(directory, {'a.bin': 10})
            world.put_sidecar(f'job-{number}', sidecar(
                job_id, directory, [{'path': 'a.bin', 'size': 10}], endpoint=url,
                client_data_base64=base64.b64encode(data.encode()).decode(),
                content_id='x\rX-Evil: 1'))
            world.hook('on-download-complete', directory / 'a.bin')
            if admitted:
                expected.append(success(job_id, 1, 10, data, url))
        for _ in range(2):
            world.flush()
        expect_requests(expected, world.endpoint.requests(), ordered=False)
        for request in world.endpoint.requests():
            expect(request['path'].split('?')[0].startswith('/notify'), request['path'])
            expect('x-evil' not in request['headers'], f'{request["headers"]}')
        expect_equal(silence.connections, 0, 'connections elsewhere')
        survived('hostile download', 'addresses in sidecars', len(cases))


if __name__ == '__main__':
    main(sidecars_in_a_directory, sidecars_of_an_owner, sidecars_beside,
         sidecars_beside_of_aria2s_user, victim_with_a_gid, victim_with_a_hash, urls)
