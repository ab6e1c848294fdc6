/* SPDX-License-Identifier: MIT */
/*
 * notify.h - CTM's calls made by hand or by a host: stored, sent by the deliverer, waited for
 */
#ifndef CTM_NOTIFY_H
#define CTM_NOTIFY_H

#include "state.h"
#include "message.h"

/* The arguments of the three calls. */
struct ctm_notify {
	enum ctm_message_kind kind;
	const char *endpoint;    /* szEndpoint */
	const char *id;          /* szID */
	const char *client_data; /* szClientData; NULL: that of the job, or "" where it is new */
	uint64_t bytes_total; /* success: as many as were transferred; progress: 0 is not known */
	uint64_t bytes_transferred;
	uint32_t files_total;
	uint32_t files_transferred;
	uint32_t error_code;       /* hrErrorCode: a failure; error only */
	const char *error_message; /* szErrorMessage, not empty; error only */
	const char *progress_type; /* szProgressType, "" allowed; progress only */
	bool force; /* an open job of that GUID, followed from a sidecar, is ended by this word */
};

/*
 * Stores the message, gets a deliverer to work, and waits for the outcome up to the endpoint's
 * time-out. 0: *ret_hresult is what became of it (S_OK; 0x800703E5 where it will be retried; else
 * CTM's refusal). Progress for a job that has ended, or that newer progress has replaced, is not
 * sent: S_OK. The same final word again is not stored again, and waited for. Negative errno in *e:
 * nothing was stored. -EINVAL an argument; -ENOENT no such endpoint; -EEXIST the GUID is that of a
 * job that is followed here, that has another endpoint or other client data, or that has ended with
 * a word that differs in anything.
 */
int ctm_notify(struct ctm_state *state, const struct ctm_notify *call, uint32_t *ret_hresult,
	struct ctm_error *e);

/* A negative errno of the above as an HRESULT. */
uint32_t ctm_notify_hresult(int error);

#endif
