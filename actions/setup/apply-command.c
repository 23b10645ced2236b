// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How what builds images and menus is called, and for which kernels. Which these are is asked when
 * it is called: between a set-up and its end kernels come and go.
 */
#include "actions/setup/apply-command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/host-change.h"
#include "base/host-path.h"

/* --- kernels --- */

const char *const apply_boot_folders[] = {"/boot", "/efi", "/boot/efi", NULL};

/* "vmlinuz-RELEASE", "initramfs-RELEASE.img", "TOKEN-RELEASE+3.efi" */
static bool is_of_release(const char *name, const char *release)
{
	/* What describes a kernel starts none. */
	static const char *const others[] = {"config-", "System.map-", "symvers-"};
	size_t length = strlen(release);

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (text_starts(name, others[i]))
			return false;
	for (const char *at = name; (at = strstr(at, release)); at++)
		if (at > name && at[-1] == '-' && (!at[length] || strchr(".+", at[length])))
			return true;
	return false;
}

/* Does a file in this folder, or in its EFI/Linux, or a folder two below it, go by the release? */
static bool has_files(const struct host *host, const char *folder, const char *release)
{
	auto_free char *unified = xasprintf("%s/EFI/Linux", folder);
	const char *const folders[] = {folder, unified};
	bool found = false;

	for (size_t i = 0; !found && i < 2; i++) {
		char **names = NULL;

		if (host_path_list(host, folders[i], &names, NULL) < 0)
			continue;
		for (size_t j = 0; !found && names[j]; j++) {
			auto_free char *below =
				xasprintf("%s/%s/%s", folders[i], names[j], release);
			struct stat status;

			found = is_of_release(names[j], release) ||
				host_path_stat(host, below, &status, NULL) == 0;
		}
		host_free_names(&names);
	}
	return found;
}

static bool can_start(const struct host *host, const char *release)
{
	bool found = host_exists(host, HOST_MODULES, "%s/vmlinuz", release);

	if (!host_exists(host, HOST_MODULES, "%s/modules.dep", release) &&
	    !host_exists(host, HOST_MODULES, "%s/modules.dep.bin", release))
		return false;
	for (size_t i = 0; !found && apply_boot_folders[i]; i++)
		found = has_files(host, apply_boot_folders[i], release);
	return found;
}

/* A name by which kernels and images are known whatever their release is: "vmlinuz-linux". */
static bool has_names(const struct host *host, const char *folder, const char *const *starts)
{
	char **names = NULL;
	bool found = false;

	if (host_path_list(host, folder, &names, NULL) < 0)
		return false;
	for (; !found && *starts; starts++)
		for (size_t i = 0; !found && names[i]; i++)
			found = text_starts(names[i], *starts);
	host_free_names(&names);
	return found;
}

bool apply_command_finds_kernels(const struct host *host)
{
	static const char *const starts[] = {"vmlinuz", "vmlinux", "initr", "booster-", NULL};
	static const char *const any[] = {"", NULL};
	cleanup(host_free_names) char **kernels = NULL;
	size_t count = 0;
	bool found = false;

	host_list(host, HOST_MODULES, &kernels, &count, NULL, ".");
	for (size_t i = 0; !found && apply_boot_folders[i]; i++) {
		const char *folder = apply_boot_folders[i];
		auto_free char *unified = xasprintf("%s/EFI/Linux", folder);

		found = has_names(host, folder, starts) || has_names(host, unified, any);
		for (size_t j = 0; !found && j < count; j++)
			found = has_files(host, folder, kernels[j]);
	}
	return found || has_names(host, "/boot/ostree", any);
}

/* --- commands --- */

/* "/usr/bin/dracut,--force" as an argument vector; heap, one block with the strings. */
static char **split(const char *words)
{
	char **argv = xcalloc(strlen(words) + 2, sizeof(*argv));
	char *at = xstrdup(words);
	size_t count = 0;

	while (at)
		argv[count++] = strsep(&at, ",");
	return argv;
}

static void split_done(char ***argv)
{
	free(**argv);
	free(*argv);
}

/* A record may be older than the place of the program. */
static int run(struct apply *apply, char *const *argv, struct text *said, struct error *err)
{
	auto_free char *program = host_program_at(apply->host, argv[0]);
	auto_free char **moved = NULL;
	size_t count = 0;

	while (argv[count])
		count++;
	moved = xcalloc(count + 1, sizeof(*moved));
	memcpy(moved, argv, count * sizeof(*moved));
	moved[0] = program;
	return host_command_run(apply->host, moved, said, err);
}

/* Heap. */
static char *with_release(const char *words, const char *release)
{
	auto_text struct text out = TEXT_INIT;
	const char *found;

	for (; (found = strstr(words, STEP_EACH_KERNEL)); words = found + strlen(STEP_EACH_KERNEL))
		text_printf(&out, "%.*s%s", (int)(found - words), words, release);
	text_printf(&out, "%s", words);
	return steal(&out.data);
}

/* Is its last word the one that stands for each kernel? */
static bool is_for_each(const char *words)
{
	const char *last = strrchr(words, ',');

	return last && strcmp(last + 1, STEP_EACH_KERNEL) == 0;
}

static int run_words(struct apply *apply, const char *words, struct text *said, struct error *err)
{
	cleanup(split_done) char **argv = split(words);

	return run(apply, argv, said, err);
}

int apply_command_run(struct apply *apply, const char *target, struct text *said, struct error *err)
{
	const char *words = strchr(target, ':') ? strchr(target, ':') + 1 : target;
	cleanup(host_free_names) char **kernels = NULL;
	size_t count = 0;
	int result;

	if (!is_for_each(words))
		return run_words(apply, words, said, err);
	result = host_list(apply->host, HOST_MODULES, &kernels, &count, err, ".");
	/* What is not there is the modules, and not the program. */
	if (result == -ENOENT)
		return 0;
	for (size_t i = 0; result == 0 && i < count; i++) {
		auto_free char *command = NULL;

		if (!can_start(apply->host, kernels[i]))
			continue;
		command = with_release(words, kernels[i]);
		result = run_words(apply, command, said, err);
	}
	return result;
}
