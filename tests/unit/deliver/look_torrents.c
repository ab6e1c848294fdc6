/* SPDX-License-Identifier: MIT */
/* A totals job of a torrent of three files, of which an event named the first. */
#include <string.h>
#include <sys/stat.h>
#include <utime.h>

#include <criterion/criterion.h>

#include "asked.h"
#include "hresult.h"
#include "sight.h"

TestSuite(look_torrents, .init = asked_init, .fini = asked_done, .timeout = 60);

#define HOUR_MS 3600000

static void seen_as_it_is(struct ctm_file *file)
{
	file->sight = ctm_sight_see(file->path);
	file->has_size = false;
}

/* Last written two hours ago. */
static void make_old(const char *name)
{
	const time_t then = (time_t)(ctm_clock_wall_ms() / 1000 - 7200);

	cr_assert_eq(utime(scratch_path(name), &(struct utimbuf){then, then}), 0);
}

/* aria2's word of it was so long ago. */
static struct ctm_file *torrent(int64_t age_ms)
{
	struct ctm_file *file = asked_there("mt/a", "12");

	file->count = 3;
	file->since_ms -= age_ms;
	seen_as_it_is(file);
	scratch_make_dir("dl/mt/sub");
	scratch_write("dl/mt/b", "345");
	scratch_write("dl/mt/sub/c", "6789");
	asked.request.kind = CTM_KIND_TOTALS;
	return file;
}

Test(look_torrents, as_it_came)
{
	torrent(0);
	cr_expect_eq(asked_look(), CTM_LOOK_RIGHT, "%s", asked.result.text);
	cr_expect_eq(asked.result.totals.files, 3);
	cr_expect_eq(asked.result.totals.bytes, 9);
}

Test(look_torrents, another_one_has_changed)
{
	torrent(HOUR_MS);
	make_old("dl/mt/b");
	cr_expect_eq(asked_look(), CTM_LOOK_WRONG);
	cr_expect_eq(asked_finding(1), CTM_E_FILE_CORRUPT);
	cr_expect_not_null(strstr(asked.result.text, "\"c\""), "%s", asked.result.text);
	cr_expect_not_null(strstr(asked.result.text, "mt/a"), "%s", asked.result.text);
	/* Who sets modes has changed no content. */
	make_old("dl/mt/sub/c");
	cr_expect_eq(asked_look(), CTM_LOOK_RIGHT, "%s", asked.result.text);
}

/* What else may lie there is waited for: it may go again. */
Test(look_torrents, too_many)
{
	torrent(HOUR_MS);
	scratch_write("dl/mt/x", "1");
	cr_expect_eq(asked_look(), CTM_LOOK_CANNOT_TELL);
	cr_expect_not_null(strstr(asked.result.text, "4 files"), "%s", asked.result.text);
}

/* What came by an event of its own is younger than the torrent, and is none of it. */
Test(look_torrents, beside_others)
{
	struct ctm_file *file;

	torrent(HOUR_MS);
	make_old("dl/mt/b");
	make_old("dl/mt/sub/c");
	file = asked_there("mt/x", "1");
	seen_as_it_is(file);
	cr_expect_eq(asked_look(), CTM_LOOK_RIGHT, "%s", asked.result.text);
	cr_expect_eq(asked.result.totals.files, 4);
	/* Of two torrents the later one's time counts: which file is whose is not known. */
	asked.request.files[1].count = 2;
	scratch_write("dl/mt/y", "1");
	cr_expect_eq(asked_look(), CTM_LOOK_RIGHT, "%s", asked.result.text);
}

Test(look_torrents, no_torrent)
{
	torrent(HOUR_MS);
	asked.request.files[0].count = 1;
	asked.request.kind = CTM_KIND_SINGLE;
	asked_look();
	cr_expect_null(strstr(asked.result.text, "has changed"), "%s", asked.result.text);
}

/* With force-save, or where only some files were wanted, it is saved again while it seeds. */
Test(look_torrents, control_file_beside_local_path)
{
	torrent(HOUR_MS);
	make_old("dl/mt/b");
	make_old("dl/mt/sub/c");
	scratch_write("dl.aria2", "");
	cr_expect_eq(asked_look(), CTM_LOOK_RIGHT, "%s", asked.result.text);
}
