/* SPDX-License-Identifier: MIT */
/*
 * hresult.h - the HRESULTs that Configuration Manager's administrators know
 *
 * Numbers as the Windows SDK's headers have them.
 */
#ifndef CTM_HRESULT_H
#define CTM_HRESULT_H

#include <stddef.h>
#include <stdint.h>

#define CTM_S_OK UINT32_C(0x00000000)
#define CTM_E_FAIL UINT32_C(0x80004005)
#define CTM_E_ABORT UINT32_C(0x80004004)
#define CTM_E_FILE_NOT_FOUND UINT32_C(0x80070002)
#define CTM_E_PATH_NOT_FOUND UINT32_C(0x80070003)
#define CTM_E_ACCESSDENIED UINT32_C(0x80070005)
#define CTM_E_INVALID_DATA UINT32_C(0x8007000D)
#define CTM_E_WRITE_FAULT UINT32_C(0x8007001D)
#define CTM_E_OUTOFMEMORY UINT32_C(0x8007000E)
#define CTM_E_INVALIDARG UINT32_C(0x80070057)
#define CTM_E_DISK_FULL UINT32_C(0x80070070)
#define CTM_E_BUSY UINT32_C(0x800700AA)
#define CTM_E_ALREADY_EXISTS UINT32_C(0x800700B7)
#define CTM_E_IO_PENDING UINT32_C(0x800703E5)
#define CTM_E_IO_DEVICE UINT32_C(0x8007045D)
#define CTM_E_NOT_FOUND UINT32_C(0x80070490)
#define CTM_E_FILE_CORRUPT UINT32_C(0x80070570)
#define CTM_E_DIRECTORY UINT32_C(0x8007010B)
#define CTM_E_HASH_VALUE UINT32_C(0x80091007)
#define CTM_E_WINHTTP_INVALID_URL UINT32_C(0x80072EE5)

/*
 * "ERROR_FILE_CORRUPT" of 0x80070570; BG_E_HTTP_ERROR_nnn for a status; NULL where we know none.
 * buf (32 bytes and up) is used for names that are made.
 */
const char *ctm_hresult_name(uint32_t hresult, char *buf, size_t size);

/* "0x80070570 (ERROR_FILE_CORRUPT)", the name only where there is one. Returns buf. */
const char *ctm_hresult_print(uint32_t hresult, char *buf, size_t size);

#endif
