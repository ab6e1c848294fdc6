/* SPDX-License-Identifier: MIT */
#include "notify_said.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "hresult.h"
#include "outbox.h"

/* What of szEndpoint and szClientData is not the job's; NULL: nothing. */
static const char *other_address(const struct ctm_notify *call, const struct ctm_job_text *text)
{
	if (strcmp(call->endpoint, text->endpoint) != 0)
		return "szEndpoint";
	/* Where none is given, it is the job's own. */
	if (call->client_data && strcmp(call->client_data, text->client_data) != 0)
		return "szClientData";
	return NULL;
}

int ctm_notify_check_address(
	const struct ctm_notify *call, const struct ctm_known_job *known, struct ctm_error *e)
{
	const char *other = other_address(call, &known->text);

	if (!other)
		return 0;
	return ctm_error_set(e, -EEXIST,
		"job %s is %s here with another %s: its words go to \"%s\", with the data that it "
		"has",
		call->id, ctm_job_state_name(known->job.state), other, known->text.endpoint);
}

/* The text is kept as it is sent, so that it is compared with what this one would become. */
static int compare_error(
	const struct ctm_notify *call, const struct ctm_message *word, const char **ret_other)
{
	const struct ctm_failure failure = {
		.hresult = call->error_code, .text = call->error_message};
	char *text = ctm_outbox_error_text(&failure);

	if (!text)
		return -ENOMEM;
	*ret_other = word->error_code != call->error_code     ? "hrErrorCode"
		     : strcmp(word->error_message, text) != 0 ? "szErrorMessage"
							      : NULL;
	free(text);
	return 0;
}

/* In what the call differs from the final word that is stored: *ret_other, NULL for nothing. */
static int compare(const struct ctm_notify *call, const struct ctm_job_text *text,
	const struct ctm_message *word, const char **ret_other)
{
	const char *other = other_address(call, text);

	if (word->kind != call->kind)
		other = "what it says";
	else if (!other && word->kind == CTM_MESSAGE_ERROR)
		return compare_error(call, word, ret_other);
	else if (!other &&
		 (word->bytes_total != call->bytes_total || word->files_total != call->files_total))
		other = "its totals";
	*ret_other = other;
	return 0;
}

static void describe(const struct ctm_message *word, struct ctm_buf *b)
{
	char hresult[96];

	if (word->kind == CTM_MESSAGE_SUCCESS)
		ctm_buf_printf(b, "success with %" PRIu64 " bytes, %" PRIu32 " files",
			word->bytes_total, word->files_total);
	else
		ctm_buf_printf(b, "error %s, \"%s\"",
			ctm_hresult_print(word->error_code, hresult, sizeof hresult),
			word->error_message);
}

static int refuse(const struct ctm_notify *call, const struct ctm_known_job *known,
	const struct ctm_message *word, const char *other, struct ctm_error *e)
{
	struct ctm_buf b = CTM_BUF_INIT(strlen(word->error_message) + 200);
	CTM_CLEANUP_FREE char *standing = NULL;

	describe(word, &b);
	standing = ctm_buf_take(&b);
	if (!standing)
		return -ENOMEM;
	return ctm_error_set(e, -EEXIST,
		"job %s is %s here, and a GUID has one end: the call differs in %s from the final "
		"word, which stands: to \"%s\", %s",
		call->id, ctm_job_state_name(known->job.state), other, known->text.endpoint,
		standing);
}

int ctm_notify_check_word(struct ctm_txn *txn, const struct ctm_notify *call,
	const struct ctm_known_job *known, struct ctm_error *e)
{
	struct ctm_message word;
	const char *other = NULL;
	int r = ctm_store_message_get(txn, known->job.number, &word);

	/* A cancelled one has no word. */
	if (r == -ENOENT)
		return ctm_error_set(e, -EEXIST,
			"job %s is %s here, and a GUID has one end: nothing is said of it any more",
			call->id, ctm_job_state_name(known->job.state));
	if (r < 0)
		return r;
	r = compare(call, &known->text, &word, &other);
	if (r == 0 && other)
		r = refuse(call, known, &word, other, e);
	ctm_message_done(&word);
	return r;
}
