// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What hangs on a device that people do not see: serial lines with the kernel's console or a login
 * on them, and watchdogs.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <utmp.h>

#include "base/cleanup.h"
#include "parsers/situation.h"
#include "tests/host/lending.h"
#include "tests/host/testhost.h"
#include "tests/host/tree.h"

/* --- lines --- */

/* A serial card in the place of the graphics card, with two ports. */
static struct testhost *with_lines(const char *more)
{
	auto_free char *text =
		xasprintf("device 0000:06:00.0 9710:9922 class=070002 driver=serial\n"
			  "node 0000:06:00.0 tty/ttyS4 4:68 subsystem=tty name=ttyS4\n"
			  "node 0000:06:00.0 tty/ttyS10 4:74 subsystem=tty name=ttyS10\n"
			  "%s",
			  more);

	return testhost_new(text);
}

/* What is told of it by the whole way that a plan is made. */
static char *uses_of(struct testhost *host, const char *guest_lines)
{
	auto_guest struct guest guest = guest_make(guest_lines);
	cleanup(situation_done) struct situation situation = {0};
	struct error err = ERROR_INIT;
	struct text out = TEXT_INIT;

	assert_ok(situation_read(&host->host, &guest, &situation, &err), &err);
	text_append(&out, "", 0);
	for (size_t i = 0; i < situation.snapshot.use_count; i++)
		text_printf(&out, "%s: %s %s\n", use_kind_name(situation.snapshot.uses[i].kind),
			    situation.snapshot.uses[i].what, situation.snapshot.uses[i].how);
	return out.data;
}

#define assert_uses(host, guest_lines, expected)                                                   \
	do {                                                                                       \
		auto_free char *uses_ = uses_of(host, guest_lines);                                \
		assert_text(uses_, expected);                                                      \
	} while (0)

#define LINES "hostdev 0000:06:00.0\n"

static void the_kernels_lines(void **state)
{
	struct testhost *host = with_lines("");

	(void)state;
	assert_uses(host, LINES, "");
	tree_file(host->root_fd, "sys/class/tty/console/active", "tty0 ttyS4\n");
	assert_uses(host, LINES, "console: ttyS4 is where the kernel's console is\n");
	/* Told twice, it is one; and one that only /proc tells of. */
	tree_file(host->root_fd, "proc/consoles",
		  "ttyS4                -W- (EC   a  )    4:68\n"
		  "ttyS10               -W- (E    a  )    4:74\n"
		  "netcon0              -W- (E       )\n");
	assert_uses(host, LINES,
		    "console: ttyS4 is where the kernel's console is\n"
		    "console: ttyS10 is where the kernel's console is\n");
	tree_file(host->root_fd, "sys/class/tty/console/active", "../../.. .. / ttyS\n");
	tree_file(host->root_fd, "proc/consoles", "%s", "");
	assert_uses(host, LINES, "");
	testhost_free(&host);
}

static void a_hypervisors_line_may_be_any_port(void **state)
{
	struct testhost *host = testhost_new(
		"device 0000:00:05.0 1af4:1003 class=078000 driver=virtio-pci\n"
		"node 0000:00:05.0 virtio1/virtio-ports/vport1p0 251:0 subsystem=virtio-ports "
		"name=vport1p0\n");

	(void)state;
	tree_file(host->root_fd, "sys/class/tty/console/active", "tty0 ttyS0\n");
	assert_uses(host, "hostdev 0000:00:05.0\n", "");
	tree_file(host->root_fd, "sys/class/tty/console/active", "tty0 hvc0\n");
	assert_uses(host, "hostdev 0000:00:05.0\n",
		    "console: hvc0 is where the kernel's console is\n");
	testhost_free(&host);
}

/* utmp, as there is no logind. */
static void add_entry(struct testhost *host, short type, int pid, const char *line,
		      const char *user)
{
	struct utmp entry = {.ut_type = type, .ut_pid = pid};

	memcpy(entry.ut_line, line, strlen(line));
	memcpy(entry.ut_user, user, strlen(user));
	tree_bytes(host->root_fd, "run/utmp", (const char *)&entry, sizeof(entry));
}

static void logins_on_lines(void **state)
{
	struct testhost *host = with_lines("process 700 comm=login tty=4:74\n"
					   "process 701 comm=agetty tty=4:68\n"
					   "process 702 comm=pppd tty=4:68\n");

	(void)state;
	assert_uses(host, LINES, "");
	add_entry(host, USER_PROCESS, 700, "ttyS10", "alice");
	assert_uses(host, LINES, "line-login: alice is logged in on ttyS10\n");
	add_entry(host, USER_PROCESS, 799, "ttyS10", "gone");
	assert_uses(host, LINES, "");
	add_entry(host, LOGIN_PROCESS, 700, "ttyS10", "LOGIN");
	assert_uses(host, LINES, "");
	testhost_free(&host);
	host = with_lines("process 700 comm=bash tty=4:68\n"
			  "process 701 comm=sh tty=4:68\n"
			  "process 702 comm=bash tty=136:68\n");
	assert_uses(host, LINES, "line-login: bash (process 700) is logged in on ttyS4\n");
	testhost_free(&host);
	/* What logind says is enough. */
	host = with_lines("session 5 uid=1000 user=alice active type=tty tty=ttyS4\n"
			  "session 6 uid=1001 user=bob active type=tty tty=pts/0 remote=192.0.2.7\n"
			  "process 701 comm=sh tty=4:74\n");
	assert_uses(host, LINES, "line-login: alice is logged in on ttyS4\n");
	testhost_free(&host);
}

