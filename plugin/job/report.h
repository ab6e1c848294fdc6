/* SPDX-License-Identifier: MIT */
/*
 * report.h - what aria2 says of a download when it is asked (aria2.tellStatus and its siblings)
 *
 * Pure data: the deliverer asks and fills it, the fold makes facts of it. Paths are canonical; a
 * file whose path aria2 gave relative to its own directory is left out, nobody else can tell where
 * that is. Numbers of bytes are 0 to 2^63-1, a gid is never 0 but for "none".
 */
#ifndef CTM_REPORT_H
#define CTM_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"

enum ctm_report_status {
	CTM_REPORT_ACTIVE = 1,
	CTM_REPORT_WAITING = 2,
	CTM_REPORT_PAUSED = 3,
	CTM_REPORT_ERROR = 4,
	CTM_REPORT_COMPLETE = 5,
	CTM_REPORT_REMOVED = 6,
	CTM_REPORT_UNKNOWN = 7, /* aria2 answered, and does not know that gid (any more) */
};

struct ctm_report_file {
	char *path;      /* canonical; "" where aria2 has none yet */
	char *uri;       /* the first one, as aria2 has it; "" for none */
	uint64_t bytes;  /* total; 0 also where it is not known yet */
	uint64_t done;   /* completedLength */
	uint64_t offset; /* of its first byte among those of all files of the download */
	bool selected;
	bool lacks_pieces;      /* says the control file that there is: see control.h */
	uint64_t device;        /* st_dev of its directory when asked, 0: unknown */
	struct ctm_sight sight; /* the file when aria2 was asked */
};

struct ctm_report {
	uint64_t gid;
	uint64_t following;  /* the gid that this download came of; 0: none */
	uint64_t belongs_to; /* the gid that it is a part of; 0: none */
	enum ctm_report_status status;
	bool seeder;         /* a torrent that is there whole, and seeds */
	uint32_t error_code; /* aria2's exit status; 0 and up */
	char *error_message; /* "" where aria2 has none */
	char *dir;           /* canonical; "" for none */
	uint64_t bytes;      /* totalLength; 0 also where it is not known yet */
	uint64_t done;       /* completedLength */
	uint64_t length;     /* of all its files, selected or not */
	struct ctm_report_file *files;
	size_t n_files;
	int64_t asked_ms;              /* wall clock, before aria2 was asked */
	const struct ctm_event *event; /* of a hook, which this explains; borrowed; NULL: of none */
};

/* Whether aria2 says that everything selected is there: complete, or seeding all of it. */
bool ctm_report_is_complete(const struct ctm_report *report);

/* Frees what it holds; NULL members are allowed. */
void ctm_report_done(struct ctm_report *report);

#endif
