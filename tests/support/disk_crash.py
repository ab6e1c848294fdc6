# SPDX-License-Identifier: MIT
"""What a loss of power can leave of a disk (disk_model.py), and how it is put on a real one.

A loss is a word and what it takes: `losses(disk)` names those that are possible at this point,
`image(disk, loss)` is what stands on the disk afterwards."""

import hashlib
import os
import random
import shutil
import stat

from disk_model import Disk, Entry, Write, change_names, put, resize

SECTOR, PAGE = 512, 4096
KINDS = {stat.S_IFREG: 'file', stat.S_IFDIR: 'directory', stat.S_IFIFO: 'fifo'}


def losses(disk, apart=(), seeds=4):
    """Every loss that is tried at this point; ('none kept',) comes first. What becomes of the
    operations `apart` is not looked at."""
    numbers = [number for number, one in enumerate(disk.pending) if one not in apart]
    pending = [disk.pending[number] for number in numbers]
    names = [one for one in pending if isinstance(one, Entry)]
    found = [('none kept',)]
    if not pending:
        return found
    found += [('all kept',), ('sizes without data',), ('names only',), ('data only',)]
    found += [('journal up to', one.number, data) for one in names
              for data in (False, True)]
    if len(pending) > 1:
        found += [(word, number) for number in numbers for word in ('without', 'only')]
    return found + [('random', seed) for seed in range(seeds)]


def image(disk, loss):
    """{path below the root: (inode, bytes or None)} of what is there after the loss."""
    word = loss[0]
    if word == 'random':
        kept, sizes = _random(disk, random.Random(f'{disk.count} {len(disk.pending)} {loss[1]}'))
    else:
        kept, sizes = _chosen(disk.pending, *loss), word == 'sizes without data'
    contents, names = {}, {}
    for operation, pieces in _possible(disk.pending, kept):
        if isinstance(operation, Entry):
            change_names(operation, lambda directory: names.setdefault(
                directory.number, dict(directory.durable)))
            continue
        content = contents.setdefault(operation.inode.number, bytearray(operation.inode.durable))
        for offset, data in pieces:
            put(content, offset, data)
        if not isinstance(operation, Write):
            operation.apply(content)
    return _tree(disk, contents, names, sizes)


def _tree(disk, contents, names, sizes):
    found = {}

    def walk(directory, prefix):
        for name, inode in sorted(names.get(directory.number, directory.durable).items()):
            path = prefix + name
            if inode.kind == 'directory':
                found[path] = inode, None
                walk(inode, path + '/')
            elif inode.kind == 'file':
                content = bytearray(contents.get(inode.number, inode.durable))
                if sizes:
                    resize(content, len(inode.now))
                found[path] = inode, bytes(content)
            else:
                found[path] = inode, None
    walk(disk.root, '')
    return found


def _whole(operation):
    """The one piece of an operation that is not torn."""
    return [(operation.offset, operation.data)] if isinstance(operation, Write) else []


def _chosen(pending, word, number=None, data=None):
    """The operations that reached the disk, whole."""
    names = [one for one in pending if isinstance(one, Entry)]
    if word == 'none kept':
        kept = []
    elif word == 'all kept':
        kept = pending
    elif word in ('names only', 'sizes without data'):
        kept = names
    elif word == 'data only':
        kept = [one for one in pending if not isinstance(one, Entry)]
    elif word == 'journal up to':
        kept = [one for one in pending
                if (one.number < number if isinstance(one, Entry) else data)]
    elif word == 'without':
        kept = pending[:number] + pending[number + 1:]
    elif isinstance(pending[number], Entry):
        kept = [one for one in names if one is pending[number] or _leads_to(one, pending[number])]
    else:
        kept = [one for one in pending if isinstance(one, Entry) or one is pending[number]]
    return {one: _whole(one) for one in kept}


def _leads_to(one, other):
    return one.number < other.number and one.touches() & other.touches()


