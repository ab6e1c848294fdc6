/* SPDX-License-Identifier: MIT */
#include "post.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include <criterion/criterion.h>

int post_fd;

static void open_state(void)
{
	post_fd = open(scratch_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cr_assert_geq(post_fd, 0);
}

void post_init(void)
{
	scratch_init();
	scratch_make_dir(CTM_INBOX_DIR);
	open_state();
}

void post_done(void)
{
	close(post_fd);
	scratch_done();
}

struct ctm_event post_event(uint64_t gid)
{
	static char path[] = "/srv/content/file";

	return (struct ctm_event){
		.type = CTM_EVENT_COMPLETE, .gid = gid, .n_files = 1, .path = path};
}

void post_append(uint64_t gid)
{
	const struct ctm_event event = post_event(gid);
	struct ctm_error e = CTM_ERROR_INIT;

	cr_assert_eq(ctm_inbox_append(post_fd, &event, NULL), 0, "%s", e.text);
}

struct ctm_inbox post_read(void)
{
	struct ctm_inbox inbox = {0};
	struct ctm_error e = CTM_ERROR_INIT;

	cr_assert_eq(ctm_inbox_read(post_fd, &inbox, &e), 0, "%s", e.text);
	return inbox;
}

bool post_has(const struct ctm_inbox *inbox, uint64_t gid)
{
	for (size_t i = 0; i < inbox->n_events; i++)
		if (inbox->events[i].gid == gid)
			return true;
	return false;
}

unsigned post_old_files(void)
{
	DIR *dir = opendir(scratch_path(CTM_INBOX_DIR));
	struct dirent *entry;
	unsigned n = 0;

	cr_assert_not_null(dir);
	while ((entry = readdir(dir)))
		n += strncmp(entry->d_name, "old-", 4) == 0;
	closedir(dir);
	return n;
}

void post_mount(const char *options)
{
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
		mount("small", scratch_path(CTM_INBOX_DIR), "tmpfs", 0, options) < 0)
		cr_skip_test("no mounts here");
	/* The old descriptor does not see the new mount. */
	close(post_fd);
	open_state();
}

void post_unmount(void)
{
	cr_expect_eq(umount2(scratch_path(CTM_INBOX_DIR), MNT_DETACH), 0);
}
