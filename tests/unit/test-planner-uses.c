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

		if (kind == USE_KEYBOARD)
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

static void grade(struct usage *usage, size_t index, enum keyboard_grade is)
{
	usage->snapshot.keyboards[index].grade = is;
}

static void what_only_looks_like_a_keyboard_is_none(void **state)
{
	auto_usage struct usage usage;

	(void)state;
	usage_open(&usage, HOST, GUEST);
	usage_keyboard(&usage, "Keyboard", USB);
	usage_keyboard(&usage, "Token", "0000:09:00.0");
	grade(&usage, 1, KEYBOARD_NEVER);
	usage_check_refused(&usage, USB, "Keyboard");
	grade(&usage, 1, KEYBOARD_UNLIKELY);
	usage_check_refused(&usage, USB, "Keyboard");
	grade(&usage, 1, KEYBOARD_LIKELY);
	usage_check_refused(&usage, USB, "Keyboard");
	grade(&usage, 1, KEYBOARD_SURE);
	usage_check_release(&usage, "");
}

static void a_doubtful_keyboard_is_lost_like_any_other(void **state)
{
	auto_usage struct usage usage;

	(void)state;
	usage_open(&usage, HOST, GUEST);
	usage_keyboard(&usage, "with a pointer", USB);
	grade(&usage, 0, KEYBOARD_LIKELY);
	usage_check_refused(&usage, USB, "with a pointer");
	/* What stays is no worse than what goes. */
	usage_keyboard(&usage, "receiver", "0000:09:00.0");
	grade(&usage, 1, KEYBOARD_LIKELY);
	usage_check_refused(&usage, USB, "with a pointer");
	grade(&usage, 0, KEYBOARD_UNLIKELY);
	usage_check_release(&usage, "");
	/* A token alone was never one. */
	grade(&usage, 1, KEYBOARD_NEVER);
	grade(&usage, 0, KEYBOARD_NEVER);
	usage_check_release(&usage, "");
}

/* Nothing else is said of it: that its QEMU holds the device, say. */
static void the_guest_that_runs(void **state)
{
	struct pci_addr addr = usage_addr(NIC);
	auto_usage struct usage usage;

	(void)state;
	usage_open(&usage, HOST, GUEST);
	usage.snapshot.own_machine = 4321;
	snapshot_add_use(&usage.snapshot, USE_MOUNT, &addr, xstrdup("sda1"), xstrdup("on /"));
	usage_check_refused(&usage, "it runs", GPU, NIC, "(driver amdgpu)");
	assert_int_equal(usage.plan.refusal_count, 1);
}

/* The group of a device that it is to get besides; but a disk of its own is in use like any. */
static void what_the_guest_that_runs_has_open(void **state)
{
	auto_usage struct usage usage;
	struct holder *qemu;
	size_t group, disk;

	(void)state;
	usage_open(&usage, HOST, GUEST);
	usage.guest.runs = true;
	usage.snapshot.own_machine = 4321;
	group = usage_node(&usage, NIC, "vfio", "vfio/16");
	disk = usage_node(&usage, USB, "block", "sda");
	usage.snapshot.nodes[disk].is_block = true;
	qemu = usage_holder(&usage, 4321, HOLDER_GUEST, "qemu-system-x86", group);
	usage_check_release(&usage, "");
	usage_hold(qemu, disk);
	usage_check_refused(&usage, USB, "qemu-system-x86", "/dev/sda");
}

/* Another guest has it, or is about to: the host cannot count on what is plugged in there. */
static void claim_for_other(struct usage *usage, const char *addr)
{
	struct snapshot *snapshot = &usage->snapshot;
	struct claim claim = {
		.addr = usage_addr(addr), .guest = xstrdup("games"), .uuid = OTHER_UUID};

	array_push(snapshot->claims, snapshot->claim_count, claim);
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
	usage_check_release(&usage, "vtconsole vtcon1 bound -> unbound\n");
}

