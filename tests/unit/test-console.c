// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What people sit at, on machines laid out as kernels of several ages lay out theirs.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "parsers/display/console.h"
#include "parsers/pci/pci.h"
#include "tests/host/lending.h"
#include "tests/host/testhost.h"
#include "tests/host/tree.h"

#define GPU "0000:01:00.0"
#define GPU_DIR "sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0"
#define USB_DIR "sys/devices/pci0000:00/0000:00:14.0"
#define IGPU_DIR "sys/devices/pci0000:00/0000:00:02.0"

static const char host_text[] =
	"bridge 0000:00:01.0 8086:1901 bus=01 group=14\n"
	"device " GPU " 10de:2204 class=030000 group=14 driver=nvidia boot_vga\n"
	"device 0000:01:00.1 10de:1aef class=040300 group=14 driver=snd_hda_intel\n"
	"device 0000:00:02.0 8086:4680 class=030000 driver=i915\n"
	"device 0000:00:14.0 8086:7ae0 class=0c0330 driver=xhci_hcd\n"
	"driver xhci_hcd module=xhci_pci\n";

static const char guest_text[] = "hostdev " GPU "\n";

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

/* A directory of the device tree and the link of its class. */
static void add_class(struct testhost *host, const char *class_name, const char *name,
		      const char *parent)
{
	auto_free char *dir = xasprintf("%s/%s/%s", parent, class_name, name);
	auto_free char *link = xasprintf("sys/class/%s/%s", class_name, name);

	tree_dir(host->root_fd, dir);
	tree_link(host->root_fd, link, dir);
}

static void add_attr(struct testhost *host, const char *class_name, const char *name,
		     const char *attribute, const char *value)
{
	auto_free char *path = xasprintf("sys/class/%s/%s/%s", class_name, name, attribute);

	tree_file(host->root_fd, path, "%s\n", value);
}

static void add_framebuffer(struct testhost *host, const char *name, const char *parent,
			    const char *label)
{
	add_class(host, "graphics", name, parent);
	add_attr(host, "graphics", name, "name", label);
}

static void add_platform(struct testhost *host, const char *name, const char *parent,
			 const char *driver)
{
	auto_free char *dir = xasprintf("%s/%s", parent, name);
	auto_free char *bus = xasprintf("sys/bus/platform/devices/%s", name);
	auto_free char *drivers = xasprintf("sys/bus/platform/drivers/%s", driver);
	auto_free char *link = xasprintf("%s/driver", dir);

	tree_dir(host->root_fd, dir);
	tree_link(host->root_fd, bus, dir);
	tree_dir(host->root_fd, drivers);
	tree_link(host->root_fd, link, drivers);
}

static void add_console(struct testhost *host, const char *name, const char *label,
			const char *bound)
{
	add_class(host, "vtconsole", name, "sys/devices/virtual");
	add_attr(host, "vtconsole", name, "name", label);
	add_attr(host, "vtconsole", name, "bind", bound);
}

static struct snapshot take(struct testhost *host, const char *guest_lines)
{
	auto_guest struct guest guest = guest_make(guest_lines);
	struct snapshot snapshot = {0};
	struct error err = ERROR_INIT;

	assert_ok(pci_snapshot(&host->host, &guest, &snapshot, &err), &err);
	assert_ok(console_read(&host->host, &snapshot, &err), &err);
	return snapshot;
}

static void print_place(struct text *out, bool has_addr, const struct pci_addr *addr)
{
	text_printf(out, " on %s\n", has_addr ? ADDR(addr) : "nothing known");
}

