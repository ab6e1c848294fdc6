/* SPDX-License-Identifier: MIT */
#include "unwritten.h"

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(unwritten, .fini = ctm_test_check_leaks);

/* The kernel says it once; only what was written since is another file. */
Test(unwritten, told_once)
{
	struct ctm_job job = {.files_listed = 1, .files_total = 1};
	struct ctm_file file = {.count = 1, .evident = true};
	struct ctm_sight sight = {
		.known = true, .inode = 1, .size = 5, .mtime_ns = 100, .ctime_ns = 100};
	const struct ctm_sight unseen = {0};

	cr_expect_not(ctm_file_is_unwritten(&file, &sight));
	cr_expect_not(ctm_job_note_unwritten(&job, &file, &unseen), "nothing to tell it by");
	cr_expect(ctm_job_note_unwritten(&job, &file, &sight));
	cr_expect_eq(job.revision, 1, "a look that is under way heard nothing of it");
	cr_expect(file.evident, "that is the look's business");
	cr_expect_not(ctm_job_note_unwritten(&job, &file, &sight), "once");
	cr_expect_eq(job.revision, 1);
	cr_expect(ctm_file_is_unwritten(&file, &sight));
	cr_expect_not(ctm_file_is_unwritten(&file, &unseen));
	sight.mtime_ns = sight.ctime_ns = 101;
	cr_expect_not(ctm_file_is_unwritten(&file, &sight));
}
