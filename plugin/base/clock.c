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

/* It stays the same while we live, and can't be read where descriptors have become short. */
static uint64_t boot_identity(void)
{
	static _Thread_local uint64_t known;

	if (!known)
		known = read_boot_identity();
	return known;
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

uint64_t ctm_clock_elapsed_ms(const struct ctm_stamp *from, const struct ctm_stamp *to)
{
	if (from->boot && from->boot == to->boot)
		return to->boot_ms > from->boot_ms ? to->boot_ms - from->boot_ms : 0;
	return to->wall_ms > from->wall_ms ? (uint64_t)(to->wall_ms - from->wall_ms) : 0;
}

const char *ctm_clock_print_utc(int64_t seconds, char buf[32])
{
	time_t t = (time_t)seconds;
	struct tm tm;

	if (!gmtime_r(&t, &tm) || strftime(buf, 32, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		snprintf(buf, 32, "1970-01-01T00:00:00Z");
	return buf;
}