/* All that was found, a line each; heap. */
static char *found(struct testhost *host, const char *guest_lines)
{
	auto_snapshot struct snapshot snapshot = take(host, guest_lines);
	struct text out = TEXT_INIT;

	text_append(&out, "", 0);
	for (size_t i = 0; i < snapshot.framebuffer_count; i++) {
		const struct framebuffer *framebuffer = &snapshot.framebuffers[i];

		if (framebuffer->has_fb)
			text_printf(&out, "fb%u", framebuffer->number);
		else
			text_printf(&out, "no fb");
		text_printf(&out, " \"%s\"", framebuffer->name);
		if (framebuffer->platform)
			text_printf(&out, " of %s (%s)", framebuffer->platform,
				    framebuffer->driver ? framebuffer->driver : "");
		print_place(&out, framebuffer->has_addr, &framebuffer->addr);
	}
	for (size_t i = 0; i < snapshot.vtconsole_count; i++)
		text_printf(&out, "%s%s%s\n", snapshot.vtconsoles[i].name,
			    snapshot.vtconsoles[i].framebuffer ? " framebuffer" : "",
			    snapshot.vtconsoles[i].bound ? " bound" : "");
	for (size_t i = 0; i < snapshot.keyboard_count; i++) {
		text_printf(&out, "keyboard \"%s\"", snapshot.keyboards[i].name);
		print_place(&out, snapshot.keyboards[i].has_addr, &snapshot.keyboards[i].addr);
	}
	for (size_t i = 0; i < snapshot.udev_device_count; i++) {
		text_printf(&out, "udev %s %s", snapshot.udev_devices[i].subsystem,
			    snapshot.udev_devices[i].id);
		print_place(&out, true, &snapshot.udev_devices[i].addr);
	}
	for (size_t i = 0; i < snapshot.use_count; i++)
		text_printf(
			&out, "%s %s: %s %s\n", ADDR(&snapshot.uses[i].addr),
			snapshot.uses[i].kind == USE_NVIDIA ? "nvidia"
							    : use_allow_name(snapshot.uses[i].kind),
			snapshot.uses[i].what ? snapshot.uses[i].what : "-", snapshot.uses[i].how);
	return out.data;
}

#define assert_found(host, guest_lines, expected)                                                  \
	do {                                                                                       \
		auto_free char *found_ = found(host, guest_lines);                                 \
		assert_text(found_, expected);                                                     \
	} while (0)

/* --- framebuffers and consoles --- */

static void a_machine_without_any_of_it(void **state)
{
	assert_found(*state, guest_text, "");
}

static void a_drivers_own_framebuffer(void **state)
{
	struct testhost *host = *state;

	add_framebuffer(host, "fb0", GPU_DIR, "nvidia-drmdrmfb");
	add_class(host, "graphics", "fbcon", "sys/devices/virtual");
	add_console(host, "vtcon0", "(S) dummy device", "0");
	add_console(host, "vtcon1", "(M) frame buffer device", "1");
	assert_found(host, guest_text,
		     "fb0 \"nvidia-drmdrmfb\" on " GPU "\n"
		     "vtcon0\n"
		     "vtcon1 framebuffer bound\n");
}

static void consoles_are_not_asked_about_another_card(void **state)
{
	struct testhost *host = *state;

	add_framebuffer(host, "fb0", IGPU_DIR "/virtio0", "i915drmfb");
	add_console(host, "vtcon1", "(M) frame buffer device", "1");
	assert_found(host, guest_text, "fb0 \"i915drmfb\" on 0000:00:02.0\n");
}

#define WINDOWS(start, end)                                                                        \
	"0x0000000000000000 0x0000000000000000 0x0000000000000000\n"                               \
	"0x00000000" start " 0x00000000" end " 0x000000000014220c\n"

static void give_windows(struct testhost *host)
{
	tree_file(host->root_fd, GPU_DIR "/resource", WINDOWS("c0000000", "cfffffff"));
	tree_file(host->root_fd, IGPU_DIR "/resource", WINDOWS("e0000000", "efffffff"));
}

static void the_firmwares_framebuffer_that_stands_alone(void **state)
{
	struct testhost *host = *state;

	add_platform(host, "efi-framebuffer.0", "sys/devices/platform", "efi-framebuffer");
	add_framebuffer(host, "fb0", "sys/devices/platform/efi-framebuffer.0", "EFI VGA");
	give_windows(host);
	tree_file(host->root_fd, "proc/iomem",
		  "00000000-00000fff : Reserved\n"
		  "c0000000-cfffffff : 0000:01:00.0\n"
		  "  c0000000-c02fffff : efifb\n"
		  "e0000000-e02fffff : something else\n");
	assert_found(host, guest_text,
		     "fb0 \"EFI VGA\" of efi-framebuffer.0 (efi-framebuffer) on " GPU "\n");
	tree_file(host->root_fd, "proc/iomem", "  e0000000-e02fffff : BOOTFB\n");
	assert_found(host, guest_text,
		     "fb0 \"EFI VGA\" of efi-framebuffer.0 (efi-framebuffer) on nothing known\n");
	assert_found(host, "hostdev 0000:00:02.0\n",
		     "fb0 \"EFI VGA\" of efi-framebuffer.0 (efi-framebuffer) on 0000:00:02.0\n"
		     "0000:00:02.0 igpu: - is the processor's own graphics\n");
}

