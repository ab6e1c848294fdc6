# SPDX-License-Identifier: MIT
"""Scenarios about when things come: the endpoint, the sidecar, several jobs."""

from notification import success

FILES = {'a.bin': 1000, 'b.bin': 2000}


def _download(r):
    r.aria2('-Z', '--dir=@DL@', *map(r.web.url, FILES))


def _job(r, **keys):
    r.job([{'path': name, 'size': size} for name, size in FILES.items()], **keys)


def endpoint_503_twice(r):
    """The endpoint answers 503 twice, then takes the message: one id, three attempts."""
    r.configure(retry='0, 1s, 1s')
    r.serve(FILES)
    _job(r)
    r.endpoint('503', '503', '200')
    _download(r)
    r.requests(3)
    r.flush(3)
    r.expect(success(r.job_id, 2, 3000), times=3)


def endpoint_down(r):
    """The endpoint is down at completion and comes back while the deliverer lingers."""
    r.configure(retry='0' + ', 1s' * 20, linger='60s')
    r.serve(FILES)
    _job(r)
    r.endpoint_down()
    _download(r)
    r.wait(1.5)
    r.endpoint()
    r.requests(1)
    r.flush(1)
    r.expect(success(r.job_id, 2, 3000))


def endpoint_down_flush(r):
    """The endpoint is down, nobody lingers; flush delivers when it is back."""
    r.configure(retry='0' + ', 1s' * 20, linger='0')
    r.serve(FILES)
    _job(r)
    r.endpoint_down()
    _download(r)
    r.wait(2.5)
    r.endpoint()
    r.flush(1)
    r.expect(success(r.job_id, 2, 3000))


def late_sidecar(r):
    """The sidecar comes after its files: their events waited for it."""
    r.serve(FILES)
    r.endpoint()
    _download(r)
    r.flush(0)
    _job(r)
    r.flush(1)
    r.expect(success(r.job_id, 2, 3000))


def sidecar_between(r):
    """The sidecar comes between its two files: no flush is needed."""
    r.serve(FILES)
    r.endpoint()
    r.aria2('--dir=@DL@', r.web.url('a.bin'))
    _job(r)
    r.aria2('--dir=@DL@', r.web.url('b.bin'))
    r.requests(1)
    r.flush(1)
    r.expect(success(r.job_id, 2, 3000))


def two_jobs(r):
    """Two jobs want the same files, a third one only some: each gets its own success."""
    r.serve(FILES)
    second, third = r.new_id('second'), r.new_id('third')
    _job(r, client_data='first')
    _job(r, name='second', job_id=second, client_data='second')
    r.job([{'path': 'a.bin'}], name='third', job_id=third, client_data='third')
    r.endpoint()
    _download(r)
    r.requests(3)
    r.flush(3)
    r.expect(success(r.job_id, 2, 3000, 'first'))
    r.expect(success(second, 2, 3000, 'second'))
    r.expect(success(third, 1, 1000, 'third'))


SCENARIOS = [endpoint_503_twice, endpoint_down, endpoint_down_flush, late_sidecar,
             sidecar_between, two_jobs]
