/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "files.h"
#include "fold_question.h"
#include "rpc_secret.h"
#include "secret_file.h"
#include "signing_key.h"

const char *ctm_check_key(const char *section, const char *name, const char *key, char buf[300])
{
	snprintf(buf, 300, "[%s%s%s]%s%s", section, name[0] ? "." : "", name, key[0] ? " " : "",
		key);
	return buf;
}

bool ctm_check_has_rpc(const struct ctm_config *config)
{
	return config && ctm_question_may_be_asked(config);
}

/* O_NONBLOCK: a FIFO in its place must not hold us up. */
static bool check_file(struct ctm_check *check, const char *key, const char *path, bool is_secret)
{
	CTM_CLEANUP_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	const mode_t open_to_others = is_secret ? S_IROTH | S_IWOTH : S_IWOTH;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		const int error = errno;

		ctm_check_add(check->report, CTM_CHECK_ERROR, key,
			"\"%s\" can't be read by user %s: %s", path, check->user, strerror(error));
		ctm_check_remedy(check->report,
			error == ENOENT ? "write it, or take the key out of the configuration"
					: "give it to the user that aria2 runs as");
		return false;
	}
	if (!S_ISREG(st.st_mode) || !st.st_size) {
		ctm_check_add(check->report, CTM_CHECK_ERROR, key, "\"%s\" %s", path,
			S_ISREG(st.st_mode) ? "is empty" : "is not a regular file");
		ctm_check_remedy(
			check->report, "write it, or take the key out of the configuration");
		return false;
	}
	if (st.st_mode & open_to_others) {
		ctm_check_add(check->report, CTM_CHECK_ERROR, key,
			"\"%s\" is open to others (mode %04o)", path, st.st_mode & 07777U);
		ctm_check_remedy(check->report, is_secret ? "chmod 600 %s" : "chmod o-w %s", path);
		return false;
	}
	return true;
}

/* What is in a file for an endpoint is judged as the transport does, and not shown. */
static const char *judge_text(const char *path, bool is_token, struct ctm_secret *secret)
{
	struct ctm_signing_key decoded;
	const char *why = NULL;
	const int r = ctm_secret_load(path, is_token ? 1 : CTM_SECRET_LINES_MAX, secret, &why);

	if (r < 0)
		return why ? why : strerror(-r);
	for (size_t i = 0; i < secret->n && !why; i++) {
		if (is_token && !ctm_secret_is_token(secret->lines[i]))
			why = CTM_SECRET_NO_TOKEN;
		if (!is_token && ctm_signing_key_decode(secret->lines[i], &decoded) < 0)
			why = CTM_SIGNING_KEY_WANTED;
	}
	explicit_bzero(&decoded, sizeof decoded);
	return why;
}

static void check_text(struct ctm_check *check, const char *key, const char *path, bool is_token)
{
	struct ctm_secret secret;
	const char *wrong = judge_text(path, is_token, &secret);

	ctm_secret_done(&secret);
	if (!wrong)
		return;
	ctm_check_add(check->report, CTM_CHECK_ERROR, key, "\"%s\" %s", path, wrong);
	ctm_check_remedy(
		check->report, is_token ? "write the token as its first line"
					: "write it anew; two lines while a key is rotated");
}

static void check_rpc_secret(struct ctm_check *check, const char *key, const char *path)
{
	char token[CTM_RPC_TOKEN_SIZE];
	struct ctm_error e = CTM_ERROR_INIT;

	if (check_file(check, key, path, true) && ctm_rpc_secret_read(path, token, &e) < 0) {
		ctm_check_add(check->report, CTM_CHECK_ERROR, key, "%s", e.text);
		ctm_check_remedy(check->report, "write aria2's rpc-secret as its first line");
	}
	explicit_bzero(token, sizeof token);
}

