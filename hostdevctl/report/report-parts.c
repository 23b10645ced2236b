// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a report is put together from: the answers of this program's own commands, the versions of
 * others, and the record of the host. Each comes from a process of its own with a time of its own:
 * a report is wanted most when something does not answer. Tests: ctl/report.bats.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/host-change.h"
#include "base/host-path.h"
#include "base/worker.h"
#include "hostdevctl/report/report.h"

#define REPORT_PROGRAMS "programs"
#define COMMAND_S 40
#define VERSION_S 10
#define NO_ANSWER "there was no answer within %d seconds"
/* A program that does not end by a signal, either, is left alone after that. */
#define GRACE_S 3
#define TEXT_MAX (4u * 1024 * 1024)
#define FILE_MAX ((size_t)1024 * 1024)

void report_done(struct report *report)
{
	for (size_t i = 0; i < report->count; i++)
		free(report->parts[i].text);
	free(report->parts);
	*report = (struct report){0};
}

struct report_part *report_add(struct report *report, const char *title, char *text)
{
	struct report_part *part;

	report->parts = array_grow(report->parts, report->count, sizeof(*report->parts));
	part = &report->parts[report->count++];
	*part = (struct report_part){.title = title, .text = text};
	return part;
}

/* --- programs --- */

/* What a worker asks, and where it leaves the answer. */
struct report_task {
	const char *title;
	const char *command; /* of this program; NULL: the record */
	const char *root;
	pid_t self;
	int fd; /* a file in memory */
};

/* Runs a program that is ended after so many seconds, where the host has timeout(1). */
static int run_bounded(struct host *host, unsigned int seconds, const char *const *words,
		       struct text *said, struct error *err)
{
	auto_free char *bound = NULL, *time = xasprintf("%u", seconds);
	const char *argv[10];
	size_t count = 0;

	if (host_program_find(host, "timeout", &bound, NULL) == 0) {
		argv[count++] = bound;
		argv[count++] = "-k";
		argv[count++] = "1";
		argv[count++] = time;
	}
	while (*words && count < sizeof(argv) / sizeof(*argv) - 1)
		argv[count++] = *words++;
	argv[count] = NULL;
	return host_command_run(host, (char *const *)argv, said, err);
}

/* A command that has found something at fault exits with 1, which is no failure here. */
static int ask_command(struct host *host, const struct report_task *task, struct text *said,
		       struct error *err)
{
	auto_free char *self = xasprintf("/proc/%d/exe", (int)task->self);
	const char *words[] = {self, task->command, task->root ? "--root" : NULL, task->root, NULL};
	int ret = run_bounded(host, COMMAND_S, words, said, err);

	return ret == -EIO && said->length > 0 && text_ends(err->text, "status 1") ? 0 : ret;
}

/* Bash opens the script by its name, and keeps it for no program that it starts. */
static int ask_record(struct host *host, const struct report_task *task, struct text *said,
		      struct error *err)
{
	auto_close int script = memfd_create("recorder", 0);
	size_t length = strlen(report_recorder);
	auto_free char *bash = NULL, *path = xasprintf("/proc/self/fd/%d", script);
	const char *words[4] = {NULL, path, task->root ? task->root : "", NULL};
	int ret;

	if (script < 0 || write(script, report_recorder, length) != (ssize_t)length)
		return error_errno(err, errno, "write the recorder");
	ret = host_program_find(host, "bash", &bash, err);
	if (ret < 0)
		return ret;
	words[0] = bash;
	return run_bounded(host, COMMAND_S, words, said, err);
}

/* --- versions --- */

struct program {
	const char *label;
	const char *names[3]; /* the first of them that is there */
};

static void tell_version(struct host *host, const struct program *program, struct text *out)
{
	auto_text struct text said = TEXT_INIT;
	auto_free char *path = NULL;

	for (size_t i = 0; program->names[i] && !path; i++)
		host_program_find(host, program->names[i], &path, NULL);
	if (!path)
		return text_printf(out, "%s: not found\n", program->label);
	if (run_bounded(host, VERSION_S, (const char *const[]){path, "--version", NULL}, &said,
			NULL) < 0 ||
	    !said.data)
		return text_printf(out, "%s: %s does not tell\n", program->label, path);
	text_printf(out, "%s: %.*s\n", program->label, (int)strcspn(said.data, "\n"), said.data);
}

/* Programs that are asked for their versions talk to no daemon. */
static void ask_versions(struct host *host, struct text *said)
{
	static const struct program programs[] = {
		{"libvirt", {"libvirtd", "virtqemud"}},
		{"QEMU", {"qemu-system-x86_64", "qemu-kvm"}},
		{"systemd", {"systemctl"}},
		{"bash", {"bash"}},
	};

	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++)
		tell_version(host, &programs[i], said);
}

/* --- all of them --- */