def _random(disk, dice):
    """Operations that reached the disk in any order, writes torn at sectors or pages; names as a
    journal keeps them, or each for itself."""
    unit, share = dice.choice((SECTOR, PAGE)), dice.choice((0.2, 0.5, 0.8))
    names = [one for one in disk.pending if isinstance(one, Entry)]
    journal = names[:dice.randint(0, len(names))] if dice.random() < 0.5 else None
    kept = {}
    for operation in disk.pending:
        if isinstance(operation, Write):
            kept[operation] = [piece for piece in _pieces(operation, unit)
                               if dice.random() < share]
        elif operation in journal if journal is not None and isinstance(operation, Entry) \
                else dice.random() < share:
            kept[operation] = []
    return kept, dice.random() < 0.5


def _pieces(write, unit):
    """The parts of a write that a disk takes whole."""
    at, end = write.offset, write.offset + len(write.data)
    while at < end:
        after = min((at // unit + 1) * unit, end)
        yield at, write.data[at - write.offset:after - write.offset]
        at = after


def _possible(pending, kept):
    """What is kept, in order, without changes of names that build on one that is lost."""
    lost = set()
    for operation in pending:
        if isinstance(operation, Entry):
            if operation not in kept or operation.touches() & lost:
                lost |= operation.touches()
                continue
        if operation in kept:
            yield operation, kept[operation]


class Platter:
    """Puts images where the programs look for their files, and knows what stood there before.
    Files that were there from the beginning stay the same inodes, held by links in `keep`."""

    def __init__(self, root, names, keep, inode_map):
        self.root, self.names, self.keep, self.inode_map = root, names, keep, inode_map
        self.keep.mkdir()

    def load(self, ignored, unsynced=(), only_names=False):
        """The disk as it is now, all of it durable, but for what lies below `unsynced`, or for the
        names there."""
        disk = Disk(self.root, ignored)
        for name in self.names:
            if os.path.lexists(self.root / name):
                self._load(disk, disk.root, self.root / name, list(unsynced), only_names)
        return disk

    def _load(self, disk, directory, path, unsynced, only_names):
        st, lost = os.lstat(path), any(str(path).startswith(one) for one in unsynced)
        kind = KINDS[stat.S_IFMT(st.st_mode)]
        inode = disk.new_inode(kind, st.st_mode)
        operations = [disk.name((directory, path.name, inode))]
        inode.origin = st.st_mtime_ns
        if kind == 'directory':
            for name in sorted(os.listdir(path)):
                self._load(disk, inode, path / name, unsynced, only_names)
        elif kind == 'file':
            os.link(path, self.keep / str(inode.number))
            operations.append(disk.write(inode, 0, path.read_bytes()))
        for operation in operations:
            if not lost or (only_names and not isinstance(operation, Entry)):
                disk.settle(operation)

    def put(self, tree, leave=None):
        """Makes the real disk look so, but for the name `leave` below the root."""
        for name in self.names:
            path = self.root / name
            if name != leave and os.path.lexists(path):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        made, identities, directories = {}, [], []
        for path, (inode, content) in tree.items():
            if path.split('/')[0] == leave:
                continue
            at = self.root / path
            if inode.kind == 'directory':
                at.mkdir(mode=0o700)
                at.chmod(inode.mode)
                directories.append((at, inode))
            elif inode.kind == 'fifo':
                os.mkfifo(at, inode.mode)
            elif inode.number in made:
                os.link(made[inode.number], at)
            else:
                self._put_file(at, inode, content)
                made[inode.number] = at
                if inode.identity:
                    identities.append((os.stat(at).st_ino, *inode.identity))
        for at, inode in reversed(directories):
            if inode.origin and inode.durable == inode.now:
                os.utime(at, ns=(inode.origin, inode.origin))
        self.inode_map.write_text(''.join('%d %d %d %d\n' % one for one in identities))

    def _put_file(self, at, inode, content):
        kept = self.keep / str(inode.number)
        if inode.origin is not None:
            os.link(kept, at)
            if at.read_bytes() == content:
                return
        at.write_bytes(content)
        at.chmod(inode.mode)


def digest(tree):
    """The same for the same image."""
    state = hashlib.sha256()
    for path, (inode, content) in sorted(tree.items()):
        state.update(f'{path} {inode.number} {inode.mode} '.encode('utf-8', 'surrogateescape'))
        state.update(hashlib.sha256(content or b'').digest())
    return state.digest()
