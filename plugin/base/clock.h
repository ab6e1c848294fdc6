/* SPDX-License-Identifier: MIT */
/*
 * clock.h - what time it is, and how long ago something was, though clocks jump
 *
 * A stamp holds both clocks. Between two stamps of one boot CLOCK_BOOTTIME tells; across boots the
 * difference of the wall clock, where it is positive. So a jump of the wall clock within a boot
 * changes no age, and one across boots can make something older, never younger than 0.
 */
#ifndef CTM_CLOCK_H
#define CTM_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct ctm_stamp {
	uint64_t boot;    /* which boot: a hash of the kernel's boot_id; 0: unknown */
	uint64_t boot_ms; /* CLOCK_BOOTTIME */
	int64_t wall_ms;  /* CLOCK_REALTIME, since 1970 */
};

struct ctm_stamp ctm_clock_now(void);

bool ctm_stamp_is_same(const struct ctm_stamp *a, const struct ctm_stamp *b);

/* Milliseconds from `from` to `to`, 0 where that is negative. */
uint64_t ctm_clock_elapsed_ms(const struct ctm_stamp *from, const struct ctm_stamp *to);

/*
 * How long has been waited from `from` to `to`: the same, but where both boots are known and
 * another has begun it is at least as long as that one is up. So a wait ends also where the wall
 * clock is behind for a whole boot, as without RTC and network. For what does no harm a little
 * early: on a state that came from another machine the uptime of this one says nothing, and no age
 * is made of it.
 */
uint64_t ctm_clock_waited_ms(const struct ctm_stamp *from, const struct ctm_stamp *to);

/* CLOCK_REALTIME in ms since 1970. */
int64_t ctm_clock_wall_ms(void);

/* CLOCK_BOOTTIME in ms: for waits within a process. */
uint64_t ctm_clock_boot_ms(void);

/* "2026-01-02T03:04:05Z" of seconds since 1970; buf holds 32 bytes. Returns buf. */
const char *ctm_clock_print_utc(int64_t seconds, char buf[32]);

#endif
