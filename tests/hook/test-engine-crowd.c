// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A crowd of guests, each with a hook of its own, on one machine: some want what others have, all
 * share a service. Never have two guests one device, nobody fails but for the other's claim, and
 * in the end everything is home.
 */
#include "tests/hook/engine-call.h"

#include <stdio.h>
#include <stdlib.h>

#include "state/journals.h"

#define CARDS 4
#define GUESTS 8
#define ROUNDS 4

#define CARD(n)                                                                                    \
	"device 0000:0" #n ":00.0 1002:744c class=030000 group=1" #n " driver=amdgpu\n"            \
	"node 0000:0" #n ":00.0 drm/card" #n " 226:" #n " subsystem=drm name=dri/card" #n "\n"

static const char cards[] = "boot " BOOT "\n" CARD(1) CARD(2) CARD(3)
	CARD(4) "driver amdgpu module=amdgpu hangs-if-held\n"
		"driver vfio-pci module=vfio-pci\n"
		"unit lactd.service active pids=900\n"
		"process 900 comm=lactd cgroup=/system.slice/lactd.service "
		"holds=dri/card1,dri/card2,dri/card3,dri/card4\n";

/* The first four want a card each, the others two of them. */
struct member {
	unsigned int number;
	unsigned int wants[2], count;
	char name[16], uuid[UUID_TEXT_SIZE];
	char *xml;
};

static struct member member_make(unsigned int number)
{
	struct member member = {.number = number,
				.wants = {number % CARDS + 1, (number + 1) % CARDS + 1},
				.count = number < CARDS ? 1 : 2};
	auto_text struct text devices = TEXT_INIT;

	snprintf(member.name, sizeof(member.name), "g%u", number);
	snprintf(member.uuid, sizeof(member.uuid), "00000000-1111-2222-3333-44444444444%u", number);
	for (unsigned int i = 0; i < member.count; i++)
		text_printf(&devices,
			    "<hostdev mode='subsystem' type='pci' managed='yes'><source><address "
			    "domain='0' bus='%u' slot='0' function='0'/></source></hostdev>",
			    member.wants[i]);
	member.xml = xasprintf("<domain type='kvm'><name>%s</name><uuid>%s</uuid><devices>%s"
			       "</devices></domain>",
			       member.name, member.uuid, devices.data);
	return member;
}

/* In the member's own process: what went wrong is said there, and ends it. */
static void insist(bool good, const struct member *member, const char *what, const char *said)
{
	if (good)
		return;
	fprintf(stderr, "%s: %s: %s\n", member->name, what, said ? said : "");
	_exit(1);
}

static char *ask(struct testhost *host, const struct member *member, bool prepare, int *ret_status)
{
	struct call call = {.guest = member->name,
			    .operation = prepare ? "prepare" : "release",
			    .suboperation = prepare ? "begin" : "end",
			    .xml = member->xml,
			    .input_fd = memory_file(member->xml, strlen(member->xml)),
			    .stdout_fd = memory_file("", 0),
			    .stderr_fd = memory_file("", 0)};
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(run_engine(host, &call));
	insist(pid > 0 && waitpid(pid, &status, 0) == pid, member, "no process", NULL);
	close(call.input_fd);
	close(call.stdout_fd);
	*ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : 1000;
	return read_back(call.stderr_fd);
}

/* A mark for as long as a card is lent; there must be none when one is made. */
static void mark(struct testhost *host, const struct member *member, bool lent)
{
	for (unsigned int i = 0; i < member->count; i++) {
		auto_free char *name = xasprintf("lent-%u", member->wants[i]);
		auto_close int fd = -1;

		if (!lent) {
			insist(unlinkat(host->root_fd, name, 0) == 0, member, "lost", name);
			continue;
		}
		fd = openat(host->root_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		insist(fd >= 0, member, "lent twice", name);
	}
}

static void check_lent(struct testhost *host, const struct member *member)
{
	for (unsigned int i = 0; i < member->count; i++) {
		char driver[HOST_NAME_SIZE] = "";

		host_read_link_name(&host->host, HOST_SYS, driver, sizeof(driver), NULL,
				    "bus/pci/devices/0000:0%u:00.0/driver", member->wants[i]);
		insist(strcmp(driver, "vfio-pci") == 0, member, "not on vfio-pci but", driver);
	}
}

static bool was_in_the_way(const char *said)
{
	return strstr(said, "belongs to guest") || strstr(said, "is not returned yet") ||
	       strstr(said, "try again");
}

/* Returns how often it was lent what it wants. */
static int live(struct testhost *host, const struct member *member)
{
	int count = 0;

	for (int round = 0; round < ROUNDS; round++) {
		int status;
		auto_free char *said = ask(host, member, true, &status);
		auto_free char *farewell = NULL;

		if (status != 0) {
			insist(status == 1 && was_in_the_way(said), member, "not started", said);
			continue;
		}
		mark(host, member, true);
		check_lent(host, member);
		count++;
		mark(host, member, false);
		farewell = ask(host, member, false, &status);
		insist(status == 0, member, "not returned", farewell);
	}
	return count;
}

static void a_crowd_leaves_everything_as_it_was(void **state)
{
	auto_testhost struct testhost *host = testhost_new(cards);
	auto_free char *before = testhost_tree(host);
	auto_free char *after = NULL;
	int count = 0;

	(void)state;
	fflush(NULL);
	for (unsigned int i = 0; i < GUESTS; i++) {
		struct member member;

		if (fork() != 0)
			continue;
		member = member_make(i);
		/* 0 and 1 are for those who were not lent anything, and who failed. */
		_exit(2 + live(host, &member));
	}
	for (unsigned int i = 0; i < GUESTS; i++) {
		int status;

		assert_true(wait(&status) > 0);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) >= 2);
		count += WEXITSTATUS(status) - 2;
	}
	print_message("%d of %d starts got what they want\n", count, GUESTS * ROUNDS);
	assert_true(count > 0);
	after = testhost_tree(host);
	assert_text(after, before);
	for (unsigned int i = 0; i < GUESTS; i++) {
		auto_free char *uuid = xasprintf("00000000-1111-2222-3333-44444444444%u", i);

		assert_false(has_journal(host, uuid));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_crowd_leaves_everything_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
