/* SPDX-License-Identifier: MIT */
#include "check_aria2_rpc.h"

#include <sys/stat.h>

#include "num.h"
#include "url.h"

static void place_of(
	const char *file, const struct ctm_aria2_option *option, char *buf, size_t size)
{
	if (option)
		snprintf(buf, size, "%s:%u", file, option->line);
	else
		snprintf(buf, size, "%s", file);
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
static void check_rpc(struct ctm_check *check, const char *file, const struct ctm_aria2_conf *conf)
{
	const struct ctm_config *config = check->config;
	const bool enabled = ctm_aria2_conf_bool(conf, "enable-rpc", false);
	const char *port_text = ctm_aria2_conf_value(conf, "rpc-listen-port", "6800");
	struct ctm_check_report *report = check->report;
	uint64_t port = 6800;
	char place[4200];

	(void)ctm_num_parse(port_text, 1, UINT16_MAX, &port);
	place_of(file, ctm_aria2_conf_find(conf, "enable-rpc"), place, sizeof place);
	if (!enabled && ctm_check_has_rpc(config)) {
		ctm_check_add(report, CTM_CHECK_WARNING, place,
			"enable-rpc is not true, but [aria2] rpc of our configuration asks aria2");
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
	} else if (enabled && config && ctm_aria2_conf_value(conf, "rpc-secret", "")[0] &&
		   !has_rpc_secret(config)) {
		ctm_check_add(report, CTM_CHECK_WARNING, place,
			"aria2 wants an rpc-secret, but [aria2] of our configuration has none");
		ctm_check_remedy(
			report, "write it into a file of mode 600, and add secret_file = FILE");
	}
}

/* A file that others can read tells them the secret. */
static void check_secret(
	struct ctm_check *check, const char *file, const struct ctm_aria2_conf *conf)
{
	const struct ctm_aria2_option *option = ctm_aria2_conf_find(conf, "rpc-secret");
	struct stat st;
	char place[4200];

	if (!option || !option->value[0] || stat(file, &st) < 0 || !(st.st_mode & S_IROTH))
		return;
	place_of(file, option, place, sizeof place);
	ctm_check_add(check->report, CTM_CHECK_WARNING, place,
		"everybody can read the file, and rpc-secret in it (mode %04o)",
		st.st_mode & 07777U);
	ctm_check_remedy(check->report, "chmod 640 %s", file);
}

void ctm_check_aria2_rpc(
	struct ctm_check *check, const char *file, const struct ctm_aria2_conf *conf)
{
	check_rpc(check, file, conf);
	check_secret(check, file, conf);
}
