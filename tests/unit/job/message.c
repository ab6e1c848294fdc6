/* SPDX-License-Identifier: MIT */
#include "message.h"

#include <errno.h>
#include <stdlib.h>

#include <criterion/criterion.h>

#include "dice.h"
#include "leaks.h"

TestSuite(message, .fini = ctm_test_check_leaks);

#define HALF (UINT32_MAX / 2 + 1) /* no jitter */

static const uint32_t steps[] = {0, 5, 300, 1800, 7200};
static const struct ctm_schedule schedule = {.steps_s = steps, .n = 5};
static const struct ctm_stamp now = {.boot = 1, .boot_ms = 1000000, .wall_ms = 1700000000123};

static struct ctm_stamp later(uint64_t ms)
{
	struct ctm_stamp stamp = now;

	stamp.boot_ms += ms;
	stamp.wall_ms += (int64_t)ms;
	return stamp;
}

/* Attempts and fails until `step` steps are used up. */
static struct ctm_message tried(uint32_t attempts)
{
	struct ctm_message m = {0};

	ctm_message_start(&m, &schedule, &now, HALF);
	for (uint32_t i = 0; i < attempts; i++) {
		ctm_message_attempt(&m, &schedule, &now, HALF);
		ctm_message_judge(&m, CTM_VERDICT_RETRY, 0, &schedule, &now, HALF);
	}
	return m;
}

Test(message, names)
{
	cr_expect_str_eq(ctm_message_kind_name(CTM_MESSAGE_SUCCESS), "success");
	cr_expect_str_eq(ctm_message_kind_name(CTM_MESSAGE_ERROR), "error");
	cr_expect_str_eq(ctm_message_kind_name(CTM_MESSAGE_PROGRESS), "progress");
	cr_expect_str_eq(ctm_message_kind_name((enum ctm_message_kind)9), "unknown");
	cr_expect_str_eq(ctm_message_state_name(CTM_MESSAGE_WAITING), "waiting");
	cr_expect_str_eq(ctm_message_state_name(CTM_MESSAGE_SENT), "sent");
	cr_expect_str_eq(ctm_message_state_name(CTM_MESSAGE_DEAD), "dead");
	cr_expect_str_eq(ctm_message_state_name((enum ctm_message_state)0), "unknown");
}

Test(message, ids)
{
	static const char id[] = "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}";
	struct ctm_message m = {.kind = CTM_MESSAGE_SUCCESS, .sequence = 7};
	char buf[CTM_MESSAGE_ID];

	cr_expect_eq(ctm_message_id(&m, id, buf), buf);
	cr_expect_str_eq(buf, "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}/success");
	m.kind = CTM_MESSAGE_ERROR;
	cr_expect_str_eq(
		ctm_message_id(&m, id, buf), "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}/error");
	m.kind = CTM_MESSAGE_PROGRESS;
	cr_expect_str_eq(
		ctm_message_id(&m, id, buf), "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}/progress/7");
	m.sequence = UINT32_MAX;
	cr_expect_str_eq(ctm_message_id(&m, id, buf),
		"{3F2504E0-4F89-11D3-9A0C-0305E82C3301}/progress/4294967295", "it has room");
}

Test(message, progress_types)
{
	static const char *const names[] = {"", "DownloadingManifest", "ProcessingManifest",
		"CreatingDirectories", "PreparingDownload", "DownloadingData"};
	enum ctm_progress_type type = CTM_PROGRESS_BYTES;

	for (unsigned i = 0; i < 6; i++) {
		cr_expect_str_eq(
			ctm_progress_type_name((enum ctm_progress_type)i), names[i], "%u", i);
		cr_assert(ctm_progress_type_from_name(names[i], &type), "%s", names[i]);
		cr_expect_eq(type, i);
	}
	cr_expect_str_eq(ctm_progress_type_name((enum ctm_progress_type)6), "");
	cr_expect_not(ctm_progress_type_from_name("downloadingdata", &type));
	cr_expect_not(ctm_progress_type_from_name("DownloadingData ", &type));
	cr_expect_not(ctm_progress_type_from_name("Downloading", &type));
	cr_expect_eq(type, CTM_PROGRESS_DOWNLOADING_DATA, "untouched");
}

