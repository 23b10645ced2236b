// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a host becomes lines: a group and, below it, its devices, each with who uses it and which
 * guests have it or name it. Tests: ctl/list.bats.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "hostdevctl/list/list.h"
#include "hostdevctl/output/color.h"

void list_rows_done(struct list_rows *rows)
{
	table_rows_done(&rows->rows);
	free(rows->lines);
	rows->lines = NULL;
}

/* What all lines are made of. */
struct filling {
	struct list_host *host;
	const struct output *output;
	struct list_rows *rows;
	struct list_view view;
};

static char **add_row(const struct filling *filling, size_t parent, const char *color)
{
	struct list_rows *rows = filling->rows;

	rows->lines = array_grow(rows->lines, rows->rows.count, sizeof(*rows->lines));
	rows->lines[rows->rows.count] = (struct output_line){parent, color};
	return table_rows_add(&rows->rows);
}

/* --- who uses a device --- */

#define SHOWN_MAX 3 /* of its users, for people */

/* Things that stand in one cell: as many as people read, or all of them for programs. */
struct cell_list {
	struct text text;
	size_t count, shown_max;
};

static void cell_add(struct cell_list *list, const char *what)
{
	if (list->count++ < list->shown_max)
		text_printf(&list->text, "%s%s", list->count > 1 ? ", " : "", what);
}

/* Heap; NULL where there is nothing. */
static char *cell_end(struct cell_list *list)
{
	if (list->count > list->shown_max)
		text_printf(&list->text, " and %zu more", list->count - list->shown_max);
	return list->text.data;
}

/* is_short: the verdict above says for what the host has it. */
static char *use_words(const struct use *use, bool is_short)
{
	bool by_host = use->kind == USE_CHIPSET || use->kind == USE_IGPU;
	auto_free char *text = NULL;

	if (by_host && is_short)
		return xstrdup("the host");
	if (by_host)
		text = xasprintf("the host (%s)",
				 text_starts(use->how, "is ") ? use->how + 3 : use->how);
	else
		text = xasprintf("%s%s%s", use->what ? use->what : "",
				 use->what && use->how ? " " : "", use->how ? use->how : "");
	return text_escape(text);
}

static void add_uses(struct cell_list *list, const struct snapshot *view,
		     const struct device *device, bool is_short)
{
	for (size_t i = 0; i < view->use_count; i++) {
		const struct use *use = &view->uses[i];
		auto_free char *words = NULL;

		/* That is how the host is set, whoever uses the device. */
		if (use->kind == USE_HUNG_TASK || !pci_addr_equal(&use->addr, &device->addr))
			continue;
		words = use_words(use, is_short);
		cell_add(list, words);
	}
}

static void add_holders(struct cell_list *list, const struct snapshot *view,
			const struct device *device)
{
	for (size_t i = 0; i < view->holder_count; i++) {
		const struct holder *holder = &view->holders[i];
		auto_free char *words = NULL;

		if (!snapshot_holds(view, holder, &device->addr))
			continue;
		words = xasprintf("%s (%d)", holder->command ? holder->command : "?",
				  (int)holder->pid);
		cell_add(list, words);
	}
}

static void add_losses(struct cell_list *list, const struct list_verdict *verdict,
		       const struct device *device)
{
	for (size_t i = 0; i < verdict->loss_count; i++)
		if (pci_addr_equal(&verdict->losses[i].addr, &device->addr))
			cell_add(list, verdict->losses[i].text);
}

static char *used_by(const struct filling *filling, const struct list_verdict *verdict,
		     const struct device *device)
{
	const struct snapshot *view = portions_view(&filling->host->portions, device->group);
	struct cell_list list = {.shown_max = filling->output->format == OUTPUT_COLUMNS ? SHOWN_MAX
											: SIZE_MAX};

	add_uses(&list, view, device, filling->view.joined);
	add_losses(&list, verdict, device);
	add_holders(&list, view, device);
	return cell_end(&list);
}

/* --- guests --- */

static bool is_told(const struct guest_tie *ties, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (strcmp(ties[i].guest, ties[index].guest) == 0)
			return true;
	return false;
}

