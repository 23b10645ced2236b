// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where it is written who made the processor, and with which words the kernel was started.
 * Tests: unit/test-terminals.c.
 */
#include "parsers/pci/iommu.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

#define CMDLINE_MAX ((size_t)64 * 1024)
#define CPUINFO_MAX ((size_t)4 * 1024 * 1024)

/* The first processor is the first thing in the file. */
static void read_maker(const struct host *host, struct iommu *ret)
{
	static const char key[] = "vendor_id";
	auto_free char *text = NULL;
	const char *maker;
	size_t length;

	if (host_read_file(host, HOST_PROC, CPUINFO_MAX, &text, &length, NULL, "cpuinfo") < 0)
		return;
	maker = strstr(text, key);
	if (!maker)
		return;
	maker += strlen(key);
	maker += strspn(maker, " \t:");
	ret->is_intel = text_starts(maker, "GenuineIntel");
	ret->is_amd = text_starts(maker, "AuthenticAMD") || text_starts(maker, "HygonGenuine");
}

void iommu_read(const struct host *host, struct iommu *ret)
{
	struct iommu iommu = {0};
	size_t length;

	if (host_read_file(host, HOST_PROC, CMDLINE_MAX, &iommu.cmdline, &length, NULL,
			   "cmdline") == 0)
		iommu.cmdline[strcspn(iommu.cmdline, "\n")] = '\0';
	read_maker(host, &iommu);
	*ret = iommu;
}
