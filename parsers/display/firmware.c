// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which card the firmware's framebuffer is on, for kernels that do not say (before 6.10 or so its
 * platform device stands alone): by the addresses that its driver has claimed.
 * Tests: unit/test-console.c, model/test-survey.c.
 */
#include "parsers/display/firmware.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

struct range {
	uint64_t start, end; /* inclusive */
};

struct ranges {
	struct range *all;
	size_t count;
};

static void ranges_done(struct ranges *ranges)
{
	free(ranges->all);
}

/* How the drivers of firmware framebuffers, and the kernel before them, name what they claim. */
static bool is_framebuffer(const char *name)
{
	static const char *const names[] = {"BOOTFB",    "efifb",  "vesafb",  "simplefb",
					    "simpledrm", "efidrm", "vesadrm", "simple-framebuffer"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

/* "  e0000000-e02fffff : efifb"; all zero for who may not know the addresses. */
static void add_line(struct ranges *ranges, const char *line)
{
	unsigned long long start, end;
	char name[64];

	if (sscanf(line, " %16llx-%16llx : %63[^\n]", &start, &end, name) != 3 ||
	    !is_framebuffer(name) || end == 0)
		return;
	array_push(ranges->all, ranges->count, (struct range){start, end});
}

#define IOMEM_MAX ((size_t)16 * 1024 * 1024)

static int read_ranges(const struct host *host, struct ranges *ranges, struct error *err)
{
	auto_free char *iomem = NULL;
	char *at, *line;
	int ret = host_read_file(host, HOST_PROC, IOMEM_MAX, &iomem, NULL, err, "iomem");

	if (ret < 0)
		return ret == -ENOENT ? 0 : ret;
	for (at = iomem; (line = strsep(&at, "\n"));)
		add_line(ranges, line);
	return 0;
}

static bool overlaps(const struct ranges *ranges, uint64_t start, uint64_t end)
{
	for (size_t i = 0; i < ranges->count; i++)
		if (ranges->all[i].start <= end && start <= ranges->all[i].end)
			return true;
	return false;
}

/* "resource": a line "START END FLAGS" for each of the device's windows, zeros for none. */
static bool is_on(const struct host *host, const struct device *device, const struct ranges *ranges)
{
	char windows[4096], *at = windows, *line;

	if (host_read(host, HOST_SYS, windows, sizeof(windows), NULL, "bus/pci/devices/%s/resource",
		      ADDR(&device->addr)) < 0)
		return false;
	while ((line = strsep(&at, "\n"))) {
		unsigned long long start, end;

		if (sscanf(line, "%18llx %18llx", &start, &end) == 2 && end != 0 &&
		    overlaps(ranges, start, end))
			return true;
	}
	return false;
}

int firmware_find_display(const struct host *host, const struct snapshot *snapshot,
			  const struct device **ret, struct error *err)
{
	cleanup(ranges_done) struct ranges ranges = {0};
	const struct device *found = NULL;
	int result = read_ranges(host, &ranges, err);

	if (result < 0)
		return result;
	for (size_t i = 0; i < snapshot->device_count && !found; i++) {
		const struct device *device = &snapshot->devices[i];

		if (device->class_code >> 16 != 0x03)
			continue;
		/* Without addresses, what the kernel itself made of them (vgaarb). */
		if (ranges.count ? is_on(host, device, &ranges) : device->boot_vga)
			found = device;
	}
	*ret = found;
	return 0;
}
