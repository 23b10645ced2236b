// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which units are asked about, and what comes of the answers.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "parsers/users/units.h"
#include "tests/host/testhost.h"
#include "tests/host/tree.h"

/* What systemd would say: words with a blank between them. */
struct answer {
	const char *name, *id, *state;
	const char *triggered, *dependent;
	uid_t manager;
	int code; /* positive errno: nothing but this */
	bool can_stop, transient;
};

static const struct answer *answers;
static size_t answer_count;
static int asked;

static char **split(const char *words)
{
	auto_free char *copy = xstrdup(words ? words : "");
	char *rest = copy, *word, **names = NULL;
	size_t count = 0;

	while ((word = strsep(&rest, " "))) {
		if (!*word)
			continue;
		array_push(names, count, xstrdup(word));
	}
	names = array_grow(names, count, sizeof(*names));
	names[count] = NULL;
	return names;
}

static int answer_read(const struct host *host, uid_t manager, const char *name,
		       struct host_unit *ret, struct error *err)
{
	(void)host;
	asked++;
	for (size_t i = 0; i < answer_count; i++) {
		const struct answer *answer = &answers[i];

		if (answer->manager != manager || strcmp(answer->name, name) != 0)
			continue;
		if (answer->code)
			return error_set(err, answer->code, "unit %s: said\nso", name);
		*ret = (struct host_unit){.id = xstrdup(answer->id ? answer->id : name),
					  .state = xstrdup(answer->state),
					  .can_stop = answer->can_stop,
					  .transient = answer->transient,
					  .triggered = split(answer->triggered),
					  .dependent = split(answer->dependent)};
		return 0;
	}
	return error_set(err, ENOENT, "unit %s: not known", name);
}

static const struct host_ops answering = {.unit_read = answer_read};

static struct testhost *made;
static struct host host;
static struct snapshot snapshot;

static int fresh(void **state)
{
	(void)state;
	made = testhost_new("device 0000:01:00.0 10de:2204\n");
	tree_dir(made->root_fd, "run/systemd/system");
	snapshot = (struct snapshot){0};
	asked = 0;
	return host_open(&host, made->root, &answering, NULL, NULL);
}

static int stale(void **state)
{
	(void)state;
	snapshot_done(&snapshot);
	host_close(&host);
	testhost_free(&made);
	return 0;
}

static void add_holder(enum holder_role role, uid_t manager, const char *unit)
{
	struct holder holder = {.pid = 5, .role = role, .manager = manager, .unit = xstrdup(unit)};

	array_push(snapshot.holders, snapshot.holder_count, holder);
}

static void add_display(void)
{
	snapshot.devices = xcalloc(1, sizeof(*snapshot.devices));
	snapshot.device_count = 1;
	snapshot.devices[0].class_code = 0x038000;
}

/* Each unit: name, state, whether it can be stopped, those that go with it, the note. */
static void assert_units(const char *expected)
{
	auto_text struct text found = TEXT_INIT;

	text_append(&found, "", 0);
	units_read(&host, &snapshot);
	for (size_t i = 0; i < snapshot.unit_count; i++) {
		const struct unit *unit = &snapshot.units[i];

		text_printf(&found, "%s %s %s", unit->name, unit->active ? "active" : "inactive",
			    unit->can_stop ? "stop" : "keep");
		for (size_t w = 0; unit->stops_with && unit->stops_with[w]; w++)
			text_printf(&found, " %s", unit->stops_with[w]);
		text_printf(&found, "%s%s\n", unit->note ? ": " : "", unit->note ? unit->note : "");
	}
	assert_text(found.data, expected);
}

#define ANSWER(...)                                                                                \
	static const struct answer given[] = {__VA_ARGS__};                                        \
	answers = given;                                                                           \
	answer_count = sizeof(given) / sizeof(given[0])

