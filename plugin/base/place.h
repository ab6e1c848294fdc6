/* SPDX-License-Identifier: MIT */
/*
 * place.h - where our own programs and modules are
 *
 * Where they were installed. A program or library that runs from somewhere else than where it would
 * be installed (a build directory) looks beside itself instead; no environment variable changes
 * that.
 */
#ifndef CTM_PLACE_H
#define CTM_PLACE_H

enum ctm_place {
	CTM_PLACE_LIBEXEC, /* hook commands, deliver */
	CTM_PLACE_MODULES, /* transport modules */
};

/* The absolute path of `name` there; the caller frees it. 0, -ENOENT (can't be told), -ENOMEM. */
int ctm_place_find(enum ctm_place place, const char *name, char **ret_path);

#endif
