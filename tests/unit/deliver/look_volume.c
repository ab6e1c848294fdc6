/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "asked.h"
#include "hresult.h"
#include "sight.h"

TestSuite(look_volume, .init = asked_init, .fini = asked_done, .timeout = 60);

/* A file that its hook saw, on a device that local_path is not on. Good until the next one. */
static struct ctm_file *seen(const char *name, uint64_t boot)
{
	struct ctm_file *file = asked_there(name, "12345");

	file->sight = ctm_sight_see(file->path);
	file->device = 12345;
	file->boot = boot;
	return file;
}

static void remove_file(const char *name)
{
	char below[64];

	snprintf(below, sizeof below, "dl/%s", name);
	cr_assert_eq(unlink(scratch_path(below)), 0);
}

Test(look_volume, of_another_boot)
{
	seen("a", asked.request.boot + 1);
	seen("b", asked.request.boot + 1);
	cr_expect_eq(asked_look(), CTM_LOOK_RIGHT, "%s", asked.result.text);
	remove_file("a");
	cr_expect_eq(asked_look(), CTM_LOOK_WRONG, "what arrived with it is there");
	cr_expect_eq(asked_finding(1), CTM_E_FILE_NOT_FOUND);
	remove_file("b");
	cr_expect_eq(asked_look(), CTM_LOOK_CANNOT_TELL);
	cr_expect_eq(asked.result.hresult, CTM_E_PATH_NOT_FOUND);
	cr_expect_eq(asked.result.n_findings, 0);
}

/* In this boot another device number is another device, but one below local_path may be meant. */
Test(look_volume, of_this_boot)
{
	seen("sub/a", asked.request.boot);
	seen("sub/b", asked.request.boot);
	remove_file("sub/b");
	cr_expect_eq(asked_look(), CTM_LOOK_WRONG);
	cr_expect_eq(asked_finding(2), CTM_E_FILE_NOT_FOUND);
	remove_file("sub/a");
	cr_expect_eq(asked_look(), CTM_LOOK_CANNOT_TELL);
}

/* A file of the same name on the disk below the mount point is no witness. */
Test(look_volume, another_inode)
{
	seen("a", asked.request.boot + 1);
	seen("b", asked.request.boot + 1)->sight.inode++;
	remove_file("a");
	cr_expect_eq(asked_look(), CTM_LOOK_WRONG, "b has changed");
	cr_expect_eq(asked_finding(1), 0, "%s", asked.result.text);
}

/* The last hook came when the volume was away: it saw no file, on the device of local_path. */
Test(look_volume, not_seen)
{
	struct ctm_file *late;
	struct stat st;

	cr_assert_eq(stat(asked.request.local_path, &st), 0);
	seen("a", asked.request.boot);
	late = asked_file("b");
	late->device = (uint64_t)st.st_dev;
	late->boot = asked.request.boot;
	cr_expect_eq(
		asked_look(), CTM_LOOK_WRONG, "the first one is there, so it should be as well");
	cr_expect_eq(asked_finding(2), CTM_E_FILE_NOT_FOUND);
	remove_file("a");
	cr_expect_eq(asked_look(), CTM_LOOK_CANNOT_TELL);
	cr_expect_eq(asked.result.n_findings, 0);
}

/* It comes first in the list: the file that shows the absence stands behind it. */
Test(look_volume, not_seen_and_first)
{
	struct ctm_file *late = asked_file("a");
	struct stat st;

	cr_assert_eq(stat(asked.request.local_path, &st), 0);
	late->device = (uint64_t)st.st_dev;
	late->boot = asked.request.boot;
	seen("b", asked.request.boot);
	remove_file("b");
	cr_expect_eq(asked_look(), CTM_LOOK_CANNOT_TELL);
	cr_expect_eq(asked.result.n_findings, 0);
}
