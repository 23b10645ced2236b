// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The picture of a host's PCI tree, its IOMMU groups and its guests; and that Graphviz, which is
 * needed here, draws it.
 */
#include "hostdevctl/output/picture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/host-change.h"
#include "parsers/pci/pci.h"
#include "tests/host/check.h"
#include "tests/host/lending.h"

/* What is in the place of the program. */
static enum { DRAWS, IS_MISSING, FAILS, HANGS } manner;
static char drawn[256]; /* the path that it was told to write */

bool __real_host_exists(const struct host *host, enum host_dir dir, const char *format, ...);
__attribute__((format(printf, 3, 4))) bool
__wrap_host_exists(const struct host *host, enum host_dir dir, const char *format, ...);
bool __wrap_host_exists(const struct host *host, enum host_dir dir, const char *format, ...)
{
	auto_free char *path = NULL;
	va_list args;

	va_start(args, format);
	path = xvasprintf(format, args);
	va_end(args);
	if (manner == IS_MISSING && text_ends(path, "/dot"))
		return false;
	return __real_host_exists(host, dir, "%s", path);
}

int __real_host_command_run(struct host *host, char *const *argv, struct text *said,
			    struct error *err);
int __wrap_host_command_run(struct host *host, char *const *argv, struct text *said,
			    struct error *err);
int __wrap_host_command_run(struct host *host, char *const *argv, struct text *said,
			    struct error *err)
{
	for (size_t i = 0; argv[i]; i++)
		if (strcmp(argv[i], "-o") == 0)
			snprintf(drawn, sizeof(drawn), "%s", argv[i + 1]);
	if (manner == HANGS)
		return error_set(err, EIO, "%s ended with status 124", argv[0]);
	if (manner != FAILS)
		return __real_host_command_run(host, argv, said, err);
	text_printf(said, "Error: syntax\nin line 1\n");
	return error_set(err, EIO, "%s ended with status 1", argv[0]);
}

static const char host_text[] =
	"bridge 0000:00:01.0 8086:1901 bus=01 group=1 driver=pcieport\n"
	"device 0000:01:00.0 10de:2204 class=030000 group=14 driver=nvidia\n"
	"device 0000:01:00.1 10de:1aef class=040300 group=14\n"
	"device 0000:03:00.0 8086:10fb group=20 driver=ixgbe sriov=4\n"
	"vf 0000:03:10.0 8086:10ed of=0000:03:00.0 group=21 driver=ixgbevf\n"
	"device 0000:04:00.0 1b36:000d class=0c0330 driver=xhci_hcd\n";

static const char guest_text[] =
	"hostdev 0000:00:01.0\nhostdev 0000:01:00.0\nhostdev 0000:03:00.0\nhostdev 0000:03:10.0\n"
	"hostdev 0000:04:00.0\n";

static const char *const win11[] = {"win11", NULL};
static const char *const both[] = {"win11", "a\"b\\&lt;", NULL};
static const struct picture_group groups[] = {
	{.number = 14, .verdict = PICTURE_LENT, .text = "lent to win11", .has = win11},
	{.number = 20,
	 .verdict = PICTURE_NEVER,
	 .text = "never: the host's \"network\"",
	 .names = both},
};

static void draw(struct text *out)
{
	auto_testhost struct testhost *host = testhost_new(host_text);
	auto_guest struct guest guest = guest_make(guest_text);
	auto_snapshot struct snapshot snapshot = {0};
	struct error err = ERROR_INIT;

	assert_ok(pci_snapshot(&host->host, &guest, &snapshot, &err), &err);
	for (size_t i = 0; i < snapshot.device_count; i++)
		if (snapshot.devices[i].product == 0x2204)
			snapshot.devices[i].name = xstrdup("NVIDIA \"GA102\" [GeForce RTX 3090]");
	picture_dot(&snapshot, groups, sizeof(groups) / sizeof(*groups), out);
}

