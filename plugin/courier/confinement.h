/* SPDX-License-Identifier: MIT */
/*
 * confinement.h - how far a transport's process is confined
 */
#ifndef CTM_CONFINEMENT_H
#define CTM_CONFINEMENT_H

#include <stdbool.h>

struct ctm_confinement {
	bool unwanted;  /* ARIA2_CTM_CONFINE=no */
	int landlock;   /* its version in the kernel, where it is in force; else negative errno */
	bool all_ports; /* TCP to every port is possible */
	int syscalls;   /* 0: in force; -ENOTSUP: built without; else negative errno */
};

#endif