/* A driver that is stuck keeps the lock of all consoles: which they are, nobody can say. */
static void consoles_that_stay_locked(void **state)
{
	static const char *const files[] = {"sys/class/tty/console/active", "proc/consoles"};
	auto_guest struct guest guest = guest_make(LINES);

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		auto_testhost struct testhost *host = with_lines("");
		cleanup(situation_done) struct situation situation = {0};
		struct error err = ERROR_INIT;

		tree_file(host->root_fd, files[i], "%s", "");
		tree_remove(host->root_fd, files[i]);
		assert_int_equal(mkfifoat(host->root_fd, files[i], 0600), 0);
		assert_int_equal(situation_read(&host->host, &guest, &situation, &err), -EBUSY);
		assert_contains(err.text, "keeps the kernel's consoles locked");
	}
}

/* Who cannot be known may be anybody. */
static void a_login_that_cannot_be_read(void **state)
{
	auto_guest struct guest guest = guest_make("hostdev 0000:01:00.0\n");
	auto_testhost struct testhost *host =
		testhost_new("device 0000:01:00.0 1002:744c class=030000 driver=amdgpu\n"
			     "framebuffer fb0 0000:01:00.0 name=amdgpudrmfb\n"
			     "vtconsole vtcon0 name=\"(S) VGA+\"\n"
			     "vtconsole vtcon1 name=\"(M) frame buffer device\" bound\n");
	cleanup(situation_done) struct situation situation = {0}, again = {0};
	struct error err = ERROR_INIT;

	(void)state;
	assert_ok(situation_read(&host->host, &guest, &situation, &err), &err);
	assert_int_equal(situation.snapshot.login_count, 0);
	tree_dir(host->root_fd, "run/systemd/sessions/5");
	assert_ok(situation_read(&host->host, &guest, &again, &err), &err);
	assert_int_equal(again.snapshot.login_count, 1);
	assert_text(again.snapshot.logins[0].who, "perhaps somebody (session 5 cannot be read)");
	assert_text(again.snapshot.logins[0].where, "seat0");
	testhost_free(&host);
	host = with_lines("");
	tree_dir(host->root_fd, "run/systemd/sessions/5");
	assert_uses(
		host, LINES,
		"line-login: perhaps somebody (session 5 cannot be read) is logged in on ttyS10\n"
		"line-login: perhaps somebody (session 5 cannot be read) is logged in on ttyS4\n");
}

/* --- watchdogs --- */

#define WATCHDOG                                                                                   \
	"bridge 0000:00:1c.0 8086:a338 bus=06\n"                                                   \
	"device 0000:06:00.0 103c:3306 class=088000 driver=hpwdt\n"                                \
	"node 0000:06:00.0 watchdog/watchdog0 248:0 subsystem=watchdog name=watchdog0\n"           \
	"node 0000:06:00.0 misc/watchdog 10:130 subsystem=misc name=watchdog\n"

static void watchdogs(void **state)
{
	struct testhost *host = testhost_new(WATCHDOG);

	(void)state;
	assert_uses(host, LINES, "watchdog: /dev/watchdog0 does not tell whether it runs\n");
	tree_file(host->root_fd, "sys/class/watchdog/watchdog0/state", "active\n");
	assert_uses(host, LINES, "watchdog: /dev/watchdog0 runs\n");
	tree_file(host->root_fd, "sys/class/watchdog/watchdog0/state", "inactive\n");
	assert_uses(host, LINES, "");
	testhost_free(&host);
	host = testhost_new(WATCHDOG "process 400 comm=sbd holds=watchdog\n");
	assert_uses(host, LINES, "watchdog: /dev/watchdog runs, kept by process 400 (sbd)\n");
	testhost_free(&host);
}

/* The kernel is not told whose it is: only the module says whether somebody uses it. */
static void a_watchdog_without_a_node(void **state)
{
	struct testhost *host = testhost_new(
		"bridge 0000:00:1c.0 8086:a338 bus=06\n"
		"device 0000:06:00.0 8086:25ab class=088000 driver=\"i6300ESB timer\"\n"
		"driver \"i6300ESB timer\" module=i6300esb\n");

	(void)state;
	tree_file(host->root_fd, "sys/module/i6300esb/refcnt", "0\n");
	assert_uses(host, LINES, "");
	tree_file(host->root_fd, "sys/module/i6300esb/refcnt", "1\n");
	assert_uses(host, LINES, "watchdog: its watchdog runs\n");
	tree_remove(host->root_fd, "sys/module/i6300esb/refcnt");
	assert_uses(host, LINES, "watchdog: its watchdog does not tell whether it runs\n");
	testhost_free(&host);
	host = testhost_new("bridge 0000:00:1c.0 8086:a338 bus=06\n"
			    "device 0000:06:00.0 8086:25ab class=088000 driver=\"i6300ESB timer\"\n"
			    "driver \"i6300ESB timer\" builtin\n");
	assert_uses(host, LINES, "watchdog: its watchdog does not tell whether it runs\n");
	testhost_free(&host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kernels_lines),
		cmocka_unit_test(a_hypervisors_line_may_be_any_port),
		cmocka_unit_test(logins_on_lines),
		cmocka_unit_test(consoles_that_stay_locked),
		cmocka_unit_test(a_login_that_cannot_be_read),
		cmocka_unit_test(watchdogs),
		cmocka_unit_test(a_watchdog_without_a_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
