// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The scripts beside the hook: may others write them, are they run at all, and do they call
 * libvirt, which would wait for them while they wait for it.
 * Tests: ctl/check.bats, ctl/check-host.bats.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/host-file.h"
#include "base/text.h"
#include "hostdevctl/check/check.h"
#include "parsers/boot/tool-traces.h"
#include "parsers/libvirt/script.h"

#define DIR HOSTDEV_HOOK_DIR "/qemu.d"
#define SCRIPT_LIMIT (1024 * 1024)
/* qemu.d/GUEST/OPERATION/SUB-OPERATION/SCRIPT */
#define DEPTH_MAX 4
#define LINKS_MAX 40 /* the kernel's own */

struct script_walk {
	struct check *check;
	size_t scripts;
	bool fine;
};

static void tell(struct script_walk *walk, enum finding_id id, enum finding_status status,
		 const char *subject, const char *note)
{
	findings_add(&walk->check->findings, id, status, subject, "%s", note);
	walk->fine = false;
}

/* Of a call of nodedev-detach and such, the line tells more. */
static bool is_told(const struct tool_traces *traces, unsigned int line)
{
	for (size_t i = 0; i < traces->count; i++)
		if (traces->items[i].line == line &&
		    traces->items[i].sign->id == FIND_SCRIPT_DETACHES_DEVICE)
			return true;
	return false;
}

/* The first call that no trace tells of. */
static bool find_call(const char *data, size_t length, const struct tool_traces *traces,
		      struct script_call *ret)
{
	const char *at = data, *const end = data + length;
	unsigned int before = 0;

	while (at < end && script_calls_libvirt(at, (size_t)(end - at), ret)) {
		ret->line += before;
		if (!is_told(traces, ret->line))
			return true;
		for (; at < end && before < ret->line; at++)
			before += *at == '\n';
	}
	return false;
}

/* What libvirt itself runs: no script of a guest. */
static bool is_hook(const char *shown)
{
	static const char folder[] = DIR "/";

	return !text_starts(shown, folder) || !strchr(shown + strlen(folder), '/');
}

static void check_lines(struct script_walk *walk, const char *data, size_t length,
			const char *shown, struct tool_traces *traces)
{
	tool_traces_script(data, length, shown, is_hook(shown), traces);
	for (size_t i = 0; i < traces->count; i++)
		check_tool_trace(walk->check, &traces->items[i]);
	walk->fine &= traces->count == 0;
}

static void check_text(struct script_walk *walk, const char *path, const char *shown)
{
	auto_free char *data = NULL, *subject = NULL;
	auto_tool_traces struct tool_traces traces = {0};
	struct error err = ERROR_INIT;
	struct script_call call;
	enum host_dir dir;
	const char *below;
	size_t length;
	int ret;

	check_place(path, &dir, &below);
	ret = host_read_file(walk->check->host, dir, SCRIPT_LIMIT, &data, &length, &err, "%s",
			     below);
	if (ret < 0 && ret != -EFBIG)
		tell(walk, FIND_SCRIPT_UNREADABLE, FINDING_NOTE, shown, err.text);
	if (ret < 0)
		return;
	check_lines(walk, data, length, shown, &traces);
	if (!find_call(data, length, &traces, &call))
		return;
	subject = xasprintf("%s:%u", shown, call.line);
	findings_add(&walk->check->findings, FIND_SCRIPT_CALLS_LIBVIRT, FINDING_PROBLEM, subject,
		     "calls %s: libvirt answers nobody who asks for a guest while a hook of that "
		     "guest runs, so both wait until the script's time is over, and for ever where "
		     "libvirt runs it itself; do it behind the hook's end (systemd-run --no-block)",
		     call.word);
	walk->fine = false;
}

