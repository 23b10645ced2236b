// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How the PCI tree of a host, its IOMMU groups and its guests become a picture in the language of
 * Graphviz, which lays it out.
 */
#include "hostdevctl/output/picture.h"

#include <string.h>

#include "base/cleanup.h"

#define NAME_SIZE 36

/* What the picture is made of, and what was drawn so far. */
struct picture {
	const struct snapshot *snapshot;
	const struct picture_group *groups;
	size_t count;
	const char **guests; /* heap; the place of a guest is its number */
	size_t guest_count;
	struct text *out;
};

/* Each verdict has words besides, for who does not tell colours apart. */
static const struct verdict_style {
	const char *fill, *line;
} looks[] = {
	[PICTURE_UNKNOWN] = {"#f3f3f3", "#9e9e9e"}, [PICTURE_FREE] = {"#e4f3e4", "#2e7d32"},
	[PICTURE_LENT] = {"#e1ecfa", "#1565c0"},    [PICTURE_IN_USE] = {"#fdf1dc", "#b26a00"},
	[PICTURE_NEVER] = {"#fbe3e3", "#b71c1c"},
};

/*
 * A label in quotes, without them: Graphviz reads escapes with a backslash in it, and entities as
 * in HTML.
 */
static void add_label(const char *string, struct text *out)
{
	auto_free char *safe = text_escape(string);

	for (const char *at = safe; *at; at++) {
		if (*at == '&')
			text_printf(out, "&amp;");
		else
			text_printf(out, *at == '"' || *at == '\\' ? "\\%c" : "%c", *at);
	}
}

static const struct picture_group *find_group(const struct picture *picture, int number)
{
	for (size_t i = 0; i < picture->count; i++)
		if (picture->groups[i].number == number)
			return &picture->groups[i];
	return NULL;
}

/* --- devices and groups --- */

/* of: the number of its group, where no box tells it, or DEVICE_NO_GROUP. */
static void add_device(const struct picture *picture, const struct device *device, int of)
{
	struct text *out = picture->out;
	char name[NAME_SIZE + 16];
	bool pale = device->is_bridge || of != DEVICE_NO_GROUP;

	text_printf(out, "%s\"%s\" [label=\"%s", of != DEVICE_NO_GROUP ? "\t" : "\t\t",
		    ADDR(&device->addr), ADDR(&device->addr));
	if (device->name && *device->name) {
		device_name_shorten(name, sizeof(name), device->name, NAME_SIZE,
				    device_is_graphics(device));
		text_printf(out, "\\n");
		add_label(name, out);
	} else {
		text_printf(out, "\\n%04x:%04x", device->vendor, device->product);
	}
	if (of != DEVICE_NO_GROUP) {
		text_printf(out, "\\ngroup %d", of);
	} else if (!device->is_bridge) {
		text_printf(out, "\\n");
		add_label(*device->bound.driver ? device->bound.driver : "no driver", out);
	}
	text_printf(out, "\"%s];\n", pale ? ", fillcolor=\"#eceff1\", fontcolor=\"#546e7a\"" : "");
}

/* A group that is only a branch of the tree can be given to nobody. */
static bool is_branch(const struct picture *picture, const struct group *group)
{
	const struct device *device =
		group->member_count == 1 ? snapshot_device(picture->snapshot, &group->members[0])
					 : NULL;

	return device && device->class_code >> 16 == 0x06;
}

static void add_group(const struct picture *picture, const struct group *group)
{
	const struct picture_group *known = find_group(picture, group->number);
	const struct verdict_style *style = &looks[known ? known->verdict : PICTURE_UNKNOWN];
	struct text *out = picture->out;

	text_printf(out, "\tsubgraph \"cluster_%d\" {\n\t\tlabel=\"group %d", group->number,
		    group->number);
	if (known && known->text) {
		text_printf(out, ": ");
		add_label(known->text, out);
	}
	text_printf(out, "\";\n\t\tfillcolor=\"%s\"; color=\"%s\"; fontcolor=\"%s\";\n",
		    style->fill, style->line, style->line);
	for (size_t i = 0; i < group->member_count; i++) {
		const struct device *device =
			snapshot_device(picture->snapshot, &group->members[i]);

		if (device)
			add_device(picture, device, DEVICE_NO_GROUP);
	}
	text_printf(out, "\t}\n");
}

