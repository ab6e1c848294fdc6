/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config_read.h"
#include "files.h"
#include "path.h"
#include "values.h"

static const uint32_t default_schedule_s[] = {
	0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400};

/* The user's home directory; NULL if there is none. The caller frees it. 0; -ENOMEM. */
static int find_home(char **ret_home)
{
	const char *home = getenv("HOME");
	struct passwd entry;
	struct passwd *found = NULL;
	char strings[4096];

	*ret_home = NULL;
	if (!home || home[0] != '/') {
		if (getpwuid_r(geteuid(), &entry, strings, sizeof strings, &found) == ENOMEM)
			return -ENOMEM;
		home = found ? found->pw_dir : "";
	}
	if (home[0] != '/')
		return 0;
	*ret_home = strdup(home);
	return *ret_home ? 0 : -ENOMEM;
}

/*
 * name below the XDG directory, which is `variable`, else home + fallback; NULL: there is none. 0;
 * -ENOMEM, which must not look like that: the configuration and the state would be others.
 */
static int find_below_home(
	const char *variable, const char *fallback, const char *name, char **ret_path)
{
	CTM_CLEANUP_FREE char *home = NULL;
	CTM_CLEANUP_FREE char *dir = NULL;
	const char *set = getenv(variable);
	int r;

	*ret_path = NULL;
	if (!set || set[0] != '/') {
		r = find_home(&home);
		if (r < 0 || !home)
			return r;
		dir = ctm_path_join(home, fallback);
		if (!dir)
			return -ENOMEM;
		set = dir;
	}
	*ret_path = ctm_path_join(set, name);
	return *ret_path ? 0 : -ENOMEM;
}

/*
 * 1, 0, or negative errno where that can't be told: to go on with another file, and another state
 * directory, would lose what is recorded there. A directory that is closed to us is somebody else's
 * home, as with sudo.
 */
static int exists(const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0)
		return 1;
	return errno == ENOENT || errno == ENOTDIR || errno == EACCES ? 0 : -errno;
}

/* The file that counts; NULL: there is none, which is no error. 0 or negative errno. */
static int find_file(char **ret_file)
{
	const char *set = getenv("ARIA2_CTM_CONF");
	char *user;
	int r;

	*ret_file = NULL;
	if (set && *set) {
		*ret_file = strdup(set);
		return *ret_file ? 0 : -ENOMEM;
	}
	r = find_below_home("XDG_CONFIG_HOME", ".config", CTM_CONFIG_FILE, &user);
	if (r == 0 && user)
		r = exists(user);
	if (r > 0) {
		*ret_file = user;
		return 0;
	}
	free(user);
	if (r == 0)
		r = exists(CTM_SYSCONFDIR "/" CTM_CONFIG_FILE);
	if (r <= 0)
		return r;
	*ret_file = strdup(CTM_SYSCONFDIR "/" CTM_CONFIG_FILE);
	return *ret_file ? 0 : -ENOMEM;
}

static struct ctm_config *new_config(void)
{
	struct ctm_config *config = calloc(1, sizeof *config);

	if (!config)
		return NULL;
	*config = (struct ctm_config){
		.keep_s = 30 * 86400,
		.give_up_s = 7 * 86400,
		.unclaimed_s = 3600,
		.sidecar_root = strdup("/"),
		.n_schedule = sizeof default_schedule_s / sizeof *default_schedule_s,
		.linger_s = 60,
		.log_target = strdup("auto"),
		.log_format = CTM_LOG_TEXT,
		.log_level = CTM_LOG_INFO,
	};
	memcpy(config->schedule_s, default_schedule_s, sizeof default_schedule_s);
	if (!config->sidecar_root || !config->log_target) {
		ctm_config_free(config);
		return NULL;
	}
	return config;
}

/* What follows from other settings. */
static int complete(struct ctm_config *config, struct ctm_error *e)
{
	if (!config->state_dir && find_below_home("XDG_STATE_HOME", ".local/state", "aria2-ctm",
					  &config->state_dir) < 0)
		return ctm_error_set(e, -ENOMEM, "out of memory");
	if (!config->state_dir)
		return ctm_error_set(e, -ENOENT,
			"there is no home directory for the state; set [state] dir in the "
			"configuration");
	if (!config->sidecar_dir)
		config->sidecar_dir = ctm_path_join(config->state_dir, "jobs");
	return config->sidecar_dir ? 0 : ctm_error_set(e, -ENOMEM, "out of memory");
}

