/* SPDX-License-Identifier: MIT */
/*
 * store_migrate.h - what an older version wrote becomes what this one writes
 */
#ifndef CTM_STORE_MIGRATE_H
#define CTM_STORE_MIGRATE_H

#include "store.h"

/* From schema `from` to CTM_STORE_SCHEMA, in the caller's transaction. 0 or negative errno. */
int ctm_store_migrate(struct ctm_txn *txn, uint64_t from);

#endif
