/* SPDX-License-Identifier: MIT */
/*
 * corpus_main.c - runs a target over every file of the directories given
 *
 * Exit status: 0 all were run; 1 a directory can't be read, or nothing is in it. A target that
 * finds something aborts: the last name that was printed is that of the input.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static uint8_t *slurp(const char *path, size_t *ret_len)
{
	FILE *f = fopen(path, "re");
	uint8_t *bytes = NULL;
	size_t len = 0;
	size_t n = 0;

	do {
		uint8_t *longer = realloc(bytes, len + 65536);

		if (!f || !longer) {
			fprintf(stderr, "cannot read %s\n", path);
			exit(1);
		}
		bytes = longer;
		n = fread(bytes + len, 1, 65536, f);
		len += n;
	} while (n);
	fclose(f);
	*ret_len = len;
	return bytes;
}

static void run_file(const char *path)
{
	size_t len;
	uint8_t *bytes = slurp(path, &len);
	/* As libFuzzer does: a copy without any room behind it. */
	uint8_t *exact = malloc(len ? len : 1);

	printf("%s\n", path);
	fflush(stdout);
	if (!exact)
		exit(1);
	memcpy(exact, bytes, len);
	free(bytes);
	LLVMFuzzerTestOneInput(exact, len);
	free(exact);
}

static unsigned run_directory(const char *name)
{
	struct dirent **entries;
	const int n = scandir(name, &entries, NULL, alphasort);
	unsigned count = 0;

	if (n < 0) {
		fprintf(stderr, "cannot read %s\n", name);
		exit(1);
	}
	for (int i = 0; i < n; i++) {
		char path[4096];

		if (entries[i]->d_name[0] != '.') {
			snprintf(path, sizeof path, "%s/%s", name, entries[i]->d_name);
			run_file(path);
			count++;
		}
		free(entries[i]);
	}
	free(entries);
	return count;
}

int main(int argc, char **argv)
{
	unsigned count = 0;

	for (int i = 1; i < argc; i++)
		count += run_directory(argv[i]);
	printf("%u inputs\n", count);
	if (!count)
		fprintf(stderr, "no inputs: the corpus is empty\n");
	return count ? 0 : 1;
}
