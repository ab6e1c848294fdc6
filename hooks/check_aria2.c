/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "buf.h"
#include "check.h"
#include "check_aria2_dir.h"
#include "check_aria2_rpc.h"
#include "check_hook.h"
#include "event.h"
#include "near.h"

/* A file that is checked, or an aria2 that runs, as the rules below see it. */
struct aria2 {
	struct ctm_check *check;
	const char *file;
	const char *hooks;
	const struct ctm_aria2_conf *conf;
};

/* What is said where a hook is not set. */
static const struct {
	enum ctm_event_type type;
	enum ctm_check_level level;
	const char *why; /* NULL: why_no_errors() */
} events[] = {
	{CTM_EVENT_COMPLETE, CTM_CHECK_ERROR, "no download that ends is heard of"},
	{CTM_EVENT_BT_COMPLETE, CTM_CHECK_WARNING,
		"a torrent is heard of only when its seeding ends"},
	{CTM_EVENT_ERROR, CTM_CHECK_WARNING, NULL},
	{CTM_EVENT_START, CTM_CHECK_OK, ""},
	{CTM_EVENT_PAUSE, CTM_CHECK_OK, ""},
	{CTM_EVENT_STOP, CTM_CHECK_WARNING,
		"that a download was removed, or cut by aria2's end, is not heard of"},
};

/* Switches of aria2 that a job depends on. */
static const struct {
	const char *name;
	bool fallback; /* aria2's default */
	bool wanted;
	enum ctm_check_level level;
	const char *why;
} switches[] = {
	{"auto-file-renaming", true, false, CTM_CHECK_WARNING,
		"a second download of name.ext becomes name.1.ext, which never counts for its job"},
	{"continue", false, true, CTM_CHECK_WARNING,
		"half a file from an earlier run is not continued, and one that is there whole fails "
		"or is downloaded under another name"},
	{"allow-overwrite", false, false, CTM_CHECK_WARNING,
		"a finished file can be cut and downloaded again after aria2 said that it is complete, "
		"also while its job is looked at"},
	{"dry-run", false, false, CTM_CHECK_ERROR,
		"aria2 says that downloads are complete, and writes no file"},
};

static void place_of(
	const struct aria2 *a, const struct ctm_aria2_option *option, char *buf, size_t size)
{
	if (option && option->line)
		snprintf(buf, size, "%s:%u", a->file, option->line);
	else
		snprintf(buf, size, "%s", a->file);
}

static bool is_set(const struct aria2 *a, enum ctm_event_type type)
{
	return ctm_aria2_conf_value(a->conf, ctm_event_hook_name(type), "")[0];
}

/* aria2 calls on-download-stop for whatever has no command of its own, errors too. */
static const char *why_no_errors(const struct aria2 *a)
{
	const bool stop = is_set(a, CTM_EVENT_STOP);

	if (ctm_check_has_rpc(a->check->config))
		return stop ? "an error comes as on-download-stop, and is one only if aria2 "
			      "answers when it is asked"
			    : "errors are seen only when flush asks aria2, and is answered";
	return stop ? "an error comes as on-download-stop, which without [aria2] rpc says "
		      "nothing: errors are seen only at the deadline"
		    : "errors are seen only at the deadline";
}

static void check_event(const struct aria2 *a, size_t i)
{
	const char *name = ctm_event_hook_name(events[i].type);
	const struct ctm_check_hook hook = {
		.file = a->file,
		.option = ctm_aria2_conf_find(a->conf, name),
		.hooks = a->hooks,
		.daemon = ctm_aria2_conf_bool(a->conf, "daemon", false),
	};
	char place[4200];

	if (hook.option && hook.option->value[0]) {
		ctm_check_hook(a->check, &hook);
		return;
	}
	if (events[i].level == CTM_CHECK_OK)
		return;
	place_of(a, hook.option, place, sizeof place);
	ctm_check_add(a->check->report, events[i].level, place, "%s is not set: %s", name,
		events[i].why ? events[i].why : why_no_errors(a));
	ctm_check_remedy(a->check->report,
		"write %s=%s/%s. It counts only here or on aria2's command line: in an input file, or "
		"set by RPC for a download or with changeGlobalOption, aria2 ignores it",
		name, a->hooks, name);
}

