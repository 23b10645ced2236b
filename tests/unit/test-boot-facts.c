// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One file more, or another mode of it, and the host boots in another way: what each such trace is
 * worth. Whole hosts are in tests/boot.
 */
#include "tests/host/boot-text.h"

#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "parsers/boot/boot.h"
#include "tests/host/check.h"
#include "tests/host/testhost.h"

/* The facts of the host have the first part, and not the second; either may be NULL. */
struct trace {
	const char *host, *has, *lacks;
};

static void check(const struct trace *traces, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		auto_testhost struct testhost *host = testhost_new(traces[i].host);
		auto_boot struct boot boot = {0};
		struct error err = ERROR_INIT;
		auto_free char *facts = NULL;

		assert_ok(boot_read(&host->host, &boot, &err), &err);
		facts = boot_text(&boot);
		if (traces[i].has)
			assert_contains(facts, traces[i].has);
		if (traces[i].lacks && strstr(facts, traces[i].lacks))
			fail_msg("%s\nhas \"%s\"", facts, traces[i].lacks);
	}
}
#define CHECK(traces) check(traces, sizeof(traces) / sizeof(*(traces)))

#define TWO_MENUS "file boot/grub/grub.cfg\nfile boot/grub2/grub.cfg\n"
#define LINUX "\tlinux /vmlinuz-6.12 root=1\n"

static void menus_of_grub(void **state)
{
	static const struct trace traces[] = {
		/* Two releases have left one each. */
		{TWO_MENUS "program usr/sbin/grub-mkconfig\n", "grub config /boot/grub/grub.cfg\n",
		 NULL},
		{TWO_MENUS "program usr/sbin/grub2-mkconfig\n",
		 "grub config /boot/grub2/grub.cfg\n", NULL},
		{"file boot/grub/grub.cfg\nprogram usr/sbin/grub2-mkconfig\n",
		 "grub config /boot/grub/grub.cfg\n", NULL},
		/* What comes of it is no kernel of this host. */
		{"file boot/grub/grub.cfg\n\t### BEGIN /etc/grub.d/30_os-prober ###\n" LINUX,
		 "grub ", "entries"},
		{"file boot/grub/grub.cfg\n\t### BEGIN /etc/grub.d/40_custom ###\n" LINUX, "grub ",
		 "entries"},
		{"file boot/grub/grub.cfg\n\t### BEGIN /etc/grub.d/41_custom ###\n" LINUX, "grub ",
		 "entries"},
		{"file boot/grub/grub.cfg\n\t### BEGIN /etc/grub.d/12_hostdev-hook ###\n" LINUX,
		 "grub ", "entries"},
		{"file boot/grub/grub.cfg\n\t### BEGIN /etc/grub.d/99_hostdev-hook ###\n" LINUX,
		 "grub ", "entries"},
		{"file boot/grub/grub.cfg\n\t### BEGIN /etc/grub.d/10_linux ###\n" LINUX,
		 " entries", NULL},
	};

	(void)state;
	CHECK(traces);
}

#define GRUB "program usr/sbin/grub-mkconfig\nfile boot/grub/grub.cfg\n" LINUX
#define KERNELSTUB GRUB "program usr/bin/kernelstub\nfile etc/kernelstub/configuration\n"
#define ENTRY "file boot/efi/loader/entries/x.conf\n\toptions ro\n"
#define SD_BOOT                                                                                    \
	"file boot/efi/EFI/systemd/systemd-bootx64.efi\nfile boot/efi/EFI/Linux/a.efi\n" ENTRY

static void loaders(void **state)
{
	static const struct trace traces[] = {
		/* Without UEFI its configuration lies idle. */
		{KERNELSTUB, "loader grub: ", "loader kernelstub"},
		{KERNELSTUB ENTRY, "loader kernelstub: ", "loader grub"},
		{KERNELSTUB "efi LoaderInfo \"systemd-boot 255\"\n",
		 "loader kernelstub booted: ", NULL},
		/* Of entries and images, the images were started. */
		{SD_BOOT, "loader systemd-boot: ", "loader uki"},
		{SD_BOOT "efi LoaderInfo \"systemd-boot 255\"\nefi StubInfo \"systemd-stub 255\"\n",
		 "loader uki booted: ", "loader systemd-boot"},
	};

	(void)state;
	CHECK(traces);
}

#define BOTH "program usr/sbin/mkinitramfs\nprogram usr/bin/dracut\n"
#define DRACUT_HOOK "kernel/postinst.d/dracut\n\texec dracut \"$1\"\n"