static void services_of_holders_are_asked_about_once(void **state)
{
	ANSWER({.name = "ollama.service", .state = "active", .can_stop = true},
	       {.manager = 1000,
		.name = "pipewire.service",
		.state = "activating",
		.can_stop = true,
		.triggered = "pipewire.socket",
		.dependent = "wireplumber.service pipewire.socket pipewire.service"},
	       {.name = "stuck.service", .state = "deactivating", .can_stop = false});
	(void)state;
	add_holder(HOLDER_SERVICE, 0, "ollama.service");
	add_holder(HOLDER_SERVICE, 0, "ollama.service");
	add_holder(HOLDER_USER_SERVICE, 1000, "pipewire.service");
	add_holder(HOLDER_SERVICE, 0, "stuck.service");
	assert_units("ollama.service active stop\n"
		     "1000/pipewire.service active stop pipewire.socket wireplumber.service\n"
		     "stuck.service inactive keep: systemd does not let it be stopped by hand\n");
	assert_int_equal(asked, 3);
}

static void others_are_not_asked_about(void **state)
{
	ANSWER({.name = "a.service", .state = "active", .can_stop = true});
	(void)state;
	add_holder(HOLDER_PROCESS, 0, "a.service");
	add_holder(HOLDER_PROTECTED, 0, "a.service");
	add_holder(HOLDER_LOGIND, 0, "a.service");
	add_holder(HOLDER_GUEST, 0, "a.service");
	add_holder(HOLDER_PROCESS, 0, NULL);
	add_holder(HOLDER_DISPLAY, 0, NULL);
	add_holder(HOLDER_DISPLAY, 0, "session-2.scope");
	add_holder(HOLDER_DISPLAY, 1000, "a.service");
	assert_units("");
	assert_int_equal(asked, 0);
}

static void the_service_of_a_display_server_is(void **state)
{
	ANSWER({.name = "lightdm.service", .state = "active", .can_stop = true});
	(void)state;
	add_holder(HOLDER_DISPLAY, 0, "lightdm.service");
	assert_units("lightdm.service active stop\n");
}

static void what_systemd_does_not_tell_is_not_stopped(void **state)
{
	ANSWER({.name = "b.service", .code = ENOSYS}, {.name = "c.service", .code = ETIMEDOUT});
	(void)state;
	add_holder(HOLDER_SERVICE, 0, "a.service");
	add_holder(HOLDER_SERVICE, 0, "b.service");
	add_holder(HOLDER_SERVICE, 0, "c.service");
	assert_units("a.service active keep: unit a.service: not known\n"
		     "b.service active keep: unit b.service: said\\x0aso\n"
		     "c.service active keep: unit c.service: said\\x0aso\n");
}

static void names_that_cannot_be_are_not_used(void **state)
{
	ANSWER({.manager = 7,
		.name = "a.service",
		.state = "active",
		.can_stop = true,
		.triggered = "../x.socket"},
	       {.manager = 7,
		.name = "b.service",
		.state = "active",
		.can_stop = true,
		.dependent = "1/c.service"});
	(void)state;
	add_holder(HOLDER_USER_SERVICE, 7, "a.service");
	add_holder(HOLDER_USER_SERVICE, 7, "b.service");
	assert_units("7/a.service active keep: systemd tells names that no unit can have\n"
		     "7/b.service active keep: systemd tells names that no unit can have\n");
}

static void what_cannot_be_started_again_is_no_service(void **state)
{
	ANSWER({.manager = 1000,
		.name = "app-firefox@1.service",
		.state = "active",
		.can_stop = true,
		.transient = true});
	(void)state;
	add_holder(HOLDER_USER_SERVICE, 1000, "app-firefox@1.service");
	add_holder(HOLDER_USER_SERVICE, 1000, "app-firefox@1.service");
	add_holder(HOLDER_USER_SERVICE, 1001, "app-firefox@1.service");
	assert_units("1001/app-firefox@1.service active keep: unit app-firefox@1.service: not "
		     "known\n");
	assert_int_equal(snapshot.holders[0].role, HOLDER_PROCESS);
	assert_int_equal(snapshot.holders[1].role, HOLDER_PROCESS);
	assert_int_equal(snapshot.holders[2].role, HOLDER_USER_SERVICE);
	assert_int_equal(asked, 2);
}

