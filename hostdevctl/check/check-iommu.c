// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Is there an IOMMU, and do words on the kernel's command line take away from what it protects?
 */
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "hostdevctl/check/check.h"
#include "parsers/pci/iommu.h"

static void check_switch(struct check *check, const struct iommu *iommu)
{
	auto_free char *advice = NULL;

	if (host_has_entries(check->host, HOST_SYS, "kernel/iommu_groups")) {
		check_ok(check, FIND_IOMMU_ON, "IOMMU", "is on");
		return;
	}
	advice = iommu_advice(iommu);
	check_problem(check, FIND_IOMMU_OFF, "IOMMU",
		      "is off, and no device can be lent without it. %s", advice);
}

/* --- words --- */

static void check_word(struct check *check, const char *word)
{
	if (text_starts(word, "pcie_acs_override="))
		check_note(check, FIND_ACS_OVERRIDE, word,
			   "this word on the kernel's command line splits IOMMU groups that the "
			   "hardware does not keep apart: a guest may reach the memory of devices "
			   "outside its groups");
	else if (text_starts(word, "pci=") &&
		 (strstr(word, "disable_acs_redir") || strstr(word, "config_acs")))
		check_note(check, FIND_ACS_CHANGED, word,
			   "this word on the kernel's command line changes how devices are kept "
			   "apart, and with that the IOMMU groups");
	else if (strcmp(word, "nointremap") == 0 || strcmp(word, "intremap=off") == 0)
		check_problem(check, FIND_INTREMAP_OFF, word,
			      "this word on the kernel's command line switches interrupt remapping "
			      "off, and VFIO gives no device to a guest then: take it off, and "
			      "restart the host");
}

static void check_command_line(struct check *check, const char *cmdline)
{
	auto_free char *copy = xstrdup(cmdline ? cmdline : "");
	char *at = copy, *word;

	while ((word = strsep(&at, " \t")))
		check_word(check, word);
}

static void check_interrupts(struct check *check)
{
	char value[8];

	if (host_read(check->host, HOST_SYS, value, sizeof(value), NULL,
		      "module/vfio_iommu_type1/parameters/allow_unsafe_interrupts") == 0 &&
	    (*value == 'Y' || *value == '1'))
		check_note(check, FIND_INTREMAP_UNSAFE, "vfio_iommu_type1.allow_unsafe_interrupts",
			   "is set: where the host has no interrupt remapping, a guest with a "
			   "device can send it any interrupt; hosts that have it do not need this");
}

void check_iommu(struct check *check)
{
	cleanup(iommu_done) struct iommu iommu = {0};

	iommu_read(check->host, &iommu);
	check_switch(check, &iommu);
	check_command_line(check, iommu.cmdline);
	check_interrupts(check);
}