static void without_addresses_the_boot_display_has_it(void **state)
{
	struct testhost *host = *state;

	add_platform(host, "efi-framebuffer.0", "sys/devices/platform", "efi-framebuffer");
	add_framebuffer(host, "fb0", "sys/devices/platform/efi-framebuffer.0", "EFI VGA");
	tree_file(host->root_fd, "proc/iomem", "00000000-00000000 : efifb\n");
	assert_found(host, guest_text,
		     "fb0 \"EFI VGA\" of efi-framebuffer.0 (efi-framebuffer) on " GPU "\n");
	testhost_set(host, GPU, "boot_vga", "0");
	assert_found(host, guest_text,
		     "fb0 \"EFI VGA\" of efi-framebuffer.0 (efi-framebuffer) on nothing known\n");
}

static void the_firmwares_framebuffer_below_its_card(void **state)
{
	struct testhost *host = *state;

	add_platform(host, "simple-framebuffer.0", GPU_DIR, "simple-framebuffer");
	add_framebuffer(host, "fb0", GPU_DIR "/simple-framebuffer.0", "simpledrmdrmfb");
	assert_found(host, guest_text,
		     "fb0 \"simpledrmdrmfb\" of simple-framebuffer.0 (simple-framebuffer) on " GPU
		     "\n");
}

static void a_firmware_driver_without_a_framebuffer(void **state)
{
	struct testhost *host = *state;

	add_platform(host, "simple-framebuffer.0", GPU_DIR, "simple-framebuffer");
	tree_dir(host->root_fd, "sys/devices/platform/vesa-framebuffer.0");
	tree_link(host->root_fd, "sys/bus/platform/devices/vesa-framebuffer.0",
		  "sys/devices/platform/vesa-framebuffer.0");
	add_platform(host, "serial8250", "sys/devices/platform", "serial8250");
	assert_found(
		host, guest_text,
		"no fb \"simple-framebuffer\" of simple-framebuffer.0 (simple-framebuffer) on " GPU
		"\n");
}

/* "bind" that blocks its reader: a pipe that nobody writes to. */
static void a_console_that_stays_locked(void **state)
{
	struct testhost *host = *state;
	auto_guest struct guest guest = guest_make(guest_text);
	auto_snapshot struct snapshot snapshot = {0};
	struct error err = ERROR_INIT;

	add_framebuffer(host, "fb0", GPU_DIR, "nvidia-drmdrmfb");
	add_console(host, "vtcon1", "(M) frame buffer device", "1");
	tree_remove(host->root_fd, "sys/class/vtconsole/vtcon1/bind");
	assert_int_equal(mkfifoat(host->root_fd, "sys/class/vtconsole/vtcon1/bind", 0600), 0);
	assert_ok(pci_snapshot(&host->host, &guest, &snapshot, &err), &err);
	assert_int_equal(console_read(&host->host, &snapshot, &err), -EBUSY);
	assert_contains(err.text, "console locked");
	/* Lets the child go. */
	close(openat(host->root_fd, "sys/class/vtconsole/vtcon1/bind", O_RDWR | O_NONBLOCK));
}

/* Each reading waits for the console's lock: a child's is the only one. */
static void a_console_is_read_once(void **state)
{
	struct testhost *host = *state;
	int status;
	pid_t teller;

	add_framebuffer(host, "fb0", GPU_DIR, "nvidia-drmdrmfb");
	add_console(host, "vtcon1", "(M) frame buffer device", "0");
	tree_remove(host->root_fd, "sys/class/vtconsole/vtcon1/bind");
	teller = tree_once(host->root_fd, "sys/class/vtconsole/vtcon1/bind", "1\n");
	alarm(20);
	assert_found(host, guest_text,
		     "fb0 \"nvidia-drmdrmfb\" on " GPU "\n"
		     "vtcon1 framebuffer bound\n");
	alarm(0);
	assert_int_equal(waitpid(teller, &status, 0), teller);
	assert_int_equal(status, 0);
}

