/* SPDX-License-Identifier: MIT */
#include "sent.h"

#include <stdio.h>
#include <stdlib.h>

#include <criterion/criterion.h>

#include "sides.h"
#include "world.h"

/* The fake writes from its first attempt on: whoever makes a message names its log. */
static const char *log_name(void)
{
	const char *name = scratch_path("sent");

	cr_assert_eq(setenv("CTM_FAKE_LOG", name, 1), 0);
	return name;
}

uint32_t sent_make(unsigned id, const char *endpoint)
{
	log_name();
	return sides_succeeded(id, endpoint);
}

void sent_verdict(enum ctm_transport_verdict verdict)
{
	char text[16];

	log_name();
	snprintf(text, sizeof text, "%d", (int)verdict);
	cr_assert_eq(setenv("CTM_FAKE_VERDICT", text, 1), 0);
}

static unsigned read_lines(char *line, size_t size, unsigned wanted)
{
	FILE *log = fopen(log_name(), "r");
	char text[1024];
	unsigned n = 0;

	while (log && fgets(text, sizeof text, log))
		if (n++ == wanted)
			snprintf(line, size, "%s", text);
	if (log)
		fclose(log);
	return n;
}

unsigned sent_count(void)
{
	char line[8];

	return read_lines(line, sizeof line, UINT32_MAX);
}

const char *sent_line(unsigned i)
{
	static char line[1024];

	cr_assert_gt(read_lines(line, sizeof line, i), i);
	return line;
}
