/* SPDX-License-Identifier: MIT */
#include "clock.h"

#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "files.h"
#include "hash.h"

static uint64_t read_ms(clockid_t id)
{
	struct timespec t = {0};

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static uint64_t read_boot_identity(void)
{
	char id[64];
	ssize_t n;
	CTM_CLEANUP_FD int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	n = read(fd, id, sizeof id);
	return n > 0 ? ctm_hash(id, (size_t)n) : 0;
}

/*
 * It stays the same while we live, and can't be read where descriptors have become short. In
 * halves, which every machine reads and writes whole: all threads that write them write the same.
 */
static uint64_t boot_identity(void)
{
	static uint32_t known[2];
	const uint32_t high = __atomic_load_n(&known[0], __ATOMIC_RELAXED);
	const uint32_t low = __atomic_load_n(&known[1], __ATOMIC_RELAXED);
	uint64_t boot;

	if (high && low)
		return (uint64_t)high << 32 | low;
	boot = read_boot_identity();
	if (boot) {
		__atomic_store_n(&known[0], (uint32_t)(boot >> 32), __ATOMIC_RELAXED);
		__atomic_store_n(&known[1], (uint32_t)boot, __ATOMIC_RELAXED);
	}
	return boot;
}

uint64_t ctm_clock_boot_ms(void)
{
	return read_ms(CLOCK_BOOTTIME);
}

int64_t ctm_clock_wall_ms(void)
{
	return (int64_t)read_ms(CLOCK_REALTIME);
}

struct ctm_stamp ctm_clock_now(void)
{
	return (struct ctm_stamp){
		.boot = boot_identity(),
		.boot_ms = ctm_clock_boot_ms(),
		.wall_ms = ctm_clock_wall_ms(),
	};
}

bool ctm_stamp_is_same(const struct ctm_stamp *a, const struct ctm_stamp *b)
{
	return a->boot == b->boot && a->boot_ms == b->boot_ms && a->wall_ms == b->wall_ms;
}

uint64_t ctm_clock_elapsed_ms(const struct ctm_stamp *from, const struct ctm_stamp *to)
{
	if (from->boot && from->boot == to->boot)
		return to->boot_ms > from->boot_ms ? to->boot_ms - from->boot_ms : 0;
	return to->wall_ms > from->wall_ms ? (uint64_t)(to->wall_ms - from->wall_ms) : 0;
}

uint64_t ctm_clock_waited_ms(const struct ctm_stamp *from, const struct ctm_stamp *to)
{
	const uint64_t elapsed_ms = ctm_clock_elapsed_ms(from, to);

	if (!from->boot || !to->boot || from->boot == to->boot)
		return elapsed_ms;
	return elapsed_ms > to->boot_ms ? elapsed_ms : to->boot_ms;
}

const char *ctm_clock_print_utc(int64_t seconds, char buf[32])
{
	time_t t = (time_t)seconds;
	struct tm tm;

	if (!gmtime_r(&t, &tm) || strftime(buf, 32, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		snprintf(buf, 32, "1970-01-01T00:00:00Z");
	return buf;
}
