/* SPDX-License-Identifier: MIT */
#include "terms.h"

#include <stddef.h>
#include <strings.h>

struct name {
	const char *name;
	uint32_t value;
};

#define COUNT(a) (sizeof(a) / sizeof *(a))

static const struct name kinds[] = {
	{"listed", CTM_KIND_LISTED},
	{"totals", CTM_KIND_TOTALS},
	{"single", CTM_KIND_SINGLE},
};

static const struct name priorities[] = {
	{"foreground", CTM_PRIORITY_FOREGROUND},
	{"high", CTM_PRIORITY_HIGH},
	{"normal", CTM_PRIORITY_NORMAL},
	{"low", CTM_PRIORITY_LOW},
};

static const struct name flags[] = {
	{"singlefile", CTM_FLAG_SINGLEFILE},
	{"directory", CTM_FLAG_DIRECTORY},
	{"notifyprogress", CTM_FLAG_NOTIFYPROGRESS},
	{"insecuretransport", CTM_FLAG_INSECURETRANSPORT},
	{"toplevelfilesonly", CTM_FLAG_TOPLEVELFILESONLY},
	{"sendauthheaders", CTM_FLAG_SENDAUTHHEADERS},
	{"sendauthheaders_mixed", CTM_FLAG_SENDAUTHHEADERS_MIXED},
	{"useinputmanifest", CTM_FLAG_USEINPUTMANIFEST},
	{"skiphostchangehandling", CTM_FLAG_SKIPHOSTCHANGEHANDLING},
};

static const char *name_of(const struct name *names, size_t n, uint32_t value)
{
	for (size_t i = 0; i < n; i++)
		if (names[i].value == value)
			return names[i].name;
	return NULL;
}

static bool value_of(const struct name *names, size_t n, const char *name, uint32_t *ret_value)
{
	for (size_t i = 0; i < n; i++) {
		if (strcasecmp(names[i].name, name) == 0) {
			*ret_value = names[i].value;
			return true;
		}
	}
	return false;
}

const char *ctm_kind_name(enum ctm_kind kind)
{
	return name_of(kinds, COUNT(kinds), kind);
}

const char *ctm_priority_name(enum ctm_priority priority)
{
	return name_of(priorities, COUNT(priorities), priority);
}

bool ctm_kind_from_name(const char *name, enum ctm_kind *ret_kind)
{
	uint32_t value;

	if (!value_of(kinds, COUNT(kinds), name, &value))
		return false;
	*ret_kind = (enum ctm_kind)value;
	return true;
}

bool ctm_priority_from_name(const char *name, enum ctm_priority *ret_priority)
{
	uint32_t value;

	if (!value_of(priorities, COUNT(priorities), name, &value))
		return false;
	*ret_priority = (enum ctm_priority)value;
	return true;
}

bool ctm_flag_from_name(const char *name, uint32_t *ret_flag)
{
	return value_of(flags, COUNT(flags), name, ret_flag);
}