/* In a worker. */
static int ask(void *data, struct error *err)
{
	const struct report_task *task = data;
	cleanup(host_close) struct host host = {0};
	auto_text struct text said = TEXT_INIT;
	int ret = host_open(&host, "/", &host_ops_kernel, NULL, err);

	if (ret == 0 && strcmp(task->title, REPORT_PROGRAMS) == 0)
		ask_versions(&host, &said);
	else if (ret == 0)
		ret = task->command ? ask_command(&host, task, &said, err)
				    : ask_record(&host, task, &said, err);
	if (ret == -EIO && text_ends(err->text, "status 124"))
		ret = error_set(err, ETIMEDOUT, NO_ANSWER, COMMAND_S);
	if (ret == 0 && write(task->fd, text_string(&said), said.length) != (ssize_t)said.length)
		ret = error_errno(err, errno, "keep the answer");
	return ret;
}

static char *answer_of(const struct report_task *task)
{
	auto_text struct text text = TEXT_INIT;
	char buffer[4096];
	ssize_t length;

	lseek(task->fd, 0, SEEK_SET);
	while (text.length < TEXT_MAX && (length = read(task->fd, buffer, sizeof(buffer))) > 0)
		text_append(&text, buffer, (size_t)length);
	return text_steal(&text);
}

/* "/usr/bin/timeout ended with status 3": of what it has run there is more to be said. */
static char *reason(const struct worker *worker)
{
	const char *end = strstr(worker->error.text, " ended ");

	if (worker->result == -ETIMEDOUT)
		return xasprintf(NO_ANSWER, COMMAND_S);
	if (worker->result == -EIO && end)
		return xasprintf("its program%s%s",
				 text_ends(worker->error.text, ")") ? " was" : "", end);
	return xstrdup(worker->error.text);
}

static void take_answer(const struct report_task *task, const struct worker *worker,
			struct report *report)
{
	auto_free char *why = NULL;

	if (worker->result == 0) {
		report_add(report, task->title, answer_of(task));
		return;
	}
	why = reason(worker);
	report_add(report, task->title, xasprintf(REPORT_MISSING "%s\n", why))->missing = true;
}

/* Two that would ask for the same disk's owner at the same time would find each other. */
static void run_round(struct report_task *tasks, size_t count, struct report *report)
{
	struct worker workers[3] = {{0}};

	for (size_t i = 0; i < count; i++) {
		tasks[i].self = getpid();
		tasks[i].fd = memfd_create("answer", MFD_CLOEXEC);
		workers[i] = (struct worker){.work = ask,
					     .data = &tasks[i],
					     .unprivileged = !tasks[i].command,
					     .timeout_ms = (COMMAND_S + GRACE_S) * 1000};
	}
	workers_run(workers, count);
	for (size_t i = 0; i < count; i++) {
		take_answer(&tasks[i], &workers[i], report);
		cleanup_close(&tasks[i].fd);
	}
}

static char *read_line(const struct host *host, const char *path)
{
	char *text = NULL;

	if (host_path_read(host, path, FILE_MAX, &text, NULL, NULL) < 0)
		return xstrdup("not known");
	text[strcspn(text, "\n")] = '\0';
	return text;
}

static char *distribution(const struct host *host)
{
	static const char key[] = "PRETTY_NAME=";
	auto_free char *text = NULL;
	const char *at;

	if (host_path_read(host, "/etc/os-release", FILE_MAX, &text, NULL, NULL) < 0 ||
	    !(at = strstr(text, key)))
		return xstrdup("not known");
	at += strlen(key);
	at += strspn(at, "\"'");
	return xasprintf("%.*s", (int)strcspn(at, "\"'\n"), at);
}

static void add_facts(const struct host *host, struct report *report)
{
	auto_free char *kernel = read_line(host, "/proc/sys/kernel/osrelease");
	auto_free char *name = distribution(host);
	auto_free char *words = read_line(host, "/proc/cmdline");

	report_add(report, REPORT_VERSIONS,
		   xasprintf("hostdev-hook: " HOSTDEV_VERSION "\nkernel: %s\ndistribution: %s\n",
			     kernel, name));
	report_add(report, "words of the kernel", xasprintf("%s\n", words));
}

void report_collect(const struct host *host, const char *root, struct report *report)
{
	struct report_task first[] = {
		{.title = "hostdevctl list", .command = "list", .root = root}};
	struct report_task second[] = {
		{.title = "hostdevctl check", .command = "check", .root = root},
		{.title = "hostdevctl log", .command = "log", .root = root},
		{.title = REPORT_PROGRAMS}};
	struct report_task third[] = {
		{.title = "hostdevctl status", .command = "status", .root = root},
		{.title = REPORT_RECORD, .root = root}};

	add_facts(host, report);
	run_round(first, 1, report);
	/* The programs of this host are not those below another root. */
	run_round(second, root ? 2 : 3, report);
	run_round(third, 2, report);
}
