// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The front door on a made-up machine: the same program, with its paths in the directory in which
 * its own file lies (host/ is the machine's root there).
 */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "hook/front.h"

static void path_make(char path[PATH_MAX], const char *dir, const char *name)
{
	if (snprintf(path, PATH_MAX, "%s/%s", dir, name) >= PATH_MAX)
		_exit(70);
}

int main(int argc, char **argv)
{
	char dir[PATH_MAX], engine[PATH_MAX], state_dir[PATH_MAX], scripts_dir[PATH_MAX];
	struct front_paths paths = {engine, state_dir, scripts_dir};
	ssize_t length = readlink("/proc/self/exe", dir, sizeof(dir) - 1);

	if (length <= 0)
		return 70;
	dir[length] = '\0';
	*strrchr(dir, '/') = '\0';
	path_make(engine, dir, "engine");
	path_make(state_dir, dir, "host/run/hostdev-hook");
	path_make(scripts_dir, dir, "host/etc/libvirt/hooks/qemu.d");
	return front_main(argc, argv, &paths);
}
