/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

/* What decides whether the kernel switches an IOMMU on. */
struct iommu {
	bool is_intel, is_amd; /* the processor's maker; neither: another, or not known */
	char *cmdline;         /* heap: the kernel's command line; NULL: not known */
};

void iommu_done(struct iommu *iommu);

/*
 * The word on the command line by which the kernel leaves this host's IOMMU off ("iommu=off"), or
 * NULL. A constant. The last word of a kind counts, as in the kernel.
 */
const char *iommu_switched_off(const struct iommu *iommu);

/* What to do on a host that has no IOMMU groups: one or two sentences. Heap. */
char *iommu_advice(const struct iommu *iommu);
