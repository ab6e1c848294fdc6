# SPDX-License-Identifier: MIT
"""A web server on this machine that calls what it serves whatever it likes, and one that nobody
should ever talk to."""

import http.server
import socket
import threading


class NamingServer:
    """Serves bodies under numbers, each with a Content-Disposition of its own, byte for byte."""

    def __init__(self):
        served = self.served = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                disposition, body = served[int(self.path.split('/')[1])]
                head = (b'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n'
                        b'Content-Disposition: %s\r\n\r\n' % (len(body), disposition))
                self.wfile.write(head + body)
                self.close_connection = True

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def serve(self, disposition, body, name='download'):
        """The address of one more body."""
        self.served.append((disposition, body))
        port = self.server.server_address[1]
        return f'http://127.0.0.1:{port}/{len(self.served) - 1}/{name}'

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Silence:
    """Takes every connection on a port, and counts them."""

    def __init__(self):
        self.connections = 0
        self.socket = socket.create_server(('127.0.0.1', 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            try:
                connection = self.socket.accept()[0]
            except OSError:
                return
            self.connections += 1
            connection.close()

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
