/* SPDX-License-Identifier: MIT */
/*
 * plugin_call.h - CTM's three calls, whatever their strings are made of
 *
 * A table says which arguments a call has; everything else is the same for all.
 */
#ifndef CTM_PLUGIN_CALL_H
#define CTM_PLUGIN_CALL_H

#include <stdint.h>
#include <uchar.h>

#include "message.h"

enum ctm_plugin_text {
	CTM_TEXT_ENDPOINT,
	CTM_TEXT_ID,
	CTM_TEXT_CLIENT_DATA,
	CTM_TEXT_BYTES_TOTAL,
	CTM_TEXT_BYTES_TRANSFERRED,
	CTM_TEXT_ERROR_MESSAGE,
	CTM_TEXT_PROGRESS_TYPE,
	CTM_N_TEXTS
};

/* What is no text; 0 where the call has no such argument. */
struct ctm_plugin_numbers {
	uint32_t files_total;
	uint32_t files_transferred;
	uint32_t error_code;
};

/*
 * Stores the message and waits for its outcome: an HRESULT. Texts that the call does not have are
 * NULL.
 */
int32_t ctm_plugin_call(enum ctm_message_kind kind, const char *const texts[CTM_N_TEXTS],
	const struct ctm_plugin_numbers *numbers);
int32_t ctm_plugin_call_utf16(enum ctm_message_kind kind, const char16_t *const texts[CTM_N_TEXTS],
	const struct ctm_plugin_numbers *numbers);

#endif
