// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The scripts beside the hook: may others write them, are they run at all, and do they call
 * libvirt, which would wait for them while they wait for it.
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/host-file.h"
#include "base/text.h"
#include "hostdevctl/check.h"
#include "parsers/script.h"

#define DIR HOOKS_DIR "/qemu.d"
#define SCRIPT_LIMIT (1024 * 1024)
/* qemu.d/GUEST/OPERATION/SUB-OPERATION/SCRIPT */
#define DEPTH_MAX 4

struct walk {
	struct check *check;
	size_t scripts;
	bool fine;
};

static void tell(struct walk *walk, enum finding_status status, const char *subject,
		 const char *note)
{
	findings_add(&walk->check->findings, status, subject, "%s", note);
	walk->fine = false;
}

static void check_text(struct walk *walk, enum host_dir dir, const char *path, const char *shown)
{
	auto_free char *data = NULL, *subject = NULL;
	struct error err = ERROR_INIT;
	struct script_call call;
	size_t length;
	int ret = host_read_file(walk->check->host, dir, SCRIPT_LIMIT, &data, &length, &err, "%s",
				 path);

	if (ret < 0 && ret != -EFBIG)
		tell(walk, FINDING_WARNING, shown, err.text);
	if (ret < 0 || !script_calls_libvirt(data, length, &call))
		return;
	subject = xasprintf("%s:%u", shown, call.line);
	findings_add(&walk->check->findings, FINDING_WARNING, subject,
		     "calls %s: libvirt answers nobody who asks for a guest while a hook of that "
		     "guest runs, and both wait for ever; do it behind the hook's end (systemd-run "
		     "--no-block)",
		     call.word);
	walk->fine = false;
}

static void check_script(struct walk *walk, enum host_dir dir, const char *path, const char *shown)
{
	struct stat st;

	walk->scripts++;
	if (host_file_stat(walk->check->host, dir, &st, NULL, "%s", path) < 0)
		return;
	if (!S_ISREG(st.st_mode)) {
		tell(walk, FINDING_NOTE, shown, "is no file, and not run");
		return;
	}
	if (!(st.st_mode & S_IXUSR)) {
		tell(walk, FINDING_NOTE, shown, "is not executable, and not run");
		return;
	}
	walk->fine &= check_owner(walk->check, dir, path, shown);
	check_text(walk, dir, path, shown);
}

/* What a link leads to is looked at where it is; shown stays the link. */
static void check_link(struct walk *walk, const char *path, const char *target, const char *shown)
{
	const char *slash = strrchr(path, '/');
	auto_free char *beside = NULL;
	enum host_dir dir = HOST_ETC;
	const char *place;

	if (target[0] != '/') {
		beside = xasprintf("%.*s/%s", (int)(slash - path), path, target);
		check_script(walk, HOST_ETC, beside, shown);
	} else if (host_file_place(target, &dir, &place)) {
		check_script(walk, dir, place, shown);
	} else {
		auto_free char *note = xasprintf("leads to %s, which is not looked at", target);

		tell(walk, FINDING_NOTE, shown, note);
	}
}

/* The two call each other, DEPTH_MAX deep. */
static void check_entry(struct walk *walk, const char *path, unsigned int depth);

static void check_directory(struct walk *walk, const char *path, unsigned int depth)
{
	cleanup(host_free_names) char **names = NULL;
	auto_free char *shown = xasprintf("/etc/%s", path);
	struct error err = ERROR_INIT;

	walk->fine &= check_owner(walk->check, HOST_ETC, path, shown);
	if (depth > DEPTH_MAX)
		return;
	if (host_list(walk->check->host, HOST_ETC, &names, NULL, &err, "%s", path) < 0) {
		tell(walk, FINDING_WARNING, shown, err.text);
		return;
	}
	for (size_t i = 0; names[i]; i++) {
		auto_free char *entry = xasprintf("%s/%s", path, names[i]);

		check_entry(walk, entry, depth + 1);
	}
}

static void check_entry(struct walk *walk, const char *path, unsigned int depth)
{
	auto_free char *shown = xasprintf("/etc/%s", path);
	auto_free char *target = NULL;
	struct stat st;

	if (host_file_stat(walk->check->host, HOST_ETC, &st, NULL, "%s", path) < 0)
		return;
	if (S_ISDIR(st.st_mode)) {
		check_directory(walk, path, depth);
	} else if (host_file_link(walk->check->host, HOST_ETC, &target, NULL, "%s", path) == 0) {
		walk->fine &= check_owner(walk->check, HOST_ETC, path, shown);
		check_link(walk, path, target, shown);
	} else {
		check_script(walk, HOST_ETC, path, shown);
	}
}

void check_scripts(struct check *check)
{
	struct walk walk = {.check = check, .fine = true};

	/* A hook that is not ours is a script as any. */
	if (check->place == HOOK_FOREIGN)
		check_entry(&walk, HOOK_FILE, 0);
	if (host_exists(check->host, HOST_ETC, DIR))
		check_entry(&walk, DIR, 0);
	if (walk.fine && walk.scripts > 0)
		findings_add(&check->findings, FINDING_OK, "/etc/" DIR,
			     "%zu script%s; none seems to call libvirt", walk.scripts,
			     walk.scripts == 1 ? "" : "s");
}
