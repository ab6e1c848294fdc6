#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What `meson install` puts in place: complete, hardened, and usable by another program."""

import json
import os
import re
import shlex
import shutil
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'support'))

from content import write_file  # noqa: E402
from endpoint import Endpoint  # noqa: E402
from notification import expect_requests, success  # noqa: E402
from process import clean_environment, run, wait_until  # noqa: E402
from sidecar import listed, new_id, put  # noqa: E402
from testcase import Skip, expect, expect_equal, main, needs  # noqa: E402

HOOKS = {'on-download-start', 'on-download-pause', 'on-download-stop', 'on-download-complete',
         'on-download-error', 'on-bt-download-complete'}
EXPORTED = {'aria2ctm_event@@ARIA2CTM_0', 'SendNotifySuccessToCTM@@ARIA2CTM_0'}
JOB = '{3F2504E0-4F89-11D3-9A0C-0305E82C3301}'


class Staged:
    """An installation under a directory of its own."""

    def __init__(self, build):
        self.build = build
        self.options = {one['name']: one['value'] for one in _introspect(build)}
        self.stage = Path(tempfile.mkdtemp(prefix='ctm-stage-')).resolve()
        run(['meson', 'install', '--no-rebuild', '--destdir', str(self.stage)], cwd=build,
            env=clean_environment(PATH=os.environ['PATH'])).expect(0)
        self.libexec = self.place('libexecdir') / 'aria2-ctm'
        self.lib = self.place('libdir')
        self.env = clean_environment(LD_LIBRARY_PATH=str(self.lib))

    def place(self, option):
        """Where a directory option of meson's leads to in the staging directory."""
        path = Path(self.options['prefix']) / self.options[option]
        return self.stage / path.relative_to('/')

    def programs(self):
        return [self.place('bindir') / 'aria2-ctm', self.libexec / 'deliver',
                self.libexec / 'on-download-complete']

    def objects(self):
        return [self.lib / 'libaria2ctm.so.0', self.lib / 'aria2-ctm' / 'transport-http.so']

    def sanitized(self):
        return self.options['b_sanitize'] != 'none'

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.stage, ignore_errors=True)


def _introspect(build):
    return json.loads(run(['meson', 'introspect', '--buildoptions', str(build)],
                          env=clean_environment(PATH=os.environ['PATH'])).expect(0).out)


def _readelf(path, *options):
    return run(['readelf', '-W', *options, str(path)]).expect(0).out


def _exported(path):
    """The symbols that an object defines for others, with their versions."""
    found = set()
    for line in _readelf(path, '--dyn-syms').splitlines():
        parts = line.split()
        if len(parts) >= 8 and parts[4] in ('GLOBAL', 'WEAK') and parts[6] not in ('UND', 'ABS'):
            found.add(parts[7])
    return found


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
                     doc / 'example.ctm.ini', doc / 'aria2.conf.snippet']:
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
            dynamic = _readelf(path, '-d')
            segments = _readelf(path, '-l')
            expect(re.search(r'Type:\s+DYN', _readelf(path, '-h')), f'{path.name}: no PIE')
            expect(re.search(r'BIND_NOW|FLAGS_1.*\bNOW\b', dynamic), f'{path.name}: no BIND_NOW')
            expect('GNU_RELRO' in segments, f'{path.name}: no RELRO')
            expect(re.search(r'GNU_STACK.*\sRW\s', segments), f'{path.name}: executable stack')
            expect('TEXTREL' not in dynamic, f'{path.name}: text relocations')
            expect(not re.search(r'\((RPATH|RUNPATH)\)', dynamic), f'{path.name}: has an rpath')
        for path in [*staged.programs()[:2], *staged.objects()]:
            symbols = _readelf(path, '--dyn-syms')
            expect('__stack_chk_fail' in symbols, f'{path.name}: no stack protector')


def light_hook(build):
    """The loader brings nothing of libcurl's for a hook, the library or the deliverer: each
    comes with the transport module alone."""
    needs('ldd')
    with Staged(build) as staged:
        curl = _libraries(staged.objects()[1], staged.env)
        expect(any(name.startswith('libcurl') for name in curl), 'the module has no libcurl')
        hook = _libraries(staged.programs()[2], staged.env)
        allowed = r'(linux-vdso|ld-linux.*|libc|libm|libdl|libpthread|librt|libgcc_s|libresolv|' \
                  r'libaria2ctm|liblmdb|libinih|libclang_rt.*|libasan|libubsan|libstdc\+\+)\.so.*'
        extra = {name for name in hook if not re.fullmatch(allowed, name)}
        expect_equal(extra, set(), 'libraries of the hook beyond its own')
        for program in (staged.programs()[0], staged.programs()[1], staged.objects()[0]):
            names = _libraries(program, staged.env)
            expect(not any(name.startswith('libcurl') for name in names),
                   f'{program.name} brings libcurl')


def exported_symbols(build):
    """Two functions under one version, and nothing else; the module has its one door."""
    needs('readelf')
    with Staged(build) as staged:
        expect_equal(_exported(staged.objects()[0]), EXPORTED, 'exported by libaria2ctm')
        expect_equal(len(_exported(staged.objects()[1])), 1, 'functions exported by the module')


def host_program(build):
    """A C program finds header and library by pkg-config, records an event that completes a job,
    and tells CTM of another."""
    needs('cc', 'pkg-config')
    with Staged(build) as staged:
        if staged.sanitized():
            raise Skip('a plain program can\'t load a library with sanitizers')
        root = staged.stage / 'host'
        content = root / 'content'
        write_file(content / 'a.bin', b'content')
        pc = clean_environment(PKG_CONFIG_SYSROOT_DIR=str(staged.stage),
                               PKG_CONFIG_LIBDIR=str(staged.lib / 'pkgconfig'))
        flags = run(['pkg-config', '--cflags', '--libs', 'aria2ctm'], env=pc).expect(0).out
        for standard in ('-std=c11', '-std=gnu2x'):
            run(['cc', standard, '-Wall', '-Wextra', '-Werror', '-o', str(root / 'host'),
                 str(HERE / 'host.c'), *shlex.split(flags)]).expect(0)
        endpoint = Endpoint(build / 'tests/support/ctm-endpoint', root / 'run').up()
        try:
            _call(staged, root, content, endpoint)
        finally:
            endpoint.close()


def _call(staged, root, content, endpoint):
    """The library looks for `deliver` where it was told to be installed, or beside itself: so in
    the build directory, and not where it is staged."""
    conf = root / 'aria2-ctm.conf'
    conf.write_text(f'[state]\ndir = {root}/state\n[endpoint.ctm]\nurl = {endpoint.url()}\n'
                    f'[retry]\nlinger = 0\n[log]\ntarget = {root}/log\n')
    env = clean_environment(LD_LIBRARY_PATH=str(staged.build), ARIA2_CTM_CONF=str(conf))
    job = new_id()
    sidecar = put(root, 'job.ctm.ini', listed(job, content, {'a.bin': 7}))
    ctm = str(staged.build / 'aria2-ctm')
    run([ctm, 'add', str(sidecar)], env=env).expect(0)
    expect_equal(run([str(root / 'host'), str(content / 'a.bin')], env=env).expect(0).out,
                 '0 00000000\n', 'what both calls returned')
    endpoint.wait_for(2)
    wait_until('the deliverer to end', lambda: run([ctm, 'flush'], env=env).status == 0)
    expect_requests([success(job, 1, 7), success(JOB, 1, 7, '„host“ 日')], endpoint.requests(),
                    ordered=False)


if __name__ == '__main__':
    main(all_is_there, hardened, light_hook, exported_symbols, host_program)
