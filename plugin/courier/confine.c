/* SPDX-License-Identifier: MIT */
#include "confine.h"

#include <errno.h>
#include <linux/capability.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "buf.h"
#include "capabilities.h"
#include "hide.h"
#include "landlock.h"
#include "path.h"
#include "place.h"
#include "syscalls.h"

/*
 * What a resolver and a TLS library read: names, certificates, their configuration, and libraries
 * that they load only when they need them. What is not there is passed over.
 */
static const char *const systems[] = {"/etc", "/usr", "/lib", "/lib32", "/lib64", "/libx32",
	"/nix/store", "/gnu/store", "/var/lib/ca-certificates", "/run/systemd/resolve", "/run/nscd",
	"/run/resolvconf", "/run/NetworkManager", "/proc/sys/crypto", "/dev/null", "/dev/random",
	"/dev/urandom"};

/* Files that the environment names, and directories. */
static const char *const file_variables[] = {"SSL_CERT_FILE", "OPENSSL_CONF"};
static const char *const directory_variables[] = {"SSL_CERT_DIR", "OPENSSL_MODULES"};

/* What others could learn of us. */
static void hide(void)
{
	const struct rlimit none = {0};

	setrlimit(RLIMIT_CORE, &none);
	ctm_hide();
}

/* Whether all below dir may not be read: it has the state in it, or what is a user's own. */
static bool is_too_wide(const char *dir, const struct ctm_reach *reach)
{
	CTM_CLEANUP_FREE char *state = reach->state_dir ? realpath(reach->state_dir, NULL) : NULL;
	const char *home = getenv("HOME");

	if (strcmp(dir, "/") == 0 || strcmp(dir, "/home") == 0 || strcmp(dir, "/root") == 0)
		return true;
	if (state && (strcmp(state, dir) == 0 || ctm_path_below(state, dir)))
		return true;
	return home && *home == '/' && (strcmp(home, dir) == 0 || ctm_path_below(home, dir));
}

/*
 * A file, by the directory that it is in: when it is replaced by another one, that can be read as
 * well.
 */
static void allow_in_place(struct ctm_landlock *l, const char *file, const struct ctm_reach *reach)
{
	CTM_CLEANUP_FREE char *copy = strdup(file);
	CTM_CLEANUP_FREE char *dir = NULL;
	char *slash = copy ? strrchr(copy, '/') : NULL;

	if (!slash)
		return;
	slash[slash == copy] = '\0';
	dir = realpath(copy, NULL);
	ctm_landlock_allow(l, dir && !is_too_wide(dir, reach) ? dir : file, CTM_LANDLOCK_READ);
}

static void allow_file(struct ctm_landlock *l, const char *file, const struct ctm_reach *reach)
{
	CTM_CLEANUP_FREE char *real = NULL;

	if (!file || *file != '/')
		return;
	allow_in_place(l, file, reach);
	/* Where it is a link, also what that leads to. */
	real = realpath(file, NULL);
	if (real && strcmp(real, file) != 0)
		allow_in_place(l, real, reach);
}

static void allow_files(struct ctm_landlock *l, const struct ctm_reach *reach)
{
	CTM_CLEANUP_FREE char *modules = NULL;

	for (size_t i = 0; i < sizeof systems / sizeof *systems; i++)
		ctm_landlock_allow(l, systems[i], CTM_LANDLOCK_READ);
	for (size_t i = 0; i < sizeof file_variables / sizeof *file_variables; i++)
		allow_file(l, getenv(file_variables[i]), reach);
	for (size_t i = 0; i < sizeof directory_variables / sizeof *directory_variables; i++) {
		const char *dir = getenv(directory_variables[i]);

		if (dir && *dir == '/' && !is_too_wide(dir, reach))
			ctm_landlock_allow(l, dir, CTM_LANDLOCK_READ);
	}
	allow_file(l, "/etc/resolv.conf", reach);
	if (ctm_place_find(CTM_PLACE_MODULES, "", &modules) == 0)
		ctm_landlock_allow(l, modules, CTM_LANDLOCK_READ);
	for (size_t i = 0; i < reach->n_files; i++)
		allow_file(l, reach->files[i], reach);
}

static int restrict_files_and_ports(const struct ctm_reach *reach)
{
	struct ctm_landlock l;
	int r;

	ctm_landlock_begin(&l, CTM_LANDLOCK_ALL, true, !reach->any_port);
	allow_files(&l, reach);
	ctm_reach_allow_ports(reach, &l);
	r = ctm_landlock_enforce(&l);
	ctm_landlock_done(&l);
	return r < 0 ? r : l.version;
}

void ctm_confine(const struct ctm_reach *reach, struct ctm_confinement *ret_confinement)
{
	struct ctm_confinement c = {.unwanted = !ctm_hide_is_wanted()};

	hide();
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (!c.unwanted) {
		/*
		 * Run for root's own state directory: nothing of root's is needed but to read a key
		 * that is somebody else's.
		 */
		ctm_capabilities_keep(CTM_CAPABILITY(CAP_DAC_READ_SEARCH));
		c.landlock = restrict_files_and_ports(reach);
		c.all_ports = reach->any_port || c.landlock < CTM_LANDLOCK_WITH_PORTS;
		c.syscalls = ctm_syscalls_restrict(reach->unix_socket);
	}
	*ret_confinement = c;
}
