// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostdevctl guest: which host devices a guest names, and what this host knows of them.
 */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/host.h"
#include "base/text.h"
#include "hostdevctl/command.h"
#include "hostdevctl/input.h"
#include "hostdevctl/table.h"
#include "model/snapshot.h"
#include "parsers/names.h"
#include "parsers/pci.h"

enum column {
	COLUMN_KIND,
	COLUMN_ADDRESS,
	COLUMN_MANAGED,
	COLUMN_DRIVER,
	COLUMN_NAME,
	COLUMN_BOUND,
	COLUMN_GROUP,
	COLUMNS
};

static const struct output_column columns[COLUMNS] = {
	[COLUMN_KIND] = {.name = "KIND"},
	[COLUMN_ADDRESS] = {.name = "ADDRESS"},
	[COLUMN_MANAGED] = {.name = "MANAGED", .type = OUTPUT_BOOLEAN},
	[COLUMN_DRIVER] = {.name = "DRIVER"},
	[COLUMN_NAME] = {.name = "NAME"},
	[COLUMN_BOUND] = {.name = "BOUND", .on_request = true},
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
		row[COLUMN_BOUND] = xstrdup(device->bound.driver);
	if (device->group != DEVICE_NO_GROUP)
		row[COLUMN_GROUP] = xasprintf("%d", device->group);
}

static void rows_fill(struct table_rows *rows, const struct guest *guest,
		      const struct snapshot *snapshot)
{
	for (size_t i = 0; i < guest->hostdev_count; i++) {
		const struct hostdev *hostdev = &guest->hostdevs[i];
		const struct device *device = snapshot_device(snapshot, &hostdev->addr);
		char **row = table_rows_add(rows);

		row[COLUMN_KIND] = xstrdup(hostdev_kind_name(hostdev->kind));
		row[COLUMN_ADDRESS] = xstrdup(ADDR(&hostdev->addr));
		row[COLUMN_MANAGED] = xstrdup(hostdev->managed ? "yes" : "no");
		row[COLUMN_DRIVER] = xstrdup(wanted_driver(device, hostdev));
		if (device)
			row_fill_device(row, device);
	}
}

static int guest_show(const struct table_request *request, const struct output *output,
		      struct error *err)
{
	auto_snapshot struct snapshot snapshot = {0};
	cleanup(table_rows_done) struct table_rows rows = {.column_count = COLUMNS};
	cleanup(host_close) struct host host = {0};
	auto_guest struct guest guest = {0};
	int ret = input_read_guest(request->argument, request->root, &guest, err);

	if (ret == 0)
		ret = host_open(&host, request->root ? request->root : "/", NULL, NULL, err);
	if (ret < 0)
		return ret;
	/* The XML alone has most of the answer: a host that cannot be read is no reason to stop. */
	if (pci_snapshot(&host, &guest, &snapshot, err) < 0)
		command_note("%s", err->text);
	else if (output_is_chosen(output, COLUMN_NAME))
		names_fill(&snapshot);
	for (size_t i = 0; i < guest.qemu_device_count; i++) {
		auto_free char *note = qemu_device_note(&guest.qemu_devices[i]);

		command_note("%s", note);
	}
	rows_fill(&rows, &guest, &snapshot);
	return output_print(output, rows.cells, rows.count, err);
}

static int guest_run(int argc, char **argv)
{
	static const struct table_wants wants = {.argument = "one FILE or NAME"};
	struct output output = {.name = "hostdevs", .columns = columns, .column_count = COLUMNS};
	struct error err = ERROR_INIT;
	struct table_request request;
	int status;

	if (!table_options(&guest_command, argc, argv, &wants, &output, &request, &status))
		return status;
	return guest_show(&request, &output, &err) < 0 ? command_fail(&err) : COMMAND_DONE;
}

const struct command guest_command = {
	.name = "guest",
	.run = guest_run,
	.synopsis = "[OPTION...] FILE|NAME",
	.summary = "list the host PCI devices a guest names",
	.help = "FILE holds a domain's XML ('-': standard input); NAME is asked of libvirt.\n\n"
		"  -J, --json         print JSON\n"
		"  -r, --raw          print fields separated by one blank\n"
		"  -n, --noheadings   leave the headings out\n"
		"  -o, --output LIST  columns: KIND,ADDRESS,MANAGED,DRIVER,NAME,BOUND,GROUP;\n"
		"                     +LIST adds to the usual ones, all but BOUND and GROUP\n"
		"      --root DIR     look at the machine below DIR; FILE only\n"
		"  -h, --help         this text\n",
};
