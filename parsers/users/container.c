// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where managers of containers write down what people call a container, and with which command
 * each of them stops one.
 */
#include "parsers/users/container.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/worker-ask.h"
#include "parsers/slow.h"

#define FILE_LIMIT (4 * 1024 * 1024)
#define ID_LENGTH 12 /* what people see of an id */
#define NAME_MAX_LENGTH 64

/* Can it stand in a command that is to be pasted? */
static bool is_name(const char *at, size_t length)
{
	if (length == 0 || length > NAME_MAX_LENGTH || !isalnum((unsigned char)*at))
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)at[i]) && !strchr("_.-", at[i]))
			return false;
	return true;
}

/* The name up to the next quote, if it is one that can stand in a command; heap or NULL. */
static char *take_name(const char *at)
{
	size_t length = strcspn(at, "\"");

	return is_name(at, length) ? xasprintf("%.*s", (int)length, at) : NULL;
}

/* Of all the names in there only the container's own begins with a slash. */
static char *docker_name(const struct host *host, const char *id)
{
	static const char key[] = "\"Name\":\"/";
	auto_free char *text = NULL;
	const char *at;

	if (host_read_file(host, HOST_VAR, FILE_LIMIT, &text, NULL, NULL,
			   "docker/containers/%s/config.v2.json", id) < 0)
		return NULL;
	at = strstr(text, key);
	return at ? take_name(at + strlen(key)) : NULL;
}

/* A list of all of root's containers: {"id":"...","names":["web"],...}. */
static char *podman_name(const struct host *host, const char *id)
{
	static const char key[] = "\"names\":[\"", next[] = "\"id\":\"";
	auto_free char *text = NULL, *entry = xasprintf("%s%s\"", next, id);
	const char *at, *names, *other;

	if (host_read_file(host, HOST_VAR, FILE_LIMIT, &text, NULL, NULL,
			   "containers/storage/overlay-containers/containers.json") < 0)
		return NULL;
	at = strstr(text, entry);
	names = at ? strstr(at, key) : NULL;
	other = at ? strstr(at + strlen(entry), next) : NULL;
	return names && (!other || names < other) ? take_name(names + strlen(key)) : NULL;
}

static char *read_name(const struct host *host, const struct cgroup *cgroup)
{
	switch (cgroup->maker) {
	case CGROUP_DOCKER:
	case CGROUP_OTHER:
		return docker_name(host, cgroup->container_id);
	case CGROUP_PODMAN:
		return podman_name(host, cgroup->container_id);
	default:
		return NULL;
	}
}

/* They all name the control group alike, but each keeps its own list. */
static const char *lxc_command(const struct host *host, const char *name)
{
	if (host_exists(host, HOST_ETC, "pve/lxc"))
		return "pct stop";
	if (host_exists(host, HOST_VAR, "lxc/%s", name))
		return "lxc-stop -n";
	if (host_exists(host, HOST_VAR, "incus/containers/%s", name))
		return "incus stop";
	if (host_exists(host, HOST_VAR, "lxd/containers/%s", name) ||
	    /* From a snap it keeps them elsewhere. */
	    host_exists(host, HOST_VAR, "snapd/sequence/lxd.json"))
		return "lxc stop";
	return "lxc-stop -n";
}

static bool is_dockers(const struct host *host, const char *id)
{
	return host_exists(host, HOST_VAR, "docker/containers/%s", id);
}

/* Where the control group alone tells who made it. */
static const char *plain_command(enum cgroup_maker maker)
{
	switch (maker) {
	case CGROUP_DOCKER:
		return "docker stop";
	case CGROUP_PODMAN:
		return "podman stop";
	case CGROUP_NERDCTL:
		return "nerdctl stop";
	case CGROUP_KUBERNETES:
		return "delete its pod, or scale it down, with kubectl; crictl stop";
	case CGROUP_MACHINE:
		return "machinectl stop";
	case CGROUP_LXC:
	case CGROUP_OTHER:
		break;
	}
	return NULL;
}

static const char *command_of(const struct host *host, const struct cgroup *cgroup)
{
	if (cgroup->maker == CGROUP_LXC)
		return lxc_command(host, cgroup->container_id);
	if (cgroup->maker == CGROUP_OTHER)
		return is_dockers(host, cgroup->container_id) ? "docker stop" : NULL;
	return plain_command(cgroup->maker);
}

/* --- looking --- */

struct container_question {
	const struct host *host;
	const struct cgroup *cgroup;
};

/* Two lines: the name and the command, each empty if there is none. */
static int look(void *data, int answer, struct error *err)
{
	const struct container_question *question = data;
	auto_free char *name = read_name(question->host, question->cgroup);
	const char *command = command_of(question->host, question->cgroup);
	auto_free char *lines = xasprintf("%s\n%s\n", name ? name : "", command ? command : "");

	return worker_answer(answer, lines, strlen(lines), err);
}

/* Not told in time: what the control group alone tells. */
static const char *default_command(const struct cgroup *cgroup)
{
	return cgroup->maker == CGROUP_LXC ? "lxc-stop -n" : plain_command(cgroup->maker);
}

static void ask(const struct host *host, const struct cgroup *cgroup, bool *impatient,
		char **ret_name, char **ret_command)
{
	struct container_question looked = {host, cgroup};
	const struct worker_question question = {
		.ask = look, .data = &looked, .timeout_ms = SLOW_TIMEOUT_MS};
	auto_free char *answer = NULL;
	const char *command = default_command(cgroup);
	int result = *impatient ? -ETIMEDOUT : worker_ask(&question, &answer, NULL, NULL);
	char *at, *name;

	*impatient = result == -ETIMEDOUT;
	if (result == 0) {
		at = answer;
		name = strsep(&at, "\n");
		command = strsep(&at, "\n");
		if (*name)
			*ret_name = xstrdup(name);
	}
	if (command && *command)
		*ret_command = xstrdup(command);
}

static bool has_id(enum cgroup_maker maker)
{
	return maker != CGROUP_LXC && maker != CGROUP_MACHINE;
}

void container_describe(const struct host *host, const struct cgroup *cgroup, const char *owner,
			bool *impatient, struct holder *holder)
{
	auto_free char *name = NULL, *command = NULL, *shown = NULL;
	int length = has_id(cgroup->maker) ? ID_LENGTH : 255;

	ask(host, cgroup, impatient, &name, &command);
	shown = name ? steal(&name) : xasprintf("%.*s", length, cgroup->container_id);
	/*
	 * What is named by its control group has any name that a folder can have. Without root's
	 * rights a manager keeps a list for each user.
	 */
	if (command && is_name(shown, strlen(shown)))
		holder->container_stop = xasprintf("%s %s%s%s", command, shown,
						   owner ? ", as user " : "", owner ? owner : "");
	if (has_id(cgroup->maker) && strncmp(shown, cgroup->container_id, strlen(shown)) != 0) {
		free(holder->container);
		holder->container = steal(&shown);
	}
}
