/* SPDX-License-Identifier: MIT */
#include "look.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "hresult.h"
#include "look_internal.h"

static bool open_root(struct ctm_looking *l)
{
	const char *path = l->request->local_path;
	struct stat st;

	l->root_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (l->root_fd < 0 || fstat(l->root_fd, &st) < 0) {
		int error = errno;

		ctm_look_cannot_tell(l, error == EACCES ? CTM_E_ACCESSDENIED : CTM_E_PATH_NOT_FOUND,
			-error, "cannot open local_path \"%s\": %s", path, strerror(error));
		return false;
	}
	l->root_device = st.st_dev;
	return true;
}

/* bytes_total can be wrong though each file is as large as it should be: nobody said how large. */
static void blame_for_bytes(struct ctm_looking *l, uint64_t bytes)
{
	static const char format[] = "the files have %" PRIu64 " bytes, bytes_total says %" PRIu64;
	const struct ctm_look_request *request = l->request;

	for (size_t i = 0; i < request->n_files; i++)
		if (!request->files[i].has_size)
			ctm_look_wrong(l, &request->files[i], CTM_E_FILE_CORRUPT, format, bytes,
				request->bytes_total);
	if (!l->result->n_findings)
		ctm_look_cannot_tell(l, CTM_E_FILE_CORRUPT, 0, format, bytes, request->bytes_total);
}

static void look_at_each(struct ctm_looking *l, struct ctm_totals *totals)
{
	const struct ctm_look_request *request = l->request;

	for (size_t i = 0; i < request->n_files; i++) {
		uint64_t size;

		if (!ctm_look_file(l, &request->files[i], &size))
			continue;
		totals->files++;
		if (__builtin_add_overflow(totals->bytes, size, &totals->bytes))
			ctm_look_cannot_tell(
				l, CTM_E_FILE_CORRUPT, 0, "the files have more than 2^64 bytes");
	}
}

/* A look that is so short, in ms, has seen all files at once. */
#define MOMENT 100u

/* Counted jobs: as many regular files as were counted, no more. */
static void look_at_tree(struct ctm_looking *l, struct ctm_totals *totals)
{
	const struct ctm_look_request *request = l->request;
	uint64_t counted = 0;

	for (size_t i = 0; i < request->n_files; i++)
		counted += request->files[i].count;
	if (!ctm_look_walk(l, totals))
		return;
	if (totals->files != counted)
		ctm_look_cannot_tell(l, CTM_E_FILE_CORRUPT, 0,
			"local_path \"%s\" has %" PRIu32 " files, aria2 completed %" PRIu64,
			request->local_path, totals->files, counted);
	else if (request->files_total && counted != request->files_total)
		ctm_look_cannot_tell(l, CTM_E_FILE_CORRUPT, 0,
			"%" PRIu64 " files were completed below \"%s\", files_total says %" PRIu32,
			counted, request->local_path, request->files_total);
	else
		ctm_look_judge_others(l);
}

void ctm_look(const struct ctm_look_request *request, struct ctm_look_result *result)
{
	struct ctm_looking l = {
		.request = request,
		.result = result,
		.root_fd = -1,
	};
	const uint64_t began_ms = ctm_clock_boot_ms();
	struct ctm_totals totals = {0};

	*result = (struct ctm_look_result){.answer = CTM_LOOK_RIGHT};
	/* Without it what could not be written would be known by nothing. */
	result->seen = calloc(request->n_files + 1, sizeof *result->seen);
	if (!result->seen) {
		ctm_look_cannot_tell(&l, CTM_E_OUTOFMEMORY, -ENOMEM, "no memory");
	} else if (open_root(&l)) {
		if (request->n_files > CTM_LOOK_SYNC_EACH)
			ctm_look_leave_to_syncfs(&l);
		look_at_each(&l, &totals);
		if (request->kind != CTM_KIND_LISTED && result->answer == CTM_LOOK_RIGHT)
			look_at_tree(&l, &totals);
		if (result->answer == CTM_LOOK_RIGHT && request->has_bytes_total &&
			totals.bytes != request->bytes_total)
			blame_for_bytes(&l, totals.bytes);
		if (result->answer == CTM_LOOK_RIGHT && ctm_look_sync_rest(&l) &&
			ctm_clock_boot_ms() - began_ms > MOMENT)
			(void)ctm_look_again(&l);
	}
	ctm_close_fd(&l.root_fd);
	free(l.named);
	result->totals = totals;
}
