// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which loader and which initramfs generator are asked, and what is refused in every mode.
 */
#include "tests/unit/generate-helpers.h"

#define HOST                                                                                       \
	"00:02.0 0 030000 8086:3e92 i915\n"                                                        \
	"01:00.0 1 030000 10de:2204 nvidia\n"                                                      \
	"01:00.1 1 040300 10de:1aef snd_hda_intel\n"                                               \
	"02:00.0 2 030000 10de:2204 nvidia\n"

static void make(const struct known *known, const char *loader, const char *initramfs,
		 struct draft *ret)
{
	struct generate_wishes wishes = wishes_of(GENERATE_STATIC, "01:00.0");

	draft_done(ret);
	wishes.loader = loader;
	wishes.initramfs = initramfs;
	draft_make(known, &wishes, ret);
}

static void the_only_loader_is_asked(void **state)
{
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft draft = {0};

	(void)state;
	make(known, NULL, NULL, &draft);
	assert_remarks(&draft.refusals, "");
	assert_contains(file_text(&draft, "/etc/default/grub.d/zz-hostdev-hook.cfg"),
			"hostdev.guest=0000:01:00.0=10de:2204");
	make(known, "grub", NULL, &draft);
	assert_remarks(&draft.refusals, "");
	make(known, "lilo", NULL, &draft);
	assert_remark(&draft.refusals, "\"lilo\" is no boot loader that is known here");
	make(known, "limine", NULL, &draft);
	assert_remark(&draft.refusals, "nothing on this host says that limine starts it");
	known->boot.loader_count = 0;
	make(known, NULL, NULL, &draft);
	assert_remark(&draft.refusals, "no boot loader is recognised on this host");
}

static void of_two_loaders_the_one_that_has_started_the_host(void **state)
{
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft draft = {0};

	(void)state;
	known->boot.loader_count = 2;
	known->loaders[1] = (struct boot_loader_found){.kind = LOADER_REFIND,
						       .evidence = (char *)"refind.conf is there"};
	make(known, NULL, NULL, &draft);
	assert_remark(&draft.refusals,
		      "which boot loader starts this host is not clear: grub (it has "
		      "a menu), refind (refind.conf is there); say which with "
		      "--loader NAME");
	make(known, "grub", NULL, &draft);
	assert_remarks(&draft.refusals, "");
	known->loaders[0].booted = true;
	make(known, NULL, NULL, &draft);
	assert_remarks(&draft.refusals, "");
	known->loaders[1].booted = true;
	make(known, NULL, NULL, &draft);
	assert_remark(&draft.refusals, "is not clear");
	known->loaders[0].booted = false;
	make(known, NULL, NULL, &draft);
	assert_remark(&draft.refusals, "refind");
	assert_text(file_text(&draft, "/etc/default/grub.d/zz-hostdev-hook.cfg"), "");
}

static void the_generator_that_has_built_the_image_is_asked(void **state)
{
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft draft = {0};

	(void)state;
	known->boot.initramfs_count = 2;
	known->builders[1] = (struct boot_initramfs_found){.kind = INITRAMFS_DRACUT,
							   .evidence = (char *)"it is there",
							   .program = (char *)"/usr/sbin/dracut"};
	make(known, NULL, NULL, &draft);
	assert_remarks(&draft.refusals, "");
	assert_remark(&draft.notes,
		      "dracut is installed as well, and gets nothing: initramfs-tools "
		      "builds this host's image");
	assert_string_not_equal(file_text(&draft, "/etc/initramfs-tools/hooks/hostdev-hook"), "");
	/* What has built the image that runs counts for more than what would build the next. */
	known->builders[1].built = (char *)"the image has its mark";
	make(known, NULL, NULL, &draft);
	assert_string_not_equal(file_text(&draft, "/etc/dracut.conf.d/90-hostdev-hook.conf"), "");
	assert_text(file_text(&draft, "/etc/initramfs-tools/hooks/hostdev-hook"), "");
	make(known, NULL, "initramfs-tools", &draft);
	assert_text(file_text(&draft, "/etc/dracut.conf.d/90-hostdev-hook.conf"), "");
}

