// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Ids for vfio-pci match all devices of a kind: which devices of this host they match, whether the
 * host still uses some of them, and whether it loses more of them than is meant at its next start.
 * Tests: ctl/check-ids.bats.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "generator/loss.h"
#include "hostdevctl/check/check.h"
#include "hostdevctl/stranded.h"
#include "parsers/boot/tool-traces.h"
#include "parsers/situation.h"

struct id_match {
	struct pci_addr addr;
	unsigned int vendor, device;
	bool is_free; /* of the host: on a driver of VFIO, or on none */
};

struct matches {
	struct id_match *items;
	size_t count;
};

static void matches_done(struct matches *matches)
{
	free(matches->items);
}

static void add_match(const struct host *host, const char *name, const char *ids,
		      struct matches *matches)
{
	struct id_match match = {.vendor = check_read_id(host, name, "vendor"),
				 .device = check_read_id(host, name, "device")};
	char driver[HOST_NAME_SIZE];

	if (!pci_addr_parse(name, &match.addr) ||
	    !stranded_ids_have(ids, match.vendor, match.device))
		return;
	match.is_free = host_read_link_name(host, HOST_SYS, driver, sizeof(driver), NULL,
					    "bus/pci/devices/%s/driver", name) < 0 ||
			device_driver_is_vfio(driver);
	array_push(matches->items, matches->count, match);
}

static void find_matches(const struct host *host, const char *text, struct matches *matches)
{
	cleanup(host_free_names) char **names = NULL;
	auto_free char *ids = NULL;
	const char *at = strstr(text, "ids=");

	if (!at || host_list(host, HOST_SYS, &names, NULL, NULL, "bus/pci/devices") < 0)
		return;
	at += strlen("ids=");
	at += *at == '"';
	ids = xasprintf("%.*s", (int)strcspn(at, " \t\""), at);
	for (size_t i = 0; names[i]; i++)
		add_match(host, names[i], ids, matches);
}

/* --- what the host needs --- */

/* "0000:00:17.0 (sda1 mounted on /)", of the first that the host cannot lose; heap or NULL. */
static char *find_need(const struct host *host, const struct matches *matches)
{
	auto_guest struct guest guest = {.name = xstrdup("")};
	cleanup(situation_done) struct situation situation = {0};
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < matches->count; i++)
		guest_add_hostdev(&guest, &matches->items[i].addr);
	if (situation_read(host, &guest, &situation, &err) < 0)
		return NULL;
	for (size_t i = 0; i < situation.snapshot.use_count; i++) {
		const struct use *use = &situation.snapshot.uses[i];

		if (!guest_hostdev(&guest, &use->addr) ||
		    (!loss_of(use->kind) && !loss_is_way_in(use->kind)))
			continue;
		return xasprintf("%s (%s%s%s)", ADDR(&use->addr), use->what ? use->what : "",
				 use->what ? " " : "", use->how);
	}
	return NULL;
}

/* Two of a kind, of which the host still has at least one; NULL: there are none. */
static const struct id_match *find_twin(const struct matches *matches,
					const struct id_match **ret_other)
{
	for (size_t i = 0; i < matches->count; i++)
		for (size_t j = 0; j < matches->count; j++) {
			const struct id_match *a = &matches->items[i], *b = &matches->items[j];

			if (i == j || a->is_free || a->vendor != b->vendor ||
			    a->device != b->device)
				continue;
			*ret_other = b;
			return a;
		}
	return NULL;
}

void check_vfio_ids(struct check *check, const struct tool_trace *trace, const char *subject)
{
	cleanup(matches_done) struct matches matches = {0};
	const struct id_match *other = NULL, *twin;
	auto_free char *need = NULL;

	find_matches(check->host, trace->text, &matches);
	need = matches.count > 0 ? find_need(check->host, &matches) : NULL;
	twin = find_twin(&matches, &other);
	if (need)
		check_problem(check, FIND_VFIO_IDS_NEEDED, subject,
			      "these ids match %s, which the host needs, and the next start of the "
			      "host may give it to vfio-pci: take that id away",
			      need);
	else if (twin)
		check_problem(
			check, FIND_VFIO_IDS_TWINS, subject,
			"these ids match %s and %s alike, and the host uses the first: the next "
			"start of the host may give both to vfio-pci. Delete this; \"hostdevctl "
			"generate static --devices %s\" reserves a device by address",
			ADDR(&twin->addr), ADDR(&other->addr), ADDR(&other->addr));
	else
		check_note(check, FIND_VFIO_IDS, subject, "%s",
			   matches.count > 0
				   ? tool_advice_of(FIND_VFIO_IDS)->note
				   : "no device of this host has any of these ids: delete this");
}