static void the_display_manager_goes_by_its_own_name(void **state)
{
	ANSWER({.name = "display-manager.service",
		.id = "gdm.service",
		.state = "active",
		.can_stop = true});
	(void)state;
	add_display();
	assert_units("gdm.service active stop\n");
	assert_string_equal(snapshot.display_manager, "gdm.service");
	assert_units("gdm.service active stop\n");
	assert_int_equal(asked, 1);
}

static void a_display_manager_that_holds_is_listed_once(void **state)
{
	ANSWER({.name = "display-manager.service",
		.id = "lightdm.service",
		.state = "active",
		.can_stop = true},
	       {.name = "lightdm.service", .state = "active", .can_stop = true});
	(void)state;
	add_display();
	add_holder(HOLDER_DISPLAY, 0, "lightdm.service");
	assert_units("lightdm.service active stop\n");
	assert_string_equal(snapshot.display_manager, "lightdm.service");
}

static void without_a_display_nobody_asks_for_its_manager(void **state)
{
	ANSWER({.name = "display-manager.service", .state = "active", .can_stop = true});
	(void)state;
	assert_units("");
	add_display();
	snapshot.devices[0].class_code = 0x040300;
	assert_units("");
	tree_remove(made->root_fd, "run/systemd/system");
	snapshot.devices[0].class_code = 0x030000;
	assert_units("");
	assert_null(snapshot.display_manager);
	assert_int_equal(asked, 0);
}

static void there_may_be_no_display_manager(void **state)
{
	answer_count = 0;
	(void)state;
	add_display();
	assert_units("");
	assert_null(snapshot.display_manager);
	assert_int_equal(asked, 1);
}

static void one_that_cannot_be_asked_about_is_kept(void **state)
{
	ANSWER({.name = "display-manager.service", .code = ETIMEDOUT});
	(void)state;
	add_display();
	assert_units("display-manager.service active keep: unit display-manager.service: "
		     "said\\x0aso\n");
	assert_string_equal(snapshot.display_manager, "display-manager.service");
}

/* KillMode=process: what a stop has left behind once, it would leave behind again. */
static void what_outlives_its_unit_is_no_service(void **state)
{
	ANSWER({.name = "cron.service", .state = "inactive", .can_stop = true},
	       {.name = "job.service", .state = "failed", .can_stop = true});
	(void)state;
	add_holder(HOLDER_SERVICE, 0, "cron.service");
	add_holder(HOLDER_SERVICE, 0, "job.service");
	assert_units("");
	assert_int_equal(snapshot.holders[0].role, HOLDER_PROCESS);
	assert_int_equal(snapshot.holders[1].role, HOLDER_PROCESS);
}

/* Nobody stops libvirt, the bus, a login or a session by stopping what they depend on. */
static void what_the_host_stands_on_is_not_stopped_along(void **state)
{
	ANSWER({.name = "a.service",
		.state = "active",
		.can_stop = true,
		.dependent = "x.service virtqemud.service"},
	       {.name = "b.service",
		.state = "active",
		.can_stop = true,
		.triggered = "dbus.socket"},
	       {.name = "c.service",
		.state = "active",
		.can_stop = true,
		.dependent = "session-2.scope"},
	       {.name = "d.service",
		.state = "active",
		.can_stop = true,
		.dependent = "gdm.service"},
	       {.manager = 1000,
		.name = "e.service",
		.state = "active",
		.can_stop = true,
		.dependent = "session-x.service"},
	       {.name = "display-manager.service",
		.id = "gdm.service",
		.state = "active",
		.can_stop = true});
	(void)state;
	add_display();
	add_holder(HOLDER_SERVICE, 0, "a.service");
	add_holder(HOLDER_SERVICE, 0, "b.service");
	add_holder(HOLDER_SERVICE, 0, "c.service");
	add_holder(HOLDER_SERVICE, 0, "d.service");
	add_holder(HOLDER_USER_SERVICE, 1000, "e.service");
	assert_units("a.service active keep x.service virtqemud.service: virtqemud.service would "
		     "stop with it\n"
		     "b.service active keep dbus.socket: dbus.socket would stop with it\n"
		     "c.service active keep session-2.scope: session-2.scope would stop with it\n"
		     "d.service active keep gdm.service: gdm.service would stop with it\n"
		     "1000/e.service active stop session-x.service\n"
		     "gdm.service active stop\n");
}

