// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What must be mounted of a host that does not run before its records are looked for, and images
 * and menus are built there: its own fstab says where they are. Tests: model/test-apply-fails.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/host-path.h"
#include "base/text.h"
#include "hostdevctl/generate/generate.h"

#define FSTAB_MAX (1024u * 1024)

/* Of another file system, where the kernel (before 5.8) does not say what a mount's root is. */
static bool is_mount_point(const struct host *host, const char *path)
{
	auto_close int fd = host_path_open(host, path, O_PATH | O_DIRECTORY);
	struct stat there, root;
	struct statx status;

	if (fd < 0 || statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &status) < 0)
		return false;
	if (status.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT)
		return status.stx_attributes & STATX_ATTR_MOUNT_ROOT;
	return fstat(fd, &there) == 0 && host_path_stat(host, "/", &root, NULL) == 0 &&
	       there.st_dev != root.st_dev;
}

/* The second word of a line, without slashes at its end; NULL: it is none that counts. */
static const char *mount_of(char *line)
{
	static const char *const places[] = {
		"/boot", "/efi", "/boot/efi", "/usr", "/var", "/var/lib", "/var/lib/hostdev-hook"};
	const char *device = strtok_r(line, " \t", &line);
	char *place = device && *device != '#' ? strtok_r(NULL, " \t", &line) : NULL;
	size_t length = place ? strlen(place) : 0;

	while (length > 1 && place[length - 1] == '/')
		place[--length] = '\0';
	for (size_t i = 0; place && i < sizeof(places) / sizeof(*places); i++)
		if (strcmp(places[i], place) == 0)
			return places[i];
	return NULL;
}

int generate_check_mounts(const struct host *host, const char *root, struct error *err)
{
	struct error failure = ERROR_INIT;
	auto_free char *text = NULL;
	char *at, *line;
	int result = host_path_read(host, "/etc/fstab", FSTAB_MAX, &text, NULL, &failure);

	if (result == -ENOENT)
		return 0;
	if (result < 0)
		return error_set(err, -result, "%s", failure.text);
	at = text;
	while ((line = strsep(&at, "\n"))) {
		const char *place = mount_of(line);

		if (place && !is_mount_point(host, place))
			return error_set(
				err, ENXIO,
				"the host below %s needs what its fstab mounts on %s, and at %s%s "
				"nothing is mounted: mount it there first; nothing was written",
				root, place, root, place);
	}
	return 0;
}
