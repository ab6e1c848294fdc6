/* SPDX-License-Identifier: MIT */
#include "place.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#include "buf.h"
#include "path.h"

static const char *const installed[] = {
	[CTM_PLACE_LIBEXEC] = CTM_LIBEXECDIR,
	[CTM_PLACE_MODULES] = CTM_MODULEDIR,
};

/*
 * The program's real file, NULL with errno. Where /proc is not mounted, the path that the kernel
 * was told at exec tells, unless that depends on a directory that may have been left since.
 */
static char *own_program(void)
{
	const char *started = (const char *)(uintptr_t)getauxval(AT_EXECFN);
	char *real = realpath("/proc/self/exe", NULL);

	return real || errno == ENOMEM || !started || started[0] != '/' ? real
									: realpath(started, NULL);
}

/* The real directory of the object that this very function is in: a program or the library. */
static int own_directory(char **ret_dir)
{
	static const char here = 0;
	CTM_CLEANUP_FREE char *real = NULL;
	Dl_info info;

	/* For a program dladdr gives argv[0], which can be anything; the kernel knows better. */
	if (dladdr(&here, &info) && info.dli_fname && strstr(info.dli_fname, ".so"))
		real = realpath(info.dli_fname, NULL);
	else
		real = own_program();
	if (!real)
		return errno == ENOMEM ? -ENOMEM : -ENOENT;
	*strrchr(real, '/') = '\0';
	*ret_dir = real;
	real = NULL;
	return 0;
}

/* Whether dir is one of the directories that the installation puts us in: 1 or 0; -ENOMEM. */
static int is_installed(const char *dir)
{
	static const char *const ours[] = {CTM_LIBEXECDIR, CTM_BINDIR, CTM_LIBDIR};

	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
		CTM_CLEANUP_FREE char *real = realpath(ours[i], NULL);

		if (!real && errno == ENOMEM)
			return -ENOMEM;
		if (real && strcmp(real, dir) == 0)
			return 1;
	}
	return 0;
}

int ctm_place_find(enum ctm_place place, const char *name, char **ret_path)
{
	CTM_CLEANUP_FREE char *dir = NULL;
	char *path;
	int r = own_directory(&dir);

	if (r < 0)
		return r;
	r = is_installed(dir);
	if (r < 0)
		return r;
	path = ctm_path_join(r ? installed[place] : dir, name);
	if (!path)
		return -ENOMEM;
	*ret_path = path;
	return 0;
}
