// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How it is told which driver a device would get, by what depmod(8) has written for the kernel that
 * runs. Libkmod would tell the same of this machine alone, and not of one below a root.
 */
#include "parsers/boot/homes.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/boot/boot-modprobe.h"
#include "parsers/boot/boot-source.h"

struct homes_reading {
	const struct host *host;
	struct host_map aliases; /* lines "alias PATTERN MODULE" */
	struct host_map modinfo; /* of what is built in: "MODULE.alias=PATTERN", each with a NUL */
	char **blacklist;        /* heap, NULL-terminated */
};

static void homes_reading_done(struct homes_reading *reading)
{
	host_unmap(&reading->aliases);
	host_unmap(&reading->modinfo);
	host_free_names(&reading->blacklist);
}

static bool is_blacklisted(const struct homes_reading *reading, const char *module)
{
	for (size_t i = 0; reading->blacklist && reading->blacklist[i]; i++)
		if (module_name_equal(reading->blacklist[i], module))
			return true;
	return false;
}

/* Heap; NULL: nothing that is built in knows it. */
static char *find_builtin(const struct homes_reading *reading, const char *modalias)
{
	static const char key[] = ".alias=";
	const char *text = reading->modinfo.data;
	size_t size;

	for (size_t at = 0; at < reading->modinfo.length; at += size + 1) {
		auto_free char *entry = NULL;
		char *value;

		size = strnlen(text + at, reading->modinfo.length - at);
		entry = xasprintf("%.*s", (int)size, text + at);
		value = strstr(entry, key);
		if (!value)
			continue;
		*value = '\0';
		if (fnmatch(value + strlen(key), modalias, 0) == 0 &&
		    !is_blacklisted(reading, entry))
			return xstrdup(entry);
	}
	return NULL;
}

/* There are tens of thousands of lines; those of other vendors need no closer look. */
static bool is_of_vendor(const char *pattern, size_t length, const char *modalias)
{
	static const size_t vendor = sizeof("pci:v") - 1;
	static const size_t end = sizeof("pci:v00001002") - 1;

	return length <= end || !isxdigit((unsigned char)pattern[vendor]) ||
	       strncmp(pattern, modalias, end) == 0;
}

/*
 * The first of several is the first that udev's modprobe loads, and has the device then: depmod
 * writes modules in the order of modules.order. Heap, or NULL.
 */
static char *find_module(const struct homes_reading *reading, const char *modalias)
{
	static const char start[] = "alias pci:";
	size_t length;

	for (size_t at = 0; at < reading->aliases.length; at += length + 1) {
		const char *text = reading->aliases.data + at;
		const char *newline = memchr(text, '\n', reading->aliases.length - at);

		length = newline ? (size_t)(newline - text) : reading->aliases.length - at;
		if (length > sizeof(start) && strncmp(text, start, sizeof(start) - 1) == 0 &&
		    is_of_vendor(text + strlen("alias "), length - strlen("alias "), modalias)) {
			auto_free char *line = xasprintf("%.*s", (int)length, text);
			char pattern[128], module[CELL_NAME_SIZE];

			if (sscanf(line, "alias %127s %127s", pattern, module) == 2 &&
			    fnmatch(pattern, modalias, 0) == 0 && !is_blacklisted(reading, module))
				return xstrdup(module);
		}
	}
	return NULL;
}

/* "xhci_hcd" of the module xhci_pci; where it is not loaded, it is called like its module. Heap. */
static char *driver_of(const struct host *host, const char *module)
{
	auto_free char *name = xstrdup(module);
	cleanup(host_free_names) char **drivers = NULL;
	const char *found = NULL;
	size_t count = 0;

	for (char *at = name; (at = strchr(at, '-'));)
		*at = '_';
	host_list(host, HOST_SYS, &drivers, NULL, NULL, "module/%s/drivers", name);
	for (size_t i = 0; drivers && drivers[i]; i++)
		if (text_starts(drivers[i], "pci:")) {
			found = drivers[i] + strlen("pci:");
			count++;
		}
	return xstrdup(count == 1 ? found : module);
}

static char *find_driver(const struct homes_reading *reading, const char *modalias)
{
	auto_free char *module = find_builtin(reading, modalias);

	if (!module)
		module = find_module(reading, modalias);
	return module ? driver_of(reading->host, module) : xstrdup("");
}

static bool is_any_kept(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->device_count; i++)
		if (homes_device_is_kept(&snapshot->devices[i]))
			return true;
	return false;
}

static void open_files(struct homes_reading *reading)
{
	char release[HOST_NAME_SIZE];

	if (host_read(reading->host, HOST_PROC, release, sizeof(release), NULL,
		      "sys/kernel/osrelease") < 0 ||
	    strchr(release, '/'))
		return;
	host_map_file(reading->host, HOST_MODULES, &reading->aliases, NULL, "%s/modules.alias",
		      release);
	host_map_file(reading->host, HOST_MODULES, &reading->modinfo, NULL,
		      "%s/modules.builtin.modinfo", release);
}

void homes_read(const struct host *host, const struct snapshot *snapshot, const char *cmdline,
		struct homes *homes)
{
	cleanup(homes_reading_done) struct homes_reading reading = {.host = host};
	struct boot_source source = {.host = host};

	if (!is_any_kept(snapshot))
		return;
	open_files(&reading);
	reading.blacklist = modprobe_blacklist(&source, cmdline);
	for (size_t i = 0; i < snapshot->device_count; i++) {
		const struct device *device = &snapshot->devices[i];
		auto_free char *modalias = NULL;

		if (!homes_device_is_kept(device))
			continue;
		modalias = device_modalias(device);
		array_push(homes->all, homes->count,
			   (struct home){.addr = device->addr,
					 .driver = find_driver(&reading, modalias),
					 .modalias = xstrdup(modalias)});
	}
}
