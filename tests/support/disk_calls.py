# SPDX-License-Identifier: MIT
"""From the system calls of real programs to steps of the model in disk_model.py.

A step is a function of the disk; it is a point at which the power may fail. What can't be modelled
ends the test: a call that is not known here must not go unseen."""

import os
import re

from disk_model import CannotModel

# Calls that move bytes into files past the ones that are known.
UNKNOWN = ('sendfile', 'copy_file_range', 'splice', 'io_uring_setup', 'io_submit')
FLAGS_DURABLE = {'O_DSYNC', 'O_SYNC'}
MESSAGE = re.compile(rb'^ce-id: *(.*?)\r$', re.MULTILINE)
IDENTITY = re.compile(r'stx_ino=(\d+).*stx_btime=\{tv_sec=(-?\d+), tv_nsec=(\d+)')


class Opened:
    """An open file of a process."""

    def __init__(self, inode, flags):
        self.inode, self.flags, self.position = inode, flags, 0

    @property
    def is_durable(self):
        return bool(self.flags & FLAGS_DURABLE)


class Interpreter:
    """Feeds the moments of a trace (disk_trace.py) to a disk. After each change of what could be
    lost, `on_step(label)` is called: `label` is 'sync' where something became durable, the id of a
    message where it went out, else ''."""

    def __init__(self, disk, on_step):
        self.disk, self.on_step = disk, on_step
        self.files, self.process_of, self.begun, self.maps = {}, {}, {}, []

    def feed(self, moments):
        """One run of programs, from their start to their end."""
        self.files, self.process_of, self.begun, self.maps = {}, {}, {}, []
        self._find_threads(moments)
        for is_over, call in moments:
            if call.failed:
                continue
            when = 'over' if is_over else 'begun'
            handle = getattr(self, f'_{when}_{_family(call.name)}', None)
            if handle:
                handle(call)

    def _find_threads(self, moments):
        for is_over, call in moments:
            if is_over and not call.failed and call.name in ('clone', 'clone3', 'fork', 'vfork'):
                is_thread = any('CLONE_THREAD' in one for one in call.arguments)
                if is_thread:
                    self.process_of[str(call.result)] = call.thread
        for thread in list(self.process_of):
            while self.process_of[thread] in self.process_of:
                self.process_of[thread] = self.process_of[self.process_of[thread]]

    # ---- descriptors and paths

    def _process(self, call):
        return self.process_of.get(call.thread, call.thread)

    def _opened(self, call, number=0):
        """What a descriptor leads to; None if that is none of ours."""
        name, path = call.descriptor(number)
        if self.disk.parts(path) is None:
            return None
        opened = self.files.get((self._process(call), name))
        if opened is None:
            raise CannotModel(f'{call}: nobody saw {path} being opened')
        return opened

    def _path(self, call, at, number):
        """A path argument, made absolute; `at`: the number of the directory's descriptor."""
        path = call.path(number)
        if not path.startswith('/'):
            base = call.descriptor(at)[1] if at is not None else None
            if base is None:
                raise CannotModel(f'{call}: relative to what?')
            path = os.path.join(base, path)
        return os.path.normpath(path)

    def _ours(self, call, at, number):
        """The same, None if it is none of ours."""
        path = self._path(call, at, number)
        return None if self.disk.parts(path) is None else path

    def _over_open(self, call):
        at, first = (0, 1) if call.name in ('openat', 'openat2') else (None, 0)
        if call.name == 'creat':
            flags = {'O_CREAT', 'O_WRONLY', 'O_TRUNC'}
        else:
            flags = set(re.findall(r'O_\w+', call.arguments[first + 1]))
        path = self._ours(call, at, first)
        key = self._process(call), str(call.result)
        self.files.pop(key, None)
        if path is None:
            path = call.result_path()
            if self.disk.parts(path) is None:
                return
        if 'O_TMPFILE' in flags:
            raise CannotModel(str(call))
        inode = self.disk.find(path)
        if inode is None:
            if 'O_CREAT' not in flags:
                raise CannotModel(f'{call}: {path} is not known')
            mode = call.arguments[-1]
            inode = self.disk.new_inode('file', int(mode, 8) if mode.isdigit() else 0o600)
            self._name(self.disk.place(path) + (inode,))
        elif 'O_TRUNC' in flags and inode.now:
            self._step(self.disk.resize(inode, 0))
        self.files[key] = Opened(inode, flags)

    def _over_close(self, call):
        self.files.pop((self._process(call), call.descriptor(0)[0]), None)

    def _over_close_range(self, call):
        first, last = call.number(0), call.number(1)
        for process, name in list(self.files):
            if process == self._process(call) and first <= int(name) <= last:
                del self.files[process, name]

    def _over_dup(self, call):
        opened = self._opened(call)
        key = self._process(call), str(call.result)
        self.files.pop(key, None)
        if opened:
            self.files[key] = opened

    def _over_fcntl(self, call):
        if call.arguments[1].startswith('F_DUPFD'):
            self._over_dup(call)

    def _over_execve(self, call):
        for key, opened in list(self.files.items()):
            if key[0] == self._process(call) and 'O_CLOEXEC' in opened.flags:
                del self.files[key]

    def _over_clone(self, call):
        if str(call.result) not in self.process_of:
            for (process, name), opened in list(self.files.items()):
                if process == self._process(call):
                    self.files.setdefault((str(call.result), name), opened)

    # ---- data

    def _over_lseek(self, call):
        opened = self._opened(call)
        if opened:
            opened.position = call.result

    def _over_read(self, call):
        opened = self._opened(call)
        if opened:
            opened.position += call.result

    def _begun_write(self, call):
        """A durable write may be torn while it has not returned."""
        self._look_for_message(call, 1)
        opened = self._opened(call)
        if opened and opened.inode.kind == 'file' and opened.is_durable:
            self.begun[call] = self._write(call, opened)

    def _over_write(self, call):
        opened = self._opened(call)
        if opened is None or opened.inode.kind != 'file':
            return
        if call in self.begun:
            self.disk.settle(self.begun.pop(call))
            self.on_step('sync')
        else:
            self._write(call, opened)

    def _write(self, call, opened):
        data = call.data(1)[:call.result]
        if len(data) != call.result:
            raise CannotModel(f'{call}: {len(data)} bytes were seen')
        if call.name == 'pwritev2' and call.arguments[-1] != '0':
            raise CannotModel(str(call))
        size = len(opened.inode.now)
        if 'O_APPEND' in opened.flags:
            offset = size
        elif call.name in ('write', 'writev'):
            offset = opened.position
        else:
            offset = call.number(3)
        if call.name in ('write', 'writev'):
            opened.position = offset + len(data)
        return self._step(self.disk.write(opened.inode, offset, data))

    def _over_truncate(self, call):
        if call.name == 'truncate':
            path = self._ours(call, None, 0)
            inode = self.disk.find(path) if path else None
        else:
            opened = self._opened(call)
            inode = opened.inode if opened else None
        if inode is not None:
            self._step(self.disk.resize(inode, call.number(1)))

    def _over_fallocate(self, call):
        opened = self._opened(call)
        if opened is None or call.arguments[1] == 'FALLOC_FL_KEEP_SIZE':
            return
        if call.arguments[1] != '0':
            raise CannotModel(str(call))
        self._step(self.disk.resize(opened.inode, max(len(opened.inode.now),
                                                      call.number(2) + call.number(3))))

    def _over_mmap(self, call):
        if 'MAP_SHARED' not in call.arguments[3] or call.arguments[4].startswith('-1'):
            return
        if self._opened(call, 4) is None:
            return
        if 'PROT_WRITE' in call.arguments[2]:
            raise CannotModel(f'{call}: what is written through a map is not seen')
        self.maps.append((self._process(call), call.result, call.result + call.number(1)))

    def _over_mprotect(self, call):
        if 'PROT_WRITE' in call.arguments[2]:
            at = call.number(0)
            for process, first, end in self.maps:
                if process == self._process(call) and first < at + call.number(1) and at < end:
                    raise CannotModel(f'{call}: what is written through a map is not seen')

    def _over_unknown(self, call):
        raise CannotModel(str(call))

    # ---- names

    def _step(self, operation):
        self.on_step('')
        return operation

    def _name(self, *changes):
        return self._step(self.disk.name(*changes))

    def _made(self, call, at, first, kind, mode):
        path = self._ours(call, at, first)
        if path is not None:
            self._name(self.disk.place(path) + (self.disk.new_inode(kind, mode),))

    def _over_mkdir(self, call):
        at, first = (0, 1) if call.name == 'mkdirat' else (None, 0)
        self._made(call, at, first, 'directory', int(call.arguments[first + 1], 8))

    def _over_mknod(self, call):
        at, first = (0, 1) if call.name == 'mknodat' else (None, 0)
        if self._ours(call, at, first) is not None and 'S_IFIFO' not in call.arguments[first + 1]:
            raise CannotModel(str(call))
        self._made(call, at, first, 'fifo', 0o600)

    def _over_symlink(self, call):
        if self._ours(call, 1 if call.name == 'symlinkat' else None, -1) is not None:
            raise CannotModel(str(call))

    def _over_link(self, call):
        old, new = self._two_paths(call, call.name == 'linkat')
        if new is not None:
            self._name(self.disk.place(new) + (self.disk.find(old),))

    def _over_unlink(self, call):
        path = self._ours(call, *((0, 1) if call.name == 'unlinkat' else (None, 0)))
        if path is not None:
            self._name(self.disk.place(path) + (None,))

    def _two_paths(self, call, with_directories):
        old, new = ((self._ours(call, 0, 1), self._ours(call, 2, 3)) if with_directories
                    else (self._ours(call, None, 0), self._ours(call, None, 1)))
        if (old is None) != (new is None):
            raise CannotModel(f'{call}: between ours and not ours')
        return old, new

    def _over_rename(self, call):
        old, new = self._two_paths(call, call.name != 'rename')
        if old is None:
            return
        inode, other = self.disk.find(old), self.disk.find(new)
        exchanged = call.name == 'renameat2' and 'RENAME_EXCHANGE' in call.arguments[4]
        self._name(self.disk.place(old) + (other if exchanged else None,),
                   self.disk.place(new) + (inode,))

    def _over_chmod(self, call):
        if call.name == 'fchmod':
            opened = self._opened(call)
            inode, mode = (opened.inode if opened else None), call.arguments[1]
        else:
            at, first = (0, 1) if call.name == 'fchmodat' else (None, 0)
            path = self._ours(call, at, first)
            inode, mode = (self.disk.find(path) if path else None), call.arguments[first + 1]
        if inode is not None:
            inode.mode = int(mode, 8)

    def _over_statx(self, call):
        matched = IDENTITY.search(call.arguments[4])
        if not matched or 'STATX_BTIME' not in call.arguments[4]:
            return
        if call.data(1) == b'':
            opened = self._opened(call)
            inode = opened.inode if opened else None
        else:
            path = self._ours(call, 0, 1)
            inode = self.disk.find(path) if path else None
        if inode is not None:
            inode.identity = tuple(map(int, matched.groups()))

    # ---- what becomes durable, and what goes out

    def _begun_fsync(self, call):
        self.begun[call] = self.disk.count

    def _over_fsync(self, call):
        last = self.begun.pop(call)
        if call.name in ('sync', 'syncfs'):
            self.disk.sync_all(last)
        else:
            opened = self._opened(call)
            if opened is None:
                return
            self.disk.sync(opened.inode, last)
        self.on_step('sync')

    def _begun_send(self, call):
        self._look_for_message(call, 1)

    def _look_for_message(self, call, number):
        if self.disk.parts(call.descriptor(0)[1]) is not None:
            return
        matched = MESSAGE.search(call.data(number))
        if matched:
            self.on_step(matched.group(1).decode())


FAMILIES = {
    'openat': 'open', 'openat2': 'open', 'creat': 'open', 'dup2': 'dup', 'dup3': 'dup',
    'readv': 'read', 'writev': 'write', 'pwrite64': 'write', 'pwritev': 'write',
    'pwritev2': 'write', 'ftruncate': 'truncate', 'renameat': 'rename', 'renameat2': 'rename',
    'linkat': 'link', 'unlinkat': 'unlink', 'rmdir': 'unlink', 'mkdirat': 'mkdir',
    'mknodat': 'mknod', 'symlinkat': 'symlink', 'fchmod': 'chmod', 'fchmodat': 'chmod',
    'fdatasync': 'fsync', 'sync': 'fsync', 'syncfs': 'fsync', 'clone3': 'clone', 'fork': 'clone',
    'vfork': 'clone', 'sendto': 'send', 'sendmsg': 'send', 'sendmmsg': 'send',
    **{name: 'unknown' for name in UNKNOWN},
}


def _family(name):
    return FAMILIES.get(name, name)
