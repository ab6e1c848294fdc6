# SPDX-License-Identifier: MIT
"""An installation under a directory of its own, and what tests of it have in common."""

import json
import os
import shlex
import shutil
import tempfile
from pathlib import Path

from process import clean_environment, run
from testcase import Skip


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
                self.libexec / 'on-download-complete', self.libexec / 'transport',
                self.libexec / 'drain']

    def objects(self):
        return [self.lib / 'libaria2ctm.so.0', self.lib / 'aria2-ctm' / 'transport-http.so']

    def needs_plain(self):
        """Skips where what is compiled by hand could not load the library."""
        if self.options['b_sanitize'] != 'none':
            raise Skip('a plain program can\'t load a library with sanitizers')

    def flags(self):
        """What pkg-config says to a program that embeds the library."""
        env = clean_environment(PKG_CONFIG_SYSROOT_DIR=str(self.stage),
                                PKG_CONFIG_LIBDIR=str(self.lib / 'pkgconfig'))
        return shlex.split(run(['pkg-config', '--cflags', '--libs', 'aria2ctm'],
                               env=env).expect(0).out)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.stage, ignore_errors=True)


def _introspect(build):
    return json.loads(run(['meson', 'introspect', '--buildoptions', str(build)],
                          env=clean_environment(PATH=os.environ['PATH'])).expect(0).out)


def readelf(path, *options):
    return run(['readelf', '-W', *options, str(path)]).expect(0).out
