// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What fstab(5) and crypttab(5) name, by which path, and what may be missing.
 */
#include "tests/host/check.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/boot/start-lines.h"

static void check(void (*parse)(char *text, struct start_lines *lines), const char *text,
		  const char *expected)
{
	cleanup(start_lines_done) struct start_lines lines = {0};
	auto_free char *copy = xstrdup(text);
	auto_text struct text out = TEXT_INIT;

	parse(copy, &lines);
	text_append(&out, "", 0);
	for (size_t i = 0; i < lines.count; i++)
		text_printf(&out, "%s%s%s: %s%s%s\n", lines.all[i].name,
			    *lines.all[i].name ? " " : "", lines.all[i].source, lines.all[i].how,
			    lines.all[i].spared ? ", " : "",
			    lines.all[i].spared ? lines.all[i].spared : "");
	assert_text(out.data, expected);
}

static void what_fstab_mounts(void **state)
{
	(void)state;
	check(start_lines_fstab,
	      "# /dev/sdz1 / ext4\n"
	      "\n"
	      "/dev/nvme0n1p2 /srv ext4 defaults 0 2\n"
	      " \tUUID=12-AB\t/a\tvfat\tro,nofail\n"
	      "LABEL=my\\040data /b\\040c ext4 noauto,x-systemd.automount 0 0\n"
	      "PARTUUID=\"77-01\" /d ext4 x-systemd.automount\n"
	      "PARTLABEL=x /e ext4 nofailure,xnofail\n"
	      "ID=nvme-1 none swap sw\n"
	      "/dev/mapper/vg-x\tnone swap nofail\n",
	      "/dev/nvme0n1p2: what /etc/fstab mounts on /srv\n"
	      "/dev/disk/by-uuid/12-AB: what /etc/fstab mounts on /a, nofail\n"
	      "/dev/disk/by-label/my\\x20data: what /etc/fstab mounts on /b c, noauto\n"
	      "/dev/disk/by-partuuid/77-01: what /etc/fstab mounts on /d, x-systemd.automount\n"
	      "/dev/disk/by-partlabel/x: what /etc/fstab mounts on /e\n"
	      "/dev/disk/by-id/nvme-1: swap of /etc/fstab\n"
	      "/dev/mapper/vg-x: swap of /etc/fstab, nofail\n");
}

/* A mount that fails takes with it what is below it, what is bound from it, and its swap file. */
static void what_others_need_is_not_spared(void **state)
{
	(void)state;
	check(start_lines_fstab,
	      "/dev/sda1 / ext4 nofail\n"
	      "/srv/data /export none bind\n"
	      "/dev/sdb1 /srv ext4 nofail\n"
	      "/dev/sdc1 /srv2 ext4 noauto\n"
	      "/dev/sdd1 /mnt ext4 x-systemd.automount\n"
	      "/dev/sde1 /mnt/a/b ext4 nofail\n"
	      "tmpfs /mnt/a/b/c\\040d tmpfs defaults\n"
	      "/dev/sdf1 /swaps ext4 nofail\n"
	      "/swaps/file none swap sw\n"
	      "/dev/sdg1 /alone ext4 nofail\n"
	      "/alone/x /alone/y none bind,nofail\n",
	      "/dev/sda1: what /etc/fstab mounts on /, nofail\n"
	      "/dev/sdb1: what /etc/fstab mounts on /srv, and needs for /export\n"
	      "/dev/sdc1: what /etc/fstab mounts on /srv2, noauto\n"
	      "/dev/sdd1: what /etc/fstab mounts on /mnt, and needs for /mnt/a/b/c d\n"
	      "/dev/sde1: what /etc/fstab mounts on /mnt/a/b, and needs for /mnt/a/b/c d\n"
	      "/dev/sdf1: what /etc/fstab mounts on /swaps, and needs for /swaps/file\n"
	      "/dev/sdg1: what /etc/fstab mounts on /alone, nofail\n");
}

