// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is asked of shells, of GRUB and of the image's own tools before a set-up counts as applied.
 */
#include "actions/setup/apply-check.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "actions/setup/apply-command.h"
#include "actions/setup/apply-entries.h"
#include "base/cleanup.h"
#include "base/host-change.h"
#include "base/host-path.h"
#include "model/grub-default.h"
#include "model/grub-menu.h"
#include "state/setups.h"

#define MENU_BASE "/var/lib/" SETUPS_DIR "/" SETUPS_MENU_BASE
#define MENU_NEW "/var/lib/" SETUPS_DIR "/" SETUPS_MENU_NEW
#define UNPACKED "/var/lib/" SETUPS_DIR "/image"

static int run(struct apply *apply, struct text *said, struct error *err, const char *program,
	       const char *first, const char *second, const char *third)
{
	auto_free char *found = host_program_at(apply->host, program);
	char *const argv[] = {found, (char *)first, (char *)second, (char *)third, NULL};

	return host_command_run(apply->host, argv, said, err);
}

/* modprobe(8) writes names of modules with "_", and has read what it prints. */
static void unify(char *text)
{
	for (; *text; text++)
		if (*text == '-')
			*text = '_';
}

static bool has_line(const char *text, const char *line)
{
	size_t length = strlen(line);

	for (const char *at = text; at && *at; at = text_next_line(at))
		if (strncmp(at, line, length) == 0 && (!at[length] || at[length] == '\n'))
			return true;
	return false;
}

/* What one configuration says, another may say again, or the file may be passed over. */
static int check_options(struct apply *apply, const char *path, struct error *err)
{
	auto_content struct host_content content = CONTENT_INIT;
	auto_text struct text said = TEXT_INIT;
	char *at, *line;
	int result = host_content_read(apply->host, path, &content, err);

	if (result == 0)
		result = apply_said_last(run(apply, &said, err, "/sbin/modprobe", "-c", NULL, NULL),
					 &said, err);
	if (result < 0)
		return result;
	if (said.data)
		unify(said.data);
	at = content.bytes.data;
	while ((line = strsep(&at, "\n"))) {
		unify(line);
		if (*line && *line != '#' && !has_line(said.data, line))
			return error_set(err, EINVAL,
					 "modprobe does not read the options of %s (modprobe -c)",
					 path);
	}
	return 0;
}

static int check_shell(struct apply *apply, const char *path, struct error *err)
{
	auto_text struct text said = TEXT_INIT;

	return apply_said_first(run(apply, &said, err, "/bin/sh", "-n", path, NULL), &said, err);
}

/* --- the menu --- */

static int make_menu(struct apply *apply, const char *program, const char *path, struct text *said,
		     struct error *err)
{
	return apply_said_last(run(apply, said, err, program, "-o", path, NULL), said, err);
}

/* Our script is silent in the menu where it is in doubt, and says elsewhere why. */
static int with_our_line(int result, const struct text *said, struct error *err)
{
	const char *ours = said->data ? strstr(said->data, "hostdev-hook: ") : NULL;
	struct text line = {.data = (char *)ours, .length = ours ? strlen(ours) : 0};

	return result < 0 && ours ? apply_said_first(result, &line, err) : result;
}

static int read_menu(const struct apply *apply, const char *path, struct host_content *ret,
		     struct error *err)
{
	int result = host_content_read(apply->host, path, ret, err);

	if (result == 0 && ret->type != CONTENT_REGULAR)
		result = error_set(err, ENOENT, "grub-mkconfig has written no menu");
	return result;
}

static int make_base(struct apply *apply, char *words, struct error *err)
{
	auto_content struct host_content base = CONTENT_INIT, there = CONTENT_INIT;
	const char *program = strsep(&words, ",");
	auto_text struct text said = TEXT_INIT;
	int result = make_menu(apply, program, MENU_BASE, &said, err);

	if (result == 0)
		result = read_menu(apply, MENU_BASE, &base, err);
	if (result == 0 && words)
		result = host_content_read(apply->host, words, &there, err);
	return result < 0 ? result : grub_menu_keeps(&there.bytes, &base.bytes, err);
}

