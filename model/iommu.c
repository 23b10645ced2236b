// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Why an IOMMU is off, and what switches it on: what a refusal, hostdevctl check and the generator
 * say of it in the same words. Tests: unit/test-dynamic.c.
 */
#include "model/iommu.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

#define FIRMWARE "in the firmware setup (BIOS/UEFI)"
#define RESTART "and restart the host"

void iommu_done(struct iommu *iommu)
{
	free(iommu->cmdline);
	memset(iommu, 0, sizeof(*iommu));
}

/* The kernel reads the values of these as lists, "intel_iommu=on,sm_on". */
static bool list_has(const char *list, const char *value)
{
	size_t length = strlen(value);

	for (const char *at = list; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (text_starts(at, value) && (!at[length] || at[length] == ','))
			return true;
	}
	return false;
}

/* Is the last word "KEY=..." that has one of the two values one that has the second? */
static bool ends_with(const char *cmdline, const char *key, const char *first, const char *second)
{
	auto_free char *copy = xstrdup(cmdline ? cmdline : "");
	char *at = copy, *word;
	bool result = false;

	while ((word = strsep(&at, " \t\n"))) {
		if (!text_starts(word, key) || word[strlen(key)] != '=')
			continue;
		word += strlen(key) + 1;
		if (list_has(word, second))
			result = true;
		else if (list_has(word, first))
			result = false;
	}
	return result;
}

const char *iommu_switched_off(const struct iommu *iommu)
{
	if (ends_with(iommu->cmdline, "iommu", "force", "off"))
		return "iommu=off";
	if (iommu->is_intel && ends_with(iommu->cmdline, "intel_iommu", "on", "off"))
		return "intel_iommu=off";
	if (iommu->is_amd && ends_with(iommu->cmdline, "amd_iommu", "force_enable", "off"))
		return "amd_iommu=off";
	return NULL;
}

char *iommu_advice(const struct iommu *iommu)
{
	const char *off = iommu_switched_off(iommu);

	if (off)
		return xasprintf("Take %s off the kernel's command line, " RESTART ".", off);
	if (iommu->is_intel && ends_with(iommu->cmdline, "intel_iommu", "off", "on"))
		return xstrdup("Switch on VT-d " FIRMWARE ", " RESTART ": intel_iommu=on is on the "
			       "kernel's command line already.");
	if (iommu->is_intel)
		return xstrdup("Switch on VT-d " FIRMWARE ", add intel_iommu=on to the kernel's "
			       "command line, " RESTART ".");
	if (iommu->is_amd)
		return xstrdup("Switch on the IOMMU (AMD-Vi) " FIRMWARE ", " RESTART
			       ": Linux needs "
			       "no option for it on AMD.");
	return xstrdup("Switch on the IOMMU " FIRMWARE ", " RESTART ".");
}
