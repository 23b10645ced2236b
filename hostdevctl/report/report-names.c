// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where a host has written down what it, its users, disks and network interfaces are called. What
 * stands for a user, an interface or a place is the same as in the record of the host (the folder
 * "record"), so that a reader of both knows who is who. Tests: ctl/report.bats.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/host-path.h"
#include "hostdevctl/report/report.h"
#include "model/addr.h"
#include "parsers/storage/mounts.h"

#define FILE_MAX ((size_t)16 * 1024 * 1024)
#define PEOPLE_FROM 1000
#define PEOPLE_TO 60000
#define SERIAL_MIN 5

static char *read_file(const struct host *host, const char *path)
{
	char *text = NULL;

	return host_path_read(host, path, FILE_MAX, &text, NULL, NULL) < 0 ? xstrdup("") : text;
}

/* --- hosts --- */

static bool is_everybodys(const char *name)
{
	return text_starts(name, "localhost") || text_starts(name, "ip6-") ||
	       text_starts(name, "ff02:") || strcmp(name, "broadcasthost") == 0;
}

/* With what stands before the first dot. */
static void add_host(struct disguise *disguise, const char *name)
{
	auto_free char *first = xasprintf("%.*s", (int)strcspn(name, "."), name);

	if (is_everybodys(name) || isdigit((unsigned char)*name) || strchr(name, ':'))
		return;
	disguise_add(disguise, DISGUISE_HOST, first, NULL);
	disguise_add(disguise, DISGUISE_HOST, name, NULL);
}

/* Lists of names that are to lead nowhere are long, and are no hosts of anybody here. */
static bool leads_nowhere(const char *line)
{
	static const char *const addresses[] = {"0.0.0.0", "127.0.0.1", "::", "::1"};
	size_t length = strcspn(line, " \t");

	for (size_t i = 0; i < sizeof(addresses) / sizeof(*addresses); i++)
		if (strlen(addresses[i]) == length && strncmp(line, addresses[i], length) == 0)
			return true;
	return false;
}

/* Of a file that holds a name, or addresses with names behind them. */
static void add_names_of_line(struct disguise *disguise, char *line)
{
	char *word;

	line[strcspn(line, "#")] = '\0';
	if (leads_nowhere(line))
		return;
	while ((word = strsep(&line, " \t")))
		add_host(disguise, word);
}

static void add_hosts(const struct host *host, struct disguise *disguise)
{
	static const char *const files[] = {"/proc/sys/kernel/hostname", "/etc/hostname",
					    "/etc/hosts"};

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		auto_free char *text = read_file(host, files[i]);
		char *at = text, *line;

		while ((line = strsep(&at, "\n")))
			add_names_of_line(disguise, line);
	}
}

/* --- users --- */

static void add_user(struct disguise *disguise, const char *name, unsigned long uid)
{
	auto_free char *shown = xasprintf("user%lu", uid);

	if (uid >= PEOPLE_FROM && uid < PEOPLE_TO)
		disguise_add(disguise, DISGUISE_USER, name, shown);
}

/* "name:x:1000:1000:Full Name,room:/home/name:/bin/sh" */
static void add_account(struct disguise *disguise, char *line)
{
	auto_free char *home = NULL;
	char *fields[6] = {NULL};
	unsigned long uid;

	for (size_t i = 0; i < 6; i++)
		if (!(fields[i] = strsep(&line, ":")))
			return;
	uid = strtoul(fields[2], NULL, 10);
	if (uid < PEOPLE_FROM || uid >= PEOPLE_TO)
		return;
	add_user(disguise, fields[0], uid);
	fields[4][strcspn(fields[4], ",")] = '\0';
	add_user(disguise, fields[4], uid);
	home = xasprintf("/home/user%lu", uid);
	if (strlen(fields[5]) > 1)
		disguise_add(disguise, DISGUISE_USER, fields[5], home);
}

static void add_accounts(const struct host *host, struct disguise *disguise)
{
	auto_free char *text = read_file(host, "/etc/passwd");
	char *at = text, *line;

	while ((line = strsep(&at, "\n")))
		add_account(disguise, line);
}

/* The value of "KEY=VALUE", without quotes; heap, "" where there is none. */
static char *value_of(const char *text, const char *key)
{
	size_t length = strlen(key);

	for (const char *at = text; at; at = strchr(at, '\n'), at = at ? at + 1 : NULL) {
		if (strncmp(at, key, length) != 0 || at[length] != '=')
			continue;
		at += length + 1;
		at += *at == '"';
		return xasprintf("%.*s", (int)strcspn(at, "\"\n"), at);
	}
	return xstrdup("");
}

/* Not all users are in /etc/passwd, and who logs in from elsewhere has a host there. */
static void add_session(const struct host *host, const char *path, struct disguise *disguise)
{
	auto_free char *text = read_file(host, path);
	auto_free char *uid = value_of(text, "UID"), *user = value_of(text, "USER");
	auto_free char *remote = value_of(text, "REMOTE_HOST");

	add_user(disguise, user, strtoul(uid, NULL, 10));
	add_host(disguise, remote);
}

