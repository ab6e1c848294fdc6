# SPDX-License-Identifier: MIT
"""A store that is small, or old: bytes of store.mdb that decide it.

LMDB has two meta pages, and in each the size of the map; no checksum stands in the way."""

import os

PAGE = os.sysconf('SC_PAGE_SIZE')
MAP_AT = 32
SCHEMA_KEY = b'S' + (1).to_bytes(4, 'big')
SCHEMA = 3  # the one that a store has now


def _change(state, change):
    path = state / 'store.mdb'
    content = bytearray(path.read_bytes())
    change(content)
    with open(path, 'r+b') as file:
        file.write(content)


def set_map_bytes(state, size):
    """What the store says of its map: it is full when so much is in it."""
    def change(content):
        for at in (MAP_AT, PAGE + MAP_AT):
            content[at:at + 8] = size.to_bytes(8, 'little')
    _change(state, change)


def map_bytes(state):
    content = (state / 'store.mdb').read_bytes()
    return max(int.from_bytes(content[at:at + 8], 'little') for at in (MAP_AT, PAGE + MAP_AT))


def set_schema(state, before, after):
    """Puts another schema in the place of the one that it has."""
    def change(content):
        old = SCHEMA_KEY + before.to_bytes(8, 'big')
        if old not in content:
            raise AssertionError(f'the store has no schema {before}')
        content[:] = content.replace(old, SCHEMA_KEY + after.to_bytes(8, 'big'))
    _change(state, change)


def is_schema(state, schema):
    return SCHEMA_KEY + schema.to_bytes(8, 'big') in (state / 'store.mdb').read_bytes()
