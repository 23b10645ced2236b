// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How systemd, logind, libvirt and the managers of containers name the control groups they make.
 * Nothing is looked up: it is all in one path of /proc/PID/cgroup.
 */
#include "parsers/users/cgroup.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "model/holder.h"

void cgroup_done(struct cgroup *cgroup)
{
	free(cgroup->unit);
	free(cgroup->session);
	free(cgroup->container);
	free(cgroup->container_id);
	free(cgroup->guest);
	*cgroup = (struct cgroup){0};
}

/* The path behind a line's beginning ("0::", "1:name=systemd:"), or NULL; heap. */
static char *find_path(const char *text, const char *key)
{
	size_t length = strlen(key);

	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		const char *colon;

		line += *line == '\n';
		colon = strchr(line, ':');
		if (colon && strncmp(colon, key, length) == 0)
			return xasprintf("%.*s", (int)strcspn(colon + length, "\n"),
					 colon + length);
	}
	return NULL;
}

/* The text between prefix and suffix, or NULL where the name is not made so. Heap. */
static char *between(const char *name, const char *prefix, const char *suffix)
{
	size_t skip = strlen(prefix);

	if (!text_starts(name, prefix) || !name[skip] || !text_ends(name + skip + 1, suffix))
		return NULL;
	return xasprintf("%.*s", (int)(strlen(name + skip) - strlen(suffix)), name + skip);
}

static bool is_unit(const char *name)
{
	const char *valid;
	uid_t manager;

	return unit_target_parse(name, &manager, &valid) && valid == name &&
	       (text_ends(name, ".service") || text_ends(name, ".scope"));
}

/* systemd writes what lies in bytes its units cannot have as \xNN. Heap. */
static char *unescape(const char *name)
{
	char *plain = NULL;

	return text_unescape(name, strlen(name), &plain) ? plain : xstrdup(name);
}

/* --- containers --- */

#define ID_LENGTH 12 /* what people see of a container's id */
#define WHOLE_ID_LENGTH 64

static bool is_id(const char *text)
{
	return strspn(text, "0123456789abcdef") >= 32 &&
	       text[strspn(text, "0123456789abcdef")] == '\0';
}

static const struct {
	const char *prefix, *shown;
	enum cgroup_maker maker;
} makers[] = {
	{"docker-", "docker", CGROUP_DOCKER},
	{"libpod-payload-", "libpod", CGROUP_PODMAN},
	{"libpod-", "libpod", CGROUP_PODMAN},
	{"nerdctl-", "nerdctl", CGROUP_NERDCTL},
	{"crio-", "crio", CGROUP_KUBERNETES},
	{"cri-containerd-", "cri-containerd", CGROUP_KUBERNETES},
};

static void set_by_id(struct cgroup *cgroup, const char *shown, const char *id,
		      enum cgroup_maker maker)
{
	cgroup->container = xasprintf("%s-%.*s", shown, ID_LENGTH, id);
	cgroup->container_id = xstrdup(id);
	cgroup->maker = maker;
}

/* Those who name a group by the container's id, as a scope or (cgroupfs) as a bare directory. */
static bool find_by_id(const char *parent, const char *name, struct cgroup *cgroup)
{
	bool is_pod = text_starts(parent, "pod");

	for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++) {
		auto_free char *scope = between(name, makers[i].prefix, ".scope");
		const char *id = scope ? scope : name + strlen(makers[i].prefix);

		if (!text_starts(name, makers[i].prefix) || !is_id(id))
			continue;
		set_by_id(cgroup, makers[i].shown, id, makers[i].maker);
		return true;
	}
	if (is_id(name) && is_pod)
		set_by_id(cgroup, "kubepods", name, CGROUP_KUBERNETES);
	else if (is_id(name) && text_equal(parent, "docker"))
		set_by_id(cgroup, "docker", name, CGROUP_DOCKER);
	/* Below a parent of the admin's choice. */
	else if (is_id(name) && strlen(name) == WHOLE_ID_LENGTH)
		set_by_id(cgroup, "container", name, CGROUP_OTHER);
	else
		return false;
	return true;
}

static void set_by_name(struct cgroup *cgroup, const char *prefix, const char *name,
			enum cgroup_maker maker)
{
	auto_free char *shown = xasprintf("%s%s", prefix, name);

