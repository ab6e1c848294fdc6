/* SPDX-License-Identifier: MIT */
#include "body.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <jansson.h>

#include "leaks.h"

TestSuite(body, .fini = ctm_test_check_leaks);

static struct ctm_transport_message sample(enum ctm_transport_method method)
{
	return (struct ctm_transport_message){
		.size = sizeof(struct ctm_transport_message),
		.method = method,
		.endpoint = "ctm",
		.id = "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}",
		.client_data = "<opaque>",
		.progress_type = "DownloadingData",
		.bytes_total = UINT64_MAX,
		.bytes_transferred = 1048576,
		.files_total = UINT32_MAX,
		.files_transferred = 2,
		.error_code = 0x80190194,
		.error_message = "not \"found\"\n",
	};
}

static void expect(const struct ctm_transport_message *m, const char *expected)
{
	struct ctm_transport_outcome o = {.size = sizeof o};
	char *body = NULL;

	cr_assert_eq(ctm_body_format(m, &body, &o), 0);
	cr_expect_str_eq(body, expected);
	free(body);
}

static void expect_refused(const struct ctm_transport_message *m, const char *field)
{
	struct ctm_transport_outcome o = {.size = sizeof o};
	char *body = NULL;

	cr_assert_eq(ctm_body_format(m, &body, &o), -EINVAL);
	cr_expect_null(body);
	cr_expect_eq(o.verdict, CTM_TRANSPORT_REFUSED);
	cr_expect_eq(o.hresult, 0x80070057);
	cr_expect_not_null(strstr(o.text, field), "%s", o.text);
}

#define CALL                                                                                       \
	"\"szEndpoint\":\"ctm\",\"szID\":\"{3F2504E0-4F89-11D3-9A0C-0305E82C3301}\","              \
	"\"szClientData\":\"<opaque>\","

Test(body, success)
{
	struct ctm_transport_message m = sample(CTM_TRANSPORT_SUCCESS);

	expect(&m, "{\"method\":\"SendNotifySuccessToCTM\"," CALL
		   "\"szBytesTotal\":\"18446744073709551615\",\"szBytesTransferred\":\"1048576\","
		   "\"ulFilesTotal\":4294967295,\"ulFilesTransferred\":2}");
}

Test(body, error)
{
	struct ctm_transport_message m = sample(CTM_TRANSPORT_ERROR);

	expect(&m, "{\"method\":\"SendNotifyErrorToCTM\"," CALL
		   "\"hrErrorCode\":\"0x80190194\",\"szErrorMessage\":\"not \\\"found\\\"\\n\"}");
	m.error_code = 0x1f;
	m.error_message = "x";
	expect(&m, "{\"method\":\"SendNotifyErrorToCTM\"," CALL
		   "\"hrErrorCode\":\"0x0000001F\",\"szErrorMessage\":\"x\"}");
}

Test(body, progress)
{
	struct ctm_transport_message m = sample(CTM_TRANSPORT_PROGRESS);

	m.bytes_total = 0;
	m.files_total = 0;
	expect(&m,
		"{\"method\":\"SendNotifyProgressToCTM\",\"szProgressType\":\"DownloadingData\"," CALL
		"\"szBytesTotal\":\"0\",\"szBytesTransferred\":\"1048576\","
		"\"ulFilesTotal\":0,\"ulFilesTransferred\":2}");
	m.progress_type = "";
	expect(&m, "{\"method\":\"SendNotifyProgressToCTM\",\"szProgressType\":\"\"," CALL
		   "\"szBytesTotal\":\"0\",\"szBytesTransferred\":\"1048576\","
		   "\"ulFilesTotal\":0,\"ulFilesTransferred\":2}");
}

Test(body, client_data_comes_back_verbatim)
{
	static const char *const values[] = {"", " ", "\t\r\n\x01\x7f", "\"\\/\b", "<a b='c'/>",
		"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xe2\x80\xa8\xef\xbb\xbf", "\\u0041"};

	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		struct ctm_transport_message m = sample(CTM_TRANSPORT_SUCCESS);
		struct ctm_transport_outcome o = {.size = sizeof o};
		char *body = NULL;
		json_t *object;

		m.client_data = values[i];
		cr_assert_eq(ctm_body_format(&m, &body, &o), 0);
		object = json_loads(body, 0, NULL);
		cr_assert_not_null(object);
		cr_expect_str_eq(
			json_string_value(json_object_get(object, "szClientData")), values[i]);
		json_decref(object);
		free(body);
	}
}

/* What fits exactly, what is longer by one, and what is far longer: none loses or gains a byte. */
Test(body, of_any_length)
{
	static const size_t lengths[] = {CTM_BODY_BRIEF - 1, CTM_BODY_BRIEF, CTM_BODY_BRIEF + 1,
		CTM_BODY_BRIEF + 2, 2 * CTM_BODY_BRIEF, 65536};
	struct ctm_transport_message m = sample(CTM_TRANSPORT_SUCCESS);
	struct ctm_transport_outcome o = {.size = sizeof o};
	char *none = NULL;
	size_t frame;

	m.client_data = "";
	cr_assert_eq(ctm_body_format(&m, &none, &o), 0);
	frame = strlen(none);
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		char *data = calloc(1, lengths[i] - frame + 1);
		char *body = NULL;
		json_t *object;

		memset(data, 'x', lengths[i] - frame);
		data[0] = '<';
		m.client_data = data;
		cr_assert_eq(ctm_body_format(&m, &body, &o), 0);
		cr_expect_eq(strlen(body), lengths[i]);
		object = json_loads(body, 0, NULL);
		cr_assert_not_null(object);
		cr_expect_str_eq(json_string_value(json_object_get(object, "szClientData")), data);
		cr_expect_eq(json_integer_value(json_object_get(object, "ulFilesTransferred")), 2);
		json_decref(object);
		free(body);
		free(data);
	}
	free(none);
}

Test(body, refuses_what_no_attempt_will_change)
{
	struct ctm_transport_message m = sample(CTM_TRANSPORT_SUCCESS);

	m.client_data = "\xff";
	expect_refused(&m, "szClientData");
	m = sample(CTM_TRANSPORT_SUCCESS);
	m.id = NULL;
	expect_refused(&m, "szID");
	m = sample(CTM_TRANSPORT_SUCCESS);
	m.endpoint = NULL;
	expect_refused(&m, "szEndpoint");
	m = sample(CTM_TRANSPORT_ERROR);
	m.error_message = NULL;
	expect_refused(&m, "szErrorMessage");
	m.error_message = "";
	expect_refused(&m, "szErrorMessage");
	m = sample((enum ctm_transport_method)4);
	expect_refused(&m, "method");
}
