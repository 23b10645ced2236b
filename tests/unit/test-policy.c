// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The keys of a policy and their values, what holds for one device and what for all, and that a
 * refused wish changes nothing.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "model/policy.h"
#include "tests/unit/policy-helpers.h"

static const struct pci_addr card = {.bus = 1}, nic = {.bus = 2};

static void set(struct policy *policy, const struct pci_addr *addr, const char *key,
		const char *value)
{
	struct error err = ERROR_INIT;

	assert_ok(policy_set(policy, addr, key, value, "here", &err), &err);
}

/* Refused with this message, and nothing of the policy changes. */
static void refuse(const struct pci_addr *addr, const char *key, const char *value,
		   const char *message)
{
	struct policy policy = POLICY_INIT;
	struct error err = ERROR_INIT;

	assert_int_equal(policy_set(&policy, addr, key, value, "here", &err), -EINVAL);
	assert_int_equal(err.code, EINVAL);
	assert_text(err.text, message);
	assert_default_policy(&policy);
}

static struct device_policy one(const char *key, const char *value)
{
	auto_policy struct policy policy = POLICY_INIT;

	set(&policy, NULL, key, value);
	return policy_of_device(&policy, &card);
}

static void defaults(void **state)
{
	struct policy policy = POLICY_INIT;
	struct device_policy device = policy_of_device(&policy, &card);

	(void)state;
	assert_int_equal(policy.group, GROUP_REFUSE);
	assert_int_equal(device.processes, PROCESSES_TERMINATE);
	assert_int_equal(device.services, SERVICES_STOP_UNIT);
	assert_int_equal(device.display, DISPLAY_REFUSE);
	assert_int_equal(device.allow, 0);
	assert_int_equal(device.wait_time_ms, 10000);
	assert_int_equal(device.grace_time_ms, 5000);
}

static void words(void **state)
{
	auto_policy struct policy policy = POLICY_INIT;

	(void)state;
	assert_int_equal(one("processes", "refuse").processes, PROCESSES_REFUSE);
	assert_int_equal(one("processes", "wait").processes, PROCESSES_WAIT);
	assert_int_equal(one("processes", "terminate").processes, PROCESSES_TERMINATE);
	assert_int_equal(one("services", "refuse").services, SERVICES_REFUSE);
	assert_int_equal(one("services", "wait").services, SERVICES_WAIT);
	assert_int_equal(one("services", "stop-unit").services, SERVICES_STOP_UNIT);
	assert_int_equal(one("services", "terminate").services, SERVICES_TERMINATE);
	assert_int_equal(one("display", "refuse").display, DISPLAY_REFUSE);
	assert_int_equal(one("display", "release").display, DISPLAY_RELEASE);
	assert_int_equal(one("display", "stop").display, DISPLAY_STOP);
	set(&policy, NULL, "group", "whole");
	assert_int_equal(policy.group, GROUP_WHOLE);
}

static void seconds(void **state)
{
	static const char *const wrong[] = {"",    "-1",   "+1", "301", "0010",
					    "1.5", "10 s", "1s", " 1",  "0x1"};

	(void)state;
	assert_int_equal(one("wait-time", "0").wait_time_ms, 0);
	assert_int_equal(one("wait-time", "300").wait_time_ms, 300000);
	assert_int_equal(one("grace-time", "010").grace_time_ms, 10000);
	assert_int_equal(one("grace-time", "7").wait_time_ms, 10000);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		auto_free char *message =
			xasprintf("here: wait-time = %s: the value must be a number of whole "
				  "seconds from 0 to 300",
				  wrong[i]);

		refuse(NULL, "wait-time", wrong[i], message);
	}
}

static void uses(void **state)
{
	const unsigned int console = 1U << USE_CONSOLE, ssh = 1U << USE_SSH;

	(void)state;
	assert_int_equal(one("allow", "console").allow, console);
	assert_int_equal(one("allow", "console,ssh").allow, console | ssh);
	assert_int_equal(one("allow", " ssh ,\tconsole ").allow, console | ssh);
	assert_int_equal(one("allow", "ssh,ssh").allow, ssh);
	assert_int_equal(one("allow", "none").allow, 0);
}

