// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The least that moves devices to another driver: for each, one after the other, the three writes
 * that the kernel wants, with nothing asked before and nothing read afterwards.
 *
 *   bare-moves OVERRIDE DRIVER ADDRESS...
 *
 * OVERRIDE is what each driver_override is to read, "-" for none. The machine is the real one.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void put(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, value, strlen(value)) < 0) {
		fprintf(stderr, "bare-moves: %s to %s: %s\n", value, path, strerror(errno));
		exit(1);
	}
	close(fd);
}

static void move(const char *override, const char *driver, const char *address)
{
	char path[256];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver_override", address);
	put(path, override);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver/unbind", address);
	put(path, address);
	snprintf(path, sizeof(path), "/sys/bus/pci/drivers/%s/bind", driver);
	put(path, address);
}

int main(int argc, char **argv)
{
	if (argc < 4)
		return 2;
	for (int i = 3; i < argc; i++)
		move(strcmp(argv[1], "-") == 0 ? "\n" : argv[1], argv[2], argv[i]);
	return 0;
}
