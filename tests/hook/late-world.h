/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tests/hook/engine-call.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>

#include "base/worker.h"
#include "session/session.h"
#include "state/journals.h"
#include "state/lock.h"
#include "state/state-locks.h"
#include "tests/host/kernel.h"

#define GPU "0000:01:00.0"
#define AUDIO "0000:01:00.1"
#define NIC "0000:03:00.0"
#define TIMEOUT_MS 3000

/*
 * A machine whose kernel keeps workers for long, and what such a worker does when it comes back.
 * Deadlines of a minute have no place in a test: each test of this has --wrap=workers_run.
 */
static bool hanging;

void __real_workers_run(struct worker *workers, size_t count);
void __wrap_workers_run(struct worker *workers, size_t count);

void __wrap_workers_run(struct worker *workers, size_t count)
{
	for (size_t i = 0; hanging && i < count; i++)
		if (workers[i].timeout_ms > TIMEOUT_MS)
			workers[i].timeout_ms = TIMEOUT_MS;
	__real_workers_run(workers, count);
}

static const char both[] =
	DOMAIN("g1", UUID_1, HOSTDEV("0x01", "0x0") HOSTDEV("0x01", "0x1") HOSTDEV("0x03", "0x0"));
static const char nic[] = DOMAIN("g1", UUID_1, HOSTDEV("0x03", "0x0"));
static const char other[] = DOMAIN("g2", UUID_2, HOSTDEV("0x01", "0x0") HOSTDEV("0x01", "0x1"));
static const char other_nic[] = DOMAIN("g2", UUID_2, HOSTDEV("0x03", "0x0"));

struct world {
	struct testhost *host;
	char *before;
};

static inline int fresh(void **state)
{
	struct world *world = xcalloc(1, sizeof(*world));

	world->host = testhost_new(machine);
	world->before = testhost_tree(world->host);
	hanging = false;
	*state = world;
	return 0;
}

static inline int done(void **state)
{
	struct world *world = *state;

	testhost_release(world->host);
	testhost_free(&world->host);
	free(world->before);
	free(world);
	return 0;
}

static inline void strike(const struct world *world, enum fault_kind kind, const char *path,
			  const char *value)
{
	struct fault fault = {.kind = kind, .at = FAULT_ANY, .path = path, .value = value};

	testhost_script(world->host, &fault);
	hanging = true;
}

static inline void assert_bound(const struct world *world, const char *addr, const char *driver)
{
	char name[64] = "";

	host_read_link_name(&world->host->host, HOST_SYS, name, sizeof(name), NULL,
			    "bus/pci/devices/%s/driver", addr);
	assert_string_equal(name, driver);
}

static inline void assert_home(const struct world *world)
{
	auto_free char *now = testhost_tree(world->host);

	assert_false(has_journal(world->host, UUID_1));
	assert_text(now, world->before);
}

/* How often the log of operations has it. */
static inline size_t count_operations(const struct world *world, const char *operation)
{
	auto_free char *log = testhost_log(world->host);
	size_t count = 0;

	for (const char *at = log; (at = strstr(at, operation)); at++)
		count++;
	return count;
}

static inline char *read_journal(const struct world *world)
{
	char *journal = NULL;
	size_t length;

	assert_int_equal(host_read_file(&world->host->host, HOST_RUN, 65536, &journal, &length,
					NULL, "hostdev-hook/" UUID_1 ".journal"),
			 0);
	return journal;
}

static inline void lock_guest(const struct world *world, struct lock *lock)
{
	auto_close int dir = openat(world->host->root_fd, "run/hostdev-hook",
				    O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_int_equal(lock_take_range(lock, dir, GUESTS_LOCK, lock_range_of(UUID_1), 1000, NULL),
			 0);
}

/* As the next hook would see it. Its worker lives, as it waits. */
static inline bool is_stuck(struct testhost *host)
{
	__attribute__((__cleanup__(execution_done))) struct execution execution = {0};
	auto_journal struct journal journal = JOURNAL_INIT;
	struct error err = ERROR_INIT;

	assert_ok(journal_read(&host->host, UUID_1, &journal, &err), &err);
	for (size_t i = 0; i < journal.step_count; i++) {
		const struct journal_process *worker = &journal.workers[i];
		auto_free char *path = xasprintf("proc/%d/stat", worker->pid);

		if (worker->pid)
			tree_file(host->root_fd, path,
				  "%d (hook) S 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 %llu 0\n",
				  worker->pid, (unsigned long long)worker->start_time);
	}
	assert_ok(execution_resume(&execution, &host->host, &journal, &err), &err);
	return execution_is_stuck(&execution);
}

/* Lets go of the worker that is kept. False: it has not come back. */
static inline bool comes_back(struct testhost *host)
{
	bool stuck = true;

	__atomic_store_n(&host->shared->released, true, __ATOMIC_RELEASE);
	for (int i = 0; i < 500 && stuck; i++) {
		poll(NULL, 0, 10);
		stuck = is_stuck(host);
	}
	return !stuck;
}

static inline void lend(const struct world *world, struct call *prepare)
{
	call_engine(world->host, prepare);
	assert_string_equal(prepare->said, "");
	assert_int_equal(prepare->status, 0);
}

#define test(name) cmocka_unit_test_setup_teardown(name, fresh, done)
