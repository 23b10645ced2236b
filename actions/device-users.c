// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which of a device's nodes tell that it is in use, and how whoever uses it is named in one line.
 * Tests: unit/test-gates.c, unit/test-vfio-group.c.
 */
#include "actions/device-users.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "scan/carried.h"
#include "scan/nodes.h"
#include "scan/processes.h"

#define NAMED_MAX 3
#define ASK_AGAIN_MS 500

/* The kernel waits for nobody who has a clock open, and tells those that it is gone. */
static bool tells_nothing(const struct node *node)
{
	return node->shared || node_is_clock(node);
}

static void keep_telling(struct user_nodes *nodes)
{
	size_t kept = 0;

	for (size_t i = 0; i < nodes->count; i++) {
		if (tells_nothing(&nodes->nodes[i]))
			node_done(&nodes->nodes[i]);
		else
			nodes->nodes[kept++] = nodes->nodes[i];
	}
	nodes->count = kept;
}

int user_nodes_read(const struct host *host, const struct pci_addr *addrs, size_t count,
		    struct user_nodes *ret, struct error *err)
{
	auto_user_nodes struct user_nodes nodes = {0};

	for (size_t i = 0; i < count; i++) {
		int result = nodes_read(host, &addrs[i], &nodes.nodes, &nodes.count, err);

		if (result == 0)
			result = carried_nodes_read(host, &addrs[i], &nodes.nodes, &nodes.count,
						    err);
		if (result < 0)
			return result;
	}
	keep_telling(&nodes);
	*ret = nodes;
	nodes = (struct user_nodes){0};
	return 0;
}

void user_nodes_done(struct user_nodes *nodes)
{
	nodes_free(&nodes->nodes, &nodes->count);
}

void user_nodes_watch(const struct user_nodes *nodes, struct watch *watch, const struct host *host)
{
	for (size_t i = 0; i < nodes->count; i++)
		watch_path(watch, host, HOST_DEV, WATCH_CLOSE, "%s", nodes->nodes[i].name);
}

void device_users_name_process(const struct host *host, int pid, struct text *out)
{
	auto_free char *name = NULL;
	char comm[64];

	text_printf(out, "process %d", pid);
	if (host_read(host, HOST_PROC, comm, sizeof(comm), NULL, "%d/comm", pid) < 0)
		return;
	name = text_escape(comm);
	text_printf(out, " (%s)", name);
}

static void name_hits(const struct host *host, const struct user_nodes *nodes,
		      const struct scan *scan, struct text *who)
{
	size_t named = 0, more = 0;

	for (size_t i = 0; i < scan->hit_count; i++) {
		const struct scan_hit *hit = &scan->hits[i];

		/* Sorted by pid: the first node of each will do. */
		if (i > 0 && hit->pid == scan->hits[i - 1].pid)
			continue;
		if (named == NAMED_MAX) {
			more++;
			continue;
		}
		text_printf(who, "%s", named++ ? ", " : "");
		device_users_name_process(host, hit->pid, who);
		text_printf(who, " holds /dev/%s", nodes->nodes[hit->node].name);
	}
	if (more)
		text_printf(who, " and %zu more", more);
}

static void name_gap(const struct host *host, const struct scan_gap *gap, struct text *who)
{
	device_users_name_process(host, gap->pid, who);
	text_printf(who, " cannot be looked into (%s)", strerror(gap->code));
}

int device_users_find(const struct host *host, const struct user_nodes *nodes,
		      struct device_users *ret, struct error *err)
{
	auto_scan struct scan scan = {0};
	int result;

	device_users_done(ret);
	/* No nodes: no pass. */
	if (nodes->count == 0)
		return 0;
	result = processes_scan(host, nodes->nodes, nodes->count, &scan, err);
	if (result < 0)
		return result;
	if (scan.hit_count > 0) {
		name_hits(host, nodes, &scan, &ret->who);
		ret->addr = nodes->nodes[scan.hits[0].node].addr;
	} else if (scan.gap_count > 0) {
		name_gap(host, &scan.gaps[0], &ret->who);
		ret->addr = nodes->nodes[0].addr;
	}
	return scan.hit_count > 0 || scan.gap_count > 0;
}

void device_users_done(struct device_users *answer)
{
	text_done(&answer->who);
	*answer = (struct device_users){0};
}

struct user_question {
	const struct host *host;
	const struct pci_addr *addrs;
	size_t count;
	struct device_users *answer;
	int result; /* device_users_find's */
};

/* A look that failed is no answer, and the next one may succeed. */
static int is_free(void *data, struct error *err)
{
	auto_user_nodes struct user_nodes nodes = {0};
	struct user_question *question = data;

	question->result =
		user_nodes_read(question->host, question->addrs, question->count, &nodes, err);
	if (question->result == 0)
		question->result = device_users_find(question->host, &nodes, question->answer, err);
	return question->result == 0;
}

static void wait_until_free(struct user_question *question, unsigned int wait_ms, struct error *err)
{
	auto_user_nodes struct user_nodes nodes = {0};
	auto_watch struct watch watch;

	watch_init(&watch);
	if (user_nodes_read(question->host, question->addrs, question->count, &nodes, NULL) == 0)
		user_nodes_watch(&nodes, &watch, question->host);
	watch_until(&watch, is_free, question, wait_ms, ASK_AGAIN_MS, err);
}

int device_users_wait(const struct host *host, const struct pci_addr *addrs, size_t count,
		      unsigned int wait_ms, struct device_users *ret, struct error *err)
{
	struct user_question question = {
		.host = host, .addrs = addrs, .count = count, .answer = ret};

	if (!is_free(&question, err))
		wait_until_free(&question, wait_ms, err);
	return question.result;
}
