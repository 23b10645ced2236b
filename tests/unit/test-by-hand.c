// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is told where nothing is written: with which of this host's entries, words and programs.
 */
#include "tests/unit/generate-helpers.h"

#include "generator/by-hand.h"

#define HOST                                                                                       \
	"01:00.0 1 030000 10de:2204 nvidia\n"                                                      \
	"02:00.0 2 030000 1002:73bf amdgpu\n"

static void make(struct known *known, enum boot_loader loader, const char *evidence,
		 enum generate_mode mode, struct draft *ret)
{
	struct generate_wishes wishes =
		wishes_of(mode, mode == GENERATE_STATIC ? "01:00.0" : "01:00.0,02:00.0");

	known->loaders[0] =
		(struct boot_loader_found){.kind = loader, .evidence = (char *)evidence};
	draft_done(ret);
	draft_make(known, &wishes, ret);
}

static void the_entry_that_is_copied_is_a_usual_one(void **state)
{
	static char *entries[] = {(char *)"id-6.12-hostdev-1.conf", (char *)"id-6.12.conf", NULL};
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft draft = {0};

	(void)state;
	known->boot.kernel_install.entries = entries;
	make(known, LOADER_SYSTEMD_BOOT, "it is there", GENERATE_MULTIBOOT, &draft);
	assert_remark(&draft.by_hand, "'/boot/loader/entries/id-6.12.conf' > "
				      "'/boot/loader/entries/id-6.12-hostdev-2.conf'");
	/* Nor where the running kernel has none. */
	known->kernels[0].release = (char *)"6.13";
	make(known, LOADER_SYSTEMD_BOOT, "it is there", GENERATE_MULTIBOOT, &draft);
	assert_remark(&draft.by_hand, "'/boot/loader/entries/id-6.12.conf' > ");
}

static void words_of_the_loader_and_ours_are_not_copied(void **state)
{
	struct boot boot = {.cmdline = (char *)"BOOT_IMAGE=/vmlinuz root=UUID=1  initrd=/initrd "
					       "hostdev.guest=0000:01:00.0=1 ro hostdev.off"};
	auto_free char *words = by_hand_cmdline(&boot);

	(void)state;
	assert_text(words, "root=UUID=1 ro");
}

/* Entries have words of their own, whatever images stand beside them. */
static void grub_that_lists_both_is_told_of_entries(void **state)
{
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft draft = {0};

	(void)state;
	known->boot.grub.lists_entries = known->boot.grub.lists_images = true;
	make(known, LOADER_GRUB_BLS, "it lists them", GENERATE_STATIC, &draft);
	assert_remark(&draft.by_hand, "grubby --update-kernel=ALL --args='hostdev.guest=");
	known->boot.grub.lists_entries = false;
	make(known, LOADER_GRUB_BLS, "it lists them", GENERATE_STATIC, &draft);
	assert_remark(&draft.by_hand, "> /etc/kernel/cmdline");
}

/* What has no driver needs none to wait. */
static void drivers_of_the_host_wait_for_vfio_pci(void **state)
{
	auto_known struct known *known = known_new("01:00.0 1 030000 10de:2204 nvidia\n"
						   "01:00.1 1 040300 10de:1aef none\n"
						   "02:00.0 2 030000 1002:73bf amdgpu\n");
	auto_draft struct draft draft = {0};

	(void)state;
	known->kernels[0].initrd = known->kernels[1].initrd = NULL;
	make(known, LOADER_LIMINE, "it is there", GENERATE_STATIC, &draft);
	assert_remark(&draft.by_hand, "printf 'softdep nvidia pre: vfio-pci\\n' > ");
}

/* It may be there without writing what is started. */
static void images_are_built_anew_by_what_has_built_them(void **state)
{
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft draft = {0};

	(void)state;
	known->builders[0].kind = INITRAMFS_MKINITCPIO;
	known->boot.kernel_install.program = (char *)"/usr/bin/kernel-install";
	known->boot.kernel_install.layout = (char *)"other";
	make(known, LOADER_UKI, "it is there", GENERATE_STATIC, &draft);
	assert_remark(&draft.by_hand, "mkinitcpio -P");
	known->boot.kernel_install.layout = (char *)"uki";
	make(known, LOADER_UKI, "it is there", GENERATE_STATIC, &draft);
	assert_remark(&draft.by_hand, "/usr/bin/kernel-install add 6.12 /boot/vmlinuz-6.12");
}