static void groups_are_boxes_in_the_tree(void **state)
{
	auto_text struct text dot = TEXT_INIT;

	(void)state;
	draw(&dot);
	/* The colours are the verdict's, and so are the words. */
	assert_contains(
		dot.data,
		"\tsubgraph \"cluster_14\" {\n"
		"\t\tlabel=\"group 14: lent to win11\";\n"
		"\t\tfillcolor=\"#e1ecfa\"; color=\"#1565c0\"; fontcolor=\"#1565c0\";\n"
		"\t\t\"0000:01:00.0\" [label=\"0000:01:00.0\\nNVIDIA \\\"GA102\\\" [GeForce "
		"RTX 3090]\\nnvidia\"];\n"
		"\t\t\"0000:01:00.1\" [label=\"0000:01:00.1\\n10de:1aef\\nno driver\"];\n"
		"\t}\n");
	assert_contains(dot.data, "label=\"group 20: never: the host's \\\"network\\\"\";\n"
				  "\t\tfillcolor=\"#fbe3e3\"");
	assert_contains(dot.data, "label=\"group 21\";\n\t\tfillcolor=\"#f3f3f3\"");
	/* In no group. */
	assert_contains(dot.data, "\t\t\"0000:04:00.0\" [label=\"0000:04:00.0\\n1b36:000d\\n");
	assert_contains(dot.data, "\t\"pci0000:00\" -> \"0000:00:01.0\";\n");
	assert_contains(dot.data, "\t\"0000:00:01.0\" -> \"0000:01:00.0\";\n"
				  "\t\"0000:00:01.0\" -> \"0000:01:00.1\";\n");
	assert_contains(dot.data, "\t\"0000:03:00.0\" -> \"0000:03:10.0\" [style=dashed];\n");
	assert_contains(dot.data, "\t\"pci0000:03\" -> \"0000:03:00.0\";\n");
}

static void guests_are_their_owners(void **state)
{
	auto_text struct text dot = TEXT_INIT;

	(void)state;
	draw(&dot);
	assert_contains(dot.data, "\t\"0000:01:00.0\" -> guest0 [ltail=\"cluster_14\"");
	assert_contains(dot.data, "label=\"has it\"");
	/* The same guest is the same node. */
	assert_contains(dot.data, "\t\"0000:03:00.0\" -> guest0 [ltail=\"cluster_20\"");
	assert_contains(dot.data, "\tguest1 [label=\"a\\\"b\\\\x5c&amp;lt;\"");
	assert_contains(dot.data, "label=\"names it\"");
}

static void graphviz_draws_it(void **state)
{
	auto_text struct text dot = TEXT_INIT, svg = TEXT_INIT;
	struct error err = ERROR_INIT;

	(void)state;
	manner = DRAWS;
	draw(&dot);
	assert_ok(picture_svg(&dot, &svg, &err), &err);
	assert_true(text_starts(svg.data, "<?xml"));
	assert_true(text_ends(svg.data, "</svg>\n"));
	assert_contains(svg.data, ">group 14: lent to win11</text>");
	assert_contains(svg.data, ">a&quot;b\\x5c&amp;lt;</text>");
	assert_int_equal(access(drawn, F_OK), -1);
}

static void what_keeps_it_from_being_drawn(void **state)
{
	auto_text struct text dot = TEXT_INIT, svg = TEXT_INIT;
	struct error err = ERROR_INIT;

	(void)state;
	draw(&dot);
	manner = IS_MISSING;
	assert_int_equal(picture_svg(&dot, &svg, &err), -ENOENT);
	assert_contains(err.text, "install the package graphviz");
	manner = FAILS;
	assert_int_equal(picture_svg(&dot, &svg, &err), -EIO);
	assert_contains(err.text, "has not drawn the picture: Error: syntax");
	assert_null(strchr(err.text, '\n'));
	manner = HANGS;
	assert_int_equal(picture_svg(&dot, &svg, &err), -ETIMEDOUT);
	assert_contains(err.text, "within 60 seconds");
	assert_null(svg.data);
	assert_int_equal(access(drawn, F_OK), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_are_boxes_in_the_tree),
		cmocka_unit_test(guests_are_their_owners),
		cmocka_unit_test(graphviz_draws_it),
		cmocka_unit_test(what_keeps_it_from_being_drawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
