/* SPDX-License-Identifier: MIT */
#include "credentials.h"

#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include "headers.h"
#include "scratch.h"

TestSuite(credentials, .init = scratch_init, .fini = scratch_done);

#define KEY "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define SIGNATURE "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

static struct ctm_transport_outcome outcome;

Test(credentials, token)
{
	const char *path = scratch_write("token", "abc.DEF-_~+/=\nnot this\n", 0600);
	struct curl_slist *list = NULL;

	cr_assert_eq(ctm_credentials_add_token(&list, path, &outcome), 0);
	cr_assert_str_eq(list->data, "Authorization: Bearer abc.DEF-_~+/=");
	cr_assert_null(list->next);
	ctm_headers_free(list);
}

Test(credentials, bad_tokens)
{
	static const char *const bad[] = {
		"two words\n", "bell\a\n", "\xef\xbb\xbftoken\n", "a\rb\n"};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		const char *path = scratch_write("token", bad[i], 0600);
		struct curl_slist *list = NULL;

		outcome.verdict = CTM_TRANSPORT_TAKEN;
		cr_expect_eq(ctm_credentials_add_token(&list, path, &outcome), -EINVAL);
		cr_expect_null(list);
		cr_expect_eq(outcome.verdict, CTM_TRANSPORT_PERSON);
		cr_expect_not_null(strstr(outcome.text, path));
		cr_expect_null(strstr(outcome.text, "words"));
	}
}

Test(credentials, signature)
{
	const char *path = scratch_write("secret", KEY "\n" KEY "\n", 0600);
	struct curl_slist *list = NULL;

	cr_assert_eq(ctm_credentials_add_signature(&list, path, "msg_p5jXN8AQM9LWM0D4loKWxJek",
			     1614265330, "{\"test\": 2432232314}", &outcome),
		0);
	cr_assert_str_eq(list->data, "webhook-timestamp: 1614265330");
	cr_assert_str_eq(list->next->data, "webhook-signature: " SIGNATURE " " SIGNATURE);
	ctm_headers_free(list);
}

Test(credentials, bad_keys)
{
	static const char *const bad[] = {"hush\n", KEY "\nhush\n", ""};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		const char *path = scratch_write("secret", bad[i], 0600);
		struct curl_slist *list = NULL;

		outcome.verdict = CTM_TRANSPORT_TAKEN;
		cr_expect_eq(ctm_credentials_add_signature(&list, path, "id", 0, "{}", &outcome),
			-EINVAL);
		cr_expect_null(list);
		cr_expect_eq(outcome.verdict, CTM_TRANSPORT_PERSON);
		cr_expect_not_null(strstr(outcome.text, path));
		cr_expect_null(strstr(outcome.text, "hush"));
	}
}
