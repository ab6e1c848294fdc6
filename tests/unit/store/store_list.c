/* SPDX-License-Identifier: MIT */
#include "store_list.h"

#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include "leaks.h"
#include "same.h"

TestSuite(store_list, .fini = ctm_test_check_leaks);

static char paths[][16] = {"/srv/a/x", "/srv/a/y", "/srv/a/y", "/srv/a", "/srv/abc", "/t", ""};

#define N (sizeof paths / sizeof *paths)

/* Of each kind one; numbers with gaps. */
static struct ctm_file file_at(size_t i)
{
	struct ctm_file file = {.job = 7,
		.number = (uint32_t)(10 + 3 * i),
		.count = 1,
		.generation = 4,
		.path = paths[i]};

	file.has_size = i % 2;
	file.size = i % 2 ? UINT64_MAX >> 9 * i : 0;
	file.gid = i == 2 ? UINT64_MAX : 0;
	file.gid_is_ours = i == 2;
	file.has_sha256 = i == 3;
	if (i == 3)
		memset(file.sha256, 0xab, sizeof file.sha256);
	file.n_uris = i == 4 ? CTM_FILE_URIS : 0;
	for (size_t k = 0; k < file.n_uris; k++)
		file.uris[k] = k * 1000;
	return file;
}

static void pack(struct ctm_list_packing *p)
{
	for (size_t i = 0; i < N; i++) {
		const struct ctm_file file = file_at(i);

		ctm_list_pack(p, &file);
	}
	cr_assert_eq(p->block.error, 0);
}

static struct ctm_list_reading read_of(const void *data, size_t len)
{
	const MDB_val v = {.mv_data = (void *)(uintptr_t)data, .mv_size = len};
	struct ctm_list_reading l;

	ctm_list_read(&l, &v, 7, 8);
	return l;
}

Test(store_list, round)
{
	struct ctm_list_packing p = {.first = 8, .block = CTM_BUF_INIT(4096)};
	struct ctm_list_reading l;

	pack(&p);
	l = read_of(p.block.data, p.block.len);
	for (size_t i = 0; i < N; i++) {
		const struct ctm_file want = file_at(i);

		cr_assert_eq(ctm_list_next(&l), 1, "%zu", i);
		cr_expect(same_file(&l.file, &want), "%zu: %s", i, l.file.path);
	}
	cr_expect_eq(ctm_list_next(&l), 0);
	cr_expect_eq(ctm_list_next(&l), 0);
	ctm_list_reading_done(&l);
	ctm_list_packing_done(&p);
}

/* A block that is cut is damage, but where it ends with a file; so is another version. */
Test(store_list, damaged)
{
	struct ctm_list_packing p = {.first = 8, .block = CTM_BUF_INIT(4096)};
	size_t good = 0;

	pack(&p);
	for (size_t len = 0; len <= p.block.len; len++) {
		struct ctm_list_reading l = read_of(p.block.data, len);
		int r;

		while (r = ctm_list_next(&l), r > 0)
			;
		cr_expect(r == 0 || r == -EBADMSG, "%zu: %d", len, r);
		good += r == 0;
		ctm_list_reading_done(&l);
	}
	cr_expect_eq(good, N + 1);
	p.block.data[0]++;
	cr_expect_eq(read_of(p.block.data, p.block.len).view.error, -EBADMSG);
	ctm_list_packing_done(&p);
}

Test(store_list, what_cannot_be)
{
	static const struct {
		const char *what;
		const char *bytes;
		size_t len;
	} table[] = {
		{"shares more than there is", "\1\0\0\0\1\0\1\1a\0", 10},
		{"a NUL in its path", "\1\0\0\0\1\0\0\1\0\0", 10},
		{"a bit that means nothing", "\1\0\0\0\1\0\0\1a\x20", 10},
		{"nine URIs",
			"\1\0\0\0\1\0\0\1a\x10\x09"
			"1234567812345678123456781234567812345678"
			"12345678123456781234567812345678",
			83},
		{"no URIs", "\1\0\0\0\1\0\0\1a\x10\0", 11},
		{"a number behind the last", "\1\0\0\0\1\xff\xff\xff\xff\x0f\0\1a\0", 14},
		{"a length in too many bytes", "\1\0\0\0\1\x80\0\0\1a\0", 11},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct ctm_list_reading l = read_of(table[i].bytes, table[i].len);

		cr_expect_eq(ctm_list_next(&l), -EBADMSG, "%s", table[i].what);
		ctm_list_reading_done(&l);
	}
}

Test(store_list, is_full)
{
	char path[4000];
	struct ctm_file file = {.path = path, .number = 1, .count = 1};
	struct ctm_list_packing p = {.first = 1, .block = CTM_BUF_INIT(8192)};

	memset(path, 'x', sizeof path);
	path[sizeof path - 1] = '\0';
	cr_expect_not(ctm_list_is_full(&p));
	ctm_list_pack(&p, &file);
	cr_expect(ctm_list_is_full(&p), "by its bytes");
	ctm_list_packing_done(&p);
	path[1] = '\0';
	for (; file.number < 1000 && !ctm_list_is_full(&p); file.number++)
		ctm_list_pack(&p, &file);
	cr_expect_eq(file.number, 65, "by how many they are");
	ctm_list_packing_done(&p);
}
