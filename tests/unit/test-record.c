// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * record/record-host: a machine made from a text is recorded as a text that makes the same machine.
 */
#include "tests/host/check.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/host/boot-text.h"
#include "tests/host/testhost.h"

static char *record(const char *root)
{
	auto_free char *command = xasprintf(TESTS_DIR "/../record/record-host %s", root);
	FILE *pipe = popen(command, "re");
	struct text out = TEXT_INIT;
	char chunk[4096];
	size_t length;

	assert_non_null(pipe);
	text_append(&out, "", 0);
	while ((length = fread(chunk, 1, sizeof(chunk), pipe)) > 0)
		text_append(&out, chunk, length);
	assert_int_equal(pclose(pipe), 0);
	return out.data;
}

static void check_recorded(const char *text)
{
	auto_testhost struct testhost *host = testhost_new(text);
	auto_free char *recorded = record(host->root);
	auto_testhost struct testhost *twin = testhost_new(recorded);
	auto_free char *again = record(twin->root);
	auto_free char *state = testhost_state(host), *twin_state = testhost_state(twin);
	auto_free char *tree = testhost_tree(host), *twin_tree = testhost_tree(twin);

	assert_text(again, recorded);
	assert_text(twin_state, state);
	assert_text(twin_tree, tree);
}

static void the_recorded_machine_is_the_same(void **state)
{
	(void)state;
	check_recorded(
		"bridge 0000:00:01.0 8086:1901 bus=1f group=1\n"
		"bridge 0000:00:1e.0 8086:244e bus=05 group=7 driver=NONE\n"
		"device 0000:1f:00.0 10de:2204 sub=1458:403b class=030000 group=14 driver=nvidia"
		" power=auto boot_vga status=suspended numa=1 reset=flr,bus\n"
		"device 0000:1f:00.1 10de:1aef class=040300 group=14 driver=vfio-pci"
		" override=vfio-pci d3cold=0\n"
		"device 0000:03:00.0 8086:10fb group=20 driver=ixgbe sriov=4 d3cold=NONE\n"
		"vf 0000:03:10.0 8086:10ed of=0000:03:00.0 group=21 driver=ixgbevf\n"
		"device 10000:e1:00.0 144d:a80a class=010802\n"
		"group 20 type=identity name=vfio-noiommu\n"
		"driver xhci_hcd module=xhci_pci\n"
		"driver vfio-pci module=vfio_pci\n"
		"driver ixgbe builtin module=ixgbe\n"
		"module vfio\n"
		"module mlx5_vfio_pci unloaded\n"
		"alias vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_vfio_pci\n"
		"device 0000:00:14.0 1b36:000d class=0c0330 group=3 driver=xhci_hcd\n");
	check_recorded("iommu off\n"
		       "device 0000:02:00.0 8086:10d3 driver=e1000e\n"
		       "module vfio-pci unloaded blacklisted\n");
}

static void blacklists_are_seen(void **state)
{
	auto_testhost struct testhost *host =
		testhost_new("module vfio-pci unloaded\nmodule mlx5_vfio_pci unloaded\n"
			     "file etc/modprobe.d/a.conf\n\t# blacklist vfio-pci\n\t  blacklist "
			     "mlx5-vfio-pci \n");
	auto_free char *text = record(host->root);

	(void)state;
	assert_text(text, "kernel 6.1.0-test\niommu off\n"
			  "module mlx5_vfio_pci unloaded blacklisted\n"
			  "module vfio-pci unloaded\n");
}

/* Without the built-in drivers, of which only those are recorded that a device has. */
static char *facts_of(const char *machine)
{
	auto_free char *text = boot_text_of(machine);
	auto_text struct text out = TEXT_INIT;
	char *at = text, *line;

	text_append(&out, "", 0);
	while ((line = strsep(&at, "\n")) && *line)
		if (!text_starts(line, "\tbuilt in"))
			text_printf(&out, "%s\n", line);
	return steal(&out.data);
}

