// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PPP and SLIP over a serial line, a modem's as a rule: the kernel does not tell which line an
 * interface stands on, but the program that made it keeps the line open.
 * Tests: unit/test-outlets.c, model/test-survey.c.
 */
#include "parsers/network/serial.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/pci/place.h"
#include "scan/processes.h"

void serial_lines_done(struct serial_lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		free(lines->all[i].name);
	free(lines->all);
	*lines = (struct serial_lines){0};
}

struct serial_reading {
	const struct host *host;
	struct node *nodes; /* of the lines */
	struct serial_line *lines;
	size_t count;
};

static void serial_reading_done(struct serial_reading *reading)
{
	for (size_t i = 0; i < reading->count; i++) {
		node_done(&reading->nodes[i]);
		free(reading->lines[i].name);
	}
	free(reading->nodes);
	free(reading->lines);
}

static int add_line(void *data, const char *name, const struct place *place, struct error *err)
{
	struct serial_reading *reading = data;
	struct node node = {.addr = place->addr};
	char number[32];

	(void)err;
	/* Terminals of people, and those that are made up. */
	if (place_below(place, "devices/virtual") ||
	    host_read(reading->host, HOST_SYS, number, sizeof(number), NULL, "class/tty/%s/dev",
		      name) < 0 ||
	    sscanf(number, "%u:%u", &node.major, &node.minor) != 2)
		return 0;
	node.subsystem = xstrdup("tty");
	node.name = xstrdup(name);
	reading->nodes = array_grow(reading->nodes, reading->count, sizeof(node));
	reading->lines = array_grow(reading->lines, reading->count, sizeof(*reading->lines));
	reading->nodes[reading->count] = node;
	reading->lines[reading->count++] = (struct serial_line){
		.name = xstrdup(name), .has_addr = place->has_addr, .addr = place->addr};
	return 0;
}

static bool makes_interfaces(const char *comm)
{
	return strcmp(comm, "pppd") == 0 || strcmp(comm, "slattach") == 0 ||
	       strcmp(comm, "diald") == 0;
}

static bool is_maker(const struct host *host, const char *pid)
{
	char comm[64];

	return host_read(host, HOST_PROC, comm, sizeof(comm), NULL, "%s/comm", pid) == 0 &&
	       makes_interfaces(comm);
}

static bool has_hit(const struct scan *scan, int pid)
{
	for (size_t i = 0; i < scan->hit_count; i++)
		if (scan->hits[i].pid == pid)
			return true;
	return false;
}

/* Any such program without a line of hardware: PPP over a network, or over another program. */
static bool has_other_makers(const struct host *host, const struct scan *scan)
{
	cleanup(host_free_names) char **names = NULL;

	if (host_list(host, HOST_PROC, &names, NULL, NULL, ".") < 0)
		return true;
	for (size_t i = 0; names[i]; i++)
		if (isdigit((unsigned char)names[i][0]) && is_maker(host, names[i]) &&
		    !has_hit(scan, atoi(names[i])))
			return true;
	return false;
}

static void add_found(struct serial_lines *lines, struct serial_line *line)
{
	/* By two of its program's descriptors. */
	if (!line->name)
		return;
	array_push(lines->all, lines->count, *line);
	line->name = NULL;
}

void serial_lines_read(const struct host *host, struct serial_lines *ret)
{
	cleanup(serial_reading_done) struct serial_reading reading = {.host = host};
	auto_scan struct scan scan = {0};
	struct serial_lines lines = {0};

	if (place_each(host, "class/tty", add_line, &reading, NULL) < 0 ||
	    processes_scan(host, reading.nodes, reading.count, &scan, NULL) < 0) {
		ret->others = true;
		return;
	}
	for (size_t i = 0; i < scan.hit_count; i++) {
		auto_free char *pid = xasprintf("%d", (int)scan.hits[i].pid);

		if (is_maker(host, pid))
			add_found(&lines, &reading.lines[scan.hits[i].node]);
	}
	lines.others = lines.count == 0 || has_other_makers(host, &scan);
	*ret = lines;
}
