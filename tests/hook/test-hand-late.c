// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A device that is to be lent to a guest that runs, and the kernel does not answer in time: the
 * guest keeps what it has, and what is stuck comes home as after a start that failed.
 */
#include "tests/hook/hand-call.h"

#include "base/worker.h"

#define NIC_ADDR "0000:03:00.0"
#define CARD HOSTDEV("0x01", "0x0") HOSTDEV("0x01", "0x1")
#define LIVE                                                                                       \
	"<domstatus state='running' reason='booted' pid='950'>\n"                                  \
	"<domain type='kvm' id='1'><name>g1</name><uuid>" UUID_1 "</uuid><devices>" CARD           \
	"</devices></domain></domstatus>\n"
#define USERS                                                                                      \
	"process 950 comm=qemu-system-x86 "                                                        \
	"cmdline=\"/usr/bin/qemu-system-x86_64 -name guest=g1 -uuid " UUID_1 " -S\"\n"             \
	"node 0000:03:00.0 drm/card9 226:9\n"                                                      \
	"process 900 comm=user cgroup=/system.slice/user.service holds=dri/card9\n"                \
	"unit user.service active pids=900\n"

/* Deadlines of a minute have no place in a test. */
static unsigned int most_ms;

void __real_workers_run(struct worker *workers, size_t count);
void __wrap_workers_run(struct worker *workers, size_t count);

void __wrap_workers_run(struct worker *workers, size_t count)
{
	for (size_t i = 0; most_ms && i < count; i++)
		if (workers[i].timeout_ms > most_ms)
			workers[i].timeout_ms = most_ms;
	__real_workers_run(workers, count);
}

static struct testhost *running_guest(void)
{
	struct testhost *host = machine_with_caller(USERS);

	lend(host, "g1", DOMAIN("g1", UUID_1, CARD));
	tree_file(host->root_fd, "run/libvirt/qemu/g1.xml", "%s", LIVE);
	return host;
}

/* Whoever had it open would have it open again before its driver has let go of it. */
static void who_used_it_waits_for_the_driver(void **state)
{
	auto_testhost struct testhost *host = running_guest();
	auto_hand struct hand_call call = {
		.addr = NIC_ADDR, .name = "g1", .uuid = UUID_1, .runs = true};
	struct fault fault = {.kind = FAULT_HANG, .at = FAULT_ANY, .path = "drivers/e1000e/unbind"};

	(void)state;
	testhost_script(host, &fault);
	most_ms = 2000;
	lend_by_hand(host, &call);
	most_ms = 0;
	assert_int_equal(call.status, 1);
	assert_contains(call.said, "the kernel has not answered");
	assert_contains(call.said, "stopped until then: user.service");
	assert_null(strstr(call.said, "cannot be started"));
	check_state(host, "unit user.service inactive");
	testhost_release(host);
	check_state(host, "device 0000:03:00.0 driver=e1000e");
	check_state(host, "unit user.service active");
	check_state(host, "device 0000:01:00.0 driver=vfio-pci");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_used_it_waits_for_the_driver),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
