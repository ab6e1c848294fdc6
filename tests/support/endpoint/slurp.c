/* SPDX-License-Identifier: MIT */
#include "slurp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define SLURP_BYTES_MAX (1u << 20)

static char *read_all(FILE *f)
{
	char *bytes = malloc(SLURP_BYTES_MAX + 1);
	size_t len;

	if (!bytes)
		return NULL;
	len = fread(bytes, 1, SLURP_BYTES_MAX + 1, f);
	if (ferror(f) || len > SLURP_BYTES_MAX) {
		errno = ferror(f) ? EIO : EFBIG;
		free(bytes);
		return NULL;
	}
	bytes[len] = '\0';
	return bytes;
}

char *slurp(const char *path)
{
	FILE *f = fopen(path, "rbe");
	char *bytes;
	int saved;

	if (!f)
		return NULL;
	bytes = read_all(f);
	saved = errno;
	fclose(f);
	errno = saved;
	return bytes;
}
