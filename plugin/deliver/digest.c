/* SPDX-License-Identifier: MIT */
#include "digest.h"

#include <errno.h>
#include <nettle/sha2.h>
#include <stdlib.h>
#include <unistd.h>

#include "buf.h"

#define CHUNK ((size_t)256 << 10)

int ctm_digest_sha256(int fd, uint64_t size, const atomic_bool *stop, unsigned char ret_sha256[32])
{
	CTM_CLEANUP_FREE char *chunk = malloc(CHUNK);
	struct sha256_ctx sha256;
	uint64_t offset = 0;

	if (!chunk)
		return -ENOMEM;
	sha256_init(&sha256);
	while (offset < size) {
		ssize_t n;

		if (stop && atomic_load(stop))
			return -ECANCELED;
		n = pread(fd, chunk, size - offset < CHUNK ? size - offset : CHUNK, (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		sha256_update(&sha256, (size_t)n, (const uint8_t *)chunk);
		offset += (uint64_t)n;
	}
	sha256_digest(&sha256, SHA256_DIGEST_SIZE, ret_sha256);
	return 0;
}
