/* SPDX-License-Identifier: MIT */
#include "inbox_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "files.h"
#include "post.h"

TestSuite(inbox, .init = post_init, .fini = post_done);

Test(inbox, waits)
{
	struct stat st;

	cr_expect_not(ctm_inbox_waits(post_fd));
	post_append(1);
	cr_expect(ctm_inbox_waits(post_fd));
	cr_expect(ctm_inbox_waits(-1), "what cannot be told may be");
	cr_assert_eq(fstatat(post_fd, CTM_INBOX_DIR "/" CTM_INBOX_CURRENT, &st, 0), 0);
	cr_expect_eq(st.st_mode & 07777, 0600);
}

/* An appender whose file is locked by who removes it takes the next one, without waiting. */
Test(inbox, appender_meets_a_remover)
{
	CTM_CLEANUP_FD int remover = -1;
	const struct ctm_event event = post_event(9);

	post_append(1);
	remover = open(scratch_path(CTM_INBOX_DIR "/current"), O_RDONLY | O_CLOEXEC);
	cr_assert_eq(flock(remover, LOCK_EX | LOCK_NB), 0);
	cr_expect_eq(ctm_inbox_append(post_fd, &event, NULL), -EAGAIN, "it gives up");
	cr_assert_eq(
		renameat(post_fd, CTM_INBOX_DIR "/current", post_fd, CTM_INBOX_DIR "/old-x"), 0);
	post_append(2);
	cr_expect(ctm_inbox_waits(post_fd));
}

Test(inbox, no_directory)
{
	const struct ctm_event event = post_event(1);
	struct ctm_inbox inbox = {0};
	struct ctm_error e = CTM_ERROR_INIT;

	cr_assert_eq(unlinkat(post_fd, CTM_INBOX_DIR, AT_REMOVEDIR), 0);
	cr_expect_eq(ctm_inbox_append(post_fd, &event, NULL), -ENOENT);
	cr_expect_not(ctm_inbox_waits(post_fd));
	/* No hook ran yet. */
	cr_expect_eq(ctm_inbox_read(post_fd, &inbox, &e), 0);
	cr_expect_eq(inbox.n_events, 0);
	ctm_inbox_done(&inbox);
}

/* Nothing is appended through a link, or to a directory. */
Test(inbox, no_regular_file)
{
	const struct ctm_event event = post_event(1);
	const char *current = scratch_path(CTM_INBOX_DIR "/" CTM_INBOX_CURRENT);

	cr_assert_eq(symlink(scratch_write("elsewhere", ""), current), 0);
	cr_expect_eq(ctm_inbox_append(post_fd, &event, NULL), -ELOOP);
	cr_assert_eq(unlink(current), 0);
	scratch_make_dir(CTM_INBOX_DIR "/" CTM_INBOX_CURRENT);
	cr_expect_eq(ctm_inbox_append(post_fd, &event, NULL), -EISDIR);
}

/* The disk is full in the middle of a record: the append fails, and harms no other. */
Test(inbox, full_disk)
{
	struct ctm_inbox inbox;
	uint64_t gid = 0;
	int r = 0;

	post_mount("size=16k,mode=700");
	while (r == 0 && gid < 1000) {
		const struct ctm_event event = post_event(++gid);

		r = ctm_inbox_append(post_fd, &event, NULL);
	}
	cr_expect_eq(r, -ENOSPC);
	inbox = post_read();
	cr_expect_eq(inbox.n_events, gid - 1);
	cr_expect_eq(inbox.damaged, 1);
	ctm_inbox_done(&inbox);
	post_unmount();
}
