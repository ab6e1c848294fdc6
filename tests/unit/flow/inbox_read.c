/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "files.h"
#include "inbox_record.h"
#include "post.h"

TestSuite(inbox_read, .init = post_init, .fini = post_done, .timeout = 60);

Test(inbox_read, empty)
{
	struct ctm_inbox inbox = post_read();

	cr_expect_not(ctm_inbox_waits(post_fd));
	cr_expect_eq(inbox.n_events, 0);
	cr_expect_eq(inbox.n_files, 0);
	cr_expect_not(ctm_inbox_grew(&inbox));
	cr_expect_not(ctm_inbox_has_more(post_fd, &inbox));
	ctm_inbox_remove(post_fd, &inbox);
	ctm_inbox_done(&inbox);
}

Test(inbox_read, append_and_read)
{
	struct ctm_inbox inbox;
	struct stat st;

	for (uint64_t gid = 1; gid <= 100; gid++)
		post_append(gid);
	cr_expect(ctm_inbox_waits(post_fd));
	inbox = post_read();
	cr_assert_eq(inbox.n_events, 100);
	for (uint64_t gid = 1; gid <= 100; gid++)
		cr_expect_eq(inbox.events[gid - 1].gid, gid);
	cr_expect_eq(inbox.damaged, 0);
	cr_expect_not(ctm_inbox_waits(post_fd), "rotated away");
	cr_expect_eq(fstatat(post_fd, CTM_INBOX_DIR "/current", &st, 0), 0, "a fresh one is there");
	cr_expect_eq(st.st_mode & 07777, 0600);
	cr_expect_eq(post_old_files(), 1);
	ctm_inbox_remove(post_fd, &inbox);
	cr_expect_eq(post_old_files(), 0);
	cr_expect_not(ctm_inbox_grew(&inbox));
	ctm_inbox_done(&inbox);
}

/* Whoever comes before the first hook leaves room for it: the disk may be full by then. */
Test(inbox_read, before_the_first_event)
{
	struct ctm_inbox inbox = post_read();
	struct stat st;

	ctm_inbox_done(&inbox);
	cr_assert_eq(fstatat(post_fd, CTM_INBOX_DIR "/current", &st, 0), 0);
	cr_expect_eq(st.st_size, 0);
	cr_expect_eq(st.st_mode & 07777, 0600);
	cr_expect_eq(st.st_nlink, 1);
	cr_expect_geq(st.st_blocks * 512, 65536);
	cr_expect_eq(faccessat(post_fd, CTM_INBOX_DIR "/next", F_OK, 0), -1);
	post_append(1);
	inbox = post_read();
	cr_expect_eq(inbox.n_events, 1);
	cr_expect(inbox.files[0].in_place);
	ctm_inbox_done(&inbox);
}

/* Until it is removed it is read again: a drain that dies in between loses nothing. */
Test(inbox_read, read_again_until_removed)
{
	struct ctm_inbox inbox;

	post_append(1);
	inbox = post_read();
	ctm_inbox_done(&inbox);
	post_append(2);
	inbox = post_read();
	cr_expect_eq(inbox.n_events, 2);
	cr_expect(post_has(&inbox, 1) && post_has(&inbox, 2));
	ctm_inbox_remove(post_fd, &inbox);
	ctm_inbox_done(&inbox);
	cr_expect_eq(post_old_files(), 0);
	inbox = post_read();
	cr_expect_not(post_has(&inbox, 1));
	ctm_inbox_done(&inbox);
}

/* What a fresh inbox has in reserve is not read as events, and is not what makes it wait. */
Test(inbox_read, reserve)
{
	struct ctm_inbox inbox;
	struct stat st;

	post_append(1);
	inbox = post_read();
	cr_assert_eq(fstatat(post_fd, CTM_INBOX_DIR "/current", &st, 0), 0);
	cr_expect_eq(st.st_size, 0);
	cr_expect_not(ctm_inbox_waits(post_fd));
	/* Not every file system can: then there is none. */
	cr_expect(
		st.st_blocks == 0 || st.st_blocks * 512 >= 65536, "%ld blocks", (long)st.st_blocks);
	ctm_inbox_done(&inbox);
}

