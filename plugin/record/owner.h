/* SPDX-License-Identifier: MIT */
/*
 * owner.h - the one user that a state directory belongs to
 */
#ifndef CTM_OWNER_H
#define CTM_OWNER_H

#include <sys/types.h>

#include "errors.h"

/*
 * Makes the process, run as root, that user for good: groups, gid, uid. A process that is that user
 * already stays as it is. 0; -EPERM: it is neither, said in *e with both names; other negative
 * errno.
 */
int ctm_owner_become(uid_t uid, gid_t gid, const char *dir, struct ctm_error *e);

#endif
