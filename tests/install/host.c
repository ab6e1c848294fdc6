/* SPDX-License-Identifier: MIT */
/* A host of its own: reports one event, then calls CTM. host PATH; says what both returned. */
#include <aria2ctm.h>
#include <stdio.h>

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
	const int recorded = aria2ctm_event(&event, &error);
	const int32_t sent =
		SendNotifySuccessToCTM(u"ctm", u"{3F2504E0-4F89-11D3-9A0C-0305E82C3301}",
			u"\u201Ehost\u201C \u65E5", u"7", u"7", 1, 1);

	printf("%d %08X\n", recorded, (unsigned)sent);
	if (recorded < 0)
		fprintf(stderr, "%s\n", error.text);
	return recorded < 0 || sent != 0;
}