/* What counts as an error: everything, or only what an event needs. */
enum strictness {
	STRICT,
	FOR_EVENT
};

static int read_file(const char *file, enum strictness strictness, struct ctm_config *config,
	ctm_ini_complain *complain, void *context, struct ctm_error *e)
{
	struct ctm_complaints c = {.complain = complain, .context = context, .file = file};
	/* O_NONBLOCK: a FIFO in its place must not hold up a hook. */
	CTM_CLEANUP_FD int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0)
		return ctm_error_set(
			e, -errno, "cannot open configuration \"%s\": %s", file, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return ctm_error_set(e, S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL,
			"configuration \"%s\" is not a regular file", file);
	config->file = strdup(file);
	if (!config->file)
		return ctm_error_set(e, -ENOMEM, "out of memory");
	r = ctm_config_read(fd, config, &c);
	if (r < 0)
		return ctm_error_set(
			e, r, "cannot read configuration \"%s\": %s", file, strerror(-r));
	if (strictness == STRICT ? c.errors > 0 : c.state_damaged)
		return ctm_error_set(e, -EINVAL, "configuration \"%s\" has %u error%s", file,
			c.errors, c.errors == 1 ? "" : "s");
	return 0;
}

static int load(const char *file, enum strictness strictness, struct ctm_config **ret_config,
	ctm_ini_complain *complain, void *context, struct ctm_error *e)
{
	struct ctm_config *config = new_config();
	int r;

	if (!config)
		return ctm_error_set(e, -ENOMEM, "out of memory");
	r = file ? read_file(file, strictness, config, complain, context, e) : 0;
	if (r == 0)
		r = complete(config, e);
	if (r < 0) {
		ctm_config_free(config);
		return r;
	}
	*ret_config = config;
	return 0;
}

int ctm_config_load_file(const char *file, struct ctm_config **ret_config,
	ctm_ini_complain *complain, void *context, struct ctm_error *e)
{
	return load(file, STRICT, ret_config, complain, context, e);
}

static int find_and_load(enum strictness strictness, struct ctm_config **ret_config,
	ctm_ini_complain *complain, void *context, struct ctm_error *e)
{
	CTM_CLEANUP_FREE char *file = NULL;
	const int r = find_file(&file);

	if (r < 0)
		return ctm_error_set(e, r, "cannot look for the configuration: %s", strerror(-r));
	return load(file, strictness, ret_config, complain, context, e);
}

int ctm_config_load(struct ctm_config **ret_config, ctm_ini_complain *complain, void *context,
	struct ctm_error *e)
{
	return find_and_load(STRICT, ret_config, complain, context, e);
}

int ctm_config_load_for_event(struct ctm_config **ret_config, ctm_ini_complain *complain,
	void *context, struct ctm_error *e)
{
	return find_and_load(FOR_EVENT, ret_config, complain, context, e);
}

static void free_endpoint(struct ctm_endpoint *endpoint)
{
	free(endpoint->name);
	free(endpoint->url);
	free(endpoint->socket);
	ctm_value_free_list(endpoint->allow, endpoint->n_allow);
	free(endpoint->ca_file);
	free(endpoint->cert_file);
	free(endpoint->key_file);
	free(endpoint->token_file);
	free(endpoint->secret_file);
	ctm_value_free_list(endpoint->headers, endpoint->n_headers);
	free(endpoint->proxy);
}

void ctm_config_free(struct ctm_config *config)
{
	if (!config)
		return;
	for (size_t i = 0; i < config->n_endpoints; i++)
		free_endpoint(&config->endpoints[i]);
	for (size_t i = 0; i < config->n_aria2s; i++) {
		free(config->aria2s[i].name);
		free(config->aria2s[i].rpc);
		free(config->aria2s[i].secret_file);
	}
	free(config->endpoints);
	free(config->aria2s);
	ctm_value_free_list(config->owners, config->n_owners);
	free(config->file);
	free(config->state_dir);
	free(config->sidecar_dir);
	free(config->sidecar_root);
	free(config->log_target);
	free(config);
}

int ctm_config_set_log_up(
	const struct ctm_config *config, const char *component, struct ctm_error *e)
{
	const int r = ctm_log_setup(component, config->log_target, config->log_format,
		config->log_level, config->state_dir);

	return r < 0 ? ctm_error_set(e, r, "no memory to set the log up") : 0;
}