static void builders(void **state)
{
	static const struct trace traces[] = {
		/* One of the same name in /etc hides it, also where that is switched off. */
		{BOTH "program usr/share/" DRACUT_HOOK, "initramfs dracut builds: ", NULL},
		{BOTH "program usr/share/" DRACUT_HOOK "file etc/kernel/postinst.d/dracut\n",
		 "initramfs dracut: ", "builds"},
		{BOTH "program etc/" DRACUT_HOOK, "initramfs dracut builds: ", NULL},
		{BOTH "file etc/" DRACUT_HOOK, "initramfs dracut: ", "builds"},
	};

	(void)state;
	CHECK(traces);
}

/* Of initramfs-tools for root alone, which others make as anybody makes it. */
static void what_the_image_left_behind(void **state)
{
	static const mode_t modes[] = {0755, 0700};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		auto_testhost struct testhost *host = testhost_new(BOTH "dir run/initramfs\n");
		auto_boot struct boot boot = {0};
		struct error err = ERROR_INIT;

		assert_int_equal(fchmodat(host->root_fd, "run/initramfs", modes[i], 0), 0);
		assert_ok(boot_read(&host->host, &boot, &err), &err);
		assert_int_equal(boot_initramfs_find(&boot, INITRAMFS_TOOLS)->built != NULL,
				 modes[i] == 0700);
	}
}

#define INSTALL "program usr/bin/kernel-install\n"

static void what_kernel_install_decides(void **state)
{
	static const struct trace traces[] = {
		{INSTALL "file boot/loader/entries.srel\n\ttype1\nfile boot/loader/entries/x.conf\n"
			 "file etc/kernel/install.conf\n\tlayout=auto\n",
		 "layout bls\n", NULL},
		{INSTALL "file boot/loader/entries.srel\n\ttype1\nfile boot/loader/entries/x.conf\n"
			 "file etc/kernel/install.conf\n\tlayout=uki\n",
		 "layout uki\n", NULL},
		{INSTALL "dir boot/loader/entries\ndir boot/one\ndir boot/two\n"
			 "file etc/os-release\n\tID=one\n\tIMAGE_ID=two\n",
		 "token two\n", NULL},
		{INSTALL "dir boot/loader/entries\ndir boot/one\n"
			 "file etc/os-release\n\tID=one\n\tIMAGE_ID=two\n",
		 "token one\n", NULL},
	};

	(void)state;
	CHECK(traces);
}

static void images_of_kernels(void **state)
{
	static const struct trace traces[] = {
		/* It lies among its modules, and what belongs to it in /boot. */
		{"file lib/modules/6.1/vmlinuz\nfile boot/initramfs-6.1.img\n",
		 "kernel 6.1: /lib/modules/6.1/vmlinuz\n\tinitrd /boot/initramfs-6.1.img\n", NULL},
		{"file lib/modules/6.1/vmlinuz\nfile boot/vmlinuz-6.1\n",
		 "kernel 6.1: /boot/vmlinuz-6.1\n", "initrd"},
	};

	(void)state;
	CHECK(traces);
}

static void policies_of_measured_values(void **state)
{
	static const struct trace traces[] = {
		{"file var/lib/systemd/pcrlock.json\n\t{\"pcr\":4}\n",
		 "measured /var/lib/systemd/pcrlock.json: a policy over values measured at boot "
		 "(4)",
		 NULL},
		{"dir var/lib/pcrlock.d\nfile var/lib/pcrlock.d/a.pcrlock\n",
		 "measured /var/lib/pcrlock.d: ", NULL},
		{"file etc/pcrlock.d/a.pcrlock\n", "measured /etc/pcrlock.d: ", NULL},
		{"dir etc/pcrlock.d\ndir var/lib/pcrlock.d\n", NULL, "measured"},
	};

	(void)state;
	CHECK(traces);
}

static void processors(void **state)
{
#define CPUINFO "file proc/cpuinfo\n\tprocessor\t: 0\n\tvendor_id\t: "
	static const struct trace traces[] = {
		{CPUINFO "GenuineIntel\n", "processor intel\n", NULL},
		{CPUINFO "AuthenticAMD\n", "processor amd\n", NULL},
		{CPUINFO "HygonGenuine\n", "processor amd\n", NULL},
		{CPUINFO "CentaurHauls\n", NULL, "processor"},
	};

	(void)state;
	CHECK(traces);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(menus_of_grub),
		cmocka_unit_test(loaders),
		cmocka_unit_test(builders),
		cmocka_unit_test(what_the_image_left_behind),
		cmocka_unit_test(what_kernel_install_decides),
		cmocka_unit_test(images_of_kernels),
		cmocka_unit_test(processors),
		cmocka_unit_test(policies_of_measured_values),
	};

	return cmocka_run_group_tests_name("boot-facts", tests, NULL, NULL);
}
