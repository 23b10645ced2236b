// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Questions to this machine's kernel: one answer, many, and an error, after which nobody waits.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <unistd.h>

#include "base/netlink.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_answer),
		cmocka_unit_test(many_answers),
		cmocka_unit_test(an_error_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
