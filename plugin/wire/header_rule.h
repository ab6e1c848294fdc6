/* SPDX-License-Identifier: MIT */
/*
 * header_rule.h - which headers an endpoint may have of its own
 */
#ifndef CTM_HEADER_RULE_H
#define CTM_HEADER_RULE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What is wrong with "Name: value", a phrase that stands behind the header; NULL: nothing. With a
 * token_file, Authorization is ours. *ret_name_len is the length of the name, 0 where there is none
 * in front of a colon: then nothing of the line is fit to be shown, for it may be a secret.
 */
const char *ctm_header_wrong(const char *line, bool token, size_t *ret_name_len);

#endif
