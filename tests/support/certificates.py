# SPDX-License-Identifier: MIT
"""A certificate authority for one test, made with openssl: good certificates, and bad ones."""

from collections import namedtuple

from process import run

Pair = namedtuple('Pair', 'cert key')
NAMES = 'IP:127.0.0.1,DNS:localhost'
LEAF = 'basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth,clientAuth\n'
CA = 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n'
CONFIGURATION = '''\
[ca]
default_ca = d
[d]
database = {directory}/{name}.index
serial = {directory}/serial
new_certs_dir = {directory}
default_md = {digest}
policy = p
x509_extensions = x
unique_subject = no
[p]
commonName = supplied
[x]
{extensions}'''


def days(first, last):
    """A certificate's dates: the beginnings of two years."""
    return '-startdate', f'{first}0101000000Z', '-enddate', f'{last}0101000000Z'


class Authority:
    """Its certificate is `cert`; issue() makes further ones."""

    def __init__(self, directory, name='test authority'):
        self.directory = directory
        directory.mkdir()
        self.cert, self.key = directory / 'ca.pem', directory / 'ca.key'
        self._openssl('req', '-x509', *_key(0), '-days', '2', '-subj', f'/CN={name}',
                      '-keyout', self.key, '-out', self.cert)

    def issue(self, name, names=NAMES, extensions=LEAF, dates=('-days', '2'), digest='sha256',
              rsa_bits=0, issuer=None):
        """A pair for a server on this machine, or for a client. names: its subjectAltName.
        rsa_bits: of its key, instead of one on a curve. issuer: a Pair that signs it instead, and
        that is sent along."""
        key, cert = self.directory / f'{name}.key', self.directory / f'{name}.pem'
        request = self.directory / f'{name}.csr'
        self._openssl('req', *_key(rsa_bits), '-subj', f'/CN={name}', '-keyout', key,
                      '-out', request)
        if names:
            extensions += f'subjectAltName={names}\n'
        configuration = self._configure(name, digest, extensions)
        by = issuer or Pair(self.cert, self.key)
        self._openssl('ca', '-batch', '-config', configuration, '-create_serial', '-notext',
                      '-cert', by.cert, '-keyfile', by.key, '-in', request, '-out', cert, *dates)
        if issuer:
            cert.write_text(cert.read_text() + issuer.cert.read_text())
        key.chmod(0o600)
        return Pair(cert, key)

    def self_signed(self, name):
        """One that vouches for itself."""
        key, cert = self.directory / f'{name}.key', self.directory / f'{name}.pem'
        self._openssl('req', '-x509', *_key(0), '-days', '2', '-subj', f'/CN={name}',
                      '-addext', f'subjectAltName={NAMES}', '-keyout', key, '-out', cert)
        return Pair(cert, key)

    def _configure(self, name, digest, extensions):
        (self.directory / f'{name}.index').write_text('')
        path = self.directory / f'{name}.cnf'
        path.write_text(CONFIGURATION.format(directory=self.directory, name=name, digest=digest,
                                             extensions=extensions))
        return path

    def _openssl(self, *arguments):
        run(['openssl', *map(str, arguments)], cwd=self.directory).expect(0)


def _key(rsa_bits):
    kind = [f'rsa:{rsa_bits}'] if rsa_bits else ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
    return ['-newkey', *kind, '-nodes']
