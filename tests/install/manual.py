#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The manual, completions, samples, `--help` and the code can't disagree."""

import json
import re
import sys
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'support'))

from judges import judge_by_schema  # noqa: E402
from process import clean_environment, run  # noqa: E402
from sidecar import listed, new_id  # noqa: E402
from staged import Staged  # noqa: E402
from testcase import expect, expect_equal, main, needs  # noqa: E402
from world import World  # noqa: E402

SOURCE = HERE.parents[1]
MAN = SOURCE / 'packaging' / 'man'
COMPLETIONS = SOURCE / 'packaging' / 'completions'
SCHEMA = SOURCE / 'conf' / 'notify.schema.json'


def _page(name):
    return (MAN / name).read_text(encoding='utf-8')


def _help(build, *arguments):
    return run([str(build / 'aria2-ctm'), *arguments, '--help']).expect(0).out


def _commands(build):
    """{name: its description} as `aria2-ctm --help` has them."""
    return dict(re.findall(r'^  (\S+) +(.+)$', _help(build), re.MULTILINE))


def _options(build, command):
    """The long options that its --help has, but for that one."""
    return set(re.findall(r'(?<![\w-])--([a-z][a-z0-9-]+)', _help(build, command))) - {'help'}


def commands(build):
    """A page for each subcommand and no other; each says in its name and in aria2-ctm(1) what
    --help says, and has its options, all of them and no others."""
    known = _commands(build)
    expect(len(known) > 10, f'--help lists {sorted(known)}')
    pages = {path.name[len('aria2-ctm-'):-2] for path in MAN.glob('aria2-ctm-*.1')}
    expect_equal(pages, set(known), 'pages of subcommands')
    overview = dict(re.findall(r'^\.It Cm (\S+)\n(.+);\n', _page('aria2-ctm.1'), re.MULTILINE))
    expect_equal(overview, known, 'aria2-ctm(1)')
    for name, description in known.items():
        page = _page(f'aria2-ctm-{name}.1')
        expect_equal(re.search(r'^\.Nd (.+)$', page, re.MULTILINE).group(1), description, name)
        options = _options(build, name)
        documented = set(re.findall(r'\bFl -([a-z][a-z0-9-]+)', page))
        expect_equal(documented, options, f'options of {name}')


def _keys_in_code(path, enum):
    """{section: {key, …}} of a table of keys in C."""
    found = {}
    for section, key in re.findall(enum + r'_(\w+), "(\w+)",', path.read_text()):
        found.setdefault(section.lower(), set()).add(key)
    return found


def _keys_in_sample(path, mark):
    """The same of a sample, where a key may be commented out by `mark`; and {key: value}."""
    found, values, section = {}, {}, None
    for line in path.read_text(encoding='utf-8').splitlines():
        line = line[1:] if line.startswith(mark) else line
        if header := re.match(r'\[(\w+)', line):
            section = header.group(1)
        elif pair := re.match(r'([a-z_0-9]+) = ?(.*)$', line):
            found.setdefault(section, set()).add(pair.group(1))
            values.setdefault((section, pair.group(1)), pair.group(2))
    return found, values


def _keys_in_page(page):
    """{section: {key: its text}}"""
    found = {}
    for part in re.split(r'^\.Ss ', page, flags=re.MULTILINE)[1:]:
        header = re.match(r'\[(\w+)', part)
        if not header:
            continue
        keys = found.setdefault(header.group(1), {})
        for names, text in re.findall(r'^\.It ((?:Ic \S+(?: , )?)+)\n((?:(?!\.It |\.El).*\n)*)',
                                      part, re.MULTILINE):
            for name in re.findall(r'Ic (\S+)', names):
                keys[name] = text
    return found


def _default(text):
    """What a page says that a default is; None if it says none that is a mere value."""
    value = re.search(r'^Default:\n\.Li (.+) \.$', text, re.MULTILINE)
    return value.group(1) if value else None


