/* SPDX-License-Identifier: MIT */
/* aria2's control file: what it is, which pieces it has, and what that says of a report. */
#include "control.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "scratch.h"

TestSuite(control, .init = scratch_init, .fini = scratch_done);

/* Version 1; no extension, no info hash; pieces of 16 bytes, 100 in all: seven of them. */
#define HEAD "\0\1\0\0\0\0\0\0\0\0"
#define SIZES "\0\0\0\x10\0\0\0\0\0\0\0\x64\0\0\0\0\0\0\0\0"
#define PIECES(bits) "\0\0\0\1" bits
#define FILE_OF(bits) HEAD SIZES PIECES(bits) "\0\0\0\0"
#define LEN(text) (sizeof text - 1)

static struct ctm_control parsed(const char *bits)
{
	static char data[] = FILE_OF("\0");
	struct ctm_control control;

	data[LEN(HEAD SIZES) + 4] = bits[0];
	cr_assert_eq(ctm_control_parse(data, LEN(FILE_OF("\0")), &control), 0);
	return control;
}

Test(control, as_aria2_writes_it)
{
	/* With the extension for BitTorrent, an info hash, and a piece in flight. */
	static const char data[] =
		"\0\1\0\0\0\1\0\0\0\x14"
		"01234567890123456789" SIZES PIECES("\xf0") "\0\0\0\1\0\0\0\4\0\0\0\x10\0\0\0\1\0";
	struct ctm_control control;

	cr_assert_eq(ctm_control_parse(data, LEN(data), &control), 0);
	cr_expect_eq(control.length, 100);
	cr_expect_eq(control.piece_length, 16);
	cr_expect_eq(control.pieces[0], 0xf0);
}

Test(control, no_such_file)
{
	static const char good[] = FILE_OF("\xff");
	struct ctm_control control;
	char bad[LEN(FILE_OF("\0"))];

	/* Cut anywhere before the end of its pieces. */
	for (size_t len = 0; len < LEN(HEAD SIZES PIECES("\0")); len++)
		cr_expect_eq(ctm_control_parse(good, len, &control), -EBADMSG, "%zu", len);
	/* Another version; no length of pieces; fewer bits than pieces. */
	for (int which = 0; which < 3; which++) {
		static const size_t at[] = {1, LEN(HEAD) + 3, LEN(HEAD) + 11};
		static const char to[] = {0, 0, '\x81'};

		memcpy(bad, good, sizeof bad);
		bad[at[which]] = to[which];
		cr_expect_eq(ctm_control_parse(bad, sizeof bad, &control), -EBADMSG, "%d", which);
	}
}

Test(control, which_bytes_are_there)
{
	static const struct {
		const char *bits;
		uint64_t offset;
		uint64_t length;
		bool has;
	} cases[] = {
		{"\xfe", 0, 100, true},
		{"\xfc", 0, 100, false},
		{"\xfc", 0, 96, true},
		{"\xfc", 0, 97, false},
		{"\x02", 96, 4, true},
		{"\x02", 95, 1, false},
		{"\x20", 32, 16, true},
		{"\x20", 31, 16, false},
		{"\x20", 33, 16, false},
		{"\x00", 0, 0, true},
		{"\x00", 100, 0, true},
		{"\xff", 100, 1, false},
		{"\xff", 101, 0, false},
		{"\xff", 1, UINT64_MAX, false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct ctm_control control = parsed(cases[i].bits);

		cr_expect_eq(ctm_control_has(&control, cases[i].offset, cases[i].length),
			cases[i].has, "%zu", i);
	}
}

/* A torrent of 40 and 60 bytes in dl/mt. */
static void mark(enum ctm_report_status status, struct ctm_report_file files[2])
{
	struct ctm_report report = {
		.status = status,
		.dir = (char *)(uintptr_t)scratch_path("dl"),
		.length = 100,
		.files = files,
		.n_files = 2,
	};

	files[0] = (struct ctm_report_file){
		.path = (char *)(uintptr_t)scratch_path("dl/mt/a"), .bytes = 40};
	files[1] = (struct ctm_report_file){
		.path = (char *)(uintptr_t)scratch_path("dl/mt/sub/b"), .bytes = 60, .offset = 40};
	ctm_control_mark(&report);
}

Test(control, a_torrent)
{
	static const struct {
		const char *name;
		const char *data;
		size_t len;
		bool lacks[2];
	} cases[] = {
		{"dl/none.aria2", "", 0, {false, false}},
		{"dl/mt.aria2", FILE_OF("\xfe"), LEN(FILE_OF("\0")), {false, false}},
		{"dl/mt.aria2", FILE_OF("\x3e"), LEN(FILE_OF("\0")), {true, false}},
		{"dl/mt.aria2", FILE_OF("\xe0"), LEN(FILE_OF("\0")), {false, true}},
		/* On a full disk aria2 leaves an empty one. */
		{"dl/mt.aria2", "", 0, {true, true}},
		/* Of a torrent with the same name. */
		{"dl/mt.aria2", HEAD "\0\0\0\x10\0\0\0\0\0\0\0\x63\0\0\0\0\0\0\0\0" PIECES("\xff"),
			LEN(HEAD SIZES PIECES("\0")), {true, true}},
	};
	struct ctm_report_file files[2];

	scratch_make_dir("dl");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		scratch_write_bytes(cases[i].name, cases[i].data, cases[i].len);
		mark(CTM_REPORT_COMPLETE, files);
		for (int k = 0; k < 2; k++)
			cr_expect_eq(files[k].lacks_pieces, cases[i].lacks[k], "%zu %d", i, k);
	}
	/* While it seeds its control file is as old as the last time that it was saved. */
	mark(CTM_REPORT_ACTIVE, files);
	cr_expect(!files[0].lacks_pieces && !files[1].lacks_pieces);
}

/* aria2 has no control file where its name would be too long: nothing is lacking for that. */
Test(control, a_long_name)
{
	char path[300];
	struct ctm_report_file files[2];
	struct ctm_report report = {
		.status = CTM_REPORT_COMPLETE,
		.dir = (char *)(uintptr_t)scratch_make_dir("dl"),
		.length = 2,
		.files = files,
		.n_files = 2,
	};

	snprintf(path, sizeof path, "dl/%0252d/a", 7);
	for (int i = 0; i < 2; i++)
		files[i] = (struct ctm_report_file){
			.path = (char *)(uintptr_t)scratch_path(path), .bytes = 1};
	ctm_control_mark(&report);
	cr_expect_not(files[0].lacks_pieces);
	cr_expect_not(files[1].lacks_pieces);
}