/* Who has a device names it as a rule, which need not be said. */
static void fill_guests(char **row, const struct list_host *host, const struct pci_addr *addr)
{
	struct cell_list all = {.shown_max = SIZE_MAX}, have = {.shown_max = SIZE_MAX},
			 name = {.shown_max = SIZE_MAX};
	size_t count;
	const struct guest_tie *ties = guest_ties_find(&host->ties, addr, &count);

	for (size_t i = 0; i < count; i++) {
		auto_free char *words =
			xasprintf("%s %s", ties[i].guest, ties[i].has ? "has it" : "names it");

		cell_add(ties[i].has ? &have : &name, ties[i].guest);
		if (!is_told(ties, i))
			cell_add(&all, words);
	}
	row[LIST_GUEST] = cell_end(&all);
	row[LIST_LENT_TO] = cell_end(&have);
	row[LIST_NAMED_BY] = cell_end(&name);
}

/* --- devices --- */

/* An attribute that costs a file, where its column is wanted. Heap; NULL: none. */
static char *read_attribute(const struct filling *filling, const struct device *device,
			    enum list_column column, const char *name)
{
	char text[256];

	if (!output_is_chosen(filling->output, column) ||
	    host_read(&filling->host->host, HOST_SYS, text, sizeof(text), NULL,
		      "bus/pci/devices/%s/%s", ADDR(&device->addr), name) < 0)
		return NULL;
	return xstrdup(text);
}

/* The kernel says -1 where a host has no such nodes. */
static char *numa_node(const struct filling *filling, const struct device *device)
{
	char *node = read_attribute(filling, device, LIST_NUMA, "numa_node");

	if (node && *node != '-')
		return node;
	free(node);
	return NULL;
}

static void fill_ids(const struct output *output, char **row, const struct device *device)
{
	if (output_is_chosen(output, LIST_ID))
		row[LIST_ID] = xasprintf("%04x:%04x", device->vendor, device->product);
	if (output_is_chosen(output, LIST_SUBSYSTEM))
		row[LIST_SUBSYSTEM] = xasprintf("%04x:%04x", device->subvendor, device->subproduct);
	if (output_is_chosen(output, LIST_CLASS_ID))
		row[LIST_CLASS_ID] = xasprintf("%06x", device->class_code);
}

static void fill_device(const struct filling *filling, char **row,
			const struct list_verdict *verdict, const struct device *device)
{
	row[LIST_ADDRESS] = xstrdup(ADDR(&device->addr));
	row[LIST_CLASS] = xstrdup(list_class_name(device->class_code));
	row[LIST_NAME] = xstrdup(device->name);
	if (*device->bound.driver)
		row[LIST_DRIVER] = xstrdup(device->bound.driver);
	row[LIST_USED_BY] = used_by(filling, verdict, device);
	fill_guests(row, filling->host, &device->addr);
	if (device->group != DEVICE_NO_GROUP)
		row[LIST_GROUP] = xasprintf("%d", device->group);
	fill_ids(filling->output, row, device);
	row[LIST_NUMA] = numa_node(filling, device);
	row[LIST_RESET] = read_attribute(filling, device, LIST_RESET, "reset_method");
}

/* --- groups --- */

static const char *color_of(enum list_state state)
{
	switch (state) {
	case LIST_FREE:
		return COLOR_GREEN;
	case LIST_IN_USE:
	case LIST_UNKNOWN:
		return COLOR_YELLOW;
	default:
		return COLOR_RED;
	}
}

static void fill_verdict(const struct filling *filling, char **row,
			 const struct list_verdict *verdict)
{
	row[filling->view.joined ? LIST_NAME : LIST_VERDICT] = xstrdup(verdict->text);
	row[LIST_STATE] = xstrdup(list_state_name(verdict->state));
}

/* People read the group where its devices have their addresses; programs have a column for it. */
static size_t add_parent(const struct filling *filling, const char *name,
			 const struct list_verdict *verdict)
{
	char **row = add_row(filling, OUTPUT_NO_PARENT, color_of(verdict->state));

	if (filling->output->format == OUTPUT_COLUMNS)
		row[LIST_ADDRESS] = xstrdup(name);
	fill_verdict(filling, row, verdict);
	return filling->rows->rows.count - 1;
}

static size_t add_group(const struct filling *filling, const struct group *group,
			const struct list_verdict *verdict)
{
	auto_free char *number = xasprintf("%d", group->number);
	auto_free char *name = xasprintf("group %s", number);
	bool is_none = group->number == DEVICE_NO_GROUP;
	size_t parent = add_parent(filling, is_none ? "no group" : name, verdict);
	const struct table_rows *rows = &filling->rows->rows;

	if (!is_none)
		rows->cells[parent * rows->column_count + LIST_GROUP] = xstrdup(number);
	return parent;
}

