// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is asked of a libvirt that answers, that fails, and that never answers: one that is made up,
 * as no test may wait for a real daemon.
 */
#include "hostdevctl/domains.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/library.h"
#include "base/worker.h"
#include "tests/host/check.h"

static enum { ANSWERS, FAILS, FREEZES, BREAKS, BREAKS_LATER } manner;

static pid_t still_at_it;

static void *made_up_connect(const char *name)
{
	assert_string_equal(name, "qemu:///system");
	while (manner == FREEZES)
		pause();
	return manner == FAILS ? NULL : &manner;
}

static int made_up_version(const void *connection, unsigned long *ret)
{
	(void)connection;
	*ret = 12001003;
	return 0;
}

static const char *made_up_message(void)
{
	return "no such socket";
}

/* As libvirt/virterror.h has it: what there is none of, or an error in the connection. */
static void *made_up_error(void)
{
	static int no_domain[] = {42}, broken[] = {38};

	return manner == BREAKS ? broken : no_domain;
}

static int made_up_list(void *connection, void ***ret, unsigned int flags)
{
	(void)connection;
	(void)ret;
	(void)flags;
	return manner == BREAKS_LATER ? -1 : 0;
}

static void *nothing(void)
{
	return NULL;
}

int __wrap_library_open(const char *file, const char *package, const struct library_symbol *symbols,
			size_t count, void **ret_handle, struct error *err);
int __wrap_library_open(const char *file, const char *package, const struct library_symbol *symbols,
			size_t count, void **ret_handle, struct error *err)
{
	(void)file;
	(void)package;
	(void)ret_handle;
	(void)err;
	for (size_t i = 0; i < count; i++) {
		void *found = (void *)nothing;

		if (strcmp(symbols[i].name, "virConnectOpenReadOnly") == 0)
			found = (void *)made_up_connect;
		else if (strcmp(symbols[i].name, "virConnectGetLibVersion") == 0)
			found = (void *)made_up_version;
		else if (strcmp(symbols[i].name, "virGetLastErrorMessage") == 0)
			found = (void *)made_up_message;
		else if (strcmp(symbols[i].name, "virGetLastError") == 0)
			found = (void *)made_up_error;
		else if (strcmp(symbols[i].name, "virConnectListAllDomains") == 0)
			found = (void *)made_up_list;
		memcpy(symbols[i].slot, &found, sizeof(found));
	}
	return 0;
}

void __real_workers_run(struct worker *workers, size_t count);
void __wrap_workers_run(struct worker *workers, size_t count);
void __wrap_workers_run(struct worker *workers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		assert_uint_in_range(workers[i].timeout_ms, 1, 10000);
		if (manner == FREEZES)
			workers[i].timeout_ms = 200;
	}
	__real_workers_run(workers, count);
	still_at_it = workers[0].pid;
}

static void the_version_of_the_daemon(void **state)
{
	auto_free char *version = NULL;

	(void)state;
	manner = ANSWERS;
	assert_int_equal(domains_read_version(&version, NULL), 0);
	assert_string_equal(version, "12.1.3");
}

static void no_daemon(void **state)
{
	struct error err = ERROR_INIT;
	char *version = NULL;

	(void)state;
	manner = FAILS;
	assert_int_equal(domains_read_version(&version, &err), -ENOTCONN);
	assert_string_equal(err.text, "libvirt cannot be asked: no such socket");
	assert_null(version);
}

static void a_daemon_that_is_stopped(void **state)
{
	struct error err = ERROR_INIT;
	char *version = NULL;
	int status;

	(void)state;
	manner = FREEZES;
	assert_int_equal(domains_read_version(&version, &err), -ETIMEDOUT);
	assert_string_equal(err.text, "libvirt has not answered for 5 s");
	assert_null(version);
	/* Nobody is left behind. */
	assert_true(still_at_it > 0);
	assert_int_equal(waitpid(still_at_it, &status, 0), still_at_it);
	assert_true(WIFSIGNALED(status));
}

static void a_guest_that_is_not_there(void **state)
{
	struct error err = ERROR_INIT;
	char *xml = NULL;

	(void)state;
	manner = ANSWERS;
	assert_int_equal(domains_read_xml("win11", &xml, &err), -ENOENT);
	assert_string_equal(err.text, "there is no guest win11, nor any other");
}

/* Whoever asks for the guest's files then finds it there. */
static void a_connection_that_breaks(void **state)
{
	(void)state;
	for (int i = BREAKS; i <= BREAKS_LATER; i++) {
		struct error err = ERROR_INIT;
		char *xml = NULL;

		manner = (__typeof__(manner))i;
		assert_int_equal(domains_read_xml("win11", &xml, &err), -ENOTCONN);
		assert_string_equal(err.text, "libvirt cannot be asked: no such socket");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_version_of_the_daemon),
		cmocka_unit_test(no_daemon),
		cmocka_unit_test(a_daemon_that_is_stopped),
		cmocka_unit_test(a_guest_that_is_not_there),
		cmocka_unit_test(a_connection_that_breaks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
