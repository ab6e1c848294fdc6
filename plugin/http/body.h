/* SPDX-License-Identifier: MIT */
/*
 * body.h - the JSON of a message: the arguments of the call and nothing else
 */
#ifndef CTM_HTTP_BODY_H
#define CTM_HTTP_BODY_H

#include "transport.h"

/* Bytes of JSON that are made without a second look: all but long client data and causes. */
#define CTM_BODY_BRIEF 2048

/*
 * Fields in the order of CTM's SDK; counts of bytes as decimal strings, counts of files as numbers,
 * hrErrorCode as "0x80190194". *ret_body is to be freed by the caller. 0, -ENOMEM, or -EINVAL with
 * *o filled: an argument is missing or not UTF-8, which no attempt will change.
 */
int ctm_body_format(const struct ctm_transport_message *message, char **ret_body,
	struct ctm_transport_outcome *o);

#endif
