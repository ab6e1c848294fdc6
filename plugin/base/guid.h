/* SPDX-License-Identifier: MIT */
/*
 * guid.h - the GUID of a CTM job
 *
 * It is sent back verbatim, and compared without braces and case.
 */
#ifndef CTM_GUID_H
#define CTM_GUID_H

#define CTM_GUID_KEY 37 /* "3f2504e0-4f89-11d3-9a0c-0305e82c3301" and a NUL */

/*
 * Writes the form that is compared: 36 lower-case characters without braces. 0; -EINVAL: s is not
 * 8-4-4-4-12 hexadecimal digits, with both braces or none.
 */
int ctm_guid_key(const char *s, char ret_key[CTM_GUID_KEY]);

#endif
