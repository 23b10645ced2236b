// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a boot was to reserve by its command line, and what it has made of that.
 */
#include "tests/unit/generate-helpers.h"

#include "model/promise.h"

#define CARD "0000:01:00.0=10de:2204:0000:0000:030000"
#define USB "0000:03:00.0=1b21:2142:0000:0000:0c0330"
#define HEAD "hostdev-hook set-up 1\narguments x\nversion 1\nkernel 6.12\n"
#define DEVICES                                                                                    \
	"device 0000:01:00.0 10de:2204:0000:0000 class=030000\n"                                   \
	"device 0000:03:00.0 1b21:2142:0000:0000 class=0c0330\n"                                   \
	"members 0000:01:00.0 0000:01:00.1\nmembers 0000:03:00.0\n"
#define STATIC(words) HEAD "mode static\n" DEVICES "choice static" words "\n"
#define MENU                                                                                       \
	HEAD "mode multiboot\n" DEVICES "choice hostdev-all hostdev.guest=" CARD "," USB           \
	     "\nchoice hostdev-keep-0000:01:00.0 hostdev.guest=" USB "\n"

/* "off" or the choice ("-" none), then the addresses. */
static void check(const char *record, const char *cmdline, const char *expected)
{
	auto_setup struct setup setup = {0};
	auto_promise struct promise promise = {0};
	auto_text struct text out = TEXT_INIT;
	struct error err = ERROR_INIT;

	assert_ok(setup_parse(record, strlen(record), &setup, &err), &err);
	promise_of_boot(&setup, cmdline, &promise);
	text_printf(&out, "%s", promise.off ? "off" : promise.choice ? promise.choice : "-");
	for (size_t i = 0; i < promise.addr_count; i++)
		text_printf(&out, " %s", ADDR(&promise.addrs[i]));
	assert_text(out.data, expected);
}

static void a_menu_entry_promises_its_choice(void **state)
{
	(void)state;
	check(MENU, "BOOT_IMAGE=/vmlinuz root=UUID=1 ro quiet\n", "-");
	check(MENU, "ro hostdev.guest=" CARD "," USB, "hostdev-all 0000:01:00.0 0000:03:00.0");
	check(MENU, "ro hostdev.guest=" USB "\n", "hostdev-keep-0000:01:00.0 0000:03:00.0");
	check(MENU, "ro\thostdev.guest=" USB "\tsingle", "off");
	check(MENU, "ro\thostdev.guest=" USB "\tquiet", "hostdev-keep-0000:01:00.0 0000:03:00.0");
	/* What is quoted is none of its words. */
	check(MENU, "a=\"x single hostdev.guest=" CARD "\" hostdev.guest=" USB " b=\"",
	      "hostdev-keep-0000:01:00.0 0000:03:00.0");
	/* Typed by hand, in two words. */
	check(MENU, "hostdev.guest=" CARD " hostdev.guest=" USB "," CARD ",rubbish,",
	      "- 0000:01:00.0 0000:03:00.0");
	check(MENU, "hostdev.guest=", "-");
}

static void a_static_one_promises_at_every_boot_that_has_its_words(void **state)
{
	(void)state;
	check(STATIC(" hostdev.guest=" CARD), "ro hostdev.guest=" CARD " quiet",
	      "static 0000:01:00.0");
	check(STATIC(" hostdev.guest=" CARD " iommu=pt"), "ro hostdev.guest=" CARD,
	      "- 0000:01:00.0");
	/* A recovery entry has them not. */
	check(STATIC(" hostdev.guest=" CARD), "ro", "-");
	check(STATIC(" vfio-pci.ids=10de:2204"), "ro vfio-pci.ids=10de:2204",
	      "static 0000:01:00.0 0000:03:00.0");
	check(STATIC(" vfio-pci.ids=10de:2204"), "ro vfio-pci.ids=10de:22041", "-");
	check(STATIC(" a.b=\"x y\" hostdev.guest=" CARD), "ro a.b=\"x y\" hostdev.guest=" CARD,
	      "static 0000:01:00.0");
	/* In the image: at every boot. */
	check(STATIC(""), "ro", "- 0000:01:00.0 0000:03:00.0");
}