static void each_file(const struct host *host, const char *folder,
		      void (*add)(const struct host *, const char *, struct disguise *),
		      struct disguise *disguise)
{
	char **names = NULL;

	if (host_path_list(host, folder, &names, NULL) < 0)
		return;
	for (size_t i = 0; names[i]; i++) {
		auto_free char *path = xasprintf("%s/%s", folder, names[i]);

		add(host, path, disguise);
	}
	host_free_names(&names);
}

/* --- places --- */

/* Those that most hosts have: the same as in the recorder. */
static bool is_usual_place(const char *place)
{
	static const char *const usual[] = {
		"/",    "/boot",    "/boot/efi", "/efi",     "/home",
		"/opt", "/root",    "/srv",      "/tmp",     "/usr",
		"/var", "/var/lib", "/var/log",  "/var/tmp", "/var/lib/hostdev-hook"};

	for (size_t i = 0; i < sizeof(usual) / sizeof(*usual); i++)
		if (strcmp(place, usual[i]) == 0)
			return true;
	return false;
}

/* Of disks; other hosts' file systems have the names of these hosts. */
static void add_places(const struct host *host, struct disguise *disguise)
{
	auto_mounts struct mounts mounts = {0};

	if (mounts_read(host, &mounts, NULL) < 0)
		return;
	for (size_t i = 0; i < mounts.count; i++) {
		const struct mount *mount = &mounts.mounts[i];

		if (text_starts(mount->source, "/dev/") && !is_usual_place(mount->target))
			disguise_add(disguise, DISGUISE_PLACE, mount->target, NULL);
	}
}

/* --- interfaces --- */

static bool is_usual_interface(const char *name)
{
	static const char *const usual[] = {"en",  "wl",   "ww",   "eth",  "wlan",  "wwan",   "usb",
					    "br",  "bond", "team", "vmbr", "virbr", "docker", "ppp",
					    "tun", "tap",  "wg",   "vlan", "lo"};
	size_t run = 0;

	for (const char *at = name; *at; at++) {
		if (!islower((unsigned char)*at) && !isdigit((unsigned char)*at) && *at != '.')
			return false;
		run = isxdigit((unsigned char)*at) ? run + 1 : 0;
		if (run == 8)
			return false;
	}
	for (size_t i = 0; i < sizeof(usual) / sizeof(*usual); i++)
		if (text_starts(name, usual[i]))
			return true;
	return false;
}

static void add_interface(const struct host *host, const char *path, struct disguise *disguise)
{
	auto_free char *index_path = xasprintf("%s/ifindex", path);
	auto_free char *text = read_file(host, index_path);
	auto_free char *shown = xasprintf("net%lu", strtoul(text, NULL, 10));
	const char *name = strrchr(path, '/') + 1;

	if (*text && !is_usual_interface(name))
		disguise_add(disguise, DISGUISE_INTERFACE, name, shown);
}

/* --- serial numbers --- */

/* Firmware that has none says so in many words, and a USB controller has its own address. */
static void add_serial(struct disguise *disguise, char *serial)
{
	size_t length = strlen(serial);
	struct pci_addr addr;

	while (length > 0 && isspace((unsigned char)serial[length - 1]))
		serial[--length] = '\0';
	serial += strspn(serial, " \t");
	if (strlen(serial) >= SERIAL_MIN && strpbrk(serial, "0123456789") && !strchr(serial, ' ') &&
	    !pci_addr_parse(serial, &addr))
		disguise_add(disguise, DISGUISE_SERIAL, serial, NULL);
}

static void add_serial_file(const struct host *host, const char *path, struct disguise *disguise)
{
	auto_free char *text = read_file(host, path);

	add_serial(disguise, text);
}

/* What udev has found out about a device; asking the device itself may wait for it. */
static void add_udev(const struct host *host, const char *path, struct disguise *disguise)
{
	static const char *const keys[] = {"E:ID_SERIAL_SHORT", "E:ID_SERIAL", "E:ID_WWN"};
	auto_free char *text = read_file(host, path);

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		auto_free char *value = value_of(text, keys[i]);

		add_serial(disguise, value);
	}
}

static void add_disk(const struct host *host, const char *path, struct disguise *disguise)
{
	auto_free char *serial = xasprintf("%s/serial", path);

	add_serial_file(host, serial, disguise);
}

static void add_serials(const struct host *host, struct disguise *disguise)
{
	static const char *const files[] = {"/sys/class/dmi/id/product_serial",
					    "/sys/class/dmi/id/board_serial",
					    "/sys/class/dmi/id/chassis_serial"};

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		add_serial_file(host, files[i], disguise);
	each_file(host, "/sys/class/nvme", add_disk, disguise);
	each_file(host, "/run/udev/data", add_udev, disguise);
}

void report_names(const struct host *host, struct disguise *disguise)
{
	add_hosts(host, disguise);
	add_accounts(host, disguise);
	each_file(host, "/run/systemd/sessions", add_session, disguise);
	add_places(host, disguise);
	each_file(host, "/sys/class/net", add_interface, disguise);
	add_serials(host, disguise);
}
