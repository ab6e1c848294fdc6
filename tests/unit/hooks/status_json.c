/* SPDX-License-Identifier: MIT */
#include "status_json.h"

#include <stdlib.h>

#include <criterion/criterion.h>
#include <jansson.h>

#include "leaks.h"

TestSuite(status_json, .fini = ctm_test_check_leaks);

static char *text(const char *s)
{
	return (char *)(uintptr_t)s;
}

static json_t *print(const struct ctm_status *status)
{
	const struct ctm_config config = {.state_dir = text("/s")};
	char *data = NULL;
	size_t size;
	FILE *to = open_memstream(&data, &size);
	json_t *root;

	cr_assert_not_null(to);
	cr_assert_eq(ctm_status_print_json(status, &config, to), 0);
	fclose(to);
	root = json_loads(data, JSON_REJECT_DUPLICATES, NULL);
	cr_assert_not_null(root, "%s", data);
	free(data);
	return root;
}

static const char *string(json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value ? value : "(none)";
}

static bool is_null(json_t *object, const char *key)
{
	return json_is_null(json_object_get(object, key));
}

Test(status_json, empty)
{
	json_t *root = print(&(struct ctm_status){.all = true});

	cr_expect_eq(json_integer_value(json_object_get(root, "schema")), 1);
	cr_expect(is_null(root, "config"));
	cr_expect(is_null(root, "flushed"));
	cr_expect_str_eq(string(root, "state"), "/s");
	cr_expect_eq(json_array_size(json_object_get(root, "jobs")), 0);
	cr_expect(json_is_array(json_object_get(root, "sidecars")));
	json_decref(root);
}

Test(status_json, job)
{
	struct ctm_status_job job = {
		.job = {.state = CTM_JOB_OPEN,
			.kind = CTM_KIND_TOTALS,
			.priority = CTM_PRIORITY_LOW,
			.files_total = 7,
			.files_evident = 2,
			.has_bytes_total = true,
			.bytes_total = UINT64_MAX,
			.bytes_evident = (UINT64_C(1) << 53) + 1,
			.cause = 0x80190194,
			.created_ms = 1767323045000},
		.text = {.id = text("{1}"),
			.endpoint = text("e\"\n"),
			.content_id = text("\xff"),
			.content_version = text(""),
			.local_path = text("/d"),
			.sidecar = text("/x"),
			.cause = text("why")},
	};
	json_t *root = print(
		&(struct ctm_status){.jobs = &job, .n_jobs = 1, .unclaimed = 3, .flushed_s = 1});
	json_t *object = json_array_get(json_object_get(root, "jobs"), 0);
	json_t *cause = json_object_get(object, "cause");

	cr_expect_str_eq(string(root, "flushed"), "1970-01-01T00:00:01Z");
	cr_expect_str_eq(string(object, "kind"), "totals");
	cr_expect_str_eq(string(object, "state"), "open");
	cr_expect_str_eq(string(object, "priority"), "low");
	cr_expect_str_eq(string(object, "endpoint"), "e\"\n");
	cr_expect_str_eq(string(object, "content_id"), "\\xff");
	cr_expect(is_null(object, "content_version"));
	cr_expect_eq(json_integer_value(json_object_get(object, "files_total")), 7);
	cr_expect_eq(json_integer_value(json_object_get(object, "files_arrived")), 2);
	cr_expect_str_eq(string(object, "bytes_total"), "18446744073709551615");
	cr_expect_str_eq(string(object, "bytes_arrived"), "9007199254740993");
	cr_expect_str_eq(string(object, "created"), "2026-01-02T03:04:05Z");
	cr_expect(is_null(object, "ended"));
	cr_expect(is_null(object, "message"));
	cr_expect(json_is_false(json_object_get(object, "suspended")));
	cr_expect(is_null(object, "deadline_s"));
	cr_expect(is_null(object, "error"));
	cr_expect(is_null(object, "progress"));
	cr_expect_str_eq(string(cause, "hresult"), "0x80190194");
	cr_expect_str_eq(string(cause, "name"), "BG_E_HTTP_ERROR_404");
	cr_expect_str_eq(string(cause, "text"), "why");
	json_decref(root);
}