static void a_word_switches_all_off(void **state)
{
	static const char *const off[] = {"hostdev.off",
					  "hostdev.off=1",
					  "hostdev.off=yes",
					  "single",
					  "s",
					  "S",
					  "1",
					  "-s",
					  "rescue",
					  "rd.rescue",
					  "emergency",
					  "rd.emergency",
					  "-b",
					  "recovery",
					  "systemd.unit=rescue.target",
					  "systemd.unit=emergency",
					  "systemd.unit=runlevel1.target",
					  "rd.systemd.unit=rescue.target",
					  "rd.break",
					  "rd.break=pre-mount",
					  "break",
					  "break=premount",
					  "init=/bin/sh",
					  "init=/usr/bin/bash"};
	static const char *const on[] = {"hostdev.off=0",
					 "hostdev.off=no",
					 "hostdev.offline",
					 "singleuser",
					 "11",
					 "xrescue",
					 "breakfast",
					 "systemd.unit=graphical.target",
					 "init=/lib/systemd/systemd"};

	(void)state;
	for (size_t i = 0; i < sizeof(off) / sizeof(*off); i++) {
		auto_free char *line = xasprintf("ro %s quiet", off[i]);

		check(STATIC(""), line, "off");
	}
	for (size_t i = 0; i < sizeof(on) / sizeof(*on); i++) {
		auto_free char *line = xasprintf("ro %s", on[i]);

		check(STATIC(""), line, "- 0000:01:00.0 0000:03:00.0");
	}
}

/* --- what has become of it --- */

/* lent: a device that a guest has, or NULL. Heap. */
static char *find(const char *record, const char *cmdline, const char *host, const char *lent)
{
	auto_known struct known *known = known_new(host);
	struct claim claim = {.uuid = "1"};
	auto_setup struct setup setup = {0};
	auto_promise struct promise promise = {0};
	cleanup(findings_done) struct findings findings = FINDINGS_INIT;
	auto_text struct text out = TEXT_INIT;
	struct error err = ERROR_INIT;

	if (lent) {
		assert_true(pci_addr_parse_given(lent, &claim.addr));
		claim.guest = xstrdup("win11");
		known->snapshot.claims = array_grow(NULL, 0, sizeof(claim));
		known->snapshot.claims[known->snapshot.claim_count++] = claim;
	}
	assert_ok(setup_parse(record, strlen(record), &setup, &err), &err);
	promise_of_boot(&setup, cmdline, &promise);
	promise_check(&setup, &promise, &known->snapshot, &findings);
	text_append(&out, "", 0);
	for (size_t i = 0; i < findings.count; i++)
		text_printf(&out, "%s %s: %s\n", finding_status_name(findings.items[i].status),
			    findings.items[i].subject, findings.items[i].note);
	return steal(&out.data);
}

static void check_found(const char *record, const char *cmdline, const char *host,
			const char *expected)
{
	auto_free char *found = find(record, cmdline, host, NULL);

	assert_contains(found, expected);
}

#define RESERVED                                                                                   \
	"01:00.0 4 030000 10de:2204 vfio-pci\n"                                                    \
	"01:00.1 4 040300 10de:1aef vfio-pci\n"                                                    \
	"03:00.0 5 0c0330 1b21:2142 vfio-pci\n"

static void what_was_promised_and_is_so(void **state)
{
	(void)state;
	check_found(STATIC(""), "ro", RESERVED,
		    "0000:01:00.0: 0000:01:00.0 [10de:2204] is reserved "
		    "(driver vfio-pci)");
	check_found(MENU, "ro hostdev.guest=" CARD "," USB, RESERVED,
		    "command line: this host was started by the entry hostdev-all");
	check_found(MENU, "ro", "01:00.0 4 030000 10de:2204 nvidia\n",
		    "this host was started by a usual entry, which reserves nothing");
	check_found(MENU, "single hostdev.guest=" USB, "01:00.0 4 030000 10de:2204 nvidia\n",
		    "a word on it has switched every reservation off for this boot");
}

static void what_was_promised_and_is_not_so(void **state)
{
	(void)state;
	check_found(STATIC(""), "ro", "01:00.0 4 030000 10de:2204 nvidia\n",
		    "0000:01:00.0: 0000:01:00.0 [10de:2204] was to be reserved, and has the driver "
		    "nvidia");
	check_found(STATIC(""), "ro", "01:00.0 4 030000 10de:2204 none\n",
		    "was to be reserved, and has no driver\n");
	check_found(STATIC(""), "ro", "01:00.0 4 030000 10de:2204 vfio-pci\n",
		    "0000:03:00.0: it was to be reserved, and is not there");
	/* A bus was renumbered. */
	check_found(STATIC(""), "ro", "01:00.0 4 020000 8086:1533 igb\n",
		    "is at the address now, and not 10de:2204");
}

