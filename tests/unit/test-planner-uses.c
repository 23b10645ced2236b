// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the host needs for itself: every use refuses with its evidence, those that have a name are
 * lifted by it and by no other, and consoles let go only where they must.
 */
#include "tests/unit/usage.h"

#define GPU "0000:01:00.0"
#define USB "0000:03:00.0"
#define NIC "0000:04:00.0"
#define HOST                                                                                       \
	"device 0000:01:00.0 1002:744c class=030000 group=14 driver=amdgpu\n"                      \
	"device 0000:03:00.0 1b21:2142 class=0c0330 group=15 driver=xhci_hcd\n"                    \
	"device 0000:04:00.0 8086:10d3 class=020000 group=16 driver=e1000e\n"                      \
	"driver xhci_hcd module=xhci_pci\n"                                                        \
	"module vfio-pci registers=vfio-pci\n"
#define GUEST                                                                                      \
	"hostdev 0000:01:00.0 managed\n"                                                           \
	"hostdev 0000:03:00.0 managed\n"                                                           \
	"hostdev 0000:04:00.0 managed\n"

static void allow(struct usage *usage, const char *word)
{
	struct error err = ERROR_INIT;

	assert_ok(policy_set(&usage->policy, NULL, "allow", word, "test", &err), &err);
}

static void each_use_refuses_and_only_its_word_lifts_it(void **state)
{
	struct pci_addr addr = usage_addr(NIC);

	(void)state;
	for (int kind = 0; kind < USE_KINDS; kind++) {
		const char *word = use_allow_name((enum use_kind)kind);
		auto_usage struct usage usage;

		if (kind == USE_KEYBOARD || kind == USE_CONSOLE)
			continue;
		usage_open(&usage, HOST, GUEST);
		snapshot_add_use(&usage.snapshot, (enum use_kind)kind, &addr, xstrdup("thing0"),
				 xstrdup("does what it does"));
		usage_check_refused(&usage, NIC, "thing0 ", "does what it does",
				    word ? word : "othing was changed");
		for (int other = 0; other < USE_KINDS; other++)
			if (other != kind && use_allow_name((enum use_kind)other))
				usage.policy.all.allow |= 1u << other;
		usage_check_refused(&usage, NIC);
		if (!word)
			continue;
		allow(&usage, word);
		usage_check_release(&usage, "");
	}
}

static void storage_has_no_word(void **state)
{
	(void)state;
	for (int kind = USE_MOUNT; kind <= USE_UNREADABLE; kind++)
		assert_null(use_allow_name((enum use_kind)kind));
	assert_null(use_allow_name(USE_NVIDIA));
}

static void every_use_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int kind = 0; kind < USE_KINDS; kind++) {
		assert_non_null(use_kind_name((enum use_kind)kind));
		for (int other = 0; other < kind; other++)
			assert_string_not_equal(use_kind_name((enum use_kind)kind),
						use_kind_name((enum use_kind)other));
	}
}

static void uses_of_devices_that_stay_do_not_matter(void **state)
{
	struct pci_addr addr = usage_addr("0000:05:00.0");
	auto_usage struct usage usage;

	(void)state;
	usage_open(&usage, HOST, GUEST);
	snapshot_add_use(&usage.snapshot, USE_MOUNT, &addr, xstrdup("sda1"), xstrdup("on /"));
	usage_check_release(&usage, "");
}

static void one_device_may_be_lifted_alone(void **state)
{
	struct pci_addr nic = usage_addr(NIC), gpu = usage_addr(GPU);
	struct error err = ERROR_INIT;
	auto_usage struct usage usage;

	(void)state;
	usage_open(&usage, HOST, GUEST);
	snapshot_add_use(&usage.snapshot, USE_UPPER, &nic, xstrdup("eth0"), xstrdup("below br0"));
	assert_ok(policy_set(&usage.policy, &gpu, "allow", "upper-interface", "test", &err), &err);
	usage_check_refused(&usage, NIC, "eth0 below br0");
	assert_ok(policy_set(&usage.policy, &nic, "allow", "upper-interface", "test", &err), &err);
	usage_check_release(&usage, "");
}

static void the_only_keyboard(void **state)
{
	auto_usage struct usage usage;

	(void)state;
	usage_open(&usage, HOST, GUEST);
	usage_keyboard(&usage, "USB Keyboard", USB);
	usage_check_refused(&usage, USB, "USB Keyboard", "allow+=only-keyboard");
	allow(&usage, "only-keyboard");
	usage_check_release(&usage, "");
	usage.policy.all.allow = 0;
	usage_keyboard(&usage, "AT Keyboard", NULL);
	usage_check_release(&usage, "");
}

static void two_keyboards_on_two_devices_that_both_go(void **state)
{
	auto_usage struct usage usage;

	(void)state;
	usage_open(&usage, HOST, GUEST);
	usage_keyboard(&usage, "one", USB);
	usage_keyboard(&usage, "other", NIC);
	usage_check_refused(&usage, "one");
	usage_keyboard(&usage, "third", "0000:09:00.0");
	usage_check_release(&usage, "");
}

/* Another guest has it, or is about to: the host cannot count on what is plugged in there. */
static void claim_for_other(struct usage *usage, const char *addr)
{
	struct snapshot *snapshot = &usage->snapshot;
	struct claim claim = {
		.addr = usage_addr(addr), .guest = xstrdup("games"), .uuid = OTHER_UUID};

	snapshot->claims = array_grow(snapshot->claims, snapshot->claim_count, sizeof(claim));
	snapshot->claims[snapshot->claim_count++] = claim;
}

