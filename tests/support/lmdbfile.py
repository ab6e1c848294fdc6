# SPDX-License-Identifier: MIT
"""The two meta pages of an LMDB file, changed while nobody has it open: how large its map is, and
how much of that is in use. A store of a test's own size, then."""

import os
import struct

PAGE = 4096
MAGIC = 0xBEEFC0DE
# Behind the page's header: magic, version, address; then the size of the map, two databases of 48
# bytes each, the number of the last page in use, and of the transaction.
_META = 16
_MAP_SIZE = _META + 16
_LAST_PAGE = _MAP_SIZE + 8 + 2 * 48


def _change(path, offset, value):
    with open(path, 'r+b') as file:
        for page in range(2):
            file.seek(page * PAGE + _META)
            magic, = struct.unpack('<I', file.read(4))
            if magic != MAGIC:
                raise ValueError(f'{path}: page {page} is no meta page of LMDB')
            file.seek(page * PAGE + offset)
            file.write(struct.pack('<Q', value))


def map_size(path):
    """How large the map is, in bytes: what the newer of the two pages says."""
    with open(path, 'rb') as file:
        data = file.read(2 * PAGE)
    sizes = {struct.unpack_from('<Q', data, page * PAGE + _LAST_PAGE + 8)[0]:
             struct.unpack_from('<Q', data, page * PAGE + _MAP_SIZE)[0] for page in range(2)}
    return sizes[max(sizes)]


def set_map_size(path, size):
    """The map has so many bytes, or as many as are in use."""
    _change(path, _MAP_SIZE, size)


def fill_map(path, size, left):
    """The map has `size` bytes, and all but `left` of them are in use, by nothing."""
    set_map_size(path, size)
    _change(path, _LAST_PAGE, (size - left) // PAGE - 1)
    os.truncate(path, size - left)
