# SPDX-License-Identifier: MIT
"""What sanitizers say of our programs, also of those whose standard error leads nowhere."""

import json

from process import Failure

OPTIONS = ('ASAN_OPTIONS', 'UBSAN_OPTIONS')


def is_sanitized(build):
    """Whether a build directory is one with sanitizers."""
    info = build / 'meson-info/intro-buildoptions.json'
    if not info.exists():
        return False
    options = {option['name']: option['value'] for option in json.loads(info.read_text())}
    return options['b_sanitize'] != 'none'


class Reports:
    """A directory into which each process that is started with `env` writes what is wrong with
    it."""

    def __init__(self, build, directory, env):
        self.directory = directory
        if not is_sanitized(build):
            return
        directory.mkdir()
        directory.chmod(0o1777)
        for name in OPTIONS:
            env[name] = f'{env.get(name, "")}:log_path={directory}/report'
        # It could not write there.
        env['ARIA2_CTM_CONFINE'] = 'no'

    def text(self):
        """All that was said so far."""
        if not self.directory.exists():
            return ''
        return '\n'.join(path.read_text(errors='replace')
                         for path in sorted(self.directory.iterdir()))

    def expect_none(self):
        if self.text():
            raise Failure(f'a sanitizer complains:\n{self.text()}')
