/* SPDX-License-Identifier: MIT */
/*
 * sidecar_volume.h - whether a sidecar is gone, or only the volume that it was on
 *
 * A directory that waits for a volume to be mounted looks just like one whose files were deleted.
 * A job whose sidecar comes back after it was forgotten would be a new job, with a second final
 * word. So where a sidecar was is written down when it is read.
 *
 * Both look at places that somebody else may have mounted, and can last: never call them while the
 * state's lock is held.
 */
#ifndef CTM_SIDECAR_VOLUME_H
#define CTM_SIDECAR_VOLUME_H

#include <sys/stat.h>

#include "store.h"

/* Where the sidecar of that absolute path is; all unknown where it is not that file any more. */
struct ctm_volume ctm_sidecar_volume(const char *path, const struct stat *st);

/*
 * Whether no file of that path is there, and the place where it would be is the one where it was:
 * the very directory, or, where that is another or none, one of the same volume that has something
 * in it. False where that can't be told.
 */
bool ctm_sidecar_is_gone(const char *path, const struct ctm_volume *volume);

#endif