static void add_devices(const struct picture *picture)
{
	for (size_t i = 0; i < picture->snapshot->group_count; i++) {
		const struct group *group = &picture->snapshot->groups[i];

		if (is_branch(picture, group))
			add_device(picture, snapshot_device(picture->snapshot, &group->members[0]),
				   group->number);
		else
			add_group(picture, group);
	}
	for (size_t i = 0; i < picture->snapshot->device_count; i++) {
		const struct device *device = &picture->snapshot->devices[i];

		if (!snapshot_group(picture->snapshot, device->group))
			add_device(picture, device, DEVICE_NO_GROUP);
	}
}

/* --- the tree --- */

/* Graphviz makes a node of each name that it meets. */
static void add_tree(const struct picture *picture)
{
	for (size_t i = 0; i < picture->snapshot->device_count; i++) {
		const struct device *device = &picture->snapshot->devices[i];
		const struct device *parent = snapshot_parent(picture->snapshot, device);

		if (parent)
			text_printf(picture->out, "\t\"%s\" -> ", ADDR(&parent->addr));
		else
			text_printf(picture->out, "\t\"pci%04x:%02x\" -> ", device->addr.domain,
				    device->addr.bus);
		text_printf(picture->out, "\"%s\"%s;\n", ADDR(&device->addr),
			    device->is_vf ? " [style=dashed]" : "");
	}
}

/* --- guests --- */

static size_t guest_number(struct picture *picture, const char *name)
{
	for (size_t i = 0; i < picture->guest_count; i++)
		if (strcmp(picture->guests[i], name) == 0)
			return i;
	picture->guests = array_grow(picture->guests, picture->guest_count, sizeof(const char *));
	picture->guests[picture->guest_count] = name;
	text_printf(picture->out, "\tguest%zu [label=\"", picture->guest_count);
	add_label(name, picture->out);
	text_printf(picture->out,
		    "\", shape=ellipse, fillcolor=white, color=\"%s\", penwidth=2];\n",
		    looks[PICTURE_LENT].line);
	return picture->guest_count++;
}

/* What of the group is drawn: an endpoint where there is one, as guests stand behind them. */
static const struct device *group_end(const struct picture *picture, int number)
{
	const struct group *group = snapshot_group(picture->snapshot, number);
	const struct device *end = NULL;

	for (size_t i = 0; group && i < group->member_count; i++) {
		const struct device *device =
			snapshot_device(picture->snapshot, &group->members[i]);

		if (device && (!end || end->is_bridge))
			end = device;
	}
	return end;
}

/* guests: NULL-terminated, or NULL. */
static void add_owners(struct picture *picture, int number, const char *const *guests, bool has)
{
	const struct device *end = group_end(picture, number);

	for (; guests && *guests && end; guests++) {
		size_t guest = guest_number(picture, *guests);

		text_printf(picture->out,
			    "\t\"%s\" -> guest%zu [ltail=\"cluster_%d\", arrowhead=normal, "
			    "color=\"%s\", fontcolor=\"%s\", label=\"%s\"%s];\n",
			    ADDR(&end->addr), guest, number, looks[PICTURE_LENT].line,
			    looks[PICTURE_LENT].line, has ? "has it" : "names it",
			    has ? ", penwidth=2" : ", style=dashed");
	}
}

void picture_dot(const struct snapshot *snapshot, const struct picture_group *groups, size_t count,
		 struct text *out)
{
	struct picture picture = {
		.snapshot = snapshot, .groups = groups, .count = count, .out = out};

	text_printf(out, "digraph \"host devices\" {\n"
			 "\tgraph [rankdir=LR, compound=true, nodesep=0.12, ranksep=0.5, "
			 "fontname=\"sans-serif\", fontsize=10, style=\"rounded,filled\", "
			 "labeljust=l];\n"
			 "\tnode [shape=box, style=\"rounded,filled\", fillcolor=white, "
			 "color=\"#78909c\", fontname=\"sans-serif\", fontsize=9, height=0.3, "
			 "margin=\"0.1,0.04\"];\n"
			 "\tedge [arrowhead=none, color=\"#78909c\", fontname=\"sans-serif\", "
			 "fontsize=8];\n");
	add_devices(&picture);
	add_tree(&picture);
	for (size_t i = 0; i < count; i++) {
		add_owners(&picture, groups[i].number, groups[i].has, true);
		add_owners(&picture, groups[i].number, groups[i].names, false);
	}
	text_printf(out, "}\n");
	free(picture.guests);
}
