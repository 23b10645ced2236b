/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * look [-s ADDRESS] [-d ADDRESS]... devices|consoles|host|journals - the host as text, for
 * comparisons: a line each.
 *
 *   devices   every PCI function's driver, override and power settings, the home modules, our
 * journals: all that the hook itself moves. -s leaves a function out: an older kernel makes whoever
 * reads it wait while its driver hangs. consoles  virtual terminals and framebuffers host both, and
 * what the host uses its devices for: what udev tells programs of graphics and sound, the disks
 *             behind the devices of -d, mounts, swap, addresses, routes
 *   journals  the names of our journals in the state folder (a lock may stay there, a journal may
 * not)
 *
 * It knows where the kernel and udev keep all this, and what of it changes by itself. It is a
 * program, and not part of the scripts around it, because it is asked all the time, and a shell is
 * slow on an emulated processor.
 */
#include <fcntl.h>
#include <glob.h>
#include <limits.h>
#include <regex.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PCI "/sys/bus/pci/devices"
#define STATE "/run/hostdev-hook"

static const char *skipped = "";

static const char *last_part(const char *path)
{
	return strrchr(path, '/') + 1;
}

/* In bytewise order. */
static void each(const char *pattern, void (*show)(const char *path))
{
	glob_t found;

	if (glob(pattern, 0, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++)
		show(found.gl_pathv[i]);
	globfree(&found);
}

static void each_line(const char *path, void (*show)(const char *line))
{
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;

	if (!file)
		return;
	while (getline(&line, &size, file) >= 0) {
		line[strcspn(line, "\n")] = '\0';
		show(line + strspn(line, " \t"));
	}
	free(line);
	fclose(file);
}

/* The first line of an attribute; false: it is not there. */
static bool read_attribute(const char *dir, const char *name, char value[256])
{
	char path[PATH_MAX];
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	length = read(fd, value, 255);
	close(fd);
	value[length > 0 ? length : 0] = '\0';
	value[strcspn(value, "\n")] = '\0';
	return true;
}

/* --- devices --- */

static void show_function(const char *path)
{
	static const char *const names[] = {"driver_override", "power/control", "d3cold_allowed",
					    "sriov_numvfs"};
	char value[256], link[PATH_MAX], driver[PATH_MAX] = "/none";

	if (strcmp(last_part(path), skipped) == 0)
		return;
	snprintf(link, sizeof(link), "%s/driver", path);
	if (readlink(link, driver, sizeof(driver) - 1) > 0)
		driver[sizeof(driver) - 1] = '\0';
	printf("%s driver=%s", last_part(path), last_part(driver));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (read_attribute(path, names[i], value))
			printf(" %s=%s", names[i], value);
	printf("\n");
}

static void show_modules(void)
{
	static const char *const names[] = {"bochs", "snd_hda_intel", "e1000e",
					    "e1000", "igb",           "igbvf",
					    "nvme",  "xhci_pci",      "hostdev_lab"};
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "/sys/module/%s", names[i]);
		printf("module %s %s\n", names[i], access(path, F_OK) == 0 ? "loaded" : "absent");
	}
}

static bool is_journal(const char *name)
{
	const char *ending = strrchr(name, '.');
	regex_t uuid;
	bool matches;

	/* The record of the last hand-over stays, and is no journal. */
	if (ending && (strcmp(ending, ".lock") == 0 || strcmp(ending, ".last") == 0))
		return false;
	if (regcomp(&uuid, "[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", REG_EXTENDED | REG_NOSUB) !=
	    0)
		abort();
	matches = regexec(&uuid, name, 0, NULL, 0) == 0;
	regfree(&uuid);
	return matches;
}

static void show_journal(const char *path)
{
	if (is_journal(last_part(path)))
		printf("%s\n", last_part(path));
}

static void show_journal_of_host(const char *path)
{
	if (is_journal(last_part(path)))
		printf("journal %s\n", last_part(path));
}

static void show_devices(void)
{
	char value[256] = "";

	each(PCI "/*", show_function);
	show_modules();
	read_attribute("/sys/bus/pci", "drivers_autoprobe", value);
	printf("drivers_autoprobe %s\n", value);
	each(STATE "/*", show_journal_of_host);
}

/* --- consoles --- */

static void show_console(const char *path)
{
	char bind[256] = "", name[256] = "";

	read_attribute(path, "bind", bind);
	read_attribute(path, "name", name);
	printf("%s bind=%s %s\n", last_part(path), bind, name);
}