static void what_is_on_no_disk_of_this_machine(void **state)
{
	(void)state;
	check(start_lines_fstab,
	      "tmpfs /tmp tmpfs\nserver:/x /x nfs\n/swapfile none swap sw\n/a /b none bind\n"
	      "rpool/x /y zfs\nUUID= /z ext4\nUUID=\"\" /z ext4\n/dev/sda1\n/dev/sda1 /x\n",
	      "");
	check(start_lines_crypttab, "swap /dev\nx\n#x /dev/sda1\nkey server:/x\n", "");
}

static void what_crypttab_unlocks(void **state)
{
	(void)state;
	check(start_lines_crypttab,
	      "data UUID=12-ab none luks,discard\n"
	      "more /dev/sdb1 /root/key luks,nofail\n"
	      "last PARTUUID=3 none noauto\n"
	      "bare /dev/sdc\n",
	      "data /dev/disk/by-uuid/12-ab: what /etc/crypttab unlocks as data\n"
	      "more /dev/sdb1: what /etc/crypttab unlocks as more, nofail\n"
	      "last /dev/disk/by-partuuid/3: what /etc/crypttab unlocks as last, noauto\n"
	      "bare /dev/sdc: what /etc/crypttab unlocks as bare\n");
}

/* By systemd and by Debian's scripts. */
static void where_keys_are(void **state)
{
	(void)state;
	check(start_lines_crypttab,
	      "a LABEL=x /key:UUID=55\nb LABEL=x /key\nc LABEL=x UUID=66:/key x,nofail\n"
	      "d LABEL=x /dev/sdc1:/key:5\ne LABEL=x none\nf LABEL=x /key:/dev/sdd1\n"
	      "g LABEL=x /dev/sde1 luks\nh LABEL=x -\n",
	      "a /dev/disk/by-label/x: what /etc/crypttab unlocks as a\n"
	      "/dev/disk/by-uuid/55: where /etc/crypttab finds the key of a\n"
	      "b /dev/disk/by-label/x: what /etc/crypttab unlocks as b\n"
	      "c /dev/disk/by-label/x: what /etc/crypttab unlocks as c, nofail\n"
	      "/dev/disk/by-uuid/66: where /etc/crypttab finds the key of c, nofail\n"
	      "d /dev/disk/by-label/x: what /etc/crypttab unlocks as d\n"
	      "/dev/sdc1: where /etc/crypttab finds the key of d\n"
	      "e /dev/disk/by-label/x: what /etc/crypttab unlocks as e\n"
	      "f /dev/disk/by-label/x: what /etc/crypttab unlocks as f\n"
	      "/dev/sdd1: where /etc/crypttab finds the key of f\n"
	      "g /dev/disk/by-label/x: what /etc/crypttab unlocks as g\n"
	      "/dev/sde1: where /etc/crypttab finds the key of g\n"
	      "h /dev/disk/by-label/x: what /etc/crypttab unlocks as h\n");
}

/* The names that udev makes have colons of their own. */
static void colons_in_names_of_devices(void **state)
{
	(void)state;
#define STICK "/dev/disk/by-id/usb-Ultra_4C53-0:0-part2"
#define KEY_OF_A ": where /etc/crypttab finds the key of a\n"
#define CUT "/dev/disk/by-id/usb-Ultra_4C53-0" KEY_OF_A
#define A "a /dev/disk/by-label/x: what /etc/crypttab unlocks as a\n"
	check(start_lines_crypttab, "a LABEL=x " STICK ":/key\n", A STICK KEY_OF_A);
	check(start_lines_crypttab, "a LABEL=x " STICK ":/key:5\n", A STICK KEY_OF_A);
	check(start_lines_crypttab, "a LABEL=x /key:" STICK "\n", A STICK KEY_OF_A CUT);
	check(start_lines_crypttab, "a LABEL=x " STICK "\n", A STICK KEY_OF_A CUT);
	check(start_lines_crypttab, "a LABEL=x ID=usb-Ultra_4C53-0:0-part2:/key\n",
	      A STICK KEY_OF_A);
	check(start_lines_crypttab, "a LABEL=x /k:e:y:UUID=5\n", A "/dev/disk/by-uuid/5" KEY_OF_A);
	check(start_lines_crypttab, "a LABEL=x /k:e:y\n", A);
}

