// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which manager of systemd has a unit, where it listens and as whom it wants to be asked. It is
 * asked by a child, as a manager may be slow to answer, and a user's one talks to that user only.
 */
#include "base/host-real.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/systemd.h"
#include "base/text.h"
#include "base/worker-ask.h"

/* How long a unit may be asked about; and what a job's answer may take beyond its own time. */
#define ASK_TIMEOUT_MS 15000
/* A shutdown is not held up by a question about it. */
#define STATE_TIMEOUT_MS 2000
/* Systemd's word for a host that goes down. */
#define STOPPING "stopping"

/* --- what a child found out, as strings one behind the other --- */

struct unit_answer {
	char *strings; /* heap, with a NUL behind the last */
	size_t length, at;
};

static void unit_answer_done(struct unit_answer *answer)
{
	free(answer->strings);
}

static void put_string(struct text *text, const char *string)
{
	text_append(text, string, strlen(string) + 1);
}

/* An empty string ends a list; no unit's name is empty. */
static void put_strings(struct text *text, char *const *strings)
{
	for (size_t i = 0; strings && strings[i]; i++)
		put_string(text, strings[i]);
	put_string(text, "");
}

static int answer_unit(int answer, const struct host_unit *unit, struct error *err)
{
	auto_free char *changed = xasprintf("%" PRIu64, unit->state_changed_us);
	auto_text struct text text = TEXT_INIT;

	put_string(&text, unit->id);
	put_string(&text, unit->state);
	put_string(&text, unit->can_stop ? "1" : "0");
	put_string(&text, unit->transient ? "1" : "0");
	put_string(&text, changed);
	put_strings(&text, unit->triggered);
	put_strings(&text, unit->dependent);
	return worker_answer(answer, text.data, text.length, err);
}

/* The next string; "" at the end. */
static const char *take_string(struct unit_answer *answer)
{
	const char *string = answer->strings + answer->at;

	if (answer->at >= answer->length)
		return "";
	answer->at += strlen(string) + 1;
	return string;
}

static char **take_strings(struct unit_answer *answer)
{
	char **strings = NULL;
	const char *string;
	size_t count = 0;

	while (*(string = take_string(answer)))
		array_push(strings, count, xstrdup(string));
	array_push(strings, count, NULL);
	return strings;
}

static void unit_answer_take(struct unit_answer *answer, struct host_unit *ret)
{
	ret->id = xstrdup(take_string(answer));
	ret->state = xstrdup(take_string(answer));
	ret->can_stop = *take_string(answer) == '1';
	ret->transient = *take_string(answer) == '1';
	ret->state_changed_us = strtoull(take_string(answer), NULL, 10);
	ret->triggered = take_strings(answer);
	ret->dependent = take_strings(answer);
}

/* --- the child --- */

struct unit_question {
	const struct host *host;
	uid_t manager;
	const char *name;
	enum { UNIT_READ, UNIT_SET, STATE_READ } what;
	bool active;
	unsigned int timeout_ms;
};

/*
 * By way of the host's own descriptor, so that the manager of this machine is asked and no other.
 */
static struct systemd_peer peer_of(const struct host *host, uid_t manager)
{
	struct systemd_peer peer;
	int fd = host->fd[HOST_RUN];

	if (manager == 0) {
		snprintf(peer.bus, sizeof(peer.bus),
			 "unix:path=/proc/self/fd/%d/dbus/system_bus_socket", fd);
		snprintf(peer.own, sizeof(peer.own), "unix:path=/proc/self/fd/%d/systemd/private",
			 fd);
	} else {
		snprintf(peer.bus, sizeof(peer.bus), "unix:path=/proc/self/fd/%d/user/%u/bus", fd,
			 (unsigned int)manager);
		snprintf(peer.own, sizeof(peer.own),
			 "unix:path=/proc/self/fd/%d/user/%u/systemd/private", fd,
			 (unsigned int)manager);
	}
	return peer;
}