Test(status_json, message)
{
	struct ctm_status_job job = {
		.job = {.state = CTM_JOB_SUCCEEDED, .kind = CTM_KIND_SINGLE, .ended_s = 1767323045},
		.text = {.id = text("{1}"),
			.endpoint = text("e"),
			.content_id = text(""),
			.content_version = text(""),
			.local_path = text(""),
			.sidecar = text(""),
			.cause = text("")},
		.message = &(struct ctm_message){.kind = CTM_MESSAGE_SUCCESS,
			.state = CTM_MESSAGE_WAITING,
			.delay_ms = 1500,
			.bytes_total = 10,
			.bytes_transferred = 10,
			.files_total = 2,
			.files_transferred = 2,
			.time_s = 1767323045,
			.text = text("")},
	};
	json_t *root = print(&(struct ctm_status){.jobs = &job, .n_jobs = 1});
	json_t *object = json_array_get(json_object_get(root, "jobs"), 0);
	json_t *message = json_object_get(object, "message");

	cr_expect(is_null(object, "cause"));
	cr_expect(is_null(object, "sidecar"));
	cr_expect_eq(json_integer_value(json_object_get(object, "files_total")), 2);
	cr_expect_str_eq(string(object, "bytes_total"), "10");
	cr_expect_str_eq(string(message, "kind"), "success");
	cr_expect_str_eq(string(message, "state"), "waiting");
	cr_expect_str_eq(string(message, "event_id"), "{1}/success");
	cr_expect_eq(json_integer_value(json_object_get(message, "attempts")), 0);
	cr_expect(is_null(message, "http_status"));
	cr_expect(is_null(message, "hresult"));
	cr_expect(is_null(message, "name"));
	cr_expect_eq(json_integer_value(json_object_get(message, "next_try_s")), 2);
	cr_expect_str_eq(string(message, "time"), "2026-01-02T03:04:05Z");
	cr_expect_str_eq(string(message, "bytes"), "10");
	cr_expect_eq(json_integer_value(json_object_get(message, "files")), 2);
	json_decref(root);
}

Test(status_json, error)
{
	struct ctm_status_job job = {
		.job = {.state = CTM_JOB_FAILED, .kind = CTM_KIND_LISTED, .cause = 0x800705B4},
		.text = {.id = text("{1}"),
			.endpoint = text("e"),
			.content_id = text(""),
			.content_version = text(""),
			.local_path = text(""),
			.sidecar = text(""),
			.cause = text("over")},
		.message = &(struct ctm_message){.kind = CTM_MESSAGE_ERROR,
			.state = CTM_MESSAGE_SENT,
			.error_code = 0x800705B4,
			.error_message = text("over"),
			.text = text("")},
	};
	json_t *root = print(&(struct ctm_status){.jobs = &job, .n_jobs = 1});
	json_t *object = json_array_get(json_object_get(root, "jobs"), 0);
	json_t *error = json_object_get(object, "error");

	cr_expect_str_eq(string(error, "hresult"), "0x800705B4");
	cr_expect_str_eq(string(error, "name"), "ERROR_TIMEOUT");
	cr_expect_str_eq(string(error, "text"), "over");
	cr_expect(json_equal(error, json_object_get(object, "cause")));
	cr_expect_str_eq(string(json_object_get(object, "message"), "kind"), "error");
	cr_expect_str_eq(string(json_object_get(object, "message"), "event_id"), "{1}/error");
	json_decref(root);
}

Test(status_json, on_the_way)
{
	struct ctm_status_job job = {
		.job = {.state = CTM_JOB_OPEN,
			.kind = CTM_KIND_LISTED,
			.suspended = true,
			.progress = 3,
			.bytes_told = UINT64_MAX},
		.text = {.id = text("{1}"),
			.endpoint = text("e"),
			.content_id = text(""),
			.content_version = text(""),
			.local_path = text(""),
			.sidecar = text(""),
			.cause = text("")},
		.has_deadline = true,
		.left_ms = 1001,
	};
	json_t *root = print(&(struct ctm_status){.jobs = &job, .n_jobs = 1});
	json_t *object = json_array_get(json_object_get(root, "jobs"), 0);
	json_t *progress = json_object_get(object, "progress");

	cr_expect(json_is_true(json_object_get(object, "suspended")));
	cr_expect_eq(json_integer_value(json_object_get(object, "deadline_s")), 2);
	cr_expect_eq(json_integer_value(json_object_get(progress, "number")), 3);
	cr_expect_str_eq(string(progress, "bytes"), "18446744073709551615");
	json_decref(root);
}

/* More than is written at a time. */
Test(status_json, many)
{
	struct ctm_sidecar_record *records = calloc(3000, sizeof *records);
	json_t *root;

	cr_assert_not_null(records);
	for (size_t i = 0; i < 3000; i++)
		records[i] = (struct ctm_sidecar_record){.path = text("/a/long/path/to/a/sidecar"),
			.fate = CTM_FATE_NOT_WHOLE,
			.complaint = text("not there whole yet")};
	root = print(&(struct ctm_status){.sidecars = records, .n_sidecars = 3000});
	cr_expect_eq(json_array_size(json_object_get(root, "sidecars")), 3000);
	cr_expect_str_eq(string(json_array_get(json_object_get(root, "sidecars"), 2999), "state"),
		"not whole");
	json_decref(root);
	free(records);
}

Test(status_json, full_disk)
{
	const struct ctm_config config = {.state_dir = text("/s")};
	FILE *full = fopen("/dev/full", "w");

	cr_assert_not_null(full);
	setvbuf(full, NULL, _IONBF, 0);
	cr_expect_lt(ctm_status_print_json(&(struct ctm_status){.all = true}, &config, full), 0);
	fclose(full);
}
