// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What "hostdevctl generate" reads of the host: as for the start of a guest that has every PCI
 * function there is, and how the host boots. Tests: generator/previews.bats.
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "hostdevctl/generate/generate.h"
#include "parsers/boot/boot.h"
#include "parsers/boot/homes.h"
#include "parsers/boot/wants.h"
#include "parsers/network/links.h"
#include "parsers/pci/names.h"
#include "state/homes.h"

void generate_host_done(struct generate_host *host)
{
	links_done(&host->links);
	homes_done(&host->homes);
	setups_done(&host->setups);
	situation_done(&host->situation);
	wants_done(&host->wants);
	boot_done(&host->boot);
	host_close(&host->host);
}

/* Locked where something is to be changed. */
static int read_setups(const struct generate_options *options, struct generate_host *host,
		       struct error *err)
{
	int result = options->apply ? setups_open(&host->host, &host->setups, err)
				    : setups_read(&host->host, &host->setups, err);

	host->host.held_fd = host->setups.building;
	return result;
}

int generate_host_open(const struct generate_options *options, struct generate_host *ret,
		       struct error *err)
{
	const struct host_ops *ops = options->apply ? &host_ops_kernel : &host_ops_readonly;
	int result;

	if (options->root)
		ops = options->apply ? &host_ops_files : NULL;
	result = host_open(&ret->host, options->root ? options->root : "/", ops, NULL, err);
	/* Before anything is made there. */
	if (result == 0 && options->root &&
	    (options->verb == VERB_UNDO || options->verb == VERB_SHOW))
		result = generate_check_mounts(&ret->host, options->root, err);
	if (result == 0)
		result = read_setups(options, ret, err);
	if (result == -EACCES && err)
		error_wrap(err, "only root may see which set-ups there are");
	return result;
}

static int name_all(const struct host *host, struct guest *guest, struct error *err)
{
	cleanup(host_free_names) char **names = NULL;
	int result = host_list(host, HOST_SYS, &names, NULL, err, "bus/pci/devices");

	if (result < 0)
		return result == -ENOENT ? 0 : result;
	/* No guest is called so, and none has a configuration of that name. */
	guest->name = xstrdup("");
	for (size_t i = 0; names[i]; i++) {
		struct pci_addr addr;

		if (pci_addr_parse(names[i], &addr))
			guest_add_hostdev(guest, &addr);
	}
	return 0;
}

int generate_host_look(struct generate_host *host, struct error *err)
{
	auto_guest struct guest guest = {0};
	const struct setup_entry *newest;
	int result = name_all(&host->host, &guest, err);

	if (result == 0)
		result = situation_read(&host->host, &guest, &host->situation, err);
	if (result == 0)
		result = boot_read(&host->host, &host->boot, err);
	if (result == 0)
		result = wants_read(&host->host, &host->situation.snapshot, host->boot.cmdline,
				    &host->wants, err);
	if (result == 0)
		result = links_read(&host->host, &host->situation.snapshot, &host->links, err);
	if (result < 0)
		return result;
	names_fill(&host->situation.snapshot);
	/* What is remembered counts more than what is looked up. */
	homes_of_setups(&host->host, &host->setups, &host->homes);
	homes_read(&host->host, &host->situation.snapshot, host->boot.cmdline, &host->homes);
	newest = setups_newest(&host->setups);
	host->facts = (struct generate_facts){
		.boot = &host->boot,
		.snapshot = &host->situation.snapshot,
		.wants = &host->wants,
		.links = &host->links,
		.homes = &host->homes,
		.policy = &host->situation.policy,
		.past = newest ? &newest->setup : NULL,
	};
	return 0;
}
