// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The same devices at every boot: what is promised, and where it is written.
 */
#include "tests/unit/generate-helpers.h"

#define HOST                                                                                       \
	"00:02.0 0 030000 8086:3e92 i915\n"                                                        \
	"01:00.0 1 030000 10de:2204 nvidia\n"                                                      \
	"01:00.1 1 040300 10de:1aef none\n"                                                        \
	"03:00.0 3 0c0330 1b21:2142 xhci_hcd\n"
#define CARD "0000:01:00.0=10de:2204:0000:0000:030000+1of1"
#define SOUND "0000:01:00.1=10de:1aef:0000:0000:040300+1of1"
#define ITEMS CARD "," SOUND

static void make(const struct known *known, bool in_conf, bool by_ids, const char *extra,
		 struct draft *ret)
{
	struct generate_wishes wishes = wishes_of(GENERATE_STATIC, "01:00.1");

	draft_done(ret);
	wishes.in_conf = in_conf;
	wishes.by_ids = by_ids;
	wishes.extra_words = extra;
	draft_make(known, &wishes, ret);
}

static void by_a_word_on_the_command_line(void **state)
{
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft draft = {0};
	auto_free char *steps = NULL;
	auto_text struct text record = TEXT_INIT;

	(void)state;
	make(known, false, false, NULL, &draft);
	assert_remarks(&draft.refusals, "");
	steps = steps_text(&draft);
	assert_text(steps,
		    "build image:/usr/sbin/update-initramfs,-u,-k,all stale\n"
		    "file /etc/initramfs-tools/hooks/hostdev-hook\n"
		    "file /etc/initramfs-tools/scripts/init-top/00-hostdev-hook\n"
		    "check shell:/etc/initramfs-tools/hooks/hostdev-hook\n"
		    "check shell:/etc/initramfs-tools/scripts/init-top/00-hostdev-hook\n"
		    "build image:/usr/sbin/update-initramfs,-u,-k,all built\n"
		    "check image:initramfs-tools,/boot/initrd.img-6.12,/boot/initrd.img-6.1\n"
		    "build menu:/usr/sbin/update-grub stale\n"
		    "check menu-base:/usr/sbin/grub-mkconfig,/boot/grub/grub.cfg\n"
		    "file /etc/default/grub.d\n"
		    "file /etc/default/grub.d/zz-hostdev-hook.cfg\n"
		    "check shell:/etc/default/grub.d/zz-hostdev-hook.cfg\n"
		    "check menu:/usr/sbin/grub-mkconfig,/boot/grub/grub.cfg\n"
		    "build menu:/usr/sbin/update-grub built\n");
	setup_format(&draft.promise, &record);
	assert_text(
		record.data,
		"hostdev-hook set-up 1\nmode static\narguments as typed\nversion " HOSTDEV_VERSION
		"\nkernel 6.12\n"
		"device 0000:01:00.0 10de:2204:0000:0000 class=030000\n"
		"device 0000:01:00.1 10de:1aef:0000:0000 class=040300\n"
		"home 0000:01:00.0 nvidia pci:v000010DEd00002204sv00000000sd00000000bc03sc00i00\n"
		"home 0000:01:00.1 none pci:v000010DEd00001AEFsv00000000sd00000000bc04sc03i00\n"
		"members 0000:01:00.0 0000:01:00.1\n"
		"twins 0000:01:00.0 1of1\ntwins 0000:01:00.1 1of1\n"
		"choice static hostdev.guest=" ITEMS "\n");
	assert_text(
		file_text(&draft, "/etc/default/grub.d/zz-hostdev-hook.cfg"),
		"# Written by hostdev-hook: hostdevctl generate as typed\n"
		"# Run that again to change it, and \"hostdevctl generate undo --apply\" to take "
		"it back.\n"
		"GRUB_CMDLINE_LINUX_DEFAULT=\"${GRUB_CMDLINE_LINUX_DEFAULT:+"
		"$GRUB_CMDLINE_LINUX_DEFAULT }hostdev.guest=" ITEMS "\"\n");
}

static void in_the_image_alone(void **state)
{
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft draft = {0};
	auto_free char *steps = NULL;

	(void)state;
	make(known, true, false, NULL, &draft);
	steps = steps_text(&draft);
	assert_null(strstr(steps, "menu"));
	assert_contains(file_text(&draft, "/etc/hostdev-hook/reserve"), "\n" CARD "\n" SOUND "\n");
	assert_text(draft.promise.choices[0].words, "");
}

