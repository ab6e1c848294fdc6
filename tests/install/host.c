/* SPDX-License-Identifier: MIT */
/*
 * A host of its own: reports one event, then makes each of CTM's calls. host PATH; says what all
 * returned, one a line. host --progress GUID makes one call only.
 */
#include <aria2ctm.h>
#include <stdio.h>
#include <string.h>

static void say(const char *name, int32_t hresult)
{
	printf("%s %08X\n", name, (unsigned)hresult);
}

static void in_utf16(void)
{
	static const char16_t done[] = u"{3F2504E0-4F89-11D3-9A0C-0305E82C3301}";
	static const char16_t failed[] = u"{3F2504E0-4F89-11D3-9A0C-0305E82C3302}";
	static const char16_t data[] = u"\u201Ehost\u201C \u65E5";

	say("SendNotifyProgressToCTM",
		SendNotifyProgressToCTM(u"DownloadingData", u"ctm", done, data, u"7", u"3", 1, 0));
	say("SendNotifySuccessToCTM", SendNotifySuccessToCTM(u"ctm", done, data, u"7", u"7", 1, 1));
	say("SendNotifyErrorToCTM", SendNotifyErrorToCTM(u"ctm", failed, data, (int32_t)0x80190194,
					    u"\u65E5 is not there"));
}

static void in_utf8(void)
{
	static const char done[] = "3f2504e0-4f89-11d3-9a0c-0305e82c3303";
	static const char failed[] = "{3F2504E0-4F89-11D3-9A0C-0305E82C3304}";
	static const char big[] = "18446744073709551615";

	say("aria2ctm_send_notify_progress",
		aria2ctm_send_notify_progress(NULL, "ctm", done, "", "0", big, 0, 0));
	say("aria2ctm_send_notify_success",
		aria2ctm_send_notify_success("ctm", done, "", big, big, 4294967295u, 4294967295u));
	say("aria2ctm_send_notify_error",
		aria2ctm_send_notify_error("ctm", failed, "", (int32_t)0x80070070, "disk\nfull"));
}

/* None of these stores anything, or sends. */
static void refused(void)
{
	static const char id[] = "{3F2504E0-4F89-11D3-9A0C-0305E82C3305}";
	static const char ended[] = "{3F2504E0-4F89-11D3-9A0C-0305E82C3303}";
	static const char16_t lone[] = {0xd800, 0};

	say("null", aria2ctm_send_notify_success("ctm", id, NULL, "7", "7", 1, 1));
	say("null in utf16", SendNotifySuccessToCTM(u"ctm", NULL, u"", u"7", u"7", 1, 1));
	say("no number", aria2ctm_send_notify_success("ctm", id, "", "7 ", "7 ", 1, 1));
	say("too large", aria2ctm_send_notify_progress(
				 "", "ctm", id, "", "0", "18446744073709551616", 1, 1));
	say("differs", aria2ctm_send_notify_success("ctm", id, "", "7", "6", 1, 1));
	say("no guid", aria2ctm_send_notify_success("ctm", "{3F25}", "", "7", "7", 1, 1));
	say("no unicode", SendNotifyErrorToCTM(u"ctm", lone, u"", -1, u"x"));
	say("no failure", aria2ctm_send_notify_error("ctm", id, "", 1, "x"));
	say("no message", aria2ctm_send_notify_error("ctm", id, "", -1, ""));
	say("null message", aria2ctm_send_notify_error("ctm", id, "", -1, NULL));
	say("no type", aria2ctm_send_notify_progress("Done", "ctm", id, "", "0", "0", 0, 0));
	say("no endpoint", aria2ctm_send_notify_success("none", id, "", "7", "7", 1, 1));
	say("has ended", aria2ctm_send_notify_error("ctm", ended, "", -1, "x"));
	say("has ended so", aria2ctm_send_notify_success("ctm", ended, "", "18446744073709551615",
				    "18446744073709551615", UINT32_MAX, UINT32_MAX));
	say("other totals", aria2ctm_send_notify_success("ctm", ended, "", "7", "7", 1, 1));
	say("other data", aria2ctm_send_notify_success("ctm", ended, "x", "18446744073709551615",
				  "18446744073709551615", UINT32_MAX, UINT32_MAX));
	say("progress of ended",
		aria2ctm_send_notify_progress("", "ctm", ended, "", "1", "1", 1, 1));
}

int main(int argc, char **argv)
{
	const struct aria2ctm_event event = {
		.size = sizeof event,
		.type = ARIA2CTM_DOWNLOAD_COMPLETE,
		.gid = 1,
		.n_files = 1,
		.path = argc > 1 ? argv[1] : "",
	};
	struct aria2ctm_error error = {.size = sizeof error};
	int recorded;

	if (argc == 3 && strcmp(argv[1], "--progress") == 0) {
		say("progress",
			aria2ctm_send_notify_progress("", "ctm", argv[2], "", "1", "1", 1, 1));
		return 0;
	}
	recorded = aria2ctm_event(&event, &error);
	printf("aria2ctm_event %d\n", recorded);
	if (recorded < 0)
		fprintf(stderr, "%s\n", error.text);
	in_utf16();
	in_utf8();
	refused();
	return recorded < 0;
}
