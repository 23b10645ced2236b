// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whatever comes on stdin, what domain_parse makes of it is a guest as the rest of the program
 * relies on it, or an error with one line.
 */
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "model/policy.h"
#include "parsers/domain/domain.h"

static void check_error(int result, const struct error *err)
{
	check(result == -EBADMSG || result == -EFBIG);
	check(err->code == -result);
	/* An error in the policy names its guest first. */
	check(text_starts(err->text, "domain XML") ||
	      (text_starts(err->text, "the policy of ") && strstr(err->text, ": domain XML")));
	for (const char *at = err->text; *at; at++)
		check((unsigned char)*at >= 0x20 && *at != 0x7f);
}

/* It is applied whole or not at all. */
static void check_policy(const struct guest *guest)
{
	const struct policy untouched = POLICY_INIT;
	auto_policy struct policy policy = POLICY_INIT;
	struct error err = ERROR_INIT;

	if (policy_apply_guest(&policy, guest, &err) == 0)
		return;
	check(err.code == EINVAL && strncmp(err.text, "domain XML line ", 16) == 0);
	check(!strpbrk(err.text, "\n\r"));
	check(memcmp(&policy, &untouched, sizeof(policy)) == 0);
}

static void check_guest(const struct guest *guest)
{
	check(guest->name && *guest->name && !strchr(guest->name, '/'));
	check(!*guest->uuid || guest_uuid_valid(guest->uuid));
	for (size_t i = 0; i < guest->hostdev_count; i++) {
		const struct hostdev *hostdev = &guest->hostdevs[i];
		struct pci_addr again;

		check(hostdev->addr.slot <= 0x1f && hostdev->addr.function <= 7);
		check(pci_addr_parse(ADDR(&hostdev->addr), &again));
		check(pci_addr_equal(&hostdev->addr, &again));
		check(hostdev->line > 0);
		check(hostdev->kind != HOSTDEV_NVME ||
		      (!hostdev->driver_name && !hostdev->driver_model && !hostdev->iommufd));
	}
	for (size_t i = 0; i < guest->qemu_device_count; i++) {
		const struct qemu_device *device = &guest->qemu_devices[i];
		auto_free char *note = qemu_device_note(device);
		struct pci_addr again;

		check(pci_addr_parse(ADDR(&device->addr), &again) && !strpbrk(note, "\n\r"));
		check(guest_qemu_device(guest, &device->addr) == device && device->line > 0);
	}
	for (size_t i = 0; i < guest->policy_count; i++) {
		const struct policy_item *item = &guest->policy[i];
		struct pci_addr again;

		check(*item->key && item->value && item->line > 0);
		check(!item->has_addr || pci_addr_parse(ADDR(&item->addr), &again));
	}
	check_policy(guest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_guest struct guest guest = {0};
	struct error err = ERROR_INIT;
	int result;

	result = domain_parse((const char *)data, size, &guest, &err);
	if (result < 0)
		check_error(result, &err);
	else
		check_guest(&guest);
	return 0;
}
