// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The "unit" cell: what systemd's words mean, what a unit that is gone is, and what a display
 * manager waits for.
 */
#include "tests/unit/cell-helpers.h"

#define GPU "0000:01:00.0"
#define DEVICE "sys/bus/pci/devices/" GPU
#define DM "gdm.service"

static const char *unit_state; /* NULL: read fails with read_code */
static int read_code;
static uid_t asked_manager;

static int fake_read(const struct host *host, uid_t manager, const char *name,
		     struct host_unit *ret, struct error *err)
{
	(void)host;
	asked_manager = manager;
	if (!unit_state)
		return error_errno(err, read_code, "unit %s", name);
	*ret = (struct host_unit){.id = xstrdup(name), .state = xstrdup(unit_state)};
	return 0;
}

static int fake_set(struct host *host, uid_t manager, const char *name, bool active,
		    unsigned int timeout_ms, struct error *err)
{
	auto_free char *what = xasprintf("%s %s of %u", active ? "start" : "stop", name, manager);
	auto_free char *time = xasprintf("%u", timeout_ms);
	int code = cells_react(host, what, time);

	return code ? error_errno(err, code, "%s", what) : 0;
}

static const struct host_ops ops = {
	.write_attr = cells_write_attr, .unit_read = fake_read, .unit_set = fake_set};

static int fresh(void **state)
{
	*state = cells_new(&ops);
	unit_state = "active";
	return 0;
}

static int done(void **state)
{
	cells_free(*state);
	return 0;
}

