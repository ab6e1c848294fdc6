#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The software bill of materials: a document of SPDX 2.3 that says what the build links, and in which
versions."""

import json
import os
import re
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / 'support'), str(HERE)]

from process import run  # noqa: E402
from testcase import expect, expect_equal, main, needs  # noqa: E402
from tree import PACKAGING, VERSION, do  # noqa: E402

HOOK = 'on-download-complete'
PROGRAMS = ('aria2-ctm', 'deliver', 'drain', HOOK, 'transport', 'transport-http.so')
FIELDS = {'spdxVersion': 'SPDX-2.3', 'dataLicense': 'CC0-1.0', 'SPDXID': 'SPDXRef-DOCUMENT',
          'name': f'aria2-ctm-{VERSION}'}
# What of a library's name is not the name that pkg-config has.
LIBRARIES = {'liblmdb': 'lmdb', 'libinih': 'inih', 'libjansson': 'jansson', 'libnettle': 'nettle',
             'libcurl': 'libcurl', 'libseccomp': 'libseccomp'}


def _document(build):
    return json.loads((build / 'packaging/sbom/aria2-ctm.spdx.json').read_text(encoding='utf-8'))


def _name(one):
    return one.removeprefix('SPDXRef-').removeprefix('program-')


def form(build):
    """What SPDX requires of a document, of each package and of each relationship."""
    document = _document(build)
    for field, value in FIELDS.items():
        expect_equal(document[field], value, field)
    expect(re.fullmatch(r'https://\S+[^#]', document['documentNamespace']), 'documentNamespace')
    expect(re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ', document['creationInfo']['created']),
           'created')
    for one in document['creationInfo']['creators']:
        expect(re.match('(Person|Organization|Tool): ', one), one)
    known = {'SPDXRef-DOCUMENT'}
    for package in document['packages']:
        expect(re.fullmatch(r'SPDXRef-[A-Za-z0-9.-]+', package['SPDXID']), package['SPDXID'])
        expect(package['SPDXID'] not in known, f'{package["SPDXID"]} is there twice')
        expect({'name', 'downloadLocation', 'licenseDeclared', 'copyrightText'} <= package.keys(),
               package)
        known.add(package['SPDXID'])
    for relation in document['relationships']:
        expect({relation['spdxElementId'], relation['relatedSpdxElement']} <= known, relation)
    [ours] = [one for one in document['packages'] if one['name'] == 'aria2-ctm']
    expect_equal((ours['versionInfo'], ours['licenseDeclared']), (VERSION, 'MIT'), 'our own')


def _library(build):
    [library] = [path.name for path in build.glob('libaria2ctm.so.*.*.*')
                 if not path.name.endswith('.p')]
    return library


def what_is_linked(build):
    """Each program with the libraries that readelf finds in it, and no others; their versions as
    pkg-config has them."""
    needs('readelf', 'pkg-config')
    document = _document(build)
    linked = {program: set() for program in (*PROGRAMS, _library(build))}
    for relation in document['relationships']:
        if relation['relationshipType'] == 'DYNAMIC_LINK':
            linked[_name(relation['spdxElementId'])].add(_name(relation['relatedSpdxElement']))
    versions = {one['name']: one.get('versionInfo') for one in document['packages']}
    for program, others in linked.items():
        said = run(['readelf', '-W', '-d', str(build / program)]).expect(0).out
        needed = re.findall(r'NEEDED.*\[(.+?)\]', said)
        expect_equal(others, {LIBRARIES.get(one.split('.so')[0], one) for one in needed}, program)
    archives = {(_name(one['spdxElementId']), _name(one['relatedSpdxElement']))
                for one in document['relationships'] if one['relationshipType'] == 'STATIC_LINK'}
    expect_equal(not linked[HOOK], (HOOK, 'glibc') in archives or (HOOK, 'libc') in archives,
                 'whether the hook has the C library in it')
    used = set().union(*linked.values()) | {other for _, other in archives}
    for name in used & set(LIBRARIES.values()):
        expect_equal(versions[name], do('pkg-config', '--modversion', name).out.strip(), name)
    expect({'libcurl', 'lmdb', 'inih', 'jansson', 'nettle'} <= used, f'only {sorted(used)}')


def again(build):
    """The same arguments, products and SOURCE_DATE_EPOCH: the same bytes."""
    with tempfile.TemporaryDirectory(prefix='ctm-sbom-') as scratch:
        made = []
        for name in ('one', 'two'):
            do(PACKAGING / 'sbom/sbom.py', '--version', VERSION, '--output',
               Path(scratch) / name, '--dependency', 'lmdb=1', build / 'deliver',
               env={'SOURCE_DATE_EPOCH': '1', 'PATH': os.environ['PATH']})
            made.append((Path(scratch) / name).read_bytes())
        expect_equal(made[0], made[1], 'the documents')
        expect(b'1970-01-01T00:00:01Z' in made[0], 'SOURCE_DATE_EPOCH was not taken')


if __name__ == '__main__':
    main(form, what_is_linked, again)