static char *read_host(const char *name)
{
	auto_free char *path = xasprintf(TESTS_DIR "/boot/%s/host", name);
	auto_fclose FILE *file = fopen(path, "re");
	struct text out = TEXT_INIT;
	char chunk[4096];
	size_t length;

	assert_non_null(file);
	text_append(&out, "", 0);
	while ((length = fread(chunk, 1, sizeof(chunk), file)) > 0)
		text_append(&out, chunk, length);
	return out.data;
}

/* Whatever is looked at to tell how a host boots is in its record. */
static void the_recorded_machine_boots_alike(void **state)
{
	auto_closedir DIR *stream = opendir(TESTS_DIR "/boot");
	struct dirent *entry;

	(void)state;
	assert_non_null(stream);
	while ((entry = readdir(stream))) {
		auto_free char *text = NULL, *recorded = NULL, *facts = NULL, *again = NULL;
		auto_testhost struct testhost *host = NULL;

		/* Of odd things most are left out of a record. */
		if (entry->d_name[0] == '.' || strcmp(entry->d_name, "strange") == 0)
			continue;
		text = read_host(entry->d_name);
		host = testhost_new(text);
		recorded = record(host->root);
		facts = facts_of(text);
		again = facts_of(recorded);
		if (!text_equal(again, facts))
			print_error("%s:\n", entry->d_name);
		assert_text(again, facts);
	}
}

