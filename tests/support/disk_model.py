# SPDX-License-Identifier: MIT
"""A model of a file system that can lose its power.

A disk has inodes; each has what is durable, and what programs see now. What lies between is a list
of operations that are not durable yet:

    Write    bytes of a file; the power may fail in the middle of it, at any sector
    Resize   a file's size
    Entry    names of directories, all of one operation at once: a journal does not tear

Syncing makes operations durable, as POSIX promises and no more: fsync of a file says nothing of its
name, which is durable when its directory is synced. A write through O_DSYNC is durable when it has
returned. syncfs makes all durable."""

import stat

from process import Failure


class CannotModel(Failure):
    """A program did what the model does not know: nothing could be said about it."""


class Inode:
    """A file, directory or fifo. `durable` and `now` are bytes of a file, names of a directory."""

    def __init__(self, number, kind, mode):
        self.number, self.kind, self.mode = number, kind, stat.S_IMODE(mode)
        self.durable = {} if kind == 'directory' else bytearray()
        self.now = {} if kind == 'directory' else bytearray()
        self.identity = None  # what statx said of it: (inode, seconds, ns)
        self.origin = None    # what it is on the real disk, if it was there from the beginning


class Operation:
    """What is not durable yet, in the order of `number`."""

    def __init__(self, number):
        self.number = number


class Write(Operation):
    def __init__(self, number, inode, offset, data):
        super().__init__(number)
        self.inode, self.offset, self.data = inode, offset, data

    def apply(self, content):
        put(content, self.offset, self.data)

    def __str__(self):
        return f'write {self.inode.number}:{self.offset}+{len(self.data)}'


class Resize(Operation):
    def __init__(self, number, inode, size):
        super().__init__(number)
        self.inode, self.size = inode, size

    def apply(self, content):
        resize(content, self.size)

    def __str__(self):
        return f'size {self.inode.number}:{self.size}'


class Entry(Operation):
    """Changes of names, (directory, name, inode or None) each."""

    def __init__(self, number, changes):
        super().__init__(number)
        self.changes = changes

    def touches(self):
        """Of what an earlier operation must have gone before."""
        return ({(directory.number, name) for directory, name, _ in self.changes}
                | {inode.number for _, _, inode in self.changes if inode})

    def __str__(self):
        return 'names ' + ', '.join(f'{name}={inode.number if inode else None}'
                                    for _, name, inode in self.changes)


def put(content, offset, data):
    """Writes into a bytearray as into a file."""
    if offset > len(content):
        content.extend(bytes(offset - len(content)))
    content[offset:offset + len(data)] = data


def resize(content, size):
    if size < len(content):
        del content[size:]
    else:
        content.extend(bytes(size - len(content)))


class Disk:
    """See above. Paths are absolute; what lies outside `root` is none of ours, nor are the names of
    `ignored` in it."""

    def __init__(self, root, ignored=()):
        self.root_path, self.ignored = str(root), set(ignored)
        self.inodes, self.pending, self.count = [], [], 0
        self.root = self.new_inode('directory', 0o755)

    def new_inode(self, kind, mode):
        inode = Inode(len(self.inodes), kind, mode)
        self.inodes.append(inode)
        return inode

    # ---- what is there

    def parts(self, path):
        """The names that lead to a path, None where it is none of ours."""
        if path is None or not (path + '/').startswith(self.root_path + '/'):
            return None
        parts = [part for part in path[len(self.root_path):].split('/') if part]
        return None if parts and parts[0] in self.ignored else parts

    def find(self, path):
        """The inode at a path now, None if there is none."""
        inode = self.root
        for part in self.parts(path):
            if inode is None or inode.kind != 'directory':
                return None
            inode = inode.now.get(part)
        return inode

    def place(self, path):
        """(directory, name) of a path; the directory must be there."""
        parent, _, name = path.rpartition('/')
        directory = self.find(parent)
        if directory is None or directory.kind != 'directory':
            raise CannotModel(f'{path}: its directory is not known')
        return directory, name

    def unsynced_below(self, path):
        """What is not durable yet of a directory and all that it holds now."""
        below, waiting = set(), [self.find(path)]
        while waiting:
            inode = waiting.pop()
            below.add(inode)
            if inode.kind == 'directory':
                waiting += inode.now.values()
        return [one for one in self.pending
                if (any(directory in below for directory, _, _ in one.changes)
                    if isinstance(one, Entry) else one.inode in below)]

    def unsynced_names_to(self, path):
        """The names on the way to a path that are not durable yet."""
        parts = self.parts(path)
        at = {(self.find('/'.join([self.root_path, *parts[:number]])), part)
              for number, part in enumerate(parts)}
        return [one for one in self.pending if isinstance(one, Entry)
                and any((directory, name) in at for directory, name, _ in one.changes)]

    # ---- what is done

    def _add(self, kind, *arguments):
        self.count += 1
        operation = kind(self.count, *arguments)
        self.pending.append(operation)
        return operation

    def write(self, inode, offset, data):
        put(inode.now, offset, data)
        return self._add(Write, inode, offset, bytes(data))

    def resize(self, inode, size):
        resize(inode.now, size)
        return self._add(Resize, inode, size)

    def name(self, *changes):
        """Changes of names that happen all at once or not at all."""
        for directory, name, inode in changes:
            if inode is None:
                directory.now.pop(name, None)
            else:
                directory.now[name] = inode
        return self._add(Entry, list(changes))

    # ---- what becomes durable

    def sync(self, inode, last):
        """What was begun before `last` of this inode is durable."""
        for operation in [one for one in self.pending if one.number <= last]:
            if isinstance(operation, Entry):
                if all(directory is inode for directory, _, _ in operation.changes):
                    self.settle(operation)
            elif operation.inode is inode:
                self.settle(operation)

    def sync_all(self, last):
        for operation in [one for one in self.pending if one.number <= last]:
            self.settle(operation)

    def settle(self, operation):
        """One operation is durable."""
        self.pending.remove(operation)
        if isinstance(operation, Entry):
            change_names(operation, lambda directory: directory.durable)
            return
        for other in self.pending:
            if other.number < operation.number and overlap(other, operation):
                raise CannotModel(f'{operation} is durable before {other}')
        operation.apply(operation.inode.durable)

    def settle_now(self):
        """All is durable: as if the machine had been idle for a while."""
        self.sync_all(self.count)


def change_names(operation, names_of):
    for directory, name, inode in operation.changes:
        if inode is None:
            names_of(directory).pop(name, None)
        else:
            names_of(directory)[name] = inode


def overlap(one, other):
    """Whether two operations change the same bytes of a file."""
    if isinstance(one, Entry) or one.inode is not other.inode:
        return False
    if isinstance(one, Resize) or isinstance(other, Resize):
        return True
    return (one.offset < other.offset + len(other.data)
            and other.offset < one.offset + len(one.data))
