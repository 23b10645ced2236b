// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a running guest has given away comes home before the guest ends.
 * Tests: hook/test-engine-unplug.c.
 */
#include "session/unplug.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "actions/vfio-group.h"
#include "base/cleanup.h"
#include "parsers/domain/domain.h"
#include "parsers/pci/label.h"
#include "session/session-undo.h"

#define DEVICES "bus/pci/devices"

bool unplug_read_live(const struct host *host, const char *name, const char *uuid,
		      struct guest *ret)
{
	auto_guest struct guest guest = {0};
	auto_free char *status = NULL;
	size_t length = 0;

	if (!*name || strchr(name, '/') ||
	    host_read_file(host, HOST_RUN, DOMAIN_XML_MAX, &status, &length, NULL,
			   "libvirt/qemu/%s.xml", name) < 0 ||
	    domain_parse_status(status, length, &guest, NULL) < 0 || !*guest.uuid ||
	    (uuid && strcmp(guest.uuid, uuid) != 0))
		return false;
	*ret = guest;
	memset(&guest, 0, sizeof(guest));
	return true;
}

/* Do they share a slot or a group? Where that cannot be told, they do. */
static bool goes_with(const struct host *host, const struct pci_addr *one,
		      const struct pci_addr *other)
{
	char group[2][32];

	return pci_addr_same_slot(one, other) ||
	       host_read_link_name(host, HOST_SYS, group[0], sizeof(group[0]), NULL,
				   DEVICES "/%s/iommu_group", ADDR(one)) < 0 ||
	       host_read_link_name(host, HOST_SYS, group[1], sizeof(group[1]), NULL,
				   DEVICES "/%s/iommu_group", ADDR(other)) < 0 ||
	       strcmp(group[0], group[1]) == 0;
}

static bool is_kept(const struct host *host, const struct guest *live, const struct pci_addr *addr)
{
	for (size_t i = 0; i < live->hostdev_count; i++)
		if (goes_with(host, &live->hostdevs[i].addr, addr))
			return true;
	return false;
}

/* Heap; may be empty. */
static struct pci_addr *find_detached(const struct host *host, const struct journal *journal,
				      size_t *ret_count)
{
	struct pci_addr *found = xcalloc(journal->claim_count + 1, sizeof(*found));
	auto_guest struct guest live = {0};

	*ret_count = 0;
	/* What only an admin ends was never attached. */
	if (!journal->lent || journal->returning || journal->by_hand ||
	    !unplug_read_live(host, journal->guest, journal->uuid, &live))
		return found;
	for (size_t i = 0; i < journal->claim_count; i++) {
		const struct pci_addr *addr = &journal->claims[i];

		/* What an admin has lent to it may not be attached yet. */
		if (journal_holds(journal, addr) && !journal_is_plugged(journal, addr) &&
		    !is_kept(host, &live, addr))
			found[(*ret_count)++] = *addr;
	}
	return found;
}

bool unplug_has_any(const struct host *host, const struct journal *journal)
{
	size_t count;

	free(find_detached(host, journal, &count));
	return count > 0;
}

bool unplug_is_due(const struct host *host, const struct journal *journal)
{
	/* While the host is being shut down nothing is returned: session_return. */
	return unplug_has_any(host, journal) && !host_is_going_down(host);
}

/* With the last of them everything that was done for the run is undone. */
static int undo(struct session *session, struct execution *execution, const struct pci_addr *found,
		size_t count, struct error *err)
{
	int ret = execution_write_detached(execution, found, count, err);

	if (ret < 0)
		return ret;
	if (session_has_devices(&execution->journal)) {
		execution->only = found;
		execution->only_count = count;
	}
	session_watch(session, execution);
	session_find_strangers(session, execution);
	ret = execution_undo(execution, err);
	session_unwatch(session);
	if (ret == 0 && !execution->only)
		session_finish(session, execution);
	return ret;
}

