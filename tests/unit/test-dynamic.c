// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Nothing is reserved: which word the hook needs of the boot, and what guests are given.
 */
#include "tests/unit/generate-helpers.h"

#define HOST                                                                                       \
	"01:00.0 1 030000 10de:2204 nvidia\n"                                                      \
	"01:00.1 1 040300 10de:1aef snd_hda_intel\n"                                               \
	"02:00.1 2 0c0330 1b21:2142 xhci_hcd\n"                                                    \
	"02:00.3 2 0c0330 1b21:2142 xhci_hcd\n"                                                    \
	"0001:03:00.0 3 010802 144d:a80a nvme\n"

static void make(const struct known *known, const char *devices, bool as_qemu, struct draft *ret)
{
	struct generate_wishes wishes = wishes_of(GENERATE_DYNAMIC, devices);

	draft_done(ret);
	wishes.as_qemu = as_qemu;
	draft_make(known, &wishes, ret);
}

static void functions_of_one_device_stay_together(void **state)
{
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft draft = {0};

	(void)state;
	known->boot.iommu_on = true;
	make(known, "01:00.0,02:00.1,0001:03:00.0", false, &draft);
	assert_int_equal(draft.step_count, 0);
	assert_remark(&draft.notes, "the IOMMU is on: the hook needs nothing more of the boot");
#define HOSTDEV(label, domain, bus, function)                                                      \
	"<!-- " label " -->\n<hostdev mode='subsystem' type='pci' managed='yes'>\n  <source>\n"    \
	"    <address domain='" domain "' bus='" bus "' slot='0x00' function='" function           \
	"'/>\n  </source>\n"
#define AT(bus, function)                                                                          \
	"  <address type='pci' domain='0x0000' bus='" bus "' slot='0x00' " function "/>\n"
	assert_text(draft.printed.data,
		    HOSTDEV("0000:01:00.0 [10de:2204]", "0x0000", "0x01", "0x0")
			    AT("0x10", "function='0x0' multifunction='on'") "</hostdev>\n" HOSTDEV(
				    "0000:01:00.1 [10de:1aef]", "0x0000", "0x01", "0x1")
				    AT("0x10", "function='0x1'") "</hostdev>\n"
		    /* A guest's device has a function 0. */
		    HOSTDEV("0000:02:00.1 [1b21:2142]", "0x0000", "0x02", "0x1")
			    AT("0x11", "function='0x0' multifunction='on'") "</hostdev>\n" HOSTDEV(
				    "0000:02:00.3 [1b21:2142]", "0x0000", "0x02", "0x3")
				    AT("0x11", "function='0x1'") "</hostdev>\n" HOSTDEV(
					    "0001:03:00.0 [144d:a80a]", "0x0001", "0x03",
					    "0x0") "</hostdev>\n");
}

static void the_same_for_qemu(void **state)
{
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft draft = {0};

	(void)state;
	known->boot.iommu_on = true;
	make(known, "01:00.0,0001:03:00.0", true, &draft);
	assert_text(draft.printed.data,
		    "-device pcie-root-port,id=hostdev0,chassis=16\n"
		    "-device vfio-pci,host=0000:01:00.0,bus=hostdev0,addr=00.0,multifunction=on\n"
		    "-device vfio-pci,host=0000:01:00.1,bus=hostdev0,addr=00.1\n"
		    "-device pcie-root-port,id=hostdev1,chassis=17\n"
		    "-device vfio-pci,host=0001:03:00.0,bus=hostdev1,addr=00.0\n");
}

static void the_iommu_is_switched_on_where_a_word_does_that(void **state)
{
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft draft = {0};
	auto_free char *steps = NULL;

	(void)state;
	known->boot.is_intel = true;
	make(known, NULL, false, &draft);
	assert_remarks(&draft.refusals, "");
	assert_text(draft.promise.choices[0].words, "intel_iommu=on");
	assert_contains(file_text(&draft, "/etc/default/grub.d/zz-hostdev-hook.cfg"),
			"}intel_iommu=on\"\n");
	steps = steps_text(&draft);
	assert_null(strstr(steps, "image"));
	known->boot.cmdline = (char *)"ro intel_iommu=on";
	make(known, NULL, false, &draft);
	assert_int_equal(draft.step_count, 0);
	assert_remark(&draft.advice, "intel_iommu=on is on the kernel's command line already");
	known->boot.cmdline = (char *)"ro xintel_iommu=on intel_iommu=on,sm_on";
	make(known, NULL, false, &draft);
	assert_int_not_equal(draft.step_count, 0);
	/* For AMD's there is no such word. */
	known->boot.is_intel = false;
	known->boot.is_amd = true;
	make(known, NULL, false, &draft);
	assert_int_equal(draft.step_count, 0);
	assert_remark(&draft.advice, "Switch on the IOMMU (AMD-Vi)");
}

/* A word for the IOMMU alone is measured as any other is. */
static void the_word_is_refused_where_the_boot_is_measured(void **state)
{
	static struct boot_measured measured[] = {
		{(char *)"/etc/crypttab: root is unlocked by the TPM", (char *)"8+9"}};
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft draft = {0};

	(void)state;
	known->boot.is_intel = true;
	known->boot.measured = measured;
	known->boot.measured_count = 1;
	make(known, NULL, false, &draft);
	assert_remark(&draft.refusals, "root is unlocked by the TPM (PCRs 8+9)");
	/* Nothing is written where the IOMMU is on. */
	known->boot.iommu_on = true;
	make(known, NULL, false, &draft);
	assert_remarks(&draft.refusals, "");
}

static void an_igpu_that_the_iommu_leaves_out_gets_the_word(void **state)
{
	auto_known struct known *known = known_new("00:02.0 - 030000 8086:3e92 i915\n" HOST);
	auto_draft struct draft draft = {0};

	(void)state;
	known->boot.iommu_on = known->boot.is_intel = true;
	make(known, "00:02.0", false, &draft);
	assert_text(draft.promise.choices[0].words, "intel_iommu=on");
	make(known, "01:00.0", false, &draft);
	assert_text(draft.promise.choices[0].words, "");
}

static void what_is_not_there_is_refused(void **state)
{
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft draft = {0};

	(void)state;
	known->boot.iommu_on = true;
	make(known, "09:00.0", false, &draft);
	assert_remarks(&draft.refusals, "no PCI device is at 0000:09:00.0\n");
	/* Also where a word is to switch the IOMMU on. */
	known->boot.iommu_on = false;
	known->boot.is_intel = true;
	make(known, "09:00.0", false, &draft);
	assert_remarks(&draft.refusals, "no PCI device is at 0000:09:00.0\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(functions_of_one_device_stay_together),
		cmocka_unit_test(the_same_for_qemu),
		cmocka_unit_test(the_iommu_is_switched_on_where_a_word_does_that),
		cmocka_unit_test(the_word_is_refused_where_the_boot_is_measured),
		cmocka_unit_test(an_igpu_that_the_iommu_leaves_out_gets_the_word),
		cmocka_unit_test(what_is_not_there_is_refused),
	};

	return cmocka_run_group_tests_name("dynamic", tests, NULL, NULL);
}
