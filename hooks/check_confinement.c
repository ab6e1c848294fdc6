/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "check.h"

#define SUBJECT "confinement"

/* The first version that knows ports, and the kernel that brought it. */
#define LANDLOCK_WITH_PORTS 4

static void miss_landlock(struct ctm_check *check, const char *consequence, int error)
{
	ctm_check_add(check->report, CTM_CHECK_WARNING, SUBJECT, "%s: Landlock is not there (%s)",
		consequence, strerror(-error));
	if (error == -EOPNOTSUPP)
		ctm_check_remedy(check->report,
			"put landlock into the kernel's parameter lsm= and start anew");
	else
		ctm_check_remedy(check->report,
			"take Linux 5.13 or later with CONFIG_SECURITY_LANDLOCK, and let what runs "
			"this (a container, a service manager) permit landlock_create_ruleset, "
			"landlock_add_rule and landlock_restrict_self");
}

void ctm_check_enclosure(struct ctm_check *check, int landlock)
{
	if (landlock < 0)
		miss_landlock(check,
			"the processes that have the store open can write and run more than they "
			"need to",
			landlock);
	if (landlock > 0)
		ctm_check_add(check->report, CTM_CHECK_OK, SUBJECT,
			"the processes that have the store open are confined by Landlock "
			"(version %d)",
			landlock);
}

static void check_syscalls(struct ctm_check *check, const struct ctm_confinement *c)
{
	if (c->syscalls == 0)
		return;
	if (c->syscalls == -ENOTSUP) {
		ctm_check_add(check->report, CTM_CHECK_WARNING, SUBJECT,
			"the process that speaks to the network can make every system call: it was "
			"built without libseccomp");
		ctm_check_remedy(check->report, "build with -Dseccomp=enabled");
		return;
	}
	ctm_check_add(check->report, CTM_CHECK_WARNING, SUBJECT,
		"the process that speaks to the network can make every system call: there are no "
		"seccomp filters (%s)",
		strerror(-c->syscalls));
	ctm_check_remedy(check->report,
		"take a kernel with CONFIG_SECCOMP_FILTER, and let what runs this permit seccomp");
}

void ctm_check_confinement(struct ctm_check *check, const struct ctm_confinement *c)
{
	char landlock[64] = "";

	if (c->unwanted) {
		ctm_check_add(check->report, CTM_CHECK_WARNING, SUBJECT,
			"neither the process that speaks to the network nor those that have the "
			"store open are confined: ARIA2_CTM_CONFINE=no");
		ctm_check_remedy(check->report,
			"take it out of the environment, if nothing stands in its way any more");
		return;
	}
	if (c->landlock <= 0)
		miss_landlock(check,
			"the process that speaks to the network can reach files and ports that it "
			"does not need",
			c->landlock);
	check_syscalls(check, c);
	if (c->landlock > 0)
		snprintf(landlock, sizeof landlock, "Landlock (version %d%s)", c->landlock,
			c->landlock < LANDLOCK_WITH_PORTS ? ", which knows no ports"
			: c->all_ports                    ? ", every port"
							  : "");
	if (c->landlock > 0 || c->syscalls == 0)
		ctm_check_add(check->report, CTM_CHECK_OK, SUBJECT,
			"the process that speaks to the network is confined by %s%s%s", landlock,
			c->landlock > 0 && c->syscalls == 0 ? " and " : "",
			c->syscalls == 0 ? "seccomp" : "");
}
