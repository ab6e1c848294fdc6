#!/bin/sh
# SPDX-License-Identifier: MIT
# certs.sh DIR: an authority, another one, and what they signed
set -eu
cd "$1"
exec >certs.log 2>&1
umask 077
new='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'

for ca in ca other-ca; do
	openssl req -x509 $new -keyout $ca.key -out $ca.pem -subj "/CN=$ca" -days 2
done

# sign NAME CA SAN [ARGUMENTS OF openssl ca]
sign() {
	name=$1 ca=$2 san=$3
	shift 3
	openssl req $new -keyout $name.key -out $name.csr -subj "/CN=$name"
	: >index.txt
	cat >ca.cnf <<-EOF
		[ca]
		default_ca = d
		[d]
		database = index.txt
		serial = serial
		new_certs_dir = .
		default_md = sha256
		policy = p
		x509_extensions = x
		[p]
		commonName = supplied
		[x]
		subjectAltName = $san
	EOF
	openssl ca -batch -config ca.cnf -create_serial -cert $ca.pem -keyfile $ca.key \
		-in $name.csr -out $name.pem -notext "$@"
}

sign server ca IP:127.0.0.1,DNS:localhost -days 2
sign misnamed ca DNS:elsewhere.example -days 2
sign expired ca IP:127.0.0.1 -startdate 20200101000000Z -enddate 20210101000000Z
sign future ca IP:127.0.0.1 -startdate 20490101000000Z -enddate 20491231000000Z
sign client ca DNS:client -days 2
sign stranger other-ca DNS:stranger -days 2
cat client.pem client.key >client-both.pem
openssl ec -in client.key -aes128 -passout pass:x -out client-encrypted.key