/* What grub-set-default, and GRUB itself, keep beside the menu. */
static int compare_defaults(const struct apply *apply, const struct text *base,
			    const struct text *now, const char *menu, struct error *err)
{
	auto_content struct host_content kept = CONTENT_INIT;
	const char *slash = menu ? strrchr(menu, '/') : NULL;
	auto_free char *path = slash ? xasprintf("%.*s/grubenv", (int)(slash - menu), menu) : NULL;
	int result = path ? host_content_read(apply->host, path, &kept, err) : 0;

	return result < 0 ? result : grub_default_compare(base, now, kept.bytes.data, err);
}

static int check_menu(struct apply *apply, char *words, struct error *err)
{
	auto_content struct host_content base = CONTENT_INIT, now = CONTENT_INIT;
	auto_text struct text said = TEXT_INIT;
	const char *program = strsep(&words, ",");
	int result = make_menu(apply, program, MENU_NEW, &said, err);

	if (result == 0)
		result = read_menu(apply, MENU_BASE, &base, err);
	if (result == 0)
		result = read_menu(apply, MENU_NEW, &now, err);
	if (result == 0)
		result = with_our_line(
			grub_menu_compare(&base.bytes, apply->past, &now.bytes, apply->setup, err),
			&said, err);
	if (result == 0)
		result = compare_defaults(apply, &base.bytes, &now.bytes, words, err);
	apply_remove_file(apply, MENU_BASE, NULL);
	apply_remove_file(apply, MENU_NEW, NULL);
	return result;
}

/* --- images --- */

static bool lists(const struct text *listing, const char *name)
{
	return listing->data && strstr(listing->data, name);
}

struct image_kind {
	const char *name, *program, *option;
	const char *binder, *hook; /* what a listing must have; hook may be NULL */
};

static const struct image_kind kinds[] = {
	{"initramfs-tools", "/usr/bin/lsinitramfs", NULL, "scripts/init-top/00-hostdev-hook", NULL},
	{"dracut", "/usr/bin/lsinitrd", NULL, "usr/lib/hostdev-hook/binder",
	 "hooks/pre-udev/05-hostdev-hook.sh"},
	{"mkinitcpio", "/usr/bin/lsinitcpio", NULL, "usr/lib/hostdev-hook/binder", NULL},
};

/* What the words of a check of images say behind the kind. */
struct image_wishes {
	const struct image_kind *kind;
	char *files[4]; /* that an image must hold */
	size_t file_count;
};

