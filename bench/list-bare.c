// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What "lspci -nnk" reads of each PCI function, and nothing else: no names are looked up, and
 * nothing is laid out.
 *
 *   list-bare ROOT
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const attributes[] = {"resource", "irq",    "vendor",  "device",
					 "class",    "config", "modalias"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static size_t read_attribute(int devices, const char *address, const char *name)
{
	char path[512], text[4096];
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", address, name);
	fd = openat(devices, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	length = read(fd, text, sizeof(text));
	close(fd);
	return length > 0 ? (size_t)length : 0;
}

static void list_function(int devices, const char *address)
{
	char path[512], driver[512];
	size_t total = 0;
	ssize_t length;

	for (size_t i = 0; i < COUNT(attributes); i++)
		total += read_attribute(devices, address, attributes[i]);
	snprintf(path, sizeof(path), "%s/driver", address);
	length = readlinkat(devices, path, driver, sizeof(driver) - 1);
	driver[length > 0 ? length : 0] = '\0';
	printf("%s %zu %s\n", address, total, driver);
}

int main(int argc, char **argv)
{
	DIR *devices = NULL;
	struct dirent *entry;

	if (argc == 2 && chdir(argv[1]) == 0)
		devices = opendir("sys/bus/pci/devices");
	if (!devices) {
		fprintf(stderr, "usage: list-bare ROOT\n");
		return 2;
	}
	while ((entry = readdir(devices)))
		if (entry->d_name[0] != '.')
			list_function(dirfd(devices), entry->d_name);
	closedir(devices);
	return 0;
}