/* Stopped between its check and its write: its file stays, and is read again with what it wrote. */
Test(inbox_read, stopped_appender)
{
	const char *current = scratch_path(CTM_INBOX_DIR "/current");
	CTM_CLEANUP_BUF struct ctm_buf record = CTM_BUF_INIT(CTM_INBOX_PAYLOAD_LIMIT);
	const struct ctm_event event = post_event(2);
	struct ctm_inbox inbox;
	int holder;

	post_append(1);
	holder = open(current, O_WRONLY | O_APPEND | O_CLOEXEC);
	cr_assert_geq(holder, 0);
	cr_assert_eq(flock(holder, LOCK_SH | LOCK_NB), 0);

	inbox = post_read();
	cr_expect_eq(inbox.n_events, 1);
	ctm_inbox_remove(post_fd, &inbox);
	cr_expect_eq(post_old_files(), 1, "somebody holds it");
	cr_expect_not(ctm_inbox_grew(&inbox));
	post_append(3); /* nobody waits for the holder */
	ctm_inbox_frame(&record, &event);
	cr_assert_eq(ctm_files_write(holder, record.data, record.len), 0);
	cr_expect(ctm_inbox_grew(&inbox));
	cr_expect(ctm_inbox_has_more(post_fd, &inbox));
	ctm_inbox_done(&inbox);

	inbox = post_read();
	cr_expect_eq(inbox.n_events, 3);
	cr_expect(post_has(&inbox, 1) && post_has(&inbox, 2) && post_has(&inbox, 3));
	ctm_inbox_remove(post_fd, &inbox);
	cr_expect_eq(post_old_files(), 1, "still held");
	ctm_inbox_done(&inbox);

	close(holder);
	inbox = post_read();
	cr_expect(post_has(&inbox, 1) && post_has(&inbox, 2));
	ctm_inbox_remove(post_fd, &inbox);
	cr_expect_eq(post_old_files(), 0);
	ctm_inbox_done(&inbox);
}

/* Written and let go between reading and removing: not removed, and noticed. */
Test(inbox_read, grown_since_it_was_read)
{
	CTM_CLEANUP_BUF struct ctm_buf record = CTM_BUF_INIT(CTM_INBOX_PAYLOAD_LIMIT);
	const struct ctm_event event = post_event(2);
	struct ctm_inbox inbox;
	int late;

	post_append(1);
	late = open(scratch_path(CTM_INBOX_DIR "/current"), O_WRONLY | O_APPEND | O_CLOEXEC);
	cr_assert_geq(late, 0);
	inbox = post_read();
	ctm_inbox_frame(&record, &event);
	cr_assert_eq(ctm_files_write(late, record.data, record.len), 0);
	ctm_inbox_remove(post_fd, &inbox);
	cr_expect_eq(flock(late, LOCK_SH | LOCK_NB), 0, "nobody waits until it is let go");
	close(late);
	cr_expect_eq(post_old_files(), 1);
	cr_expect(ctm_inbox_grew(&inbox));
	cr_expect(ctm_inbox_has_more(post_fd, &inbox));
	ctm_inbox_done(&inbox);
	inbox = post_read();
	cr_expect(post_has(&inbox, 2));
	ctm_inbox_remove(post_fd, &inbox);
	cr_expect_eq(post_old_files(), 0);
	ctm_inbox_done(&inbox);
}

/* A drainer that died between its renames left a next, with or without events. */
Test(inbox_read, left_over_next)
{
	struct ctm_inbox inbox;

	post_append(1);
	cr_assert_eq(
		renameat(post_fd, CTM_INBOX_DIR "/current", post_fd, CTM_INBOX_DIR "/next"), 0);
	inbox = post_read();
	cr_expect_eq(inbox.n_events, 1, "with nothing in current");
	ctm_inbox_remove(post_fd, &inbox);
	ctm_inbox_done(&inbox);

	post_append(2);
	cr_assert_eq(
		renameat(post_fd, CTM_INBOX_DIR "/current", post_fd, CTM_INBOX_DIR "/next"), 0);
	post_append(3);
	inbox = post_read();
	cr_expect_eq(inbox.n_events, 2);
	cr_expect(post_has(&inbox, 2) && post_has(&inbox, 3));
	ctm_inbox_remove(post_fd, &inbox);
	ctm_inbox_done(&inbox);

	scratch_write(CTM_INBOX_DIR "/next", "");
	post_append(4);
	inbox = post_read();
	cr_expect_eq(inbox.n_events, 1);
	ctm_inbox_remove(post_fd, &inbox);
	ctm_inbox_done(&inbox);
	cr_expect_eq(post_old_files(), 0);
	cr_expect_eq(faccessat(post_fd, CTM_INBOX_DIR "/next", F_OK, 0), -1);
}

/*
 * There is no room for a reserve, or for a second file: the current one is read in place, and stays
 * with what it has of a reserve.
 */
