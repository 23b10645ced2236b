// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How sysfs tells which PCI function something belongs to, however deep below it: the links of its
 * classes lead through the directories of all devices above. Nothing is walked for that.
 */
#include "parsers/pci/place.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"

/*
 * The last component that is an address: a bridge's function stands above its devices'. A root bus
 * ("pci10000:e0") below a function is that function's own, and goes when its driver does.
 */
static void find_addr(struct place *place)
{
	char path[PLACE_PATH_SIZE], *at = path, *component;

	strcpy(path, place->path);
	while ((component = strsep(&at, "/"))) {
		if (pci_addr_parse(component, &place->addr))
			place->has_addr = true;
		if (place->has_addr && pci_addr_is_root_bus_name(component))
			break;
	}
}

/* "../../devices/..." as it is spelled from /sys. */
static int place_set(struct place *place, const char *target, struct error *err)
{
	while (text_starts(target, "../"))
		target += 3;
	if (strlen(target) >= sizeof(place->path))
		return error_set(err, ENAMETOOLONG, "/sys/%.64s...: path too long", target);
	strcpy(place->path, target);
	find_addr(place);
	return 0;
}

int place_read(const struct host *host, struct place *ret, struct error *err, const char *format,
	       ...)
{
	auto_free char *path = NULL;
	char target[PLACE_PATH_SIZE * 2];
	struct place place = {0};
	ssize_t length;
	va_list args;
	int result;

	va_start(args, format);
	path = xvasprintf(format, args);
	va_end(args);
	if (host->fd[HOST_SYS] < 0)
		return error_set(err, ENOENT, "this host has no /sys");
	length = readlinkat(host->fd[HOST_SYS], path, target, sizeof(target) - 1);
	if (length < 0)
		return error_errno(err, errno, "read link /sys/%s", path);
	target[length] = '\0';
	result = place_set(&place, target, err);
	if (result < 0)
		return result;
	*ret = place;
	return 0;
}

bool place_parent(const struct place *place, struct pci_addr *ret)
{
	char path[PLACE_PATH_SIZE], *at = path, *component, *last;
	bool found = false;

	strcpy(path, place->path);
	last = strrchr(path, '/');
	if (last)
		*last = '\0';
	while ((component = strsep(&at, "/")))
		found = pci_addr_parse(component, ret) || found;
	return found;
}

void place_carry(struct place *place, const struct snapshot *snapshot)
{
	if (place->has_addr && snapshot_device(snapshot, &place->addr))
		return;
	for (size_t i = 0; i < snapshot->carried_count; i++) {
		if (!carried_has(&snapshot->carried[i], place->path))
			continue;
		place->has_addr = true;
		place->addr = snapshot->carried[i].carrier;
		return;
	}
}

bool place_below(const struct place *place, const char *directory)
{
	size_t length = strlen(directory);

	return strncmp(place->path, directory, length) == 0 && place->path[length] == '/';
}

int place_each(const struct host *host, const char *directory,
	       int (*visit)(void *data, const char *name, const struct place *place,
			    struct error *err),
	       void *data, struct error *err)
{
	cleanup(host_free_names) char **names = NULL;
	int ret = host_list(host, HOST_SYS, &names, NULL, err, "%s", directory);

	if (ret < 0)
		return ret == -ENOENT ? 0 : ret;
	for (size_t i = 0; names[i]; i++) {
		struct place place;

		ret = place_read(host, &place, err, "%s/%s", directory, names[i]);
		/* Gone meanwhile; or a file of the class itself, as bonding_masters. */
		if (ret == -ENOENT || ret == -EINVAL)
			continue;
		if (ret == 0)
			ret = visit(data, names[i], &place, err);
		if (ret < 0)
			return ret;
	}
	return 0;
}
