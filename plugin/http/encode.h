/* SPDX-License-Identifier: MIT */
/*
 * encode.h - making a value fit for a header
 */
#ifndef CTM_HTTP_ENCODE_H
#define CTM_HTTP_ENCODE_H

/*
 * Percent-encodes as CloudEvents' HTTP binding says (3.1.3.2): space, '"', '%' and all that is not
 * printable ASCII. A GUID stays as it is. *ret_encoded is to be freed by the caller. 0, -ENOMEM, or
 * -EINVAL: value is NULL, empty, or holds a control character, which has no business there.
 */
int ctm_encode_value(const char *value, char **ret_encoded);

/* RFC 3339 in UTC with whole seconds. 0, or -ERANGE: not in the years 0 to 9999. */
#define CTM_ENCODE_TIME_SIZE 32
int ctm_encode_time(long long time_s, char ret_text[CTM_ENCODE_TIME_SIZE]);

#endif
