/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "check.h"
#include "check_hook.h"
#include "event.h"
#include "near.h"
#include "num.h"
#include "url.h"

/* A file that is checked, as the rules below see it. */
struct aria2 {
	struct ctm_check *check;
	const char *file;
	const char *hooks;
	struct ctm_aria2_conf conf;
};

/* What is said where a hook is not set. */
static const struct {
	enum ctm_event_type type;
	enum ctm_check_level level;
	const char *why;
} events[] = {
	{CTM_EVENT_COMPLETE, CTM_CHECK_ERROR, "no download that ends is heard of"},
	{CTM_EVENT_BT_COMPLETE, CTM_CHECK_WARNING,
		"a torrent is heard of only when its seeding ends"},
	{CTM_EVENT_ERROR, CTM_CHECK_WARNING, "errors are seen only at the deadline"},
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
	if (option)
		snprintf(buf, size, "%s:%u", a->file, option->line);
	else
		snprintf(buf, size, "%s", a->file);
}

static void check_event(const struct aria2 *a, size_t i)
{
	const char *name = ctm_event_hook_name(events[i].type);
	const struct ctm_check_hook hook = {
		.file = a->file,
		.option = ctm_aria2_conf_find(&a->conf, name),
		.hooks = a->hooks,
		.daemon = ctm_aria2_conf_bool(&a->conf, "daemon", false),
	};
	char place[4200];

	if (hook.option && hook.option->value[0]) {
		ctm_check_hook(a->check, &hook);
		return;
	}
	if (events[i].level == CTM_CHECK_OK)
		return;
	place_of(a, hook.option, place, sizeof place);
	ctm_check_add(
		a->check->report, events[i].level, place, "%s is not set: %s", name, events[i].why);
	ctm_check_remedy(a->check->report,
		"write %s=%s/%s. It counts only here or on aria2's command line: in an input file, or "
		"set by RPC for a download or with changeGlobalOption, aria2 ignores it",
		name, a->hooks, name);
}

static void check_switch(const struct aria2 *a, size_t i)
{
	const struct ctm_aria2_option *option = ctm_aria2_conf_find(&a->conf, switches[i].name);
	const char *wanted = switches[i].wanted ? "true" : "false";
	char place[4200];

	if (ctm_aria2_conf_bool(&a->conf, switches[i].name, switches[i].fallback) ==
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
	for (size_t i = 0; i < a->conf.n; i++) {
		const char *name = a->conf.options[i].name;
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
		place_of(a, &a->conf.options[i], place, sizeof place);
		ctm_check_add(a->check->report, CTM_CHECK_ERROR, place,
			"\"%s\" is no option of aria2, which passes the line over", name);
		ctm_check_remedy(
			a->check->report, "write %s=%s", nearest, a->conf.options[i].value);
	}
}

static void check_bom(const struct aria2 *a)
{
	char place[4200];

	if (!a->conf.begins_with_bom)
		return;
	snprintf(place, sizeof place, "%s:1", a->file);
	ctm_check_add(a->check->report, CTM_CHECK_WARNING, place,
		"the file begins with a byte order mark: aria2 passes its first line over");
	ctm_check_remedy(a->check->report, "save it as UTF-8 without one");
}

/* Whether [aria2] of our configuration has an rpc at that port of this machine, or elsewhere. */
static bool is_rpc_known(const struct ctm_config *config, uint64_t port)
{
	for (size_t i = 0; i < config->n_aria2s; i++) {
		struct ctm_url url;

		if (config->aria2s[i].rpc && !ctm_url_split(config->aria2s[i].rpc, &url) &&
			(url.port == port || !ctm_url_is_local(&url)))
			return true;
	}
	return false;
}

static bool has_rpc_secret(const struct ctm_config *config)
{
	for (size_t i = 0; i < config->n_aria2s; i++)
		if (config->aria2s[i].secret_file)
			return true;
	return false;
}

/* What RPC would tell: causes of errors, the files of torrents, what was missed. */
static void check_rpc(const struct aria2 *a)
{
	const struct ctm_config *config = a->check->config;
	const bool enabled = ctm_aria2_conf_bool(&a->conf, "enable-rpc", false);
	const char *port_text = ctm_aria2_conf_value(&a->conf, "rpc-listen-port", "6800");
	struct ctm_check_report *report = a->check->report;
	uint64_t port = 6800;
	char place[4200];

	(void)ctm_num_parse(port_text, 1, UINT16_MAX, &port);
	place_of(a, ctm_aria2_conf_find(&a->conf, "enable-rpc"), place, sizeof place);
	if (!enabled && config && config->n_aria2s) {
		ctm_check_add(report, CTM_CHECK_WARNING, place,
			"enable-rpc is not true, but our configuration has an [aria2] section");
		ctm_check_remedy(report, "write enable-rpc=true");
	} else if (enabled && config && !is_rpc_known(config, port)) {
		ctm_check_add(report, CTM_CHECK_WARNING, place,
			"aria2 answers RPC at port %u, but no [aria2] of our configuration asks it: "
			"errors have no cause, and a torrent's files are not known",
			(unsigned)port);
		ctm_check_remedy(report,
			"add to our configuration: [aria2] with "
			"rpc = http://127.0.0.1:%u/jsonrpc",
			(unsigned)port);
	} else if (enabled && config && ctm_aria2_conf_value(&a->conf, "rpc-secret", "")[0] &&
		   !has_rpc_secret(config)) {
		ctm_check_add(report, CTM_CHECK_WARNING, place,
			"aria2 wants an rpc-secret, but [aria2] of our configuration has none");
		ctm_check_remedy(
			report, "write it into a file of mode 600, and add secret_file = FILE");
	}
}

/* A file that others can read tells them the secret. */
static void check_secret(const struct aria2 *a)
{
	const struct ctm_aria2_option *option = ctm_aria2_conf_find(&a->conf, "rpc-secret");
	struct stat st;
	char place[4200];

	if (!option || !option->value[0] || stat(a->file, &st) < 0 || !(st.st_mode & S_IROTH))
		return;
	place_of(a, option, place, sizeof place);
	ctm_check_add(a->check->report, CTM_CHECK_WARNING, place,
		"everybody can read the file, and rpc-secret in it (mode %04o)",
		st.st_mode & 07777U);
	ctm_check_remedy(a->check->report, "chmod 640 %s", a->file);
}

void ctm_check_aria2(struct ctm_check *check, const char *file, const char *hooks)
{
	struct aria2 a = {.check = check, .file = file, .hooks = hooks};
	const size_t before =
		check->report->count[CTM_CHECK_ERROR] + check->report->count[CTM_CHECK_WARNING];
	int r = ctm_aria2_conf_read(file, &a.conf);

	if (r < 0) {
		ctm_check_add(check->report, CTM_CHECK_ERROR, file, "can't be read by user %s: %s",
			check->user, strerror(-r));
		ctm_check_remedy(check->report,
			"name aria2's configuration file, and let that user "
			"read it");
		ctm_aria2_conf_done(&a.conf);
		return;
	}
	check_bom(&a);
	check_names(&a);
	for (size_t i = 0; i < sizeof events / sizeof *events; i++)
		check_event(&a, i);
	for (size_t i = 0; i < sizeof switches / sizeof *switches; i++)
		check_switch(&a, i);
	check_rpc(&a);
	check_secret(&a);
	if (check->report->count[CTM_CHECK_ERROR] + check->report->count[CTM_CHECK_WARNING] ==
		before)
		ctm_check_add(check->report, CTM_CHECK_OK, file, "calls our hooks");
	ctm_aria2_conf_done(&a.conf);
}