static void on_small_disk(const char *options)
{
	struct ctm_inbox inbox;

	post_mount(options);
	for (uint64_t gid = 1; gid <= 3; gid++) {
		post_append(gid);
		inbox = post_read();
		cr_expect_eq(inbox.n_events, gid, "%s", options);
		cr_expect(post_has(&inbox, gid));
		cr_assert_eq(inbox.n_files, 1);
		cr_expect(inbox.files[0].in_place);
		ctm_inbox_remove(post_fd, &inbox);
		cr_expect(ctm_inbox_waits(post_fd));
		cr_expect_not(ctm_inbox_has_more(post_fd, &inbox), "all of it was read");
		ctm_inbox_done(&inbox);
	}
	inbox = post_read();
	post_append(4);
	cr_expect(ctm_inbox_has_more(post_fd, &inbox));
	ctm_inbox_done(&inbox);
	cr_expect_eq(post_old_files(), 0);
	post_unmount();
}

Test(inbox_read, no_room_for_a_reserve)
{
	on_small_disk("size=32k,mode=700");
}

Test(inbox_read, no_room_for_a_second_file)
{
	on_small_disk("size=1m,nr_inodes=2,mode=700");
}

/*
 * With its reserve the current file is read in place, so that a drain costs no new file; a name
 * that it gets later does not make it another file. When it has grown large it makes room.
 */
Test(inbox_read, in_place)
{
	struct ctm_inbox_identity identity;
	struct ctm_inbox inbox;
	uint64_t gid = 2;

	post_append(1);
	inbox = post_read();
	ctm_inbox_remove(post_fd, &inbox);
	ctm_inbox_done(&inbox);
	post_append(2);
	inbox = post_read();
	cr_assert_eq(inbox.n_files, 1);
	if (!inbox.files[0].in_place) {
		ctm_inbox_done(&inbox);
		cr_skip_test("this file system reserves nothing, or has no time of birth");
	}
	identity = inbox.files[0].identity;
	ctm_inbox_remove(post_fd, &inbox);
	cr_expect(ctm_inbox_waits(post_fd), "it stays");
	cr_expect_not(ctm_inbox_has_more(post_fd, &inbox));
	post_append(++gid);
	cr_expect(ctm_inbox_has_more(post_fd, &inbox));
	ctm_inbox_done(&inbox);
	for (bool rotated = false; !rotated; ctm_inbox_done(&inbox)) {
		for (int i = 0; i < 50; i++)
			post_append(++gid);
		inbox = post_read();
		cr_assert_eq(inbox.n_files, 1);
		cr_assert_eq(inbox.n_events, gid - 1, "all of it is read again");
		cr_expect(inbox.files[0].identity.inode == identity.inode &&
			  inbox.files[0].identity.born_ns == identity.born_ns);
		rotated = !inbox.files[0].in_place;
		cr_assert(rotated || inbox.files[0].size < 65536, "it never makes room");
		ctm_inbox_remove(post_fd, &inbox);
	}
	cr_expect_eq(post_old_files(), 0);
	cr_expect_not(ctm_inbox_waits(post_fd));
}

/* So many old files mean that they can't be removed: no more are made, and all are read. */
Test(inbox_read, many_old_files)
{
	struct ctm_inbox inbox;

	for (uint64_t gid = 1; gid <= 40; gid++) {
		char name[64];

		post_append(gid);
		snprintf(name, sizeof name, CTM_INBOX_DIR "/old-%u", (unsigned)gid);
		cr_assert_eq(
			renameat(post_fd, CTM_INBOX_DIR "/" CTM_INBOX_CURRENT, post_fd, name), 0);
	}
	post_append(41);
	inbox = post_read();
	cr_expect_eq(inbox.n_events, 41);
	cr_expect_eq(post_old_files(), 40);
	ctm_inbox_remove(post_fd, &inbox);
	ctm_inbox_done(&inbox);
	cr_expect_eq(post_old_files(), 0);
	inbox = post_read();
	cr_expect_eq(inbox.n_events, 1, "now the last one is rotated");
	ctm_inbox_remove(post_fd, &inbox);
	ctm_inbox_done(&inbox);
	cr_expect_not(ctm_inbox_waits(post_fd));
}

