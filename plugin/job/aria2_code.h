/* SPDX-License-Identifier: MIT */
/*
 * aria2_code.h - aria2's exit codes: what happened, what to do, and which HRESULT says it to CTM
 *
 * The codes are those of "EXIT STATUS" in aria2c(1), which its RPC calls errorCode; there 31 stands
 * for a download that was removed. Which HRESULT a code becomes is our choice.
 * Texts are clauses: lower case, no full stop; they are never NULL and never freed.
 */
#ifndef CTM_ARIA2_CODE_H
#define CTM_ARIA2_CODE_H

#include <stdint.h>

#define CTM_ARIA2_CODE_LAST 32

/*
 * Of aria2's errorCode and errorMessage (NULL: none). 0 says that there is no cause to give: the
 * download is complete (0) or merely unfinished (7). Otherwise an HTTP status at a "status=" of
 * the message wins over the code, since aria2 has one code for most of them. An unknown code is
 * E_FAIL.
 */
uint32_t ctm_aria2_hresult(uint32_t code, const char *message);

/* "the disk is full" of 9. */
const char *ctm_aria2_happened(uint32_t code);

/* What a person can do; hresult is what ctm_aria2_hresult() gave, or 0 for the code alone. */
const char *ctm_aria2_remedy(uint32_t code, uint32_t hresult);

#endif