int unplug_return(struct session *session, struct journal *journal, struct text *ret_list,
		  struct error *err)
{
	__attribute__((__cleanup__(execution_done))) struct execution execution = {0};
	size_t found_count, count = 0;
	auto_free struct pci_addr *found = find_detached(session->host, journal, &found_count);
	int ret;

	text_append(ret_list, "", 0);
	/* Whoever has it open may be the guest, which has not let go yet, or another one. */
	for (size_t i = 0; i < found_count; i++)
		if (vfio_group_wait(session->host, ADDR(&found[i]), 0, NULL) == 0)
			found[count++] = found[i];
	if (count == 0)
		return 0;
	for (size_t i = 0; i < count; i++)
		text_printf(ret_list, "%s%s", i ? ", " : "",
			    label_read(session->host, &found[i]).text);
	session_log(session, LOG_LEVEL_NOTICE,
		    "returning what was detached from it while it runs: %s", ret_list->data);
	ret = execution_resume(&execution, session->host, journal, err);
	return ret < 0 ? ret : undo(session, &execution, found, count, err);
}

/* --- what an admin names --- */

/* What shares the device's slot or group came with it, and goes with it. Heap. */
static struct pci_addr *find_lent_with(const struct host *host, const struct journal *journal,
				       const struct pci_addr *addr, size_t *ret_count)
{
	struct pci_addr *found = xcalloc(journal->claim_count + 1, sizeof(*found));

	*ret_count = 0;
	for (size_t i = 0; i < journal->claim_count; i++) {
		const struct pci_addr *claim = &journal->claims[i];

		if (journal_holds(journal, claim) && goes_with(host, claim, addr))
			found[(*ret_count)++] = *claim;
	}
	return found;
}

static int check_device(const struct session *session, const struct journal *journal,
			const struct pci_addr *addr, struct text *message)
{
	auto_free char *guest = text_escape(journal->guest);
	struct error failure = ERROR_INIT;
	auto_guest struct guest live = {0};

	if (!unplug_read_live(session->host, journal->guest, journal->uuid, &live)) {
		text_printf(message,
			    "%s runs, and libvirt does not tell what it has. Nothing was changed.",
			    guest);
		return -ENOENT;
	}
	if (is_kept(session->host, &live, addr)) {
		text_printf(
			message,
			"the guest %s has it still. Nothing was changed: detach it first (virsh "
			"detach-device).",
			guest);
		return -EBUSY;
	}
	if (vfio_group_wait(session->host, ADDR(addr), 0, &failure) < 0) {
		text_printf(message, "%s. Nothing was changed.", failure.text);
		return -EBUSY;
	}
	if (host_is_going_down(session->host)) {
		text_printf(message, "the host is being shut down, and the next boot gives "
				     "everything back. Nothing was changed.");
		return -ESHUTDOWN;
	}
	return 0;
}

int unplug_return_device(struct session *session, struct journal *journal,
			 const struct pci_addr *addr, bool dry_run, struct pci_addr **ret_addrs,
			 size_t *ret_count, struct text *message)
{
	__attribute__((__cleanup__(execution_done))) struct execution execution = {0};
	auto_free char *word = session_recover_word(journal->guest, journal->uuid);
	struct error failure = ERROR_INIT;
	size_t count;
	auto_free struct pci_addr *found = find_lent_with(session->host, journal, addr, &count);
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < count; i++)
		ret = check_device(session, journal, &found[i], message);
	if (ret < 0)
		return ret;
	if (!dry_run)
		ret = execution_resume(&execution, session->host, journal, &failure);
	if (ret == 0 && !dry_run)
		ret = undo(session, &execution, found, count, &failure);
	if (ret < 0) {
		text_printf(message,
			    "not everything could be returned: %s. \"hostdevctl recover %s\" tries "
			    "it again, and so does the next call of the hook.",
			    failure.text, word);
		return ret;
	}
	*ret_addrs = steal(&found);
	*ret_count = count;
	return 0;
}