static void states_are_two(void **state)
{
	static const char *const rows[][2] = {
		{"active", "active"},
		{"reloading", "active"},
		{"activating", "active"},
		{"refreshing", "active"},
		{"inactive", "inactive"},
		{"failed", "inactive"},
		{"maintenance", "inactive"},
		/* Neither: it still has what it has open, and will not run when it is done. */
		{"deactivating", "deactivating"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unit_state = rows[i][0];
		assert_reads(*state, &unit_ops, DM, rows[i][1]);
	}
}

static void users_units_are_asked_of_their_manager(void **state)
{
	assert_reads(*state, &unit_ops, "1000/pipewire.service", "active");
	assert_int_equal(asked_manager, 1000);
	assert_sets(*state, &unit_ops, "1000/pipewire.service", "inactive");
	assert_text(((struct cells *)*state)->log.data, "stop pipewire.service of 1000 30000\n");
	assert_unreadable(*state, &unit_ops, "x/y/z", EINVAL, "x/y/z");
}

/* Gone is told from unknown: what is gone has nothing to restore, what is unknown perhaps has. */
static void gone_is_not_unknown(void **state)
{
	unit_state = NULL;
	read_code = ENOENT;
	assert_unreadable(*state, &unit_ops, DM, ENOENT, DM);
	read_code = ENOSYS;
	assert_unreadable(*state, &unit_ops, DM, ENOSYS, DM);
	/* A user's manager ends with the user's last session. */
	assert_unreadable(*state, &unit_ops, "1000/a.service", ENOENT, "1000");
	read_code = ETIMEDOUT;
	assert_unreadable(*state, &unit_ops, DM, ETIMEDOUT, DM);
	assert_string_equal(unit_ops.absent, "inactive");
}

static void it_is_stopped_and_started(void **state)
{
	struct cells *cells = *state;

	assert_sets(cells, &unit_ops, DM, "inactive");
	assert_sets(cells, &unit_ops, DM, "active");
	assert_text(cells->log.data, "stop gdm.service of 0 30000\nstart gdm.service of 0 60000\n");
	assert_set_fails(cells, &unit_ops, DM, "deactivating", EINVAL, "deactivating");
	assert_set_fails(cells, &unit_ops, DM, "active,drm=x", EINVAL, "active,drm=x");
}

static int time_out(struct cells *cells, const char *what, const char *value)
{
	(void)cells;
	(void)what;
	(void)value;
	return ETIMEDOUT;
}

static void a_failure_is_told(void **state)
{
	((struct cells *)*state)->react = time_out;
	assert_set_fails(*state, &unit_ops, DM, "inactive", ETIMEDOUT, "stop gdm.service");
}

static void bring_card(struct cells *cells)
{
	tree_file(cells->root_fd, DEVICE "/drm/card1/dev", "226:1\n");
	tree_file(cells->root_fd, "run/udev/data/c226:1", "x\n");
}

/* When it is started, udev must know the node. */
static int check_start(struct cells *cells, const char *what, const char *value)
{
	(void)what;
	(void)value;
	return tree_exists(cells->root_fd, "run/udev/data/c226:1") ? 0 : EIO;
}

static void a_display_manager_waits_for_its_card(void **state)
{
	struct cells *cells = *state;

	tree_dir(cells->root_fd, "run/udev/data");
	tree_link(cells->root_fd, DEVICE "/driver", "sys/bus/pci/drivers/amdgpu");
	cells->react = check_start;
	cells_later(cells, bring_card);
	assert_sets(cells, &unit_ops, DM, "active,drm=" GPU);
}

/* A node that udev does not know yet is none to whoever asks udev. */
static void a_card_that_udev_does_not_know_is_not_there(void **state)
{
	struct cells *cells = *state;

	tree_dir(cells->root_fd, "run/udev/data");
	tree_link(cells->root_fd, DEVICE "/driver", "sys/bus/pci/drivers/amdgpu");
	tree_file(cells->root_fd, DEVICE "/drm/card1/dev", "226:1\n");
	tree_file(cells->root_fd, DEVICE "/drm/renderD128/dev", "226:128\n");
	tree_file(cells->root_fd, "run/udev/data/c226:128", "x\n");
	cells->react = check_start;
	cells_later(cells, bring_card);
	assert_sets(cells, &unit_ops, DM, "active,drm=" GPU);
}

static void bring_housing(struct cells *cells)
{
	tree_link(cells->root_fd, DEVICE "/driver", "sys/bus/pci/drivers/amdgpu");
	bring_card(cells);
}

/* Behind a Thunderbolt controller that has just come home there is nothing yet. */
static void a_card_in_a_housing_comes_later(void **state)
{
	struct cells *cells = *state;

	tree_dir(cells->root_fd, "run/udev/data");
	assert_false(tree_exists(cells->root_fd, DEVICE));
	cells->react = check_start;
	cells_later(cells, bring_housing);
	assert_sets(cells, &unit_ops, DM, "active,drm=" GPU);
}

/* Its return failed, or it has no driver at home: nothing will come, and nobody waits for it. */
static void without_a_driver_nothing_is_waited_for(void **state)
{
	struct cells *cells = *state;
	uint64_t started_ms = host_now_ms();

	tree_dir(cells->root_fd, "run/udev/data");
	tree_dir(cells->root_fd, DEVICE);
	assert_sets(cells, &unit_ops, DM, "active,drm=" GPU);
	tree_link(cells->root_fd, DEVICE "/driver", "sys/bus/pci/drivers/vfio-pci");
	assert_sets(cells, &unit_ops, DM, "active,drm=" GPU);
	assert_true(host_now_ms() - started_ms < 8000);
}

static void deadlines_cover_what_is_waited_for(void **state)
{
	const struct limits limits = LIMITS_INIT;

	(void)state;
	assert_true(step_timeout_ms(STEP_UNIT, "active", "inactive", &limits) > 30000);
	assert_true(step_timeout_ms(STEP_UNIT, "inactive", "active", &limits) > 60000);
	assert_true(step_timeout_ms(STEP_UNIT, "inactive", "active,drm=" GPU, &limits) > 70000);
}

#define test(name) cmocka_unit_test_setup_teardown(name, fresh, done)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(states_are_two),
		test(users_units_are_asked_of_their_manager),
		test(gone_is_not_unknown),
		test(it_is_stopped_and_started),
		test(a_failure_is_told),
		test(a_display_manager_waits_for_its_card),
		test(a_card_that_udev_does_not_know_is_not_there),
		test(a_card_in_a_housing_comes_later),
		test(without_a_driver_nothing_is_waited_for),
		test(deadlines_cover_what_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
