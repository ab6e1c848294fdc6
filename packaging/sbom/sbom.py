#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes what the build is made of, as an SPDX 2.3 document in JSON.

    sbom.py --version V --output FILE --dependency NAME=VERSION... [--archive PROGRAM=NAME...]
            [--readelf PROGRAM] PRODUCT...

Which product is linked with what is read from the products themselves (DT_NEEDED), by readelf; what
is taken from an archive leaves no such trace, and is told by --archive. A library that no NAME fits,
such as the C library, is listed by its own name and without a version. The time is
SOURCE_DATE_EPOCH where that is set; all else depends on the arguments and the products alone."""

import argparse
import hashlib
import json
import os
import re
import subprocess
import time
from pathlib import Path

HOME = 'https://example.org/aria2-ctm'
LICENSES = {'glibc': 'LGPL-2.1-or-later', 'inih': 'BSD-3-Clause', 'lmdb': 'OLDAP-2.8',
            'libcurl': 'curl', 'jansson': 'MIT',
            'nettle': 'LGPL-3.0-or-later OR GPL-2.0-or-later', 'libseccomp': 'LGPL-2.1-only'}


def pair(text):
    name, found, value = text.partition('=')
    if not (name and found and value):
        raise argparse.ArgumentTypeError(f'{text!r} is not NAME=VALUE')
    return name, value


def parse():
    parser = argparse.ArgumentParser(description='Writes an SPDX document of a build.')
    parser.add_argument('--version', required=True)
    parser.add_argument('--output', required=True)
    parser.add_argument('--readelf', default='readelf')
    parser.add_argument('--dependency', action='append', default=[], type=pair)
    parser.add_argument('--archive', action='append', default=[], type=pair)
    parser.add_argument('products', nargs='+')
    return parser.parse_args()


def needed(readelf, product):
    """The sonames that a product asks the loader for."""
    said = subprocess.run([readelf, '-W', '-d', product], check=True, text=True,
                          stdout=subprocess.PIPE, env={**os.environ, 'LC_ALL': 'C'}).stdout
    return re.findall(r'\(NEEDED\)\s+Shared library: \[(.+)\]', said)


def dependency_of(soname, names):
    """The dependency whose library it is, or the library's own name."""
    stem = soname.split('.so')[0]
    return next((name for name in names if stem in (name, 'lib' + name)), soname)


def ref(name):
    return 'SPDXRef-' + re.sub(r'[^A-Za-z0-9.-]', '-', name)


def package(name, version=None, license_=None, **more):
    one = {'name': name, 'SPDXID': ref(name), 'downloadLocation': 'NOASSERTION',
           'filesAnalyzed': False, 'licenseConcluded': license_ or 'NOASSERTION',
           'licenseDeclared': license_ or 'NOASSERTION', 'copyrightText': 'NOASSERTION', **more}
    if version:
        one['versionInfo'] = version
    return one


def relate(one, kind, other):
    return {'spdxElementId': ref(one), 'relationshipType': kind, 'relatedSpdxElement': ref(other)}


def document(options):
    versions = dict(options.dependency)
    ours = {'license_': 'MIT', 'version': options.version}
    copyright_ = 'Copyright (c) 2026 The aria2-ctm authors'
    packages = [package('aria2-ctm', **ours, copyrightText=copyright_, homepage=HOME)]
    relations = [relate('DOCUMENT', 'DESCRIBES', 'aria2-ctm')]
    linked = set()
    for path in options.products:
        # aria2-ctm is the whole as well as a program in it.
        name = 'program/' + Path(path).name
        packages.append(package(name, **ours, copyrightText=copyright_,
                                packageFileName=Path(path).name))
        relations.append(relate('aria2-ctm', 'CONTAINS', name))
        for soname in needed(options.readelf, path):
            other = dependency_of(soname, versions)
            linked.add(other)
            relations.append(relate(name, 'DYNAMIC_LINK', other))
        for program, other in options.archive:
            if program == Path(path).name:
                linked.add(other)
                relations.append(relate(name, 'STATIC_LINK', other))
    packages += [package(name, versions.get(name), LICENSES.get(name)) for name in sorted(linked)]
    return {'packages': packages, 'relationships': relations}


def main():
    options = parse()
    body = document(options)
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    when = time.gmtime(int(os.environ.get('SOURCE_DATE_EPOCH', time.time())))
    whole = {
        'spdxVersion': 'SPDX-2.3', 'dataLicense': 'CC0-1.0', 'SPDXID': 'SPDXRef-DOCUMENT',
        'name': f'aria2-ctm-{options.version}',
        'documentNamespace': f'{HOME}/spdx/aria2-ctm-{options.version}-{digest[:32]}',
        'creationInfo': {'created': time.strftime('%Y-%m-%dT%H:%M:%SZ', when),
                         'creators': ['Organization: The aria2-ctm authors',
                                      f'Tool: aria2-ctm-sbom-{options.version}']},
        **body}
    with open(options.output, 'w', encoding='utf-8') as file:
        json.dump(whole, file, indent=2)
        file.write('\n')


if __name__ == '__main__':
    main()
