#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Alpine's package, as far as can be looked at without abuild: the APKBUILD as a shell script with all
that abuild asks for, its functions on what meson installs; and the sources with musl."""

import os
import re
import shlex
import shutil
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / 'support'), str(HERE)]

from testcase import Skip, expect, expect_equal, main, needs  # noqa: E402
from tree import PACKAGING, SOURCE, VERSION, do, tarball  # noqa: E402

APKBUILD = PACKAGING / 'alpine/APKBUILD'
LAYERS = ('base', 'wire', 'job', 'ini', 'record', 'store', 'flow', 'courier', 'deliver', 'http')
# What abuild refuses to be without, and what its functions are called.
REQUIRED = ('pkgname', 'pkgver', 'pkgrel', 'pkgdesc', 'url', 'arch', 'license', 'source')
ALONE = ('base', 'job')
# Headers that are Linux's or of libraries: the C library's own are musl's.
FOREIGN = ('linux', 'asm-generic', 'asm', 'ini.h', 'lmdb.h', 'jansson.h', 'jansson_config.h',
           'nettle', 'curl', 'seccomp.h', 'gmp.h')


def _variables():
    """What the APKBUILD sets, as a shell finds it."""
    script = f'. "$1"; for name in {" ".join(REQUIRED)} makedepends subpackages install depends ' \
             'options pkgusers pkggroups sha512sums; do eval "printf \'%s\\n\' \\"$name=\\"' \
             '\\$$name | tr \'\\n\' \' \'"; echo; done'
    said = do('sh', '-ec', script, 'sh', APKBUILD).out
    return {name: value.strip() for name, value in
            (line.split('=', 1) for line in said.splitlines() if '=' in line)}


def apkbuild(build):
    """It is POSIX shell without a complaint of shellcheck's, says all that it must, and has the
    functions that it names."""
    needs('shellcheck')
    for script in (APKBUILD, PACKAGING / 'alpine/aria2-ctm.pre-install'):
        do('sh', '-n', script)
        # Variables are for abuild, and from it; it runs functions with set -e; local is ash's.
        do('shellcheck', '-s', 'sh', '-e', 'SC2034,SC2154,SC3043,SC2164', script)
    text, said = APKBUILD.read_text(), _variables()
    for name in REQUIRED:
        expect(said[name], f'{name} is empty')
    expect(re.fullmatch(r'[a-z][a-z0-9.+-]*', said['pkgname']), said['pkgname'])
    expect_equal(said['pkgver'], VERSION, 'pkgver')
    expect(re.fullmatch(r'\d+', said['pkgrel']), 'pkgrel is no number')
    expect(len(said['pkgdesc']) < 128 and not said['pkgdesc'].endswith('.'), 'pkgdesc')
    expect(re.search(r'^# Maintainer: .+ <.+@.+>$', text, re.MULTILINE), 'no maintainer')
    functions = set(re.findall(r'^(\w+)\(\) \{$', text, re.MULTILINE))
    expect({'build', 'package'} <= functions, f'functions: {functions}')
    expect('check' in functions or '!check' in said['options'].split(), 'neither check nor !check')
    for one in said['subpackages'].split():
        name, _, function = one.partition(':')
        expect(name.startswith('aria2-ctm-'), name)
        expect(not function or function in functions, f'{one}: there is no such function')
    for one in said['install'].split():
        expect((APKBUILD.parent / one).stat().st_mode & 0o111, f'{one} cannot be run')
    expect_equal([line for line in text.splitlines() if line != line.rstrip() or
                  re.match(' ', line)], [], 'lines with blanks at an end')


def sums(build):
    """The form of sha512sums is that of sha512sum, under the name that source has."""
    source = _variables()['source'].rsplit('/', 1)[-1]
    with tempfile.TemporaryDirectory(prefix='ctm-alpine-') as scratch:
        archive = tarball(Path(scratch) / source)
        made = f'{do("sha512sum", archive).out.split()[0]}  {source}\n'
        text = APKBUILD.read_text().replace('sha512sums=""', f'sha512sums="\n{made}"')
        expect(made in text, 'there is no sha512sums to be filled in')
        (Path(scratch) / 'APKBUILD').write_text(text)
        do('sh', '-ec', '. ./APKBUILD; printf %s "$sha512sums" | sed "/^$/d" | sha512sum -c -',
           cwd=scratch)


def functions(build):
    """package() and those of sub-packages, on what meson installs, with what abuild gives them."""
    needs('meson', 'ninja')
    if os.geteuid() != 0:
        raise Skip('not root, who alone may give files to a user')
    with tempfile.TemporaryDirectory(prefix='ctm-alpine-') as scratch:
        place = Path(scratch)
        (place / 'bin').mkdir()
        # The program to install is there; abuild's user and its installed tools are not.
        for name, text in (('meson', f'exec {shutil.which("meson")} "$@" --destdir "$DESTDIR"'),
                           ('install', 'exec /usr/bin/install $(printf "%s " "$@" | sed "s/ aria2 '
                                       '/ 65534 /g")')):
            (place / 'bin' / name).write_text(f'#!/bin/sh\n{text}\n')
            (place / 'bin' / name).chmod(0o755)
        do('meson', 'setup', place / 'output', SOURCE, '-Dtests=disabled', '-Dprefix=/usr',
           '-Dlibdir=lib', '-Dlibexecdir=libexec', '-Dhook_archives=false')
        do('ninja', '-C', place / 'output', seconds=900)
        do('sh', '-ec', f'''
            . {shlex.quote(str(APKBUILD))}
            default_doc() {{ mkdir -p "$subpkgdir/usr/share"; mv "$pkgdir/usr/share/doc" \
                "$subpkgdir/usr/share/"; }}
            amove() {{ mkdir -p "$subpkgdir/$(dirname "$1")"; mv "$pkgdir/$1" "$subpkgdir/$1"; }}
            pkgdir=$PWD/pkg/main; package
            subpkgdir=$PWD/pkg/doc; (doc)
            subpkgdir=$PWD/pkg/transport; (transport_http)''', cwd=place,
           env={'PATH': f'{place}/bin:{os.environ["PATH"]}'})
        pkg = place / 'pkg'
        for path in ('main/usr/bin/aria2-ctm', 'main/usr/libexec/aria2-ctm/on-download-complete',
                     'main/etc/aria2-ctm/aria2-ctm.conf', 'doc/usr/share/doc/aria2-ctm',
                     'main/usr/share/doc/aria2-ctm/aria2.conf.snippet',
                     'transport/usr/lib/aria2-ctm/transport-http.so'):
            expect((pkg / path).exists(), f'{path} is missing')
        expect(not list(pkg.rglob('*systemd*')), 'there is something for systemd')
        expect(not list((pkg / 'main').rglob('transport-http.so')), 'the module is in two')
        state, spool = (pkg / 'main/var' / name / 'aria2-ctm' for name in ('lib', 'spool'))
        expect_equal((state.stat().st_mode & 0o7777, spool.stat().st_mode & 0o7777),
                     (0o700, 0o2770), 'modes of state and spool')
        expect_equal((pkg / 'main/var/lib/aria2').stat().st_mode & 0o7777, 0o750, "aria2's home")
        expect_equal(os.readlink(state / 'jobs'), '/var/spool/aria2-ctm', 'jobs')


def _compile(place, *arguments):
    """Calls musl's compiler, which sees musl's headers and, behind them, the foreign ones."""
    headers = place / 'include'
    if not headers.exists():
        headers.mkdir()
        for name in FOREIGN:
            for at in (Path('/usr/include'), *Path('/usr/include').glob('*-linux-gnu')):
                if (at / name).exists() and not (headers / name).exists():
                    (headers / name).symlink_to(at / name)
    places = [f'-DCTM_{name}="/usr/{name}"' for name in
              ('VERSION', 'LIBEXECDIR', 'MODULEDIR', 'SYSCONFDIR', 'BINDIR', 'LIBDIR')]
    do('musl-gcc', '-std=c11', '-D_GNU_SOURCE', '-DCTM_HAVE_SECCOMP=1', '-Wall', '-Wextra',
       '-Werror', '-Wno-format-truncation', *places, '-I', SOURCE / 'plugin/include',
       f'-I{SOURCE / "plugin"}',
       *(f'-I{SOURCE / "plugin" / layer}' for layer in LAYERS), f'-I{SOURCE / "hooks"}',
       '-idirafter', headers, *arguments)


def musl(build):
    """All sources of the product compile with musl, without a warning."""
    needs('musl-gcc')
    sources = [path for at in (*(f'plugin/{layer}' for layer in LAYERS), 'plugin', 'hooks')
               for path in sorted((SOURCE / at).glob('*.c'))]
    expect(len(sources) > 150, f'only {len(sources)} sources')
    with tempfile.TemporaryDirectory(prefix='ctm-musl-') as scratch:
        place = Path(scratch)
        for source in sources:
            _compile(place, '-c', '-o', place / 'object.o', source)
    print(f'{len(sources)} sources compile', flush=True)


def musl_runs(build):
    """The layers that need no library, linked with musl alone, do what they do."""
    needs('musl-gcc')
    with tempfile.TemporaryDirectory(prefix='ctm-musl-') as scratch:
        place = Path(scratch)
        sources = [path for layer in ALONE for path in (SOURCE / 'plugin' / layer).glob('*.c')]
        _compile(place, '-static', '-o', place / 'program', HERE / 'musl.c', *sources)
        said = do(place / 'program').out
        expect('not ok' not in said and said.count('ok: ') >= 8, said)


if __name__ == '__main__':
    main(apkbuild, sums, functions, musl, musl_runs)
