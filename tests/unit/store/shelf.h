/* SPDX-License-Identifier: MIT */
/*
 * shelf.h - a store for one test
 *
 * TestSuite(name, .init = shelf_init, .fini = shelf_done); then SHELF_TEST(name, what) { ... } is a
 * test whose body runs in one update, with its `txn`.
 */
#ifndef TEST_SHELF_H
#define TEST_SHELF_H

#include <criterion/criterion.h>

#include "scratch.h"
#include "store.h"

extern struct ctm_store *shelf;

void shelf_init(void);
void shelf_done(void);

/* Closes the store and opens it again. */
void shelf_reopen(void);

/* Runs it in an update; fails the test where that fails. */
void shelf_run(void (*body)(struct ctm_txn *txn));

#define SHELF_TEST(suite, name)                                                                    \
	static void suite##_##name(struct ctm_txn *txn);                                           \
	Test(suite, name)                                                                          \
	{                                                                                          \
		shelf_run(suite##_##name);                                                         \
	}                                                                                          \
	static void suite##_##name(struct ctm_txn *txn)

/* "{00000000-0000-0000-0000-0000000000NN}" in a buffer that the next call takes. */
char *shelf_id(unsigned n);

/* A listed job with that id, local_path "/srv/NN", without files. */
struct ctm_job shelf_job(struct ctm_txn *txn, unsigned id);

/* A file of that job; the path is borrowed. Returns its record, with its number. */
struct ctm_file shelf_file(
	struct ctm_txn *txn, struct ctm_job *job, const char *path, uint64_t gid);

/* Two texts with one FNV-1a hash. */
#define SHELF_TWIN_1 "8yn0iYCKYHlIj4-BwPqk"
#define SHELF_TWIN_2 "GReLUrM4wMqfg9yzV3KQ"

#endif
