// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What would stop a change half-way is looked for before it is begun.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "hostdevctl/generate.h"

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

static bool is_locked(const struct host *host, const char *path)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	auto_close int fd = openat(host->fd[HOST_ROOT], path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	return fd >= 0 && fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

static int check_managers(const struct host *host, struct error *err)
{
	for (size_t i = 0; i < sizeof(managers) / sizeof(*managers); i++) {
		bool busy = managers[i].by_existence
				    ? host_exists(host, HOST_ROOT, "%s", managers[i].path)
				    : is_locked(host, managers[i].path);

		if (busy)
			return error_set(err, EBUSY,
					 "%s is at work, and may build images and menus itself: "
					 "wait until it is done; nothing was written",
					 managers[i].name);
	}
	return 0;
}

static bool builds(const struct generate_plan *plan, const char *prefix)
{
	for (size_t i = 0; i < plan->setup.step_count; i++)
		if (plan->setup.steps[i].kind == STEP_BUILD &&
		    text_starts(plan->setup.steps[i].target, prefix))
			return true;
	return false;
}

static uint64_t largest_image(const struct generate_host *host)
{
	uint64_t largest = 0;

	for (size_t i = 0; i < host->boot.kernel_count; i++) {
		const char *initrd = host->boot.kernels[i].initrd;
		struct stat status;

		if (initrd && fstatat(host->host.fd[HOST_ROOT], initrd + 1, &status, 0) == 0 &&
		    (uint64_t)status.st_size > largest)
			largest = (uint64_t)status.st_size;
	}
	return largest;
}

/* A new image is written beside the old one. It grows by a driver, for which there is a tenth. */
static int check_boot(const struct generate_host *host, const struct generate_plan *plan,
		      struct error *err)
{
	uint64_t wanted = largest_image(host) / 10 * 11 + 1024 * 1024, free_bytes;
	struct statvfs status;

	if (fstatvfs(host->host.fd[HOST_BOOT], &status) < 0)
		return error_errno(err, errno, "look at /boot");
	if (status.f_flag & ST_RDONLY)
		return error_set(err, EROFS, "/boot is mounted read-only; nothing was written");
	free_bytes = (uint64_t)status.f_bavail * status.f_frsize;
	if (builds(plan, "image:") && free_bytes < wanted)
		return error_set(err, ENOSPC,
				 "/boot has %llu MiB left, and a new image needs %llu beside the "
				 "old one: make room there (remove old kernels, say); nothing was "
				 "written",
				 (unsigned long long)(free_bytes >> 20),
				 (unsigned long long)(wanted >> 20));
	return 0;
}

int generate_preflight(const struct generate_host *host, const struct generate_plan *plan,
		       struct error *err)
{
	int result = check_managers(&host->host, err);

	return result < 0 ? result : check_boot(host, plan, err);
}