/* The example is one of everything that would tell whose machine it is. */
static void the_record_tells_nobody_whose_it_is(void **state)
{
	static const char *const secrets[] = {
		"aabbccdd", "9E8F",     "SECRET",   "myhost", "0badcafe",
		"WD-12345", "10.1.2.3", "feedbeef", "alice",
	};
	auto_testhost struct testhost *host = testhost_new(
		"dir boot\nfile etc/machine-id\n\tfeedbeef00000000feedbeef00000000\n"
		"file proc/cmdline\n\troot=UUID=aabbccdd-1111-2222-3333-aabbccddeeff ro "
		"password=SECRET "
		"ip=10.1.2.3 rd.lvm.lv=myhost/root nfsroot=10.1.2.3:/myhost quiet\n"
		"file etc/default/grub\n\tGRUB_CMDLINE_LINUX=\"root=/dev/mapper/myhost-root "
		"ds=nocloud;h=myhost "
		"resume=LABEL=myhost x=/dev/disk/by-id/ata-WD-12345\"\n\t# SECRET\n"
		"file boot/grub/grub.cfg\n\tpassword_pbkdf2 admin SECRET\n\tlinux /vmlinuz-1 "
		"root=PARTUUID=0badcafe-02 ip=10.1.2.3 luks.key=SECRET\n"
		"file proc/1/mountinfo\n\t22 1 8:2 / / rw - ext4 /dev/mapper/myhost-root rw\n"
		"file etc/crypttab\n\tmyhost UUID=aabbccdd-1111-2222-3333-aabbccddeeff /SECRET "
		"tpm2-device=auto,header=/myhost\n"
		"file etc/kernel/proxmox-boot-uuids\n\t9E8F-AAAA\n"
		"file boot/loader/entries/feedbeef00000000feedbeef00000000-6.1.conf\n\ttitle "
		"myhost\n"
		"device 0000:02:00.0 144d:a80a class=010802 driver=nvme\n"
		"node 0000:02:00.0 nvme/nvme0/nvme0n1 241:0 block name=nvme0n1\n"
		"link dev/disk/by-label/alice ../../nvme0n1\n"
		"device 0000:03:00.0 8086:1533 class=020000 driver=igb\n"
		"node 0000:03:00.0 net/enx0badcafe1234 - subsystem=net ifindex=2\n"
		"node devices/virtual/net alice - subsystem=net ifindex=3\n"
		"link sys/devices/virtual/net/alice/lower_enx0badcafe1234 ../x\n"
		"file proc/net/route\n\tIface Destination Gateway Flags RefCnt Use Metric Mask\n"
		"\talice 00000000 9E8FA8C0 0003 0 0 0 00000000\n"
		"\talice 009E8F0A 00000000 0001 0 0 0 00FFFFFF\n"
		"file etc/fstab\n\tLABEL=alice /home/alice ext4 nofail,user=alice\n"
		"\t//myhost/x /var/x cifs credentials=/SECRET,username=alice,password=SECRET\n"
		"\tLABEL=alice /var/myhost fuse.alice x-systemd.automount,uid=alice\n"
		"file etc/systemd/system/home-alice.mount\n\t[Mount]\n\tWhat=LABEL=alice\n"
		"\tWhere=/home/alice\n\tOptions=user=alice\n"
		"file etc/initramfs-tools/conf.d/resume\n\tRESUME=LABEL=alice\n"
		"device 0000:01:00.0 10de:2204 class=030000 driver=nvidia\n"
		"node 0000:01:00.0 drm/card1 226:1 subsystem=drm name=dri/card1\n"
		"devnode nvidia0 195:0\n"
		"file proc/driver/nvidia/gpus/0000:01:00.0/information\n\tGPU UUID: \t "
		"GPU-feedbeef\n\tDevice Minor: \t 0\n"
		"device 0000:00:14.0 8086:a36d class=0c0330 driver=xhci_hcd\n"
		"driver xhci_hcd module=xhci_pci\n"
		"node 0000:00:14.0 usb1/1-1/1-1:1.0/input/input5 - subsystem=input\n"
		"file sys/devices/pci0000:00/0000:00:14.0/usb1/1-1/1-1:1.0/input/input5/name\n"
		"\tKeyboard of alice\n"
		"session 2 uid=1000 user=alice seat=seat0 remote=myhost\n"
		"process 812 comm=SECRET:x uid=1000 exe=/home/alice/x cmdline=SECRET "
		"holds=dri/card1,nvidia0 "
		"cgroup=/system.slice/docker-feedbeef00000000feedbeef00000000"
		"feedbeef00000000feedbeef00000000.scope\n"
		"process 813 comm=qemu-system-x86 exe=/usr/bin/qemu-system-x86_64 holds=dri/card1 "
		"cgroup=/machine.slice/machine-qemu\\x2d1\\x2dmyhost.scope/libvirt/emulator\n"
		"file etc/hostdev-hook/hostdev-hook.conf\n\t# SECRET\n\tgroup = whole\n"
		"file proc/swaps\n\tFilename Type Size Used Priority\n\t/swap/alice file 1 0 -2\n");
	auto_free char *recorded = record(host->root);

	(void)state;
	for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
		if (strcasestr(recorded, secrets[i]))
			print_error("%s is in\n%s", secrets[i], recorded);
		assert_null(strcasestr(recorded, secrets[i]));
	}
	assert_contains(recorded, "\t/dev/nvme0n1 /mnt/1 ext4 nofail\n");
	assert_contains(recorded, "\tnet3\t00000000\t0102A8C0\t0003");
	assert_contains(recorded, "link sys/class/net/net3/lower_net2 ../there\n");
	assert_contains(recorded, "\tRESUME=/dev/nvme0n1\n");
	assert_contains(recorded, "process 812 start=5000 comm=program uid=1000 ppid=1 "
				  "cgroup=/system.slice/docker-0123456789abcdef");
	assert_contains(recorded, " exe=/usr/bin/program holds=dri/card1,nvidia0\n");
	assert_contains(recorded, "session 2 uid=1000 user=user1000 ");
	assert_contains(recorded, "hostdev-hook.conf\n\tgroup = whole\n");
	assert_contains(recorded, "root=UUID=11111111-2222-3333-4444-555555555555 ro quiet");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_recorded_machine_is_the_same),
		cmocka_unit_test(blacklists_are_seen),
		cmocka_unit_test(the_recorded_machine_boots_alike),
		cmocka_unit_test(the_record_tells_nobody_whose_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
