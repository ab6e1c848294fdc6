/* SPDX-License-Identifier: MIT */
#include "landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "files.h"

/* The same numbers on all machines. */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

#define CREATE_VERSION (1u << 0)
#define RULE_PATH 1
#define RULE_PORT 2
#define NET_BIND (UINT64_C(1) << 0)
#define NET_CONNECT (UINT64_C(1) << 1)
#define SCOPE_ABSTRACT_SOCKETS (UINT64_C(1) << 0)
#define SCOPE_SIGNALS (UINT64_C(1) << 1)

/* Those that make sense for what is no directory. */
#define RIGHTS_OF_FILES                                                                            \
	(CTM_LANDLOCK_EXECUTE | CTM_LANDLOCK_WRITE_FILE | CTM_LANDLOCK_READ_FILE |                 \
		CTM_LANDLOCK_TRUNCATE | CTM_LANDLOCK_IOCTL_DEVICE)

struct ruleset {
	uint64_t files;
	uint64_t net;    /* since version 4 */
	uint64_t scoped; /* since version 6 */
};

struct path_rule {
	uint64_t rights;
	int32_t fd;
} __attribute__((packed));

struct port_rule {
	uint64_t rights;
	uint64_t port;
};

int ctm_landlock_version(void)
{
	const long version = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_VERSION);

	return version < 0 ? -errno : (int)version;
}

/* Version 2 brought renaming across directories, 3 truncating, 5 ioctl on devices. */
static uint64_t known_rights(int version)
{
	static const unsigned bits[] = {0, 13, 14, 15, 15, 16};

	return (UINT64_C(1) << (version > 5 ? 16 : bits[version])) - 1;
}

static size_t size_of_ruleset(int version)
{
	if (version < CTM_LANDLOCK_WITH_PORTS)
		return sizeof(uint64_t);
	return version < CTM_LANDLOCK_WITH_SCOPES ? 2 * sizeof(uint64_t) : sizeof(struct ruleset);
}

void ctm_landlock_begin(struct ctm_landlock *l, uint64_t rights, bool alone, bool ports)
{
	struct ruleset set = {0};

	*l = (struct ctm_landlock){.version = ctm_landlock_version(), .fd = -1};
	if (l->version < 0) {
		l->error = l->version;
		return;
	}
	l->rights = set.files = rights & known_rights(l->version);
	l->ports = ports && l->version >= CTM_LANDLOCK_WITH_PORTS;
	if (alone) {
		set.net = NET_BIND;
		set.scoped = SCOPE_ABSTRACT_SOCKETS | SCOPE_SIGNALS;
	}
	if (l->ports)
		set.net |= NET_CONNECT;
	l->fd = (int)syscall(SYS_landlock_create_ruleset, &set, size_of_ruleset(l->version), 0);
	if (l->fd < 0)
		l->error = -errno;
}

void ctm_landlock_allow(struct ctm_landlock *l, const char *path, uint64_t rights)
{
	CTM_CLEANUP_FD int fd = l->error ? -1 : open(path, O_PATH | O_CLOEXEC);
	struct path_rule rule = {.rights = rights & l->rights, .fd = fd};
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return;
	if (!S_ISDIR(st.st_mode))
		rule.rights &= RIGHTS_OF_FILES;
	if (rule.rights && syscall(SYS_landlock_add_rule, l->fd, RULE_PATH, &rule, 0) < 0)
		l->error = -errno;
}

void ctm_landlock_allow_port(struct ctm_landlock *l, uint16_t port)
{
	const struct port_rule rule = {.rights = NET_CONNECT, .port = port};

	if (!l->error && l->ports && syscall(SYS_landlock_add_rule, l->fd, RULE_PORT, &rule, 0) < 0)
		l->error = -errno;
}

int ctm_landlock_enforce(struct ctm_landlock *l)
{
	if (!l->error && syscall(SYS_landlock_restrict_self, l->fd, 0) < 0)
		l->error = -errno;
	return l->error;
}

void ctm_landlock_done(struct ctm_landlock *l)
{
	ctm_close_fd(&l->fd);
}
