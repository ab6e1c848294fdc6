/* SPDX-License-Identifier: MIT */
#include "trigger_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "files.h"
#include "hash.h"
#include "scratch.h"

static int dir_fd = -1;
static int fd = -1;
static struct ctm_trigger_header header;

static void init(void)
{
	scratch_init();
	dir_fd = open(scratch_dir(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cr_assert_geq(dir_fd, 0);
	fd = ctm_trigger_make(dir_fd, &(struct ctm_trigger_header){.boot = 7, .base = 9});
	cr_assert_geq(fd, 0);
	ctm_close_fd(&fd);
	fd = ctm_trigger_open(dir_fd, O_RDWR, &header);
	cr_assert_geq(fd, 0);
}

static void done(void)
{
	ctm_close_fd(&fd);
	ctm_close_fd(&dir_fd);
	scratch_done();
}

TestSuite(trigger_file, .init = init, .fini = done);

static uint64_t hash_of(unsigned n)
{
	char path[32];

	snprintf(path, sizeof path, "/content/%u", n);
	return ctm_hash(path, strlen(path));
}

/* By the start of the file, as far as that goes, or by the file alone: they say the same. */
static struct ctm_trigger get_whole(unsigned n)
{
	struct ctm_trigger_start start;
	struct ctm_trigger_header same;
	struct ctm_trigger trigger = {1, 1};
	struct ctm_trigger again = {2, 2};
	int reader = ctm_trigger_open_to_read(dir_fd, &same, &start);

	cr_assert_geq(reader, 0);
	cr_assert_geq(start.len, CTM_TRIGGER_START_LEAST);
	cr_assert_eq(ctm_trigger_get(reader, &start, &header, hash_of(n), &trigger), 0);
	start.len = CTM_TRIGGER_START_LEAST;
	cr_assert_eq(ctm_trigger_get(reader, &start, &header, hash_of(n), &again), 0);
	cr_assert(trigger.at == again.at && trigger.missing == again.missing);
	close(reader);
	return trigger;
}

static uint64_t get(unsigned n)
{
	return get_whole(n).at;
}

static void lower(uint32_t job, unsigned n)
{
	cr_assert_eq(ctm_trigger_lower(dir_fd, &fd, &header, job, hash_of(n), 10 + n % 100), 0);
}

static void set(uint32_t job, unsigned n, uint64_t at)
{
	const struct ctm_trigger trigger = {at, at / 100};

	cr_assert_eq(ctm_trigger_set(fd, &header, job, hash_of(n), &trigger), 0);
}

Test(trigger_file, header)
{
	const struct ctm_trigger_header wanted = {
		.capacity = header.capacity,
		.boot = 1,
		.bound = true,
		.inbox = {2, 3},
		.base = 4,
		.sidecars_mtime = 5,
		.deadline_ms = 6,
		.eager = true,
	};
	struct ctm_trigger_header got;
	CTM_CLEANUP_FD int again = -1;

	cr_expect_eq(header.boot, 7);
	cr_expect_eq(header.base, 9);
	cr_assert_eq(ctm_trigger_write_header(fd, &wanted), 0);
	again = ctm_trigger_open(dir_fd, O_RDONLY, &got);
	cr_assert_geq(again, 0);
	cr_expect_eq(got.boot, 1);
	cr_expect(got.bound);
	cr_expect_eq(got.inbox.inode, 2);
	cr_expect_eq(got.inbox.born_ns, 3);
	cr_expect_eq(got.base, 4);
	cr_expect_eq(got.sidecars_mtime, 5);
	cr_expect_eq(got.deadline_ms, 6);
	cr_expect(got.eager);
}

/* Each byte of the header is under its checksum, and half a file is none. */
Test(trigger_file, damaged)
{
	struct ctm_trigger_header got;

	for (off_t at = 0; at < 88; at++) {
		unsigned char byte;

		cr_assert_eq(pread(fd, &byte, 1, at), 1);
		byte ^= 0x10;
		cr_assert_eq(pwrite(fd, &byte, 1, at), 1);
		cr_expect_eq(ctm_trigger_open(dir_fd, O_RDONLY, &got), -EBADMSG, "%d", (int)at);
		byte ^= 0x10;
		cr_assert_eq(pwrite(fd, &byte, 1, at), 1);
	}
	cr_assert_eq(ftruncate(fd, 1000), 0);
	cr_expect_eq(ctm_trigger_open(dir_fd, O_RDONLY, &got), -EBADMSG);
	cr_assert_eq(unlinkat(dir_fd, CTM_TRIGGER_FILE, 0), 0);
	cr_expect_eq(ctm_trigger_open(dir_fd, O_RDONLY, &got), -ENOENT);
}

Test(trigger_file, entries)
{
	cr_expect_eq(get(1), CTM_TRIGGER_NEVER, "nobody's");
	lower(5, 1);
	cr_expect_eq(get(1), CTM_TRIGGER_ALWAYS);
	set(5, 1, 1000);
	cr_expect_eq(get(1), 1000);
	cr_expect_eq(get_whole(1).missing, 10);
	cr_expect_eq(get(2), CTM_TRIGGER_NEVER);
	set(6, 1, 2000);
	cr_expect_eq(get(1), 1000, "another job's");
	set(5, 2, 2000);
	cr_expect_eq(get(2), CTM_TRIGGER_NEVER, "it is not there");
	lower(5, 1);
	cr_expect_eq(get(1), CTM_TRIGGER_ALWAYS);
}

/* Two jobs in one place: each event is drained. Where one has ended the next one has it alone. */
Test(trigger_file, shared)
{
	lower(5, 1);
	set(5, 1, 1000);
	lower(6, 1);
	set(5, 1, 1000);
	set(6, 1, 1000);
	cr_expect_eq(get(1), CTM_TRIGGER_ALWAYS);
	lower(7, 2);
	set(7, 2, CTM_TRIGGER_NEVER);
	lower(8, 2);
	set(8, 2, 1000);
	set(7, 2, CTM_TRIGGER_NEVER);
	cr_expect_eq(get(2), 1000);
}

Test(trigger_file, lengths)
{
	struct ctm_trigger_start start;
	struct ctm_trigger_header got;
	CTM_CLEANUP_FD int again = -1;

	lower(5, 1);
	again = ctm_trigger_open_to_read(dir_fd, &got, &start);
	cr_expect(ctm_trigger_has_length(&start, 11));
	cr_expect_not(ctm_trigger_has_length(&start, 10));
	cr_expect_not(ctm_trigger_has_length(&start, 1 << 20));
	cr_expect_geq(ctm_trigger_longest(&start), 11);
	cr_expect_lt(ctm_trigger_longest(&start), 11 + 8);
	cr_expect_lt(ctm_trigger_lower(dir_fd, &fd, &header, 5, 1, 1 << 20), 0);
}

/* It grows, and keeps what is of use. */
Test(trigger_file, many)
{
	const uint64_t capacity = header.capacity;
	struct ctm_trigger_header got;
	struct ctm_trigger_start start;
	CTM_CLEANUP_FD int again = -1;

	for (unsigned n = 0; n < 3000; n++) {
		lower(n + 1, n);
		set(n + 1, n, n % 3 ? 1000 + n : CTM_TRIGGER_NEVER);
	}
	cr_expect_gt(header.capacity, capacity);
	for (unsigned n = 0; n < 3000; n++)
		cr_expect_eq(get(n), n % 3 ? 1000 + n : CTM_TRIGGER_NEVER, "%u", n);
	again = ctm_trigger_open_to_read(dir_fd, &got, &start);
	cr_expect_eq(got.capacity, header.capacity, "others find the new one");
	cr_expect_eq(got.base, 9);
	for (size_t len = 10; len < 110; len++)
		cr_expect(ctm_trigger_has_length(&start, len), "%zu", len);
	cr_expect_eq(faccessat(dir_fd, CTM_TRIGGER_FILE ".new", F_OK, 0), -1);
}
