/* SPDX-License-Identifier: MIT */
#include "module.h"

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "place.h"

#define MODULE "transport-http.so"
#define ENTRY "ctm_transport_entry"

/* What a module of minor 0 has. */
#define TABLE_SIZE_MIN offsetof(struct ctm_transport_table, ask)

typedef const struct ctm_transport_table *entry(void);

/* Nobody but root and ourselves may be able to change what we run. */
static int judge(const char *path, struct ctm_error *e)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return ctm_error_set(e, -errno, "cannot find \"%s\": %s", path, strerror(errno));
	if ((st.st_uid != 0 && st.st_uid != geteuid()) || (st.st_mode & S_IWOTH) ||
		((st.st_mode & S_IWGRP) && st.st_gid != 0 && st.st_gid != getegid()))
		return ctm_error_set(e, -EPERM,
			"\"%s\" is not loaded: others can write it (owner %u, mode %04o)", path,
			(unsigned)st.st_uid, st.st_mode & 07777U);
	return 0;
}

static int judge_with_directory(const char *path, struct ctm_error *e)
{
	CTM_CLEANUP_FREE char *dir = strdup(path);
	int r;

	if (!dir)
		return ctm_error_set(e, -ENOMEM, "no memory to load \"%s\"", path);
	*strrchr(dir, '/') = '\0';
	r = judge(dir[0] ? dir : "/", e);
	return r < 0 ? r : judge(path, e);
}

/*
 * Lazily: of the thousands of functions that libcurl's libraries have of one another few are ever
 * called. The module itself is linked with -z now, so that one that it lacks is told here.
 */
static int load(const char *path, const struct ctm_transport_table **ret_table, struct ctm_error *e)
{
	const struct ctm_transport_table *table;
	entry *get = NULL;
	void *symbol;
	void *module = dlopen(path, RTLD_LAZY | RTLD_LOCAL | RTLD_NODELETE);

	if (!module)
		return ctm_error_set(e, -ELIBBAD, "cannot load \"%s\": %s", path, dlerror());
	symbol = dlsym(module, ENTRY);
	/* ISO C has no way to turn an object pointer into a function; POSIX says their bytes agree.
	 */
	memcpy(&get, &symbol, sizeof get);
	table = get ? get() : NULL;
	if (!table)
		return ctm_error_set(
			e, -ELIBBAD, "\"%s\" is no transport module: it has no " ENTRY, path);
	if (table->abi_major != CTM_TRANSPORT_ABI_MAJOR || table->size < TABLE_SIZE_MIN)
		return ctm_error_set(e, -EPROTO,
			"\"%s\" speaks version %u of the transport interface, this program %u: "
			"install both from one release",
			path, table->abi_major, CTM_TRANSPORT_ABI_MAJOR);
	*ret_table = table;
	return 0;
}

int ctm_module_open(ctm_module_log *log, void *log_context,
	const struct ctm_transport_table **ret_table, struct ctm_transport **ret_transport,
	struct ctm_error *e)
{
	const struct ctm_transport_host host = {
		.size = sizeof host,
		.user_agent = "aria2-ctm/" CTM_VERSION,
		.log = log,
		.log_context = log_context,
	};
	CTM_CLEANUP_FREE char *path = NULL;
	int r = ctm_place_find(CTM_PLACE_MODULES, MODULE, &path);

	if (r < 0)
		return ctm_error_set(
			e, r, "cannot tell where \"" MODULE "\" is installed: %s", strerror(-r));
	r = judge_with_directory(path, e);
	if (r == 0)
		r = load(path, ret_table, e);
	if (r < 0)
		return r;
	r = (*ret_table)->open(&host, ret_transport);
	return r < 0 ? ctm_error_set(e, r, "cannot open transport \"%s\": %s", path, strerror(-r))
		     : 0;
}