static void generators_of_which_none_is_known_to_build(void **state)
{
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft draft = {0};

	(void)state;
	known->boot.initramfs_count = 3;
	known->builders[0].builds = false;
	known->builders[1] = (struct boot_initramfs_found){.kind = INITRAMFS_DRACUT,
							   .program = (char *)"/usr/sbin/dracut"};
	known->builders[2] = (struct boot_initramfs_found){
		.kind = INITRAMFS_MKINITCPIO, .program = (char *)"/usr/bin/mkinitcpio"};
	make(known, NULL, NULL, &draft);
	assert_remark(&draft.refusals, "several initramfs generators are installed");
	make(known, NULL, "dracut", &draft);
	assert_remarks(&draft.refusals, "");
	/* The weightiest, wherever it stands. */
	for (size_t i = 0; i < 3; i++) {
		known->builders[i].builds = true;
		make(known, NULL, NULL, &draft);
		assert_remarks(&draft.refusals, "");
		known->builders[i].builds = false;
	}
	known->builders[0].builds = known->builders[2].builds = true;
	make(known, NULL, NULL, &draft);
	assert_remark(&draft.refusals, "several initramfs generators are installed");
	/* A lesser one behind the two decides nothing between them. */
	known->builders[1].builds = true;
	known->builders[2].builds = false;
	make(known, NULL, NULL, &draft);
	assert_remark(&draft.refusals, "several initramfs generators are installed");
	make(known, NULL, "booster", &draft);
	assert_remark(&draft.refusals, "booster is not installed on this host");
	make(known, NULL, "mkinitrd", &draft);
	assert_remark(&draft.refusals, "\"mkinitrd\" is no initramfs generator");
	known->boot.initramfs_count = 0;
	make(known, NULL, NULL, &draft);
	assert_remark(&draft.refusals, "no initramfs generator is recognised");
	known->boot.initramfs_count = 1;
	known->builders[0].kind = INITRAMFS_BOOSTER;
	make(known, NULL, NULL, &draft);
	assert_remark(&draft.refusals, "booster, which runs no scripts of others");
}

static void one_kernel_without_the_driver_keeps_none_of_the_others(void **state)
{
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft draft = {0};
	auto_free char *steps = NULL;

	(void)state;
	known->kernels[0].vfio_pci = BOOT_DRIVER_NONE;
	make(known, NULL, NULL, &draft);
	assert_remarks(&draft.refusals, "");
	assert_remark(&draft.notes,
		      "kernel 6.12 has no vfio-pci: started with it, the host reserves nothing");
	steps = steps_text(&draft);
	assert_contains(steps, "check image:initramfs-tools,/boot/initrd.img-6.12=without,"
			       "/boot/initrd.img-6.1\n");
	known->kernels[1].vfio_pci = BOOT_DRIVER_NONE;
	make(known, NULL, NULL, &draft);
	assert_remark(&draft.refusals, "no kernel of this host has vfio-pci");
}

static void words_that_do_not_fit_are_refused(void **state)
{
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft draft = {0};
	auto_free char *words = NULL, *exact = NULL, *over = NULL;
	size_t length;

	(void)state;
	make(known, NULL, NULL, &draft);
	words = xstrdup(draft.promise.choices[0].words);
	length = strlen(words);
	known->boot.grub.longest_line = 2047 - 1 - length;
	make(known, NULL, NULL, &draft);
	assert_remarks(&draft.refusals, "");
	known->boot.grub.longest_line++;
	make(known, NULL, NULL, &draft);
	assert_remark(&draft.refusals,
		      "the kernel's command line would have 2048 bytes, and a kernel "
		      "takes 2047");
	known->boot.grub.longest_line = 40;
	/* Those of the set-up that is in force make place for the new ones. */
	cleanup_free(&words);
	words = xasprintf("root=1 hostdev.guest=%01900d ro", 0);
	known->boot.cmdline = words;
	make(known, NULL, NULL, &draft);
	assert_remarks(&draft.refusals, "");
	/* Of that line all else counts, to the last byte. */
	known->boot.grub.longest_line = 0;
	known->boot.cmdline = exact =
		xasprintf("%0*d hostdev.guest=1 ro", (int)(2047 - 1 - length - 3), 0);
	make(known, NULL, NULL, &draft);
	assert_remarks(&draft.refusals, "");
	known->boot.cmdline = over = xasprintf("1%s", exact);
	make(known, NULL, NULL, &draft);
	assert_remark(&draft.refusals, "would have 2048 bytes");
	known->boot.cmdline = words;
	known->boot.grub.lacks_root = true;
	make(known, NULL, NULL, &draft);
	assert_remark(&draft.refusals, "has no root= on its command line");
}