static void add_members(const struct filling *filling, const struct group *group)
{
	const struct snapshot *snapshot = &filling->host->situation.snapshot;
	cleanup(list_verdict_done) struct list_verdict verdict =
		list_verdict_of(filling->host, group);
	bool flat = filling->output->format == OUTPUT_RAW;
	size_t parent = flat ? OUTPUT_NO_PARENT : add_group(filling, group, &verdict);

	for (size_t i = 0; i < group->member_count; i++) {
		char **row = add_row(filling, parent, NULL);

		fill_device(filling, row, &verdict, snapshot_device(snapshot, &group->members[i]));
		if (flat)
			fill_verdict(filling, row, &verdict);
	}
}

#define CLASS_IOMMU 0x0806

static bool is_foldable(const struct snapshot *snapshot, const struct group *group)
{
	for (size_t i = 0; i < group->member_count; i++) {
		const struct device *device = snapshot_device(snapshot, &group->members[i]);

		if (list_is_endpoint(device) && device->class_code >> 8 != CLASS_IOMMU)
			return false;
	}
	return true;
}

/* Half of a board is bridges, and people look for what can be lent. Who asks for them gets them. */
static void add_or_fold(const struct filling *filling, const struct group *group,
			const struct list_filters *filters)
{
	if (filling->output->format == OUTPUT_COLUMNS && !filling->view.all &&
	    filters->count == 0 && is_foldable(&filling->host->situation.snapshot, group))
		filling->rows->folded += group->member_count;
	else
		add_members(filling, group);
}

/* Every device is asked, so that each filter is known to have matched. */
static bool any_matches(const struct snapshot *snapshot, const struct group *group,
			struct list_filters *filters)
{
	bool any = false;

	for (size_t i = 0; i < group->member_count; i++)
		any |= list_filters_match(filters, snapshot_device(snapshot, &group->members[i]));
	return any;
}

/* What is in no group belongs to nobody else: of these only those are shown that match. */
static void add_groupless(const struct filling *filling, struct list_filters *filters)
{
	const struct snapshot *snapshot = &filling->host->situation.snapshot;
	struct group rest = {.number = DEVICE_NO_GROUP};

	rest.members = xcalloc(snapshot->device_count, sizeof(*rest.members));
	for (size_t i = 0; i < snapshot->device_count; i++) {
		const struct device *device = &snapshot->devices[i];

		if (device->group == DEVICE_NO_GROUP && list_filters_match(filters, device))
			rest.members[rest.member_count++] = device->addr;
	}
	if (rest.member_count > 0)
		add_or_fold(filling, &rest, filters);
	free(rest.members);
}

/* Nothing is known of them but who hides them. */
static void add_hidden(const struct filling *filling, struct list_filters *filters)
{
	const struct snapshot *snapshot = &filling->host->situation.snapshot;
	bool flat = filling->output->format == OUTPUT_RAW;
	cleanup(list_verdict_done) struct list_verdict verdict = {0};
	size_t parent = OUTPUT_NO_PARENT;

	for (size_t i = 0; i < snapshot->absence_count; i++) {
		const struct absence *absence = &snapshot->absences[i];
		struct list_verdict next;
		char **row;

		if (!list_filters_match_hidden(filters, &absence->addr))
			continue;
		next = list_verdict_of_hidden(absence);
		if (!flat && !text_equal(next.text, verdict.text))
			parent = add_parent(filling, "hidden", &next);
		list_verdict_done(&verdict);
		verdict = next;
		row = add_row(filling, parent, NULL);
		row[LIST_ADDRESS] = xstrdup(ADDR(&absence->addr));
		fill_guests(row, filling->host, &absence->addr);
		if (flat)
			fill_verdict(filling, row, &verdict);
	}
}

void list_rows_fill(struct list_host *host, struct list_filters *filters,
		    const struct output *output, struct list_view view, struct list_rows *ret)
{
	const struct snapshot *snapshot = &host->situation.snapshot;
	const struct filling filling = {host, output, ret, view};

	ret->rows.column_count = LIST_COLUMNS;
	for (size_t i = 0; i < snapshot->group_count; i++)
		if (any_matches(snapshot, &snapshot->groups[i], filters))
			add_or_fold(&filling, &snapshot->groups[i], filters);
	add_groupless(&filling, filters);
	add_hidden(&filling, filters);
}
