/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Where the links on a path may lead. Links of /proc that lead to no path are never followed. */
enum links_lead {
	LINKS_LEAD_IN_ROOT, /* an absolute link begins at the directory, and ".." stops there */
	LINKS_LEAD_BELOW,   /* neither out of the directory nor to another mount: EXDEV */
};

/*
 * Calls openat2(2) with O_CLOEXEC; returns -1 with errno. If somebody renames or mounts something
 * meanwhile, the kernel cannot vouch for a ".." on the path and says EAGAIN. The function then
 * tries again, so that a busy host does not look like a host without the file. ENOSYS, EPERM: Linux
 * before 5.6 has no such call, and a filter of system calls may not know it.
 */
int open_below(int directory, const char *path, int flags, enum links_lead lead);