static void check_endpoint(struct ctm_check *check, const struct ctm_endpoint *endpoint)
{
	const struct {
		const char *key;
		const char *path;
		bool is_secret;
		bool has_text; /* of which the transport wants a form */
	} files[] = {
		{"ca_file", endpoint->ca_file, false, false},
		/* Without a key_file the key stands in it. */
		{"cert_file", endpoint->cert_file, !endpoint->key_file, false},
		{"key_file", endpoint->key_file, true, false},
		{"token_file", endpoint->token_file, true, true},
		{"secret_file", endpoint->secret_file, true, true},
	};
	char key[300];

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		if (!files[i].path)
			continue;
		ctm_check_key("endpoint", endpoint->name, files[i].key, key);
		if (check_file(check, key, files[i].path, files[i].is_secret) && files[i].has_text)
			check_text(
				check, key, files[i].path, files[i].path == endpoint->token_file);
	}
	ctm_check_key("endpoint", endpoint->name, "", key);
	if (!endpoint->url) {
		ctm_check_add(check->report, CTM_CHECK_WARNING, key,
			"has no url: a job that names this endpoint can't be told of, only one that "
			"names a URL that its allow admits");
		ctm_check_remedy(check->report, "add url = https://host/path");
	} else if (endpoint->insecure && !endpoint->socket &&
		   strncmp(endpoint->url, "http:", 5) == 0) {
		ctm_check_add(check->report, CTM_CHECK_WARNING, key,
			"speaks http to another machine: anybody on the way can read and change it");
		ctm_check_remedy(check->report, "use https, and take insecure = yes out");
	} else {
		ctm_check_add(check->report, CTM_CHECK_OK, key, "%s", endpoint->url);
	}
}

static void check_own_file(struct ctm_check *check, const char *file)
{
	struct stat st;

	if (access(file, R_OK) < 0 || stat(file, &st) < 0) {
		ctm_check_add(check->report, CTM_CHECK_ERROR, file,
			"user %s, whose state it is, can't read the configuration: %s", check->user,
			strerror(errno));
		ctm_check_remedy(
			check->report, "let that user read it: hooks and deliver run as it");
		return;
	}
	if (st.st_mode & S_IWOTH) {
		ctm_check_add(check->report, CTM_CHECK_ERROR, file,
			"everybody can change the configuration (mode %04o), and with it where "
			"messages go",
			st.st_mode & 07777U);
		ctm_check_remedy(check->report, "chmod o-w %s", file);
	}
}

/* 0: the log can append to it, as it does; or what its open() would fail with. */
static int judge_log(const char *target)
{
	CTM_CLEANUP_FREE char *dir = NULL;
	struct stat st;

	if (access(target, W_OK) == 0 && stat(target, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return EISDIR;
		return S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode) ? 0
											  : ENXIO;
	}
	/* A log in a file is made by whoever writes first. */
	if (errno != ENOENT || !(dir = strdup(target)))
		return errno;
	*(strrchr(dir, '/') + (strrchr(dir, '/') == dir)) = '\0';
	return access(dir, W_OK | X_OK) == 0 ? 0 : ENOENT;
}

static void check_log(struct ctm_check *check, const char *target)
{
	const int error = target[0] == '/' ? judge_log(target) : 0;

	if (!error)
		return;
	ctm_check_add(check->report, CTM_CHECK_WARNING, "[log] target",
		"user %s can't write \"%s\": %s", check->user, target, strerror(error));
	ctm_check_remedy(check->report, "make it writable, or set target = auto");
}

/* Only what stands beside content is looked for there. */
static void check_root(struct ctm_check *check, const char *root)
{
	struct stat st;
	int error = stat(root, &st) < 0 ? errno : 0;

	if (!error && !S_ISDIR(st.st_mode))
		error = ENOTDIR;
	if (!error)
		return;
	ctm_check_add(check->report, error == ENOENT ? CTM_CHECK_WARNING : CTM_CHECK_ERROR,
		"[sidecar] root", "\"%s\" %s: no sidecar beside content is found", root,
		error == ENOTDIR  ? "is not a directory"
		: error == ENOENT ? "does not exist"
				  : strerror(error));
	ctm_check_remedy(check->report,
		error == ENOENT
			? "make it, or see whether its volume is mounted"
			: "set it to the directory that the content is below, or take it out");
}

void ctm_check_config(struct ctm_check *check)
{
	const struct ctm_config *config = check->config;
	char key[300];

	if (config->file)
		check_own_file(check, config->file);
	check_log(check, config->log_target);
	if (config->sidecar_beside)
		check_root(check, config->sidecar_root);
	if (!config->n_endpoints) {
		ctm_check_add(check->report, CTM_CHECK_ERROR, "[endpoint]",
			"no endpoint is configured: no message can be sent");
		ctm_check_remedy(check->report,
			"add a section [endpoint.NAME] with url = https://host/path to %s",
			config->file ? config->file : CTM_SYSCONFDIR "/aria2-ctm/aria2-ctm.conf");
	}
	for (size_t i = 0; i < config->n_endpoints; i++)
		check_endpoint(check, &config->endpoints[i]);
	for (size_t i = 0; i < config->n_aria2s; i++)
		if (config->aria2s[i].secret_file)
			check_rpc_secret(check,
				ctm_check_key("aria2", config->aria2s[i].name, "secret_file", key),
				config->aria2s[i].secret_file);
}
