/* SPDX-License-Identifier: MIT */
#include "store.h"

#include <errno.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store_keys.h"
#include "store_make.h"
#include "store_migrate.h"

/* Address space, not memory or disk: the file grows with what is in it. */
#define FIRST_MAP_BYTES ((size_t)64 << 20)
#define GROWTHS 20

struct ctm_store {
	char *path;
	MDB_env *env; /* NULL after its map could not be changed: it is opened anew when needed */
	jmp_buf *escape; /* of the call into LMDB that is under way */
	ctm_store_job_watcher *watcher;
	void *watching;
	bool damaged; /* an assertion failed: nothing can be told of the environment any more */
};

static int fail(struct ctm_error *e, int rc, const char *what)
{
	int r = ctm_txn_error(NULL, rc);

	return ctm_error_set(e, r, "cannot %s the store: %s", what, mdb_strerror(rc));
}

/*
 * A file that was cut short would end the process by SIGBUS where a page is read that is not there.
 * A hole in its place reads as zeros, which LMDB reports as damage. Pages that were never written
 * at the end of a healthy store become a hole as well, and are never read.
 */
static int mend_length(MDB_env *env)
{
	MDB_envinfo info;
	MDB_stat stat;
	struct stat st;
	mdb_filehandle_t fd;
	off_t needed;
	int rc = mdb_env_info(env, &info);

	if (rc == 0)
		rc = mdb_env_stat(env, &stat);
	if (rc == 0)
		rc = mdb_env_get_fd(env, &fd);
	if (rc)
		return rc;
	needed = (off_t)((info.me_last_pgno + 1) * stat.ms_psize);
	if (fstat(fd, &st) < 0 || (st.st_size < needed && ftruncate(fd, needed) < 0))
		return errno;
	return 0;
}

/*
 * Where what stands in the file can't be, LMDB asserts and would end the process: a hook, and its
 * events with it, or the program that embeds us. Instead the call is left, and what it held of
 * memory; the environment is not used again but to be closed.
 */
static void leave(MDB_env *env, const char *assertion)
{
	struct ctm_store *store = mdb_env_get_userctx(env);

	(void)assertion;
	if (store->escape)
		longjmp(*store->escape, 1);
}

typedef int guarded_call(struct ctm_store *store, void *context, struct ctm_error *e);

/* The call's own return, or -EBADMSG where LMDB met what can't be. */
static int guarded(struct ctm_store *store, guarded_call *call, void *context, struct ctm_error *e)
{
	jmp_buf *const outer = store->escape;
	jmp_buf here;
	int r;

	if (!store->damaged && setjmp(here) == 0) {
		store->escape = &here;
		r = call(store, context, e);
	} else {
		store->damaged = true;
		r = fail(e, MDB_CORRUPTED, "use");
	}
	store->escape = outer;
	return r;
}

static void close_env(struct ctm_store *store)
{
	if (store->env)
		mdb_env_close(store->env);
	store->env = NULL;
}

static int open_env(struct ctm_store *store)
{
	int rc = mdb_env_create(&store->env);

	if (rc == 0)
		rc = mdb_env_set_assert(store->env, leave);
	if (rc == 0)
		rc = mdb_env_set_userctx(store->env, store);
	/* The file says itself how large its map has become. */
	if (rc == 0)
		rc = ctm_store_make(store->path, FIRST_MAP_BYTES);
	if (rc == 0)
		rc = mdb_env_open(
			store->env, store->path, MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOTLS, 0600);
	if (rc == 0)
		rc = mend_length(store->env);
	if (rc)
		close_env(store);
	return rc;
}

static int open_first(struct ctm_store *store, void *context, struct ctm_error *e)
{
	int rc = open_env(store);

	(void)context;
	return rc ? fail(e, rc, "open") : 0;
}

int ctm_store_open(const char *path, struct ctm_store **ret_store, struct ctm_error *e)
{
	struct ctm_store *store = calloc(1, sizeof *store);
	int r;

	if (!store || !(store->path = strdup(path))) {
		free(store);
		return ctm_error_set(e, -ENOMEM, "no memory to open the store");
	}
	r = guarded(store, open_first, NULL, e);
	if (r < 0) {
		ctm_error_wrap(e, "\"%s\"", path);
		ctm_store_close(store);
		return r;
	}
	*ret_store = store;
	return 0;
}

void ctm_store_close(struct ctm_store *store)
{
	if (!store)
		return;
	close_env(store);
	free(store->path);
	free(store);
}

void ctm_store_watch(struct ctm_store *store, ctm_store_job_watcher *watcher, void *context)
{
	store->watcher = watcher;
	store->watching = context;
}

/*
 * 0 takes over the size that another process gave the map. LMDB unmaps before it maps anew: where
 * that fails (no memory, no address space) the environment has no map at all, and its next use
 * would end the process.
 */
static int set_map_size(struct ctm_store *store, size_t bytes)
{
	int rc = mdb_env_set_mapsize(store->env, bytes);

	if (rc)
		close_env(store);
	return rc;
}

