// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is replaced in a text that anybody may read, and that nothing else is.
 */
#include "tests/host/check.h"

#include <string.h>

#include "base/cleanup.h"
#include "hostdevctl/disguise.h"

static void check(struct disguise *disguise, const char *text, const char *wanted)
{
	auto_text struct text out = TEXT_INIT;

	text_append(&out, "", 0);
	disguise_text(disguise, text, &out);
	assert_text(out.data, wanted);
}

static void names_are_replaced_where_they_are_words(void **state)
{
	auto_disguise struct disguise disguise = {0};

	(void)state;
	disguise_add(&disguise, DISGUISE_HOST, "attic", NULL);
	disguise_add(&disguise, DISGUISE_HOST, "attic.example.org", NULL);
	disguise_add(&disguise, DISGUISE_USER, "al", "user1000");
	disguise_add(&disguise, DISGUISE_USER, "al", "user1001");
	disguise_add(&disguise, DISGUISE_USER, "", NULL);
	disguise_add(&disguise, DISGUISE_USER, "/srv/al", "/home/user1000");
	disguise_add(&disguise, DISGUISE_PLACE, "/mnt/photos", NULL);
	check(&disguise, "al@attic: al_x (al), also always, attic.example.org; vg-attic",
	      "user1000@host: user1000_x (user1000), also always, host2; vg-host");
	check(&disguise, "DIR/srv/al/x /srv/all /mnt/photos/2026 /mnt/photos2",
	      "DIR/home/user1000/x /srv/all /mnt/1/2026 /mnt/photos2");
	assert_int_equal(disguise_count(&disguise, DISGUISE_HOST), 2);
	assert_int_equal(disguise_count(&disguise, DISGUISE_USER), 2);
	assert_int_equal(disguise_count(&disguise, DISGUISE_MAC), 0);
}

static void a_word_that_everybody_has_stays(void **state)
{
	auto_disguise struct disguise disguise = {0};

	(void)state;
	disguise_add(&disguise, DISGUISE_HOST, "nvidia", NULL);
	disguise_add(&disguise, DISGUISE_USER, "vfio2", NULL);
	disguise_keep_words(&disguise, "driver nvidia module=vfio");
	check(&disguise, "nvidia vfio2", "nvidia user1");
}

static void homes_tell_names(void **state)
{
	auto_disguise struct disguise disguise = {0};

	(void)state;
	disguise_learn(&disguise, "open /home/bert/x, /home/bert, and /home/eve.\n/home");
	check(&disguise, "bert eve. /home/eve/bert", "user1 user2. /home/user2/user1");
}

static void forms_are_replaced_alike_everywhere(void **state)
{
	auto_disguise struct disguise disguise = {0};

	(void)state;
	check(&disguise,
	      "4dea22b3-1d52-48f3-9516-782e98ab3fa0 4DEA22B3-1d52-48f3-9516-782e98ab3fa0, "
	      "feedbeef00000000feedbeef00000000",
	      "00000000-0000-4000-8000-000000000001 00000000-0000-4000-8000-000000000001, "
	      "00000000000040008000000000000002");
	check(&disguise, "52:54:00:aa:bb:0c enx525400aabb0c ff:ff:ff:ff:ff:ff 52:54:00:aa:bb:0d",
	      "00:00:5e:00:53:01 enx00005e005301 ff:ff:ff:ff:ff:ff 00:00:5e:00:53:02");
	check(&disguise, "10.1.2.3: ip=10.1.2.3::10.1.2.4:255.255.255.0 127.0.0.1. At fe80::1, ::1",
	      "192.0.2.1: ip=192.0.2.1::192.0.2.2:255.255.255.0 127.0.0.1. At 2001:db8::3, ::1");
	check(&disguise, "LABEL=root UUID=9E8F-AAAA root /dev/mapper/vg-x (/dev/mapper/control)",
	      "LABEL=disk1 UUID=disk2 root /dev/mapper/disk3 (/dev/mapper/control)");
	check(&disguise, "root=UUID=4dea22b3-1d52-48f3-9516-782e98ab3fa0 LABEL=root",
	      "root=UUID=00000000-0000-4000-8000-000000000001 LABEL=disk1");
	check(&disguise, "rd.iscsi.password=a/b,c x", "rd.iscsi.password=HIDDEN x");
}

/* The whole use of a report. */
static void what_is_to_be_read_stays(void **state)
{
	static const char *const texts[] = {
		"0000:01:00.0 10de:2204 10000:e1:00.0 8086:0094",
		"20:23:02 2026-11-30T20:23:02Z 6.12.0-1-amd64 libvirt 10.0.0 535.183.01",
		"pci:v000010DEd00002204sv*sd*bc03sc00i00* 0003:046D:C31C.0001",
		"/dev/nvme0n1p2 /sys/bus/pci/devices/0000:01:00.0/driver_override",
		"vfio-pci.ids=10de:2204,10de:1aef pcie_acs_override=downstream,multifunction",
		"It cannot be read: the card is asleep. See hostdev-hook.conf(5).",
	};
	auto_disguise struct disguise disguise = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		check(&disguise, texts[i], texts[i]);
	for (int kind = 0; kind < DISGUISE_KINDS; kind++)
		assert_int_equal(disguise_count(&disguise, (enum disguise_kind)kind), 0);
}

static void there_are_enough_of_them(void **state)
{
	auto_disguise struct disguise disguise = {0};
	auto_text struct text text = TEXT_INIT, out = TEXT_INIT;

	(void)state;
	for (unsigned int i = 0; i < 300; i++)
		text_printf(&text, "10.0.%u.%u 52:54:00:00:%02x:%02x\n", i / 250, i % 250, i / 256,
			    i % 256);
	disguise_text(&disguise, text.data, &out);
	assert_int_equal(disguise_count(&disguise, DISGUISE_ADDRESS), 300);
	assert_non_null(strstr(out.data, "198.18.1.0 02:00:00:00:01:00\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_replaced_where_they_are_words),
		cmocka_unit_test(a_word_that_everybody_has_stays),
		cmocka_unit_test(homes_tell_names),
		cmocka_unit_test(forms_are_replaced_alike_everywhere),
		cmocka_unit_test(what_is_to_be_read_stays),
		cmocka_unit_test(there_are_enough_of_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