static void where_headers_are(void **state)
{
	(void)state;
	check(start_lines_crypttab,
	      "a LABEL=x /key luks,header=/h:UUID=5,nofail\n"
	      "b LABEL=x none header=/dev/sdc1\nc LABEL=x none "
	      "luks,header=/boot/h,xheader=/dev/x\n",
	      "a /dev/disk/by-label/x: what /etc/crypttab unlocks as a, nofail\n"
	      "/dev/disk/by-uuid/5: where /etc/crypttab finds the header of a, nofail\n"
	      "b /dev/disk/by-label/x: what /etc/crypttab unlocks as b\n"
	      "/dev/sdc1: where /etc/crypttab finds the header of b\n"
	      "c /dev/disk/by-label/x: what /etc/crypttab unlocks as c\n");
}

static void parse_mount(char *text, struct start_lines *lines)
{
	start_lines_unit(text, "srv.mount", NULL, "x", lines);
}

static void parse_swap(char *text, struct start_lines *lines)
{
	start_lines_unit(text, "dev-sda9.swap", "by automount", NULL, lines);
}

static void what_a_unit_mounts(void **state)
{
	(void)state;
	check(parse_mount,
	      "[Unit]\nDescription=What=x\n[Mount]\n#What=/dev/sdz\nWhat=/dev/sdy\n"
	      " What = /dev/sda1 \nWhere=/srv/a b\nType=ext4\n",
	      "/dev/sda1: what srv.mount mounts on /srv/a b\n");
	check(parse_mount, "[Mount]\nWhat=UUID=12-34",
	      "/dev/disk/by-uuid/12-34: what srv.mount mounts on its place\n");
	check(parse_swap, "[Swap]\nWhat=/dev/sda9\n",
	      "/dev/sda9: swap of dev-sda9.swap, by automount\n");
	check(parse_mount, "[Mount]\nWhat=tmpfs\nWhere=/tmp\n", "");
	check(parse_mount, "[Mount]\nWhere=/tmp\nWhatever=/dev/sda1\n", "");
	check(parse_mount, "[Mount]\nWhat=\n", "");
}

static void parse_cmdline(char *text, struct start_lines *lines)
{
	start_lines_cmdline(text, lines);
}

static void what_wakes_from_hibernation(void **state)
{
	(void)state;
	check(parse_cmdline, "ro resume=UUID=77 noresume xresume=/dev/sdb quiet\n",
	      "/dev/disk/by-uuid/77: where a start looks for a hibernated system (resume= of the "
	      "kernel's line), it goes on without it\n");
	check(parse_cmdline, "ro resume= quiet", "");
	check(start_lines_resume_conf, "# RESUME=/dev/sda1\nRESUME=/dev/sda5\n",
	      "/dev/sda5: where a start looks for a hibernated system "
	      "(/etc/initramfs-tools/conf.d/resume), it goes on without it\n");
	check(parse_cmdline, "ro resume=\"UUID=77\" \"resume=LABEL=x\" resume=UUID=\"78\"",
	      "/dev/disk/by-uuid/77: where a start looks for a hibernated system (resume= of the "
	      "kernel's line), it goes on without it\n"
	      "/dev/disk/by-label/x: where a start looks for a hibernated system (resume= of the "
	      "kernel's line), it goes on without it\n"
	      "/dev/disk/by-uuid/78: where a start looks for a hibernated system (resume= of the "
	      "kernel's line), it goes on without it\n");
	check(start_lines_resume_conf, "RESUME=\"UUID=77\"\nRESUME='/dev/sda1' # x\nRESUME=\"\n",
	      "/dev/disk/by-uuid/77: where a start looks for a hibernated system "
	      "(/etc/initramfs-tools/conf.d/resume), it goes on without it\n"
	      "/dev/sda1: where a start looks for a hibernated system "
	      "(/etc/initramfs-tools/conf.d/resume), it goes on without it\n");
	check(start_lines_resume_conf, "RESUME=none\n", "");
	check(start_lines_resume_conf, "RESUME=auto", "");
}

