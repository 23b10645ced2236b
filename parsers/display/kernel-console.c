// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * On which lines the kernel itself speaks, and to which PCI function such a line belongs: a port of
 * a serial card, of the processor's management engine, of an adapter behind a USB controller.
 * Tests: unit/test-terminals.c.
 */
#include "parsers/display/kernel-console.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/pci/place.h"
#include "parsers/slow.h"

struct kernel_console_reading {
	const struct host *host;
	struct snapshot *snapshot;
	const char *line; /* "hvc0" */
};

static bool is_known(const struct snapshot *snapshot, const struct pci_addr *addr, const char *line)
{
	for (size_t i = 0; i < snapshot->use_count; i++) {
		const struct use *use = &snapshot->uses[i];

		if (use->kind == USE_CONSOLE && pci_addr_equal(&use->addr, addr) &&
		    text_equal(use->what, line))
			return true;
	}
	return false;
}

static void add_line(struct snapshot *snapshot, const struct place *place, const char *line)
{
	if (place->has_addr && snapshot_device(snapshot, &place->addr) &&
	    !is_known(snapshot, &place->addr, line))
		snapshot_add_use(snapshot, USE_CONSOLE, &place->addr, xstrdup(line),
				 xstrdup("is where the kernel's console is"));
}

static int add_port(void *data, const char *name, const struct place *place, struct error *err)
{
	const struct kernel_console_reading *reading = data;

	(void)name;
	(void)err;
	add_line(reading->snapshot, place, reading->line);
	return 0;
}

/*
 * The lines of a hypervisor's console ("hvc0") stand nowhere, and sysfs does not tell which port
 * of which virtio device is which of them: each may be.
 */
static void add_virtual_line(const struct host *host, struct snapshot *snapshot, const char *line)
{
	struct kernel_console_reading reading = {host, snapshot, line};

	place_each(host, "class/virtio-ports", add_port, &reading, NULL);
}

/* "ttyS0", "tty0", "hvc0"; no name of a device ever leads elsewhere. */
static void consider(const struct host *host, struct snapshot *snapshot, const char *line)
{
	struct place place;

	if (!*line || strchr(line, '/') || strcmp(line, "..") == 0)
		return;
	if (text_starts(line, "hvc"))
		add_virtual_line(host, snapshot, line);
	else if (place_read(host, &place, NULL, "class/tty/%s", line) == 0)
		add_line(snapshot, &place, line);
}

/* The first word of each line or, of a file that has them in one line, each word. */
static int read_names(const struct host *host, struct snapshot *snapshot, enum host_dir dir,
		      const char *path, const char *ends, struct error *err)
{
	auto_free char *text = NULL;
	char *at, *line;
	int ret = slow_file_read(host, dir, path, &text);

	if (ret == -ENOENT)
		return 0;
	if (ret == -ETIMEDOUT)
		return error_set(err, EBUSY,
				 "a driver keeps the kernel's consoles locked; only its end, or a "
				 "restart of the host, helps");
	if (ret < 0)
		return error_errno(err, -ret, "read which lines are the kernel's consoles (%s)",
				   path);
	for (at = text; (line = strsep(&at, ends));) {
		line[strcspn(line, " \t\n")] = '\0';
		consider(host, snapshot, line);
	}
	return 0;
}

/* Only these can be consoles: nobody else is to wait for the lock of all consoles. */
static bool has_lines(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->node_count; i++)
		if (text_equal(snapshot->nodes[i].subsystem, "tty") ||
		    text_equal(snapshot->nodes[i].subsystem, "virtio-ports"))
			return true;
	return false;
}

int kernel_console_read(const struct host *host, struct snapshot *snapshot, struct error *err)
{
	int ret;

	if (!has_lines(snapshot))
		return 0;
	ret = read_names(host, snapshot, HOST_SYS, "class/tty/console/active", " \n", err);

	/* Has those, too, that are no terminal to sysfs. */
	return ret < 0 ? ret : read_names(host, snapshot, HOST_PROC, "consoles", "\n", err);
}
