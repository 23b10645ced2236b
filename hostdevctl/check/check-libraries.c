// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What it means when one of the libraries is gone that the hook and this program open.
 * Tests: ctl/check.bats, ctl/check-host.bats.
 */
#include "base/library.h"
#include "hostdevctl/check/check.h"

static const struct library {
	const char *file, *name;
	const char *without; /* what is, where it is not there */
	enum finding_status status;
} libraries[] = {
	{LIBRARY_XML, "libxml2", "no guest that has a host PCI device is started", FINDING_PROBLEM},
	{LIBRARY_KMOD, "libkmod", "modules cannot be loaded, vfio-pci for example",
	 FINDING_PROBLEM},
	{LIBRARY_MOUNT, "libmount", "what is mounted is not known, and no disk is lent",
	 FINDING_PROBLEM},
	{LIBRARY_MNL, "libmnl", "who uses a network adapter is not known, and none is lent",
	 FINDING_PROBLEM},
#ifdef HOSTDEV_HAVE_SYSTEMD
	{LIBRARY_SYSTEMD, "libsystemd", "units are neither stopped for a guest nor started again",
	 FINDING_PROBLEM},
#endif
	{LIBRARY_CRYPTO, "libcrypto", "hostdevctl generate does nothing", FINDING_NOTE},
#ifdef HOSTDEV_HAVE_LIBVIRT
	{LIBRARY_VIRT, "libvirt", "hostdevctl reads guests from files only", FINDING_NOTE},
#endif
	{LIBRARY_PCI, "libpci", "messages call devices by their numbers", FINDING_NOTE},
	{LIBRARY_SMARTCOLS, "libsmartcols", "hostdevctl prints plain lines, and no JSON",
	 FINDING_NOTE},
};

#define LIBRARY_COUNT (sizeof(libraries) / sizeof(libraries[0]))

void check_libraries(struct check *check)
{
	size_t missing = 0;

	/* What another machine has, this program cannot open. */
	if (check->other)
		return;
	for (size_t i = 0; i < LIBRARY_COUNT; i++) {
		const struct library *library = &libraries[i];
		struct error err = ERROR_INIT;
		void *handle = NULL;

		if (library_open(library->file, library->name, NULL, 0, &handle, &err) < 0) {
			findings_add(&check->findings, FIND_LIBRARY_MISSING, library->status,
				     library->file, "%s: %s", library->without, err.text);
			missing++;
		}
		library_close(&handle);
	}
	if (missing == 0)
		check_ok(check, FIND_LIBRARIES_THERE, "libraries",
			 "the %zu that are opened when they are needed are there", LIBRARY_COUNT);
}