/* Whatever the answer is: progress is sent, or it is over with it. */
Test(message, progress_has_one_attempt)
{
	for (unsigned i = CTM_VERDICT_TAKEN; i <= CTM_VERDICT_REFUSED; i++) {
		struct ctm_message m = {.kind = CTM_MESSAGE_PROGRESS};

		ctm_message_start(&m, &schedule, &now, HALF);
		ctm_message_attempt(&m, &schedule, &now, HALF);
		ctm_message_judge(&m, (enum ctm_message_verdict)i, 5, &schedule, &now, HALF);
		cr_expect_eq(m.state, i == CTM_VERDICT_TAKEN ? CTM_MESSAGE_SENT : CTM_MESSAGE_DEAD,
			"%u", i);
		cr_expect_not(m.under_way);
		cr_expect_eq(m.attempts, 1);
	}
}

Test(message, new_one_is_due_by_the_first_step)
{
	struct ctm_message m = {.attempts = 7, .step = 3, .state = CTM_MESSAGE_DEAD};
	const uint32_t late[] = {10};
	const struct ctm_schedule other = {.steps_s = late, .n = 1};

	ctm_message_start(&m, &schedule, &now, UINT32_MAX);
	cr_expect_eq(m.state, CTM_MESSAGE_WAITING);
	cr_expect_eq(m.attempts, 0);
	cr_expect_eq(m.step, 0);
	cr_expect_eq(ctm_message_due_ms(&m, &now), 0);
	ctm_message_start(&m, &other, &now, HALF);
	cr_expect_eq(ctm_message_due_ms(&m, &now), 10000);
}

/* An attempt is written down as if it would fail: due again at the step that follows it. */
Test(message, attempt)
{
	struct ctm_message m = {0};

	ctm_message_start(&m, &schedule, &now, HALF);
	ctm_message_attempt(&m, &schedule, &now, HALF);
	cr_expect_eq(m.attempts, 1);
	cr_expect_eq(m.state, CTM_MESSAGE_WAITING);
	cr_expect_eq(m.tried_s, 1700000000);
	cr_expect(m.under_way);
	cr_expect_eq(ctm_message_due_ms(&m, &now), 5000);
	ctm_message_judge(&m, CTM_VERDICT_RETRY, 0, &schedule, &now, HALF);
	cr_expect_not(m.under_way);
	cr_expect_eq(ctm_message_due_ms(&m, &now), 5000);
}

Test(message, taken)
{
	struct ctm_message m = tried(2);

	ctm_message_attempt(&m, &schedule, &now, HALF);
	ctm_message_judge(&m, CTM_VERDICT_TAKEN, 99, &schedule, &now, HALF);
	cr_expect_eq(m.state, CTM_MESSAGE_SENT);
	cr_expect_eq(m.attempts, 3);
	cr_expect_not(m.under_way);
}

/* As many attempts as the schedule has steps, each due by its own; dead after the last. */
Test(message, schedule)
{
	struct ctm_message m = {0};

	ctm_message_start(&m, &schedule, &now, HALF);
	for (uint32_t i = 0; i < schedule.n; i++) {
		cr_expect_eq(m.state, CTM_MESSAGE_WAITING, "before attempt %u", i + 1);
		cr_expect_eq(ctm_message_due_ms(&m, &now), (uint64_t)steps[i] * 1000,
			"before attempt %u", i + 1);
		ctm_message_attempt(&m, &schedule, &now, HALF);
		ctm_message_judge(&m, CTM_VERDICT_RETRY, 0, &schedule, &now, HALF);
	}
	cr_expect_eq(m.state, CTM_MESSAGE_DEAD);
	cr_expect_eq(m.attempts, schedule.n);
}

