#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What programs that were built against the library rely on: symbols with their versions, sizes
and offsets. A change here breaks them."""

import sys
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'support'))

from process import run  # noqa: E402
from staged import Staged, readelf  # noqa: E402
from testcase import expect_equal, main, needs  # noqa: E402

EXPORTED = {'aria2ctm_event@@ARIA2CTM_0',
            'SendNotifySuccessToCTM@@ARIA2CTM_0', 'aria2ctm_send_notify_success@@ARIA2CTM_0',
            'SendNotifyErrorToCTM@@ARIA2CTM_0', 'aria2ctm_send_notify_error@@ARIA2CTM_0',
            'SendNotifyProgressToCTM@@ARIA2CTM_0', 'aria2ctm_send_notify_progress@@ARIA2CTM_0'}


def _exported(path):
    """The symbols that an object defines for others, with their versions."""
    found = set()
    for line in readelf(path, '--dyn-syms').splitlines():
        parts = line.split()
        if len(parts) >= 8 and parts[4] in ('GLOBAL', 'WEAK') and parts[6] not in ('UND', 'ABS'):
            found.add(parts[7])
    return found


def exported_symbols(build):
    """Seven functions under one version, and nothing else; the module has its one door."""
    needs('readelf')
    with Staged(build) as staged:
        expect_equal(_exported(staged.objects()[0]), EXPORTED, 'exported by libaria2ctm')
        expect_equal(len(_exported(staged.objects()[1])), 1, 'functions exported by the module')
        expect_equal('Library soname: [libaria2ctm.so.0]' in readelf(staged.objects()[0], '-d'),
                     True, 'the name that programs ask the loader for')


def shapes(build):
    """The installed header in C11 and in C of today: sizes, offsets, numbers and prototypes."""
    needs('cc', 'pkg-config')
    with Staged(build) as staged:
        for standard in ('-std=c11', '-std=gnu2x'):
            _compile(staged, 'cc', standard)


def shapes_in_cxx(build):
    """The same in C++11."""
    needs('c++', 'pkg-config')
    with Staged(build) as staged:
        _compile(staged, 'c++', '-std=c++11', '-x', 'c++')


def _compile(staged, *compiler):
    run([*compiler, '-Wall', '-Wextra', '-Wpedantic', '-Werror', '-fsyntax-only',
         *(flag for flag in staged.flags() if not flag.startswith('-l')),
         str(HERE / 'abi.c')]).expect(0)


if __name__ == '__main__':
    main(exported_symbols, shapes, shapes_in_cxx)
