/* SPDX-License-Identifier: MIT */
#include "store_record_parts.h"

#include <errno.h>
#include <stdlib.h>

void ctm_part_pack_bool(struct ctm_buf *b, bool v)
{
	ctm_pack_u8(b, v);
}

void ctm_part_pack_stamp(struct ctm_buf *b, const struct ctm_stamp *stamp)
{
	ctm_pack_u64(b, stamp->boot);
	ctm_pack_u64(b, stamp->boot_ms);
	ctm_pack_u64(b, (uint64_t)stamp->wall_ms);
}

struct ctm_stamp ctm_part_unpack_stamp(struct ctm_view *v)
{
	struct ctm_stamp stamp;

	stamp.boot = ctm_unpack_u64(v);
	stamp.boot_ms = ctm_unpack_u64(v);
	stamp.wall_ms = (int64_t)ctm_unpack_u64(v);
	return stamp;
}

unsigned ctm_part_unpack_choice(struct ctm_view *v, unsigned first, unsigned last)
{
	const unsigned choice = ctm_unpack_u8(v);

	if (choice >= first && choice <= last)
		return choice;
	if (!v->error)
		v->error = -EBADMSG;
	return first;
}

bool ctm_part_unpack_bool(struct ctm_view *v)
{
	return ctm_part_unpack_choice(v, 0, 1);
}

struct ctm_view ctm_part_view(const MDB_val *v, uint8_t *ret_version)
{
	struct ctm_view view = {.data = v->mv_data, .len = v->mv_size};
	const uint8_t version = ctm_unpack_u8(&view);

	if (version < 1 || version > CTM_RECORD_VERSION)
		view.error = -EBADMSG;
	if (ret_version)
		*ret_version = version;
	return view;
}

int ctm_part_unpack_strings(struct ctm_view *v, char **const *strings, size_t n)
{
	for (size_t i = 0; i < n; i++)
		*strings[i] = ctm_unpack_strdup(v);
	if (!v->error && v->len)
		v->error = -EBADMSG;
	for (size_t i = 0; v->error && i < n; i++) {
		free(*strings[i]);
		*strings[i] = NULL;
	}
	return v->error;
}