/* What a body reports without a word is the store's own. */
static int explain(struct ctm_error *e, int r)
{
	if (r == -EBADMSG && e && e->code != r)
		return ctm_error_set(
			e, r, "the store is damaged: \"aria2-ctm check\" says what to do");
	if (r == -ENOMEM && e && e->code != r)
		return ctm_error_set(e, r, "no memory to use the store");
	return r;
}

/* A newer schema is refused; an older one, or none in a new store, an update makes ours. */
static int check_schema(struct ctm_txn *txn, bool update, struct ctm_error *e)
{
	uint64_t schema;
	int r = ctm_store_setting_get(txn, CTM_SETTING_SCHEMA, &schema);

	if (r == 0 && schema < CTM_STORE_SCHEMA && update)
		return ctm_store_migrate(txn, schema);
	if (r == 0 && schema > CTM_STORE_SCHEMA)
		return ctm_error_set(e, -EPROTO,
			"the store has schema %" PRIu64 ", this version knows schemas up to %u: "
			"install the version that wrote it",
			schema, CTM_STORE_SCHEMA);
	return r;
}

static int begin(struct ctm_store *store, unsigned flags, struct ctm_txn *ret_txn)
{
	int rc = store->env ? 0 : open_env(store);

	if (rc)
		return rc;
	rc = mdb_txn_begin(store->env, NULL, flags, &ret_txn->txn);
	if (rc == MDB_MAP_RESIZED) {
		rc = set_map_size(store, 0);
		if (rc == 0)
			rc = mdb_txn_begin(store->env, NULL, flags, &ret_txn->txn);
	}
	if (rc)
		return rc;
	rc = mdb_dbi_open(ret_txn->txn, NULL, 0, &ret_txn->dbi);
	if (rc)
		mdb_txn_abort(ret_txn->txn);
	return rc;
}

static int grow(struct ctm_store *store)
{
	MDB_envinfo info;
	int rc = mdb_env_info(store->env, &info);

	return rc ? rc : set_map_size(store, info.me_mapsize * 2);
}

/* A body and what it is called with. */
struct work {
	ctm_store_body *body;
	void *context;
};

static int read_once(struct ctm_store *store, void *context, struct ctm_error *e)
{
	const struct work *work = context;
	MDB_cursor *cursors[CTM_TABLES] = {0};
	struct ctm_txn txn = {0};
	int rc = begin(store, MDB_RDONLY, &txn);
	int r;

	if (rc)
		return fail(e, rc, "read");
	txn.cursors = cursors;
	r = check_schema(&txn, false, e);
	if (r == 0)
		r = work->body(&txn, work->context, e);
	ctm_txn_close_cursors(&txn);
	mdb_txn_abort(txn.txn);
	return r;
}

int ctm_store_read(
	struct ctm_store *store, ctm_store_body *body, void *context, struct ctm_error *e)
{
	struct work work = {body, context};

	return explain(e, guarded(store, read_once, &work, e));
}

/* One run of the body. *ret_full: it failed because the map is full. */
static int update_once(struct ctm_store *store, ctm_store_body *body, void *context, bool *ret_full,
	struct ctm_error *e)
{
	struct ctm_txn txn = {.watcher = store->watcher, .watching = store->watching};
	int rc = begin(store, 0, &txn);
	int r;

	*ret_full = false;
	if (rc)
		return fail(e, rc, "write to");
	r = check_schema(&txn, true, e);
	if (r == 0)
		r = body(&txn, context, e);
	if (r < 0) {
		mdb_txn_abort(txn.txn);
	} else {
		rc = mdb_txn_commit(txn.txn);
		if (rc) {
			ctm_txn_error(&txn, rc);
			r = fail(e, rc, "commit to");
		}
	}
	*ret_full = r < 0 && txn.map_full;
	return r;
}

static int update(struct ctm_store *store, void *context, struct ctm_error *e)
{
	const struct work *work = context;
	bool full;
	int r;

	for (int growths = 0;; growths++) {
		int rc;

		r = update_once(store, work->body, work->context, &full, e);
		if (!full || growths == GROWTHS)
			return r;
		rc = grow(store);
		if (rc)
			return fail(e, rc, "enlarge");
	}
}

int ctm_store_update(
	struct ctm_store *store, ctm_store_body *body, void *context, struct ctm_error *e)
{
	struct work work = {body, context};

	return explain(e, guarded(store, update, &work, e));
}

uint64_t ctm_store_version(struct ctm_store *store)
{
	MDB_envinfo info;

	return store->env && mdb_env_info(store->env, &info) == 0 ? info.me_last_txnid : 0;
}

int ctm_store_setting_get(struct ctm_txn *txn, enum ctm_setting setting, uint64_t *ret_value)
{
	struct ctm_key key = ctm_key(CTM_TABLE_SETTING);

	ctm_key_u32(&key, setting);
	return ctm_txn_get_u64(txn, &key, ret_value);
}

int ctm_store_setting_put(struct ctm_txn *txn, enum ctm_setting setting, uint64_t value)
{
	struct ctm_key key = ctm_key(CTM_TABLE_SETTING);

	ctm_key_u32(&key, setting);
	return ctm_txn_put_u64(txn, &key, value);
}