/* As dracut has it, and as systemd has. */
static void where_the_kernels_line_says_that_keys_are(void **state)
{
	(void)state;
	check(parse_cmdline,
	      "rd.luks.key=/k:UUID=55 rd.luks.key=/k luks.key=77-ab=/k:/dev/sdb1 "
	      "rd.luks.key=77-ab=/k xluks.key=/k:UUID=56 rd.luks.key=\"/k:LABEL=x\"",
	      "/dev/disk/by-uuid/55: where rd.luks.key= of the kernel's line finds the key of a "
	      "disk\n"
	      "/dev/sdb1: where luks.key= of the kernel's line finds the key of a disk\n"
	      "/dev/disk/by-label/x: where rd.luks.key= of the kernel's line finds the key of a "
	      "disk\n");
	check(parse_cmdline, "rd.luks.key=/k:/dev/sdb1:/dev/sdc1",
	      "/dev/sdb1: where rd.luks.key= of the kernel's line finds the key of a disk\n");
}

static void where_the_kernels_line_says_that_headers_are(void **state)
{
	(void)state;
	check(parse_cmdline,
	      "rd.luks.options=77-aB=discard,header=/h:UUID=55 "
	      "luks.options=header=/dev/sdb1,nofail "
	      "rd.luks.options=discard luks.options=77-ab=xheader=/dev/sdc1 "
	      "rd.luks.options=header=/h "
	      "\"rd.luks.options=header=/h:LABEL=x\" xluks.options=header=/dev/sdd1",
	      "/dev/disk/by-uuid/55: where rd.luks.options= of the kernel's line finds the header "
	      "of "
	      "a disk\n"
	      "/dev/sdb1: where luks.options= of the kernel's line finds the header of a disk, "
	      "nofail\n"
	      "/dev/disk/by-label/x: where rd.luks.options= of the kernel's line finds the header "
	      "of "
	      "a disk\n");
}

static void what_a_passphrase_is_typed_for(void **state)
{
	static const char text[] = "a /dev/sda1\nb /dev/sda2 none luks,discard,nofail\n"
				   "c /dev/sda3 - luks\nd /dev/sda4 /root/key luks\n"
				   "e /dev/sda5 none luks,tpm2-device=auto\n"
				   "f /dev/sda6 none luks,noauto\n"
				   "g /dev/sda7 none luks,keyscript=/bin/x\n"
				   "h /dev/sda8 none x-noauto\n";
	cleanup(start_lines_done) struct start_lines lines = {0};
	auto_free char *copy = xstrdup(text);
	auto_text struct text out = TEXT_INIT;

	(void)state;
	start_lines_crypttab(copy, &lines);
	for (size_t i = 0; i < lines.count; i++)
		text_printf(&out, "%s", lines.all[i].asks ? lines.all[i].name : "");
	assert_int_equal(lines.count, 8);
	assert_text(out.data, "abch");
}

/* It goes to a terminal. */
static void names_are_escaped(void **state)
{
	(void)state;
	check(start_lines_fstab, "/dev/sda1 /a\\033[2J ext4\n",
	      "/dev/sda1: what /etc/fstab mounts on /a\\x1b[2J\n");
	check(start_lines_fstab, "LABEL=../../x\\012 /a ext4\n",
	      "/dev/disk/by-label/..\\x2f..\\x2fx\\x0a: what /etc/fstab mounts on /a\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_fstab_mounts),
		cmocka_unit_test(what_others_need_is_not_spared),
		cmocka_unit_test(what_is_on_no_disk_of_this_machine),
		cmocka_unit_test(what_crypttab_unlocks),
		cmocka_unit_test(where_keys_are),
		cmocka_unit_test(colons_in_names_of_devices),
		cmocka_unit_test(where_headers_are),
		cmocka_unit_test(where_the_kernels_line_says_that_keys_are),
		cmocka_unit_test(where_the_kernels_line_says_that_headers_are),
		cmocka_unit_test(what_a_unit_mounts),
		cmocka_unit_test(what_wakes_from_hibernation),
		cmocka_unit_test(what_a_passphrase_is_typed_for),
		cmocka_unit_test(names_are_escaped),
	};

	return cmocka_run_group_tests_name("start-lines", tests, NULL, NULL);
}