	cgroup->container = text_escape(shown);
	cgroup->container_id = xstrdup(name);
	cgroup->maker = maker;
}

/* Those who name it by the container's name. */
static void find_by_name(const char *parent, const char *name, struct cgroup *cgroup)
{
	auto_free char *nspawn = between(name, "systemd-nspawn@", ".service");
	auto_free char *plain = nspawn ? unescape(nspawn) : NULL;

	if (plain)
		set_by_name(cgroup, "", plain, CGROUP_MACHINE);
	else if (text_starts(name, "lxc.payload.") && name[12])
		set_by_name(cgroup, "lxc-", name + 12, CGROUP_LXC);
	else if (text_equal(parent, "lxc") || text_equal(parent, "lxc.payload"))
		set_by_name(cgroup, "lxc-", name, CGROUP_LXC);
}

/* A name that libvirt made of its driver, the guest's number and its name: "qemu-1-win11". */
static char *guest_of_machine(const char *machine)
{
	size_t digits;

	if (!text_starts(machine, "qemu-"))
		return NULL;
	machine += 5;
	digits = strspn(machine, "0123456789");
	return digits && machine[digits] == '-' ? xstrdup(machine + digits + 1) : NULL;
}

/* What systemd-machined or libvirt keep: a container, or a guest. */
static bool find_machine(const char *name, struct cgroup *cgroup)
{
	auto_free char *scope = between(name, "machine-", ".scope");
	auto_free char *plain = between(name, "", ".libvirt-qemu");
	auto_free char *guest = NULL;

	if (scope)
		plain = unescape(scope);
	if (!plain)
		return false;
	guest = guest_of_machine(plain);
	if (guest)
		cgroup->guest = text_escape(guest);
	else
		set_by_name(cgroup, "", plain, CGROUP_MACHINE);
	return true;
}

/* --- the path, from its root --- */

struct cgroup_walk {
	struct cgroup *cgroup;
	bool in_user; /* below a user's manager */
	bool settled; /* the unit was reached: what is below is its own business */
};

static bool enter_user(struct cgroup_walk *walk, const char *name)
{
	auto_free char *uid = between(name, "user@", ".service");
	unsigned long number;
	char *end;

	if (!uid || walk->in_user || !isdigit((unsigned char)*uid))
		return false;
	number = strtoul(uid, &end, 10);
	if (*end || number == 0 || number >= UINT32_MAX)
		return false;
	walk->in_user = true;
	walk->cgroup->manager = (uid_t)number;
	return true;
}

/*
 * Only slices lie above a unit. What looks like a unit below one was made by somebody else: by the
 * systemd inside a container, say.
 */
static void enter(struct cgroup_walk *walk, const char *name)
{
	auto_free char *session = between(name, "session-", ".scope");

	if (walk->settled || text_ends(name, ".slice") || enter_user(walk, name))
		return;
	walk->settled = true;
	/* An underscore in front keeps a name apart from the kernel's files. */
	name += *name == '_';
	if (is_unit(name))
		walk->cgroup->unit = xstrdup(name);
	if (session && !walk->in_user && strspn(session, "0123456789c") == strlen(session))
		walk->cgroup->session = steal(&session);
}

/*
 * Below a manager of their own users make groups of any name, which must not pass for a guest of
 * libvirt's or for one of root's containers. What has an id there is a container without root's
 * rights.
 */
static void find_container(const struct cgroup_walk *walk, const char *parent, const char *name)
{
	struct cgroup *cgroup = walk->cgroup;

	if (cgroup->container || cgroup->guest || (!walk->in_user && find_machine(name, cgroup)))
		return;
	if (!find_by_id(parent, name, cgroup) && !walk->in_user)
		find_by_name(parent, name, cgroup);
}

void cgroup_parse(const char *text, struct cgroup *ret)
{
	auto_free char *path = find_path(text, "::");
	struct cgroup_walk walk = {.cgroup = ret};
	const char *parent = "";
	char *rest, *name;

	*ret = (struct cgroup){0};
	/* With both versions mounted, systemd may keep to the old one. */
	if (!path || strcmp(path, "/") == 0) {
		free(path);
		path = find_path(text, ":name=systemd:");
	}
	rest = path;
	while ((name = strsep(&rest, "/"))) {
		if (!*name)
			continue;
		enter(&walk, name);
		find_container(&walk, parent, name);
		parent = name;
	}
}
