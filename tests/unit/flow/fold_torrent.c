/* SPDX-License-Identifier: MIT */
#include "fold_torrent.h"

#include <criterion/criterion.h>

#include "world.h"

TestSuite(fold_torrent, .init = world_init, .fini = world_done);

#define DONE CTM_EVENT_COMPLETE
#define BT_DONE CTM_EVENT_BT_COMPLETE

/* A torrent speaks for the listed files below its root only if they are exactly as many. */
Test(fold_torrent, exactly)
{
	static const struct world_file files[] = {
		{"t/a", 1, 0}, {"t/sub/b", 2, 0}, {"t/sub/c", 3, 0}, {"other", 4, 0}};
	uint32_t job = world_add_listed(1, files, 4);

	cr_expect_eq(world_fold_one(BT_DONE, 5, 2, "t/a"), 0);
	cr_expect_eq(world_job(job).files_evident, 0, "three are listed below t");
	cr_expect_eq(world_fold_one(BT_DONE, 5, 5, "t/a"), 0);
	cr_expect_eq(world_job(job).files_evident, 0);
	cr_expect_eq(world_fold_one(BT_DONE, 5, 3, "t/a"), 1);
	cr_expect_eq(world_job(job).files_evident, 3);
	cr_expect_eq(world_job(job).bytes_evident, 6);
	cr_expect_not(world_file(job, 4).evident);
}

/*
 * A file directly in local_path makes that the root; one in a directory makes it that directory,
 * unless that has too few files to be a torrent's of so many.
 */
Test(fold_torrent, root)
{
	static const struct world_file files[] = {
		{"a", 1, 0}, {"sub/b", 2, 0}, {"sub/c", 4, 0}, {"d", 8, 0}};
	uint32_t job = world_add_listed(1, files, 4);

	cr_expect_eq(world_fold_one(DONE, 5, 3, "sub/b"), 0, "two below sub, four in all");
	cr_expect_eq(world_fold_one(DONE, 5, 1, "d"), 1);
	cr_expect_eq(world_fold_one(DONE, 6, 2, "sub/b"), 1, "sub is the root");
	cr_expect_eq(world_job(job).files_evident, 3);
	cr_expect_not(world_file(job, 1).evident);
	cr_expect_eq(world_fold_one(DONE, 7, 4, "a"), 1);
	cr_expect_eq(world_job(job).state, CTM_JOB_VERIFYING);
}

/* The most ordinary torrent: the first file that aria2 names is in a directory of its root. */
Test(fold_torrent, first_file_in_a_directory)
{
	static const struct world_file files[] = {{"setup.exe", 1, 0}, {"data/x.cab", 2, 0}};
	uint32_t job = world_add_listed(1, files, 2);

	cr_expect_eq(world_fold_one(DONE, 5, 3, "data/x.cab"), 0, "the job has two");
	cr_expect_eq(world_job(job).files_evident, 0);
	cr_expect_eq(world_fold_one(BT_DONE, 5, 2, "data/x.cab"), 1);
	cr_expect_eq(world_job(job).state, CTM_JOB_VERIFYING);
}

/* The named file is there by aria2's word, the others by what follows from it. */
Test(fold_torrent, inferred)
{
	static const struct world_file files[] = {{"t/a", 1, 0}, {"t/b", 2, 0}};
	uint32_t job = world_add_listed(1, files, 2);
	struct ctm_event event = world_event(BT_DONE, 5, 2, "t/a");

	event.sight = (struct ctm_sight){.known = true, .inode = 7};
	cr_expect_eq(world_fold(&event, 1), 1);
	cr_expect_not(world_file(job, 1).inferred);
	cr_expect(world_file(job, 1).sight.known);
	cr_expect(world_file(job, 2).evident && world_file(job, 2).inferred);
	cr_expect_not(world_file(job, 2).sight.known, "it was the other one that was seen");
	cr_expect_eq(world_fold_one(DONE, 6, 1, "t/b"), 1);
	cr_expect_not(world_file(job, 2).inferred, "an event that names it says more");
	cr_expect_eq(world_fold(&event, 1), 1);
	cr_expect_not(world_file(job, 2).inferred);
}

/* Exactly as many, but the named file has another gid and is none of them. */
Test(fold_torrent, named_file_is_one_of_them)
{
	static const struct world_file files[] = {
		{"t/a", 1, 0}, {"t/b", 2, 0x11}, {"u/c", 4, 0x11}};
	uint32_t job = world_add_listed(1, files, 3);

	cr_expect_eq(world_fold_one(BT_DONE, 0x11, 2, "t/a"), 1);
	cr_expect(world_file(job, 1).evident, "below t are two that listen");
	cr_expect(world_file(job, 2).evident);
	cr_expect_not(world_file(job, 3).evident);
}

/* With a gid in the sidecar the files with that gid are the torrent's, wherever they are. */
Test(fold_torrent, by_gid)
{
	static const struct world_file files[] = {
		{"t/a", 1, 0x11}, {"u/b", 2, 0x11}, {"t/c", 4, 0x22}, {"t/d", 8, 0}};
	uint32_t job = world_add_listed(1, files, 4);

	cr_expect_eq(world_fold_one(BT_DONE, 0x11, 4, "t/a"), 0);
	cr_expect_eq(world_job(job).files_evident, 0, "two have that gid, three listen to it");
	cr_expect_eq(world_fold_one(BT_DONE, 0x11, 2, "t/a"), 1);
	cr_expect_eq(world_job(job).files_evident, 2);
	cr_expect_eq(world_job(job).bytes_evident, 3);
}

Test(fold_torrent, of_another_gid)
{
	static const struct world_file files[] = {{"t/a", 1, 0x11}, {"t/b", 2, 0x11}};
	uint32_t job = world_add_listed(1, files, 2);

	cr_expect_eq(world_fold_one(BT_DONE, 0x99, 2, "t/a"), 0);
	cr_expect_eq(world_job(job).files_evident, 0);
}
