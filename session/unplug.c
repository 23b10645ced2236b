// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a running guest has given away comes home before the guest ends.
 */
#include "session/unplug.h"

#include <stdlib.h>
#include <string.h>

#include "actions/vfio-group.h"
#include "base/cleanup.h"
#include "parsers/domain.h"
#include "parsers/label.h"

#define DEVICES "bus/pci/devices"

/* What libvirt says the guest has now. False: it does not say. */
static bool read_live(const struct host *host, const struct journal *journal, struct guest *ret)
{
	auto_free char *status = NULL;
	size_t length = 0;

	if (!*journal->guest || strchr(journal->guest, '/') ||
	    host_read_file(host, HOST_RUN, DOMAIN_XML_MAX, &status, &length, NULL,
			   "libvirt/qemu/%s.xml", journal->guest) < 0 ||
	    domain_parse_status(status, length, ret, NULL) < 0)
		return false;
	return strcmp(ret->uuid, journal->uuid) == 0;
}

static bool in_one_group(const struct host *host, const struct pci_addr *one,
			 const struct pci_addr *other)
{
	char group[2][32];

	/* Where that cannot be told, they are. */
	return host_read_link_name(host, HOST_SYS, group[0], sizeof(group[0]), NULL,
				   DEVICES "/%s/iommu_group", ADDR(one)) < 0 ||
	       host_read_link_name(host, HOST_SYS, group[1], sizeof(group[1]), NULL,
				   DEVICES "/%s/iommu_group", ADDR(other)) < 0 ||
	       strcmp(group[0], group[1]) == 0;
}

static bool is_kept(const struct host *host, const struct guest *live, const struct pci_addr *addr)
{
	for (size_t i = 0; i < live->hostdev_count; i++) {
		const struct pci_addr *has = &live->hostdevs[i].addr;

		if (pci_addr_same_slot(has, addr) || in_one_group(host, has, addr))
			return true;
	}
	return false;
}

/* Heap; may be empty. */
static struct pci_addr *find_detached(const struct host *host, const struct journal *journal,
				      size_t *ret_count)
{
	struct pci_addr *found = xcalloc(journal->claim_count + 1, sizeof(*found));
	auto_guest struct guest live = {0};

	*ret_count = 0;
	if (!journal->lent || journal->returning || !read_live(host, journal, &live))
		return found;
	for (size_t i = 0; i < journal->claim_count; i++) {
		const struct pci_addr *addr = &journal->claims[i];

		if (journal_holds(journal, addr) && !is_kept(host, &live, addr))
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
	/* While the host is being shut down nothing is returned: session_settle. */
	return unplug_has_any(host, journal) && !host_is_going_down(host);
}

/* Whoever has them open may be the guest, which has not let go yet, or another one. */
static void drop_open(const struct host *host, struct pci_addr *found, size_t *count)
{
	size_t kept = 0;

	for (size_t i = 0; i < *count; i++)
		if (vfio_group_wait(host, ADDR(&found[i]), 0, NULL) == 0)
			found[kept++] = found[i];
	*count = kept;
}

static bool has_any_left(const struct journal *journal)
{
	for (size_t i = 0; i < journal->claim_count; i++)
		if (!journal_is_detached(journal, &journal->claims[i]))
			return true;
	return false;
}

/* In memory, too: what is written there now stands in the file only. */
static int write_detached(struct execution *execution, const struct pci_addr *found, size_t count,
			  struct error *err)
{
	struct journal *journal = &execution->journal;
	auto_text struct text lines = TEXT_INIT;

	for (size_t i = 0; i < count; i++) {
		if (journal_is_detached(journal, &found[i]))
			continue;
		journal_format_detached(&found[i], &lines);
		journal->detached = array_grow(journal->detached, journal->detached_count,
					       sizeof(*journal->detached));
		journal->detached[journal->detached_count++] = found[i];
	}
	if (lines.length == 0)
		return 0;
	return execution_write(execution, lines.data, lines.length, err);
}

/* With the last of them everything that was done for the run is undone. */
static int undo(struct session *session, struct execution *execution, const struct pci_addr *found,
		size_t count, struct error *err)
{
	int ret = write_detached(execution, found, count, err);

	if (ret < 0)
		return ret;
	if (has_any_left(&execution->journal)) {
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
	size_t count;
	auto_free struct pci_addr *found = find_detached(session->host, journal, &count);
	int ret;

	text_append(ret_list, "", 0);
	drop_open(session->host, found, &count);
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