/* Xorg of lightdm while another terminal is looked at: ending it ends a session all the same. */
static void what_the_display_manager_runs_is_a_display(void **state)
{
	ANSWER({.name = "display-manager.service",
		.id = "lightdm.service",
		.state = "active",
		.can_stop = true},
	       {.name = "lightdm.service", .state = "active", .can_stop = true});
	(void)state;
	add_display();
	add_holder(HOLDER_SERVICE, 0, "lightdm.service");
	add_holder(HOLDER_SERVICE, 0, "other.service");
	units_read(&host, &snapshot);
	assert_int_equal(snapshot.holders[0].role, HOLDER_DISPLAY);
	assert_int_equal(snapshot.holders[1].role, HOLDER_SERVICE);
}

/* A user makes as many as he likes, and his manager is his own, too. */
static void a_manager_that_does_not_answer_is_asked_once(void **state)
{
	(void)state;
	ANSWER({.manager = 1000, .name = "a.service", .code = ETIMEDOUT},
	       {.manager = 1000, .name = "b.service", .state = "active", .can_stop = true},
	       {.name = "c.service", .state = "active", .can_stop = true});
	add_holder(HOLDER_USER_SERVICE, 1000, "a.service");
	add_holder(HOLDER_USER_SERVICE, 1000, "b.service");
	add_holder(HOLDER_SERVICE, 0, "c.service");
	assert_units("1000/a.service active keep: unit a.service: said\\x0aso\n"
		     "1000/b.service active keep: unit b.service: managers of users were too slow "
		     "before\n"
		     "c.service active stop\n");
	assert_int_equal(asked, 2);
}

/* However many users there are: the patience is for all of them. */
static void many_managers_that_do_not_answer_are_asked_once(void **state)
{
	(void)state;
	ANSWER({.manager = 1000, .name = "a.service", .code = ETIMEDOUT},
	       {.manager = 1001, .name = "b.service", .code = ETIMEDOUT},
	       {.manager = 1002, .name = "c.service", .state = "active", .can_stop = true});
	add_holder(HOLDER_USER_SERVICE, 1000, "a.service");
	add_holder(HOLDER_USER_SERVICE, 1001, "b.service");
	add_holder(HOLDER_USER_SERVICE, 1002, "c.service");
	assert_units("1000/a.service active keep: unit a.service: said\\x0aso\n"
		     "1001/b.service active keep: unit b.service: managers of users were too slow "
		     "before\n"
		     "1002/c.service active keep: unit c.service: managers of users were too slow "
		     "before\n");
	assert_int_equal(asked, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, stale)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(services_of_holders_are_asked_about_once),
		TEST(others_are_not_asked_about),
		TEST(the_service_of_a_display_server_is),
		TEST(what_systemd_does_not_tell_is_not_stopped),
		TEST(names_that_cannot_be_are_not_used),
		TEST(what_cannot_be_started_again_is_no_service),
		TEST(the_display_manager_goes_by_its_own_name),
		TEST(a_display_manager_that_holds_is_listed_once),
		TEST(without_a_display_nobody_asks_for_its_manager),
		TEST(there_may_be_no_display_manager),
		TEST(what_outlives_its_unit_is_no_service),
		TEST(what_the_host_stands_on_is_not_stopped_along),
		TEST(what_the_display_manager_runs_is_a_display),
		TEST(one_that_cannot_be_asked_about_is_kept),
		TEST(a_manager_that_does_not_answer_is_asked_once),
		TEST(many_managers_that_do_not_answer_are_asked_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
