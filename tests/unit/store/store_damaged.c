/* SPDX-License-Identifier: MIT */
/* A store that is no store any more gives an error, and stays as it is for a person to look at. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "buf.h"
#include "files.h"
#include "shelf.h"

TestSuite(store_damaged, .init = shelf_init, .fini = shelf_done, .timeout = 120);

#define OTHER "damaged.mdb"

static int write_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	(void)context;
	(void)e;
	for (unsigned i = 1; i <= 50; i++) {
		struct ctm_job job = shelf_job(txn, i);

		for (unsigned k = 0; k < 20; k++) {
			char path[64];

			snprintf(path, sizeof path, "/srv/%u/a-name-of-some-length-%u", i, k);
			shelf_file(txn, &job, path, 0);
		}
		cr_assert_eq(ctm_store_job_put(txn, &job), 0);
	}
	return 0;
}

static int visit(struct ctm_txn *txn, const struct ctm_job *job, void *context)
{
	struct ctm_file file;
	int r;

	(void)context;
	r = ctm_store_file_get(txn, job->number, 20, &file);
	if (r == 0)
		ctm_file_done(&file);
	return r;
}

static int read_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	(void)context;
	(void)e;
	return ctm_store_job_each(txn, visit, NULL);
}

/* Opens the bytes as a store, and reads and writes it if that is possible. */
static int use(const char *path, struct ctm_error *e)
{
	struct ctm_store *store;
	int r = ctm_store_open(path, &store, e);

	if (r < 0)
		return r;
	r = ctm_store_read(store, read_body, NULL, e);
	ctm_store_close(store);
	return r;
}

Test(store_damaged, no_store)
{
	static const char text[] = "this is a text and no store, however long it may be read\n";
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(100000);
	struct ctm_error e = CTM_ERROR_INIT;
	const char *path;
	struct stat st;

	while (b.len < 20000)
		ctm_buf_add_str(&b, text);
	path = scratch_write_bytes(OTHER, b.data, b.len);
	cr_expect_eq(use(path, &e), -EBADMSG);
	cr_expect_not_null(strstr(e.text, OTHER), "%s", e.text);
	cr_assert_eq(stat(path, &st), 0);
	cr_expect_eq(st.st_size, (off_t)b.len, "it is never reset");
}

Test(store_damaged, short_file)
{
	struct ctm_error e = CTM_ERROR_INIT;
	const char *path = scratch_write(OTHER, "x");
	struct stat st;

	cr_expect_lt(use(path, &e), 0);
	cr_assert_eq(stat(path, &st), 0);
	cr_expect_eq(st.st_size, 1);
}

Test(store_damaged, no_directory)
{
	struct ctm_error e = CTM_ERROR_INIT;

	cr_expect_eq(use(scratch_path("none/store.mdb"), &e), -ENOENT);
	cr_expect_not_null(strstr(e.text, "none/store.mdb"), "%s", e.text);
	cr_expect_lt(use(scratch_make_dir("a-directory"), &e), 0);
}

/* Empty, as a crash between making and writing it leaves it: a new store. */
Test(store_damaged, empty_file)
{
	cr_expect_eq(use(scratch_write(OTHER, ""), NULL), 0);
}

/* The store's bytes up to the last one that is not 0: its end may be a hole. */
static size_t copy_store(char *bytes, size_t size)
{
	CTM_CLEANUP_FD int fd = open(scratch_path(CTM_STORE_FILE), O_RDONLY | O_CLOEXEC);
	ssize_t n = pread(fd, bytes, size, 0);

	cr_assert_gt(n, 0);
	while (n > 0 && !bytes[n - 1])
		n--;
	return (size_t)n;
}

/*
 * Cut short by a file system or a copy that broke off: an error. Never the bus error of a page that
 * is not there, never the end of the process by LMDB's own assertion, never a new store.
 */
Test(store_damaged, cut)
{
	static char bytes[1 << 20];
	struct stat st;
	size_t size;

	cr_assert_eq(ctm_store_update(shelf, write_body, NULL, NULL), 0);
	size = copy_store(bytes, sizeof bytes);
	cr_assert(size > (size_t)16 * 4096 && size < sizeof bytes);
	for (size_t len = 4096; len < size; len += 4096) {
		const char *path = scratch_write_bytes(OTHER, bytes, len);
		int status;
		pid_t child = fork();

		if (child == 0) {
			int r = use(path, NULL);

			_exit(r == 0 ? 10 : r < 0 ? 20 : 30);
		}
		cr_assert_eq(waitpid(child, &status, 0), child);
		cr_assert(WIFEXITED(status), "%zu of %zu bytes: killed by signal %d", len, size,
			WTERMSIG(status));
		/* What is cut off may be pages that nobody uses. */
		cr_expect(WEXITSTATUS(status) == 20 || (WEXITSTATUS(status) == 10 && len > 8192),
			"%zu of %zu bytes", len, size);
		cr_assert_eq(stat(path, &st), 0);
		cr_expect_geq(st.st_size, (off_t)len, "nothing is thrown away");
		cr_assert_eq(unlink(path), 0);
	}
}
