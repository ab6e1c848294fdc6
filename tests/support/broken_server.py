# SPDX-License-Identifier: MIT
"""A web server on this machine that ends its answers too early."""

import http.server
import threading


class ShortBody:
    """Promises `size` bytes, whatever is asked for, and sends `sent` of them."""

    def __init__(self, size, sent):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header('Content-Length', str(size))
                self.end_headers()
                self.wfile.write(bytes(sent))

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, name):
        return f'http://127.0.0.1:{self.server.server_address[1]}/{name}'

    def close(self):
        self.server.shutdown()
        self.server.server_close()
