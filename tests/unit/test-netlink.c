// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Questions to this machine's kernel: one answer, many, and an error, after which nobody waits.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/netlink.h"
#include "tests/unit/library-helpers.h"

static const struct genlmsghdr get_family = {.cmd = CTRL_CMD_GETFAMILY, .version = 1};

static struct netlink_request request_of(const char *family)
{
	return (struct netlink_request){.protocol = NETLINK_GENERIC,
					.type = GENL_ID_CTRL,
					.head = &get_family,
					.head_size = sizeof(get_family),
					.attribute = CTRL_ATTR_FAMILY_NAME,
					.text = family};
}

static void count(void *data, uint16_t type, const void *payload, size_t length)
{
	assert_int_equal(type, GENL_ID_CTRL);
	assert_non_null(payload);
	assert_true(length > GENL_HDRLEN);
	++*(int *)data;
}

static void restart(void *data)
{
	*(int *)data = 0;
}

static void count_restarts(void *data)
{
	((int *)data)[0] = 0;
	((int *)data)[1]++;
}

static void one_answer(void **state)
{
	struct netlink_request request = request_of("nlctrl");
	struct error err = ERROR_INIT;
	int answers = 0;

	(void)state;
	assert_ok(netlink_ask(&request, count, &answers, &err), &err);
	assert_int_equal(answers, 1);
}

static void many_answers(void **state)
{
	struct netlink_request request = request_of(NULL);
	struct error err = ERROR_INIT;
	int answers = 0;

	(void)state;
	assert_ok(netlink_dump(&request, restart, count, &answers, &err), &err);
	assert_true(answers > 1);
}

static void an_error_ends_it(void **state)
{
	struct netlink_request request = request_of("no-such-family");
	struct error err = ERROR_INIT;
	int answers = 0;

	(void)state;
	alarm(20);
	assert_int_equal(netlink_ask(&request, count, &answers, &err), -ENOENT);
	assert_contains(err.text, "netlink's answer");
	/* A dump that nobody gives. */
	request = (struct netlink_request){.protocol = NETLINK_ROUTE,
					   .type = 0x7ffe,
					   .head = &get_family,
					   .head_size = sizeof(get_family)};
	assert_int_equal(netlink_dump(&request, restart, count, &answers, NULL), -EOPNOTSUPP);
	alarm(0);
	assert_int_equal(answers, 0);
}

/* --- a kernel that does not answer well --- */

static int failures, failure_code, receives;

/* Libmnl's call of it comes here, too: a program's own functions stand before those of libc. */
ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	receives++;
	if (failures > 0) {
		failures--;
		errno = failure_code;
		return -1;
	}
	return syscall(SYS_recvmsg, fd, message, flags);
}

static int dump_with(int code, int count_of_failures, int *ret_restarts, struct error *err)
{
	struct netlink_request request = request_of(NULL);
	int data[2] = {0}, ret;

	failure_code = code;
	failures = count_of_failures;
	receives = 0;
	ret = netlink_dump(&request, count_restarts, count, data, err);
	failures = 0;
	assert_true(receives > 0);
	*ret_restarts = data[1];
	if (ret == 0)
		assert_true(data[0] > 1);
	return ret;
}

/* The table has changed, there was more than fits, somebody has the lock: all pass. */
static void an_answer_that_did_not_come_whole_is_asked_for_again(void **state)
{
	static const int codes[] = {EINTR, ENOBUFS, EBUSY};
	struct error err = ERROR_INIT;
	int restarts;

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		assert_ok(dump_with(codes[i], 3, &restarts, &err), &err);
		assert_int_equal(restarts, 3);
		/* But not for ever. */
		assert_int_equal(dump_with(codes[i], 1000, &restarts, &err), -EAGAIN);
		assert_int_equal(restarts, 7);
		assert_contains(err.text, "changes all the time");
		err = (struct error)ERROR_INIT;
	}
	/* Any other is the answer. */
	assert_int_equal(dump_with(EPERM, 1, &restarts, &err), -EPERM);
	assert_int_equal(restarts, 0);
}

static void without_the_library_its_name_is_told(void **state)
{
	struct netlink_request request = request_of("nlctrl");
	struct error err = ERROR_INIT;
	int answers = 0;

	(void)state;
	libraries_are_missing = true;
	libraries_opened = 0;
	assert_int_equal(netlink_ask(&request, count, &answers, &err), -ELIBACC);
	assert_int_equal(libraries_opened, 1);
	libraries_are_missing = false;
	assert_contains(err.text, "libmnl");
	assert_int_equal(answers, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_answer),
		cmocka_unit_test(many_answers),
		cmocka_unit_test(an_error_ends_it),
		cmocka_unit_test(an_answer_that_did_not_come_whole_is_asked_for_again),
		cmocka_unit_test(without_the_library_its_name_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
