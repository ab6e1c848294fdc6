# SPDX-License-Identifier: MIT
"""A certificate authority for one test, made with openssl."""

from collections import namedtuple

from process import run

Pair = namedtuple('Pair', 'cert key')
EXTENSIONS = ('subjectAltName=IP:127.0.0.1,DNS:localhost\nbasicConstraints=CA:FALSE\n'
              'extendedKeyUsage=serverAuth,clientAuth\n')


class Authority:
    """Its certificate is `cert`; issue() makes further ones."""

    def __init__(self, directory):
        self.directory = directory
        directory.mkdir()
        self.cert, self.key = directory / 'ca.pem', directory / 'ca.key'
        self._openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2',
                      '-subj', '/CN=test authority', '-keyout', self.key, '-out', self.cert)

    def issue(self, name):
        """A pair for a server on this machine, or for a client."""
        key, cert = self.directory / f'{name}.key', self.directory / f'{name}.pem'
        request, extensions = self.directory / f'{name}.csr', self.directory / 'extensions'
        extensions.write_text(EXTENSIONS)
        self._openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', f'/CN={name}',
                      '-keyout', key, '-out', request)
        self._openssl('x509', '-req', '-in', request, '-CA', self.cert, '-CAkey', self.key,
                      '-CAcreateserial', '-days', '2', '-extfile', extensions, '-out', cert)
        key.chmod(0o600)
        return Pair(cert, key)

    def _openssl(self, *arguments):
        run(['openssl', *map(str, arguments)], cwd=self.directory).expect(0)
