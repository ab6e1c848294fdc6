/* SPDX-License-Identifier: MIT */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "utf.h"

_Noreturn void fuzz_fail(const char *file, int line, const char *condition)
{
	fprintf(stderr, "%s:%d: this does not hold: %s\n", file, line, condition);
	abort();
}

uint8_t fuzz_take_byte(struct fuzz_input *in)
{
	if (!in->len)
		return 0;
	in->len--;
	return *in->data++;
}

uint64_t fuzz_take_number(struct fuzz_input *in)
{
	uint64_t number = 0;

	for (int i = 0; i < 8 && in->len; i++)
		number = number << 8 | fuzz_take_byte(in);
	return number;
}

char *fuzz_copy(const void *data, size_t len)
{
	char *copy = malloc(len + 1);

	if (!copy)
		exit(1);
	if (len)
		memcpy(copy, data, len);
	copy[len] = '\0';
	return copy;
}

char *fuzz_take_text(struct fuzz_input *in)
{
	const uint8_t *end = in->len ? memchr(in->data, '\0', in->len) : NULL;
	const size_t len = end ? (size_t)(end - in->data) : in->len;
	char *text = fuzz_copy(in->data, len);

	in->data += len + (end ? 1 : 0);
	in->len -= len + (end ? 1 : 0);
	return text;
}

static int memory_file = -1;

int fuzz_file(const void *data, size_t len)
{
	if (memory_file < 0) {
		memory_file = memfd_create("fuzz", MFD_CLOEXEC);
		if (memory_file < 0 || fchmod(memory_file, 0600) < 0)
			exit(1);
	}
	if (ftruncate(memory_file, 0) < 0 || pwrite(memory_file, data, len, 0) != (ssize_t)len ||
		lseek(memory_file, 0, SEEK_SET) < 0)
		exit(1);
	return memory_file;
}

const char *fuzz_file_path(void)
{
	static char path[64];

	snprintf(path, sizeof path, "/proc/self/fd/%d", memory_file);
	return path;
}

static char directory[64];

/* The files in it, which are no directories, and itself. */
static void remove_directory(void)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
	if (rmdir(directory) < 0)
		fprintf(stderr, "cannot remove %s\n", directory);
}

const char *fuzz_directory(void)
{
	if (directory[0])
		return directory;
	snprintf(directory, sizeof directory, "/dev/shm/ctm-fuzz-XXXXXX");
	if (!mkdtemp(directory)) {
		snprintf(directory, sizeof directory, "/tmp/ctm-fuzz-XXXXXX");
		if (!mkdtemp(directory))
			exit(1);
	}
	atexit(remove_directory);
	return directory;
}

bool fuzz_is_visible(const char *text, size_t len)
{
	while (len) {
		char32_t code = 0;
		const size_t n = ctm_utf8_next(text, len, &code);

		if (!n || ctm_utf8_is_control(code))
			return false;
		text += n;
		len -= n;
	}
	return true;
}

bool fuzz_is_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : !a && !b;
}