/* For good: a user's bus talks to that user, and a user's files are opened with no more rights. */
static int become(const struct host *host, uid_t manager, struct error *err)
{
	char path[32];
	struct stat status;

	snprintf(path, sizeof(path), "user/%u", (unsigned int)manager);
	if (fstatat(host->fd[HOST_RUN], path, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return error_errno(err, errno, "/run/%s", path);
	if (status.st_uid != manager)
		return error_set(err, EPERM, "/run/%s belongs to another user", path);
	if (setgroups(0, NULL) < 0 || setresgid(status.st_gid, status.st_gid, status.st_gid) < 0 ||
	    setresuid(manager, manager, manager) < 0)
		return error_errno(err, errno, "become user %u", (unsigned int)manager);
	return 0;
}

/*
 * A host goes down once systemd has queued the shutdown, or once logind has announced it. The
 * directory of seats tells that there is a logind.
 */
static int answer_state(const struct unit_question *question, const struct systemd_peer *peer,
			const struct systemd *systemd, int answer, struct error *err)
{
	auto_free char *state = NULL;
	int ret = systemd_state(systemd, &state, err);

	if (ret < 0)
		return ret;
	if (strcmp(state, STOPPING) != 0 &&
	    host_exists(question->host, HOST_RUN, "systemd/seats") &&
	    systemd_shutdown_is_announced(peer))
		return worker_answer(answer, STOPPING, strlen(STOPPING), err);
	return worker_answer(answer, state, strlen(state), err);
}

static int ask(void *data, int answer, struct error *err)
{
	const struct unit_question *question = data;
	struct systemd_peer peer = peer_of(question->host, question->manager);
	cleanup(host_unit_done) struct host_unit unit = {0};
	cleanup(systemd_close) struct systemd *systemd = NULL;
	int ret = question->manager ? become(question->host, question->manager, err) : 0;

	if (ret == 0)
		ret = systemd_open(&peer, &systemd, err);
	if (ret == 0 && question->what == UNIT_SET)
		return systemd_job(systemd, question->name, question->active, question->timeout_ms,
				   err);
	if (ret == 0 && question->what == STATE_READ)
		return answer_state(question, &peer, systemd, answer, err);
	if (ret == 0)
		ret = systemd_unit_read(systemd, question->name, &unit, err);
	return ret == 0 ? answer_unit(answer, &unit, err) : ret;
}

/* --- the parent --- */

static int find_manager(const struct host *host, uid_t manager, struct error *err)
{
	if (manager == 0 && !host_exists(host, HOST_RUN, "systemd/system"))
		return error_set(err, ENOSYS, "this host is not run by systemd");
	if (manager != 0 && !host_exists(host, HOST_RUN, "user/%u/systemd", (unsigned int)manager))
		return error_set(err, ENOSYS, "user %u has no manager of systemd",
				 (unsigned int)manager);
	return 0;
}

static int ask_by_child(struct unit_question *question, struct unit_answer *ret, struct error *err)
{
	const struct worker_question asked = {
		.ask = ask,
		.data = question,
		.privileged = true,
		.timeout_ms = question->what == STATE_READ ? STATE_TIMEOUT_MS
							   : question->timeout_ms + ASK_TIMEOUT_MS,
		.silence = "systemd has not answered in time"};
	struct error failure = ERROR_INIT;
	int result = find_manager(question->host, question->manager, &failure);

	if (result == 0)
		result = worker_ask(&asked, &ret->strings, &ret->length, &failure);
	if (result < 0 && err) {
		*err = failure;
		error_wrap(err, "unit %s", question->name);
	}
	return result;
}

/* A host whose manager cannot be asked counts as one that goes on. */
bool real_is_going_down(const struct host *host)
{
	cleanup(unit_answer_done) struct unit_answer answer = {0};
	struct unit_question question = {.host = host, .name = "", .what = STATE_READ};

	return ask_by_child(&question, &answer, NULL) == 0 &&
	       strcmp(take_string(&answer), STOPPING) == 0;
}

int real_unit_read(const struct host *host, uid_t manager, const char *name, struct host_unit *ret,
		   struct error *err)
{
	cleanup(unit_answer_done) struct unit_answer answer = {0};
	struct unit_question question = {.host = host, .manager = manager, .name = name};
	int result = ask_by_child(&question, &answer, err);

	if (result == 0)
		unit_answer_take(&answer, ret);
	return result;
}

int real_unit_set(struct host *host, uid_t manager, const char *name, bool active,
		  unsigned int timeout_ms, struct error *err)
{
	struct unit_question question = {.host = host,
					 .manager = manager,
					 .name = name,
					 .what = UNIT_SET,
					 .active = active,
					 .timeout_ms = timeout_ms};
	/* Systemd does the work, and goes on with it where the child is killed. */
	cleanup(unit_answer_done) struct unit_answer answer = {0};
	int ret = ask_by_child(&question, &answer, err);

	if (ret < 0 && err)
		error_wrap(err, active ? "start" : "stop");
	return ret;
}