/* A deliverer that dies in its last attempt leaves a message that is due once more. */
Test(message, last_attempt_without_an_outcome)
{
	struct ctm_message m = tried(4);

	ctm_message_attempt(&m, &schedule, &now, HALF);
	cr_expect_eq(m.state, CTM_MESSAGE_WAITING);
	cr_expect_eq(ctm_message_due_ms(&m, &now), 7200000);
	ctm_message_attempt(&m, &schedule, &now, HALF);
	cr_expect_eq(m.attempts, 6);
	ctm_message_judge(&m, CTM_VERDICT_RETRY, 0, &schedule, &now, HALF);
	cr_expect_eq(m.state, CTM_MESSAGE_DEAD);
}

Test(message, refused)
{
	struct ctm_message m = {0};

	ctm_message_start(&m, &schedule, &now, HALF);
	ctm_message_attempt(&m, &schedule, &now, HALF);
	ctm_message_judge(&m, CTM_VERDICT_REFUSED, 60, &schedule, &now, HALF);
	cr_expect_eq(m.state, CTM_MESSAGE_DEAD);
	cr_expect_not(m.under_way);
}

/* What wants a person goes on from the third step, and then as the schedule does. */
Test(message, person)
{
	struct ctm_message m = {0};
	unsigned attempts = 0;

	ctm_message_start(&m, &schedule, &now, HALF);
	for (uint32_t step = 2; step < schedule.n; step++) {
		ctm_message_attempt(&m, &schedule, &now, HALF);
		attempts++;
		ctm_message_judge(&m, CTM_VERDICT_PERSON, 0, &schedule, &now, HALF);
		cr_expect_eq(m.state, CTM_MESSAGE_WAITING);
		cr_expect_eq(ctm_message_due_ms(&m, &now), (uint64_t)steps[step] * 1000,
			"after attempt %u", attempts);
	}
	ctm_message_attempt(&m, &schedule, &now, HALF);
	ctm_message_judge(&m, CTM_VERDICT_PERSON, 0, &schedule, &now, HALF);
	cr_expect_eq(m.state, CTM_MESSAGE_DEAD);

	/* Later it does not go back. */
	m = tried(4);
	cr_expect_eq(m.step, 4);
	m.step = 3;
	ctm_message_judge(&m, CTM_VERDICT_PERSON, 0, &schedule, &now, HALF);
	cr_expect_eq(ctm_message_due_ms(&m, &now), 1800000);
}

Test(message, retry_after)
{
	static const struct {
		uint32_t asked_s;
		uint64_t due_ms;
	} table[] = {
		{0, 5000}, /* not asked */
		{1, 1000},
		{4, 4000},
		{86399, 86399000},
		{86400, 86400000},
		{86401, 86400000},
		{UINT32_MAX, 86400000},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct ctm_message m = {0};

		ctm_message_start(&m, &schedule, &now, HALF);
		ctm_message_attempt(&m, &schedule, &now, HALF);
		ctm_message_judge(&m, CTM_VERDICT_RETRY, table[i].asked_s, &schedule, &now, HALF);
		cr_expect_eq(ctm_message_due_ms(&m, &now), table[i].due_ms, "asked for %u s",
			table[i].asked_s);
	}
}

/* Asking for a wait does not buy another attempt. */
Test(message, retry_after_the_last)
{
	struct ctm_message m = tried(4);

	ctm_message_attempt(&m, &schedule, &now, HALF);
	ctm_message_judge(&m, CTM_VERDICT_RETRY, 60, &schedule, &now, HALF);
	cr_expect_eq(m.state, CTM_MESSAGE_DEAD);
}

