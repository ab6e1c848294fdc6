/* SPDX-License-Identifier: MIT */
/*
 * owner.h - the one user that a state directory belongs to
 */
#ifndef CTM_OWNER_H
#define CTM_OWNER_H

#include <sys/types.h>

#include "errors.h"

/*
 * Makes the process, run as root, that user for good: groups, gid, uid. The groups are the user's;
 * `gid` is that of one whom the system does not know, as in a container, and must not be root's
 * then. A process that is that user already stays as it is. 0; -EPERM: it is neither, said in *e
 * with both names, or there is no group to be had; other negative errno, which also says that the
 * user could not be looked up.
 */
int ctm_owner_become(uid_t uid, gid_t gid, const char *dir, struct ctm_error *e);

#endif
