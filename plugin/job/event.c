/* SPDX-License-Identifier: MIT */
#include "event.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* In records of version 1 a sight is as long as what was seen. */
#define RECORD_VERSION 2

/* Of a sight; a record of before knows no other than 0 and 1. */
#define SIGHT_KNOWN 1
#define SIGHT_ABSENT 2

static const char *const hooks[] = {
	[CTM_EVENT_START] = "on-download-start",
	[CTM_EVENT_PAUSE] = "on-download-pause",
	[CTM_EVENT_STOP] = "on-download-stop",
	[CTM_EVENT_COMPLETE] = "on-download-complete",
	[CTM_EVENT_ERROR] = "on-download-error",
	[CTM_EVENT_BT_COMPLETE] = "on-bt-download-complete",
};

#define N_HOOKS (sizeof hooks / sizeof *hooks)

bool ctm_event_type_from_hook(const char *name, enum ctm_event_type *ret_type)
{
	for (unsigned i = 1; i < N_HOOKS; i++) {
		if (strcmp(hooks[i], name) == 0) {
			*ret_type = (enum ctm_event_type)i;
			return true;
		}
	}
	return false;
}

const char *ctm_event_hook_name(enum ctm_event_type type)
{
	return type > 0 && type < N_HOOKS ? hooks[type] : NULL;
}

bool ctm_event_is_evidence(const struct ctm_event *event)
{
	return (event->type == CTM_EVENT_COMPLETE || event->type == CTM_EVENT_BT_COMPLETE) &&
	       event->n_files > 0 && event->path[0];
}

bool ctm_event_is_evidence_at_most(const struct ctm_event *event)
{
	return event->type != CTM_EVENT_ERROR && event->type != CTM_EVENT_STOP &&
	       event->n_files <= 1;
}

bool ctm_event_is_news(const struct ctm_event *event)
{
	return event->type == CTM_EVENT_ERROR || ctm_event_is_evidence(event);
}

bool ctm_sight_is_same(const struct ctm_sight *a, const struct ctm_sight *b)
{
	return a->known && b->known && a->inode == b->inode && a->size == b->size &&
	       a->mtime_ns == b->mtime_ns && a->ctime_ns == b->ctime_ns;
}

bool ctm_sight_is_newer(const struct ctm_sight *sight, const struct ctm_sight *than)
{
	return sight->known &&
	       (!than->known || sight->inode != than->inode || sight->mtime_ns > than->mtime_ns ||
		       sight->ctime_ns > than->ctime_ns);
}

static void pack_what(struct ctm_buf *b, const struct ctm_sight *sight)
{
	ctm_pack_u8(b, (uint8_t)(sight->known ? SIGHT_KNOWN : sight->absent ? SIGHT_ABSENT : 0));
}

static struct ctm_sight unpack_what(struct ctm_view *v)
{
	const uint8_t what = ctm_unpack_u8(v);
	const struct ctm_sight sight = {
		.known = what == SIGHT_KNOWN, .absent = what == SIGHT_ABSENT};

	if (what > SIGHT_ABSENT && !v->error)
		v->error = -EBADMSG;
	return sight;
}

static void pack_seen(struct ctm_buf *b, const struct ctm_sight *sight)
{
	ctm_pack_u64(b, sight->inode);
	ctm_pack_u64(b, sight->size);
	ctm_pack_u64(b, (uint64_t)sight->mtime_ns);
	ctm_pack_u64(b, (uint64_t)sight->ctime_ns);
}

static void unpack_seen(struct ctm_view *v, struct ctm_sight *sight)
{
	sight->inode = ctm_unpack_u64(v);
	sight->size = ctm_unpack_u64(v);
	sight->mtime_ns = (int64_t)ctm_unpack_u64(v);
	sight->ctime_ns = (int64_t)ctm_unpack_u64(v);
}

void ctm_sight_pack(struct ctm_buf *b, const struct ctm_sight *sight)
{
	pack_what(b, sight);
	if (sight->known)
		pack_seen(b, sight);
}

struct ctm_sight ctm_sight_unpack(struct ctm_view *v)
{
	struct ctm_sight sight = unpack_what(v);

	if (sight.known)
		unpack_seen(v, &sight);
	return sight;
}

/* As long whatever was seen: by the length of its records a job is known to lack some. */
static void pack_whole_sight(struct ctm_buf *b, const struct ctm_sight *sight)
{
	const struct ctm_sight nothing = {0};

	pack_what(b, sight);
	pack_seen(b, sight->known ? sight : &nothing);
}

static struct ctm_sight unpack_whole_sight(struct ctm_view *v)
{
	struct ctm_sight sight = unpack_what(v);

	unpack_seen(v, &sight);
	if (!sight.known &&
		(sight.inode | sight.size | (uint64_t)sight.mtime_ns | (uint64_t)sight.ctime_ns) &&
		!v->error)
		v->error = -EBADMSG;
	return sight;
}

void ctm_event_pack(struct ctm_buf *b, const struct ctm_event *event)
{
	ctm_pack_u8(b, RECORD_VERSION);
	ctm_pack_u8(b, (uint8_t)event->type);
	ctm_pack_u64(b, event->gid);
	ctm_pack_u32(b, event->n_files);
	ctm_pack_u64(b, event->device);
	ctm_pack_u64(b, (uint64_t)event->wall_ms);
	pack_whole_sight(b, &event->sight);
	ctm_pack_str(b, event->path);
}

/* All but the path, which is what is left of the view. */
static struct ctm_event unpack_head(struct ctm_view *v)
{
	struct ctm_event event = {0};
	const uint8_t version = ctm_unpack_u8(v);

	if (!v->error && (version < 1 || version > RECORD_VERSION))
		v->error = -EBADMSG;
	event.type = (enum ctm_event_type)ctm_unpack_u8(v);
	if (!v->error && !ctm_event_hook_name(event.type))
		v->error = -EBADMSG;
	event.gid = ctm_unpack_u64(v);
	event.n_files = ctm_unpack_u32(v);
	event.device = ctm_unpack_u64(v);
	event.wall_ms = (int64_t)ctm_unpack_u64(v);
	event.sight = version == 1 ? ctm_sight_unpack(v) : unpack_whole_sight(v);
	return event;
}

int ctm_event_peek(const void *data, size_t len, struct ctm_event *ret_event, const char **ret_path,
	size_t *ret_len)
{
	struct ctm_view v = {.data = data, .len = len};
	const struct ctm_event event = unpack_head(&v);
	size_t path_len;
	const char *path = ctm_unpack_str(&v, &path_len);

	if (v.error || v.len || memchr(path, '\0', path_len))
		return -EBADMSG;
	*ret_event = event;
	*ret_path = path;
	*ret_len = path_len;
	return 0;
}

int ctm_event_unpack(const void *data, size_t len, struct ctm_event *ret_event)
{
	struct ctm_view v = {.data = data, .len = len};
	struct ctm_event event = unpack_head(&v);

	event.path = ctm_unpack_strdup(&v);
	if (!v.error && v.len)
		v.error = -EBADMSG;
	if (v.error) {
		free(event.path);
		return v.error;
	}
	*ret_event = event;
	return 0;
}

void ctm_event_done(struct ctm_event *event)
{
	free(event->path);
	event->path = NULL;
}
