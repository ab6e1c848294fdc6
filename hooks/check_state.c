/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "check.h"
#include "clock.h"
#include "hold.h"
#include "human.h"
#include "inbox.h"
#include "path.h"
#include "place.h"
#include "wake.h"

#define FLUSH_S 300

/* Where locks or mmap can't be relied on, or nothing outlives a reboot. */
static const struct {
	unsigned long type;
	const char *name;
	enum ctm_check_level level;
	const char *why;
} file_systems[] = {
	{NFS_SUPER_MAGIC, "NFS", CTM_CHECK_ERROR, "a network file system can't hold the store"},
	{SMB_SUPER_MAGIC, "SMB", CTM_CHECK_ERROR, "a network file system can't hold the store"},
	{0xFF534D42, "CIFS", CTM_CHECK_ERROR, "a network file system can't hold the store"},
	{0xFE534D42, "SMB", CTM_CHECK_ERROR, "a network file system can't hold the store"},
	{AFS_SUPER_MAGIC, "AFS", CTM_CHECK_ERROR, "a network file system can't hold the store"},
	{0x6B414653, "AFS", CTM_CHECK_ERROR, "a network file system can't hold the store"},
	{CODA_SUPER_MAGIC, "Coda", CTM_CHECK_ERROR, "a network file system can't hold the store"},
	{0x00C36400, "Ceph", CTM_CHECK_ERROR, "a network file system can't hold the store"},
	{0x0BD00BD0, "Lustre", CTM_CHECK_ERROR, "a network file system can't hold the store"},
	{V9FS_MAGIC, "9P", CTM_CHECK_ERROR, "a network file system can't hold the store"},
	{0x786F4256, "vboxsf", CTM_CHECK_ERROR, "a shared folder can't hold the store"},
	{0x65735546, "FUSE", CTM_CHECK_WARNING, "locks and mmap may not work on it"},
	{TMPFS_MAGIC, "tmpfs", CTM_CHECK_WARNING, "a reboot takes all jobs and messages with it"},
	{RAMFS_MAGIC, "ramfs", CTM_CHECK_WARNING, "a reboot takes all jobs and messages with it"},
};

static void check_file_system(struct ctm_check *check, const char *dir)
{
	struct statfs fs;

	if (statfs(dir, &fs) < 0)
		return;
	for (size_t i = 0; i < sizeof file_systems / sizeof *file_systems; i++) {
		if (((unsigned long)fs.f_type & 0xFFFFFFFFUL) != file_systems[i].type)
			continue;
		ctm_check_add(check->report, file_systems[i].level, dir, "is on %s: %s",
			file_systems[i].name, file_systems[i].why);
		ctm_check_remedy(check->report,
			"move it to a local disk and set [state] dir; content may stay where it is");
		return;
	}
}

/* The longest part of the path that exists has to let its missing part be made. */
static void check_absent(struct ctm_check *check, const char *dir)
{
	CTM_CLEANUP_FREE char *parent = strdup(dir);
	char *slash = parent ? strrchr(parent, '/') : NULL;

	check->report->no_memory |= !parent;
	while (slash && slash != parent && access(parent, F_OK) < 0) {
		*slash = '\0';
		slash = strrchr(parent, '/');
	}
	if (parent && slash && access(parent, F_OK) == 0 && access(parent, W_OK | X_OK) < 0) {
		ctm_check_add(check->report, CTM_CHECK_ERROR, dir,
			"the state directory does not exist, and user %s can't make it in \"%s\"",
			check->user, parent);
		ctm_check_remedy(
			check->report, "as root: install -d -m 700 -o %s %s", check->user, dir);
		return;
	}
	ctm_check_add(check->report, CTM_CHECK_OK, dir,
		"the state directory does not exist yet: the first event or job makes it");
}

static bool check_mode(struct ctm_check *check, const char *dir, const struct stat *st)
{
	const unsigned mode = st->st_mode & 07777U;

	if ((mode & 0777U) == 0700)
		return true;
	ctm_check_add(check->report, CTM_CHECK_ERROR, dir,
		mode & 077U ? "others can enter the state directory (mode %04o)"
			    : "its owner can't use the state directory (mode %04o)",
		mode);
	ctm_check_remedy(check->report, "chmod 700 %s", dir);
	return !(mode & 022U) && (mode & 0700U) == 0700;
}