/* Whatever the image holds, it is not started. */
static void kernels_that_start_without_their_image(void **state)
{
	auto_known struct known *known = known_new(HOST);
	struct generate_wishes wishes = wishes_of(GENERATE_STATIC, "01:00.0");
	auto_draft struct draft draft = {0}, in_conf = {0}, dynamic = {0};

	(void)state;
	known->boot.grub.skips_image = true;
	draft_make(known, &wishes, &draft);
	assert_remarks(&draft.refusals,
		       "/boot/grub/grub.cfg first starts kernels without their initramfs images, "
		       "which reserve devices: take GRUB_FORCE_PARTUUID out of /etc/default/grub "
		       "and /etc/default/grub.d, and run /usr/sbin/update-grub\n");
	wishes = wishes_of(GENERATE_STATIC, "01:00.0");
	wishes.in_conf = true;
	draft_make(known, &wishes, &in_conf);
	assert_remark(&in_conf.refusals, "first starts kernels without");
	wishes = wishes_of(GENERATE_DYNAMIC, "01:00.0");
	draft_make(known, &wishes, &dynamic);
	assert_remarks(&dynamic.refusals, "");
}

static void words_that_mean_more_than_text_are_refused(void **state)
{
	static const char *const wrong[] = {"a;b",  "$(x)", "`x`", "a\"b",    "a'b",
					    "a\nb", "a|b",  "a&b", "a<b",     "a{b",
					    "a\\b", "a#b",  "a*b", "\xc3\xa4"};
	auto_known struct known *known = known_new(HOST);

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct generate_wishes wishes = wishes_of(GENERATE_STATIC, "01:00.0");
		auto_draft struct draft draft = {0};

		wishes.extra_words = wrong[i];
		draft_make(known, &wishes, &draft);
		assert_remark(&draft.refusals, "cannot go onto a kernel's command line");
	}
}

static void measured_boots_and_rivals_are_told(void **state)
{
	static struct boot_measured measured[] = {
		{(char *)"/etc/crypttab: root is unlocked by the TPM", (char *)"8+9"}};
	static struct boot_rival rivals[] = {
		{(char *)"/etc/driverctl.d/pci-0000:01:00.0", (char *)"driverctl binds it"}};
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft refused = {0}, insisted = {0};
	struct generate_wishes wishes = wishes_of(GENERATE_STATIC, "01:00.0");

	(void)state;
	known->boot.measured = measured;
	known->boot.measured_count = 1;
	known->boot.rivals = rivals;
	known->boot.rival_count = 1;
	make(known, NULL, NULL, &refused);
	assert_remark(&refused.refusals, "root is unlocked by the TPM (PCRs 8+9)");
	assert_remark(&refused.notes, "/etc/driverctl.d/pci-0000:01:00.0: driverctl binds it");
	wishes.allow_measured = true;
	draft_make(known, &wishes, &insisted);
	assert_remarks(&insisted.refusals, "");
	assert_remark(&insisted.notes, "have the recovery keys at hand: /etc/crypttab: root is "
				       "unlocked by the TPM (PCRs 8+9)");
}

/* --- ids --- */

static void make_ids(const struct known *known, const char *devices, struct draft *ret)
{
	struct generate_wishes wishes = wishes_of(GENERATE_STATIC, devices);

	draft_done(ret);
	wishes.by_ids = true;
	draft_make(known, &wishes, ret);
}

