# SPDX-License-Identifier: MIT
"""The session file: one recorded play of aria2, and the requests that must follow from it.

    name, description, aria2   what was recorded, and with which aria2
    configuration              the lines of aria2-ctm.conf
    rpc_secret                 {"wanted", "ours"}: what aria2 was started with, and what stands in
                               our secret_file; absent without one
    steps                      what happens, in order; each is one of
        {"endpoint": "up", "answers": [...]}   it listens from now on, and answers so
        {"endpoint": "down"}                   nobody listens from now on
        {"sidecar": NAME, "text": [...]}       this sidecar appears, or takes the place of another
        {"remove_sidecar": NAME}               it is deleted
        {"rpc": {"active": [...], "waiting": [...], "stopped": [...]}}
                                               what aria2 says of its downloads from now on;
                                               null: its port refuses
        {"files": {...}}                       files change, without a hook call
        {"hook": EVENT, "argv": [...], "cwd": DIR, "files": {...}}
                                               aria2 calls a hook; before that, files changed
        {"wait": SECONDS}                      time passes
        {"flush": STATUS, "requests": N}       `aria2-ctm flush` ends so; N requests came so far
        {"command": [...], "status": N}        `aria2-ctm ...` ends so
        {"requests": N}                        N requests come, by hooks alone
        {"progress": N}                        at least N requests of progress come; the other
                                               counts are of final words only
    expected                   the requests; "times" says how many attempts of one message. What
                               "progress": "some" allows stands in support/progress.py

A deliverer asks aria2 a moment after the hook that made it ask. So an "rpc" right before hook
calls is what aria2 said when they had all been made, and the files are as they were then.

Files are told as what differs from the step before: {PATH: {"size", "mode", "seed"}}, without
"seed" where the content means nothing (a part, a control file), null where the file is gone.
PATH is relative to the download directory.

Places: @DL@ the download directory, @ROOT@ its parent, @HOOKS@ where the hook programs stand,
@STATE@ the state directory, @URL@ the endpoint, @RPC@ aria2's JSON-RPC, @LOG@ a log file.
"""

import json
from pathlib import Path

HERE = Path(__file__).resolve().parent
WIDTH = 96


def _lines(value, indent):
    """JSON with what fits on a line on one line."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + indent <= WIDTH or not isinstance(value, (dict, list)) or not value:
        return flat
    inner = ' ' * (indent + 2)
    if isinstance(value, dict):
        items = [f'{inner}{json.dumps(key, ensure_ascii=False)}: {_lines(one, indent + 2)}'
                 for key, one in value.items()]
        return '{\n' + ',\n'.join(items) + '\n' + ' ' * indent + '}'
    items = [inner + _lines(one, indent + 2) for one in value]
    return '[\n' + ',\n'.join(items) + '\n' + ' ' * indent + ']'


def save(session, directory=HERE):
    """Writes NAME.json; returns its path."""
    path = Path(directory) / f'{session["name"]}.json'
    path.write_text(_lines(session, 0) + '\n', encoding='utf-8')
    return path


def load(path):
    return json.loads(Path(path).read_text(encoding='utf-8'))


class Places:
    """Turns places into paths and back."""

    def __init__(self, **paths):
        pairs = [(f'@{name.upper()}@', str(path)) for name, path in paths.items()]
        self.pairs = sorted(pairs, key=lambda pair: -len(pair[1]))

    def fill(self, text):
        for name, path in self.pairs:
            text = text.replace(name, path)
        return text

    def name(self, text):
        for name, path in self.pairs:
            text = text.replace(path, name)
        return text

    def fill_all(self, value):
        """The same of every text in a value as JSON has them."""
        return _each_text(self.fill, value)

    def name_all(self, value):
        return _each_text(self.name, value)


def _each_text(function, value):
    if isinstance(value, str):
        return function(value)
    if isinstance(value, list):
        return [_each_text(function, one) for one in value]
    if isinstance(value, dict):
        return {key: _each_text(function, one) for key, one in value.items()}
    return value


def changes(before, after):
    """What differs between two states of the files: {path: file or None}."""
    found = {path: one for path, one in after.items() if before.get(path) != one}
    found.update({path: None for path in before if path not in after})
    return dict(sorted(found.items()))


def segments(steps):
    """The steps in groups: hook calls (and file changes) that follow one another without
    anything else between are one group, with what aria2 says by RPC in front of it if that is
    told; everything else stands alone."""
    groups = []
    for step in steps:
        plain = 'hook' in step or list(step) == ['files']
        if plain and groups and groups[-1][0]:
            groups[-1][1].append(step)
        else:
            groups.append((plain or 'rpc' in step, [step]))
    return groups
