/* SPDX-License-Identifier: MIT */
/*
 * sides.h - sidecars as a scan would have read them, for the tests of what follows
 *
 * All in world.h's world, and all that is returned lives until world_done().
 */
#ifndef TEST_SIDES_H
#define TEST_SIDES_H

#include "register.h"

/*
 * A listed job of local_path dl/, read from state/jobs/NAME.ctm.ini, which is made. The caller may
 * change every member.
 */
struct ctm_sidecar *sides_listed(
	unsigned id, const char *name, uint32_t n, const char *const *paths);

/* Registers it, claims and decides, in one transaction. */
struct ctm_registration sides_register(struct ctm_sidecar *sidecar, bool assign_gids);

/* Notes the sidecar of that path, which is there, as invalid. */
void sides_reject(const char *path);

/* The path of a file of a job, NULL where there is no such file. */
const char *sides_path(uint32_t job, uint32_t number);

/* What the store knows of the sidecar of that path. */
struct ctm_sidecar_record sides_record(const char *path);

/* A job that exists as its final word only, which waits: 12 bytes, 2 files. Returns its number. */
uint32_t sides_succeeded(unsigned id, const char *endpoint);

/*
 * Progress of an open job, in the place of one that waits; and what the store has of it, .source
 * NULL for none.
 */
void sides_tell_progress(uint32_t job, uint64_t bytes);
struct ctm_message sides_progress(uint32_t job);

/* An open job ends well: its final word waits, and its progress is gone. */
void sides_end(uint32_t job);

/* The job as it is to be from now on: made with world_job(), and changed. */
void sides_put_job(const struct ctm_job *job);

/* Gives it a timeout, so that it waits for the download to be added again. */
void sides_set_timeout(uint32_t job, uint64_t timeout_s);

#endif
