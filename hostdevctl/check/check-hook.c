// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What must be true of the hook's files: where they are, whose they are, that they belong together.
 * Tests: ctl/check.bats, ctl/check-host.bats.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/host-file.h"
#include "base/text.h"
#include "hostdevctl/check/check.h"

#define ENGINE HOSTDEV_LIBEXECDIR "/engine"
#define REINSTALL "run install.sh again"

/* --- what is there --- */

static bool map_place(const struct check *check, const char *absolute, struct host_map *ret)
{
	enum host_dir dir;
	const char *path;

	return host_file_place(absolute, &dir, &path) &&
	       host_map_file(check->host, dir, ret, NULL, "%s", path) == 0;
}

static bool is_copy(const struct check *check)
{
	cleanup(host_unmap) struct host_map hook = {0}, program = {0};

	return map_place(check, HOOK_FILE, &hook) && map_place(check, HOSTDEV_PROGRAM, &program) &&
	       hook.length == program.length && hook.length > 0 &&
	       memcmp(hook.data, program.data, hook.length) == 0;
}

static void find_place(struct check *check, char **ret_target)
{
	struct error err = ERROR_INIT;
	int ret = host_file_stat(check->host, HOST_ROOT, &check->hook, &err, "%s", HOOK_PATH);

	check->hook_file = HOOK_NONE;
	if (ret == -ENOENT)
		check_problem(check, FIND_HOOK_MISSING, HOOK_FILE,
			      "is not there: libvirt calls no hook; " REINSTALL);
	else if (ret < 0)
		check_problem(check, FIND_FILE_UNREADABLE, HOOK_FILE, "%s", err.text);
	if (ret < 0)
		return;
	check->hook_file = is_copy(check) ? HOOK_COPY : HOOK_FOREIGN;
	if (host_file_link(check->host, HOST_ROOT, ret_target, NULL, "%s", HOOK_PATH) == 0)
		check->hook_file =
			text_equal(*ret_target, HOSTDEV_PROGRAM) ? HOOK_LINK : HOOK_FOREIGN;
}

/* A hook of the admin's may call ours. */
static bool names_us(const struct check *check, const char *target)
{
	static const char name[] = "hostdev-hook";
	cleanup(host_unmap) struct host_map text = {0};

	if (!map_place(check, target ? target : HOOK_FILE, &text))
		return false;
	return text.data && memmem(text.data, text.length, name, strlen(name));
}

static void tell_place(struct check *check, const char *target)
{
	switch (check->hook_file) {
	case HOOK_LINK:
		check_ok(check, FIND_HOOK_LINK, HOOK_FILE, "leads to " HOSTDEV_PROGRAM);
		break;
	case HOOK_COPY:
		check_note(check, FIND_HOOK_COPY, HOOK_FILE,
			   "is a copy, which no update reaches; it should be a link to %s",
			   HOSTDEV_PROGRAM);
		break;
	case HOOK_FOREIGN:
		if (names_us(check, target))
			check_note(check, FIND_HOOK_CALLS_OURS, HOOK_FILE,
				   "is a program of yours, which names hostdev-hook: see that it "
				   "passes on all arguments, standard input and the exit status");
		else
			check_problem(check, FIND_HOOK_FOREIGN, HOOK_FILE,
				      "is another program%s%s: libvirt calls that one and not "
				      "hostdev-hook; run install.sh, which says how to have both",
				      target ? ", a link to " : "", target ? target : "");
		break;
	case HOOK_NONE:
		break;
	}
}

/* --- whose it is --- */

/* /nix/store, say: with the sticky bit nobody but its owner replaces what is in it. */
static bool is_shared(const struct check *check, enum host_dir dir, const char *path)
{
	struct stat st;

	return host_file_stat(check->host, dir, &st, NULL, "%s", path) == 0 && st.st_uid == 0 &&
	       (st.st_mode & S_ISVTX);
}

