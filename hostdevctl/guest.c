// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostdevctl guest: which host devices a guest names, and what this host knows of them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/host.h"
#include "base/text.h"
#include "hostdevctl/command.h"
#include "hostdevctl/input.h"
#include "hostdevctl/missing.h"
#include "hostdevctl/output/table.h"
#include "model/snapshot.h"
#include "parsers/libvirt/known-guests.h"
#include "parsers/pci/names.h"
#include "parsers/pci/pci.h"
#include "state/pins.h"

enum guest_column {
	COLUMN_GUEST,
	COLUMN_KIND,
	COLUMN_ADDRESS,
	COLUMN_MANAGED,
	COLUMN_DRIVER,
	COLUMN_NAME,
	COLUMN_WANTED,
	COLUMN_GROUP,
	COLUMNS
};

static const struct output_column columns[COLUMNS] = {
	[COLUMN_GUEST] = {.name = "GUEST", .on_request = true},
	[COLUMN_KIND] = {.name = "KIND"},
	[COLUMN_ADDRESS] = {.name = "ADDRESS"},
	[COLUMN_MANAGED] = {.name = "MANAGED", .type = OUTPUT_BOOLEAN},
	[COLUMN_DRIVER] = {.name = "DRIVER"},
	[COLUMN_NAME] = {.name = "NAME"},
	[COLUMN_WANTED] = {.name = "WANTED", .on_request = true},
	[COLUMN_GROUP] = {.name = "GROUP", .type = OUTPUT_NUMBER, .on_request = true},
};

/* What libvirt would choose, as far as it is known of a device that is not here. */
static const char *wanted_driver(const struct device *device, const struct hostdev *hostdev)
{
	if (device)
		return snapshot_wanted_driver(device, hostdev);
	return hostdev->driver_model ? hostdev->driver_model : "vfio-pci";
}

static void row_fill_device(char **row, const struct device *device)
{
	row[COLUMN_NAME] = xstrdup(device->name);
	if (*device->bound.driver)
		row[COLUMN_DRIVER] = xstrdup(device->bound.driver);
	if (device->group != DEVICE_NO_GROUP)
		row[COLUMN_GROUP] = xasprintf("%d", device->group);
}

static void rows_fill(struct table_rows *rows, const struct guest *guest,
		      const struct snapshot *snapshot, bool tells_missing)
{
	for (size_t i = 0; i < guest->hostdev_count; i++) {
		const struct hostdev *hostdev = &guest->hostdevs[i];
		const struct device *device = snapshot_device(snapshot, &hostdev->addr);
		char **row = table_rows_add(rows);

		row[COLUMN_GUEST] = xstrdup(guest->name);
		row[COLUMN_KIND] = xstrdup(hostdev_kind_name(hostdev->kind));
		row[COLUMN_ADDRESS] = xstrdup(ADDR(&hostdev->addr));
		row[COLUMN_MANAGED] = xstrdup(hostdev->managed ? "yes" : "no");
		row[COLUMN_WANTED] = xstrdup(wanted_driver(device, hostdev));
		if (device)
			row_fill_device(row, device);
		else if (tells_missing)
			row[COLUMN_NAME] =
				xasprintf("(%s)", missing_reason(snapshot, &hostdev->addr));
	}
	for (size_t i = 0; i < guest->qemu_device_count; i++) {
		auto_free char *note = qemu_device_note(&guest->qemu_devices[i]);

		command_note("%s", note);
	}
}

/* How many of its devices are not on this host? */
static size_t look_at_guest(const struct host *host, const struct guest *guest,
			    const struct output *output, struct table_rows *rows)
{
	auto_snapshot struct snapshot snapshot = {0};
	struct error err = ERROR_INIT;
	bool known = false;
	size_t missing = 0;

	/* The XML alone has most of the answer: a host that cannot be read is no reason to stop. */
	if (pci_snapshot(host, guest, &snapshot, &err) < 0) {
		command_note("%s", err.text);
	} else {
		if (output_is_chosen(output, COLUMN_NAME))
			names_fill(&snapshot);
		/* By its pin a device may be found elsewhere. */
		pins_read(host, guest->uuid, &snapshot, NULL);
		missing = missing_tell(host, guest, &snapshot);
		known = true;
	}
	/* People look for the name; a program sees that there is none. */
	rows_fill(rows, guest, &snapshot, known && output->format == OUTPUT_COLUMNS);
	return missing;
}

