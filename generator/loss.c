// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which uses the host loses with a device that it never has from boot on, and how they are told.
 * Tests: unit/test-obstacle.c, unit/test-typing.c.
 */
#include "generator/loss.h"

#include "base/text.h"
#include "generator/going.h"

/* What the host loses at every boot; a use without a line is none then. */
static const struct loss {
	enum use_kind kind;
	const char *loss;
} losses[] = {
	{USE_MOUNT, "the host would not find it at its next start"},
	{USE_SWAP, "the host would not find it at its next start"},
	{USE_STACKED, "the host would not find what stands on it at its next start"},
	{USE_MEMBER, "the host would not find it whole at its next start"},
	{USE_CLAIMED, "what uses it would be missing at the next start"},
	{USE_EXPORTED, "whoever uses it from there would lose it"},
	{USE_UNREADABLE, "what the host would miss at its next start is not known"},
	{USE_MEMORY, "the host would lose that memory"},
	{USE_NETWORK_ROOT, "the host would not find what it runs from at its next start"},
	{USE_NETWORK_MOUNT, "the host would not find it at its next start"},
	{USE_UPPER, "what stands on it would be missing at the next start"},
};

const char *loss_of(enum use_kind kind)
{
	for (size_t i = 0; i < sizeof(losses) / sizeof(*losses); i++)
		if (losses[i].kind == kind)
			return losses[i].loss;
	return NULL;
}

bool loss_has_user(const struct selection *selection, const struct device *device,
		   const struct pci_addr *addr)
{
	const struct device *other = snapshot_device(selection->snapshot, addr);

	return pci_addr_equal(addr, &device->addr) ||
	       (other && other->is_vf && pci_addr_equal(&other->physfn, &device->addr));
}

char *loss_label(const struct selection *selection, const struct device *device,
		 const struct pci_addr *addr)
{
	if (pci_addr_equal(addr, &device->addr))
		return xstrdup(LABEL(device));
	if (loss_has_user(selection, device, addr))
		return xasprintf("%s with its virtual function %s", LABEL(device), ADDR(addr));
	return xasprintf("%s, which carries %s", LABEL(device),
			 LABEL(snapshot_device(selection->snapshot, addr)));
}

static bool is_of_network(enum use_kind kind)
{
	return kind >= USE_DEFAULT_ROUTE && kind <= USE_NETWORK_MOUNT;
}

bool loss_has_use(const struct selection *selection, const struct device *device,
		  const struct use *use)
{
	return is_of_network(use->kind) ? going_needs(selection->snapshot, &use->addr, device)
					: loss_has_user(selection, device, &use->addr);
}

bool loss_is_way_in(enum use_kind kind)
{
	return kind == USE_DEFAULT_ROUTE || kind == USE_SSH;
}

char *loss_text(const char *label, const struct use *use)
{
	bool is_loss = loss_of(use->kind);

	if (!use->what)
		return xasprintf("%s%s %s", label, is_loss ? ":" : "", use->how);
	if (!is_loss)
		return xasprintf("%s: %s %s", label, use->what, use->how);
	return xasprintf("%s: its %s %s%s", label, use->what,
			 use_is_storage(use->kind) ? "is " : "", use->how);
}
