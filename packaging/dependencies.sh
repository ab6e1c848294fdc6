# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: MIT
# What packaging/demo and packaging/check need, and how they get it. Sourced by them, in bash.
#
# One line for each thing: a probe, and the Debian package that brings it. What a probe finds is
# not installed, wherever it came from, so that with all of it there no network is needed.
#	command:NAME    a command
#	pkg:NAME        a library that pkg-config knows
#	header:NAME     a header that gcc finds
#	python:NAME     a module that python3 finds, or Debian's
#	deb:NAME        a package of Debian's, since others ask for it by name
#	sanitizers:CC   a compiler that can link with -fsanitize=address,undefined

to_build='
command:gcc gcc
header:stdio.h libc6-dev
command:meson meson
command:ninja ninja-build
command:pkg-config pkgconf
command:python3 python3
pkg:inih libinih-dev
pkg:lmdb liblmdb-dev
pkg:libcurl libcurl4-openssl-dev
pkg:jansson libjansson-dev
pkg:nettle nettle-dev
pkg:libseccomp libseccomp-dev
pkg:criterion libcriterion-dev
pkg:libmicrohttpd libmicrohttpd-dev
pkg:gnutls libgnutls28-dev
'
to_run='
command:aria2c aria2
command:nginx nginx-light
'
to_check='
command:openssl openssl
command:strace strace
command:mandoc mandoc
command:zsh zsh
command:fish fish
python:jsonschema python3-jsonschema
python:prometheus_client python3-prometheus-client
command:g++ g++
pkg:libaria2 libaria2-0-dev
'
to_package='
deb:build-essential build-essential
command:dpkg-buildpackage dpkg-dev
command:dh debhelper
command:fakeroot fakeroot
command:xz xz-utils
command:lintian lintian
command:faketime faketime
command:debootstrap debootstrap
command:unshare util-linux
command:git git
command:reuse reuse
command:abidiff abigail-tools
command:readelf binutils
command:rpmbuild rpm
command:rpmlint rpmlint
command:makepkg makepkg
command:bsdtar libarchive-tools
command:zstd zstd
command:shellcheck shellcheck
command:musl-gcc musl-tools
'
to_sanitize='
command:clang clang
sanitizers:clang libclang-rt-dev
'
# For packaging/check --bench alone. Where there is Go, its hook is measured too; nothing brings it.
to_bench='
command:aria2c aria2
command:nginx nginx-light
command:curl curl
command:jq jq
command:strace strace
command:valgrind valgrind
'

found() {
	local what=${1#*:}

	case $1 in
	command:*) command -v "$what" >/dev/null ;;
	pkg:*) pkg-config --exists "$what" 2>/dev/null ;;
	deb:*) dpkg-query -W -f '${Status}' "$what" 2>/dev/null | grep -q ' installed$' ;;
	header:*) echo "#include <$what>" | gcc -E -o /dev/null - 2>/dev/null ;;
	python:*)
		python3 -c "import $what" 2>/dev/null || /usr/bin/python3 -c "import $what" 2>/dev/null
		;;
	sanitizers:*)
		echo 'int main(void) { return 0; }' |
			"$what" -x c -fsanitize=address,undefined -o /dev/null - 2>/dev/null
		;;
	esac
}

# missing LIST...: the packages that bring what is not there, one a line.
missing() {
	local probe package

	printf '%s\n' "$@" | while read -r probe package; do
		if [ -n "$probe" ] && ! found "$probe"; then echo "$package"; fi
	done | sort -u
}

# A service that a package brings is not to run: neither now (policy-rc.d is what packages ask) nor,
# for nginx, at the next boot. Both only if it was this script that brought it.
install_packages() (
	policy=/usr/sbin/policy-rc.d
	as_root=()
	if [ "$(id -u)" -ne 0 ]; then
		if ! command -v sudo >/dev/null; then
			echo "these packages are missing, and there is no sudo: $*" >&2
			return 1
		fi
		as_root=(sudo)
	fi
	if ! command -v apt-get >/dev/null; then
		echo "there is no apt-get here; install what Debian calls: $*" >&2
		return 1
	fi
	had_nginx=$(command -v nginx || :)
	if [ ! -e $policy ]; then
		trap '"${as_root[@]}" rm -f "$policy"' EXIT
		trap 'exit 130' INT TERM HUP
		printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee $policy >/dev/null
		"${as_root[@]}" chmod 755 $policy
	fi
	echo "installing: $*"
	apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive
		apt-get -q -y -o DPkg::Lock::Timeout=300)
	"${apt[@]}" update </dev/null || return 1
	"${apt[@]}" --no-install-recommends install "$@" </dev/null || return 1
	if [ -z "$had_nginx" ] && [ -d /run/systemd/system ]; then
		"${as_root[@]}" systemctl -q disable nginx.service || :
	fi
)

# install_missing LIST...
install_missing() {
	local packages

	# Debian's nginx stands where only root's PATH leads.
	PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
	export PATH
	packages=$(missing "$@")
	[ -n "$packages" ] || return 0
	# shellcheck disable=SC2086 # one word for each package
	install_packages $packages
}

# configure DIRECTORY OPTIONS...: a build directory, or the one that is there with other options.
configure() {
	local build=$1
	shift

	if [ -e "$build/meson-info/intro-projectinfo.json" ]; then
		meson configure "$build" "$@"
	else
		meson setup "$build" "$source_dir" "$@"
	fi
}
