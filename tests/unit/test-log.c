// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A log that does not take what it is told, as when its queue is full and nobody reads it.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/host.h"
#include "base/log.h"

static unsigned int calls, ends;

static int block(void)
{
	calls++;
	if (poll(NULL, 0, 20000) == 0)
		return 0;
	ends++;
	return -errno;
}

int __wrap_sd_journal_sendv_with_location(const char *file, const char *line, const char *function,
					  const struct iovec *fields, int count);
int __wrap_access(const char *path, int mode);
void __wrap_syslog(int level, const char *format, ...);

int __wrap_sd_journal_sendv_with_location(const char *file, const char *line, const char *function,
					  const struct iovec *fields, int count)
{
	(void)file;
	(void)line;
	(void)function;
	(void)fields;
	(void)count;
	return block();
}

int __wrap_access(const char *path, int mode)
{
	(void)path;
	(void)mode;
	return 0;
}

void __wrap_syslog(int level, const char *format, ...)
{
	(void)level;
	(void)format;
	block();
}

static void a_log_that_is_stuck_holds_up_nobody(void **state)
{
	const struct log_fields fields = {.guest = "g1", .duration_ms = -1};
	uint64_t started_ms = host_now_ms();

	(void)state;
	for (int i = 0; i < 300; i++)
		log_write(LOG_LEVEL_INFO, &fields, "g1: a line of many");
	assert_uint_in_range(host_now_ms() - started_ms, 1000, 15000);
	/* A log that only was slow for once has the next line, and one that is dead has not. */
	assert_uint_in_range(calls, 2, 20);
	assert_int_equal(ends, calls);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_log_that_is_stuck_holds_up_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
