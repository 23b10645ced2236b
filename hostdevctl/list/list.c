// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostdevctl list: the machine as IOMMU groups and their devices, and whether each group could be
 * lent now.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "hostdevctl/list/list.h"
#include "hostdevctl/missing.h"
#include "hostdevctl/output/color.h"
#include "hostdevctl/output/output-layout.h"
#include "parsers/pci/names.h"

/* Where it is no terminal: as wide as a report or a mail may be. */
#define WIDTH_USUAL 120
/* Where it is less, no column is left for the class. */
#define WIDTH_OF_CLASS 100

static const struct output_column columns[LIST_COLUMNS] = {
	[LIST_ADDRESS] = {.name = "ADDRESS"},
	[LIST_CLASS] = {.name = "CLASS", .wrap = 1},
	[LIST_NAME] = {.name = "NAME", .wrap = 3},
	[LIST_DRIVER] = {.name = "DRIVER"},
	[LIST_USED_BY] = {.name = "USED-BY", .wrap = 2},
	[LIST_GUEST] = {.name = "GUEST", .wrap = 1},
	[LIST_VERDICT] = {.name = "VERDICT", .wrap = 3},
	[LIST_STATE] = {.name = "STATE", .on_request = true},
	[LIST_GROUP] = {.name = "GROUP", .type = OUTPUT_NUMBER, .on_request = true},
	[LIST_ID] = {.name = "ID", .on_request = true},
	[LIST_SUBSYSTEM] = {.name = "SUBSYSTEM", .on_request = true},
	[LIST_CLASS_ID] = {.name = "CLASS-ID", .on_request = true},
	[LIST_NUMA] = {.name = "NUMA", .type = OUTPUT_NUMBER, .on_request = true},
	[LIST_RESET] = {.name = "RESET", .on_request = true},
	[LIST_LENT_TO] = {.name = "LENT-TO", .on_request = true},
	[LIST_NAMED_BY] = {.name = "NAMED-BY", .on_request = true},
};

/* What the options of this command have said. */
struct list_wishes {
	struct list_filters *filters;
	enum color_when color;
	bool as_dot, as_svg;
	struct list_view view;
};

static char *take_class(void *data, const struct command_option *option, const char *argument)
{
	struct list_wishes *wishes = data;

	(void)argument;
	list_filters_add_class(wishes->filters, option->name);
	return NULL;
}

static char *take_color(void *data, const struct command_option *option, const char *argument)
{
	struct list_wishes *wishes = data;

	(void)option;
	return color_parse(argument, &wishes->color)
		       ? NULL
		       : xasprintf("--color takes auto, always or never, not \"%s\"", argument);
}

static void take_arguments(const struct table_request *request, struct list_filters *filters)
{
	if (!request->argument)
		return;
	list_filters_add(filters, request->argument);
	for (int i = 0; i < request->more_count; i++)
		list_filters_add(filters, request->more[i]);
}

static void tell_missing(struct list_host *host, const struct pci_addr *addr)
{
	struct hostdev hostdev = {.addr = *addr};
	const struct guest guest = {.hostdevs = &hostdev, .hostdev_count = 1};

	missing_tell(&host->host, &guest, &host->situation.snapshot);
}

/* Each filter that fits nothing is told. */
static bool any_unmatched(struct list_host *host, const struct list_filters *filters)
{
	bool any = false;

	for (size_t i = 0; i < filters->count; i++) {
		const struct list_filter *filter = &filters->filters[i];

		if (filter->matched)
			continue;
		any = true;
		if (filter->kind == LIST_BY_ADDRESS)
			tell_missing(host, &filter->addr);
		else if (filter->kind == LIST_BY_GROUP)
			command_note("there is no IOMMU group %d", filter->group);
		else
			command_note("no device matches %s%s",
				     filter->kind == LIST_BY_CLASS ? "--" : "", filter->text);
	}
	return any;
}

/* Returns an exit status. */
static int list_draw(const char *root, const struct list_wishes *wishes)
{
	cleanup(list_host_done) struct list_host host = {0};
	struct error err = ERROR_INIT;

	if (wishes->filters->count > 0)
		return command_misuse(&list_command, "--dot and --svg draw the whole host");
	if (wishes->as_dot && wishes->as_svg)
		return command_misuse(&list_command, "--dot and --svg exclude each other");
	if (list_host_read(root, &host, &err) < 0 || list_picture(&host, wishes->as_svg, &err) < 0)
		return command_fail(&err);
	return COMMAND_DONE;
}

static void tell_folded(size_t count)
{
	if (count == 1)
		printf("1 bridge, which cannot be lent, is not shown; --all shows it\n");
	else if (count > 1)
		printf("%zu bridges and IOMMUs, which cannot be lent, are not shown; --all shows "
		       "them\n",
		       count);
}

