/* SPDX-License-Identifier: MIT */
/*
 * config_keys.h - the table of the configuration's keys, and their values
 *
 * Every key is one line of the table; what a person can set is what stands there.
 */
#ifndef CTM_CONFIG_KEYS_H
#define CTM_CONFIG_KEYS_H

#include "complain.h"
#include "config.h"

enum ctm_config_section {
	CTM_SECTION_STATE,
	CTM_SECTION_SIDECAR,
	CTM_SECTION_ENDPOINT, /* [endpoint.NAME] */
	CTM_SECTION_RETRY,
	CTM_SECTION_ARIA2, /* [aria2] or [aria2.NAME] */
	CTM_SECTION_LOG,
	CTM_SECTIONS,
	CTM_SECTION_UNKNOWN = CTM_SECTIONS,
};

struct ctm_config_key;

/*
 * Checks the entry's value and stores it in `object`: the section's struct ctm_endpoint or
 * ctm_aria2, or the struct ctm_config. Complains of what is wrong. 0 or -ENOMEM.
 */
typedef int ctm_config_parse(struct ctm_complaints *c, const struct ctm_config_key *key,
	const struct ctm_ini_entry *entry, void *object);

struct ctm_config_key {
	enum ctm_config_section section;
	const char *name;
	ctm_config_parse *parse;
	size_t offset;            /* of the member */
	size_t count;             /* a list: offset of its length */
	uint64_t min, max;        /* a duration: seconds */
	const char *const *words; /* a choice: its words, NULL behind the last */
	bool repeatable;          /* the key may stand more than once: one list */
	bool unseen; /* what is written there may be a secret: complaints don't show it */
};

extern const struct ctm_config_key ctm_config_keys[];
extern const size_t ctm_n_config_keys;

/* As it stands between brackets, without ".NAME". */
extern const char *const ctm_config_sections[CTM_SECTIONS];

#endif
