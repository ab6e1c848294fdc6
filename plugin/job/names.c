/* SPDX-License-Identifier: MIT */
#include "names.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

static bool ends_with(const char *name, const char *end)
{
	size_t len = strlen(name);
	size_t end_len = strlen(end);

	return len > end_len && strcasecmp(name + len - end_len, end) == 0;
}

bool ctm_name_is_description(const char *name)
{
	return ends_with(name, ".torrent") || ends_with(name, ".metalink") ||
	       ends_with(name, ".meta4");
}

bool ctm_name_is_control(const char *name)
{
	return ends_with(name, ".aria2");
}

/* Whether s[0..len) is a number as aria2 inserts it: 1 to 9999, no leading zero. */
static bool is_counter(const char *s, size_t len)
{
	return len >= 1 && len <= 4 && s[0] != '0' && strspn(s, "0123456789") >= len;
}

static int without(const char *name, const char *dot, size_t len, char **ret_name)
{
	struct ctm_buf b = CTM_BUF_INIT(4096);
	char *before;

	ctm_buf_add(&b, name, (size_t)(dot - name));
	ctm_buf_add_str(&b, dot + 1 + len);
	before = ctm_buf_take(&b);
	if (!before)
		return -ENOMEM;
	*ret_name = before;
	return 0;
}

int ctm_name_before_renaming(const char *name, char **ret_name)
{
	const char *last = strrchr(name, '.');
	const char *first;

	if (!last || last == name)
		return -ENOENT;
	/* "data.1": the counter is the last part */
	if (is_counter(last + 1, strlen(last + 1)))
		return without(name, last, strlen(last + 1), ret_name);
	/* "setup.1.exe": it stands before the extension */
	first = memrchr(name, '.', (size_t)(last - name));
	if (!first || first == name || !is_counter(first + 1, (size_t)(last - first - 1)))
		return -ENOENT;
	return without(name, first, (size_t)(last - first - 1), ret_name);
}