static const struct image_kind *find_kind(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

/* The next image; its words are cut off. NULL: there is none. */
static char *next_image(char **words, struct image_wishes *wishes, bool *ret_has_module)
{
	static const char holds[] = "holds=";
	char *word;

	while ((word = strsep(words, ",")) && text_starts(word, holds))
		if (wishes->file_count < sizeof(wishes->files) / sizeof(*wishes->files))
			wishes->files[wishes->file_count++] = word + strlen(holds);
	if (!word)
		return NULL;
	*ret_has_module = true;
	for (size_t i = 0; i < 2; i++) {
		char *mark = strstr(word, i == 0 ? "=builtin" : "=without");

		if (!mark)
			continue;
		*mark = '\0';
		*ret_has_module = false;
	}
	return word;
}

/* The image may be of before: what is unpacked of it must be what the host has. */
static int check_unpacked(const struct apply *apply, const char *file, const char *image,
			  struct error *err)
{
	static const char *const places[] = {UNPACKED, UNPACKED "/main"};
	auto_free char *path = xasprintf("/%s", file);
	auto_content struct host_content wanted = CONTENT_INIT;
	int result = host_content_read(apply->host, path, &wanted, err);

	for (size_t i = 0; result == 0 && i < 2; i++) {
		auto_content struct host_content there = CONTENT_INIT;
		auto_free char *copy = xasprintf("%s/%s", places[i], file);

		result = host_content_read(apply->host, copy, &there, err);
		if (result == 0 && there.type == CONTENT_REGULAR &&
		    (there.bytes.length != wanted.bytes.length ||
		     memcmp(text_string(&there.bytes), text_string(&wanted.bytes),
			    wanted.bytes.length) != 0))
			result = error_set(err, EINVAL,
					   "%s holds another %s than the host: it was not built "
					   "anew",
					   image, path);
	}
	return result;
}

/* initramfs-tools writes down in which order the image's scripts run: that alone counts. */
static int check_order(struct apply *apply, const struct image_wishes *wishes, const char *image,
		       struct error *err)
{
	static const char *const places[] = {UNPACKED "/scripts/init-top/ORDER",
					     UNPACKED "/main/scripts/init-top/ORDER"};
	auto_text struct text said = TEXT_INIT;
	const char *ours = NULL, *udev = NULL;
	int result;

	run(apply, &said, NULL, "/bin/rm", "-rf", UNPACKED, NULL);
	result = apply_said_last(
		run(apply, &said, err, "/usr/bin/unmkinitramfs", image, UNPACKED, NULL), &said,
		err);
	for (size_t i = 0; result == 0 && i < 2 && !ours; i++) {
		auto_content struct host_content order = CONTENT_INIT;

		result = host_content_read(apply->host, places[i], &order, err);
		if (result < 0 || order.type != CONTENT_REGULAR || !order.bytes.data)
			continue;
		ours = strstr(order.bytes.data, "/scripts/init-top/00-hostdev-hook");
		udev = strstr(order.bytes.data, "/scripts/init-top/udev");
		if (ours && udev && udev < ours)
			result = error_set(err, EINVAL, "%s runs udev before the binder", image);
		if (!ours)
			result = error_set(err, EINVAL, "%s does not run the binder", image);
	}
	if (result == 0 && !ours)
		result = error_set(err, EINVAL, "%s does not say in which order its scripts run",
				   image);
	for (size_t i = 0; result == 0 && i < wishes->file_count; i++)
		result = check_unpacked(apply, wishes->files[i], image, err);
	run(apply, &said, NULL, "/bin/rm", "-rf", UNPACKED, NULL);
	return result;
}

static int check_image(struct apply *apply, const struct image_wishes *wishes, const char *image,
		       bool has_module, struct error *err)
{
	const struct image_kind *kind = wishes->kind;
	auto_text struct text listing = TEXT_INIT;
	int result = run(apply, &listing, err, kind->program, image, NULL, NULL);

	if (result < 0)
		return apply_said_last(result, &listing, err);
	if (!lists(&listing, kind->binder) || (kind->hook && !lists(&listing, kind->hook)))
		return error_set(err, EINVAL, "%s does not hold the binder", image);
	if (has_module && !lists(&listing, "vfio-pci.ko"))
		return error_set(err, EINVAL, "%s does not hold vfio-pci", image);
	for (size_t i = 0; i < wishes->file_count; i++)
		if (!lists(&listing, wishes->files[i]))
			return error_set(err, EINVAL, "%s does not hold /%s", image,
					 wishes->files[i]);
	return 0;
}

static int check_images(struct apply *apply, char *words, struct error *err)
{
	const char *name = strsep(&words, ","), *image;
	struct image_wishes wishes = {.kind = find_kind(name)};
	bool has_module = false;
	int result = 0;

	if (!wishes.kind)
		return error_set(err, EINVAL, "\"%s\" builds no images that are known here", name);
	for (bool first = true; result == 0 && (image = next_image(&words, &wishes, &has_module));
	     first = false) {
		result = check_image(apply, &wishes, image, has_module, err);
		if (result == 0 && first && wishes.kind == &kinds[0])
			result = check_order(apply, &wishes, image, err);
	}
	return result;
}

static int check_image_is_free(struct apply *apply, const struct image_kind *kind,
			       const char *image, const char **ret_note, struct error *err)
{
	auto_text struct text listing = TEXT_INIT;
	struct stat status;

	if (host_path_stat(apply->host, image, &status, NULL) == -ENOENT)
		return 0;
	/* Who cannot list images any more must not be kept from taking anything back. */
	if (run(apply, &listing, NULL, kind->program, image, NULL, NULL) < 0) {
		*ret_note = "whether the images are without the binder now is not known: one could "
			    "not be listed";
		return 0;
	}
	if (lists(&listing, kind->binder) || (kind->hook && lists(&listing, kind->hook)))
		return error_set(err, EINVAL, "%s still holds the binder: it was not built anew",
				 image);
	return 0;
}

static int check_images_are_free(struct apply *apply, char *words, const char **ret_note,
				 struct error *err)
{
	struct image_wishes wishes = {.kind = find_kind(strsep(&words, ","))};
	bool has_module = false;
	const char *image;
	int result = 0;

	while (wishes.kind && result == 0 && (image = next_image(&words, &wishes, &has_module)))
		result = check_image_is_free(apply, wishes.kind, image, ret_note, err);
	return result;
}

static bool is_image_check(const struct step *step)
{
	return step->kind == STEP_CHECK && text_starts(step->target, "image:");
}

bool apply_checks_images(const struct setup *setup)
{
	for (size_t i = 0; i < setup->step_count; i++)
		if (is_image_check(&setup->steps[i]))
			return true;
	return false;
}

int apply_check_gone(struct apply *apply, const char **ret_note, struct error *err)
{
	const struct setup *setup = apply->setup;
	int result = 0;

	for (size_t i = 0; !apply->images_stay && result == 0 && i < setup->step_count; i++) {
		auto_free char *words = NULL;

		if (!is_image_check(&setup->steps[i]))
			continue;
		words = xstrdup(strchr(setup->steps[i].target, ':') + 1);
		result = check_images_are_free(apply, words, ret_note, err);
	}
	return result;
}

/* Of those that a check names; the first that is not is kept. */
static bool one_is_there(const struct apply *apply, const char *target, char **missing)
{
	auto_free char *words = xstrdup(strchr(target, ':') + 1);
	struct image_wishes wishes = {.kind = NULL};
	bool has_module = false;
	const char *image;
	struct stat status;
	char *at = words;

	strsep(&at, ",");
	while ((image = next_image(&at, &wishes, &has_module))) {
		if (host_path_stat(apply->host, image, &status, NULL) != -ENOENT)
			return true;
		if (!*missing)
			*missing = xstrdup(image);
	}
	return false;
}

int apply_check_images_there(const struct apply *apply, struct error *err)
{
	const struct setup *setup = apply->setup;
	auto_free char *missing = NULL;
	bool any = false;

	for (size_t i = 0; i < setup->step_count; i++) {
		if (!is_image_check(&setup->steps[i]))
			continue;
		any = true;
		if (one_is_there(apply, setup->steps[i].target, &missing))
			return 0;
	}
	if (!any || apply_command_finds_kernels(apply->host))
		return 0;
	return error_set(
		err, ENXIO,
		"no image is there that could be built anew%s%.200s%s: mount what belongs on "
		"/boot, or wherever this host has its kernels",
		missing ? ", neither " : "", missing ? missing : "",
		missing ? " nor any other" : "");
}

int apply_check_menu_gone(struct apply *apply, struct error *err)
{
	const struct setup *setup = apply->setup;
	int result = 0;

	for (size_t i = 0; result == 0 && i < setup->step_count; i++) {
		const char *target = setup->steps[i].target, *comma = strchr(target, ',');
		auto_content struct host_content menu = CONTENT_INIT;

		if (setup->steps[i].kind != STEP_CHECK || !comma ||
		    !text_starts(target, "menu-base:"))
			continue;
		result = host_content_read(apply->host, comma + 1, &menu, err);
		if (result == 0 && menu.type != CONTENT_REGULAR)
			result = error_set(err, ENXIO, "there is no %s", comma + 1);
		if (result == 0 && grub_menu_has_setup(&menu.bytes, setup, NULL) == 0)
			result = error_set(err, EINVAL, "%s still has what was put there",
					   comma + 1);
	}
	return result;
}

int apply_check(struct apply *apply, const char *target, struct error *err)
{
	auto_free char *copy = xstrdup(target);
	char *what = copy, *kind = strsep(&what, ":");

	if (!what)
		return error_set(err, EINVAL, "\"%s\" is nothing that can be checked", target);
	if (strcmp(kind, "shell") == 0)
		return check_shell(apply, what, err);
	if (strcmp(kind, "menu-base") == 0)
		return make_base(apply, what, err);
	if (strcmp(kind, "menu") == 0)
		return check_menu(apply, what, err);
	if (strcmp(kind, "image") == 0)
		return check_images(apply, what, err);
	if (strcmp(kind, "options") == 0)
		return check_options(apply, what, err);
	if (strcmp(kind, "entries-base") == 0)
		return entries_keep(apply, what, err);
	if (strcmp(kind, "entries") == 0)
		return entries_check(apply, what, err);
	return error_set(err, EINVAL, "\"%s\" is nothing that can be checked", target);
}

void apply_check_forget(struct apply *apply)
{
	auto_text struct text said = TEXT_INIT;

	apply_remove_file(apply, MENU_BASE, NULL);
	apply_remove_file(apply, MENU_NEW, NULL);
	entries_forget(apply);
	if (host_exists(apply->host, HOST_VAR, SETUPS_DIR "/image"))
		run(apply, &said, NULL, "/bin/rm", "-rf", UNPACKED, NULL);
}
