/* SPDX-License-Identifier: MIT */
#include "plugin_call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hresult.h"
#include "log.h"
#include "notify.h"
#include "num.h"
#include "plugin_drain.h"
#include "plugin_setup.h"
#include "utf.h"

/* client_data as long as a sidecar may have it; the others are far shorter. */
#define TEXT_LIMIT 65536u

static const char *const names[CTM_N_TEXTS] = {
	[CTM_TEXT_ENDPOINT] = "szEndpoint",
	[CTM_TEXT_ID] = "szID",
	[CTM_TEXT_CLIENT_DATA] = "szClientData",
	[CTM_TEXT_BYTES_TOTAL] = "szBytesTotal",
	[CTM_TEXT_BYTES_TRANSFERRED] = "szBytesTransferred",
	[CTM_TEXT_ERROR_MESSAGE] = "szErrorMessage",
	[CTM_TEXT_PROGRESS_TYPE] = "szProgressType",
};

#define BIT(text) (1u << (text))
#define BIT_JOB (BIT(CTM_TEXT_ENDPOINT) | BIT(CTM_TEXT_ID) | BIT(CTM_TEXT_CLIENT_DATA))
#define BIT_BYTES (BIT(CTM_TEXT_BYTES_TOTAL) | BIT(CTM_TEXT_BYTES_TRANSFERRED))

/* The texts that must be there. */
static const unsigned required[] = {
	[CTM_MESSAGE_SUCCESS] = BIT_JOB | BIT_BYTES,
	[CTM_MESSAGE_ERROR] = BIT_JOB | BIT(CTM_TEXT_ERROR_MESSAGE),
	[CTM_MESSAGE_PROGRESS] = BIT_JOB | BIT_BYTES,
};

static int check_texts(
	enum ctm_message_kind kind, const char *const texts[CTM_N_TEXTS], struct ctm_error *e)
{
	for (unsigned i = 0; i < CTM_N_TEXTS; i++) {
		if (!texts[i] && required[kind] & BIT(i))
			return ctm_error_set(e, -EINVAL, "%s is NULL", names[i]);
		if (texts[i] && strnlen(texts[i], TEXT_LIMIT + 1) > TEXT_LIMIT)
			return ctm_error_set(
				e, -EINVAL, "%s is longer than %u bytes", names[i], TEXT_LIMIT);
	}
	return 0;
}

static int parse_bytes(const char *const texts[CTM_N_TEXTS], enum ctm_plugin_text which,
	uint64_t *ret_bytes, struct ctm_error *e)
{
	const char *text = texts[which];

	if (!text || ctm_num_parse(text, 0, UINT64_MAX, ret_bytes) == 0)
		return 0;
	return ctm_error_set(e, -EINVAL, "%s \"%s\" is no number from 0 to 18446744073709551615",
		names[which], text);
}

static int parse(enum ctm_message_kind kind, const char *const texts[CTM_N_TEXTS],
	const struct ctm_plugin_numbers *numbers, struct ctm_notify *call, struct ctm_error *e)
{
	const char *type = texts[CTM_TEXT_PROGRESS_TYPE];
	int r = check_texts(kind, texts, e);

	*call = (struct ctm_notify){
		.kind = kind,
		.endpoint = texts[CTM_TEXT_ENDPOINT],
		.id = texts[CTM_TEXT_ID],
		.client_data = texts[CTM_TEXT_CLIENT_DATA],
		.files_total = numbers->files_total,
		.files_transferred = numbers->files_transferred,
		.error_code = numbers->error_code,
		.error_message = texts[CTM_TEXT_ERROR_MESSAGE],
		.progress_type = type ? type : "",
	};
	if (r == 0)
		r = parse_bytes(texts, CTM_TEXT_BYTES_TOTAL, &call->bytes_total, e);
	if (r == 0)
		r = parse_bytes(texts, CTM_TEXT_BYTES_TRANSFERRED, &call->bytes_transferred, e);
	return r;
}

/* The file is at fault, and not an argument. */
static uint32_t hresult_of_config(int error)
{
	return error == -ENOMEM ? CTM_E_OUTOFMEMORY : CTM_E_INVALID_DATA;
}

/*
 * `wrong`: why the call is refused, or 0. It is known before the configuration is read, and said
 * after that, because only then is there a log.
 */
static int32_t finish(const struct ctm_notify *call, int wrong, struct ctm_error *e)
{
	struct ctm_config *config = NULL;
	struct ctm_state *state = NULL;
	struct ctm_error config_error = CTM_ERROR_INIT;
	uint32_t hresult = CTM_E_FAIL;
	int r = ctm_plugin_configure(CTM_PLUGIN_HOST, ctm_config_load, &config, &config_error);

	if (r < 0 && wrong == 0) {
		*e = config_error;
		hresult = hresult_of_config(r);
	} else {
		r = wrong;
		if (r == 0)
			r = ctm_state_open(config, CTM_STATE_CREATE, &state, e);
		if (r == 0)
			r = ctm_notify(state, call, &hresult, e);
		if (r < 0)
			hresult = ctm_notify_hresult(r);
		if (state)
			ctm_plugin_wake(state, false);
	}
	if (r < 0)
		ctm_log_complaint(CTM_LOG_ERROR,
			&(struct ctm_log_subject){.job = wrong < 0 ? NULL : call->id},
			ctm_error_of(e, r));
	ctm_plugin_finish(state, config);
	return (int32_t)hresult;
}

int32_t ctm_plugin_call(enum ctm_message_kind kind, const char *const texts[CTM_N_TEXTS],
	const struct ctm_plugin_numbers *numbers)
{
	struct ctm_error e = CTM_ERROR_INIT;
	struct ctm_notify call;
	int r = parse(kind, texts, numbers, &call, &e);

	return finish(&call, r, &e);
}

/* What is NULL stays so. */
static int convert(
	const char16_t *const from[CTM_N_TEXTS], char *ret_utf8[CTM_N_TEXTS], struct ctm_error *e)
{
	int r = 0;

	for (unsigned i = 0; r == 0 && i < CTM_N_TEXTS; i++) {
		if (from[i])
			r = ctm_utf8_from_utf16(from[i], TEXT_LIMIT, &ret_utf8[i]);
		if (r == -ENOMEM)
			return ctm_error_set(e, r, "no memory for %s", names[i]);
		if (r < 0)
			return ctm_error_set(e, -EINVAL, "%s %s", names[i],
				r == -ENOBUFS ? "is too long" : "is not UTF-16");
	}
	return 0;
}

int32_t ctm_plugin_call_utf16(enum ctm_message_kind kind, const char16_t *const texts[CTM_N_TEXTS],
	const struct ctm_plugin_numbers *numbers)
{
	static const struct ctm_notify none;
	struct ctm_error e = CTM_ERROR_INIT;
	char *utf8[CTM_N_TEXTS] = {NULL};
	const int r = convert(texts, utf8, &e);
	const int32_t hresult = r < 0 ? finish(&none, r, &e)
				      : ctm_plugin_call(kind, (const char *const *)utf8, numbers);

	for (unsigned i = 0; i < CTM_N_TEXTS; i++)
		free(utf8[i]);
	return hresult;
}
