/* SPDX-License-Identifier: MIT */
/*
 * base64.h - RFC 4648, section 4, with padding, strictly
 */
#ifndef CTM_BASE64_H
#define CTM_BASE64_H

#include "buf.h"

/* Decodes s whole, appending to out. 0; -EINVAL: not base64; the buffer's error otherwise. */
int ctm_base64_decode(const char *s, struct ctm_buf *out);

#endif
