// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who keeps a guest from starting is told once, with all the devices for which it does, and the
 * advice is enough for all of them.
 */
#include "tests/unit/usage.h"

#define ONE "0000:01:00.0"
#define TWO "0000:02:00.0"
#define THREE "0000:03:00.0"
#define FOUR "0000:04:00.0"
#define CARD(addr, group) "device " addr " 10de:1db4 class=030200 group=" group " driver=nvidia\n"
#define CARDS                                                                                      \
	CARD(ONE, "11")                                                                            \
	CARD(TWO, "12")                                                                            \
	CARD(THREE, "13") CARD(FOUR, "14") "module vfio-pci registers=vfio-pci\n"
#define GUEST_OF_ALL                                                                               \
	"hostdev " ONE " managed\nhostdev " TWO " managed\nhostdev " THREE " managed\n"            \
	"hostdev " FOUR " managed\n"
#define STOP "Its container's manager would start it again at once. Stop the container first"

static struct holder *in_container(struct usage *usage, int pid, const char *command, size_t node)
{
	struct holder *holder = usage_holder(usage, pid, HOLDER_CONTAINER, command, node);

	holder->container = xstrdup("train");
	holder->container_stop = xstrdup("docker stop train");
	return holder;
}

static void open_cards(struct usage *usage, size_t nodes[4])
{
	static const char *const addrs[] = {ONE, TWO, THREE, FOUR};

	usage_open(usage, CARDS, GUEST_OF_ALL);
	for (size_t i = 0; i < 4; i++) {
		auto_free char *name = xasprintf("nvidia%zu", i);

		nodes[i] = usage_node(usage, addrs[i], "nvidia", name);
	}
}

static void all_devices_that_a_container_has_are_told_at_once(void **state)
{
	struct error err = ERROR_INIT;
	struct pci_addr one = usage_addr(ONE), two = usage_addr(TWO);
	auto_usage struct usage usage;
	struct holder *holder;
	size_t nodes[4];

	(void)state;
	open_cards(&usage, nodes);
	holder = in_container(&usage, 812, "python3", nodes[0]);
	usage_hold(holder, nodes[1]);
	usage_check(&usage, ONE " [10de:1db4] and " TWO
				" are used by python3 (process 812, container train).\n" STOP
				" (docker stop train).\nTo lend it all the same: hostdevctl set "
				"--device " ONE "," TWO " win11 processes=terminate\n");
	/* What the command sets is enough. */
	assert_ok(policy_set(&usage.policy, &one, "processes", "terminate", "test", &err), &err);
	assert_ok(policy_set(&usage.policy, &two, "processes", "terminate", "test", &err), &err);
	usage_check_release(&usage,
			    "process 812:5000@" ONE "," TWO " held -> free,grace=5000\nholders " ONE
			    "," TWO "," THREE "," FOUR " held -> free,wait=5000\n");
}

static void of_a_crowd_the_rest_is_counted_and_the_command_names_all(void **state)
{
	auto_usage struct usage usage;
	struct holder *holder;
	size_t nodes[4];

	(void)state;
	open_cards(&usage, nodes);
	holder = in_container(&usage, 812, "python3", nodes[0]);
	for (size_t i = 1; i < 3; i++)
		usage_hold(holder, nodes[i]);
	usage_check_refused(&usage, ONE " [10de:1db4], " TWO " and " THREE " are used by python3");
	usage_hold(&usage.snapshot.holders[0], nodes[3]);
	usage_check_refused(&usage, ONE " [10de:1db4], " TWO ", " THREE " and 1 more are used by ",
			    "--device " ONE "," TWO "," THREE "," FOUR " win11");
}

/* One for each card, and a helper that has all of them open. */
static void the_programs_of_one_container_are_one_cause(void **state)
{
	auto_usage struct usage usage;
	size_t nodes[4];

	(void)state;
	open_cards(&usage, nodes);
	for (int i = 0; i < 4; i++)
		in_container(&usage, 812 + i, "python3", nodes[i]);
	usage_check_refused(&usage,
			    " and 1 more are used by python3 (process 812, container train) "
			    "through /dev/nvidia0, and 3 more.",
			    "--device " ONE "," TWO "," THREE "," FOUR " win11");
	assert_int_equal(usage.plan.refusal_count, 1);
}

static void other_containers_are_other_causes(void **state)
{
	auto_usage struct usage usage;
	size_t nodes[4];

	(void)state;
	open_cards(&usage, nodes);
	in_container(&usage, 812, "python3", nodes[0]);
	in_container(&usage, 813, "ollama", nodes[1]);
	free(usage.snapshot.holders[1].container_stop);
	usage.snapshot.holders[1].container_stop = xstrdup("docker stop ollama");
	usage_check_refused(&usage, ONE " [10de:1db4] is used by python3", "And for 1 more reason");
}

/* To lift the one must not lead to the next. */
static void a_holder_that_refuses_for_two_reasons_tells_both(void **state)
{
	struct error err = ERROR_INIT;
	struct pci_addr two = usage_addr(TWO);
	auto_usage struct usage usage;
	struct holder *holder;
	size_t nodes[4];

	(void)state;
	open_cards(&usage, nodes);
	holder = usage_holder(&usage, 812, HOLDER_PROCESS, "mpv", nodes[0]);
	usage_hold(holder, usage_node(&usage, TWO, "vfio", "vfio/devices/vfio0"));
	assert_ok(policy_set(&usage.policy, NULL, "processes", "refuse", "test", &err), &err);
	assert_ok(policy_set(&usage.policy, &two, "processes", "wait", "test", &err), &err);
	usage_check_refused(&usage, ONE " [10de:1db4] is used by mpv", "processes=terminate",
			    "And for 1 more reason");
}

static void what_only_goes_along_is_told_behind_the_program(void **state)
{
	auto_usage struct usage usage;
	struct holder *holder;

	(void)state;
	usage_open(&usage,
		   "device 0000:01:00.0 10de:1db4 class=030000 group=11 driver=nvidia\n"
		   "device 0000:01:00.1 10de:10f0 class=040300 group=11 driver=snd_hda_intel\n"
		   "device 0000:01:00.2 10de:1ad8 class=0c8000 group=11 driver=nvidia-gpu\n"
		   "module vfio-pci registers=vfio-pci\n",
		   "hostdev 0000:01:00.0 managed\n");
	holder = in_container(&usage, 812, "app", usage_node(&usage, "0000:01:00.1", "sound", "a"));
	usage_hold(holder, usage_node(&usage, "0000:01:00.2", "i2c", "b"));
	usage_check_refused(&usage,
			    "0000:01:00.1 would go along with 0000:01:00.0 (same slot) and is used "
			    "by app (process 812, container train), as well as 0000:01:00.2.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_devices_that_a_container_has_are_told_at_once),
		cmocka_unit_test(of_a_crowd_the_rest_is_counted_and_the_command_names_all),
		cmocka_unit_test(the_programs_of_one_container_are_one_cause),
		cmocka_unit_test(other_containers_are_other_causes),
		cmocka_unit_test(a_holder_that_refuses_for_two_reasons_tells_both),
		cmocka_unit_test(what_only_goes_along_is_told_behind_the_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
