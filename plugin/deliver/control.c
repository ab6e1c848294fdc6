/* SPDX-License-Identifier: MIT */
#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "pack.h"
#include "path.h"

/* A bit for each piece: so much is there only for absurd torrents. */
#define SIZE_LIMIT (UINT32_C(16) << 20)

static uint64_t count_pieces(const struct ctm_control *control)
{
	return control->length / control->piece_length +
	       (control->length % control->piece_length != 0);
}

int ctm_control_parse(const void *data, size_t len, struct ctm_control *ret_control)
{
	struct ctm_view v = {.data = data, .len = len};
	struct ctm_control control;
	const bool known = ctm_unpack_u8(&v) == 0 && ctm_unpack_u8(&v) == 1;
	uint32_t n;

	(void)ctm_unpack_u32(&v);                       /* extensions */
	(void)ctm_unpack_bytes(&v, ctm_unpack_u32(&v)); /* the info hash */
	control.piece_length = ctm_unpack_u32(&v);
	control.length = ctm_unpack_u64(&v);
	(void)ctm_unpack_u64(&v); /* uploaded */
	n = ctm_unpack_u32(&v);
	control.pieces = ctm_unpack_bytes(&v, n);
	if (!known || v.error || !control.piece_length || count_pieces(&control) > UINT64_C(8) * n)
		return -EBADMSG;
	*ret_control = control;
	return 0;
}

bool ctm_control_has(const struct ctm_control *control, uint64_t offset, uint64_t length)
{
	if (offset > control->length || length > control->length - offset)
		return false;
	if (!length)
		return true;
	for (uint64_t i = offset / control->piece_length;
		i <= (offset + length - 1) / control->piece_length; i++)
		if (!(control->pieces[i / 8] & 0x80u >> i % 8))
			return false;
	return true;
}

/* Bytes of the path up to the end of what the torrent makes in its directory; 0: it is not in it.
 */
static size_t root_len(const struct ctm_report *report, const struct ctm_report_file *file)
{
	const char *below = ctm_path_below(file->path, report->dir);

	return below ? (size_t)(below - file->path) + strcspn(below, "/") : 0;
}

/* 0, -ENOENT: there is none, or other negative errno. *b holds the file, and *ret_control borrows.
 */
static int read_beside(
	const char *path, size_t len, struct ctm_buf *b, struct ctm_control *ret_control)
{
	CTM_CLEANUP_BUF struct ctm_buf name = CTM_BUF_INIT(CTM_PATH_LIMIT + 16);
	CTM_CLEANUP_FD int fd = -1;
	int r;

	ctm_buf_printf(&name, "%.*s.aria2", (int)len, path);
	if (name.error)
		return name.error;
	fd = open(name.data, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -errno;
	r = ctm_files_read(fd, b);
	return r < 0 ? r : ctm_control_parse(b->data, b->len, ret_control);
}

/* Each file whose root is that of the first one, by its control file. */
static void mark_below(struct ctm_report *report, const struct ctm_report_file *first, size_t len)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(SIZE_LIMIT);
	struct ctm_control control;
	const int r = read_beside(first->path, len, &b, &control);
	const bool is_its_own = r == 0 && control.length == report->length;

	/* A name for which its own would be too long has none. */
	if (r == -ENOENT || r == -ENAMETOOLONG)
		return;
	for (size_t i = 0; i < report->n_files; i++) {
		struct ctm_report_file *file = &report->files[i];

		if (root_len(report, file) == len && strncmp(file->path, first->path, len) == 0)
			file->lacks_pieces = !is_its_own ||
					     !ctm_control_has(&control, file->offset, file->bytes);
	}
}

void ctm_control_mark(struct ctm_report *report)
{
	const struct ctm_report_file *last = NULL;

	if (report->status != CTM_REPORT_COMPLETE || report->n_files < 2)
		return;
	for (size_t i = 0; i < report->n_files; i++) {
		const struct ctm_report_file *file = &report->files[i];
		const size_t len = root_len(report, file);

		/* Most torrents have one root, and files in its order. */
		if (!len || (last && root_len(report, last) == len &&
				    strncmp(last->path, file->path, len) == 0))
			continue;
		mark_below(report, file, len);
		last = file;
	}
}