static void ids_of_what_stays_are_refused(void **state)
{
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft draft = {0};

	(void)state;
	make_ids(known, "01:00.0", &draft);
	assert_remarks(
		&draft.refusals,
		"0000:01:00.0 [10de:2204] and 0000:02:00.0 [10de:2204] have the same ids: with "
		"--bind ids both would be reserved; leave --bind out, which tells them apart by "
		"their addresses\n");
	/* Both are meant. */
	make_ids(known, "01:00.0,02:00.0", &draft);
	assert_remarks(&draft.refusals, "");
	/* The board makes a difference. */
	known->snapshot.devices[3].subvendor = 0x1043;
	make_ids(known, "01:00.0", &draft);
	assert_remarks(&draft.refusals, "");
}

static void other_lists_of_ids_fight(void **state)
{
	static struct boot_ids ids[] = {
		{(char *)"/etc/modprobe.d/hostdev-hook.conf", (char *)"10de:2204"},
		{(char *)"/etc/modprobe.d/vfio.conf", (char *)"8086:1533"}};
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft draft = {0};

	(void)state;
	known->boot.ids = ids;
	known->boot.ids_count = 2;
	make_ids(known, "01:00.0,02:00.0", &draft);
	assert_remark(&draft.refusals,
		      "/etc/modprobe.d/vfio.conf sets the ids of vfio-pci as well (8086:1533)");
	assert_int_equal(draft.refusals.count, 1);
	make(known, NULL, NULL, &draft);
	assert_remarks(&draft.refusals, "");
}

/* By now the device may be on vfio-pci, and ids would leave it to its driver at the next start. */
static void ids_take_nothing_from_a_driver_that_is_built_in(void **state)
{
	static char *builtin[] = {(char *)"xhci_hcd", (char *)"nvidia", NULL};
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft draft = {0};
	auto_setup struct setup past = {0};
	auto_homes struct homes homes = {0};

	(void)state;
	known->kernels[1].builtin = builtin;
	make_ids(known, "01:00.0,02:00.0", &draft);
	assert_remark(&draft.refusals, "its driver nvidia is built into kernel 6.1");
	strcpy(known->snapshot.devices[1].bound.driver, "vfio-pci");
	strcpy(known->snapshot.devices[3].bound.driver, "vfio-pci");
	setup_add_home(&past, &known->snapshot.devices[1].addr, xstrdup("nvidia"), xstrdup(""));
	homes_add_setup(&homes, &past);
	known->facts.homes = &homes;
	make_ids(known, "01:00.0,02:00.0", &draft);
	assert_remark(&draft.refusals, "0000:01:00.0 [10de:2204]: its driver nvidia is built into");
	make(known, NULL, NULL, &draft);
	assert_remarks(&draft.refusals, "");
}

static void our_own_ids_on_the_command_line_do_not_fight(void **state)
{
	static struct boot_ids ids[] = {{(char *)"/proc/cmdline", NULL}};
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft first = {0}, second = {0};

	(void)state;
	make_ids(known, "01:00.0,02:00.0", &first);
	assert_remarks(&first.refusals, "");
	ids[0].ids = first.promise.choices[0].words + strlen("vfio-pci.ids=");
	known->boot.ids = ids;
	known->boot.ids_count = 1;
	make_ids(known, "01:00.0,02:00.0", &second);
	assert_remark(&second.refusals, "/proc/cmdline sets the ids");
	known->facts.past = &first.promise;
	make_ids(known, "01:00.0,02:00.0", &second);
	assert_remarks(&second.refusals, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_only_loader_is_asked),
		cmocka_unit_test(of_two_loaders_the_one_that_has_started_the_host),
		cmocka_unit_test(the_generator_that_has_built_the_image_is_asked),
		cmocka_unit_test(generators_of_which_none_is_known_to_build),
		cmocka_unit_test(one_kernel_without_the_driver_keeps_none_of_the_others),
		cmocka_unit_test(words_that_do_not_fit_are_refused),
		cmocka_unit_test(kernels_that_start_without_their_image),
		cmocka_unit_test(words_that_mean_more_than_text_are_refused),
		cmocka_unit_test(measured_boots_and_rivals_are_told),
		cmocka_unit_test(ids_of_what_stays_are_refused),
		cmocka_unit_test(other_lists_of_ids_fight),
		cmocka_unit_test(ids_take_nothing_from_a_driver_that_is_built_in),
		cmocka_unit_test(our_own_ids_on_the_command_line_do_not_fight),
	};

	return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
