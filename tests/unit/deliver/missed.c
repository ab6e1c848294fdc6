/* SPDX-License-Identifier: MIT */
#include "missed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "digest.h"
#include "files.h"
#include "sides.h"
#include "world.h"

TestSuite(missed, .init = world_init, .fini = world_done, .timeout = 60);

#define TEXT "the content"

static struct ctm_missed missed;
static size_t n_loaded;
static atomic_bool stop;
static struct ctm_fold fold;

static void digest_of(const char *text, unsigned char ret_sha256[32])
{
	CTM_CLEANUP_FD int fd = open(scratch_write("digested", text), O_RDONLY | O_CLOEXEC);

	cr_assert_eq(ctm_digest_sha256(fd, UINT64_MAX, NULL, ret_sha256), 0);
}

/* A job of one file whose sidecar gives the sha256 of TEXT. */
static struct ctm_sidecar *sidecar_of(unsigned id, const char *name, const char *path)
{
	struct ctm_sidecar *sidecar = sides_listed(id, name, 1, (const char *[]){path});

	digest_of(TEXT, sidecar->files[0].sha256);
	sidecar->files[0].has_sha256 = true;
	return sidecar;
}

static uint32_t add(const char *path)
{
	return sides_register(sidecar_of(1, "one", path), false).job;
}

static int load_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	(void)context;
	(void)e;
	return ctm_missed_load(txn, &missed);
}

static int setting_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	(void)e;
	return ctm_store_setting_get(txn, CTM_SETTING_MISSED_FROM, context);
}

static int fold_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	int r = ctm_missed_fold(txn, &missed, &fold);

	(void)context;
	(void)e;
	return r < 0 ? r : ctm_fold_decide(txn, &fold);
}

static void find_of(int64_t quiet_ms, const struct ctm_numbers *only)
{
	nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
	missed = (struct ctm_missed){.quiet_ms = quiet_ms, .only = only};
	world_update(load_body, NULL);
	n_loaded = missed.n;
	ctm_missed_hash(&missed, &stop);
	fold = (struct ctm_fold)CTM_FOLD_INIT(world.config);
	fold.now = ctm_clock_now();
	world_update(fold_body, NULL);
	ctm_fold_done(&fold);
	ctm_missed_done(&missed);
}

static void find(int64_t quiet_ms)
{
	find_of(quiet_ms, NULL);
}

Test(missed, right)
{
	uint32_t job = add("sub/a");

	scratch_make_dir("dl/sub");
	scratch_write("dl/sub/a", TEXT);
	find(0);
	cr_expect_eq(n_loaded, 1);
	cr_expect_eq(world_job(job).files_evident, 1);
	cr_expect_eq(world_job(job).state, CTM_JOB_VERIFYING);
	cr_expect(world_has_work(CTM_WORK_VERIFY, job));
	cr_expect_neq(world_file(job, 1).device, 0);
	find(0);
	cr_expect_eq(n_loaded, 0, "what is evident is not hashed");
}

/* With the right size and other bytes: nothing, and that very file is not hashed again. */
Test(missed, wrong)
{
	uint32_t job = add("a");
	struct ctm_file before;

	scratch_write("dl/a", "the CONTENT");
	find(0);
	cr_expect_eq(world_job(job).files_evident, 0);
	cr_expect_eq(world_job(job).state, CTM_JOB_OPEN);
	before = world_file(job, 1);
	cr_expect(before.hashed.known);
	cr_expect_not(before.given_up, "aria2 may be about to bring it");
	cr_expect_eq(before.cause, 0);
	cr_expect_null(world_message(job).source);
	scratch_write("dl/a", TEXT);
	find(0);
	cr_expect_eq(world_job(job).files_evident, 1, "it has changed");
}

static void restore_times(int fd, const struct stat *st)
{
	const struct timespec times[] = {st->st_atim, st->st_mtim};

	cr_assert_eq(futimens(fd, times), 0);
}

/* By inode, size, mtime and ctime: setting the times back does not hide a change. */
Test(missed, hashed_before)
{
	uint32_t job = add("a");
	const char *path = scratch_write("dl/a", "the CONTENT");
	CTM_CLEANUP_FD int fd = open(path, O_RDWR | O_CLOEXEC);
	struct ctm_sight first;
	struct ctm_sight second;
	struct stat st;

	find(0);
	first = world_file(job, 1).hashed;
	find(0);
	second = world_file(job, 1).hashed;
	cr_expect(ctm_sight_is_same(&first, &second));
	cr_assert_eq(fstat(fd, &st), 0);
	cr_assert_eq(pwrite(fd, TEXT, sizeof TEXT - 1, 0), (ssize_t)sizeof TEXT - 1);
	restore_times(fd, &st);
	find(0);
	cr_expect_eq(world_job(job).files_evident, 1);
}

