# SPDX-License-Identifier: MIT
"""Scenarios where aria2 gives up, and can't be asked why, or the call could mean another."""

from notification import error, success

NAME, SIZE = 'setup.exe', 5000
GID = 'c7a0000000000002'
UNSPECIFIED = '0x80004005'


def unasked_404_gid(r):
    """No RPC; the sidecar's gid tells the file, nothing tells the cause."""
    r.serve({})
    r.job([{'path': NAME, 'size': SIZE, 'gid': GID}])
    r.endpoint()
    r.aria2('--dir=@DL@', f'--gid={GID}', r.web.url(NAME), status=3)
    r.requests(1)
    r.flush(1)
    r.expect(error(r.job_id, UNSPECIFIED, [NAME]))


def unasked_404_path(r):
    """No RPC, no gid; the call has the file's path, and no file is there: it is sure."""
    r.serve({})
    r.job([{'path': NAME, 'size': SIZE}], delete_on_error='true', timeout=86400)
    r.endpoint()
    r.aria2('--dir=@DL@', f'--out={NAME}', r.web.url('other-name'), status=3)
    r.requests(1)
    r.flush(1)
    r.expect(error(r.job_id, UNSPECIFIED, [NAME]))


def unasked_404_unknown(r):
    """No RPC, no gid, no path in the call: nobody can tell whose it is, until the deadline."""
    r.serve({})
    r.job([{'path': NAME, 'size': SIZE}], timeout=86400)
    r.endpoint()
    r.aria2('--dir=@DL@', r.web.url(NAME), status=3)
    r.flush(0)
    r.deadline()
    r.expect(error(r.job_id, '0x800705B4'))


def unasked_checksum_gid(r):
    """No RPC; a wrong checksum, matched by gid: the file of full size is no reason to wait."""
    r.serve({NAME: SIZE})
    r.job([{'path': NAME, 'size': SIZE, 'gid': GID}], delete_on_error='true')
    r.endpoint()
    r.aria2('--dir=@DL@', f'--gid={GID}', f'--checksum=sha-256={"0" * 64}', r.web.url(NAME),
            status=32)
    r.requests(1)
    r.flush(1)
    r.expect(error(r.job_id, UNSPECIFIED, [NAME]))


def unasked_then_success(r):
    """No RPC; the path tells the file, the timeout lets it be tried again: success."""
    r.serve({NAME: SIZE})
    r.job([{'path': NAME, 'size': SIZE}], timeout=86400)
    r.endpoint()
    r.aria2('--dir=@DL@', f'--out={NAME}', r.web.url('nowhere'), status=3)
    r.flush(0)
    r.aria2('--dir=@DL@', f'--out={NAME}', r.web.url(NAME))
    r.requests(1)
    r.flush(1)
    r.expect(success(r.job_id, 1, SIZE))


def _same_out(r):
    """Two downloads of one name: the second fails while the first is under way."""
    r.job([{'path': NAME, 'size': 300000}])
    r.endpoint()
    r.daemon('--auto-file-renaming=false')
    first = r.add(r.web.url(NAME, prefix='slow/'), out=NAME)
    r.until(first, status='active', done=1)
    r.until(r.add(r.web.url(NAME), out=NAME), status='error')
    r.flush(0)
    r.until(first)
    r.requests(1)
    r.flush(1)
    r.expect(success(r.job_id, 1, 300000))


def same_out_unasked(r):
    """Two downloads of one name: the second fails with the path of the first, which goes on and
    completes. No RPC, no timeout, and no false end."""
    r.serve({NAME: 300000})
    _same_out(r)


def same_out_asked(r):
    """The same with RPC: aria2 says of the second that it failed, and of the first that it is
    at work on that very file."""
    r.serve({NAME: 300000})
    r.configure(rpc=True)
    _same_out(r)


def asked_again(r):
    """A job ends with a 404. CTM asks for the same again, under a new GUID: what failed before
    is not this job's, and aria2, which still tells of it, is no reason to end it."""
    again = r.new_id('again')
    r.serve({NAME: SIZE})
    r.configure(rpc=True)
    r.job([{'path': NAME, 'size': SIZE}])
    r.endpoint()
    r.daemon()
    r.until(r.add(r.web.url(f'nowhere/{NAME}')), status='error')
    r.requests(1)
    r.job([{'path': NAME, 'size': SIZE}], name='again', job_id=again)
    r.flush(1)
    r.until(r.add(r.web.url(NAME)))
    r.requests(2)
    r.flush(2)
    r.expect(error(r.job_id, '0x80190194', [NAME]))
    r.expect(success(again, 1, SIZE))


def rpc_refuses(r):
    """An rpc is configured, and nobody listens there: the cause is unspecified."""
    r.serve({})
    r.configure(rpc=True)
    r.rpc_down()
    r.job([{'path': NAME, 'size': SIZE, 'gid': GID}])
    r.endpoint()
    r.aria2('--dir=@DL@', f'--gid={GID}', r.web.url(NAME), status=3)
    r.requests(1)
    r.flush(1)
    r.expect(error(r.job_id, UNSPECIFIED, [NAME]))


def rpc_wrong_secret(r):
    """aria2 wants another secret than ours: it answers 400, the cause is unspecified."""
    r.serve({})
    r.configure(rpc=True, secret='rpc-4711', ours='rpc-4712')
    r.job([{'path': NAME, 'size': SIZE, 'gid': GID}])
    r.endpoint()
    r.daemon()
    r.until(r.add(r.web.url(NAME), gid=GID), status='error')
    r.requests(1)
    r.flush(1)
    r.expect(error(r.job_id, UNSPECIFIED, [NAME]))


def rpc_forgot(r):
    """aria2 keeps no results: it does not know the gid any more, the cause is unspecified."""
    r.serve({})
    r.configure(rpc=True)
    r.job([{'path': NAME, 'size': SIZE, 'gid': GID}])
    r.endpoint()
    r.daemon('--max-download-result=0')
    r.until(r.add(r.web.url(NAME), gid=GID), status=None)
    r.requests(1)
    r.flush(1)
    r.expect(error(r.job_id, UNSPECIFIED, [NAME]))


SCENARIOS = [unasked_404_gid, unasked_404_path, unasked_404_unknown, unasked_checksum_gid,
             unasked_then_success, same_out_unasked, same_out_asked, asked_again,
             rpc_refuses, rpc_wrong_secret, rpc_forgot]
