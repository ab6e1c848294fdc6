/* SPDX-License-Identifier: MIT */
#include "signature.h"

#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(signature, .fini = ctm_test_check_leaks);

/* The signatures were computed by another implementation of HMAC. */
#define KEY_1 "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define KEY_2                                                                                      \
	"whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEyMzQ1Njc4OTo7"   \
	"PD0+Pw=="
#define SIGNATURE_1 "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
#define SIGNATURE_2 "v1,LZ5zuwHTqQH3VM8ERUusjzVQq1FXzemvpR8Mk7Ivp5c="
#define ID "msg_p5jXN8AQM9LWM0D4loKWxJek"
#define TIME 1614265330
#define BODY "{\"test\": 2432232314}"

#define A32 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static char text[2 * CTM_SIGNATURE_SIZE];

Test(signature, one_key)
{
	const char *const keys[] = {KEY_1, KEY_2};

	cr_assert_eq(ctm_signature_make(keys, 1, ID, TIME, BODY, text), 0);
	cr_assert_str_eq(text, SIGNATURE_1);
	cr_assert_eq(ctm_signature_make(keys + 1, 1, ID, TIME, BODY, text), 0);
	cr_assert_str_eq(text, SIGNATURE_2);
	cr_assert_lt(strlen(text), CTM_SIGNATURE_SIZE);
}

Test(signature, two_keys)
{
	const char *const keys[] = {KEY_1, KEY_2};

	cr_assert_eq(ctm_signature_make(keys, 2, ID, TIME, BODY, text), 0);
	cr_assert_str_eq(text, SIGNATURE_1 " " SIGNATURE_2);
}

Test(signature, all_of_id_time_and_body_counts)
{
	static const struct {
		const char *id;
		int64_t time_s;
		const char *body;
	} others[] = {{"msg", TIME, BODY}, {ID, TIME + 1, BODY}, {ID, TIME, "{}"}};
	const char *const keys[] = {KEY_1};

	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		cr_assert_eq(ctm_signature_make(
				     keys, 1, others[i].id, others[i].time_s, others[i].body, text),
			0);
		cr_expect_str_neq(text, SIGNATURE_1);
	}
}

Test(signature, keys)
{
	static const struct {
		const char *key;
		int r;
	} cases[] = {
		{"whsec_" A32, 0},                                      /* 24 bytes */
		{"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", -EINVAL},    /* 23 */
		{"whsec_" A32 A32 "AAAAAAAAAAAAAAAAAAAAAA==", 0},       /* 64 */
		{"whsec_" A32 A32 "AAAAAAAAAAAAAAAAAAAAAAA=", -EINVAL}, /* 65 */
		{"whsec_" A32 "A===", -EINVAL},
		{"whsec_", -EINVAL},
		{"", -EINVAL},
		{"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", -EINVAL},
		{"WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", -EINVAL},
		{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", -EINVAL},
		{"whsec_MfKQ9r8GKYqrTwjU PD8ILPZIo2LaLaSw", -EINVAL},
		{"whsec_MfKQ9r8GKYqrTwjU-_8ILPZIo2LaLaSw", -EINVAL},
		{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw!", -EINVAL},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		strcpy(text, "before");
		cr_expect_eq(ctm_signature_make(&cases[i].key, 1, ID, TIME, BODY, text), cases[i].r,
			"%s", cases[i].key);
		cr_expect_eq(text[0] == '\0', cases[i].r < 0);
	}
}

Test(signature, a_bad_second_key_spoils_all)
{
	const char *const keys[] = {KEY_1, "whsec_short"};

	cr_assert_eq(ctm_signature_make(keys, 2, ID, TIME, BODY, text), -EINVAL);
	cr_assert_str_eq(text, "");
}
