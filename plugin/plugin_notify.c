/* SPDX-License-Identifier: MIT */
/*
 * The door of the shared object for CTM's own calls.
 */
#include <errno.h>
#include <stdlib.h>

#include "aria2ctm.h"
#include "hresult.h"
#include "log.h"
#include "notify.h"
#include "num.h"
#include "plugin_setup.h"
#include "utf.h"

/* client_data as long as a sidecar may have it; the others are far shorter. */
#define ARGUMENT_LIMIT 65536u

enum {
	ENDPOINT,
	ID,
	CLIENT_DATA,
	BYTES_TOTAL,
	BYTES_TRANSFERRED,
	N_STRINGS
};

/* All strings as UTF-8, or none. */
static int convert(const char16_t *const from[N_STRINGS], char *ret_utf8[N_STRINGS])
{
	int r = 0;

	for (int i = 0; r == 0 && i < N_STRINGS; i++)
		r = from[i] ? ctm_utf8_from_utf16(from[i], ARGUMENT_LIMIT, &ret_utf8[i]) : -EINVAL;
	return r;
}

static int32_t notify(const struct ctm_notify *call)
{
	struct ctm_error e = CTM_ERROR_INIT;
	struct ctm_config *config = NULL;
	struct ctm_state *state = NULL;
	uint32_t hresult = CTM_E_FAIL;
	int r = ctm_plugin_configure("libaria2ctm", ctm_config_load, &config, &e);

	if (r == 0)
		r = ctm_state_open(config, CTM_STATE_CREATE, &state, &e);
	if (r == 0)
		r = ctm_notify(state, call, &hresult, &e);
	if (r < 0) {
		ctm_log_complaint(CTM_LOG_ERROR, &(struct ctm_log_subject){.job = call->id}, &e);
		hresult = ctm_notify_hresult(r);
	}
	ctm_state_close(state);
	ctm_config_free(config);
	return (int32_t)hresult;
}

int32_t SendNotifySuccessToCTM(const char16_t *szEndpoint, const char16_t *szID,
	const char16_t *szClientData, const char16_t *szBytesTotal,
	const char16_t *szBytesTransferred, uint32_t ulFilesTotal, uint32_t ulFilesTransferred)
{
	const char16_t *const from[N_STRINGS] = {
		szEndpoint, szID, szClientData, szBytesTotal, szBytesTransferred};
	char *utf8[N_STRINGS] = {NULL};
	struct ctm_notify call = {.kind = CTM_MESSAGE_SUCCESS,
		.files_total = ulFilesTotal,
		.files_transferred = ulFilesTransferred};
	int r = convert(from, utf8);
	int32_t hresult;

	if (r == 0)
		r = ctm_num_parse(utf8[BYTES_TOTAL], 0, UINT64_MAX, &call.bytes_total);
	if (r == 0)
		r = ctm_num_parse(utf8[BYTES_TRANSFERRED], 0, UINT64_MAX, &call.bytes_transferred);
	call.endpoint = utf8[ENDPOINT];
	call.id = utf8[ID];
	call.client_data = utf8[CLIENT_DATA];
	hresult = r == 0 ? notify(&call)
			 : (int32_t)(r == -ENOMEM ? CTM_E_OUTOFMEMORY : CTM_E_INVALIDARG);
	for (int i = 0; i < N_STRINGS; i++)
		free(utf8[i]);
	return hresult;
}
