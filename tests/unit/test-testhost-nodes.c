// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a made-up machine's drivers make of its devices: does it come and go as on a real one?
 */
#include "tests/host/check.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "tests/host/testhost.h"
#include "tests/host/tree.h"

#define GPU "0000:01:00.0"
#define AUDIO "0000:01:00.1"
#define GPU_DIR "devices/pci0000:00/0000:00:01.0/" GPU

static const char host_text[] =
	"bridge 0000:00:01.0 8086:1901 bus=01 group=1\n"
	"device 0000:01:00.0 1234:1111 class=038000 driver=bochs-drm bar0=e0000000-e0ffffff\n"
	"device 0000:01:00.1 8086:293e class=040300 driver=snd_hda_intel\n"
	"device 0000:04:00.0 1b36:0010 class=010802 driver=nvme\n"
	"device 0000:05:00.0 8086:10d3 driver=e1000e\n"
	"driver snd_hda_intel module=snd_hda_intel hangs-if-held\n"
	"driver vfio-pci module=vfio_pci\n"
	"node 0000:01:00.0 drm/card1 226:1\n"
	"node 0000:01:00.0 drm/renderD128 226:128 noudev\n"
	"node 0000:01:00.1 sound/card1 - subsystem=sound\n"
	"node 0000:01:00.1 sound/card1/controlC1 116:5\n"
	"node 0000:04:00.0 nvme/nvme0 240:0\n"
	"node 0000:04:00.0 nvme/nvme0/nvme0n1 259:0 block\n"
	"node 0000:04:00.0 nvme/nvme0/nvme0n1/nvme0n1p12 259:1 partition plain\n"
	"node 0000:05:00.0 net/enp5s0 - ifindex=3\n"
	"node devices/virtual/vfio 14 243:0 with=0000:01:00.0 driver=vfio-pci name=vfio/14"
	" subsystem=vfio\n"
	"node devices/virtual/block dm-0 254:0 block name=dm-0\n"
	"devnode nvidiactl 195:255\n"
	"framebuffer fb0 efi-framebuffer.0 range=e0000000-e01fffff\n"
	"framebuffer fb1 0000:01:00.0 name=bochs-drmdrmfb\n"
	"vtconsole vtcon0\n"
	"vtconsole vtcon1 bound name=\"(M) frame buffer device\"\n"
	"process 900 comm=pipewire holds=snd/controlC1\n"
	"process 901 comm=kwin holds=dri/card1 maps=dri/card1 lets-go\n"
	"file sys/class/net/enp5s0/operstate\n"
	"\tup\n"
	"link sys/" GPU_DIR "/drm/card1/lease ../renderD128\n"
	"file run/udev/data/c226:1\n"
	"\tE:ID_SEAT=seat1\n";

static int fresh(void **state)
{
	*state = testhost_new(host_text);
	return 0;
}

static int stale(void **state)
{
	struct testhost *host = *state;

	testhost_free(&host);
	return 0;
}

static int put(struct testhost *host, const char *path, const char *value)
{
	return host_write_attr(&host->host, value, NULL, "%s", path);
}

static void assert_file(struct testhost *host, const char *path, const char *expected)
{
	auto_free char *found = tree_read(host->root_fd, path);

	assert_text(found, expected);
}

static bool exists(struct testhost *host, const char *path)
{
	return tree_exists(host->root_fd, path);
}

