/* SPDX-License-Identifier: MIT */
#include "secret.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "hresult.h"
#include "outcome.h"

static uint32_t hresult_of_errno(int error)
{
	static const struct {
		int error;
		uint32_t hresult;
	} table[] = {
		{ENOENT, CTM_HR_FILE_NOT_FOUND},
		{ENOTDIR, CTM_HR_PATH_NOT_FOUND},
		{EACCES, CTM_HR_ACCESS_DENIED},
		{EPERM, CTM_HR_ACCESS_DENIED},
		{EIO, CTM_HR_IO_DEVICE},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		if (table[i].error == error)
			return table[i].hresult;
	}
	return CTM_HR_FAIL;
}

/* r is what secret_file.h gave, with its reason. */
static int fail(
	int r, const char *why, const char *path, const char *key, struct ctm_transport_outcome *o)
{
	if (!why)
		ctm_outcome_set(o, CTM_TRANSPORT_PERSON, hresult_of_errno(-r),
			"%s \"%s\" can't be read: %s", key, path, strerror(-r));
	else
		ctm_outcome_set(o, CTM_TRANSPORT_PERSON,
			r == -EPERM ? CTM_HR_ACCESS_DENIED : CTM_HR_INVALID_DATA, "%s \"%s\" %s",
			key, path, why);
	return r;
}

int ctm_secret_read(const char *path, const char *key, size_t max_lines,
	struct ctm_secret *ret_secret, struct ctm_transport_outcome *o)
{
	const char *why = NULL;
	const int r = ctm_secret_load(path, max_lines, ret_secret, &why);

	return r < 0 ? fail(r, why, path, key, o) : 0;
}

int ctm_secret_check(const char *path, const char *key, struct ctm_transport_outcome *o)
{
	const char *why = NULL;
	int fd = -1;
	const int r = ctm_secret_open(path, &fd, &why);

	if (r < 0)
		return fail(r, why, path, key, o);
	close(fd);
	return 0;
}
