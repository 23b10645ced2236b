// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which graphics count when it is asked whether the host would have a screen.
 */
#include "tests/unit/generate-helpers.h"

#define CARD "01:00.0 1 030000 10de:2204 nvidia\n"

/* refusal: a part of what is said; "" for nothing at all. */
static void check(struct known *known, const char *devices, const char *refusal)
{
	struct generate_wishes wishes = wishes_of(GENERATE_STATIC, devices);
	auto_draft struct draft draft = {0};

	draft_make(known, &wishes, &draft);
	if (*refusal)
		assert_remark(&draft.refusals, refusal);
	else
		assert_remarks(&draft.refusals, "");
}

static void check_host(const char *host, const char *devices, const char *refusal)
{
	auto_known struct known *known = known_new(host);

	check(known, devices, refusal);
}

static void graphics_that_stay_are_a_screen(void **state)
{
	(void)state;
	check_host(CARD "00:02.0 0 030000 8086:4680 i915\n", "01:00.0", "");
	check_host(CARD "00:02.0 0 038000 8086:4680 i915\n", "01:00.0", "");
	/* The kernel leaves the IOMMU off for the processor's own. */
	check_host(CARD "00:02.0 - 030000 8086:4680 i915\n", "01:00.0", "");
	/* The firmware's framebuffer needs no driver. */
	check_host(CARD "00:02.0 0 030000 8086:4680 none\n", "01:00.0", "");
}

static void not_all_graphics_are_one(void **state)
{
	(void)state;
	check_host(CARD, "01:00.0",
		   "0000:01:00.0 [10de:2204] is the only graphics of this host, which");
	check_host(CARD "02:00.0 2 030200 10de:2820 nvidia\n", "01:00.0",
		   "0000:01:00.0 [10de:2204] is the only graphics of this host that can have a "
		   "screen (0000:02:00.0 [10de:2820] has no outputs), which");
	check_host(CARD "02:00.0 - 030200 10de:2820 nvidia\n", "01:00.0", "has no outputs");
	check_host(CARD "02:00.0 2 030000 10de:2684 vfio-pci\n", "01:00.0",
		   "(0000:02:00.0 [10de:2684] is kept from the host already, by no set-up that is "
		   "in force)");
	check_host(CARD "02:00.0 2 030000 10de:2684 pci-stub\n", "01:00.0",
		   "is kept from the host");
	check_host(CARD "02:00.1 2 030000 10de:2684 i915 vf=02:00.0\n", "01:00.0",
		   "is the only graphics");
	/* As many of them as there are. */
	check_host(CARD "02:00.0 2 030200 10de:2330 nvidia\n03:00.0 3 030200 10de:2330 nvidia\n"
			"04:00.0 4 030200 10de:2330 nvidia\n",
		   "01:00.0",
		   "0000:03:00.0 [10de:2330] has no outputs; and 1 more are none), which");
}

static void who_has_no_screen_loses_none(void **state)
{
	(void)state;
	check_host("02:00.0 2 030200 10de:2330 nvidia\n", "02:00.0", "");
	check_host("02:00.0 2 030000 10de:2684 vfio-pci\n", "02:00.0", "");
}

/* The set-up before ends with the new one, and a loan with its guest. */
static void what_this_program_took_comes_back(void **state)
{
	auto_known struct known *known = known_new(CARD "02:00.0 2 030000 10de:2684 vfio-pci\n");
	auto_homes struct homes homes = {0};

	(void)state;
	array_push(homes.all, homes.count,
		   (struct home){.addr = {0, 2, 0, 0},
				 .driver = xstrdup("nvidia"),
				 .modalias = xstrdup(""),
				 .ours = true});
	known->facts.homes = &homes;
	check(known, "01:00.0", "");
	known->facts.homes = NULL;
	check(known, "01:00.0", "is the only graphics");
	/* Taken back in a boot that its words have started. */
	known->boot.cmdline = (char *)"ro hostdev.guest=0000:02:00.0=10de:2684:0000:0000:030000";
	check(known, "01:00.0", "");
	known->boot.cmdline = NULL;
	known->snapshot.claims = array_grow(NULL, 0, sizeof(struct claim));
	known->snapshot.claims[known->snapshot.claim_count++] =
		(struct claim){.addr = {0, 2, 0, 0}, .guest = xstrdup("win11"), .uuid = "1"};
	check(known, "01:00.0", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(graphics_that_stay_are_a_screen),
		cmocka_unit_test(not_all_graphics_are_one),
		cmocka_unit_test(who_has_no_screen_loses_none),
		cmocka_unit_test(what_this_program_took_comes_back),
	};

	return cmocka_run_group_tests_name("screens", tests, NULL, NULL);
}