def configuration(_build):
    """Every key that the code knows stands in the sample and in aria2-ctm.conf(5), and no other;
    the defaults of both agree. (tests/unit/ini/samples.c holds the sample to the code's.)"""
    code = _keys_in_code(SOURCE / 'plugin/ini/config_keys.c', 'CTM_SECTION')
    sample, values = _keys_in_sample(SOURCE / 'conf/aria2-ctm.conf', ';')
    page = _keys_in_page(_page('aria2-ctm.conf.5'))
    expect_equal(len(code), 6, 'sections in the code')
    expect_equal(sample, code, 'keys of the sample')
    expect_equal({section: set(keys) for section, keys in page.items()}, code, 'keys of the page')
    checked = 0
    for section, keys in page.items():
        for key, text in keys.items():
            if _default(text):
                expect_equal(_default(text), values[section, key], f'default of {key}')
                checked += 1
    expect(checked >= 12, f'only {checked} defaults were compared')


def sidecar(_build):
    """Every key of a sidecar stands in the example and in aria2-ctm-sidecar(5), and no other."""
    code = _keys_in_code(SOURCE / 'plugin/ini/sidecar_keys.c', 'CTM_SIDECAR')
    sample, _ = _keys_in_sample(SOURCE / 'conf/example.ctm.ini', ';')
    page = _keys_in_page(_page('aria2-ctm-sidecar.5'))
    expect_equal(set(code), {'job', 'file'}, 'sections in the code')
    expect_equal(sample, code, 'keys of the example')
    expect_equal({section: set(keys) for section, keys in page.items()}, code, 'keys of the page')


def _bash(words, build, **more):
    """What bash offers behind these words, the last of which is begun."""
    script = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); compopt() { :; }; '
              '_aria2_ctm; printf "%s\\n" "${COMPREPLY[@]}"')
    said = run(['bash', '-c', script, 'bash', str(COMPLETIONS / 'aria2-ctm.bash'), 'aria2-ctm',
                *words], env=clean_environment(**{'PATH': f'{build}:/usr/bin:/bin', **more})).expect(0)
    return set(said.out.split('\n')) - {''}


def completions(build):
    """Shells offer each subcommand and its options, all of them and no others."""
    known = _commands(build)
    zsh, fish = ((COMPLETIONS / f'aria2-ctm.{shell}').read_text() for shell in ('zsh', 'fish'))
    expect_equal(_bash([''], build), set(known) | {'--help'}, 'subcommands of bash')
    described = dict(re.findall(r"-n \$first -a (\S+) -d ['\"](.+)['\"]$", fish, re.MULTILINE))
    expect_equal(described, known, 'subcommands of fish')
    listed = re.findall(r"^\t\t'(\w+):(.+)'$", zsh, re.MULTILINE)
    expect_equal({name: text.replace('\\:', ':').replace("""'"'"'""", "'")
                  for name, text in listed}, known, 'subcommands of zsh')
    for name in known:
        options = _options(build, name)
        expect_equal(_bash([name, '--'], build) - {'--', '--help'},
                     {f'--{option}' for option in options}, f'bash, options of {name}')
        of_fish = set()
        for names, option in re.findall(r"_from ([a-z ]+)' -l ([\w-]+)", fish):
            of_fish |= {option} if name in names.split() else set()
        expect_equal(of_fish, options, f'fish, options of {name}')
        arm = re.search(rf'^\t\t(?:\w+ \| )*{name}(?: \| \w+)*\)((?:.*\n)*?.*);;', zsh,
                        re.MULTILINE)
        of_zsh = set(re.findall(r"'--([\w-]+)", arm.group(1))) if arm else set()
        expect_equal(of_zsh, options, f'zsh, options of {name}')


def completions_of_jobs(build):
    """The ids of jobs are offered where one is wanted."""
    with World(build) as world:
        job_id = new_id()
        world.put_sidecar('one', listed(job_id, world.dl, {'a': 1}))
        world.flush().expect(0)
        offered = _bash(['cancel', ''], build, ARIA2_CTM_CONF=str(world.conf))
        expect_equal(offered, {job_id, '--help'}, 'what is offered for cancel')


