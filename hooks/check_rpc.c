/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "aria2_conf.h"
#include "check.h"
#include "clock.h"
#include "open_transport.h"
#include "rpc.h"

/* What a person can do about it. */
static const struct {
	int error;
	const char *remedy;
} remedies[] = {
	{-ECONNREFUSED,
		"start aria2 with enable-rpc=true, and let rpc-listen-port be the port of rpc"},
	{-ETIMEDOUT,
		"see whether aria2 runs and is busy, and what lies between: name, port, firewall"},
	{-EACCES,
		"write aria2's rpc-secret as the first line of a file of mode 600 that the user whose "
		"state it is can read, and set secret_file to it"},
	{-EPERM, "chmod 600 the secret_file, and change the secret if others may have read it"},
	{-ENOENT, "write aria2's rpc-secret into the secret_file, or take the key out of the "
		  "configuration"},
	{-EINVAL, "write aria2's rpc-secret as the first line of the secret_file"},
	{-EBADMSG, "let rpc be the URL of aria2's JSON-RPC: http://127.0.0.1:6800/jsonrpc where "
		   "rpc-listen-port is 6800"},
	{-ENOSYS, "install aria2-ctm again, all of one release"},
};

static const char *find_remedy(int error)
{
	for (size_t i = 0; i < sizeof remedies / sizeof *remedies; i++) {
		if (remedies[i].error == error)
			return remedies[i].remedy;
	}
	return "see what answers at the rpc; without it errors have no cause, and a torrent's files "
	       "are not known";
}

static int add_option(const char *name, const char *value, void *context)
{
	return ctm_aria2_conf_add(context, name, value);
}

/* What it runs with counts, wherever that was set. */
static void check_options(struct ctm_check *check, struct ctm_rpc *rpc, const char *hooks)
{
	struct ctm_aria2_conf conf = {0};
	struct ctm_error e = CTM_ERROR_INIT;
	char key[300];

	ctm_check_key("aria2", rpc->aria2->name, "", key);
	if (ctm_rpc_ask_options(rpc, add_option, &conf, &e) == 0) {
		ctm_check_aria2_options(check, key, &conf, hooks);
	} else {
		ctm_check_add(check->report, CTM_CHECK_WARNING, key,
			"aria2 does not say what options it runs with: %s", e.text);
		ctm_check_remedy(check->report, "name its configuration file with --aria2-conf");
	}
	ctm_aria2_conf_done(&conf);
}

static void check_one(struct ctm_check *check, struct ctm_rpc *rpc, const char *hooks)
{
	const uint64_t start = ctm_clock_boot_ms();
	char version[CTM_RPC_VERSION_SIZE];
	struct ctm_error e = CTM_ERROR_INIT;
	char key[300];
	int r = ctm_rpc_ask_version(rpc, version, &e);

	ctm_check_key("aria2", rpc->aria2->name, "rpc", key);
	if (r == 0) {
		ctm_check_add(check->report, CTM_CHECK_OK, key, "aria2 %s answers at %s (%u ms)",
			version, rpc->aria2->rpc, (unsigned)(ctm_clock_boot_ms() - start));
		check_options(check, rpc, hooks);
		return;
	}
	ctm_check_add(check->report, CTM_CHECK_ERROR, key, "aria2 can't be asked: %s", e.text);
	ctm_check_remedy(check->report, "%s", find_remedy(r));
}

void ctm_check_rpc(struct ctm_check *check, const char *hooks)
{
	const struct ctm_config *config = check->config;
	const struct ctm_transport_table *table = NULL;
	struct ctm_transport *transport = NULL;

	/* A module that can't be loaded is complained of with the programs. */
	if (!ctm_check_has_rpc(config) || ctm_open_transport(config, &table, &transport, NULL) < 0)
		return;
	for (size_t i = 0; i < config->n_aria2s; i++) {
		struct ctm_rpc rpc;

		if (!config->aria2s[i].rpc)
			continue;
		ctm_rpc_init(&rpc, &config->aria2s[i], table, transport);
		check_one(check, &rpc, hooks);
	}
	table->close(transport);
}
