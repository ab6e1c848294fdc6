# SPDX-License-Identifier: MIT
"""Scenarios of plain downloads: names, sizes, repetition, renaming."""

import base64

import aria2
from content import content, sha256
from notification import success


def one_file(r):
    """One file over HTTP, in a listed job."""
    r.serve({'setup.exe': 70000})
    r.job([{'path': 'setup.exe', 'size': 70000}], client_data='<data id="7">€ & more</data>',
          bytes_total=70000)
    r.endpoint()
    r.aria2('--dir=@DL@', r.web.url('setup.exe'))
    r.requests(1)
    r.flush(1)
    r.expect(success(r.job_id, 1, 70000, '<data id="7">€ & more</data>'))


def twenty_files(r):
    """Twenty files, eight at a time, into a relative directory; control characters in the
    client data."""
    files = {f'part-{number:02}.bin': 1000 + 1777 * number for number in range(20)}
    data = 'a "quoted" \\ thing,\n\ta tab,\x01\x1f and 日本'
    r.serve(files)
    r.job([{'path': name, 'size': size} for name, size in files.items()],
          client_data_base64=base64.b64encode(data.encode()).decode())
    r.endpoint()
    list_file = aria2.input_file(r.root / 'list', [(r.web.url(name), {}) for name in files])
    r.aria2('-j8', '--dir=dl', f'--input-file={list_file}', cwd='@ROOT@')
    r.requests(1)
    r.flush(1)
    r.expect(success(r.job_id, 20, sum(files.values()), data))


def empty_file(r):
    """A file of no bytes, alone."""
    r.serve({'empty.txt': 0})
    r.job([{'path': 'empty.txt', 'size': 0}], bytes_total=0)
    r.endpoint()
    r.aria2('--dir=@DL@', r.web.url('empty.txt'))
    r.requests(1)
    r.flush(1)
    r.expect(success(r.job_id, 1, 0))


def odd_names(r):
    """Names with spaces, quotes, UTF-8, a leading dash, a semicolon, a backslash, a bracket."""
    names = ['a b  c.bin', 'she said "so".bin', "it's.bin", 'naïve 日本.bin', '-rf.bin',
             'one ; two.bin', 'back\\slash.bin', '[file.1].bin', '$(id);x.bin', '# hash=1.bin']
    files = {name: 500 + number for number, name in enumerate(names)}
    r.serve(files)
    r.job([{'path_base64': base64.b64encode(name.encode()).decode(), 'size': size}
           if ' ;' in name else {'path': name, 'size': size} for name, size in files.items()],
          client_data='names')
    r.endpoint()
    list_file = aria2.input_file(r.root / 'list', [(r.web.url(name), {}) for name in files])
    r.aria2('--dir=@DL@', f'--input-file={list_file}')
    r.requests(1)
    r.flush(1)
    r.expect(success(r.job_id, len(files), sum(files.values()), 'names'))


def content_disposition(r):
    """The server's Content-Disposition names the file; the sidecar lists that name."""
    r.serve({'package': 4000}, locations='''\
    location = /get {
      alias "@ROOT@/www/package";
      add_header Content-Disposition "attachment; filename*=UTF-8''na%C3%AFve%20name.cab";
    }
''')
    r.job([{'path': 'naïve name.cab', 'size': 4000}])
    r.endpoint()
    r.aria2('--dir=@DL@', r.web.url('get'))
    r.requests(1)
    r.flush(1)
    r.expect(success(r.job_id, 1, 4000))


def auto_file_renaming(r):
    """An old file of the same size stands in the way: aria2 renames to name.1.ext, which is not
    the file of the job. Success comes when the right name arrives."""
    r.serve({'tool.msi': 5000})
    r.job([{'path': 'tool.msi', 'size': 5000}])
    r.lay_out('tool.msi', 'an old one', 5000)
    r.endpoint()
    r.aria2('--dir=@DL@', r.web.url('tool.msi'))
    r.flush(0)
    r.aria2('--dir=@DL@', '--allow-overwrite=true', '--auto-file-renaming=false',
            r.web.url('tool.msi'))
    r.requests(1)
    r.flush(1)
    r.expect(success(r.job_id, 1, 5000))


def continue_complete(r):
    """aria2c -c over complete files: the hook fires again for each."""
    files = {'a.bin': 900, 'b.bin': 1100}
    r.serve(files)
    r.job([{'path': name, 'size': size} for name, size in files.items()])
    r.endpoint()
    for _ in range(2):
        r.aria2('-c', '-Z', '--dir=@DL@', *map(r.web.url, files))
        r.requests(1)
    r.flush(1)
    r.expect(success(r.job_id, 2, 2000))


def force_save_restart(r):
    """With force-save a finished download stays in the session, its .aria2 stays on disk, and
    the restart completes it once more."""
    r.serve({'kept.bin': 3000})
    r.job([{'path': 'kept.bin', 'size': 3000}])
    r.endpoint()
    options = ('--force-save=true', '--save-session=@ROOT@/saved', '--dir=@DL@')
    r.aria2(*options, r.web.url('kept.bin'))
    r.requests(1)
    r.aria2(*options, '--input-file=@ROOT@/saved')
    r.flush(1)
    r.expect(success(r.job_id, 1, 3000))


def failed_checksum(r):
    """One of three files fails its checksum: no success. Later it arrives as it should."""
    files = {'good-1.bin': 2000, 'bad.bin': 2500, 'good-2.bin': 3000}
    r.serve(files)
    r.job([{'path': name, 'size': size} for name, size in files.items()], timeout=86400)
    r.endpoint()

    def fetch(names, wrong, *options, status):
        downloads = []
        for name in names:
            digest = '0' * 64 if name == wrong else sha256(content(name, files[name]))
            downloads.append((r.web.url(name), {'checksum': f'sha-256={digest}'}))
        list_file = aria2.input_file(r.root / 'list', downloads)
        r.aria2('--dir=@DL@', f'--input-file={list_file}', *options, status=status)

    fetch(files, 'bad.bin', status=32)
    r.flush(0)
    fetch(['bad.bin'], None, '--allow-overwrite=true', status=0)
    r.requests(1)
    r.flush(1)
    r.expect(success(r.job_id, 3, 7500))


SCENARIOS = [one_file, twenty_files, empty_file, odd_names, content_disposition,
             auto_file_renaming, continue_complete, force_save_restart, failed_checksum]
