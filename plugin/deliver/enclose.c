/* SPDX-License-Identifier: MIT */
#include "enclose.h"

#include <errno.h>
#include <link.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "buf.h"
#include "capabilities.h"
#include "hide.h"
#include "landlock.h"
#include "open_transport.h"
#include "place.h"

/* Reading is not handled: what is not handled is not denied. */
#define HANDLED (CTM_LANDLOCK_ALL & ~CTM_LANDLOCK_READ)
#define IN_LOG (CTM_LANDLOCK_WRITE_FILE | CTM_LANDLOCK_MAKE_FILE)
#define IN_PLACE (IN_LOG | CTM_LANDLOCK_REMOVE_FILE)
#define IN_STATE (IN_PLACE | CTM_LANDLOCK_MAKE_FIFO | CTM_LANDLOCK_TRUNCATE)

/*
 * Where the state is root's own: files of others that are read, the log of somebody else, a lease
 * on a sidecar, and the last blocks of a disk.
 */
#define KEPT                                                                                       \
	(CTM_CAPABILITY(CAP_DAC_OVERRIDE) | CTM_CAPABILITY(CAP_DAC_READ_SEARCH) |                  \
		CTM_CAPABILITY(CAP_LEASE) | CTM_CAPABILITY(CAP_SYS_RESOURCE))

/* The directory of a file, and where that is a link, that of what it leads to. */
static int allow_place_of(struct ctm_landlock *l, const char *file, uint64_t rights)
{
	CTM_CLEANUP_FREE char *real = realpath(file, NULL);
	const char *const names[] = {file, real};

	if (!real && errno == ENOMEM)
		return -ENOMEM;
	for (size_t i = 0; i < 2 && names[i]; i++) {
		CTM_CLEANUP_FREE char *dir = strdup(names[i]);
		char *slash = dir ? strrchr(dir, '/') : NULL;

		if (!dir)
			return -ENOMEM;
		if (slash)
			slash[slash == dir] = '\0';
		ctm_landlock_allow(l, slash ? dir : ".", rights);
	}
	return 0;
}

/* The first object is the program itself; what loads its libraries is run by the kernel too. */
static int allow_loader(struct dl_phdr_info *info, size_t size, void *context)
{
	(void)size;
	for (size_t i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_INTERP)
			ctm_landlock_allow(context,
				(const char *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr),
				CTM_LANDLOCK_EXECUTE);
	return 1;
}

/* `deliver`, `transport`: by their directory, where an upgrade puts others in their place. */
static int allow_programs(struct ctm_landlock *l)
{
	CTM_CLEANUP_FREE char *programs = NULL;
	const int r = ctm_place_find(CTM_PLACE_LIBEXEC, "", &programs);

	if (r == 0)
		ctm_landlock_allow(l, programs, CTM_LANDLOCK_EXECUTE);
	dl_iterate_phdr(allow_loader, l);
	return r == -ENOMEM ? r : 0;
}

static int allow_files(struct ctm_landlock *l, const struct ctm_config *config, const char *file)
{
	int r = allow_programs(l);

	ctm_landlock_allow(l, config->state_dir, IN_STATE);
	/* What the transport's process has in the place of our output. */
	ctm_landlock_allow(l, "/dev/null", CTM_LANDLOCK_WRITE_FILE);
	if (r == 0 && config->log_target[0] == '/')
		r = allow_place_of(l, config->log_target, IN_LOG);
	return r == 0 && file ? allow_place_of(l, file, IN_PLACE) : r;
}

/* The version in force, or negative errno. */
static int restrict_files_and_ports(const struct ctm_config *config,
	const struct ctm_enclosing *enclosing, const struct ctm_reach *reach)
{
	struct ctm_landlock l;
	int r;

	ctm_landlock_begin(&l, HANDLED, !enclosing->has_started, !reach->any_port);
	r = allow_files(&l, config, enclosing->file);
	ctm_reach_allow_ports(reach, &l);
	if (r == 0)
		r = ctm_landlock_enforce(&l);
	ctm_landlock_done(&l);
	return r < 0 ? r : l.version;
}

int ctm_enclose(const struct ctm_config *config, const struct ctm_enclosing *enclosing,
	int *ret_landlock, struct ctm_error *e)
{
	static const struct ctm_enclosing nothing;
	struct ctm_reach reach = {0};
	int landlock = 0;
	int r = 0;

	if (ctm_hide_is_wanted()) {
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		r = ctm_reach_of_config(config, &reach);
		if (r == 0)
			landlock = restrict_files_and_ports(
				config, enclosing ? enclosing : &nothing, &reach);
		ctm_reach_done(&reach);
		/* That is no reason to go on with less than there is. */
		if (r == -ENOMEM || landlock == -ENOMEM)
			return ctm_error_set(e, -ENOMEM, "no memory to confine this process");
		ctm_capabilities_keep(KEPT);
	}
	if (ret_landlock)
		*ret_landlock = landlock;
	return 0;
}
