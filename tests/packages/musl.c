/* SPDX-License-Identifier: MIT */
/* A program of the layers that need no library but the C library: what they do with another one.
 * Ends with 0 if all of it came out as it must.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "buf.h"
#include "clock.h"
#include "guid.h"
#include "hresult.h"
#include "linux_calls.h"
#include "num.h"
#include "path.h"

static int failed;

static void expect(int condition, const char *what)
{
	printf("%s: %s\n", condition ? "ok" : "not ok", what);
	failed |= !condition;
}

int main(int argc, char **argv)
{
	CTM_CLEANUP_BUF struct ctm_buf buf = CTM_BUF_INIT(64);
	CTM_CLEANUP_FREE char *joined = ctm_path_join("/srv", "a");
	char key[CTM_GUID_KEY];
	char name[64];
	uint64_t number = 0;
	struct statx st;

	ctm_buf_printf(&buf, "%s %" PRIu64, "x", UINT64_MAX);
	expect(!buf.error && strcmp(buf.data, "x 18446744073709551615") == 0, "buf");
	expect(joined && strcmp(joined, "/srv/a") == 0, "path");
	expect(ctm_num_parse("18446744073709551615", 0, UINT64_MAX, &number) == 0 &&
			number == UINT64_MAX,
		"num");
	expect(ctm_num_parse("18446744073709551616", 0, UINT64_MAX, &number) < 0, "num too large");
	expect(ctm_guid_key("{3F2504E0-4F89-11D3-9A0C-0305E82C3301}", key) == 0, "guid");
	expect(strcmp(ctm_hresult_name(0x80070070U, name, sizeof name), "ERROR_DISK_FULL") == 0,
		"hresult");
	expect(ctm_clock_wall_ms() > INT64_C(1600000000000), "clock");
	expect(argc > 0 && statx(AT_FDCWD, argv[0], 0, STATX_SIZE | STATX_BTIME, &st) == 0 &&
			st.stx_size > 0,
		"statx");
	expect(renameat2(AT_FDCWD, "/nonexistent/a", AT_FDCWD, "/nonexistent/b", RENAME_NOREPLACE) <
				0 &&
			errno == ENOENT,
		"renameat2");
	return failed;
}
