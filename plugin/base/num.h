/* SPDX-License-Identifier: MIT */
/*
 * num.h - numbers as people write them, read strictly
 *
 * Nothing around the number is allowed: no sign, no space, no leftovers.
 */
#ifndef CTM_NUM_H
#define CTM_NUM_H

#include <stddef.h>
#include <stdint.h>

/* Decimal digits only. 0; -EINVAL: not a number; -ERANGE: outside min to max. */
int ctm_num_parse(const char *s, uint64_t min, uint64_t max, uint64_t *ret_value);

/* "90", "90s", "5m", "2h", "30d" in seconds, at most max. 0, -EINVAL or -ERANGE. */
int ctm_num_parse_duration(const char *s, uint64_t max, uint64_t *ret_seconds);

/* Decimal, or hexadecimal behind "0x". 0, -EINVAL or -ERANGE (more than 32 bits). */
int ctm_num_parse_u32_any(const char *s, uint32_t *ret_value);

/* Exactly 2 * len hexadecimal digits, any case, into len bytes. 0 or -EINVAL. */
int ctm_num_parse_hex(const char *s, unsigned char *ret_bytes, size_t len);

/* len bytes as 2 * len lower-case digits and a NUL into to. */
void ctm_num_print_hex(const unsigned char *bytes, size_t len, char *to);

/* An aria2 GID: 16 hexadecimal digits, any case, not all zero. 0 or -EINVAL. */
int ctm_num_parse_gid(const char *s, uint64_t *ret_gid);

#endif
