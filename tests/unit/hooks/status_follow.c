/* SPDX-License-Identifier: MIT */
#include "status_follow.h"

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(status_follow, .fini = ctm_test_check_leaks);

/* A job in that state, whose final word is in that one (0: there is none). */
struct one {
	enum ctm_job_state state;
	enum ctm_message_state word;
};

static void expect(struct one a, struct one b, bool settled, bool success)
{
	struct ctm_message words[] = {{.state = a.word}, {.state = b.word}};
	struct ctm_status_job jobs[] = {
		{.job = {.state = a.state}, .message = a.word ? &words[0] : NULL},
		{.job = {.state = b.state}, .message = b.word ? &words[1] : NULL},
	};
	const struct ctm_status status = {.jobs = jobs, .n_jobs = 2};

	cr_expect_eq(ctm_status_is_settled(&status), settled, "%d %d, %d %d", (int)a.state,
		(int)a.word, (int)b.state, (int)b.word);
	cr_expect_eq(ctm_status_is_success(&status), success, "%d %d, %d %d", (int)a.state,
		(int)a.word, (int)b.state, (int)b.word);
}

Test(status_follow, outcome)
{
	const struct one good = {CTM_JOB_SUCCEEDED, CTM_MESSAGE_SENT};

	expect(good, good, true, true);
	expect(good, (struct one){CTM_JOB_OPEN, 0}, false, false);
	expect((struct one){CTM_JOB_VERIFYING, 0}, good, false, false);
	expect(good, (struct one){CTM_JOB_SUCCEEDED, CTM_MESSAGE_WAITING}, false, false);
	expect(good, (struct one){CTM_JOB_SUCCEEDED, CTM_MESSAGE_DEAD}, true, false);
	expect((struct one){CTM_JOB_FAILED, CTM_MESSAGE_SENT}, good, true, false);
	expect(good, (struct one){CTM_JOB_FAILED, CTM_MESSAGE_WAITING}, false, false);
	expect(good, (struct one){CTM_JOB_CANCELLED, 0}, true, false);
}

Test(status_follow, no_job)
{
	const struct ctm_status status = {0};

	cr_expect(ctm_status_is_settled(&status));
	cr_expect(ctm_status_is_success(&status));
}
