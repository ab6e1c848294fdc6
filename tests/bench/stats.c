/* SPDX-License-Identifier: MIT */
/*
 * stats DIRECTORY N - one lstat for each of DIRECTORY/0000/file-0 … DIRECTORY/0099/file-99999
 *
 * What looking at the files of a job costs at the least. The names are those that the bench gives
 * (states.py: a directory for each thousand files). Status 1 if one is not there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int main(int argc, char **argv)
{
	const unsigned long n = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
	char path[4096];
	struct stat st;

	if (!n) {
		fputs("usage: stats DIRECTORY N\n", stderr);
		return 2;
	}
	for (unsigned long i = 0; i < n; i++) {
		snprintf(path, sizeof path, "%s/%04lu/file-%lu", argv[1], i / 1000, i);
		if (lstat(path, &st) < 0) {
			perror(path);
			return 1;
		}
	}
	return 0;
}
