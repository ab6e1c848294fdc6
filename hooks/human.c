/* SPDX-License-Identifier: MIT */
#include "human.h"

#include <inttypes.h>
#include <stdio.h>

const char *ctm_human_bytes(uint64_t bytes, char buf[CTM_HUMAN])
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	uint64_t whole = bytes;
	uint64_t tenths = 0;
	size_t i = 0;

	if (bytes < 1024) {
		snprintf(buf, CTM_HUMAN, "%" PRIu64 " B", bytes);
		return buf;
	}
	while (whole >> 10 >= 1024) {
		whole >>= 10;
		i++;
	}
	/* Rounded down: what is not there whole never looks so. */
	tenths = (whole & 1023) * 10 >> 10;
	snprintf(buf, CTM_HUMAN, "%" PRIu64 ".%" PRIu64 " %s", whole >> 10, tenths, units[i]);
	return buf;
}

const char *ctm_human_seconds(uint64_t seconds, char buf[CTM_HUMAN])
{
	static const struct {
		uint64_t from;       /* seconds */
		uint64_t unit, part; /* seconds of the two units; part 0: only one */
		const char *unit_name, *part_name;
	} steps[] = {
		{2 * 86400, 86400, 3600, "d", "h"},
		{3600, 3600, 60, "h", "min"},
		{60, 60, 0, "min", ""},
		{0, 1, 0, "s", ""},
	};
	size_t i = 0;
	uint64_t rest;

	while (seconds < steps[i].from)
		i++;
	rest = steps[i].part ? seconds % steps[i].unit / steps[i].part : 0;
	if (rest)
		snprintf(buf, CTM_HUMAN, "%" PRIu64 " %s %" PRIu64 " %s", seconds / steps[i].unit,
			steps[i].unit_name, rest, steps[i].part_name);
	else
		snprintf(buf, CTM_HUMAN, "%" PRIu64 " %s", seconds / steps[i].unit,
			steps[i].unit_name);
	return buf;
}