Test(missed, wrong_size)
{
	struct ctm_sidecar *sidecar = sidecar_of(1, "one", "a");
	uint32_t job;

	sidecar->files[0].has_size = true;
	sidecar->files[0].size = sizeof TEXT;
	job = sides_register(sidecar, false).job;
	scratch_write("dl/a", TEXT);
	find(0);
	cr_expect_eq(world_job(job).files_evident, 0);
	cr_expect_not(world_file(job, 1).hashed.known, "it was not read");
}

static void expect_not_hashed(uint32_t job)
{
	cr_expect_eq(n_loaded, 1);
	cr_expect_eq(world_job(job).files_evident, 0);
	cr_expect_not(world_file(job, 1).hashed.known);
}

/* aria2 is at work on it, or on the torrent that it is in. */
Test(missed, control_file)
{
	static const char *const names[] = {
		"dl/sub/deep/a.aria2", "dl/sub/deep.aria2", "dl/sub.aria2", "dl.aria2"};
	uint32_t job = add("sub/deep/a");

	scratch_make_dir("dl/sub/deep");
	scratch_write("dl/sub/deep/a", TEXT);
	scratch_write("dl/b.aria2", "");
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *control = scratch_write(names[i], "");

		find(0);
		cr_expect_eq(world_job(job).files_evident, 0, "%s", names[i]);
		cr_assert_eq(unlink(control), 0);
	}
	find(0);
	cr_expect_eq(world_job(job).files_evident, 1, "another file's is of no account");
}

Test(missed, changed_just_now)
{
	uint32_t job = add("a");

	scratch_write("dl/a", TEXT);
	find(CTM_MISSED_QUIET_MS);
	expect_not_hashed(job);
}

/* What a server says of its age (aria2 -R) does not make it old: ctime tells. */
Test(missed, changed_just_now_with_an_old_mtime)
{
	static const struct timespec old[] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
	uint32_t job = add("a");
	CTM_CLEANUP_FD int fd = open(scratch_write("dl/a", TEXT), O_RDONLY | O_CLOEXEC);

	cr_assert_eq(futimens(fd, old), 0);
	find(CTM_MISSED_QUIET_MS);
	expect_not_hashed(job);
	find(0);
	cr_expect_eq(world_job(job).files_evident, 1);
}

Test(missed, link)
{
	uint32_t job = add("a");

	cr_assert_eq(symlink(scratch_write("elsewhere", TEXT), scratch_path("dl/a")), 0);
	find(0);
	expect_not_hashed(job);
}

/* A link in its way that leads out of local_path. */
Test(missed, outside)
{
	uint32_t job = add("sub/a");

	scratch_make_dir("elsewhere");
	scratch_write("elsewhere/a", TEXT);
	cr_assert_eq(symlink(scratch_path("elsewhere"), scratch_path("dl/sub")), 0);
	find(0);
	expect_not_hashed(job);
}

/* Nobody writes to it: it is not waited for. */
Test(missed, fifo)
{
	uint32_t job = add("a");

	cr_assert_eq(mkfifo(scratch_path("dl/a"), 0600), 0);
	find(0);
	expect_not_hashed(job);
}

Test(missed, not_there)
{
	uint32_t job = add("a");

	find(0);
	expect_not_hashed(job);
}

/* Nothing weaker than the hash counts. */
Test(missed, without_sha256)
{
	struct ctm_sidecar *sidecar = sides_listed(1, "one", 1, (const char *[]){"a"});
	uint32_t job;

	sidecar->files[0].has_size = true;
	sidecar->files[0].size = sizeof TEXT - 1;
	job = sides_register(sidecar, false).job;
	scratch_write("dl/a", TEXT);
	find(0);
	cr_expect_eq(n_loaded, 0);
	cr_expect_eq(world_job(job).files_evident, 0);
}

Test(missed, ended_meanwhile)
{
	uint32_t job = add("a");
	struct ctm_job ended;

	scratch_write("dl/a", TEXT);
	missed = (struct ctm_missed){.quiet_ms = -1000};
	world_update(load_body, NULL);
	ctm_missed_hash(&missed, &stop);
	ended = world_job(job);
	ended.state = CTM_JOB_CANCELLED;
	sides_put_job(&ended);
	fold = (struct ctm_fold)CTM_FOLD_INIT(world.config);
	world_update(fold_body, NULL);
	cr_expect_eq(world_job(job).files_evident, 0);
	cr_expect_eq(world_job(job).state, CTM_JOB_CANCELLED);
	ctm_fold_done(&fold);
	ctm_missed_done(&missed);
	find(0);
	cr_expect_eq(n_loaded, 0);
}