/* Returns an exit status. */
static int list_show(const char *root, struct list_wishes *wishes, struct output *output)
{
	cleanup(list_host_done) struct list_host host = {0};
	cleanup(list_rows_done) struct list_rows rows = {0};
	struct error err = ERROR_INIT;
	bool named =
		output_is_chosen(output, LIST_NAME) || list_filters_need_names(wishes->filters);
	cleanup(names_ahead_done) struct names_ahead *ahead = named ? names_read_ahead() : NULL;
	bool unmatched;

	if (list_host_read(root, &host, &err) < 0)
		return command_fail(&err);
	names_fill_ahead(ahead, &host.situation.snapshot);
	list_rows_fill(&host, wishes->filters, output, wishes->view, &rows);
	unmatched = any_unmatched(&host, wishes->filters);
	if (host.situation.snapshot.device_count == 0 && output->format == OUTPUT_COLUMNS)
		command_note("no PCI device is to be seen on this host (/sys/bus/pci/devices)");
	output->lines = rows.lines;
	output->color = color_wanted(wishes->color);
	if (output_print(output, rows.rows.cells, rows.rows.count, &err) < 0)
		return command_fail(&err);
	if (!output->no_headings)
		tell_folded(rows.folded);
	return unmatched ? COMMAND_FAILED : COMMAND_DONE;
}

/*
 * The lines of groups have no name, and so there is room for the verdict. Where room is short,
 * names tell what a device is.
 */
static void choose_for_people(struct output *output, struct list_view *view)
{
	size_t room = output_layout_room(output), kept = 0;

	for (size_t i = 0; i < output->chosen_count; i++) {
		size_t column = output->chosen[i];

		if (column != LIST_VERDICT && (column != LIST_CLASS || room >= WIDTH_OF_CLASS))
			output->chosen[kept++] = column;
	}
	output->chosen_count = kept;
	view->joined = true;
}

static int list_run(int argc, char **argv)
{
	cleanup(list_filters_done) struct list_filters filters = {0};
	struct list_wishes wishes = {.filters = &filters};
	const struct command_option options[] = {
		{"color", .take = take_color, .data = &wishes, .has_argument = optional_argument},
		{"dot", .flag = &wishes.as_dot},
		{"svg", .flag = &wishes.as_svg},
		{"all", .flag = &wishes.view.all},
		{"gpu", .take = take_class, .data = &wishes},
		{"net", .take = take_class, .data = &wishes},
		{"storage", .take = take_class, .data = &wishes},
		{"usb", .take = take_class, .data = &wishes},
		{"audio", .take = take_class, .data = &wishes},
		{0},
	};
	const struct table_wants wants = {.argument = "addresses, groups, ids or parts of names",
					  .optional = true,
					  .more = true,
					  .options = options};
	struct output output = {.name = "groups",
				.columns = columns,
				.column_count = LIST_COLUMNS,
				.width = WIDTH_USUAL};
	struct table_request request;
	int status;

	if (!table_options(&list_command, argc, argv, &wants, &output, &request, &status))
		return status;
	/* Programs have no other word for the group. */
	if (output.format == OUTPUT_JSON && !request.columns)
		output_choose(&output, "+GROUP", NULL);
	if (output.format == OUTPUT_COLUMNS && (!request.columns || *request.columns == '+'))
		choose_for_people(&output, &wishes.view);
	take_arguments(&request, &filters);
	if (wishes.as_dot || wishes.as_svg)
		return list_draw(request.root, &wishes);
	return list_show(request.root, &wishes, &output);
}

const struct command list_command = {
	.name = "list",
	.run = list_run,
	.synopsis = "[OPTION...] [ADDRESS|GROUP|VENDOR:DEVICE|TEXT...]",
	.summary = "list all IOMMU groups and devices, and whether they can be lent",
	.help = "Without arguments and --gpu to --audio everything is listed, else each group of\n"
		"which a device matches any of them. TEXT is a part of a device's name.\n\n"
		"      --gpu, --net, --storage, --usb, --audio\n"
		"                     devices of that class\n"
		"      --all          also groups of nothing but bridges, which cannot be lent\n"
		"  -J, --json         print JSON\n"
		"  -r, --raw          print fields separated by one blank, a line for each device\n"
		"  -n, --noheadings   leave the headings out\n"
		"  -o, --output LIST  columns: "
		"ADDRESS,CLASS,NAME,DRIVER,USED-BY,GUEST,VERDICT,STATE,\n"
		"                     GROUP,ID,SUBSYSTEM,CLASS-ID,NUMA,RESET,LENT-TO,NAMED-BY;\n"
		"                     +LIST adds to the usual ones, those up to VERDICT\n"
		"      --color[=WHEN] colour the verdicts: auto, always or never\n"
		"      --dot, --svg   draw the whole host: a text for Graphviz, or what Graphviz\n"
		"                     makes of it\n"
		"      --root DIR     look at the machine below DIR\n"
		"  -h, --help         this text\n",
};
