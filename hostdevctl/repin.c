// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostdevctl repin: the devices that stand at a guest's addresses now are the right ones. The one
 * command that writes, and nothing but a file of ours.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/host.h"
#include "hostdevctl/command.h"
#include "hostdevctl/input.h"
#include "hostdevctl/missing.h"
#include "hostdevctl/output/table.h"
#include "model/snapshot.h"
#include "parsers/pci/absent.h"
#include "parsers/pci/names.h"
#include "parsers/pci/pci.h"
#include "state/pins.h"

enum repin_column {
	COLUMN_ADDRESS,
	COLUMN_NAME,
	COLUMN_CHANGE,
	COLUMN_BEFORE,
	COLUMN_NOW,
	COLUMNS
};

static const struct output_column columns[COLUMNS] = {
	[COLUMN_ADDRESS] = {.name = "ADDRESS"}, [COLUMN_NAME] = {.name = "NAME", .wrap = 1},
	[COLUMN_CHANGE] = {.name = "CHANGE"},   [COLUMN_BEFORE] = {.name = "BEFORE"},
	[COLUMN_NOW] = {.name = "NOW"},
};

struct repin {
	const char *root; /* NULL: this machine */
	bool dry_run;
	const struct output *output;
	size_t missing;
	struct table_rows *rows;
};

