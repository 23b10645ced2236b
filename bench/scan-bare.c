// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a scan of all processes must cost that makes no sense of what it reads: the descriptors'
 * names and what each is, and with "maps" the memory maps too.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char buffer[65536];

static void read_descriptors(int proc, const char *pid)
{
	struct statx file;
	char path[64];
	ssize_t length;
	int table;

	snprintf(path, sizeof(path), "%.20s/fd", pid);
	table = openat(proc, path, O_RDONLY | O_DIRECTORY);
	if (table < 0)
		return;
	while ((length = getdents64(table, buffer, sizeof(buffer))) > 0) {
		const struct dirent64 *entry;

		for (ssize_t at = 0; at < length; at += entry->d_reclen) {
			entry = (const void *)(buffer + at);
			if (entry->d_name[0] != '.')
				statx(table, entry->d_name, AT_STATX_DONT_SYNC, STATX_TYPE, &file);
		}
	}
	close(table);
}

static void read_maps(int proc, const char *pid)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%.20s/maps", pid);
	fd = openat(proc, path, O_RDONLY);
	if (fd < 0)
		return;
	while (read(fd, buffer, sizeof(buffer)) > 0)
		;
	close(fd);
}

int main(int argc, char **argv)
{
	bool maps = argc > 1 && strcmp(argv[1], "maps") == 0;
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	if (!proc)
		return EXIT_FAILURE;
	while ((entry = readdir(proc))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		read_descriptors(dirfd(proc), entry->d_name);
		if (maps)
			read_maps(dirfd(proc), entry->d_name);
	}
	closedir(proc);
	return EXIT_SUCCESS;
}