/* What can't be read is counted and kept, and keeps no other from being read. */
Test(inbox_read, strangers)
{
	struct ctm_inbox inbox;

	scratch_write(CTM_INBOX_DIR "/notes", "mine");
	scratch_make_dir(CTM_INBOX_DIR "/old-directory");
	cr_assert_eq(symlink("/etc/passwd", scratch_path(CTM_INBOX_DIR "/old-link")), 0);
	cr_assert_eq(mkfifo(scratch_path(CTM_INBOX_DIR "/old-fifo"), 0600), 0);
	post_append(1);
	inbox = post_read();
	cr_expect_eq(inbox.n_events, 1);
	cr_expect_eq(inbox.n_files, 1);
	cr_expect_eq(inbox.unreadable, 3);
	cr_expect_eq(inbox.damaged, 0);
	ctm_inbox_remove(post_fd, &inbox);
	ctm_inbox_done(&inbox);
	cr_expect_eq(post_old_files(), 3);
	cr_expect_eq(faccessat(post_fd, CTM_INBOX_DIR "/notes", F_OK, 0), 0);
}

/* There is no descriptor left to open the current file with: to look again at once gains nothing.
 */
Test(inbox_read, no_descriptor_for_the_current_file)
{
	struct rlimit few;
	struct rlimit before;
	struct ctm_inbox inbox = {0};
	struct ctm_error e = CTM_ERROR_INIT;
	int next = dup(post_fd);

	close(next);
	post_append(1);
	cr_assert_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	/* Enough for the directory, which is opened before. */
	few = (struct rlimit){.rlim_cur = (rlim_t)next + 1, .rlim_max = before.rlim_max};
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &few), 0);
	cr_expect_eq(ctm_inbox_read(post_fd, &inbox, &e), 0, "%s", e.text);
	cr_expect_eq(inbox.unreadable, 1);
	cr_expect_eq(inbox.n_events, 0);
	cr_expect_not(ctm_inbox_has_more(post_fd, &inbox), "a drain would never end");
	ctm_inbox_done(&inbox);
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
	inbox = post_read();
	cr_expect_eq(inbox.n_events, 1, "it waits for the next drain");
	ctm_inbox_done(&inbox);
}

/* Every event says where it stood, so that one of a file that stays is folded once. */
Test(inbox_read, origins)
{
	struct ctm_inbox inbox;
	size_t end = 0;

	for (uint64_t gid = 1; gid <= 3; gid++)
		post_append(gid);
	inbox = post_read();
	cr_assert_eq(inbox.n_events, 3);
	cr_assert_eq(inbox.n_files, 1);
	for (size_t i = 0; i < 3; i++) {
		cr_expect_eq(inbox.origins[i].file, 0);
		cr_expect_gt(inbox.origins[i].end, end);
		end = inbox.origins[i].end;
	}
	cr_expect_eq(end, inbox.files[0].size);
	ctm_inbox_done(&inbox);
	post_append(4);
	inbox = post_read();
	cr_assert_eq(inbox.n_events, 4);
	cr_assert_eq(inbox.n_files, 2);
	for (size_t i = 0; i < 4; i++)
		cr_expect_eq(inbox.origins[i].file,
			(size_t)((inbox.events[i].gid == 4) ^ (inbox.events[0].gid == 4)));
	ctm_inbox_done(&inbox);
}

/*
 * Many at once, while somebody drains all the time: each arrives. One that is read while it is
 * being written looks torn, and is read again.
 */
Test(inbox_read, storm)
{
	enum {
		WRITERS = 8,
		EACH = 200
	};
	bool seen[WRITERS * EACH] = {false};
	unsigned missing = 0;
	int running = WRITERS;

	for (uint64_t w = 0; w < WRITERS; w++) {
		if (fork() == 0) {
			for (uint64_t i = 0; i < EACH; i++) {
				const struct ctm_event event = post_event(1 + w * EACH + i);

				if (ctm_inbox_append(post_fd, &event, NULL) < 0)
					_exit(1);
			}
			_exit(0);
		}
	}
	for (bool last = false; !last;) {
		struct ctm_inbox inbox;
		int status;

		while (running && waitpid(-1, &status, WNOHANG) > 0) {
			cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
			running--;
		}
		last = !running;
		inbox = post_read();
		for (size_t i = 0; i < inbox.n_events; i++)
			seen[inbox.events[i].gid - 1] = true;
		ctm_inbox_remove(post_fd, &inbox);
		last = last && !ctm_inbox_has_more(post_fd, &inbox);
		ctm_inbox_done(&inbox);
	}
	for (size_t i = 0; i < WRITERS * EACH; i++)
		missing += !seen[i];
	cr_expect_eq(missing, 0, "%u events are lost", missing);
	cr_expect_leq(post_old_files(), 1);
}