static void by_ids(void **state)
{
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft draft = {0};
	auto_free char *steps = NULL;

	(void)state;
	make(known, false, true, NULL, &draft);
	assert_text(draft.promise.choices[0].words,
		    "vfio-pci.ids=10de:2204:0000:0000,10de:1aef:0000:0000");
	make(known, true, true, NULL, &draft);
	assert_contains(file_text(&draft, "/etc/modprobe.d/hostdev-hook.conf"),
			"\noptions vfio-pci ids=10de:2204:0000:0000,10de:1aef:0000:0000\n");
	assert_contains(file_text(&draft, "/etc/hostdev-hook/reserve"), "\nids\n");
	steps = steps_text(&draft);
	assert_contains(steps, "check image:initramfs-tools,holds=etc/hostdev-hook/reserve,"
			       "holds=etc/modprobe.d/hostdev-hook.conf,/boot/initrd.img-6.12");
	/* Files are not read where vfio-pci is no module. */
	known->kernels[1].vfio_pci = BOOT_DRIVER_BUILTIN;
	make(known, true, true, NULL, &draft);
	assert_remark(&draft.refusals, "vfio-pci is built into a kernel of this host");
	make(known, false, true, NULL, &draft);
	assert_remarks(&draft.refusals, "");
	assert_int_equal(draft.steps[6].kind, STEP_CHECK);
	assert_text(draft.steps[6].target,
		    "image:initramfs-tools,/boot/initrd.img-6.12,/boot/initrd.img-6.1=builtin");
}

static void more_words_go_behind(void **state)
{
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft draft = {0};

	(void)state;
	make(known, false, false, "iommu=pt mitigations=off", &draft);
	assert_text(draft.promise.choices[0].words,
		    "hostdev.guest=" ITEMS " iommu=pt mitigations=off");
	make(known, true, false, "iommu=pt", &draft);
	assert_text(draft.promise.choices[0].words, "iommu=pt");
	assert_contains(file_text(&draft, "/etc/default/grub.d/zz-hostdev-hook.cfg"),
			"}iommu=pt\"\n");
}

static void the_only_graphics_stay_unless_insisted(void **state)
{
	auto_known struct known *known = known_new("01:00.0 1 030000 10de:2204 nvidia\n"
						   "01:00.1 1 040300 10de:1aef none\n"
						   "02:00.0 2 030000 10de:2205 nvidia\n");
	struct generate_wishes wishes = wishes_of(GENERATE_STATIC, "01:00.0,02:00.0");
	auto_draft struct draft all = {0}, insisted = {0}, one = {0};

	(void)state;
	draft_make(known, &wishes, &all);
	assert_remark(&all.refusals,
		      "0000:01:00.0 [10de:2204] and 0000:02:00.0 [10de:2205] are the "
		      "only graphics of this host");
	wishes = wishes_of(GENERATE_STATIC, "01:00.0,02:00.0");
	wishes.headless = true;
	draft_make(known, &wishes, &insisted);
	assert_remarks(&insisted.refusals, "");
	wishes = wishes_of(GENERATE_STATIC, "01:00.0");
	draft_make(known, &wishes, &one);
	assert_remarks(&one.refusals, "");
}

static void nothing_is_no_set_up(void **state)
{
	auto_known struct known *known = known_new(HOST);
	struct generate_wishes wishes = wishes_of(GENERATE_STATIC, NULL);
	auto_draft struct draft draft = {0};

	(void)state;
	assert_int_equal(selection_add_drivers(&wishes.selection.include, "radeon", NULL), 0);
	draft_make(known, &wishes, &draft);
	assert_remarks(&draft.refusals,
		       "nothing is selected: no device of this host is what was named. "
		       "\"hostdevctl generate static\" alone says what there is\n");
	assert_int_equal(draft.step_count, 0);
}