static void a_text_console_with_nobody_on_it_lets_go(void **state)
{
	auto_usage struct usage usage;

	(void)state;
	usage_open(&usage, HOST, GUEST);
	usage_framebuffer(&usage, 0, GPU, NULL);
	usage_vtconsole(&usage, "vtcon0", false, true);
	usage_vtconsole(&usage, "vtcon1", true, true);
	usage_check_release(&usage, "vtconsole vtcon1 bound -> unbound\n");
	assert_string_equal(usage.plan.steps[0].why,
			    "the text console: dark until the guest has ended");
}

/* Vfio-pci evicts what the firmware set up on a VGA device, and nobody sets it up again. */
static void the_firmwares_picture_does_not_come_back(void **state)
{
	auto_usage struct usage usage;

	(void)state;
	usage_open(&usage, HOST, GUEST);
	usage_framebuffer(&usage, 0, GPU, "efi-framebuffer.0");
	usage_vtconsole(&usage, "vtcon1", true, true);
	usage_check_release(&usage, "vtconsole vtcon1 bound -> unbound\n");
	assert_string_equal(usage.plan.steps[0].why,
			    "the text console: dark until the host restarts");
}

static void add_login(struct usage *usage, const char *who, const char *where, const char *session)
{
	struct snapshot *snapshot = &usage->snapshot;
	struct login login = {.who = xstrdup(who),
			      .where = xstrdup(where),
			      .session = session ? xstrdup(session) : NULL};

	array_push(snapshot->logins, snapshot->login_count, login);
}

static void a_login_that_the_card_shows_is_a_session(void **state)
{
	auto_usage struct usage usage;

	(void)state;
	usage_open(&usage, HOST, GUEST);
	add_login(&usage, "alice", "tty2", "3");
	usage_check_release(&usage, "");
	usage_framebuffer(&usage, 0, GPU, NULL);
	usage_vtconsole(&usage, "vtcon1", true, true);
	usage_check_refused(&usage, GPU, "alice", "tty2", "display=release");
	allow(&usage, "console");
	usage_check_refused(&usage, GPU, "alice");
	usage.policy.all.display = DISPLAY_RELEASE;
	usage_check_release(&usage, "vtconsole vtcon1 bound -> unbound\n");
	usage.policy.all.display = DISPLAY_STOP;
	usage_check_release(&usage, "vtconsole vtcon1 bound -> unbound\n");
}

static void a_login_on_a_card_that_stays_does_not_matter(void **state)
{
	auto_usage struct usage usage;

	(void)state;
	usage_open(&usage, HOST, GUEST);
	add_login(&usage, "alice", "tty2", NULL);
	usage_framebuffer(&usage, 0, "0000:00:02.0", NULL);
	usage_framebuffer(&usage, 1, GPU, NULL);
	usage_vtconsole(&usage, "vtcon1", true, true);
	usage_check_release(&usage, "");
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
	struct pin device, *pin;

	(void)state;
	usage_open(&usage, HOST, GUEST);
	pin_of_device(&usage.snapshot.devices[0], &device);
	pins_add(&usage.snapshot.pins, &device);
	pin = &usage.snapshot.pins.items[0];
	usage_check_release(&usage, "");
	pin->product++;
	usage_check_refused(&usage, ADDR(&pin->addr), "stood there", "hostdevctl repin");
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
		cmocka_unit_test(a_text_console_with_nobody_on_it_lets_go),
		cmocka_unit_test(the_firmwares_picture_does_not_come_back),
		cmocka_unit_test(a_login_that_the_card_shows_is_a_session),
		cmocka_unit_test(a_login_on_a_card_that_stays_does_not_matter),
		cmocka_unit_test(what_only_looks_like_a_keyboard_is_none),
		cmocka_unit_test(a_doubtful_keyboard_is_lost_like_any_other),
		cmocka_unit_test(the_guest_that_runs),
		cmocka_unit_test(what_the_guest_that_runs_has_open),
		cmocka_unit_test(a_console_elsewhere_is_left_alone),
		cmocka_unit_test(the_console_moves_where_another_framebuffer_stays),
		cmocka_unit_test(unbound_consoles_are_nothing),
		cmocka_unit_test(the_firmwares_framebuffer_goes_where_vfio_would_leave_it),
		cmocka_unit_test(another_device_at_a_pinned_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
