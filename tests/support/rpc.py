# SPDX-License-Identifier: MIT
"""Asks a real aria2c over JSON-RPC."""

import json
import urllib.error
import urllib.request

from process import Failure


def answer(url, method, *params, secret=None, seconds=30.0):
    """What aria2 answers, whole: {"result": …} or {"error": {"code", "message"}}."""
    token = [f'token:{secret}'] if secret is not None and method.startswith('aria2.') else []
    body = {'jsonrpc': '2.0', 'id': 'test', 'method': method, 'params': [*token, *params]}
    request = urllib.request.Request(url, json.dumps(body).encode())
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=seconds) as reply:
            return json.load(reply)
    except urllib.error.HTTPError as error:
        return json.load(error)


def call(url, method, *params, secret=None):
    """The result; a failure if aria2 says no."""
    said = answer(url, method, *params, secret=secret)
    if 'error' in said:
        raise Failure(f'{method}{params}: {said["error"]["message"]}')
    return said['result']
