// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Kernels with faults that matter when devices change hands. A row is one release of kernel.org's;
 * a distribution's kernel is of that release if its name begins with it, and may have been mended.
 */
#include "model/kernel-fault.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "base/text.h"

/*
 * Commit dc23806a7c47 ("driver core: enforce device_lock for driver_match_device"): whoever
 * registers a driver waits for the lock of every device on the bus. It came with the first of each
 * pair, and was reverted in the second (in 7.0-rc3 for good).
 */
#define MATCH_LOCK                                                                                 \
	"while a driver keeps hold of one PCI device and does not answer, no module can be "       \
	"loaded any more, and the host has to be restarted"

static const struct {
	const char *release;
	struct kernel_fault fault;
} rows[] = {
	{"6.6.125", {MATCH_LOCK, "6.6.126"}},   {"6.12.72", {MATCH_LOCK, "6.12.73"}},
	{"6.18.11", {MATCH_LOCK, "6.18.12"}},   {"6.19.1", {MATCH_LOCK, "6.19.2"}},
	{"7.0.0-rc1", {MATCH_LOCK, "7.0-rc3"}}, {"7.0.0-rc2", {MATCH_LOCK, "7.0-rc3"}},
	{"7.0-rc1", {MATCH_LOCK, "7.0-rc3"}},   {"7.0-rc2", {MATCH_LOCK, "7.0-rc3"}},
	{"7.0~rc1", {MATCH_LOCK, "7.0-rc3"}},   {"7.0~rc2", {MATCH_LOCK, "7.0-rc3"}},
};

const struct kernel_fault *kernel_fault_find(const char *release)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t length = strlen(rows[i].release);

		if (text_starts(release, rows[i].release) &&
		    !isdigit((unsigned char)release[length]) && release[length] != '.')
			return &rows[i].fault;
	}
	return NULL;
}