static void show_framebuffer(const char *line)
{
	printf("framebuffer %s\n", line);
}

static void show_consoles(void)
{
	each("/sys/class/vtconsole/*", show_console);
	each_line("/proc/fb", show_framebuffer);
}

/* --- what udev tells --- */

static char *told[4096];
static size_t told_count;
static const char *told_of;

static void tell(const char *line)
{
	/*
	 * Its properties, groups and tags, but not the time of it; and a rule of nvme-cli gives its
	 * property to devices of all kinds, but not at every event.
	 */
	if (strchr("EGQS", *line) == NULL || line[1] != ':' || strncmp(line, "E:NVME_", 7) == 0)
		return;
	if (told_count == sizeof(told) / sizeof(told[0]) ||
	    asprintf(&told[told_count++], "%s %s", last_part(told_of), line) < 0)
		abort();
}

static void tell_of(const char *path)
{
	told_of = path;
	printf("udev %s\n", last_part(path));
	each_line(path, tell);
}

static int in_order(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void show_udev(void)
{
	each("/run/udev/data/c226:*", tell_of);
	each("/run/udev/data/c116:*", tell_of);
	each("/run/udev/data/+drm:*", tell_of);
	each("/run/udev/data/+sound:*", tell_of);
	qsort(told, told_count, sizeof(told[0]), in_order);
	for (size_t i = 0; i < told_count; i++) {
		printf("udev %s\n", told[i]);
		free(told[i]);
	}
}

/* --- uses --- */

/* There or not, as the names of disks may change. */
static void show_disk(const char *address)
{
	static const char *const below[] = {"nvme/nvme*/nvme*n1",
					    "usb*/*/*/host*/target*/*/block/sd*"};

	for (size_t i = 0; i < sizeof(below) / sizeof(below[0]); i++) {
		char pattern[PATH_MAX];
		glob_t found;

		snprintf(pattern, sizeof(pattern), PCI "/%s/%s", address, below[i]);
		if (glob(pattern, 0, NULL, &found) == 0) {
			printf("disk %s\n", address);
			globfree(&found);
			return;
		}
	}
}

/* A user's own comes and goes with the sessions. */
static void show_mount(const char *line)
{
	if (strstr(line, " /run/user/") == NULL)
		printf("mount %s\n", line);
}

static void show_swap(const char *line)
{
	printf("swap %.*s\n", (int)strcspn(line, " \t"), line);
}

/* 20: made from the hardware's address by whoever sets the interface up. */
static void show_address(const char *line)
{
	char address[40], scope[8], name[40];

	if (sscanf(line, "%39s %*s %*s %7s %*s %39s", address, scope, name) == 3 &&
	    strcmp(scope, "20") != 0)
		printf("address %s %s\n", address, name);
}

static void show_prefix(const char *line)
{
	printf("addresses %s\n", line);
}

static void show_route(const char *line)
{
	printf("route %s\n", line);
}

static void show_uses(void)
{
	each_line("/proc/mounts", show_mount);
	each_line("/proc/swaps", show_swap);
	each_line("/proc/net/if_inet6", show_address);
	each_line("/proc/net/fib_trie", show_prefix);
	each_line("/proc/net/route", show_route);
}

int main(int argc, char **argv)
{
	const char *disks[8], *what;
	size_t disk_count = 0;
	int option;

	while ((option = getopt(argc, argv, "s:d:")) != -1) {
		if (option == 's')
			skipped = optarg;
		else if (option == 'd' && disk_count < sizeof(disks) / sizeof(disks[0]))
			disks[disk_count++] = optarg;
		else
			return 2;
	}
	what = optind == argc - 1 ? argv[optind] : "";
	if (strcmp(what, "devices") == 0) {
		show_devices();
	} else if (strcmp(what, "consoles") == 0) {
		show_consoles();
	} else if (strcmp(what, "journals") == 0) {
		each(STATE "/*", show_journal);
	} else if (strcmp(what, "host") == 0) {
		show_devices();
		show_consoles();
		show_udev();
		for (size_t i = 0; i < disk_count; i++)
			show_disk(disks[i]);
		show_uses();
	} else {
		fprintf(stderr, "usage: look [-s ADDRESS] [-d ADDRESS]... "
				"devices|consoles|host|journals\n");
		return 2;
	}
	return fflush(stdout) == 0 ? 0 : 1;
}
