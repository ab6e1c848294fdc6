/* SPDX-License-Identifier: MIT */
/*
 * sidecar.h - a job as it stands on disk: the call to DownloadContent
 *
 * ctm_sidecar_load() opens, judges and reads one *.ctm.ini. Every complaint goes to the caller's
 * function, with file, line, key, what was found and what would be right; warnings are complaints
 * with code 0.
 */
#ifndef CTM_SIDECAR_H
#define CTM_SIDECAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "arena.h"
#include "ini_text.h"
#include "terms.h"

#define CTM_SIDECAR_SUFFIX ".ctm.ini"

#define CTM_SHA256_BYTES 32u

/* There can be millions: what one needs counts. */
struct ctm_sidecar_file {
	char *path;            /* relative to local_path, tidy, no ".." */
	uint64_t size;         /* bytes, if has_size */
	uint64_t gid;          /* 0: none */
	unsigned char *sha256; /* CTM_SHA256_BYTES, if has_sha256 */
	char **uris;
	uint32_t n_uris;
	uint32_t number; /* N of [file.N] */
	unsigned line;   /* of its path; of its section where that is missing */
	bool has_size;
	bool has_sha256;
};

struct ctm_sidecar {
	char *file; /* its own canonical path */
	char *id;   /* verbatim; NULL where an invalid sidecar has none */
	enum ctm_kind kind;
	char *endpoint;
	char *client_data; /* "" if absent */
	char *content_id;  /* "" if absent, like the next */
	char *content_version;
	char *local_path;     /* canonical (links resolved as far as it exists) */
	uint32_t files_total; /* 0: not given (single) */
	uint64_t bytes_total;
	bool has_bytes_total;
	uint64_t timeout_s;
	uint64_t chunk_size;
	uint32_t flags; /* CCM_DTS_FLAG */
	enum ctm_priority priority;
	bool delete_on_error;
	struct ctm_sidecar_file *files; /* in the order of the text */
	uint32_t n_files;
	struct ctm_arena text; /* paths and hashes of the files */
};

/* Whom a sidecar may come from: the rules of "Whom it may come from". */
struct ctm_sidecar_trust {
	uid_t state_owner;
	const uid_t *owners; /* [sidecar] owner, resolved */
	size_t n_owners;
	bool beside; /* it stands beside content: root or an `owner` other than state_owner only */
	/*
	 * It stands in a [sidecar] dir that root owns, and that not everybody may write to: whoever
	 * may is trusted.
	 */
	bool in_trusted_dir;
	/* `add`, `run`: taken at once, without asking whether somebody still writes to it. */
	bool at_once;
};

enum ctm_sidecar_state {
	CTM_SIDECAR_GOOD,      /* *ret_sidecar is a job */
	CTM_SIDECAR_NOT_WHOLE, /* not there whole yet: look again later. *ret_sidecar is NULL */
	/*
	 * Complained of; *ret_sidecar is NULL, or has at least its id, and endpoint and client_data
	 * where that was good. It has no files, and what else it has is not to be relied on.
	 */
	CTM_SIDECAR_INVALID,
	CTM_SIDECAR_REFUSED, /* comes from whom it may not; complained of; *ret_sidecar is NULL */
};

/*
 * When a sidecar that was found by scanning counts as whole: it ends in a newline, a listed one has
 * as many [file.N] as files_total, nobody had it open for writing before and after it was read, and
 * it did not change in between. So a listed sidecar that was cut anywhere can lack at most optional
 * keys of its last section; for those, and for totals and single, which have nothing to count,
 * newline and writer decide. Who renames a finished file into place is safe in every case.
 *
 * local_path of a sidecar beside content, if none is given: D.ctm.ini leads to D, a directory or
 * not there yet. Where F is a regular file, F.ctm.ini leads to the directory that F is in, and a
 * job of kind single is the list of this one file; only such a sidecar may stand inside its
 * local_path.
 *
 * Paths of files are canonical below local_path as far as directories exist: two names of one file
 * are a duplicate.
 *
 * Opens `path` (never through a link in its last part), judges owner and mode by the open file,
 * reads it. *ret_stat is the file as it was read (it did not change meanwhile). 0: *ret_state says
 * what it is; the caller frees *ret_sidecar. Negative errno: it could not be opened or read
 * (-ENOENT, -EACCES, -EIO, -ENOMEM ...), said in *e; that is no verdict on the sidecar.
 */
int ctm_sidecar_load(const char *path, const struct ctm_sidecar_trust *trust,
	ctm_ini_complain *complain, void *context, enum ctm_sidecar_state *ret_state,
	struct ctm_sidecar **ret_sidecar, struct stat *ret_stat, struct ctm_error *e);

void ctm_sidecar_free(struct ctm_sidecar *sidecar);

#endif
