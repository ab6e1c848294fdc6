/* SPDX-License-Identifier: MIT */
/*
 * LMDB makes a file by one write of two pages, in place. Where a full disk takes one of them, or
 * power goes, there is a file that is no store, and never will be. So it is made under another
 * name, synced, and renamed.
 */
#include "store_make.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <lmdb.h>

#include "buf.h"
#include "files.h"

#define PATH_LIMIT 8192u

static int make(const char *path, size_t map_bytes)
{
	MDB_env *env;
	int rc = mdb_env_create(&env);

	if (rc)
		return rc;
	rc = mdb_env_set_mapsize(env, map_bytes);
	if (rc == 0)
		rc = mdb_env_open(env, path, MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOTLS, 0600);
	if (rc == 0)
		rc = mdb_env_sync(env, 1);
	mdb_env_close(env);
	return rc;
}

/*
 * Gives the new file its name, so that it lasts: messages are stored in it before they are sent.
 * One that may not be there after a loss of power is taken away; who comes next tries again.
 */
static int settle(const char *made, const char *path)
{
	int r = rename(made, path) < 0 ? -errno : 0;

	if (r < 0)
		return -r;
	r = ctm_files_sync_parent(path);
	if (r < 0)
		unlink(path);
	return -r;
}

int ctm_store_make(const char *path, size_t map_bytes)
{
	CTM_CLEANUP_BUF struct ctm_buf new_path = CTM_BUF_INIT(PATH_LIMIT);
	struct stat st;
	int rc;

	/* What is there is somebody's, whatever it is; but an empty file is nothing yet. */
	if (stat(path, &st) < 0) {
		if (errno != ENOENT)
			return errno;
	} else if (st.st_size > 0) {
		return 0;
	}
	ctm_buf_printf(&new_path, "%s.new", path);
	if (new_path.error)
		return -new_path.error;
	/* Left behind by one that was killed at this. */
	if (unlink(new_path.data) < 0 && errno != ENOENT)
		return errno;
	rc = make(new_path.data, map_bytes);
	if (rc == 0)
		rc = settle(new_path.data, path);
	if (rc)
		unlink(new_path.data);
	return rc;
}