Test(message, by_hand)
{
	struct ctm_message m = tried(5);
	struct ctm_stamp then = later(500000);

	cr_assert_eq(m.state, CTM_MESSAGE_DEAD);
	m.time_s = 42;
	cr_expect_eq(ctm_message_retry(&m, &then), 0);
	cr_expect_eq(m.state, CTM_MESSAGE_WAITING);
	cr_expect_eq(m.time_s, 42, "ce-time stays");
	cr_expect_eq(m.attempts, 5, "what was tried was tried");
	cr_expect_eq(ctm_message_due_ms(&m, &then), 0);
	ctm_message_attempt(&m, &schedule, &then, HALF);
	cr_expect_eq(ctm_message_due_ms(&m, &then), 5000, "the schedule starts again");

	m = tried(3);
	cr_expect_eq(ctm_message_retry(&m, &now), 0, "one that waits is due now");
	cr_expect_eq(ctm_message_due_ms(&m, &now), 0);

	m.state = CTM_MESSAGE_SENT;
	cr_expect_eq(ctm_message_retry(&m, &now), -EALREADY);
	cr_expect_eq(m.state, CTM_MESSAGE_SENT);
}

Test(message, jitter)
{
	static const uint32_t seconds[] = {0, 1, 5, 300, 86400, 86400 * 30};
	struct dice d = dice_init();

	for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++) {
		const struct ctm_schedule one = {.steps_s = &seconds[i], .n = 1};
		const uint64_t ms = (uint64_t)seconds[i] * 1000;
		struct ctm_message m = {0};

		ctm_message_start(&m, &one, &now, 0);
		cr_expect_eq(m.delay_ms, ms * 4 / 5, "%u s", seconds[i]);
		ctm_message_start(&m, &one, &now, UINT32_MAX);
		cr_expect_eq(m.delay_ms, ms * 6 / 5, "%u s", seconds[i]);
		for (int k = 0; k < 300; k++) {
			ctm_message_start(&m, &one, &now, dice_u32(&d));
			cr_expect(m.delay_ms >= ms * 4 / 5 && m.delay_ms <= ms * 6 / 5,
				"CTM_TEST_SEED=%llu: %llu ms for %u s", (unsigned long long)d.seed,
				(unsigned long long)m.delay_ms, seconds[i]);
		}
	}
}

/* A clock that jumps never pushes the due time further away than the delay. */
Test(message, due_and_clocks)
{
	struct ctm_message m = tried(2);
	struct ctm_stamp then = later(100000);

	cr_assert_eq(m.delay_ms, 300000);
	cr_expect_eq(ctm_message_due_ms(&m, &then), 200000);
	then.wall_ms -= INT64_C(10) * 365 * 86400000;
	cr_expect_eq(ctm_message_due_ms(&m, &then), 200000, "within a boot the wall clock is idle");
	then.boot = 2;
	then.boot_ms = 5000;
	cr_expect_eq(ctm_message_due_ms(&m, &then), 295000,
		"pulled back to its step, of which this boot has waited five seconds");
	then.boot_ms = 300000;
	cr_expect_eq(ctm_message_due_ms(&m, &then), 0, "though the clock stays behind");
	then.boot_ms = 5000;
	then.wall_ms = now.wall_ms + 250000;
	cr_expect_eq(ctm_message_due_ms(&m, &then), 50000, "across boots the wall clock tells");
	then = later(300000);
	cr_expect_eq(ctm_message_due_ms(&m, &then), 0);
	then = later(UINT32_MAX);
	cr_expect_eq(ctm_message_due_ms(&m, &then), 0);
}

Test(message, empty_schedule)
{
	const struct ctm_schedule none = {0};
	struct ctm_message m = {0};

	ctm_message_start(&m, &none, &now, UINT32_MAX);
	cr_expect_eq(ctm_message_due_ms(&m, &now), 0);
	ctm_message_attempt(&m, &none, &now, UINT32_MAX);
	ctm_message_judge(&m, CTM_VERDICT_RETRY, 0, &none, &now, UINT32_MAX);
	cr_expect_eq(m.state, CTM_MESSAGE_DEAD);
}

Test(message, done)
{
	struct ctm_message m = {
		.source = strdup("a"), .error_message = strdup("c"), .text = strdup("b")};

	ctm_message_done(&m);
	cr_expect(!m.source && !m.text);
	ctm_message_done(&m);
}