/* A file with a gid listens to that alone, and to its hash. */
Test(missed, with_a_gid)
{
	struct ctm_sidecar *sidecar = sidecar_of(1, "one", "a");
	uint32_t job;

	sidecar->files[0].gid = 0x77;
	job = sides_register(sidecar, false).job;
	scratch_write("dl/a", TEXT);
	find(0);
	cr_expect_eq(world_job(job).files_evident, 1);
}

static uint64_t setting(void)
{
	uint64_t from = 0;

	world_update(setting_body, &from);
	return from;
}

/* There are more than are loaded at once, and the one that is there is not among the first. */
Test(missed, many)
{
	enum {
		AT_ONCE = 10000,
		FILES = AT_ONCE + 2
	};
	const char **paths = scratch_keep(calloc(FILES, sizeof *paths));
	struct ctm_sidecar *sidecar;
	uint32_t job;

	for (unsigned i = 0; i < FILES; i++) {
		char name[16];

		snprintf(name, sizeof name, "f%u", i);
		paths[i] = world_text_of(name);
	}
	sidecar = sides_listed(1, "one", FILES, paths);
	digest_of(TEXT, sidecar->files[0].sha256);
	for (unsigned i = 0; i < FILES; i++) {
		memcpy(sidecar->files[i].sha256, sidecar->files[0].sha256, 32);
		sidecar->files[i].has_sha256 = true;
	}
	job = sides_register(sidecar, false).job;
	scratch_write("dl/f10000", TEXT);
	find(0);
	cr_expect_eq(n_loaded, AT_ONCE);
	cr_expect_eq(world_job(job).files_evident, 0);
	cr_expect_eq(setting(), (uint64_t)job << 32 | (AT_ONCE + 1));
	find(0);
	cr_expect_eq(n_loaded, 2, "it goes on behind them");
	cr_expect_eq(world_job(job).files_evident, 1);
	cr_expect(world_file(job, AT_ONCE + 1).evident);
	cr_expect_eq(setting(), 0);
	find(0);
	cr_expect_eq(n_loaded, AT_ONCE, "and begins again at the beginning");
}

/* Whoever asks for some jobs gets those, and leaves the others their turn. */
Test(missed, only)
{
	uint32_t other = add("a");
	uint32_t job = sides_register(sidecar_of(2, "two", "b"), false).job;
	const struct ctm_numbers only = {.items = &job, .n = 1};

	scratch_write("dl/a", TEXT);
	scratch_write("dl/b", TEXT);
	find_of(0, &only);
	cr_expect_eq(n_loaded, 1);
	cr_expect_eq(world_job(job).files_evident, 1);
	cr_expect_eq(world_job(other).files_evident, 0);
	cr_expect_eq(setting(), 0);
	find(0);
	cr_expect_eq(world_job(other).files_evident, 1);
}

/* Nothing is begun once it is to stop. */
Test(missed, stopped)
{
	uint32_t job = add("a");

	scratch_write("dl/a", TEXT);
	atomic_store(&stop, true);
	find(0);
	atomic_store(&stop, false);
	expect_not_hashed(job);
	find(0);
	cr_expect_eq(world_job(job).files_evident, 1);
}

/* Meanwhile the sidecar says another sha256: what was found is about the old one. */
Test(missed, another_sha256_meanwhile)
{
	uint32_t job = add("a");
	struct ctm_sidecar *changed = sidecar_of(1, "one", "a");

	scratch_write("dl/a", TEXT);
	missed = (struct ctm_missed){.quiet_ms = -1000};
	world_update(load_body, NULL);
	ctm_missed_hash(&missed, &stop);
	digest_of("the CONTENT", changed->files[0].sha256);
	cr_expect_eq(sides_register(changed, false).job, job);
	fold = (struct ctm_fold)CTM_FOLD_INIT(world.config);
	fold.now = ctm_clock_now();
	world_update(fold_body, NULL);
	ctm_fold_done(&fold);
	ctm_missed_done(&missed);
	cr_expect_eq(world_job(job).files_evident, 0);
	cr_expect_not(world_file(job, 1).hashed.known);
}
