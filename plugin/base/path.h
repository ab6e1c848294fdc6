/* SPDX-License-Identifier: MIT */
/*
 * path.h - paths as text, and their directories with links resolved
 *
 * A *canonical* path is absolute, has no ".", "..", "//" or trailing "/", and the links in its
 * directory part are resolved as far as the directories exist. The last part is never resolved.
 */
#ifndef CTM_PATH_H
#define CTM_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CTM_PATH_LIMIT 8192u /* bytes of the longest path that we take */

/*
 * Absolute and tidy, by text alone ("/a/b/../c//d/." is "/a/c/d"); a relative path is put behind
 * `cwd`. The caller frees *ret_path. 0, -EINVAL (empty, or relative without cwd), -ENAMETOOLONG,
 * -ENOMEM.
 */
int ctm_path_tidy(const char *path, const char *cwd, char **ret_path);

/*
 * The canonical form of an absolute or (by the process's directory) relative path. Where its
 * directory does not exist or can't be searched, the longest part that can be is resolved and the
 * rest is tidied by text. *ret_device (NULL allowed): st_dev of the directory, 0 where it could not
 * be opened. Errors as above.
 */
int ctm_path_canonical(const char *path, char **ret_path, uint64_t *ret_device);

/*
 * The same where that needs no more than a look at a directory that is there, which is left open as
 * *ret_dir_fd, and no memory. False: ctm_path_canonical() does it, or says why not.
 */
bool ctm_path_glance(const char *path, char to[CTM_PATH_LIMIT + 1], int *ret_dir_fd);

/*
 * What an open directory is called, by the kernel's own answer through /proc, which costs the same
 * for any depth. The length; 0 where that can't be told, or has no room.
 */
size_t ctm_path_of_directory(int fd, char *to, size_t size);

/* The same as ctm_path_canonical() for a directory: its last part is resolved as well. */
int ctm_path_canonical_dir(const char *path, char **ret_path);

/*
 * Whether a link on the way of an absolute path leads nowhere now (a volume that is not mounted
 * yet): what is canonical now would be another path then.
 */
bool ctm_path_dangles(const char *path);

/*
 * Whether canonical `path` lies below canonical directory `dir`. Returns the part behind "dir/", a
 * pointer into path, or NULL. Nothing lies below itself.
 */
const char *ctm_path_below(const char *path, const char *dir);

/* dir + "/" + name, freed by the caller; NULL: no memory. */
char *ctm_path_join(const char *dir, const char *name);

/* The last part of a path: behind its last "/". */
const char *ctm_path_name(const char *path);

#endif