#define ALLOWED                                                                                    \
	"none, or of these, separated by commas: default-route ssh upper-interface network-root "  \
	"network-mount hidden-interface only-keyboard console igpu chipset hung-task-panic"

static void unknown_uses(void **state)
{
	static const char *const wrong[] = {"",         ",",        "ssh,",        ",ssh", "mount",
					    "none,ssh", "ssh,none", "ssh console", "SSH",  "all"};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		auto_free char *message =
			xasprintf("here: allow = %s: the value must be " ALLOWED, wrong[i]);

		refuse(NULL, "allow", wrong[i], message);
		refuse(&card, "allow", wrong[i], message);
	}
}

static void unknown(void **state)
{
	(void)state;
	refuse(NULL, "grup", "whole", "here: unknown key grup; did you mean group?");
	refuse(&card, "grup", "whole", "here: unknown key grup; did you mean group?");
	refuse(NULL, "", "", "here: unknown key ");
	refuse(NULL, "a\nb", "", "here: unknown key a\\x0ab");
	refuse(NULL, "group", "no", "here: group = no: the value must be one of: refuse, whole");
	refuse(NULL, "display", "Stop",
	       "here: display = Stop: the value must be one of: refuse, release, stop");
	refuse(&card, "services", "a\nb",
	       "here: services = a\\x0ab: the value must be one of: refuse, wait, stop-unit, "
	       "terminate");
	refuse(&card, "group", "whole", "here: group cannot be set for one device");
}

/* A list replaces the one before it, as every value does. */
static void later_wins(void **state)
{
	auto_policy struct policy policy = POLICY_INIT;

	(void)state;
	set(&policy, NULL, "allow", "ssh,console");
	set(&policy, NULL, "allow", "igpu");
	assert_int_equal(policy_of_device(&policy, &card).allow, 1U << USE_IGPU);
	set(&policy, NULL, "allow", "none");
	assert_int_equal(policy_of_device(&policy, &card).allow, 0);
}

static void one_device(void **state)
{
	auto_policy struct policy policy = POLICY_INIT;

	(void)state;
	set(&policy, &card, "display", "stop");
	set(&policy, &card, "wait-time", "1");
	set(&policy, &nic, "allow", "ssh");
	set(&policy, &card, "wait-time", "2");
	/* What is set for all later does not touch what is set for one. */
	set(&policy, NULL, "display", "release");
	set(&policy, NULL, "processes", "refuse");
	assert_int_equal(policy_of_device(&policy, &card).display, DISPLAY_STOP);
	assert_int_equal(policy_of_device(&policy, &card).wait_time_ms, 2000);
	assert_int_equal(policy_of_device(&policy, &card).processes, PROCESSES_REFUSE);
	assert_int_equal(policy_of_device(&policy, &card).allow, 0);
	assert_int_equal(policy_of_device(&policy, &nic).display, DISPLAY_RELEASE);
	assert_int_equal(policy_of_device(&policy, &nic).wait_time_ms, 10000);
	assert_int_equal(policy_of_device(&policy, &nic).allow, 1U << USE_SSH);
}

/* --- the guest's own --- */

static void add_item(struct guest *guest, const struct pci_addr *addr, const char *key,
		     const char *value)
{
	struct policy_item item = {.key = xstrdup(key),
				   .value = xstrdup(value),
				   .has_addr = addr != NULL,
				   .line = 7 + (unsigned int)guest->policy_count};

	if (addr)
		item.addr = *addr;
	array_push(guest->policy, guest->policy_count, item);
}

static void guest_wins(void **state)
{
	auto_policy struct policy policy = POLICY_INIT;
	auto_guest struct guest guest = {0};
	struct error err = ERROR_INIT;

	(void)state;
	set(&policy, NULL, "group", "whole");
	set(&policy, &card, "display", "stop");
	add_item(&guest, NULL, "group", "refuse");
	add_item(&guest, NULL, "display", "refuse");
	add_item(&guest, &nic, "services", "wait");
	assert_ok(policy_apply_guest(&policy, &guest, &err), &err);
	assert_int_equal(policy.group, GROUP_REFUSE);
	assert_int_equal(policy_of_device(&policy, &card).display, DISPLAY_STOP);
	assert_int_equal(policy_of_device(&policy, &nic).services, SERVICES_WAIT);
	assert_int_equal(policy_of_device(&policy, &card).services, SERVICES_STOP_UNIT);
}

