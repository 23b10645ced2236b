// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What would stop a change half-way is looked for before it is begun.
 * Tests: unit/test-preflight.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/host-path.h"
#include "base/pid.h"
#include "hostdevctl/generate/generate.h"

/* Package managers build images and menus as well; each says by a lock that it is at work. */
static const struct {
	const char *path; /* below / */
	const char *name;
	bool by_existence; /* not by a lock on it */
} managers[] = {
	{"var/lib/dpkg/lock-frontend", "dpkg", false},
	{"var/lib/dpkg/lock", "dpkg", false},
	{"var/lib/rpm/.rpm.lock", "rpm", false},
	{"usr/lib/sysimage/rpm/.rpm.lock", "rpm", false},
	{"var/lib/pacman/db.lck", "pacman", true},
};

/* Who has the lock; 0: nobody. A lock of an open file has no process that it is of: -1. */
static pid_t lock_owner(const struct host *host, const char *path)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	auto_close int fd = openat(host->fd[HOST_ROOT], path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || fcntl(fd, F_GETLK, &lock) < 0 || lock.l_type == F_UNLCK)
		return 0;
	return lock.l_pid;
}

static int refuse_beside(const char *manager, struct error *err)
{
	return error_set(err, EBUSY,
			 "%s is at work, and may build images and menus itself: wait until it is "
			 "done; nothing was written",
			 manager);
}

int generate_check_managers(const struct host *host, bool undo, bool below_root, struct error *err)
{
	for (size_t i = 0; i < sizeof(managers) / sizeof(*managers); i++) {
		const char *path = managers[i].path;
		pid_t owner = managers[i].by_existence ? 0 : lock_owner(host, path);

		if (managers[i].by_existence && !below_root &&
		    host_exists(host, HOST_ROOT, "%s", path))
			return refuse_beside(managers[i].name, err);
		if (owner != 0 && !(undo && owner > 0 && pid_is_ancestor(host, owner)))
			return refuse_beside(managers[i].name, err);
	}
	return 0;
}

/* The first step of those that build whose target begins so; NULL: none. */
static const struct step *find_build(const struct generate_plan *plan, const char *prefix)
{
	for (size_t i = 0; i < plan->setup.step_count; i++)
		if (plan->setup.steps[i].kind == STEP_BUILD &&
		    text_starts(plan->setup.steps[i].target, prefix))
			return &plan->setup.steps[i];
	return NULL;
}

/* --- room --- */

static uint64_t size_of(const struct generate_host *host, const char *path)
{
	struct stat status;

	return path && host_path_stat(&host->host, path, &status, NULL) == 0
		       ? (uint64_t)status.st_size
		       : 0;
}

/* For the largest new image, with its kernel or without: the image grows by a driver, for which
 * there is a tenth. */
static uint64_t room_for_one(const struct generate_host *host, bool with_kernel)
{
	uint64_t largest = 0;

	for (size_t i = 0; i < host->boot.kernel_count; i++) {
		const struct boot_kernel *kernel = &host->boot.kernels[i];
		uint64_t size = size_of(host, kernel->initrd) / 10 * 11;

		if (with_kernel)
			size += size_of(host, kernel->image);
		largest = size > largest ? size : largest;
	}
	return largest + 1024 * 1024;
}

static int check_room(int dir, const char *shown, uint64_t wanted, const char *what,
		      struct error *err)
{
	uint64_t free_bytes;
	struct statvfs status;

	if (fstatvfs(dir, &status) < 0)
		return error_errno(err, errno, "look at %s", shown);
	if (status.f_flag & ST_RDONLY)
		return error_set(err, EROFS, "%s is mounted read-only; nothing was written", shown);
	free_bytes = (uint64_t)status.f_bavail * status.f_frsize;
	if (free_bytes < wanted)
		return error_set(err, ENOSPC,
				 "%s has %llu MiB left, and %s needs %llu beside the old one: make "
				 "room there (remove old kernels, say); nothing was written",
				 shown, (unsigned long long)(free_bytes >> 20), what,
				 (unsigned long long)(wanted >> 20));
	return 0;
}

/* A new image is written beside the old one. */
static int check_boot(const struct generate_host *host, const struct generate_plan *plan,
		      struct error *err)
{
	uint64_t wanted = find_build(plan, "image:") ? room_for_one(host, false) : 0;

	return check_room(host->host.fd[HOST_BOOT], "/boot", wanted, "a new image", err);
}

/* kernel-install copies each kernel and its image to where the entries are, often a small ESP. */
static int check_entries(const struct generate_host *host, const struct generate_plan *plan,
			 struct error *err)
{
	/* "entries:PROGRAM,ROOT,TOKEN" */
	const struct step *step = find_build(plan, "entries:");
	const char *comma = step ? strchr(step->target, ',') : NULL;
	auto_free char *root =
		comma ? xasprintf("%.*s", (int)strcspn(comma + 1, ","), comma + 1) : NULL;
	auto_close int dir = -1;

	if (!root)
		return 0;
	dir = openat(host->host.fd[HOST_ROOT], root + strspn(root, "/"),
		     O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return error_errno(err, errno, "look at %s", root);
	return check_room(dir, root, room_for_one(host, true), "a kernel with a new image", err);
}

int generate_preflight(const struct generate_host *host, const struct generate_plan *plan,
		       struct error *err)
{
	int result = generate_check_managers(&host->host, false, false, err);

	if (result == 0)
		result = check_boot(host, plan, err);
	return result < 0 ? result : check_entries(host, plan, err);
}
