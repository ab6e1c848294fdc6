# SPDX-License-Identifier: MIT
"""Torrents, magnets and metalinks of files that we serve ourselves."""

import hashlib
import http.server
import threading
import urllib.parse
from pathlib import Path
from xml.sax.saxutils import quoteattr

PIECE = 32768


def bencode(value):
    if isinstance(value, int):
        return b'i%de' % value
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        return b'%d:%s' % (len(value), value)
    if isinstance(value, list):
        return b'l' + b''.join(map(bencode, value)) + b'e'
    pairs = sorted((key.encode(), one) for key, one in value.items())
    return b'd' + b''.join(bencode(key) + bencode(one) for key, one in pairs) + b'e'


def info_of(root, names):
    """The info of a torrent of the files `names` under the directory root, in that order."""
    root = Path(root)
    data = [(root / name).read_bytes() for name in names]
    stream = b''.join(data)
    pieces = b''.join(hashlib.sha1(stream[at:at + PIECE]).digest()
                      for at in range(0, len(stream), PIECE))
    files = [{'length': len(one), 'path': name.split('/')} for name, one in zip(names, data)]
    return {'name': root.name, 'piece length': PIECE, 'pieces': pieces, 'files': files}


def torrent(root, names, webseed=None, tracker=None):
    """The bytes of a .torrent; webseed is the address of root's parent, with a slash."""
    whole = {'info': info_of(root, names)}
    if webseed:
        whole['url-list'] = [webseed]
    if tracker:
        whole['announce'] = tracker
    return bencode(whole)


def magnet(root, names, tracker):
    """The magnet of the same torrent."""
    digest = hashlib.sha1(bencode(info_of(root, names))).hexdigest()
    return (f'magnet:?xt=urn:btih:{digest}&dn={urllib.parse.quote(Path(root).name)}'
            f'&tr={urllib.parse.quote(tracker, safe="")}')


def metalink(files):
    """A metalink of files [(name, data, url), …]."""
    parts = []
    for name, data, url in files:
        parts.append(f'  <file name={quoteattr(name)}>\n    <size>{len(data)}</size>\n'
                     f'    <hash type="sha-256">{hashlib.sha256(data).hexdigest()}</hash>\n'
                     f'    <url>{url}</url>\n  </file>\n')
    return ('<?xml version="1.0" encoding="UTF-8"?>\n'
            '<metalink xmlns="urn:ietf:params:xml:ns:metalink">\n'
            + ''.join(parts) + '</metalink>\n')


class Tracker:
    """Tells everybody of one peer on this machine."""

    def __init__(self, peer_port):
        answer = bencode({'interval': 5, 'min interval': 1,
                          'peers': b'\x7f\x00\x00\x01' + peer_port.to_bytes(2, 'big')})

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header('Content-Length', str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.server.daemon_threads = True
        self.url = f'http://127.0.0.1:{self.server.server_address[1]}/announce'
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