static int look_at_all(const struct host *host, const struct output *output,
		       struct table_rows *rows, size_t *ret_missing, struct error *err)
{
	auto_known_guests struct known_guests guests = {0};
	int ret = input_known_guests(host, &guests, err);

	if (ret < 0)
		return ret;
	for (size_t i = 0; i < guests.count; i++)
		*ret_missing += look_at_guest(host, &guests.items[i].guest, output, rows);
	if (rows->count == 0)
		command_note("%s", guests.count > 0 ? "no guest names a host PCI device"
						    : "libvirt has no guest");
	return 0;
}

static int look_at_one(const struct host *host, const struct table_request *request,
		       const struct output *output, struct table_rows *rows, size_t *ret_missing,
		       struct error *err)
{
	auto_guest struct guest guest = {0};
	int ret = input_read_definition(request->argument, request->root, &guest, err);

	if (ret < 0)
		return ret;
	*ret_missing = look_at_guest(host, &guest, output, rows);
	if (output->format == OUTPUT_COLUMNS && rows->count == 0 && guest.qemu_device_count == 0)
		command_note("%s names no host PCI device", guest.name);
	return 0;
}

/* An exit status, or -errno. */
static int guest_show(const struct table_request *request, const struct output *output,
		      struct error *err)
{
	cleanup(table_rows_done) struct table_rows rows = {.column_count = COLUMNS};
	cleanup(host_close) struct host host = {0};
	size_t missing = 0;
	int ret = command_open(request->root, NULL, &host, err);

	if (ret == 0)
		ret = request->argument ? look_at_one(&host, request, output, &rows, &missing, err)
					: look_at_all(&host, output, &rows, &missing, err);
	if (ret == 0 && (rows.count > 0 || output->format != OUTPUT_COLUMNS))
		ret = output_print(output, rows.cells, rows.count, err);
	if (ret < 0)
		return ret;
	return missing > 0 ? COMMAND_FAILED : COMMAND_DONE;
}

/* Of several guests each row must say whose it is. */
static void show_guest_column(struct output *output)
{
	memmove(output->chosen + 1, output->chosen,
		output->chosen_count * sizeof(output->chosen[0]));
	output->chosen[0] = COLUMN_GUEST;
	output->chosen_count++;
}

static int guest_run(int argc, char **argv)
{
	static const struct table_wants wants = {.argument = "at most one FILE or GUEST",
						 .optional = true};
	struct output output = {.name = "hostdevs", .columns = columns, .column_count = COLUMNS};
	struct error err = ERROR_INIT;
	struct table_request request;
	int status;

	if (!table_options(&guest_command, argc, argv, &wants, &output, &request, &status))
		return status;
	if (!request.argument && (!request.columns || *request.columns == '+') &&
	    !output_is_chosen(&output, COLUMN_GUEST))
		show_guest_column(&output);
	status = guest_show(&request, &output, &err);
	return status < 0 ? command_fail(&err) : status;
}

const struct command guest_command = {
	.name = "guest",
	.run = guest_run,
	.synopsis = "[OPTION...] [FILE|GUEST]",
	.summary = "list the host PCI devices that guests name",
	.help = "GUEST is a guest's name, UUID or id; FILE holds a domain's XML ('-': standard\n"
		"input). Without them, the devices of all guests that libvirt's files tell of.\n\n"
		"  -J, --json         print JSON\n"
		"  -r, --raw          print fields separated by one blank\n"
		"  -n, --noheadings   leave the headings out\n"
		"  -o, --output LIST  columns: "
		"GUEST,KIND,ADDRESS,MANAGED,DRIVER,NAME,WANTED,GROUP;\n"
		"                     +LIST adds to the usual ones, all but GUEST (with all\n"
		"                     guests it is usual, too), WANTED and GROUP\n"
		"      --root DIR     look at the machine below DIR\n"
		"  -h, --help         this text\n",
};