/* With Secure Boot the command line of an entry is ignored, and that of the image counts. */
static void words_go_where_they_count(void **state)
{
	static char *images[] = {(char *)"/efi/EFI/Linux/a.efi", NULL};
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft draft = {0};
	auto_free char *told = NULL;

	(void)state;
	known->boot.kernel_install.images = images;
	make(known, LOADER_UKI_DIRECT, "it is there", GENERATE_STATIC, &draft);
	assert_remark(&draft.by_hand,
		      "--add-uki '/efi/EFI/Linux/a.efi' --title 'VFIO' --cmdline '");
	known->boot.secure_boot = true;
	make(known, LOADER_UKI_DIRECT, "it is there", GENERATE_STATIC, &draft);
	told = remarks_text(&draft.by_hand);
	assert_null(strstr(told, "--cmdline"));
	assert_contains(told, "> /etc/kernel/cmdline\n");
	assert_contains(told, "Secure Boot is on");
}

/* A word that is put behind the file's last one must not become a part of it. */
static void the_last_line_may_have_no_end(void **state)
{
	static const struct {
		const char *text, *told;
	} cases[] = {
		{"root=UUID=1 ro", "printf '\\n%s\\n' 'hostdev.guest="},
		{"root=UUID=1 ro\n", "echo 'hostdev.guest="},
		{"", "echo 'root=UUID=1 ro quiet hostdev.guest="},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		auto_known struct known *known = known_new(HOST);
		auto_draft struct draft draft = {0};

		known->boot.kernel_install.cmdline = (char *)cases[i].text;
		make(known, LOADER_UKI, "it is there", GENERATE_STATIC, &draft);
		assert_remark(&draft.by_hand, cases[i].told);
	}
}

/* On a host with ZFS there is /etc/kernel/cmdline, whatever starts it. */
static void what_starts_proxmox(void **state)
{
	static const struct {
		const char *info, *cmdline;
		bool uefi, has_file, grub;
	} cases[] = {
		{NULL, "root=ZFS=a ro", false, true, true},
		{NULL, "root=ZFS=a ro", true, true, false},
		{NULL, "BOOT_IMAGE=/vmlinuz root=ZFS=a ro", true, true, true},
		{NULL, "root=ZFS=a BOOT_IMAGE=/vmlinuz ro", true, true, true},
		{NULL, "root=ZFS=a ro", true, false, true},
		{"GRUB 2.12", "root=ZFS=a ro", true, true, true},
		{"systemd-boot 257", "root=ZFS=a ro", true, false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		auto_known struct known *known = known_new(HOST);
		auto_draft struct draft draft = {0};

		known->boot.loader_info = (char *)cases[i].info;
		known->boot.cmdline = (char *)cases[i].cmdline;
		known->boot.uefi = cases[i].uefi;
		known->boot.kernel_install.cmdline = cases[i].has_file ? (char *)"ro\n" : NULL;
		make(known, LOADER_PROXMOX, "it is there", GENERATE_STATIC, &draft);
		assert_remark(&draft.by_hand, cases[i].grub ? "in /etc/default/grub: hostdev.guest="
							    : "' /etc/kernel/cmdline");
	}
}

/* The firmware's word for it names no file. */
static void limine_may_be_known_without_its_file(void **state)
{
	auto_known struct known *known = known_new(HOST);
	auto_draft struct draft draft = {0};

	(void)state;
	make(known, LOADER_LIMINE, "/boot/limine.conf is there", GENERATE_STATIC, &draft);
	assert_remark(&draft.by_hand, "of your kernel's entry in /boot/limine.conf: ");
	make(known, LOADER_LIMINE, "the firmware says that Limine 10 started this kernel",
	     GENERATE_STATIC, &draft);
	assert_remark(&draft.by_hand, "of your kernel's entry in limine.conf: ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_entry_that_is_copied_is_a_usual_one),
		cmocka_unit_test(words_of_the_loader_and_ours_are_not_copied),
		cmocka_unit_test(grub_that_lists_both_is_told_of_entries),
		cmocka_unit_test(drivers_of_the_host_wait_for_vfio_pci),
		cmocka_unit_test(images_are_built_anew_by_what_has_built_them),
		cmocka_unit_test(the_last_line_may_have_no_end),
		cmocka_unit_test(what_starts_proxmox),
		cmocka_unit_test(words_go_where_they_count),
		cmocka_unit_test(limine_may_be_known_without_its_file),
	};

	return cmocka_run_group_tests_name("by-hand", tests, NULL, NULL);
}