/* All directories that lead to a file, so that nobody can put another one in its place. */
static bool check_way(struct check *check, const char *absolute)
{
	auto_free char *way = xstrdup(absolute);
	bool fine = true;

	for (char *slash = strrchr(way, '/'); slash && slash > way; slash = strrchr(way, '/')) {
		enum host_dir dir;
		const char *path;

		*slash = '\0';
		if (host_file_place(way, &dir, &path) && !is_shared(check, dir, path))
			fine &= check_owner(check, way, way);
	}
	return fine;
}

static bool check_version(struct check *check, const char *absolute)
{
	static const char version[] = "hostdev-hook " HOSTDEV_VERSION;
	cleanup(host_unmap) struct host_map program = {0};

	if (map_place(check, absolute, &program) && program.data &&
	    memmem(program.data, program.length, version, strlen(version)))
		return true;
	check_note(check, FIND_PROGRAM_VERSION, absolute,
		   "is not of version " HOSTDEV_VERSION ", as this hostdevctl is; " REINSTALL);
	return false;
}

static void check_program(struct check *check, const char *absolute)
{
	struct error err = ERROR_INIT;
	enum host_dir dir;
	const char *path;
	struct stat st;
	bool fine;

	if (!host_file_place(absolute, &dir, &path))
		return;
	if (host_file_stat(check->host, dir, &st, &err, "%s", path) < 0) {
		check_problem(check, FIND_PROGRAM_MISSING, absolute, "%s",
			      err.code == ENOENT ? "is not there; " REINSTALL : err.text);
		return;
	}
	if (!S_ISREG(st.st_mode) || !(st.st_mode & S_IXUSR)) {
		check_problem(check, FIND_PROGRAM_NOT_EXECUTABLE, absolute,
			      "is no program that can be run; " REINSTALL);
		return;
	}
	fine = check_owner(check, absolute, absolute);
	fine &= check_way(check, absolute);
	fine &= check_version(check, absolute);
	if (fine)
		check_ok(check, FIND_PROGRAM_GOOD, absolute,
			 "belongs to root, is of version " HOSTDEV_VERSION);
}

/* --- its label, where SELinux is on --- */

static bool is_stray(const char *type)
{
	static const char *const strays[] = {"unlabeled_t", "default_t",  "user_home_t",
					     "tmp_t",       "user_tmp_t", "admin_home_t"};

	for (size_t i = 0; i < sizeof(strays) / sizeof(strays[0]); i++)
		if (text_equal(type, strays[i]))
			return true;
	return false;
}

static bool enforces(const struct host *host)
{
	char value[8];

	return host_read(host, HOST_SYS, value, sizeof(value), NULL, "fs/selinux/enforce") < 0 ||
	       strcmp(value, "0") != 0;
}

static char *check_label(struct check *check, const char *absolute)
{
	auto_free char *label = NULL;
	char *type = NULL;
	enum host_dir dir;
	const char *path;

	if (host_file_place(absolute, &dir, &path) &&
	    host_file_label(check->host, dir, &label, NULL, "%s", path) == 0)
		type = daemon_selinux_type(label);
	if (!type || is_stray(type))
		findings_add(&check->findings, FIND_PROGRAM_LABEL,
			     enforces(check->host) ? FINDING_PROBLEM : FINDING_NOTE, absolute,
			     "has the SELinux type %s, with which nobody may run it: restorecon "
			     "-R " HOSTDEV_HOOK_DIR " %s",
			     type ? type : "of no file", HOSTDEV_PROGRAM);
	return type;
}

static void check_labels(struct check *check)
{
	if (!host_exists(check->host, HOST_SYS, "fs/selinux/enforce"))
		return;
	free(check_label(check, HOOK_FILE));
	check->program_type = check_label(check, HOSTDEV_PROGRAM);
}

void check_hook(struct check *check)
{
	auto_free char *target = NULL;

	find_place(check, &target);
	tell_place(check, target);
	check_owner(check, HOOK_FILE, HOOK_FILE);
	check_way(check, HOOK_FILE);
	check_program(check, HOSTDEV_PROGRAM);
	check_program(check, ENGINE);
	if (check->hook_file != HOOK_NONE)
		check_labels(check);
}
