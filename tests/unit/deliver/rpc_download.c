/* SPDX-License-Identifier: MIT */
/* What aria2 says of one download, as a report. %s in a case is the scratch directory. */
#include "rpc_download.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "buf.h"
#include "scratch.h"

TestSuite(rpc_download, .init = scratch_init, .fini = scratch_done);

#define GID "\"gid\":\"2089b05ecca3d829\""
#define FILE(path, more)                                                                           \
	"{\"index\":\"1\",\"path\":\"" path "\",\"length\":\"7\",\"completedLength\":\"3\","       \
	"\"selected\":\"true\"" more "}"

static struct ctm_error e;

/* JSON with the scratch directory in the place of each '@'. */
static int read_json(const char *text, struct ctm_report *ret_report)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(65536);
	json_t *json;
	int r;

	for (; *text; text++) {
		if (*text == '@')
			ctm_buf_add_str(&b, scratch_dir());
		else
			ctm_buf_add_char(&b, *text);
	}
	json = json_loads(b.data, JSON_ALLOW_NUL | JSON_DECODE_ANY, NULL);
	cr_assert_not_null(json, "%s", b.data);
	r = ctm_rpc_download_read(json, 99, ret_report, &e);
	json_decref(json);
	return r;
}

Test(rpc_download, all_of_it)
{
	struct ctm_report report;
	struct stat st;

	scratch_make_dir("dl");
	scratch_write("dl/a", "1234567");
	cr_assert_eq(symlink("dl", scratch_path("link")), 0);
	cr_assert_eq(read_json("{" GID ",\"status\":\"error\",\"following\":\"00000000000000a1\","
			       "\"belongsTo\":\"00000000000000a2\",\"seeder\":\"false\","
			       "\"errorCode\":\"3\",\"errorMessage\":\"Resource not found\","
			       "\"dir\":\"@\\/link\",\"totalLength\":\"14\","
			       "\"completedLength\":\"10\",\"files\":[" FILE("@/link//./a",
				       ",\"uris\":[{\"uri\":\"http://h/a\"},{}]") "," FILE("",
				       "") "," FILE("@/none/b", ",\"uris\":[]") "]}",
			     &report),
		0, "%s", e.text);
	cr_expect_eq(report.gid, 0x2089b05ecca3d829);
	cr_expect_eq(report.status, CTM_REPORT_ERROR);
	cr_expect_eq(report.following, 0xa1);
	cr_expect_eq(report.belongs_to, 0xa2);
	cr_expect_eq(report.error_code, 3);
	cr_expect_str_eq(report.error_message, "Resource not found");
	cr_expect_str_eq(report.dir, scratch_path("dl"));
	cr_expect_eq(report.bytes, 14);
	cr_expect_eq(report.done, 10);
	cr_expect_eq(report.asked_ms, 99);
	cr_assert_eq(report.n_files, 3);
	cr_expect_str_eq(report.files[0].path, scratch_path("dl/a"));
	cr_expect_str_eq(report.files[0].uri, "http://h/a");
	cr_expect(report.files[0].selected);
	cr_expect_eq(report.files[0].bytes, 7);
	cr_expect_eq(report.files[0].done, 3);
	cr_assert_eq(stat(scratch_path("dl/a"), &st), 0);
	cr_expect(report.files[0].sight.known);
	cr_expect_eq(report.files[0].sight.inode, st.st_ino);
	cr_expect_eq(report.files[0].device, st.st_dev);
	cr_expect_str_eq(report.files[1].path, "");
	cr_expect_str_eq(report.files[1].uri, "");
	cr_expect_str_eq(report.files[2].path, scratch_path("none/b"));
	cr_expect_eq(report.files[2].device, 0);
	cr_expect_not(report.files[2].sight.known);
	ctm_report_done(&report);
}