static void check_switch(const struct aria2 *a, size_t i)
{
	const struct ctm_aria2_option *option = ctm_aria2_conf_find(a->conf, switches[i].name);
	const char *wanted = switches[i].wanted ? "true" : "false";
	char place[4200];

	if (ctm_aria2_conf_bool(a->conf, switches[i].name, switches[i].fallback) ==
		switches[i].wanted)
		return;
	place_of(a, option, place, sizeof place);
	ctm_check_add(a->check->report, switches[i].level, place, "%s is %s%s: %s",
		switches[i].name, switches[i].wanted ? "false" : "true",
		option ? "" : ", aria2's default", switches[i].why);
	ctm_check_remedy(a->check->report, "write %s=%s", switches[i].name, wanted);
}

/* Lines that aria2 passes over: what was meant is one of these. */
static void check_names(const struct aria2 *a)
{
	const char *known[sizeof events / sizeof *events + sizeof switches / sizeof *switches];
	size_t n = 0;

	for (size_t i = 0; i < sizeof events / sizeof *events; i++)
		known[n++] = ctm_event_hook_name(events[i].type);
	for (size_t i = 0; i < sizeof switches / sizeof *switches; i++)
		known[n++] = switches[i].name;
	for (size_t i = 0; i < a->conf->n; i++) {
		const char *name = a->conf->options[i].name;
		const char *bare = name + strspn(name, "-");
		const bool has_dashes = bare != name;
		bool is_close = false;
		const char *nearest = ctm_near_find(bare, known, n, &is_close);
		char place[4200];

		if (!is_close || strcmp(name, nearest) == 0)
			continue;
		/* aria2 has on-download-... and on-bt-download-..., nothing else that begins so. */
		if (!has_dashes && strncasecmp(bare, "on-", 3) != 0)
			continue;
		place_of(a, &a->conf->options[i], place, sizeof place);
		ctm_check_add(a->check->report, CTM_CHECK_ERROR, place,
			"\"%s\" is no option of aria2, which passes the line over", name);
		ctm_check_remedy(
			a->check->report, "write %s=%s", nearest, a->conf->options[i].value);
	}
}

static void check_bom(const struct aria2 *a)
{
	char place[4200];

	if (!a->conf->begins_with_bom)
		return;
	snprintf(place, sizeof place, "%s:1", a->file);
	ctm_check_add(a->check->report, CTM_CHECK_WARNING, place,
		"the file begins with a byte order mark: aria2 passes its first line over");
	ctm_check_remedy(a->check->report, "save it as UTF-8 without one");
}

static void check_options(const struct aria2 *a)
{
	for (size_t i = 0; i < sizeof events / sizeof *events; i++)
		check_event(a, i);
	for (size_t i = 0; i < sizeof switches / sizeof *switches; i++)
		check_switch(a, i);
	ctm_check_aria2_dir(a->check, a->file, a->conf);
}

static size_t count_found(const struct ctm_check *check)
{
	return check->report->count[CTM_CHECK_ERROR] + check->report->count[CTM_CHECK_WARNING];
}

void ctm_check_aria2_options(struct ctm_check *check, const char *place,
	const struct ctm_aria2_conf *conf, const char *hooks)
{
	const struct aria2 a = {.check = check, .file = place, .hooks = hooks, .conf = conf};
	const size_t before = count_found(check);

	check_options(&a);
	if (count_found(check) == before)
		ctm_check_add(check->report, CTM_CHECK_OK, place, "aria2 calls our hooks");
}

void ctm_check_aria2(struct ctm_check *check, const char *file, const char *hooks)
{
	struct ctm_aria2_conf conf;
	const struct aria2 a = {.check = check, .file = file, .hooks = hooks, .conf = &conf};
	const size_t before = count_found(check);
	int r = ctm_aria2_conf_read(file, &conf);

	if (r < 0) {
		ctm_check_add(check->report, CTM_CHECK_ERROR, file, "can't be read by user %s: %s",
			check->user, strerror(-r));
		ctm_check_remedy(check->report,
			"name aria2's configuration file, and let that user "
			"read it");
		ctm_aria2_conf_done(&conf);
		return;
	}
	check_bom(&a);
	check_names(&a);
	check_options(&a);
	ctm_check_aria2_rpc(check, file, &conf);
	if (count_found(check) == before)
		ctm_check_add(check->report, CTM_CHECK_OK, file, "calls our hooks");
	ctm_aria2_conf_done(&conf);
}
