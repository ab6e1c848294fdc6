/* SPDX-License-Identifier: MIT */
/*
 * enclose.h - a process that has the store open gives up what it does not need
 *
 * `deliver` and `aria2-ctm` read what others wrote: sidecars, names of files, what CTM and aria2
 * answered. Once the configuration is read, and before any of that is, they give up for good:
 *
 *	writing, making and removing files but in the state directory and in that of the log
 *	running programs but our own, and new privileges
 *	TCP but to the ports that the configuration names, and to 53; listening
 *	signals to processes that they did not start; of root's powers all but those over files
 *
 * Whatever they start has lost the same: of the network they must leave what the transport's
 * process needs, which gives up more by itself (confine.h), so that nothing that it could do is
 * lost by this. Content may stand anywhere: all can be read.
 *
 * What a kernel can't do is left out, and told. ARIA2_CTM_CONFINE=no leaves out all of it.
 */
#ifndef CTM_ENCLOSE_H
#define CTM_ENCLOSE_H

#include "config.h"

struct ctm_enclosing {
	const char *file; /* is to be replaced, or removed, too; NULL: none */
	bool has_started; /* a program of somebody else's, which is to be signalled */
};

/*
 * For this thread, and what it starts: before there are others, as the state's owner, in the
 * directory that relative names are meant from. `enclosing` may be NULL. *ret_landlock, which may
 * be NULL too: the version of Landlock in force, 0 if it is not wanted, or the negative errno that
 * it has not come into force by. 0, or -ENOMEM in *e: then all is as it was.
 */
int ctm_enclose(const struct ctm_config *config, const struct ctm_enclosing *enclosing,
	int *ret_landlock, struct ctm_error *e);

#endif