static void check_script(struct script_walk *walk, const char *path, const char *shown,
			 const struct stat *st)
{
	walk->scripts++;
	if (!S_ISREG(st->st_mode)) {
		tell(walk, FIND_SCRIPT_NOT_RUN, FINDING_NOTE, shown, "is no file, and not run");
		return;
	}
	if (!(st->st_mode & (S_IXUSR | S_IXGRP | S_IXOTH))) {
		tell(walk, FIND_SCRIPT_NOT_RUN, FINDING_NOTE, shown,
		     "is not executable, and not run");
		return;
	}
	walk->fine &= check_owner(walk->check, path, shown);
	check_text(walk, path, shown);
}

/* Where a link at path leads that has this target. Heap. */
static char *follow(const char *path, const char *target)
{
	return *target == '/'
		       ? xstrdup(target)
		       : xasprintf("%.*s/%s", (int)(strrchr(path, '/') - path), path, target);
}

/* What links lead to is looked at where it is; shown stays the first. False: nothing is there. */
static bool find_end(struct script_walk *walk, char **path, const char *shown, struct stat *ret)
{
	const struct host *host = walk->check->host;

	for (int links = 0; links < LINKS_MAX; links++) {
		auto_free char *target = NULL, *link = NULL;
		enum host_dir dir;
		const char *below;

		check_place(*path, &dir, &below);
		if (host_file_link(host, dir, &target, NULL, "%s", below) < 0) {
			if (host_file_stat(host, dir, ret, NULL, "%s", below) == 0)
				return true;
			/* Removed since the directory was read: */
			if (links > 0)
				tell(walk, FIND_SCRIPT_LINK_BROKEN, FINDING_PROBLEM, shown,
				     "leads to nothing: what it is for fails");
			return false;
		}
		walk->fine &= check_owner(walk->check, *path, shown);
		link = *path;
		*path = follow(link, target);
	}
	tell(walk, FIND_SCRIPT_LINK_BROKEN, FINDING_PROBLEM, shown,
	     "leads in a circle: what it is for fails");
	return false;
}

/* The two call each other, DEPTH_MAX deep. */
static void check_entry(struct script_walk *walk, const char *entry, const char *shown,
			unsigned int depth);

static void check_directory(struct script_walk *walk, const char *path, const char *shown,
			    unsigned int depth)
{
	cleanup(host_free_names) char **names = NULL;
	struct error err = ERROR_INIT;
	enum host_dir dir;
	const char *below;

	walk->fine &= check_owner(walk->check, path, shown);
	if (depth > DEPTH_MAX)
		return;
	check_place(path, &dir, &below);
	if (host_list_hidden(walk->check->host, dir, &names, NULL, &err, "%s", below) < 0) {
		tell(walk, FIND_SCRIPT_UNREADABLE, FINDING_NOTE, shown, err.text);
		return;
	}
	for (size_t i = 0; names[i]; i++) {
		auto_free char *entry = xasprintf("%s/%s", path, names[i]);
		auto_free char *entry_shown = xasprintf("%s/%s", shown, names[i]);

		check_entry(walk, entry, entry_shown, depth + 1);
	}
}

static void check_entry(struct script_walk *walk, const char *entry, const char *shown,
			unsigned int depth)
{
	auto_free char *path = xstrdup(entry);
	struct stat st;

	if (!find_end(walk, &path, shown, &st))
		return;
	if (S_ISDIR(st.st_mode))
		check_directory(walk, path, shown, depth);
	else
		check_script(walk, path, shown, &st);
}

void check_scripts(struct check *check)
{
	struct script_walk walk = {.check = check, .fine = true};

	/* A hook that is not ours is a script as any. */
	if (check->hook_file == HOOK_FOREIGN)
		check_entry(&walk, HOOK_FILE, HOOK_FILE, 0);
	if (host_exists(check->host, HOST_ROOT, "%s", &DIR[1]))
		check_entry(&walk, DIR, DIR, 0);
	if (walk.fine && walk.scripts > 0)
		check_ok(check, FIND_SCRIPTS_GOOD, DIR, "%zu script%s; none seems to call libvirt",
			 walk.scripts, walk.scripts == 1 ? "" : "s");
}