/* Files that another user left there: the owner's hooks can't use them. */
static void check_inside(struct ctm_check *check, const char *dir, const struct stat *st)
{
	static const char *const names[] = {CTM_LOCK_FILE, CTM_STORE_FILE, CTM_INBOX_DIR,
		CTM_INBOX_DIR "/current", CTM_INBOX_DIR "/next", CTM_DELIVER_LOCK,
		CTM_DELIVER_FIFO};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		CTM_CLEANUP_FREE char *path = ctm_path_join(dir, names[i]);
		struct stat inside;

		if (!path || lstat(path, &inside) < 0)
			continue;
		if (inside.st_uid != st->st_uid) {
			ctm_check_add(check->report, CTM_CHECK_ERROR, path,
				"belongs to uid %u, but the state to uid %u: its hooks fail",
				(unsigned)inside.st_uid, (unsigned)st->st_uid);
			ctm_check_remedy(check->report, "chown -R %u:%u %s", (unsigned)st->st_uid,
				(unsigned)st->st_gid, dir);
		} else if (inside.st_mode & 077U) {
			ctm_check_add(check->report, CTM_CHECK_WARNING, path,
				"is open to others (mode %04o)", inside.st_mode & 07777U);
			ctm_check_remedy(check->report, "chmod go= %s", path);
		}
	}
}

bool ctm_check_state_dir(struct ctm_check *check)
{
	const char *dir = check->config->state_dir;
	struct stat st;

	if (stat(dir, &st) < 0) {
		if (errno == ENOENT)
			check_absent(check, dir);
		else
			ctm_check_add(check->report, CTM_CHECK_ERROR, dir,
				"cannot look at the state directory: %s", strerror(errno));
		return false;
	}
	if (!S_ISDIR(st.st_mode)) {
		ctm_check_add(check->report, CTM_CHECK_ERROR, dir, "is not a directory");
		ctm_check_remedy(check->report, "set [state] dir to one");
		return false;
	}
	check_file_system(check, dir);
	if (!check_mode(check, dir, &st))
		return false;
	check_inside(check, dir, &st);
	return true;
}

void ctm_check_state_failure(struct ctm_check *check, const struct ctm_error *e)
{
	const char *dir = check->config->state_dir;
	struct stat st;

	ctm_check_add(check->report, CTM_CHECK_ERROR, dir, "%s", e->text);
	if ((e->code == -EACCES || e->code == -EPERM) && stat(dir, &st) == 0)
		ctm_check_remedy(check->report,
			"run it as root, or as the user that the state belongs to (uid %u)",
			(unsigned)st.st_uid);
}

void ctm_check_store_failure(struct ctm_check *check, const struct ctm_error *e)
{
	const char *dir = check->config->state_dir;

	ctm_check_add(check->report, CTM_CHECK_ERROR, dir, "%s", e->text);
	if (e->code == -EBADMSG)
		ctm_check_remedy(check->report,
			"nothing is reset by itself. Hooks go on recording events meanwhile. Keep the "
			"damaged store: \"mv %s/" CTM_STORE_FILE " %s/" CTM_STORE_FILE
			".damaged\"; "
			"\"aria2-ctm flush\" then makes a new one from the sidecars and the recorded "
			"events. What had arrived before, and messages that waited, is only in the "
			"damaged one: look at CTM for jobs that it already knows to have ended, and "
			"take their sidecars away first",
			dir, dir);
	else if (e->code == -EPROTO)
		ctm_check_remedy(check->report, "install the version of aria2-ctm that wrote it");
	else if (e->code == -EAGAIN)
		ctm_check_remedy(check->report,
			"if that process is stopped, let it go on (kill -CONT) or end it; events are "
			"recorded meanwhile");
}

/* The command as it can be called from elsewhere. */
static const char *own_path(char *buf, size_t size)
{
	const ssize_t len = readlink("/proc/self/exe", buf, size - 1);

	buf[len > 0 ? len : 0] = '\0';
	return len > 0 ? buf : CTM_BINDIR "/aria2-ctm";
}

void ctm_check_flushed(struct ctm_check *check, int64_t flushed_s)
{
	const int64_t ago = ctm_clock_wall_ms() / 1000 - flushed_s;
	char path[4096];
	char age[CTM_HUMAN];

	ctm_human_seconds(ago > 0 ? (uint64_t)ago : 0, age);
	if (flushed_s && ago <= FLUSH_S) {
		ctm_check_add(check->report, CTM_CHECK_OK, "flush", "ran %s ago", age);
		return;
	}
	if (flushed_s)
		ctm_check_add(check->report, CTM_CHECK_WARNING, "flush",
			"ran %s ago, and not in the last five minutes: nothing runs it", age);
	else
		ctm_check_add(
			check->report, CTM_CHECK_WARNING, "flush", "never ran: nothing runs it");
	ctm_check_remedy(check->report,
		"without it, what a crash or a dead CTM left behind stays undone. Run "
		"\"systemctl enable --now aria2-ctm-flush.timer\", or add to the crontab of user %s: "
		"* * * * * %s flush",
		check->user, own_path(path, sizeof path));
}
