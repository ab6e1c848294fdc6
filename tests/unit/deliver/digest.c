/* SPDX-License-Identifier: MIT */
#include "digest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "files.h"
#include "num.h"
#include "scratch.h"

TestSuite(digest, .init = scratch_init, .fini = scratch_done);

static void expect(const void *bytes, size_t len, const char *hex)
{
	CTM_CLEANUP_FD int fd = open(scratch_write_bytes("f", bytes, len), O_RDONLY | O_CLOEXEC);
	unsigned char sha256[32];
	char text[65];

	cr_assert_geq(fd, 0);
	cr_assert_neq(lseek(fd, 1, SEEK_SET), -1, "it begins at the first byte all the same");
	cr_expect_eq(ctm_digest_sha256(fd, UINT64_MAX, NULL, sha256), 0);
	ctm_num_print_hex(sha256, 32, text);
	cr_expect_str_eq(text, hex);
}

/* FIPS 180-4's examples. */
Test(digest, known)
{
	expect("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	expect("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	expect("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
		"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

/* A million times "a": several chunks. */
Test(digest, long_file)
{
	char *bytes = malloc(1000000);

	cr_assert_not_null(bytes);
	memset(bytes, 'a', 1000000);
	expect(bytes, 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	free(bytes);
}

Test(digest, unreadable)
{
	CTM_CLEANUP_FD int dir = open(scratch_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	unsigned char sha256[32];

	cr_expect_eq(ctm_digest_sha256(dir, 1, NULL, sha256), -EISDIR);
	cr_expect_eq(ctm_digest_sha256(-1, 1, NULL, sha256), -EBADF);
}

/* The bytes behind what was asked for are somebody else's: a file can grow for ever. */
Test(digest, no_more_than_asked_for)
{
	CTM_CLEANUP_FD int fd = open(scratch_write("f", "abcdef"), O_RDONLY | O_CLOEXEC);
	unsigned char sha256[32];
	char text[65];

	cr_expect_eq(ctm_digest_sha256(fd, 3, NULL, sha256), 0);
	ctm_num_print_hex(sha256, 32, text);
	cr_expect_str_eq(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/* Whoever wants to end does not wait for a long file. */
Test(digest, stopped)
{
	CTM_CLEANUP_FD int fd = open(scratch_write("f", "abc"), O_RDONLY | O_CLOEXEC);
	unsigned char sha256[32];
	atomic_bool stop;

	atomic_init(&stop, false);
	cr_expect_eq(ctm_digest_sha256(fd, 3, &stop, sha256), 0);
	atomic_store(&stop, true);
	cr_expect_eq(ctm_digest_sha256(fd, 3, &stop, sha256), -ECANCELED);
}
