/* SPDX-License-Identifier: MIT */
#include "sidecars_mtime.h"

#include <fcntl.h>
#include <sys/stat.h>

uint64_t ctm_sidecars_mtime(const struct ctm_config *config)
{
	struct stat st;

	if (fstatat(AT_FDCWD, config->sidecar_dir, &st, 0) < 0)
		return 0;
	return (uint64_t)st.st_mtim.tv_sec * 1000000000U + (uint64_t)st.st_mtim.tv_nsec;
}
