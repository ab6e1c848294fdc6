# SPDX-License-Identifier: MIT
"""What others say of our output: a JSON Schema, and Prometheus's parser.

Both are modules of Python that Debian packages for its own interpreter, which need not be the one
that runs the tests; they are asked in a process of their own."""

import json
import sys

from process import Failure, run
from testcase import Skip

SCHEMA = '''
import json, sys, jsonschema
schema, documents = (json.load(open(name)) for name in sys.argv[1:])
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
json.dump([[error.message for error in validator.iter_errors(one)] for one in documents],
          sys.stdout)
'''
PROMETHEUS = '''
import json, sys
from prometheus_client.parser import text_string_to_metric_families as parse
json.dump([[one.name, one.labels, one.value, family.type, family.documentation]
           for family in parse(open(sys.argv[1]).read()) for one in family.samples], sys.stdout)
'''


def _python_with(module):
    for program in (sys.executable, '/usr/bin/python3'):
        try:
            if run([program, '-c', f'import {module}']).status == 0:
                return program
        except OSError:
            pass
    raise Skip(f'no Python here has {module}')


def _ask(module, script, *files):
    outcome = run([_python_with(module), '-c', script, *map(str, files)]).expect(0)
    try:
        return json.loads(outcome.out)
    except ValueError:
        raise Failure(f'no JSON:\n{outcome}') from None


def judge_by_schema(schema, documents, scratch):
    """For each document a list of what the JSON Schema in a file finds wrong with it."""
    file = scratch / 'documents.json'
    file.write_text(json.dumps(documents))
    return _ask('jsonschema', SCHEMA, schema, file)


def parse_prometheus(text, scratch):
    """The samples: [(name, labels, value, type, help), …]."""
    file = scratch / 'figures.prom'
    file.write_text(text)
    return [tuple(one) for one in _ask('prometheus_client', PROMETHEUS, file)]
