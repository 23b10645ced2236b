// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The names that people have for a device: its PCI address, a node below /dev, or what lsblk(8) and
 * ip(8) call it. Sysfs leads from each to the directory of the PCI device that it belongs to.
 * Tests: ctl/list.bats.
 */
#include "hostdevctl/device.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "base/host-file.h"
#include "base/text.h"
#include "scan/link.h"

#define NODE_PREFIX "/dev/"

/* The last address on the path: before it stand those of the bridges. False: there is none. */
static bool find_address(const char *path, struct pci_addr *ret)
{
	bool found = false;

	while (*path) {
		size_t length = strcspn(path, "/");
		auto_free char *part = xasprintf("%.*s", (int)length, path);

		if (pci_addr_parse(part, ret))
			found = true;
		path += length + (path[length] == '/');
	}
	return found;
}

/* "nvme0", the controller: not "nvme0n1", a namespace. */
static bool is_controller(const char *name)
{
	static const char prefix[] = "nvme";

	if (!text_starts(name, prefix) || !isdigit((unsigned char)name[strlen(prefix)]))
		return false;
	name += strlen(prefix);
	return strspn(name, "0123456789") == strlen(name);
}

/*
 * With native multipath a namespace is below its subsystem, and the links there lead to the
 * controllers (drivers/nvme/host/multipath.c).
 */
static int find_controller(const struct host *host, const char *path, struct pci_addr *ret,
			   struct error *err)
{
	static const char subsystems[] = "devices/virtual/nvme-subsystem/";
	size_t name_length = strcspn(path + strlen(subsystems), "/");
	auto_free char *subsystem =
		xasprintf("%.*s", (int)(strlen(subsystems) + name_length), path);
	char **names = NULL;
	size_t count = 0;
	struct pci_addr found = {0};
	int controllers = 0;
	int result = host_list(host, HOST_SYS, &names, &count, err, "%s", subsystem);

	if (result < 0)
		return result;
	for (size_t i = 0; i < count; i++) {
		auto_free char *link = xasprintf("%s/%s", subsystem, names[i]);
		char target[LINK_PATH_SIZE];

		if (is_controller(names[i]) && link_path(host, link, target) &&
		    find_address(target, &found))
			controllers++;
	}
	host_free_names(&names);
	if (controllers != 1)
		return error_set(err, ENODEV, "it belongs to %s PCI device",
				 controllers > 1 ? "more than one" : "no");
	*ret = found;
	return 0;
}

/* path: below /sys, as a link tells it. */
static int of_path(const struct host *host, const char *path, struct pci_addr *ret,
		   struct error *err)
{
	if (text_starts(path, "devices/virtual/nvme-subsystem/"))
		return find_controller(host, path, ret, err);
	if (!find_address(path, ret))
		return error_set(err, ENODEV, "it belongs to no PCI device (/sys/%s)", path);
	return 0;
}

static int of_link(const struct host *host, const char *link, struct pci_addr *ret,
		   struct error *err)
{
	char path[LINK_PATH_SIZE];

	if (!link_path(host, link, path))
		return error_set(err, ENOENT, "there is no /sys/%s", link);
	return of_path(host, path, ret, err);
}

/* name: below /dev. */
static int of_node(const struct host *host, const char *name, struct pci_addr *ret,
		   struct error *err)
{
	auto_free char *link = NULL;
	struct stat st;
	int result = host_file_node(host, name, &st, err);

	if (result < 0)
		return result;
	if (!S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode))
		return error_set(err, ENODEV, "it is no device node");
	link = xasprintf("dev/%s/%u:%u", S_ISBLK(st.st_mode) ? "block" : "char", major(st.st_rdev),
			 minor(st.st_rdev));
	return of_link(host, link, ret, err);
}

/* Names of different classes may be alike: those come first that people use. */
static int of_class_name(const struct host *host, const char *name, struct pci_addr *ret,
			 struct error *err)
{
	static const char *const usual[] = {"net", "block", "drm", "nvme", "sound"};
	char **classes = NULL;
	size_t count = 0;
	int result = -ENOENT;

	for (size_t i = 0; result == -ENOENT && i < sizeof(usual) / sizeof(usual[0]); i++) {
		auto_free char *link = xasprintf("class/%s/%s", usual[i], name);

		result = of_link(host, link, ret, err);
	}
	if (result != -ENOENT || host_list(host, HOST_SYS, &classes, &count, NULL, "class") < 0)
		return result;
	for (size_t i = 0; result == -ENOENT && i < count; i++) {
		auto_free char *link = xasprintf("class/%s/%s", classes[i], name);

		result = of_link(host, link, ret, err);
	}
	host_free_names(&classes);
	return result;
}

/* A name of the kernel's has no slash, and neither is it a folder. */
static bool is_name(const char *word)
{
	return *word && !strchr(word, '/') && strcmp(word, ".") != 0 && strcmp(word, "..") != 0;
}

int device_parse(const struct host *host, const char *word, struct pci_addr *ret, struct error *err)
{
	struct error why = ERROR_INIT;
	struct pci_addr found;
	int result = -ENOENT;

	if (pci_addr_parse_given(word, ret))
		return 0;
	if (text_starts(word, NODE_PREFIX))
		result = of_node(host, word + strlen(NODE_PREFIX), &found, &why);
	else if (is_name(word))
		result = of_class_name(host, word, &found, &why);
	if (result == -ENOENT)
		return error_set(err, ENOENT,
				 "this host has no PCI address, device node or interface \"%s\"",
				 word);
	if (result < 0)
		return error_set(err, -result, "%s: %s", word, why.text);
	*ret = found;
	return 0;
}
