# SPDX-License-Identifier: MIT
"""Which errors a system call can give, and which are tried: one call, a few of its errors each.

Left out: calls that cannot fail, brk, which says no by another way, and futex and rseq, where the C
library takes any error for the end of the world."""

ROOM = ('ENOSPC', 'EDQUOT')
NO_MORE = ('EMFILE', 'ENFILE')
LOOK = ('EIO', 'ENOMEM', 'EACCES')
CHANGE = ('ENOSPC', 'EDQUOT', 'EIO', 'EACCES', 'EROFS', 'ENOMEM')
WRITE = ('ENOSPC', 'EDQUOT', 'EIO', 'EINTR', 'short')

ERRNOS = {
    'open': ('EMFILE', 'ENFILE', 'ENOMEM', 'EACCES', 'EIO', 'EINTR'),
    'stat': LOOK,
    'read': ('EIO', 'EINTR', 'ENOMEM', 'short'),
    'write': WRITE,
    'writev': WRITE,
    'pwrite64': WRITE,
    'pwritev': WRITE,
    'fsync': ('EIO', 'ENOSPC', 'EDQUOT', 'EINTR', 'EROFS'),
    'ftruncate': ('ENOSPC', 'EDQUOT', 'EIO', 'EINTR'),
    'mkdir': CHANGE,
    'rename': CHANGE,
    'unlink': ('EIO', 'EACCES', 'EROFS', 'ENOMEM'),
    'getdents64': ('EIO', 'ENOMEM', 'EINTR'),
    'flock': ('EINTR', 'ENOLCK'),
    'fcntl': ('EINTR', 'ENOMEM', 'EACCES'),
    'close': ('EINTR', 'EIO'),
    'mmap': ('ENOMEM',),
    'mremap': ('ENOMEM',),
    'mprotect': ('ENOMEM',),
    'munmap': ('ENOMEM',),
    'clone': ('ENOMEM', 'EAGAIN'),
    'execve': ('ENOMEM', 'EACCES', 'EIO', 'EMFILE'),
    'dup': ('EMFILE', 'EINTR'),
    'socket': NO_MORE + ('ENOMEM', 'EACCES'),
    'connect': ('EINTR', 'ECONNREFUSED', 'ETIMEDOUT', 'EACCES'),
    'sendto': ('EINTR', 'ECONNRESET', 'EPIPE', 'ENOMEM', 'short'),
    'recvfrom': ('EINTR', 'ECONNRESET', 'EIO', 'short'),
    'poll': ('EINTR', 'ENOMEM'),
    'sockopt': ('ENOBUFS',),
    'wait4': ('EINTR',),
    'clock_nanosleep': ('EINTR',),
    'getrandom': ('EINTR', 'ENOSYS'),
    'chdir': ('EACCES', 'EIO', 'ENOMEM'),
    'statfs': ('EIO', 'ENOMEM'),
    'fchmod': ('EIO', 'EROFS', 'EPERM'),
    'lseek': ('EINVAL',),
}

# Calls of one kind.
SAME = {
    'open': ('openat', 'openat2'),
    'stat': ('newfstatat', 'fstat', 'lstat', 'statx', 'access', 'faccessat', 'faccessat2',
             'readlink', 'readlinkat'),
    'read': ('pread64', 'readv', 'preadv'),
    'fsync': ('fdatasync', 'syncfs', 'msync'),
    'ftruncate': ('fallocate',),
    'mkdir': ('mkdirat', 'mknod', 'mknodat'),
    'rename': ('renameat', 'renameat2', 'link', 'linkat'),
    'unlink': ('unlinkat', 'rmdir'),
    'clone': ('clone3', 'fork', 'vfork'),
    'dup': ('dup2', 'dup3'),
    'socket': ('eventfd2', 'epoll_create1', 'pipe2', 'pipe', 'socketpair', 'accept4'),
    'sendto': ('sendmsg', 'sendmmsg'),
    'recvfrom': ('recvmsg',),
    'poll': ('ppoll', 'epoll_wait', 'epoll_pwait', 'select'),
    'sockopt': ('setsockopt', 'getsockopt', 'getsockname'),
    'statfs': ('fstatfs',),
}
_KIND = {name: kind for kind, names in SAME.items() for name in names}


def errnos_of(call, state):
    """The errors to be tried at a call: names, or `short`."""
    found = ERRNOS.get(_KIND.get(call.name, call.name), ())
    if call.name == 'openat' and call.path.startswith(str(state)):
        found += ROOM + ('EROFS',)
    return found
