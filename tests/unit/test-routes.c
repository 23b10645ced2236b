// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lines of routes, rules and links, and which route an address takes.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <string.h>

#include "parsers/network/routes.h"
#include "tests/host/testhost.h"
#include "tests/host/tree.h"

static int read_told(const char *lines, struct routes *routes, struct error *err)
{
	auto_testhost struct testhost *host = testhost_new("");

	tree_file(host->root_fd, "network", "%s", lines);
	return routes_read(&host->host, routes, err);
}

/* The interface by which the address is reached, of these lines; "" where by none. */
#define assert_goes(lines, address, without, expected)                                             \
	do {                                                                                       \
		auto_routes struct routes routes_ = {0};                                           \
		struct error err_ = ERROR_INIT;                                                    \
		const struct route *found_;                                                        \
		struct inet to_;                                                                   \
                                                                                                   \
		assert_true(inet_parse(address, &to_));                                            \
		assert_ok(read_told(lines, &routes_, &err_), &err_);                               \
		found_ = routes_find_without(&routes_, &to_, without);                             \
		assert_text(found_ ? found_->interface : "", expected);                            \
	} while (0)

#define TABLES                                                                                     \
	"rule 4 255\nrule 4 100 special\nrule 4 254 suppress=0\nrule 4 200\nrule 4 254\n"          \
	"route 4 100 0 0.0.0.0 0 marked\nroute 4 200 0 0.0.0.0 0 wg0\n"                            \
	"route 4 254 0 0.0.0.0 0 eth0\nroute 4 254 24 192.0.2.0 0 eth1\n"                          \
	"route 4 255 32 192.0.2.1 0 lo\nroute 6 254 0 :: 1024 eth6\n"

static void rules_are_asked_in_their_order(void **state)
{
	(void)state;
	assert_goes(TABLES, "192.0.2.1", NULL, "lo");
	assert_goes(TABLES, "192.0.2.7", NULL, "eth1");
	assert_goes(TABLES, "203.0.113.7", NULL, "wg0");
	assert_goes(TABLES, "203.0.113.7", "wg0", "eth0");
	/* Of that protocol no rule is told: its main table. */
	assert_goes(TABLES, "2001:db8::7", NULL, "eth6");
	assert_goes("rule 4 254\n", "192.0.2.7", NULL, "");
}

static void what_a_table_throws_goes_by_the_next(void **state)
{
	(void)state;
	assert_goes(TABLES "hole 4 200 8 10.0.0.0 0 throw\n", "10.0.0.7", NULL, "eth0");
	assert_goes(TABLES "hole 4 200 8 10.0.0.0 0 throw\n", "203.0.113.7", NULL, "wg0");
}

static void a_link_and_its_ends(void **state)
{
	auto_routes struct routes routes = {0};
	struct error err = ERROR_INIT;
	const struct tunnel *tunnel;

	(void)state;
	assert_ok(read_told("link wg=\"0 wireguard to=garbage word to=2001:db8::7\n"
			    "peer wg=\"0 192.0.2.7\n"
			    "peer gone 192.0.2.8\n"
			    "link v0 veth elsewhere below=eth0\n",
			    &routes, &err),
		  &err);
	tunnel = routes_tunnel(&routes, "wg=\"0");
	assert_non_null(tunnel);
	assert_int_equal(tunnel->end_count, 2);
	assert_false(tunnel->elsewhere);
	tunnel = routes_tunnel(&routes, "v0");
	assert_true(tunnel->elsewhere);
	assert_text(tunnel->below, "eth0");
	assert_null(routes_tunnel(&routes, "gone"));
}

static void what_is_no_such_line_is_an_error(void **state)
{
	static const char *const lines[] = {
		"route 4 254 0 0.0.0.0 0",
		"route 5 254 0 0.0.0.0 0 eth0",
		"route 4 x 0 0.0.0.0 0 eth0",
		"route 4 254 33 0.0.0.0 0 eth0",
		"route 4 254 0 :: 0 eth0",
		"route 6 254 129 :: 0 eth0",
		"route 4 254 0 0.0.0.0 -1 eth0",
		"route 4 254 0 0.0.0.0 0 ",
		"rule 4",
		"rule 4 254 sometimes",
		"rule 4 99999999999",
		"rule 4 ends",
		"hole 4 254 0 0.0.0.0",
		"link eth0",
		"peer wg0",
		"peer wg0 nowhere",
		"route",
		"nonsense",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct routes routes = {0};
		struct error err = ERROR_INIT;

		assert_int_equal(read_told(lines[i], &routes, &err), -EBADMSG);
		assert_contains(err.text, lines[i]);
		assert_int_equal(routes.count, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_are_asked_in_their_order),
		cmocka_unit_test(what_a_table_throws_goes_by_the_next),
		cmocka_unit_test(a_link_and_its_ends),
		cmocka_unit_test(what_is_no_such_line_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