def completions_parse(_build):
    """zsh and fish can read theirs, where they are installed."""
    for shell in ('zsh', 'fish'):
        needs(shell)
        run([shell, '-n', str(COMPLETIONS / f'aria2-ctm.{shell}')]).expect(0)


def calls(_build):
    """The functions that the library exports have a page."""
    exported = set(re.findall(r'^\s+(\w+);', (SOURCE / 'plugin/plugin.map').read_text(),
                              re.MULTILINE))
    named = set()
    for path in MAN.glob('*.3'):
        named |= set(re.findall(r'^\.Nm (\w+)', path.read_text(), re.MULTILINE))
    expect(len(exported) >= 7, f'exported: {exported}')
    expect_equal(named, exported, 'functions with a page')


def pages_are_good(_build):
    """mandoc finds nothing to complain of, and every page that one names is there."""
    needs('mandoc')
    pages = sorted(path for path in MAN.iterdir() if re.fullmatch(r'.+\.[1-8]', path.name))
    expect(len(pages) >= 20, f'only {len(pages)} pages')
    outcome = run(['mandoc', '-T', 'lint', '-W', 'warning', *map(str, pages)])
    expect_equal(outcome.out + outcome.err, '', 'what mandoc says')
    known = {path.name for path in pages} | {'aria2c.1', 'systemd.1'}
    for path in pages:
        for name, section in re.findall(r'^\.Xr (\S+) (\d)', path.read_text(), re.MULTILINE):
            expect(f'{name}.{section}' in known, f'{path.name} names {name}({section})')


def installed(build):
    """They are where man looks, with the places of this installation in them."""
    with Staged(build) as staged:
        place = staged.place('mandir')
        for path in MAN.glob('*.[1-8]'):
            page = place / f'man{path.suffix[1:]}' / path.name
            expect(page.is_file(), f'{page} is missing')
            expect('LIBEXECDIR' not in page.read_text(), f'{page} names no place')
        hooks = (place / 'man7' / 'aria2-ctm-hooks.7').read_text()
        libexec = '/' / staged.libexec.relative_to(staged.stage)
        expect(f'on-download-complete={libexec}/on-download-complete' in hooks, hooks[:600])
        link = place / 'man3' / 'SendNotifyErrorToCTM.3'
        expect_equal(link.resolve().name, 'SendNotifySuccessToCTM.3', 'a link')
        for name in ('doc/aria2-ctm/notify.schema.json', 'doc/aria2-ctm/status.schema.json',
                     'doc/aria2-ctm/receiver/receiver.py', 'zsh/site-functions/_aria2-ctm',
                     'bash-completion/completions/aria2-ctm',
                     'fish/vendor_completions.d/aria2-ctm.fish'):
            expect((staged.place('datadir') / name).is_file(), f'{name} is missing')


def _spoilt(body):
    """The same body, wrong in each of its members in turn, and with one too many."""
    for name in body:
        yield {key: value for key, value in body.items() if key != name}
        yield {**body, name: None}
    yield {**body, 'other': 1}


def schema(build):
    """What is sent is what the JSON Schema says, and what it does not say is refused by it."""
    with World(build) as world:
        world.endpoint.up()
        for arguments in (['success', '--bytes', 18446744073709551615, '--files', 4294967295],
                          ['error', '--hresult', '0x80070070', '--message', 'no space'],
                          ['progress', '--type', 'DownloadingData', '--bytes', 7],
                          ['progress']):
            world.ctm('send', arguments[0], '--endpoint', 'ctm', *arguments[1:]).expect(0)
        bodies = [json.loads(one['body']) for one in world.endpoint.wait_for(4)]
        expect_equal(judge_by_schema(SCHEMA, bodies, world.root), [[]] * 4, 'what was sent')
        spoilt = [wrong for body in bodies for wrong in _spoilt(body)]
        for wrong, said in zip(spoilt, judge_by_schema(SCHEMA, spoilt, world.root)):
            expect(said, f'admitted: {wrong}')


if __name__ == '__main__':
    main(commands, completions, completions_of_jobs, completions_parse, configuration,
         sidecar, calls, pages_are_good, installed, schema)
