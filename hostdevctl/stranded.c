// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which devices are on a VFIO driver for no reason that can be seen. Whoever has a reason that is
 * not known here must not be told otherwise: in doubt a device is not stranded.
 * Tests: ctl/check.bats.
 */
#include "hostdevctl/stranded.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actions/vfio-group.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "model/boot.h"
#include "model/device.h"
#include "model/promise.h"
#include "model/snapshot.h"
#include "parsers/boot/boot.h"
#include "parsers/domain/domain.h"
#include "parsers/pci/pci.h"
#include "state/journals.h"
#include "state/setups.h"

#define DEVICES "bus/pci/devices"
#define STATUS_DIR "libvirt/qemu" /* below /run */

/* Of all that is asked, read once. */
struct reasons {
	const struct host *host;
	struct snapshot claims; /* of journals */
	struct guest *guests;   /* that run, by libvirt's status */
	size_t guest_count;
	struct setups setups;
	struct boot boot;
};

void stranded_done(struct stranded *stranded)
{
	free(stranded->addrs);
	memset(stranded, 0, sizeof(*stranded));
}

static void reasons_done(struct reasons *reasons)
{
	for (size_t i = 0; i < reasons->guest_count; i++)
		guest_done(&reasons->guests[i]);
	free(reasons->guests);
	snapshot_done(&reasons->claims);
	setups_done(&reasons->setups);
	boot_done(&reasons->boot);
}

/* --- who has it --- */

static int read_status(struct reasons *reasons, const char *name, struct error *err)
{
	auto_free char *text = NULL;
	struct guest guest = {0};
	size_t length = 0;
	int ret = host_read_file(reasons->host, HOST_RUN, DOMAIN_XML_MAX, &text, &length, err,
				 STATUS_DIR "/%s", name);

	/* It has ended since. */
	if (ret == -ENOENT)
		return 0;
	if (ret == 0)
		ret = domain_parse_status(text, length, &guest, err);
	if (ret < 0)
		return err ? error_wrap(err, "/run/" STATUS_DIR "/%s", name) : ret;
	array_push(reasons->guests, reasons->guest_count, guest);
	return 0;
}

static int read_guests(struct reasons *reasons, struct error *err)
{
	cleanup(host_free_names) char **names = NULL;
	int ret = host_list(reasons->host, HOST_RUN, &names, NULL, err, STATUS_DIR);

	if (ret == -ENOENT)
		return 0;
	for (size_t i = 0; ret == 0 && names[i]; i++)
		if (text_ends(names[i], ".xml"))
			ret = read_status(reasons, names[i], err);
	return ret;
}

static bool has_guest(const struct reasons *reasons, const struct pci_addr *addr)
{
	for (size_t i = 0; i < reasons->guest_count; i++)
		for (size_t j = 0; j < reasons->guests[i].hostdev_count; j++)
			if (pci_addr_equal(&reasons->guests[i].hostdevs[j].addr, addr))
				return true;
	return false;
}

/* --- what has put it there --- */

bool stranded_ids_have(const char *ids, unsigned int vendor, unsigned int product)
{
	for (const char *at = ids; *at; at += strcspn(at, ","), at += *at == ',') {
		unsigned int first, second;

		if (sscanf(at, "%x:%x", &first, &second) == 2 && first == vendor &&
		    second == product)
			return true;
	}
	return false;
}

/* The words of a rule or a script may mean any device. */
static bool rival_wants(const struct boot_rival *rival, const struct device *device)
{
	auto_free char *id = xasprintf("%04x:%04x", device->vendor, device->product);

	if (strstr(rival->what, ADDR(&device->addr)) || strstr(rival->what, id))
		return true;
	return !text_starts(rival->what, "driverctl ") && strstr(rival->what, "driver_override");
}

static bool setup_promises(const struct reasons *reasons, const struct pci_addr *addr)
{
	for (size_t i = 0; i < reasons->setups.count; i++) {
		const struct setup *setup = &reasons->setups.items[i].setup;

		for (size_t j = 0; j < setup->devices.count; j++)
			if (pci_addr_equal(&setup->devices.items[j].addr, addr))
				return true;
		for (size_t j = 0; j < setup->member_count; j++)
			if (pci_addr_equal(&setup->members[j].addr, addr))
				return true;
	}
	return false;
}

static bool is_promised(const struct reasons *reasons, const struct device *device)
{
	const struct boot *boot = &reasons->boot;

	for (size_t i = 0; i < boot->ids_count; i++)
		if (stranded_ids_have(boot->ids[i].ids, device->vendor, device->product))
			return true;
	for (size_t i = 0; i < boot->rival_count; i++)
		if (rival_wants(&boot->rivals[i], device))
			return true;
	return setup_promises(reasons, &device->addr) ||
	       (boot->cmdline && promise_boot_has_reserved(boot->cmdline, &device->addr));
}

static int read_reasons(struct reasons *reasons, struct error *err)
{
	/* No guest has this UUID: those of all others count. */
	int ret = journals_read_claims(reasons->host, "", &reasons->claims, err);

	if (ret == 0)
		ret = read_guests(reasons, err);
	if (ret == 0)
		ret = setups_read(reasons->host, &reasons->setups, err);
	return ret == 0 ? boot_read(reasons->host, &reasons->boot, err) : ret;
}

/* --- all of them --- */

static bool is_on_vfio(const struct host *host, const struct pci_addr *addr)
{
	char driver[HOST_NAME_SIZE] = "";

	if (host_exists(host, HOST_SYS, DEVICES "/%s/vfio-dev", ADDR(addr)))
		return true;
	host_absent_is_empty(host_read_link_name(host, HOST_SYS, driver, sizeof(driver), NULL,
						 DEVICES "/%s/driver", ADDR(addr)),
			     driver);
	return device_driver_is_vfio(driver);
}

static bool is_stranded(const struct reasons *reasons, const struct pci_addr *addr)
{
	struct device device;
	bool stranded;

	if (snapshot_claim(&reasons->claims, addr, "") || has_guest(reasons, addr) ||
	    pci_identity_read(reasons->host, addr, &device, NULL) < 0)
		return false;
	stranded = !is_promised(reasons, &device) &&
		   vfio_group_wait(reasons->host, ADDR(addr), 0, NULL) == 0;
	device_done(&device);
	return stranded;
}

/* Of most hosts there are none, and then nothing else is read. */
static int list_on_vfio(const struct host *host, struct stranded *ret, struct error *err)
{
	cleanup(host_free_names) char **names = NULL;
	int result = host_list(host, HOST_SYS, &names, NULL, err, DEVICES);

	if (result < 0)
		return result == -ENOENT ? 0 : result;
	for (size_t i = 0; names[i]; i++) {
		struct pci_addr addr;

		if (pci_addr_parse(names[i], &addr) && is_on_vfio(host, &addr))
			array_push(ret->addrs, ret->count, addr);
	}
	return 0;
}

int stranded_find(const struct host *host, struct stranded *ret, struct error *err)
{
	cleanup(reasons_done) struct reasons reasons = {.host = host, .setups = SETUPS_INIT};
	auto_stranded struct stranded found = {0};
	size_t kept = 0;
	int result = list_on_vfio(host, &found, err);

	if (result == 0 && found.count > 0)
		result = read_reasons(&reasons, err);
	if (result < 0)
		return result;
	for (size_t i = 0; i < found.count; i++)
		if (is_stranded(&reasons, &found.addrs[i]))
			found.addrs[kept++] = found.addrs[i];
	found.count = kept;
	*ret = found;
	found = (struct stranded){0};
	return 0;
}
