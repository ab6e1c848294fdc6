/* SPDX-License-Identifier: MIT */
/*
 * terms.h - CTM's own terms, as the sidecar, the store and the wire share them
 */
#ifndef CTM_TERMS_H
#define CTM_TERMS_H

#include <stdbool.h>
#include <stdint.h>

enum ctm_kind {
	CTM_KIND_LISTED = 1, /* its [file.N] sections */
	CTM_KIND_TOTALS = 2, /* so many files below local_path */
	CTM_KIND_SINGLE = 3, /* one aria2 download below local_path */
};

/* CCM_DTS_PRIORITY */
enum ctm_priority {
	CTM_PRIORITY_FOREGROUND = 0,
	CTM_PRIORITY_HIGH = 1,
	CTM_PRIORITY_NORMAL = 2,
	CTM_PRIORITY_LOW = 3,
};

/* CCM_DTS_FLAG, by Configuration Manager's SDK reference */
#define CTM_FLAG_SINGLEFILE 0x001u
#define CTM_FLAG_DIRECTORY 0x002u
#define CTM_FLAG_NOTIFYPROGRESS 0x004u
#define CTM_FLAG_INSECURETRANSPORT 0x008u
#define CTM_FLAG_TOPLEVELFILESONLY 0x010u
#define CTM_FLAG_SENDAUTHHEADERS 0x020u
#define CTM_FLAG_SENDAUTHHEADERS_MIXED 0x040u
#define CTM_FLAG_USEINPUTMANIFEST 0x080u
#define CTM_FLAG_SKIPHOSTCHANGEHANDLING 0x100u

/* As the sidecar spells them; NULL for any other value. */
const char *ctm_kind_name(enum ctm_kind kind);
const char *ctm_priority_name(enum ctm_priority priority);

/* By name, any case. False: no such name. */
bool ctm_kind_from_name(const char *name, enum ctm_kind *ret_kind);
bool ctm_priority_from_name(const char *name, enum ctm_priority *ret_priority);
bool ctm_flag_from_name(const char *name, uint32_t *ret_flag);

#endif
