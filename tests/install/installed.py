#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What `meson install` puts in place: complete, hardened, and usable by another program."""

import os
import re
import sys
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'support'))

from content import make_files  # noqa: E402
from embed import make_every_call  # noqa: E402
from process import open_files, run  # noqa: E402
from sidecar import listed, new_id  # noqa: E402
from staged import Staged, readelf  # noqa: E402
from testcase import expect, expect_equal, main, needs  # noqa: E402
from world import World  # noqa: E402

HOOKS = {'on-download-start', 'on-download-pause', 'on-download-stop', 'on-download-complete',
         'on-download-error', 'on-bt-download-complete'}


def _libraries(path, env):
    """The names of all that the loader brings for a program."""
    said = run(['ldd', str(path)], env=env).expect(0).out
    expect('not found' not in said, f'{path.name}: something is not found:\n{said}')
    return set(re.findall(r'^\s*(?:\S*/)?(\S+?\.so\S*)', said, re.MULTILINE))


def all_is_there(build):
    """Every file of the package, the hooks as links to the first."""
    with Staged(build) as staged:
        doc = staged.place('datadir') / 'doc' / 'aria2-ctm'
        conf = staged.place('sysconfdir') / 'aria2-ctm' / 'aria2-ctm.conf'
        pc = staged.lib / 'pkgconfig' / 'aria2ctm.pc'
        header = staged.place('includedir') / 'aria2ctm.h'
        for path in [*staged.programs(), *staged.objects(), conf, pc, header,
                     doc / 'example.ctm.ini', doc / 'aria2.conf.snippet',
                     doc / 'example-host' / 'host.cc']:
            expect(path.is_file(), f'{path} is missing')
        for name in HOOKS:
            hook = staged.libexec / name
            expect_equal(os.path.realpath(hook), str(staged.libexec / 'on-download-complete'),
                         name)
            expect(os.access(hook, os.X_OK), f'{name} is not executable')
        snippet = (doc / 'aria2.conf.snippet').read_text()
        named = set(re.findall(r'^(on-[a-z-]+)=(\S+)$', snippet, re.MULTILINE))
        libexec = '/' / staged.libexec.relative_to(staged.stage)
        expect_equal(named, {(name, f'{libexec}/{name}') for name in HOOKS}, 'the snippet')
        headers = [path.name for path in staged.place('includedir').iterdir()]
        expect_equal(headers, ['aria2ctm.h'], 'headers')


def hardened(build):
    """Position-independent, relocations read-only and bound at start, no executable stack, stack
    protected; no path of the build is left inside."""
    needs('readelf')
    with Staged(build) as staged:
        for path in [*staged.programs(), *staged.objects()]:
            dynamic = readelf(path, '-d')
            segments = readelf(path, '-l')
            expect(re.search(r'Type:\s+DYN', readelf(path, '-h')), f'{path.name}: no PIE')
            expect(re.search(r'BIND_NOW|FLAGS_1.*\bNOW\b', dynamic), f'{path.name}: no BIND_NOW')
            expect('GNU_RELRO' in segments, f'{path.name}: no RELRO')
            expect(re.search(r'GNU_STACK.*\sRW\s', segments), f'{path.name}: executable stack')
            expect('TEXTREL' not in dynamic, f'{path.name}: text relocations')
            expect(not re.search(r'\((RPATH|RUNPATH)\)', dynamic), f'{path.name}: has an rpath')
        for path in [*staged.programs()[:2], *staged.objects()]:
            symbols = readelf(path, '--dyn-syms')
            expect('__stack_chk_fail' in symbols, f'{path.name}: no stack protector')


def _expect_light(hook, env, loaded=False):
    """Nothing is loaded for it, or else the C library alone, and few symbols of that."""
    if not loaded and 'INTERP' not in readelf(hook, '-l'):
        expect_equal(_libraries(hook, env), set(), 'libraries of a hook that no loader starts')
        return
    extra = {name for name in _libraries(hook, env)
             if not re.fullmatch(r'(linux-vdso|linux-gate|ld-linux.*|libc)\.so.*', name)}
    expect_equal(extra, set(), 'libraries of the hook beyond the C library')
    symbols = re.findall(r'\sUND\s+\S+', readelf(hook, '--dyn-syms'))
    expect(20 < len(symbols) <= 64, f'{len(symbols)} symbols of the hook')


def light_hook(build):
    """A hook needs the C library alone, and few symbols of it: it pays for each at its start, if
    that is loaded and not in it. The loader brings nothing of libcurl's for the library or any
    program: that comes with the transport module alone."""
    needs('ldd')
    with Staged(build) as staged:
        curl = _libraries(staged.objects()[1], staged.env)
        expect(any(name.startswith('libcurl') for name in curl), 'the module has no libcurl')
        if staged.options['b_sanitize'] == 'none':
            _expect_light(staged.programs()[2], staged.env)
            _expect_light(build / 'tests/support/preloadable/on-download-complete', staged.env,
                          loaded=True)
        for program in (*staged.programs(), staged.objects()[0]):
            names = _libraries(program, staged.env)
            expect(not any(name.startswith('libcurl') for name in names),
                   f'{program.name} brings libcurl')


def kept_apart(build):
    """What speaks to the network is in the transport's process, and never in one that has the
    store: the deliverer has neither libcurl nor a TLS library in its memory, and the transport no
    file of the state."""
    with World(build, linger='0') as world:
        world.endpoint.up(['200 delay=1500'])
        make_files(world.dl / 'job', {'f.bin': 10})
        world.put_sidecar('job', listed(new_id(), world.dl / 'job', {'f.bin': 10}))
        call = world.call_hook('on-download-complete', world.dl / 'job' / 'f.bin')
        world.endpoint.wait_for(1)
        seen = {Path(os.readlink(f'/proc/{pid}/exe')).name: pid for pid in world.ours()}
        expect_equal(sorted(seen), ['deliver', 'transport'], 'what runs')
        expect_equal(_network_libraries(seen['deliver']), set(), 'libraries of deliver')
        expect('libcurl' in _network_libraries(seen['transport']), 'the transport has no curl')
        expect_equal([path for path in open_files(seen['transport'])
                      if str(world.state) in path], [], 'state that the transport has open')
        call.wait()


def _network_libraries(pid):
    """Which of them a process has in its memory."""
    maps = Path(f'/proc/{pid}/maps').read_text()
    return {name for name in ('libcurl', 'libssl', 'libcrypto', 'libgnutls', 'libnghttp2')
            if f'/{name}' in maps}


def host_program(build):
    """A C program finds header and library by pkg-config, and makes every call."""
    needs('cc', 'pkg-config')
    with Staged(build) as staged:
        staged.needs_plain()
        host = staged.stage / 'host'
        for standard in ('-std=c11', '-std=gnu2x'):
            run(['cc', standard, '-Wall', '-Wextra', '-Werror', '-o', str(host),
                 str(HERE / 'host.c'), *staged.flags()]).expect(0)
        # The library looks for `deliver` where it was told to be installed, or beside itself: so
        # in the build directory, and not where it is staged.
        with World(build, linger='0') as world:
            make_every_call(world, host, LD_LIBRARY_PATH=str(build))


if __name__ == '__main__':
    main(all_is_there, hardened, light_hook, kept_apart, host_program)