/* --- keyboards --- */

#define LETTERS "10000 1 3 fffffffffffffffe"
#define FULL_KEYS "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe"

static void add_input(struct testhost *host, int number, const char *parent, const char *name,
		      const char *keys)
{
	auto_free char *event = xasprintf("event%d", number);
	auto_free char *input = xasprintf("%s/input/input%d", parent, number);
	auto_free char *dir = xasprintf("%s/%s", input, event);
	auto_free char *device = xasprintf("%s/device", dir);
	auto_free char *link = xasprintf("sys/class/input/%s", event);
	auto_free char *name_path = xasprintf("%s/name", input);
	auto_free char *keys_path = xasprintf("%s/capabilities/key", input);

	tree_dir(host->root_fd, dir);
	tree_link(host->root_fd, device, input);
	tree_link(host->root_fd, link, dir);
	tree_file(host->root_fd, name_path, "%s\n", name);
	tree_file(host->root_fd, keys_path, "%s\n", keys);
}

static void keyboards_by_their_letters(void **state)
{
	struct testhost *host = *state;

	add_input(host, 0, "sys/devices/LNXSYSTM:00/PNP0C0C:00", "Power Button",
		  "10000000000000 0");
	add_input(host, 1, "sys/devices/platform/i8042/serio0", "AT Translated Set 2 keyboard",
		  "402000000 3803078f800d001 feffffdfffefffff fffffffffffffffe");
	add_input(host, 2, USB_DIR "/usb1/1-4/1-4:1.0/0003:046D:C31C.0001", "Logi\001tech",
		  FULL_KEYS);
	add_input(host, 3, USB_DIR "/usb1/1-5/1-5:1.0/0003:046D:C077.0002", "Mouse",
		  "70000 0 0 0 0");
	/* All letters but M, and all but Q. */
	add_input(host, 4, USB_DIR "/usb1/1-6/1-6:1.0", "No M", "fffbfffffffffffe");
	add_input(host, 5, USB_DIR "/usb1/1-7/1-7:1.0", "No Q", "1 fffffffffffeffff");
	add_input(host, 6, "sys/devices/virtual", "ydotoold virtual device", FULL_KEYS);
	add_input(host, 7, USB_DIR "/usb1/1-8/1-8:1.0", "Just letters", LETTERS);
	assert_found(host, guest_text,
		     "keyboard \"AT Translated Set 2 keyboard\" on nothing known\n"
		     "keyboard \"Logi\\x01tech\" on 0000:00:14.0\n"
		     "keyboard \"Just letters\" on 0000:00:14.0\n");
}

static void a_bluetooth_keyboard_is_behind_the_only_adapter(void **state)
{
	struct testhost *host = *state;

	add_input(host, 8, "sys/devices/virtual/misc/uhid/0005:05AC:0267.0003", "Magic Keyboard",
		  FULL_KEYS);
	tree_file(host->root_fd, "sys/class/input/event8/device/id/bustype", "0005\n");
	assert_found(host, guest_text, "");
	add_class(host, "bluetooth", "hci0", USB_DIR "/usb1/1-9/1-9:1.0");
	add_class(host, "bluetooth", "hci0:256", USB_DIR "/usb1/1-9/1-9:1.0/bluetooth/hci0");
	assert_found(host, guest_text, "keyboard \"Magic Keyboard\" on 0000:00:14.0\n");
	add_class(host, "bluetooth", "hci1", IGPU_DIR);
	assert_found(host, guest_text, "");
}

/* --- udev --- */