static void guest_refused(void **state)
{
	auto_policy struct policy policy = POLICY_INIT;
	auto_guest struct guest guest = {0};
	struct error err = ERROR_INIT;

	(void)state;
	set(&policy, &card, "display", "stop");
	add_item(&guest, &card, "display", "release");
	add_item(&guest, NULL, "group", "whole");
	add_item(&guest, &nic, "allow", "mount");
	assert_int_equal(policy_apply_guest(&policy, &guest, &err), -EINVAL);
	assert_contains(err.text, "domain XML line 9, <hostdev:device>: allow = mount: ");
	assert_int_equal(policy.group, GROUP_REFUSE);
	assert_int_equal(policy.setting_count, 1);
	assert_int_equal(policy_of_device(&policy, &card).display, DISPLAY_STOP);
	free(guest.policy[1].value);
	guest.policy[1].value = xstrdup("half");
	assert_int_equal(policy_apply_guest(&policy, &guest, &err), -EINVAL);
	assert_contains(err.text, "domain XML line 8, <hostdev:policy>: group = half: ");
}

static void copies(void **state)
{
	auto_policy struct policy policy = POLICY_INIT, copy;

	(void)state;
	set(&policy, &card, "display", "stop");
	policy_copy(&policy, &copy);
	set(&copy, &card, "display", "release");
	assert_int_equal(policy_of_device(&policy, &card).display, DISPLAY_STOP);
	policy_done(&policy);
	assert_int_equal(policy_of_device(&copy, &card).display, DISPLAY_RELEASE);
}

/* What is shown for a key that nobody sets is what then counts. */
static void defaults_in_words(void **state)
{
	struct error err = ERROR_INIT;
	const char *key;
	size_t count = 0;

	(void)state;
	for (; (key = policy_key(count)); count++) {
		auto_policy struct policy policy = POLICY_INIT;

		if (!policy_default(key))
			fail_msg("no default is told for %s", key);
		assert_ok(policy_set(&policy, NULL, key, policy_default(key), "here", &err), &err);
		/* The default said aloud is more than a default: nobody is to go beyond it. */
		assert_int_equal(policy.all.display_set, strcmp(key, "display") == 0);
		assert_default_policy(&policy);
	}
	assert_true(count >= 14);
	assert_null(policy_default("colour"));
}

/* Who wants to know where a value stands is told of each that was taken, and of no other. */
static void origins(void **state)
{
	const struct pci_addr addr = {0, 1, 0, 0}, other = {0, 2, 0, 0};
	cleanup(origins_done) struct origins origins = {0};
	auto_policy struct policy policy = POLICY_INIT, copy;

	(void)state;
	policy.origins = &origins;
	policy_copy(&policy, &copy);
	assert_int_equal(policy_set(&policy, NULL, "display", "stop", "one", NULL), 0);
	assert_int_equal(policy_set(&policy, &addr, "display", "refuse", "two", NULL), 0);
	assert_int_equal(policy_set(&copy, NULL, "display", "release", "three", NULL), 0);
	assert_int_equal(policy_set(&copy, NULL, "display", "of", "four", NULL), -EINVAL);
	assert_int_equal(policy_set(&copy, NULL, "total-time", "9", "five", NULL), 0);
	assert_int_equal(origins.count, 4);
	assert_string_equal(origins_find(&origins, NULL, "display")->where, "three");
	assert_string_equal(origins_find(&origins, &addr, "display")->value, "refuse");
	assert_string_equal(origins_find(&origins, NULL, "total-time")->value, "9");
	assert_null(origins_find(&origins, &other, "display"));
	assert_null(origins_find(&origins, NULL, "group"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),     cmocka_unit_test(words),
		cmocka_unit_test(seconds),      cmocka_unit_test(uses),
		cmocka_unit_test(unknown_uses), cmocka_unit_test(unknown),
		cmocka_unit_test(later_wins),   cmocka_unit_test(one_device),
		cmocka_unit_test(guest_wins),   cmocka_unit_test(guest_refused),
		cmocka_unit_test(copies),       cmocka_unit_test(defaults_in_words),
		cmocka_unit_test(origins),
	};

	return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}