static void each_builder_of_images_gets_its_files(void **state)
{
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft draft = {0};
	auto_free char *steps = NULL;

	(void)state;
	known->builders[0].kind = INITRAMFS_DRACUT;
	known->builders[0].program = (char *)"/usr/local/sbin/dracut";
	make(known, true, false, NULL, &draft);
	steps = steps_text(&draft);
	assert_contains(steps,
			"build image:/usr/local/sbin/dracut,--force,/boot/initrd.img-KERNEL,KERNEL "
			"stale\n");
	assert_contains(steps,
			"build image:/usr/local/sbin/dracut,--force,/boot/initrd.img-KERNEL,KERNEL "
			"built\n"
			"check image:dracut,holds=etc/hostdev-hook/reserve,/boot/initrd.img-6.12");
	/* Where no one path tells where images are, dracut does. */
	known->kernels[1].initrd = (char *)"/boot/token/6.1/initrd";
	make(known, true, false, NULL, &draft);
	cleanup_free(&steps);
	steps = steps_text(&draft);
	assert_contains(steps, "build image:/usr/local/sbin/dracut,--force,--kver,KERNEL built\n");
	known->kernels[0].initrd = (char *)"/boot/token/6.12/initrd";
	make(known, true, false, NULL, &draft);
	cleanup_free(&steps);
	steps = steps_text(&draft);
	assert_contains(steps, "dracut,--force,/boot/token/KERNEL/initrd,KERNEL built\n");
	known->kernels[0].initrd = (char *)"/boot/EFI/Linux/6.12.efi";
	known->kernels[1].initrd = NULL;
	make(known, true, false, NULL, &draft);
	cleanup_free(&steps);
	steps = steps_text(&draft);
	assert_contains(steps, "dracut,--force,--kver,KERNEL built\n");
	known->kernels[0].initrd = (char *)"/boot/initrd.img-6.12";
	known->boot.usr_read_only = true;
	make(known, true, false, NULL, &draft);
	assert_remark(&draft.refusals, "/usr of this host is read-only");
	known->builders[0].kind = INITRAMFS_MKINITCPIO;
	known->builders[0].program = (char *)"/usr/bin/mkinitcpio";
	make(known, true, false, NULL, &draft);
	assert_remarks(&draft.refusals, "");
	cleanup_free(&steps);
	steps = steps_text(&draft);
	assert_contains(steps, "build image:/usr/bin/mkinitcpio,-P stale\n");
	assert_contains(steps, "file /etc/initcpio/install/hostdev-hook\n");
	assert_contains(steps, "build image:/usr/bin/mkinitcpio,-P built\n");
}

/* A shell reads that file, and GRUB takes only "true" for a yes. */
static void recovery_entries_are_promised_where_there_are_any(void **state)
{
	static const char *const none[] = {"GRUB_DISABLE_RECOVERY=true\n",
					   "GRUB_DISABLE_RECOVERY=\"true\"\n",
					   "GRUB_TIMEOUT=5\nGRUB_DISABLE_RECOVERY='true'"};
	static const char *const some[] = {NULL, "GRUB_DISABLE_RECOVERY=false\n",
					   "#GRUB_DISABLE_RECOVERY=\"true\"\n"};
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft draft = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
		known->boot.grub.defaults = (char *)none[i];
		make(known, false, false, NULL, &draft);
		assert_remark(&draft.notes, "the menu has no recovery entries");
	}
	for (size_t i = 0; i < sizeof(some) / sizeof(*some); i++) {
		known->boot.grub.defaults = (char *)some[i];
		make(known, false, false, NULL, &draft);
		assert_remark(&draft.advice, "The recovery entries of the menu do not have it.");
	}
}

static void a_builder_that_is_not_whole_is_refused(void **state)
{
	static const enum boot_initramfs kinds[] = {INITRAMFS_TOOLS, INITRAMFS_DRACUT,
						    INITRAMFS_MKINITCPIO};
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft draft = {0};

	(void)state;
	known->builders[0].program = NULL;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		known->builders[0].kind = kinds[i];
		make(known, true, false, NULL, &draft);
		assert_remark(&draft.refusals, "what builds the images of");
	}
}

/* By a patch that no kernel of a distribution's has, but those of others do. */
static void a_kernel_that_sets_devices_apart(void **state)
{
	static const char said[] =
		"started with \"pcie_acs_override=downstream\": devices that this sets apart can "
		"still reach each other past the IOMMU";
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft draft = {0}, choices = {0}, dynamic = {0};
	struct generate_wishes wishes = wishes_of(GENERATE_MULTIBOOT, "01:00.1");
	struct generate_wishes later = wishes_of(GENERATE_DYNAMIC, "01:00.1");

	(void)state;
	known->boot.cmdline = (char *)"ro not_pcie_acs_override=downstream pci=config_acs=1@0:0.0";
	make(known, false, false, NULL, &draft);
	assert_remarks(&draft.notes, "");
	known->boot.cmdline = (char *)"ro pcie_acs_override=downstream quiet";
	make(known, false, false, NULL, &draft);
	assert_remarks(&draft.refusals, "");
	assert_remark(&draft.notes, said);
	draft_make(known, &wishes, &choices);
	assert_remark(&choices.notes, said);
	/* Nothing is reserved there. */
	draft_make(known, &later, &dynamic);
	assert_remarks(&dynamic.notes, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_kernel_that_sets_devices_apart),
		cmocka_unit_test(by_a_word_on_the_command_line),
		cmocka_unit_test(in_the_image_alone),
		cmocka_unit_test(by_ids),
		cmocka_unit_test(more_words_go_behind),
		cmocka_unit_test(the_only_graphics_stay_unless_insisted),
		cmocka_unit_test(nothing_is_no_set_up),
		cmocka_unit_test(each_builder_of_images_gets_its_files),
		cmocka_unit_test(recovery_entries_are_promised_where_there_are_any),
		cmocka_unit_test(a_builder_that_is_not_whole_is_refused),
	};

	return cmocka_run_group_tests_name("static", tests, NULL, NULL);
}