Test(rpc_download, statuses)
{
	static const struct {
		const char *json;
		enum ctm_report_status status;
	} cases[] = {
		{"{" GID ",\"status\":\"active\"}", CTM_REPORT_ACTIVE},
		{"{" GID ",\"status\":\"waiting\"}", CTM_REPORT_WAITING},
		{"{" GID ",\"status\":\"paused\"}", CTM_REPORT_PAUSED},
		{"{" GID ",\"status\":\"complete\"}", CTM_REPORT_COMPLETE},
		{"{" GID ",\"status\":\"removed\"}", CTM_REPORT_REMOVED},
	};
	struct ctm_report report;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		cr_assert_eq(read_json(cases[i].json, &report), 0, "%s", e.text);
		cr_expect_eq(report.status, cases[i].status);
		cr_expect_str_eq(report.dir, "");
		cr_expect_str_eq(report.error_message, "");
		cr_expect_eq(report.n_files, 0);
		ctm_report_done(&report);
	}
}

/* What nobody but aria2 can resolve, what is no file, what can't be a name. */
Test(rpc_download, paths_that_are_left_out)
{
	struct ctm_report report;

	cr_assert_eq(read_json("{" GID ",\"status\":\"active\",\"dir\":\"rel\",\"files\":[" FILE(
				       "[METADATA]mt", "") "," FILE("rel/a", "") "," FILE("./a",
				       "") "," FILE("@/a\\u0000b", "") "," FILE("@/kept",
				       ",\"uris\":[{\"uri\":\"a\\u0000b\"}]") "]}",
			     &report),
		0, "%s", e.text);
	cr_expect_str_eq(report.dir, "");
	cr_assert_eq(report.n_files, 1);
	cr_expect_str_eq(report.files[0].path, scratch_path("kept"));
	cr_expect_str_eq(report.files[0].uri, "");
	ctm_report_done(&report);
}

Test(rpc_download, what_is_not_as_aria2_has_it)
{
	static const struct {
		const char *json;
		const char *complaint;
	} cases[] = {
		{"[]", "no object"},
		{"7", "no object"},
		{"{}", "gid"},
		{"{\"gid\":\"xyz\",\"status\":\"active\"}", "gid"},
		{"{\"gid\":7,\"status\":\"active\"}", "gid"},
		{"{" GID "}", "status"},
		{"{" GID ",\"status\":\"fine\"}", "fine"},
		{"{" GID ",\"status\":\"act\\u0000ive\"}", "status"},
		{"{" GID ",\"status\":\"active\",\"totalLength\":\"-1\"}", "totalLength"},
		{"{" GID ",\"status\":\"active\",\"totalLength\":1}", "totalLength"},
		{"{" GID ",\"status\":\"active\",\"errorCode\":\"4294967296\"}", "errorCode"},
		{"{" GID ",\"status\":\"active\",\"errorMessage\":{}}", "errorMessage"},
		{"{" GID ",\"status\":\"active\",\"dir\":null}", "dir"},
		{"{" GID ",\"status\":\"active\",\"seeder\":\"maybe\"}", "seeder"},
		{"{" GID ",\"status\":\"active\",\"following\":\"1\"}", "following"},
		{"{" GID ",\"status\":\"active\",\"files\":{}}", "files"},
		{"{" GID ",\"status\":\"active\",\"files\":[7]}", "no object"},
		{"{" GID ",\"status\":\"active\",\"files\":[{}]}", "path"},
		{"{" GID ",\"status\":\"active\",\"files\":[{\"path\":\"/a\"}]}", "length"},
		{"{" GID ",\"status\":\"active\",\"files\":[" FILE("/a", ",\"uris\":7") "]}",
			"uris"},
		{"{" GID ",\"status\":\"active\",\"files\":[" FILE("/a", "") "," FILE(
			 "/a", ",\"uris\":[7]") "]}",
			"no object"},
		{"{" GID
		 ",\"status\":\"active\",\"files\":[" FILE("/a", ",\"uris\":[{\"uri\":[]}]") "]}",
			"uri"},
	};
	struct ctm_report report;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		cr_expect_eq(read_json(cases[i].json, &report), -EBADMSG, "case %zu", i);
		cr_expect_not_null(strstr(e.text, cases[i].complaint), "case %zu: %s", i, e.text);
	}
}
