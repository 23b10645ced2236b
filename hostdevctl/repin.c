// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostdevctl repin: the devices that stand at a guest's addresses now are the right ones. The one
 * command that writes, and nothing but a file of ours.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "actions/pins.h"
#include "base/cleanup.h"
#include "base/host.h"
#include "hostdevctl/command.h"
#include "hostdevctl/input.h"
#include "model/snapshot.h"
#include "parsers/pci.h"
#include "parsers/pins.h"

/* A device that is not here keeps its pin: what comes to its place must be looked at again. */
static void pins_fill(struct pins *pins, const struct guest *guest, const struct snapshot *snapshot,
		      size_t *ret_missing)
{
	for (size_t i = 0; i < guest->hostdev_count; i++) {
		const struct pci_addr *addr = &guest->hostdevs[i].addr;
		const struct device *device = snapshot_device(snapshot, addr);
		const struct pin *old = pins_find(&snapshot->pins, addr);
		struct pin pin;

		if (pins_find(pins, addr))
			continue;
		if (!device) {
			command_note("no PCI device %s%s", ADDR(addr),
				     old ? ": its pin stays as it was" : "");
			++*ret_missing;
		}
		if (device)
			pin_of_device(device, &pin);
		else if (old)
			pin = *old;
		else
			continue;
		pins_add(pins, &pin);
	}
}

/* One line; either may be NULL. */
static void print_change(const struct pin *old, const struct pin *new)
{
	auto_text struct text before = TEXT_INIT, after = TEXT_INIT;

	if (old)
		pin_format(old, &before);
	if (new)
		pin_format(new, &after);
	if (old && new &&text_equal(before.data, after.data))
		printf("%s %s unchanged\n", ADDR(&new->addr), after.data);
	else
		printf("%s %s -> %s\n", ADDR(new ? &new->addr : &old->addr),
		       old ? before.data : "none", new ? after.data : "none");
}

static void print_changes(const struct pins *pins, const struct snapshot *snapshot)
{
	for (size_t i = 0; i < pins->count; i++)
		print_change(pins_find(&snapshot->pins, &pins->items[i].addr), &pins->items[i]);
	for (size_t i = 0; i < snapshot->pins.count; i++)
		if (!pins_find(pins, &snapshot->pins.items[i].addr))
			print_change(&snapshot->pins.items[i], NULL);
}

static int repin(const struct host *host, const struct guest *guest, size_t *ret_missing,
		 struct error *err)
{
	cleanup(pins_done) struct pins pins = {0};
	auto_snapshot struct snapshot snapshot = {0};
	int ret = pci_snapshot(host, guest, &snapshot, err);

	if (ret == 0)
		ret = pins_read(host, guest->uuid, &snapshot, err);
	if (ret == -EBADMSG) {
		command_note("the pins of %s were damaged and are written anew", guest->name);
		ret = 0;
	}
	if (ret < 0)
		return ret;
	pins_fill(&pins, guest, &snapshot, ret_missing);
	/* Nothing to remember, and nothing to forget: no file of no use is made. */
	if (pins.count == 0 && snapshot.pins.count == 0)
		return 0;
	ret = pins_store(host, guest->uuid, guest->name, &pins, NULL, err);
	if (ret == 0)
		print_changes(&pins, &snapshot);
	return ret;
}

static int repin_guest(const char *argument)
{
	cleanup(host_close) struct host host = {0};
	struct error err = ERROR_INIT;
	auto_guest struct guest guest = {0};
	size_t missing = 0;

	if (input_read_guest(argument, NULL, &guest, &err) < 0)
		return command_fail(&err);
	if (!*guest.uuid) {
		command_note("%s has no <uuid>, by which its pins are kept", guest.name);
		return COMMAND_FAILED;
	}
	if (!command_is_root("write what is kept below /var/lib/" PINS_DIR))
		return COMMAND_FAILED;
	if (host_open(&host, "/", NULL, NULL, &err) < 0 || repin(&host, &guest, &missing, &err) < 0)
		return command_fail(&err);
	return missing > 0 ? COMMAND_FAILED : COMMAND_DONE;
}

static const struct option long_options[] = {
	{"help", no_argument, NULL, 'h'},
	{0},
};

static int repin_run(int argc, char **argv)
{
	int option;

	while ((option = command_getopt(&repin_command, argc, argv, "h", long_options)) != -1) {
		if (option == 'h')
			return command_help(&repin_command);
		return command_try_help(&repin_command);
	}
	if (argc - optind != 1)
		return command_misuse(&repin_command, "repin takes one FILE or NAME");
	return repin_guest(argv[optind]);
}

const struct command repin_command = {
	.name = "repin",
	.run = repin_run,
	.synopsis = "FILE|NAME",
	.summary = "take the devices at a guest's addresses for the right ones from now on",
	.help = "FILE holds a domain's XML ('-': standard input); NAME is asked of libvirt.\n"
		"A start is refused when another device stands where the guest's device was; "
		"after this\nthe ones that are there now are expected.\n\n"
		"  -h, --help         this text\n",
};
