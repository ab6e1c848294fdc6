/* SPDX-License-Identifier: MIT */
/* The sidecar of a job that is being looked at, and what happens to it. */
#include "verify_sidecar.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "sides.h"
#include "world.h"

TestSuite(verify_sidecar, .init = world_init, .fini = world_done);

struct loading {
	const char *path;
	struct ctm_look_request *request;
};

static int load_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct loading *l = context;

	(void)e;
	return ctm_verify_sidecar_load(txn, l->path, l->request);
}

static struct ctm_look_request loaded(const char *path)
{
	struct ctm_look_request request = {0};
	struct loading l = {.path = path, .request = &request};

	world_update(load_body, &l);
	return request;
}

/* As it is read, of a job of one file. */
static struct ctm_look_request registered(const char **ret_path)
{
	struct ctm_sidecar *sidecar = sides_listed(1, "one", 1, (const char *[]){"a"});

	sides_register(sidecar, false);
	*ret_path = sidecar->file;
	return loaded(sidecar->file);
}

Test(verify_sidecar, as_it_was_read)
{
	const char *path;
	struct ctm_look_request request = registered(&path);

	cr_expect_str_eq(request.sidecar.path, path);
	cr_expect_not(ctm_verify_sidecar_has_changed(&request));
	/* Deleted, it asks for nothing more. */
	cr_assert_eq(unlink(path), 0);
	cr_expect_not(ctm_verify_sidecar_has_changed(&request));
	ctm_look_request_done(&request);
}

Test(verify_sidecar, written_over)
{
	const char *path;
	struct ctm_look_request request = registered(&path);

	scratch_write("state/jobs/one.ctm.ini", "[job]\n[file.1]\n");
	cr_expect(ctm_verify_sidecar_has_changed(&request));
	ctm_look_request_done(&request);
}

/* As large, and with the same times: another one was renamed onto it. */
Test(verify_sidecar, another_one)
{
	const char *path;
	struct ctm_look_request request = registered(&path);
	struct stat st;

	cr_assert_eq(stat(path, &st), 0);
	scratch_write("state/jobs/new", "[job]\n");
	cr_assert_eq(utimensat(AT_FDCWD, scratch_path("state/jobs/new"),
			     (const struct timespec[]){st.st_atim, st.st_mtim}, 0),
		0);
	cr_assert_eq(rename(scratch_path("state/jobs/new"), path), 0);
	cr_expect(ctm_verify_sidecar_has_changed(&request));
	ctm_look_request_done(&request);
}

Test(verify_sidecar, none)
{
	struct ctm_look_request request = loaded("");

	cr_expect_null(request.sidecar.path);
	cr_expect_not(ctm_verify_sidecar_has_changed(&request));
	request = loaded(scratch_path("state/jobs/unknown.ctm.ini"));
	cr_expect_null(request.sidecar.path);
}
