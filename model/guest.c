// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest as its domain XML describes it, and the rules that follow from one of its host devices.
 */
#include "model/guest.h"

#include <stdlib.h>
#include <string.h>

void guest_done(struct guest *guest)
{
	for (size_t i = 0; i < guest->hostdev_count; i++) {
		free(guest->hostdevs[i].driver_name);
		free(guest->hostdevs[i].driver_model);
	}
	for (size_t i = 0; i < guest->policy_count; i++) {
		free(guest->policy[i].key);
		free(guest->policy[i].value);
	}
	for (size_t i = 0; i < guest->image_count; i++)
		free(guest->images[i]);
	free(guest->hostdevs);
	free(guest->policy);
	free(guest->images);
	free(guest->name);
	memset(guest, 0, sizeof(*guest));
}

const char *hostdev_kind_name(enum hostdev_kind kind)
{
	switch (kind) {
	case HOSTDEV_HOSTDEV:
		return "hostdev";
	case HOSTDEV_INTERFACE:
		return "interface";
	case HOSTDEV_NVME:
		return "nvme";
	}
	return "?";
}

bool uuid_valid(const char *text)
{
	if (strlen(text) != UUID_TEXT_SIZE - 1)
		return false;
	for (int i = 0; text[i]; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text[i] != '-' : !strchr("0123456789abcdef", text[i]))
			return false;
	}
	return true;
}

bool hostdev_is_claim_only(const struct hostdev *hostdev)
{
	return hostdev->kind == HOSTDEV_INTERFACE && hostdev->managed;
}
