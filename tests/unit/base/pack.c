/* SPDX-License-Identifier: MIT */
#include "pack.h"

#include <errno.h>
#include <stdlib.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(pack, .fini = ctm_test_check_leaks);

static void fill(struct ctm_buf *b)
{
	ctm_pack_u8(b, 0xfe);
	ctm_pack_u32(b, 0x01020304);
	ctm_pack_u64(b, UINT64_C(0x0102030405060708));
	ctm_pack_str(b, "hi");
	ctm_pack_str(b, NULL);
}

static struct ctm_view view(const struct ctm_buf *b, size_t len)
{
	return (struct ctm_view){.data = (const unsigned char *)b->data, .len = len};
}

Test(pack, bytes)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(100);

	fill(&b);
	cr_assert_eq(b.len, 23);
	cr_expect_arr_eq(b.data, "\xfe\1\2\3\4\1\2\3\4\5\6\7\10\0\0\0\2hi\0\0\0", 22);
}

Test(pack, round)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(100);
	struct ctm_view v;
	const char *s;
	size_t len;
	char *copy;

	fill(&b);
	v = view(&b, b.len);
	cr_expect_eq(ctm_unpack_u8(&v), 0xfe);
	cr_expect_eq(ctm_unpack_u32(&v), 0x01020304);
	cr_expect_eq(ctm_unpack_u64(&v), UINT64_C(0x0102030405060708));
	s = ctm_unpack_str(&v, &len);
	cr_assert_eq(len, 2);
	cr_expect_arr_eq(s, "hi", 2);
	copy = ctm_unpack_strdup(&v);
	cr_expect_str_eq(copy, "");
	free(copy);
	cr_expect_eq(v.len, 0);
	cr_expect_eq(v.error, 0);
}

/* Cut anywhere, a record ends in an error that sticks, and nothing is read beyond it. */
Test(pack, torn)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(100);

	fill(&b);
	for (size_t n = 0; n < b.len; n++) {
		CTM_CLEANUP_FREE char *copy = malloc(n + 1);
		struct ctm_view v = {.data = (unsigned char *)copy, .len = n};
		size_t len;
		char *s;

		cr_assert_not_null(copy);
		memcpy(copy, b.data, n);
		ctm_unpack_u8(&v);
		ctm_unpack_u32(&v);
		ctm_unpack_u64(&v);
		ctm_unpack_str(&v, &len);
		s = ctm_unpack_strdup(&v);
		cr_expect_null(s);
		cr_expect_eq(v.error, -EBADMSG, "%zu bytes", n);
		cr_expect_eq(ctm_unpack_u8(&v), 0);
	}
}

Test(pack, lying_length_and_nul)
{
	struct ctm_view lying = {.data = (const unsigned char *)"\xff\xff\xff\xffx", .len = 5};
	struct ctm_view nul = {.data = (const unsigned char *)"\0\0\0\3a\0b", .len = 7};
	size_t len = 1;

	ctm_unpack_str(&lying, &len);
	cr_expect_eq(len, 0);
	cr_expect_eq(lying.error, -EBADMSG);
	cr_expect_null(ctm_unpack_strdup(&nul));
	cr_expect_eq(nul.error, -EBADMSG);
}

Test(pack, raw_and_places)
{
	struct ctm_view v = {.data = (const unsigned char *)"abc", .len = 3};
	unsigned char raw[8];

	ctm_unpack_raw(&v, raw, 2);
	cr_expect_arr_eq(raw, "ab", 2);
	ctm_unpack_raw(&v, raw, 2);
	cr_expect_eq(v.error, -EBADMSG);
	ctm_put_u64(raw, UINT64_MAX - 1);
	cr_expect_eq(ctm_get_u64(raw), UINT64_MAX - 1);
	ctm_put_u32(raw, 0x80000001);
	cr_expect_eq(ctm_get_u32(raw), 0x80000001);
	cr_expect_eq(raw[0], 0x80);
}

Test(pack, varint)
{
	static const struct {
		uint64_t v;
		size_t len;
	} table[] = {{0, 1}, {1, 1}, {127, 1}, {128, 2}, {16383, 2}, {16384, 3},
		{UINT64_MAX >> 1, 9}, {UINT64_MAX, 10}};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(100);
		struct ctm_view v;

		ctm_pack_varint(&b, table[i].v);
		cr_expect_eq(b.len, table[i].len, "%zu", i);
		v = view(&b, b.len);
		cr_expect_eq(ctm_unpack_varint(&v), table[i].v, "%zu", i);
		cr_expect_eq(v.error, 0);
		cr_expect_eq(v.len, 0);
		v = view(&b, b.len - 1);
		cr_expect_eq(ctm_unpack_varint(&v), 0, "cut");
		cr_expect_eq(v.error, -EBADMSG);
	}
}

/* Each number has one form. */
Test(pack, varint_too_long)
{
	static const struct ctm_view table[] = {
		{(const unsigned char *)"\x80\0", 2, 0},
		{(const unsigned char *)"\xff\xff\xff\xff\xff\xff\xff\xff\xff\2", 10, 0},
		{(const unsigned char *)"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x81\0", 11, 0},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct ctm_view v = table[i];

		cr_expect_eq(ctm_unpack_varint(&v), 0, "%zu", i);
		cr_expect_eq(v.error, -EBADMSG, "%zu", i);
	}
}

Test(pack, bytes_in_place)
{
	struct ctm_view v = {.data = (const unsigned char *)"abc", .len = 3};

	cr_expect_arr_eq(ctm_unpack_bytes(&v, 2), "ab", 2);
	cr_expect_not_null(ctm_unpack_bytes(&v, 0));
	cr_expect_null(ctm_unpack_bytes(&v, 2));
	cr_expect_eq(v.error, -EBADMSG);
	cr_expect_null(ctm_unpack_bytes(&v, 1), "the error sticks");
}