static void a_keyboard_that_another_guest_takes_is_no_other_keyboard(void **state)
{
	auto_usage struct usage usage;

	(void)state;
	usage_open(&usage, HOST, GUEST);
	usage_keyboard(&usage, "one", USB);
	usage_keyboard(&usage, "other", "0000:09:00.0");
	usage_check_release(&usage, "");
	claim_for_other(&usage, "0000:09:00.0");
	usage_check_refused(&usage, "one", "allow+=only-keyboard");
}

static void a_framebuffer_that_another_guest_takes_shows_nothing(void **state)
{
	auto_usage struct usage usage;

	(void)state;
	usage_open(&usage, HOST, GUEST);
	usage_framebuffer(&usage, 0, "0000:09:00.0", NULL);
	usage_framebuffer(&usage, 1, GPU, NULL);
	usage_vtconsole(&usage, "vtcon1", true, true);
	usage_check_release(&usage, "");
	claim_for_other(&usage, "0000:09:00.0");
	usage_check_refused(&usage, GPU, "fb1", "allow+=console");
	allow(&usage, "console");
	usage_check_release(&usage, "vtconsole vtcon1 bound -> unbound\n");
}

static void the_console_refuses(void **state)
{
	auto_usage struct usage usage;

	(void)state;
	usage_open(&usage, HOST, GUEST);
	usage_framebuffer(&usage, 0, GPU, NULL);
	usage_vtconsole(&usage, "vtcon0", false, true);
	usage_vtconsole(&usage, "vtcon1", true, true);
	usage_check_refused(&usage, GPU, "fb0", "console", "allow+=console");
	allow(&usage, "console");
	usage_check_release(&usage, "vtconsole vtcon1 bound -> unbound\n");
	usage.policy.all.allow = 0;
	usage.policy.all.display = DISPLAY_STOP;
	usage_check_release(&usage, "vtconsole vtcon1 bound -> unbound\n");
}

static void a_console_elsewhere_is_left_alone(void **state)
{
	auto_usage struct usage usage;

	(void)state;
	usage_open(&usage, HOST, GUEST);
	usage_framebuffer(&usage, 0, "0000:00:02.0", NULL);
	usage_framebuffer(&usage, 1, GPU, NULL);
	usage_vtconsole(&usage, "vtcon1", true, true);
	usage_check_release(&usage, "");
}

static void the_console_moves_where_another_framebuffer_stays(void **state)
{
	auto_usage struct usage usage;

	(void)state;
	usage_open(&usage, HOST, GUEST);
	usage_framebuffer(&usage, 0, GPU, NULL);
	usage_framebuffer(&usage, 1, "0000:00:02.0", NULL);
	usage_vtconsole(&usage, "vtcon1", true, true);
	usage_check_refused(&usage, GPU, "fb0");
	allow(&usage, "console");
	usage_check_release(&usage, "");
}

static void unbound_consoles_are_nothing(void **state)
{
	auto_usage struct usage usage;

	(void)state;
	usage_open(&usage, HOST, GUEST);
	usage_framebuffer(&usage, 0, GPU, NULL);
	usage_vtconsole(&usage, "vtcon1", true, false);
	usage_check_release(&usage, "");
}

static void the_firmwares_framebuffer_goes_where_vfio_would_leave_it(void **state)
{
	auto_usage struct usage usage, vga;

	(void)state;
	usage_open(&usage,
		   "device 0000:01:00.0 1002:744c class=038000 group=14\n"
		   "module vfio-pci registers=vfio-pci\n",
		   "hostdev 0000:01:00.0 managed\n");
	usage_framebuffer(&usage, 0, GPU, "efi-framebuffer.0");
	usage_check_release(&usage, "framebuffer efi-framebuffer.0 efi-framebuffer -> none\n");
	usage_open(&vga, HOST, GUEST);
	usage_framebuffer(&vga, 0, GPU, "efi-framebuffer.0");
	usage_check_release(&vga, "");
}

static void another_device_at_a_pinned_address(void **state)
{
	auto_usage struct usage usage;
	struct pin *pin;

	(void)state;
	usage_open(&usage, HOST, GUEST);
	usage.snapshot.pins = pin = xcalloc(1, sizeof(*pin));
	usage.snapshot.pin_count = 1;
	pin_of_device(&usage.snapshot.devices[0], pin);
	usage_check_release(&usage, "");
	pin->product++;
	usage_check_refused(&usage, ADDR(&pin->addr), "that was ", "hostdevctl repin");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_use_refuses_and_only_its_word_lifts_it),
		cmocka_unit_test(storage_has_no_word),
		cmocka_unit_test(every_use_has_a_name_of_its_own),
		cmocka_unit_test(uses_of_devices_that_stay_do_not_matter),
		cmocka_unit_test(one_device_may_be_lifted_alone),
		cmocka_unit_test(the_only_keyboard),
		cmocka_unit_test(two_keyboards_on_two_devices_that_both_go),
		cmocka_unit_test(a_keyboard_that_another_guest_takes_is_no_other_keyboard),
		cmocka_unit_test(a_framebuffer_that_another_guest_takes_shows_nothing),
		cmocka_unit_test(the_console_refuses),
		cmocka_unit_test(a_console_elsewhere_is_left_alone),
		cmocka_unit_test(the_console_moves_where_another_framebuffer_stays),
		cmocka_unit_test(unbound_consoles_are_nothing),
		cmocka_unit_test(the_firmwares_framebuffer_goes_where_vfio_would_leave_it),
		cmocka_unit_test(another_device_at_a_pinned_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
