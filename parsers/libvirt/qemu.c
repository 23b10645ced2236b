// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whether a guest runs, by the one thing that its QEMU shows to everybody: its command line. That
 * is read from the process's memory, behind which anybody can put a file system of their own, so
 * it is asked for by a child that may be lost. Tests: model/test-cases.c, model/test-answers.c.
 */
#include "parsers/libvirt/qemu.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/worker-ask.h"
#include "model/protected.h"
#include "scan/process.h"

/* What the kernel may give a program at most is below that. */
#define CMDLINE_MAX (8u * 1024 * 1024)

#define SEARCH_TIMEOUT_MS 10000

/* The kernel's PF_KTHREAD. */
#define FLAG_KERNEL_THREAD 0x00200000

static bool is_pair(const char *word, const char *next, const char *uuid)
{
	return (strcmp(word, "-uuid") == 0 || strcmp(word, "--uuid") == 0) &&
	       strcasecmp(next, uuid) == 0;
}

/* cmdline: words that end with a NUL each; there is one behind the last in any case. */
static bool has_uuid(const char *cmdline, size_t length, const char *uuid)
{
	const char *word = cmdline, *end = cmdline + length;

	while (word < end) {
		const char *next = word + strlen(word) + 1;

		if (next < end && is_pair(word, next, uuid))
			return true;
		word = next;
	}
	return false;
}

static bool is_machine(const struct host *host, pid_t pid)
{
	char comm[64] = "", exe[256] = "";

	host_read(host, HOST_PROC, comm, sizeof(comm), NULL, "%d/comm", (int)pid);
	host_read_link_name(host, HOST_PROC, exe, sizeof(exe), NULL, "%d/exe", (int)pid);
	return protected_machine(comm, exe) != NULL;
}

static bool is_gone(int code)
{
	return code == -ENOENT || code == -ESRCH;
}

/* The first doubt is as good as any. */
__attribute__((format(printf, 3, 4))) static void doubt(struct qemu *qemu, pid_t pid,
							const char *format, ...)
{
	va_list args;

	if (qemu->life != QEMU_GONE)
		return;
	qemu->life = QEMU_UNKNOWN;
	qemu->pid = pid;
	va_start(args, format);
	vsnprintf(qemu->why, sizeof(qemu->why), format, args);
	va_end(args);
}

/* Kernel threads, too, have no command line. */
static bool is_ending(const struct host *host, pid_t pid)
{
	auto_close int process = process_open(host, pid);
	struct process_stat stat;

	return process >= 0 && process_stat(process, &stat) == 0 &&
	       !(stat.flags & FLAG_KERNEL_THREAD) &&
	       !(strchr("ZX", stat.state) && stat.threads <= 1);
}

/* Among those that go by the name of a QEMU, or among all others. */
struct qemu_search {
	const struct host *host;
	const char *uuid;
	bool machines;
	struct found_qemu {
		struct qemu qemu;
		pid_t at; /* is being looked at */
	} found;
};

/*
 * A process loses its command line with its memory, and only then its descriptors: a QEMU without
 * one may have the guest's devices still, and nobody can say whose it was.
 */
static void look_at(struct qemu_search *search, pid_t pid)
{
	struct qemu *qemu = &search->found.qemu;
	struct error failure = ERROR_INIT;
	auto_free char *cmdline = NULL;
	size_t length = 0;
	int ret = host_read_file(search->host, HOST_PROC, CMDLINE_MAX, &cmdline, &length, &failure,
				 "%d/cmdline", (int)pid);

	if (is_gone(ret) || (ret < 0 && !search->machines))
		return;
	if (ret < 0)
		doubt(qemu, pid, "%s", failure.text);
	else if (length == 0 && search->machines && is_ending(search->host, pid))
		doubt(qemu, pid, "process %d is a QEMU that is about to end", (int)pid);
	else if (has_uuid(cmdline, length, search->uuid) && search->machines)
		*qemu = (struct qemu){.life = QEMU_ALIVE, .pid = pid};
	else if (has_uuid(cmdline, length, search->uuid))
		doubt(qemu, pid, "process %d has its UUID, but not the name of a QEMU", (int)pid);
}

/* Answers what is found until now, before each process and at the end: the last of it counts. */
static int qemu_search_all(void *data, int answer, struct error *err)
{
	struct qemu_search *search = data;
	cleanup(host_free_names) char **names = NULL;
	int ret = host_list(search->host, HOST_PROC, &names, NULL, err, ".");

	for (size_t i = 0; ret == 0 && names[i] && search->found.qemu.life != QEMU_ALIVE; i++) {
		pid_t pid = (pid_t)strtol(names[i], NULL, 10);

		if (!isdigit((unsigned char)names[i][0]) ||
		    is_machine(search->host, pid) != search->machines)
			continue;
		search->found.at = pid;
		ret = worker_answer(answer, &search->found, sizeof(search->found), err);
		if (ret == 0)
			look_at(search, pid);
	}
	return ret < 0 ? ret : worker_answer(answer, &search->found, sizeof(search->found), err);
}

static int qemu_search_patiently(struct qemu_search *search, struct error *err)
{
	const struct worker_question question = {.ask = qemu_search_all,
						 .data = search,
						 .privileged = true,
						 .timeout_ms = SEARCH_TIMEOUT_MS};
	struct found_qemu *found = &search->found;
	auto_free char *answer = NULL;
	size_t length;
	int result = worker_ask(&question, &answer, &length, err);

	if (length >= sizeof(*found))
		memcpy(found, answer + length / sizeof(*found) * sizeof(*found) - sizeof(*found),
		       sizeof(*found));
	if (result == -ETIMEDOUT && search->machines)
		doubt(&found->qemu, found->at,
		      "process %d, which goes by the name of a QEMU, does not tell its command "
		      "line",
		      (int)found->at);
	return result == -ETIMEDOUT ? 0 : result;
}

int qemu_find(const struct host *host, const char *uuid, struct qemu *ret, struct error *err)
{
	struct qemu_search search = {.host = host, .uuid = uuid, .machines = true};
	int result = qemu_search_patiently(&search, err);

	if (result == 0 && search.found.qemu.life == QEMU_GONE) {
		search.machines = false;
		result = qemu_search_patiently(&search, err);
	}
	if (result == 0)
		*ret = search.found.qemu;
	return result;
}