/* The host's own card has come to the address of the guest's. */
static void twins_that_have_moved(void **state)
{
	static const char *const record =
		HEAD "mode static\n" DEVICES "twins 0000:01:00.0 2of2\nchoice static\n";

	(void)state;
	check_found(record, "ro",
		    "01:00.0 4 030000 10de:2204 nvidia\n02:00.0 4 030000 10de:2204 nvidia\n",
		    "was to be reserved, and has the driver nvidia: among devices of its kind it "
		    "is number 1 of 2, and was number 2 of 2, so that it may be another one; make "
		    "the set-up anew (hostdevctl generate static)\n");
	check_found(record, "ro",
		    "00:01.0 4 030000 10de:2204 nvidia\n01:00.0 4 030000 10de:2204 nvidia\n",
		    "was to be reserved, and has the driver nvidia\n");
	/* Without the number, what came was taken. */
	check_found(record, "ro",
		    "01:00.0 4 030000 10de:2204 vfio-pci\n02:00.0 4 030000 10de:2204 nvidia\n",
		    "problem 0000:01:00.0: 0000:01:00.0 [10de:2204] is reserved (driver vfio-pci): "
		    "among devices "
		    "of its kind it is number 1 of 2, and was number 2 of 2, so that it may be "
		    "another one; make the set-up anew (hostdevctl generate static)\n");
}

static void what_nobody_has_asked_for(void **state)
{
	(void)state;
	check_found(MENU, "ro", RESERVED,
		    "is on vfio-pci, and neither this boot nor a guest has asked "
		    "for it (another entry of the menu does)");
	check_found(
		STATIC(""), "ro", RESERVED "09:00.0 9 020000 8086:1533 vfio-pci\n",
		"0000:09:00.0 [8086:1533] is on vfio-pci, and neither this boot nor a guest has "
		"asked for it\n");
}

static void what_a_guest_has_is_asked_for(void **state)
{
	auto_free char *usual =
		find(MENU, "ro", "01:00.0 4 030000 10de:2204 vfio-pci\n", "01:00.0");
	auto_free char *reserved =
		find(STATIC(""), "ro", "01:00.0 4 030000 10de:2204 other\n", "01:00.0");

	(void)state;
	assert_null(strstr(usual, "has asked for it"));
	assert_contains(reserved, "0000:01:00.0: 0000:01:00.0 [10de:2204] is lent to guest win11");
}

static void groups_are_compared_by_their_members(void **state)
{
	(void)state;
	/* Other numbers are no change. */
	check_found(STATIC(""), "ro",
		    "01:00.0 4 030000 10de:2204 vfio-pci\n01:00.1 4 040300 10de:1aef vfio-pci\n"
		    "03:00.0 5 0c0330 1b21:2142 vfio-pci\n04:00.0 5 020000 8086:1533 igb\n",
		    "0000:03:00.0: 0000:04:00.0 has come into its IOMMU group since (under kernel "
		    "6.12)");
	check_found(STATIC(""), "ro",
		    "01:00.0 4 030000 10de:2204 vfio-pci\n01:00.1 7 040300 10de:1aef vfio-pci\n"
		    "03:00.0 5 0c0330 1b21:2142 vfio-pci\n",
		    "0000:01:00.0: 0000:01:00.1 has left its IOMMU group since");
	/* Two that were apart are one. */
	check_found(STATIC(""), "ro",
		    "01:00.0 4 030000 10de:2204 vfio-pci\n01:00.1 4 040300 10de:1aef vfio-pci\n"
		    "03:00.0 4 0c0330 1b21:2142 vfio-pci\n",
		    "0000:01:00.0: 0000:03:00.0 has come into its IOMMU group since");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_menu_entry_promises_its_choice),
		cmocka_unit_test(a_static_one_promises_at_every_boot_that_has_its_words),
		cmocka_unit_test(a_word_switches_all_off),
		cmocka_unit_test(what_was_promised_and_is_so),
		cmocka_unit_test(what_was_promised_and_is_not_so),
		cmocka_unit_test(twins_that_have_moved),
		cmocka_unit_test(what_nobody_has_asked_for),
		cmocka_unit_test(what_a_guest_has_is_asked_for),
		cmocka_unit_test(groups_are_compared_by_their_members),
	};

	return cmocka_run_group_tests_name("promise", tests, NULL, NULL);
}
