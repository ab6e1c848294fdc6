# SPDX-License-Identifier: MIT
"""Scenarios where aria2 gives up, and says why when it is asked by RPC."""

from broken_server import ShortBody
from notification import error
from ports import free_port

NAME, SIZE = 'setup.exe', 5000
GID = 'c7a0000000000001'
LOCATIONS = ''.join(f'    location /e{status}/ {{ return {status}; }}\n'
                    for status in (403, 500, 503))


def _fails(r, url, hresult, words=(NAME,), job=None, gid=None, before=None, **options):
    """One download of a job's only file that aria2 gives up; the job ends so at once."""
    r.configure(rpc=True)
    r.job([{'path': NAME, 'size': SIZE, 'gid': gid}], **(job or {}))
    r.endpoint()
    if before:
        before()
    r.daemon('--auto-file-renaming=false')
    if gid:
        options['gid'] = gid
    r.until(r.add(url, **options), status='error')
    r.requests(1)
    r.flush(1)
    r.expect(error(r.job_id, hresult, words))


def error_404(r):
    """404, delete_on_error: the job ends at once. aria2's call has no path; its dir and uri
    tell the file."""
    r.serve({})
    _fails(r, r.web.url(NAME), '0x80190194', job={'delete_on_error': 'true', 'timeout': 86400})


def error_403(r):
    """403, no timeout: the job ends at once. aria2's code says 22, its message says 403."""
    r.serve({}, LOCATIONS)
    _fails(r, r.web.url(f'e403/{NAME}'), '0x80190193')


def error_500(r):
    """500, delete_on_error."""
    r.serve({}, LOCATIONS)
    _fails(r, r.web.url(f'e500/{NAME}'), '0x801901F4',
           job={'delete_on_error': 'true', 'timeout': 86400})


def error_503(r):
    """503 at each of aria2's tries."""
    r.serve({}, LOCATIONS)
    _fails(r, r.web.url(f'e503/{NAME}'), '0x801901F7')


def error_refused(r):
    """Nobody listens at the server's port."""
    _fails(r, f'http://127.0.0.1:{free_port()}/{NAME}', '0x80072EFD')


def error_dns(r):
    """The server's name does not exist."""
    _fails(r, f'http://server.invalid/{NAME}', '0x80072EE7', async_dns='false')


def error_checksum(r):
    """A wrong checksum: the file stays with its full size, and is none."""
    r.serve({NAME: SIZE})
    _fails(r, r.web.url(NAME), '0x80091007', job={'delete_on_error': 'true'},
           checksum=f'sha-256={"0" * 64}')


def error_short_body(r):
    """A body shorter than its Content-Length, at each try."""
    server = ShortBody(SIZE, 2000)
    r.closers.append(server)
    _fails(r, server.url(NAME), '0x80200013')


def error_exists(r):
    """An older file of that name is there, and aria2 may not rename: its code 13."""
    r.serve({NAME: SIZE})
    _fails(r, r.web.url(NAME), '0x80070050', gid=GID, job={'delete_on_error': 'true'},
           before=lambda: r.lay_out(NAME, 'older', 3000))


def error_of_two(r):
    """One of two files arrives, the other is a 404: one error, no success, and no progress,
    which nobody asked for."""
    r.serve({'good.bin': 3000})
    r.configure(rpc=True)
    r.job([{'path': 'good.bin', 'size': 3000}, {'path': 'bad.bin', 'size': 4000}],
          client_data='two', chunk_size=1000)
    r.endpoint()
    r.daemon()
    good, bad = r.add(r.web.url('good.bin')), r.add(r.web.url('bad.bin'))
    r.until(good)
    r.until(bad, status='error')
    r.requests(1)
    r.flush(1)
    r.expect(error(r.job_id, '0x80190194', ['bad.bin'], client_data='two'))


def errors_of_both(r):
    """Both files of a job are a 404: still one error."""
    r.serve({})
    r.configure(rpc=True)
    r.job([{'path': 'one.bin', 'size': 3000}, {'path': 'two.bin', 'size': 4000}])
    r.endpoint()
    r.daemon()
    r.until(*[r.add(r.web.url(name)) for name in ('one.bin', 'two.bin')], status='error')
    r.requests(1)
    r.flush(1)
    r.expect(error(r.job_id, '0x80190194', ['.bin']))


def error_with_secret(r):
    """aria2 wants a secret, and the configuration knows it."""
    r.serve({})
    r.configure(rpc=True, secret='rpc-4711')
    r.job([{'path': NAME, 'size': SIZE}])
    r.endpoint()
    r.daemon()
    r.until(r.add(r.web.url(NAME)), status='error')
    r.requests(1)
    r.flush(1)
    r.expect(error(r.job_id, '0x80190194', [NAME]))


SCENARIOS = [error_404, error_403, error_500, error_503, error_refused, error_dns,
             error_checksum, error_short_body, error_exists, error_of_two,
             errors_of_both, error_with_secret]