/* A device that is not here keeps its pin: what comes to its place must be looked at again. */
static void pins_fill(struct repin *repin, const struct guest *guest,
		      const struct snapshot *snapshot, struct pins *pins)
{
	for (size_t i = 0; i < guest->hostdev_count; i++) {
		const struct pci_addr *addr = &guest->hostdevs[i].addr;
		const struct device *device = snapshot_device(snapshot, addr);
		const struct pin *old = pins_find(&snapshot->pins, addr);
		struct pin pin;

		if (pins_find(pins, addr))
			continue;
		if (!device) {
			auto_free char *text = missing_text(snapshot, addr);

			command_note("%s%s", old ? "the pin stays as it was: " : "", text);
			repin->missing++;
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

/* Heap; NULL of no pin. */
static char *pin_text(const struct pin *pin)
{
	auto_text struct text text = TEXT_INIT;

	if (!pin)
		return NULL;
	pin_format(pin, &text);
	return steal(&text.data);
}

/* Either may be NULL, not both. */
static void add_change(struct repin *repin, const struct snapshot *snapshot, const struct pin *old,
		       const struct pin *new)
{
	const struct pci_addr *addr = new ? &new->addr : &old->addr;
	const struct device *device = snapshot_device(snapshot, addr);
	char **row = table_rows_add(repin->rows);
	const char *change;

	row[COLUMN_ADDRESS] = xstrdup(ADDR(addr));
	row[COLUMN_NAME] = device && device->name ? xstrdup(device->name) : NULL;
	row[COLUMN_BEFORE] = pin_text(old);
	row[COLUMN_NOW] = pin_text(new);
	if (!new)
		change = "forgotten";
	else if (!old)
		change = "new";
	else
		change = text_equal(row[COLUMN_BEFORE], row[COLUMN_NOW]) ? "unchanged" : "changed";
	row[COLUMN_CHANGE] = xstrdup(change);
}

static void add_changes(struct repin *repin, const struct snapshot *snapshot,
			const struct pins *pins)
{
	for (size_t i = 0; i < pins->count; i++)
		add_change(repin, snapshot, pins_find(&snapshot->pins, &pins->items[i].addr),
			   &pins->items[i]);
	for (size_t i = 0; i < snapshot->pins.count; i++)
		if (!pins_find(pins, &snapshot->pins.items[i].addr))
			add_change(repin, snapshot, &snapshot->pins.items[i], NULL);
}

static void tell_damaged(const struct repin *repin, const struct guest *guest)
{
	const char *what = "are written anew";

	if (repin->rows->count == 0)
		what = "stay so, as none of the guest's devices is here";
	else if (repin->dry_run)
		what = "would be written anew";
	command_note("the pins of %s are damaged, and %s", guest->name, what);
}

static int repin_store(struct repin *repin, const struct host *host, const struct guest *guest,
		       struct error *err)
{
	cleanup(pins_done) struct pins pins = {0};
	auto_snapshot struct snapshot snapshot = {0};
	int ret = pci_snapshot(host, guest, &snapshot, err);
	bool damaged = false;

	if (ret == 0) {
		ret = pins_read(host, guest->uuid, &snapshot, err);
		damaged = ret == -EBADMSG;
	}
	if (ret < 0 && !damaged)
		return ret;
	names_fill(&snapshot);
	absent_read(host, guest, &snapshot);
	pins_fill(repin, guest, &snapshot, &pins);
	add_changes(repin, &snapshot, &pins);
	if (damaged)
		tell_damaged(repin, guest);
	/* Nothing to remember, and nothing to forget: no file of no use is made. */
	if (repin->rows->count == 0 || repin->dry_run)
		return 0;
	return pins_store(host, guest->uuid, guest->name, &pins, NULL, err);
}

/* Returns an exit status. */
static int repin_guest(struct repin *repin, const char *argument)
{
	cleanup(host_close) struct host host = {0};
	struct error err = ERROR_INIT;
	auto_guest struct guest guest = {0};

	if (input_read_definition(argument, repin->root, &guest, &err) < 0)
		return command_fail(&err);
	if (!*guest.uuid) {
		command_note("%s has no <uuid>, by which its pins are kept", guest.name);
		return COMMAND_FAILED;
	}
	if (!repin->root && !command_is_root("write what is kept below /var/lib/" PINS_DIR))
		return COMMAND_FAILED;
	if (command_open(repin->root, NULL, &host, &err) < 0 ||
	    repin_store(repin, &host, &guest, &err) < 0)
		return command_fail(&err);
	if ((repin->rows->count > 0 || repin->output->format == OUTPUT_JSON) &&
	    output_print(repin->output, repin->rows->cells, repin->rows->count, &err) < 0)
		return command_fail(&err);
	return repin->missing > 0 ? COMMAND_FAILED : COMMAND_DONE;
}

static int repin_run(int argc, char **argv)
{
	struct output output = {.name = "repin", .columns = columns, .column_count = COLUMNS};
	cleanup(table_rows_done) struct table_rows rows = {.column_count = COLUMNS};
	struct repin repin = {.output = &output, .rows = &rows};
	const struct command_option options[] = {{"dry-run", .flag = &repin.dry_run}, {0}};
	const struct table_wants wants = {.argument = "one FILE or GUEST", .options = options};
	struct table_request request;
	int status;

	if (!table_options(&repin_command, argc, argv, &wants, &output, &request, &status) ||
	    !command_may_look_at(&repin_command, request.root, repin.dry_run, &status))
		return status;
	repin.root = request.root;
	return repin_guest(&repin, request.argument);
}

const struct command repin_command = {
	.name = "repin",
	.run = repin_run,
	.synopsis = "[OPTION...] FILE|GUEST",
	.summary = "take the devices at a guest's addresses for the right ones from now on",
	.help = "GUEST is a guest's name, UUID or id; FILE holds a domain's XML ('-': standard\n"
		"input). A start is refused when another device stands where the guest's device\n"
		"was; after this the devices that are there now are expected.\n\n"
		"      --dry-run      only say what would be expected\n"
		"      --root DIR     with --dry-run: look at the machine below DIR\n"
		"  -J, --json         print JSON\n"
		"  -r, --raw          print fields separated by one blank\n"
		"  -n, --noheadings   leave the headings out\n"
		"  -o, --output LIST  columns: ADDRESS,NAME,CHANGE,BEFORE,NOW\n"
		"  -h, --help         this text\n",
};