static void assert_node(struct testhost *host, const char *path, mode_t type, unsigned int major,
			unsigned int minor)
{
	struct stat status;

	assert_int_equal(fstatat(host->root_fd, path, &status, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(status.st_mode & S_IFMT, type);
	assert_int_equal(status.st_rdev, makedev(major, minor));
}

static void nodes_are_laid_out_as_in_sysfs(void **state)
{
	struct testhost *host = *state;

	assert_file(host, "sys/class/drm/card1/dev", "226:1");
	assert_file(host, "sys/dev/char/226:1/uevent", "MAJOR=226\nMINOR=1\nDEVNAME=dri/card1");
	assert_file(host, "sys/" GPU_DIR "/drm/card1/dev", "226:1");
	assert_node(host, "dev/dri/card1", S_IFCHR, 226, 1);
	assert_node(host, "dev/nvme0n1", S_IFBLK, 259, 0);
	assert_node(host, "dev/nvidiactl", S_IFCHR, 195, 255);
	assert_node(host, "dev/nvme0n1p12", S_IFREG, 0, 0);
	assert_file(host, "sys/class/block/nvme0n1p12/partition", "12");
	assert_file(host, "sys/dev/block/259:1/dev", "259:1");
	assert_true(exists(host, "sys/block/nvme0n1"));
	assert_true(exists(host, "sys/block/dm-0"));
	assert_false(exists(host, "sys/block/nvme0n1p12"));
	assert_false(exists(host, "sys/class/sound/card1/dev"));
	assert_file(host, "sys/class/net/enp5s0/ifindex", "3");
	assert_file(host, "sys/class/graphics/fb1/name", "bochs-drmdrmfb");
}

static void udev_knows_them(void **state)
{
	struct testhost *host = *state;

	assert_file(host, "run/udev/data/c226:1", "E:ID_SEAT=seat1");
	assert_true(exists(host, "run/udev/data/b259:0"));
	assert_true(exists(host, "run/udev/data/+sound:card1"));
	assert_true(exists(host, "run/udev/data/n3"));
	assert_false(exists(host, "run/udev/data/c226:128"));
}

static void they_go_and_come_with_the_driver(void **state)
{
	struct testhost *host = *state;
	auto_free char *before = testhost_tree(host), *after = NULL;

	assert_int_equal(put(host, "bus/pci/drivers/bochs-drm/unbind", GPU), 0);
	assert_false(exists(host, "dev/dri/card1"));
	assert_false(exists(host, "dev/fb1"));
	assert_false(exists(host, "sys/" GPU_DIR "/drm"));
	assert_false(exists(host, "sys/class/drm/card1"));
	assert_false(exists(host, "sys/dev/char/226:1"));
	assert_false(exists(host, "run/udev/data/c226:1"));
	assert_true(exists(host, "dev/fb0"));
	assert_node(host, "proc/901/fd/3", S_IFCHR, 226, 1);
	assert_int_equal(put(host, "bus/pci/drivers/bochs-drm/bind", GPU), 0);
	assert_int_equal(put(host, "bus/pci/drivers/e1000e/unbind", "0000:05:00.0"), 0);
	assert_false(exists(host, "sys/class/net/enp5s0"));
	assert_int_equal(put(host, "bus/pci/drivers/e1000e/bind", "0000:05:00.0"), 0);
	after = testhost_tree(host);
	assert_text(after, before);
}

static void another_driver_has_its_own(void **state)
{
	struct testhost *host = *state;

	assert_false(exists(host, "dev/vfio/14"));
	testhost_rebind(host, GPU, "vfio-pci");
	assert_node(host, "dev/vfio/14", S_IFCHR, 243, 0);
	assert_file(host, "sys/devices/virtual/vfio/14/dev", "243:0");
	assert_false(exists(host, "dev/dri/card1"));
	testhost_rebind(host, GPU, "bochs-drm");
	assert_false(exists(host, "dev/vfio/14"));
	testhost_vanish(host, GPU);
	assert_false(exists(host, "dev/dri/card1"));
	assert_false(exists(host, "sys/class/drm/card1"));
}

static void made_up_events_reach_udev(void **state)
{
	struct testhost *host = *state;
	auto_free char *before = testhost_tree(host), *after = NULL;

	assert_int_equal(put(host, "class/drm/card1/uevent", "remove"), 0);
	assert_false(exists(host, "run/udev/data/c226:1"));
	assert_true(exists(host, "dev/dri/card1"));
	assert_false(exists(host, "proc/901/fd/3"));
	assert_false(exists(host, "proc/901/task/901/fd/3"));
	assert_int_equal(put(host, GPU_DIR "/drm/card1/uevent", "add"), 0);
	assert_int_equal(put(host, "class/drm/card1/uevent", "nonsense"), -EINVAL);
	assert_int_equal(put(host, "class/sound/card1/uevent", "remove"), 0);
	assert_false(exists(host, "run/udev/data/+sound:card1"));
	assert_int_equal(put(host, "class/sound/card1/uevent", "add"), 0);
	after = testhost_tree(host);
	assert_text(after, before);
	assert_int_equal(put(host, GPU_DIR "/uevent", "remove"), -EPERM);
	assert_non_null(testhost_take_forbidden(host));
}

static void a_held_device_is_not_unbound(void **state)
{
	struct testhost *host = *state;

	assert_int_equal(put(host, "bus/pci/drivers/snd_hda_intel/unbind", AUDIO), -EPERM);
	assert_string_equal(testhost_take_forbidden(host), "unbind while held");
	assert_true(exists(host, "sys/bus/pci/devices/" AUDIO "/driver"));
	testhost_process_close(host, 900, "snd/controlC1");
	assert_true(exists(host, "proc/900/fd/2"));
	assert_int_equal(put(host, "bus/pci/drivers/snd_hda_intel/unbind", AUDIO), 0);
	assert_null(testhost_take_forbidden(host));
}

static void platform_framebuffers_are_unbound_and_bound(void **state)
{
	static const char held[] = "  e0000000-e0ffffff : " GPU "\n    e0000000-e01fffff : efifb";
	struct testhost *host = *state;
	auto_free char *before = testhost_tree(host), *after = NULL;

	assert_file(host, "proc/iomem", held);
	assert_file(host, "sys/bus/platform/devices/efi-framebuffer.0/graphics/fb0/dev", "29:0");
	assert_int_equal(
		put(host, "bus/platform/drivers/efi-framebuffer/bind", "efi-framebuffer.0"),
		-EBUSY);
	assert_int_equal(
		put(host, "bus/platform/drivers/efi-framebuffer/unbind", "efi-framebuffer.0"), 0);
	assert_file(host, "proc/iomem", "  e0000000-e0ffffff : " GPU);
	assert_false(exists(host, "dev/fb0"));
	assert_false(exists(host, "sys/devices/platform/efi-framebuffer.0/driver"));
	assert_int_equal(
		put(host, "bus/platform/drivers/efi-framebuffer/unbind", "efi-framebuffer.0"),
		-ENODEV);
	assert_int_equal(
		put(host, "bus/platform/drivers/efi-framebuffer/bind", "efi-framebuffer.0"), 0);
	assert_file(host, "proc/iomem", held);
	after = testhost_tree(host);
	assert_text(after, before);
}

static void a_framebuffer_may_lie_below_its_device(void **state)
{
	auto_testhost struct testhost *host =
		testhost_new("device 0000:01:00.0 1234:1111 class=038000\n"
			     "framebuffer fb0 simple-framebuffer.0 below=0000:01:00.0 driver=NONE"
			     " range=e0000000-e01fffff\n");

	(void)state;
	assert_true(exists(host, "sys/bus/pci/devices/" GPU "/simple-framebuffer.0/uevent"));
	assert_false(exists(host, "dev/fb0"));
	assert_file(host, "proc/iomem", "    e0000000-e01fffff : BOOTFB");
	assert_int_equal(
		put(host, "bus/platform/drivers/simple-framebuffer/bind", "simple-framebuffer.0"),
		0);
	assert_true(exists(host, "sys/class/graphics/fb0/name"));
}

static void consoles_take_what_they_are_told(void **state)
{
	struct testhost *host = *state;

	assert_file(host, "sys/class/vtconsole/vtcon1/name", "(M) frame buffer device");
	assert_file(host, "sys/class/vtconsole/vtcon1/bind", "1");
	assert_file(host, "sys/class/vtconsole/vtcon0/bind", "0");
	assert_int_equal(put(host, "class/vtconsole/vtcon1/bind", "0"), 0);
	assert_file(host, "sys/class/vtconsole/vtcon1/bind", "0");
	assert_int_equal(put(host, "class/vtconsole/vtcon1/bind", "1"), 0);
	assert_file(host, "sys/class/vtconsole/vtcon1/bind", "1");
}

static void resources_are_lines_of_numbers(void **state)
{
	struct testhost *host = *state;
	auto_free char *text = tree_read(host->root_fd, "sys/" GPU_DIR "/resource");

	assert_contains(text, "0x00000000e0000000 0x00000000e0ffffff 0x0000000000040200\n"
			      "0x0000000000000000 0x0000000000000000 0x0000000000000000\n");
}

static void state_names_them(void **state)
{
	struct testhost *host = *state;
	auto_free char *text = NULL;

	put(host, "class/drm/card1/uevent", "remove");
	put(host, "class/vtconsole/vtcon1/bind", "0");
	put(host, "bus/platform/drivers/efi-framebuffer/unbind", "efi-framebuffer.0");
	text = testhost_state(host);
	assert_contains(text, "vtconsole vtcon0 bound=0\n"
			      "vtconsole vtcon1 bound=0\n"
			      "platform efi-framebuffer.0 driver=NONE\n"
			      "node dri/card1\n"
			      "node dri/renderD128\n"
			      "udev +sound:card1\n"
			      "node snd/controlC1\n"
			      "udev c116:5\n");
	assert_contains(text, "process 900 pipewire\nprocess 901 kwin\n");
}

static void wrong_lines_are_refused(void **state)
{
	static const char *const bad[] = {
		"node 0000:01:00.0 drm/card1",
		"node 0000:01:00.0 drm/card1 226",
		"node 01:00.0 drm/card1 226:1",
		"node 0000:01:00.0 drm/card1 226:1 colour=red",
		"node devices/virtual/vfio 14 243:0 with=nothing",
		"devnode nvidiactl -",
		"framebuffer fbx 0000:01:00.0",
		"framebuffer fb0 efi-framebuffer.0 below=here",
		"vtconsole vtcon1 unbound",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct machine machine;

		if (machine_parse(bad[i], &machine, NULL) != -EBADMSG)
			fail_msg("\"%s\" was taken for a host text", bad[i]);
	}
}

#define test(name) cmocka_unit_test_setup_teardown(name, fresh, stale)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(nodes_are_laid_out_as_in_sysfs),
		test(udev_knows_them),
		test(they_go_and_come_with_the_driver),
		test(another_driver_has_its_own),
		test(made_up_events_reach_udev),
		test(a_held_device_is_not_unbound),
		test(platform_framebuffers_are_unbound_and_bound),
		cmocka_unit_test(a_framebuffer_may_lie_below_its_device),
		test(consoles_take_what_they_are_told),
		test(resources_are_lines_of_numbers),
		test(state_names_them),
		cmocka_unit_test(wrong_lines_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
