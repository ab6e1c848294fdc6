/* SPDX-License-Identifier: MIT */
/*
 * inih-alone FILE - reads FILE with inih and does nothing with it but count
 *
 * The floor of registering a sidecar: what inih as the distribution ships it needs to hand each
 * line to a handler. Prints the number of keys.
 */
#include <stdio.h>

#include <ini.h>

static int count(void *n, const char *section, const char *name, const char *value)
{
	(void)section;
	(void)name;
	(void)value;
	++*(unsigned long *)n;
	return 1;
}

int main(int argc, char **argv)
{
	unsigned long n = 0;

	if (argc != 2 || ini_parse(argv[1], count, &n) != 0) {
		fputs("usage: inih-alone FILE (an INI file without errors)\n", stderr);
		return 2;
	}
	printf("%lu\n", n);
	return 0;
}
