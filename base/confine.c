// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which privileges looking takes, and how all others are laid down for good: by the kernel's own
 * calls, as a library for it would be loaded at every start of a guest.
 */
#include "base/confine.h"

#include <linux/capability.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BIT(capability) ((uint64_t)1 << (capability))

/*
 * Reading what others own (files by DAC_*, a closed directory such as /proc/PID/fd as well), and
 * looking into processes that run as others or with more privileges (their maps and descriptors).
 */
#define LOOKING (BIT(CAP_DAC_READ_SEARCH) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_SYS_PTRACE))

/* The files behind memory maps (map_files) are told to who has this, before Linux 5.9 the other. */
#define MAPS BIT(CAP_CHECKPOINT_RESTORE)
#define MAPS_BEFORE BIT(CAP_SYS_ADMIN)

static void keep_only(uint64_t wanted)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};

	if (syscall(SYS_capget, &header, data) < 0)
		return;
	wanted |= data[1].permitted & (uint32_t)(MAPS >> 32) ? MAPS : MAPS_BEFORE;
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		uint32_t part = (uint32_t)(wanted >> (32 * i));

		data[i].permitted &= part;
		data[i].effective &= part;
		data[i].inheritable = 0;
	}
	syscall(SYS_capset, &header, data);
}

void confine_to_looking(void)
{
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	keep_only(LOOKING);
}