static void cards_that_udev_knows(void **state)
{
	struct testhost *host = *state;

	add_class(host, "drm", "card1", GPU_DIR);
	add_attr(host, "drm", "card1", "dev", "226:1");
	add_class(host, "drm", "card1-HDMI-A-1", GPU_DIR "/drm/card1");
	add_class(host, "drm", "renderD129", GPU_DIR);
	add_attr(host, "drm", "renderD129", "dev", "226:129");
	add_class(host, "drm", "card0", IGPU_DIR);
	add_attr(host, "drm", "card0", "dev", "226:0");
	add_class(host, "sound", "card2", "sys/devices/pci0000:00/0000:00:01.0/0000:01:00.1");
	add_class(host, "sound", "controlC2",
		  "sys/devices/pci0000:00/0000:00:01.0/0000:01:00.1/sound/card2");
	add_class(host, "sound", "card3", USB_DIR "/usb1/1-3/1-3:1.0");
	tree_file(host->root_fd, "run/udev/data/c226:1", "V:1\n");
	tree_file(host->root_fd, "run/udev/data/c226:0", "V:1\n");
	tree_file(host->root_fd, "run/udev/data/+sound:card2", "V:1\n");
	tree_file(host->root_fd, "run/udev/data/+sound:controlC2", "V:1\n");
	tree_file(host->root_fd, "run/udev/data/+sound:card3", "V:1\n");
	assert_found(host, "hostdev " GPU "\nhostdev 0000:00:14.0\n",
		     "udev drm c226:1 on " GPU "\n"
		     "udev sound +sound:card2 on 0000:01:00.1\n");
}

/* --- nvidia --- */

#define UNKNOWN_USERS(text)                                                                        \
	GPU " nvidia: module nvidia counts " text " that no process accounts for\n"

static void users_of_nvidia_that_no_process_accounts_for(void **state)
{
	struct testhost *host = *state;

	tree_dir(host->root_fd, "sys/module/nvidia/holders/nvidia_modeset");
	tree_dir(host->root_fd, "sys/module/nvidia/holders/nvidia_uvm");
	tree_file(host->root_fd, "sys/module/nvidia/refcnt", "2\n");
	assert_found(host, guest_text, "");
	tree_file(host->root_fd, "sys/module/nvidia/refcnt", "3\n");
	assert_found(host, guest_text, UNKNOWN_USERS("1 user"));
	tree_file(host->root_fd, "sys/module/nvidia/refcnt", "1990\n");
	assert_found(host, guest_text, UNKNOWN_USERS("1988 users"));
	assert_found(host, "hostdev 0000:00:14.0\n", "");
	testhost_rebind(host, GPU, NULL);
	assert_found(host, guest_text, "");
}

static void a_process_may_account_for_any_number(void **state)
{
	struct testhost *host = *state;
	auto_guest struct guest guest = guest_make(guest_text);
	auto_snapshot struct snapshot snapshot = {0};
	struct error err = ERROR_INIT;

	tree_file(host->root_fd, "sys/module/nvidia/refcnt", "1990\n");
	assert_ok(pci_snapshot(&host->host, &guest, &snapshot, &err), &err);
	snapshot.nodes = xcalloc(2, sizeof(*snapshot.nodes));
	snapshot.node_count = 2;
	snapshot.nodes[0].name = xstrdup("dri/card1");
	snapshot.nodes[1].name = xstrdup("nvidiactl");
	snapshot.holders = xcalloc(1, sizeof(*snapshot.holders));
	snapshot.holder_count = 1;
	snapshot.holders[0].holds = xcalloc(1, sizeof(*snapshot.holders[0].holds));
	snapshot.holders[0].hold_count = 1;
	/* One with the card alone, which is another module's, is none of them. */
	assert_ok(console_read(&host->host, &snapshot, &err), &err);
	assert_int_equal(snapshot.use_count, 1);
	snapshot.holders[0].holds[0].node = 1;
	assert_ok(console_read(&host->host, &snapshot, &err), &err);
	assert_int_equal(snapshot.use_count, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, stale)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_machine_without_any_of_it),
		TEST(a_drivers_own_framebuffer),
		TEST(consoles_are_not_asked_about_another_card),
		TEST(the_firmwares_framebuffer_that_stands_alone),
		TEST(without_addresses_the_boot_display_has_it),
		TEST(the_firmwares_framebuffer_below_its_card),
		TEST(a_firmware_driver_without_a_framebuffer),
		TEST(a_console_that_stays_locked),
		TEST(a_console_is_read_once),
		TEST(keyboards_by_their_letters),
		TEST(a_bluetooth_keyboard_is_behind_the_only_adapter),
		TEST(cards_that_udev_knows),
		TEST(users_of_nvidia_that_no_process_accounts_for),
		TEST(a_process_may_account_for_any_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
