// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A plan is made of what is true when the claims are locked, not of what was seen when the look at
 * the host began: here the host changes in the middle of that look.
 */
#include "tests/hook/engine-call.h"

#include <errno.h>
#include <stdlib.h>

#include "parsers/domain/domain.h"
#include "session/session-plan.h"

#define CARD "0000:01:00.0"
#define JOURNAL "run/hostdev-hook/" UUID_2 ".journal"

/* The first card is lent to another guest; somebody holds the second, so systemd is asked. */
static const char cards[] =
	"boot " BOOT "\n"
	"device 0000:01:00.0 1002:744c class=030000 group=11 driver=vfio-pci override=vfio-pci\n"
	"device 0000:02:00.0 1002:744c class=030000 group=12 driver=amdgpu\n"
	"driver amdgpu module=amdgpu\n"
	"driver vfio-pci module=vfio-pci\n"
	"node 0000:02:00.0 drm/card2 226:2 subsystem=drm name=dri/card2\n"
	"unit lactd.service active pids=900\n"
	"unit radio.service inactive\n"
	"process 900 comm=lactd cgroup=/system.slice/lactd.service holds=dri/card2\n"
	"file " JOURNAL "\n"
	"\thostdev-hook journal 1\n"
	"\tboot " BOOT "\n"
	"\tguest other\n"
	"\tuuid " UUID_2 "\n"
	"\tclaim " CARD "\n"
	"\tstep unit radio.service active -> inactive # its process 901 (radio) holds " CARD "\n"
	"\tstep driver " CARD " amdgpu -> none,override=vfio-pci # hostdev device of other\n"
	"\tdone 1\n"
	"\tdone 2\n";

/* What happens while systemd is asked: everybody else's doing. */
static struct testhost *shaken;
static void (*shake)(int time);
static int looks;
static const struct host_ops *still;

static int read_unit(const struct host *host, uid_t manager, const char *name,
		     struct host_unit *ret, struct error *err)
{
	/* Asked for once in every look. */
	if (strcmp(name, "display-manager.service") == 0)
		shake(looks++);
	return still->unit_read(host, manager, name, ret, err);
}

static int plan_while(void (*what)(int time), struct plan *plan, struct error *err)
{
	auto_testhost struct testhost *host = testhost_new(cards);
	cleanup(situation_done) struct situation situation = {.policy = POLICY_INIT};
	auto_session struct session session = SESSION_INIT;
	auto_guest struct guest guest = {0};
	struct host_ops shaky = *host->host.ops;
	const char *xml = DOMAIN("g1", UUID_1, HOSTDEV("0x01", "0x0") HOSTDEV("0x02", "0x0"));
	int ret;

	still = host->host.ops;
	shaken = host;
	shake = what;
	looks = 0;
	shaky.unit_read = read_unit;
	host->host.ops = &shaky;
	assert_int_equal(fchmodat(host->root_fd, "run/hostdev-hook", 0700, 0), 0);
	assert_ok(domain_parse(xml, strlen(xml), &guest, err), err);
	assert_ok(session_open(&session, &host->host, "g1", UUID_1, true, err), err);
	ret = session_plan(&session, &guest, &situation, plan, err);
	assert_int_equal(session.locks.claims.fd >= 0, ret == 0);
	host->host.ops = still;
	return ret;
}

static bool has_line(const struct plan *plan, const char *line)
{
	auto_text struct text text = TEXT_INIT;

	text_append(&text, "", 0);
	plan_format(plan, true, &text);
	return strstr(text.data, line);
}

static void nothing_happens(int time)
{
	(void)time;
}

static void what_is_lent_is_refused(void **state)
{
	auto_plan struct plan plan = {0};
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(plan_while(nothing_happens, &plan, &err), &err);
	assert_int_equal(plan.refusal_count, 1);
	assert_int_equal(plan.refusals[0].kind, REFUSAL_CLAIMED);
	assert_int_equal(looks, 1);
}

static void the_other_guest_ends(int time)
{
	if (time > 0)
		return;
	testhost_set(shaken, CARD, "driver_override", "(null)");
	testhost_rebind(shaken, CARD, "amdgpu");
	assert_int_equal(unlinkat(shaken->root_fd, JOURNAL, 0), 0);
}

/* It was seen on vfio-pci: left there, it would go to the guest with all its users. */
static void what_came_home_is_looked_at_anew(void **state)
{
	auto_plan struct plan plan = {0};
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(plan_while(the_other_guest_ends, &plan, &err), &err);
	assert_int_equal(looks, 2);
	assert_int_equal(plan.refusal_count, 0);
	assert_true(has_line(&plan, "driver " CARD " amdgpu -> none,override=vfio-pci"));
	assert_false(has_line(&plan, "unit radio.service"));
}

/* Its worker binds before it clears the override. */
static void the_other_guest_ends_slowly(int time)
{
	if (time == 0) {
		testhost_set(shaken, CARD, "driver_override", "amdgpu");
		testhost_rebind(shaken, CARD, "amdgpu");
		assert_int_equal(unlinkat(shaken->root_fd, JOURNAL, 0), 0);
	} else if (time == 1) {
		testhost_set(shaken, CARD, "driver_override", "(null)");
	}
}

static void an_override_on_its_way_is_looked_at_anew(void **state)
{
	auto_plan struct plan plan = {0};
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(plan_while(the_other_guest_ends_slowly, &plan, &err), &err);
	assert_int_equal(looks, 3);
	assert_true(has_line(&plan, "driver " CARD " amdgpu -> none,override=vfio-pci"));
}

static void the_other_guest_had_an_override(int time)
{
	if (time == 0)
		the_other_guest_ends_slowly(time);
}

static void an_override_that_stays_is_no_reason(void **state)
{
	auto_plan struct plan plan = {0};
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(plan_while(the_other_guest_had_an_override, &plan, &err), &err);
	assert_int_equal(looks, 2);
	assert_true(has_line(&plan,
			     "driver " CARD " amdgpu,override=amdgpu -> none,override=vfio-pci"));
}

static void another_guest_claims(int time)
{
	(void)time;
	tree_file(shaken->root_fd, "run/hostdev-hook/00000000-1111-2222-3333-444444444444.journal",
		  "hostdev-hook journal 1\nboot " BOOT "\nguest third\n"
		  "uuid 00000000-1111-2222-3333-444444444444\nclaim 0000:02:00.0\n");
}

static void a_claim_made_meanwhile_counts(void **state)
{
	auto_plan struct plan plan = {0};
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(plan_while(another_guest_claims, &plan, &err), &err);
	assert_int_equal(looks, 1);
	assert_int_equal(plan.refusal_count, 2);
}

static void it_never_rests(int time)
{
	testhost_rebind(shaken, "0000:02:00.0", time % 2 ? "amdgpu" : NULL);
}

static void a_host_that_never_rests_is_given_up(void **state)
{
	auto_plan struct plan plan = {0};
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(plan_while(it_never_rests, &plan, &err), -EAGAIN);
	assert_contains(err.text, "0000:02:00.0 changed hands");
	assert_contains(err.text, "try again");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_lent_is_refused),
		cmocka_unit_test(what_came_home_is_looked_at_anew),
		cmocka_unit_test(an_override_on_its_way_is_looked_at_anew),
		cmocka_unit_test(an_override_that_stays_is_no_reason),
		cmocka_unit_test(a_claim_made_meanwhile_counts),
		cmocka_unit_test(a_host_that_never_rests_is_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
