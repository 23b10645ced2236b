// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The program libvirt runs: knows where things stand on an installed system, and that nothing but
 * this file may say so. Tests: hook/front.bats.
 */
#include "hook/front.h"

int main(int argc, char **argv)
{
	static const struct front_paths paths = {
		.engine = HOSTDEV_LIBEXECDIR "/engine",
		.state_dir = "/run/hostdev-hook",
		.scripts_dir = HOSTDEV_HOOK_DIR "/qemu.d",
	};

	return front_main(argc, argv, &paths);
}
