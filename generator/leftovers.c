// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The list of all that the adapters write, and by what each of these files is known to be ours.
 */
#include "generator/leftovers.h"

#include <ctype.h>
#include <string.h>

#include "base/cleanup.h"
#include "generator/image.h"
#include "generator/loader-systemd-boot.h"
#include "model/boot-entries.h"
#include "model/boot-words.h"
#include "model/grub-default.h"

#define DRACUT "/usr/lib/dracut/modules.d/01hostdev-hook"
#define DROP_IN "/etc/default/grub.d/zz-hostdev-hook.cfg"
#define DEFAULTS "/etc/default/grub"
#define CMDLINE "/etc/kernel/cmdline"

/* Of wishes_add_header() and menu_add_choices(). */
#define HEAD "# Written by hostdev-hook: hostdevctl generate "
#define CHOICES_HEAD "hostdev-hook boot-choices "
/* Of grub.c. */
#define MARK " # hostdev-hook"
#define WORDS_LINE "GRUB_CMDLINE_LINUX_DEFAULT=\"${GRUB_CMDLINE_LINUX_DEFAULT:+"
#define DEFAULT_LINE "GRUB_DEFAULT='hostdev-"

const char *const leftover_files[] = {RESERVE_FILE,
				      OPTIONS_FILE,
				      "/etc/initramfs-tools/hooks/hostdev-hook",
				      "/etc/initramfs-tools/scripts/init-top/00-hostdev-hook",
				      DRACUT "/module-setup.sh",
				      DRACUT "/hostdev-hook.sh",
				      DRACUT "/binder",
				      "/etc/dracut.conf.d/90-hostdev-hook.conf",
				      "/etc/hostdev-hook/binder",
				      "/etc/initcpio/install/hostdev-hook",
				      "/etc/initcpio/hooks/hostdev-hook",
				      "/etc/initcpio/hostdev-hook.service",
				      "/etc/mkinitcpio.conf.d/hostdev-hook.conf",
				      CHOICES_FILE,
				      DROP_IN,
				      "/etc/grub.d/" GRUB_SCRIPT,
				      "/etc/grub.d/" GRUB_SCRIPT_LAST,
				      "/etc/kernel/install.d/91-hostdev-hook.install",
				      NULL};
const char *const leftover_dirs[] = {"/etc/hostdev-hook", DRACUT, NULL};
const char *const leftover_edited[] = {DEFAULTS, CMDLINE, NULL};

/* The builders by their files: which of them it was is not asked of the host, which may have
 * changed it since. */
static const struct builder {
	enum boot_initramfs kind;
	const char *prefixes[2];
	const char *usual;
} builders[] = {
	{INITRAMFS_TOOLS, {"/etc/initramfs-tools/"}, "image:/usr/sbin/update-initramfs,-u,-k,all"},
	{INITRAMFS_DRACUT,
	 {DRACUT, "/etc/dracut.conf.d/"},
	 "image:/usr/bin/dracut,--force,--kver," STEP_EACH_KERNEL},
	{INITRAMFS_MKINITCPIO,
	 {"/etc/initcpio/", "/etc/mkinitcpio.conf.d/"},
	 "image:/usr/bin/mkinitcpio,-P"},
};
#define BUILDERS (sizeof(builders) / sizeof(*builders))

/* --- what is ours --- */

/* Files of settings: how our lines begin. */
static const struct settings {
	const char *path, *lines[2];
} settings[] = {
	{RESERVE_FILE, {NULL}},
	{CHOICES_FILE, {NULL}},
	{OPTIONS_FILE, {"options vfio-pci ids="}},
	{DROP_IN, {WORDS_LINE, DEFAULT_LINE}},
};

static const struct settings *find_settings(const char *path)
{
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++)
		if (strcmp(settings[i].path, path) == 0)
			return &settings[i];
	return NULL;
}

static const char *next_line(const char *line)
{
	line += strcspn(line, "\n");
	return line + (*line == '\n');
}

static bool is_own_line(const struct settings *file, const char *line)
{
	bool own = *line == '#' || !file->lines[0];

	for (size_t i = 0; i < 2 && file->lines[i]; i++)
		own |= text_starts(line, file->lines[i]);
	return own;
}

static bool take_settings(const struct settings *file, const char *text, struct text *ours)
{
	const char *head = text_starts(text, CHOICES_HEAD) ? next_line(text) : text;

	if (!text_starts(head, HEAD))
		return false;
	for (const char *line = text; *line; line = next_line(line))
		if (is_own_line(file, line))
			text_append(ours, line, (size_t)(next_line(line) - line));
	return true;
}

/* The pieces say who has written them, in a comment that may go over several lines. */
static bool says_so(const char *text)
{
	auto_text struct text joined = TEXT_INIT;

	for (const char *at = text; *at; at++) {
		bool joins = text_starts(at, "\n# ");

		text_append(&joined, joins ? " " : at, 1);
		at += joins ? 2 : 0;
	}
	return strstr(text_string(&joined), "Written by \"hostdevctl generate\"") != NULL;
}

bool leftover_take(const char *path, const char *text, struct text *ours)
{
	const struct settings *file = find_settings(path);

	if (file)
		return take_settings(file, text, ours);
	if (!says_so(text))
		return false;
	text_append(ours, text, strlen(text));
	return true;
}

/* As a word of a record. */
static bool is_word(const char *name)
{
	while (isgraph((unsigned char)*name))
		name++;
	return !*name;
}

bool leftover_entry_is_ours(const struct boot *boot, const char *name, const char *text)
{
	return is_word(name) && systemd_boot_kernels(boot) > 0 &&
	       boot_entry_is_ours(name, boot->kernel_install.token) && strstr(text, WORD_GUEST);
}

/* --- lines in files of others --- */

static bool is_reserving(const char *line)
{
	return text_starts(line, WORD_GUEST) || text_starts(line, "vfio-pci.ids=");
}

static bool has_reserving(const char *line, size_t length)
{
	return memmem(line, length, WORD_GUEST, strlen(WORD_GUEST)) ||
	       memmem(line, length, "vfio-pci.ids=", strlen("vfio-pci.ids="));
}

/* One from which such words were taken out is of whoever has written others into it. */
static bool is_marked(const char *line)
{
	size_t length = strcspn(line, "\n"), mark = strlen(MARK);

	return length >= mark && strncmp(line + length - mark, MARK, mark) == 0 &&
	       (text_starts(line, DEFAULT_LINE) ||
		(text_starts(line, WORDS_LINE) && has_reserving(line, length)));
}

bool leftover_take_out(const char *path, const char *text, const struct boot *boot, bool beside,
		       struct text *rest)
{
	bool is_cmdline = strcmp(path, CMDLINE) == 0, found = false;

	/* Our words have no mark there, and may be there by hand. */
	if (is_cmdline && (!beside || systemd_boot_kernels(boot) == 0))
		return false;
	text_append(rest, "", 0);
	for (const char *line = text; *line; line = next_line(line)) {
		bool own = is_cmdline ? is_reserving(line) : is_marked(line);

		if (!own)
			text_append(rest, line, (size_t)(next_line(line) - line));
		found |= own;
	}
	return found;
}

/* --- what was promised --- */

static void add_words(const char *id, const char *line, const char *end, struct setup *promise)
{
	setup_add_choice(promise, xstrdup(id), xasprintf("%.*s", (int)strcspn(line, end), line));
}

static void take_choice(const char **id, const char *line, struct setup *promise)
{
	auto_free char *name = NULL;

	if (text_starts(line, "choice "))
		*id = line + strlen("choice ");
	/* A record must be readable, whatever somebody has written there. */
	if (!*id || !text_starts(line, "words ") || strcspn(*id, " \n") == 0 ||
	    (*id)[strcspn(*id, " \n")] != '\n')
		return;
	name = xasprintf("%.*s", (int)strcspn(*id, "\n"), *id);
	add_words(name, line + strlen("words "), "\n", promise);
	*id = NULL;
}

static void take_head(const char *line, struct setup *promise)
{
	size_t length = strcspn(line, "\n");

	if (promise->arguments || !text_starts(line, HEAD))
		return;
	line += strlen(HEAD);
	length -= strlen(HEAD);
	if (text_unescape(line, length, &promise->arguments))
		promise->mode = xasprintf("%.*s", (int)strcspn(promise->arguments, " "),
					  promise->arguments);
}

void leftover_promise(const char *path, const char *text, struct setup *promise)
{
	bool is_choices = strcmp(path, CHOICES_FILE) == 0, others = strcmp(path, DEFAULTS) == 0;
	const char *id = NULL, *words;

	for (const char *line = text; *line; line = next_line(line)) {
		take_head(line, promise);
		words = text_starts(line, WORDS_LINE) ? strchr(line, '}') : NULL;
		if (is_choices)
			take_choice(&id, line, promise);
		else if (words && (!others || is_marked(line)))
			add_words("static", words + 1, "\"\n", promise);
		else if (strcmp(path, CMDLINE) == 0 && is_reserving(line))
			add_words("static", line, "\n", promise);
	}
}

/* --- what was built of it --- */

static const struct generate_wishes nothing = {.mode = GENERATE_DYNAMIC, .arguments = "undo"};

static bool any_starts(const char *const *paths, size_t count, const char *prefix)
{
	for (size_t i = 0; prefix && i < count; i++)
		if (text_starts(paths[i], prefix))
			return true;
	return false;
}

static bool any_of_part(const char *const *paths, size_t count, enum draft_part part)
{
	for (size_t i = 0; i < count; i++)
		if (draft_part_of(paths[i]) == part)
			return true;
	return false;
}

static bool has_build(const struct draft *draft, const char *prefix)
{
	for (size_t i = 0; i < draft->step_count; i++)
		if (draft->steps[i].kind == STEP_BUILD &&
		    text_starts(draft->steps[i].target, prefix))
			return true;
	return false;
}

static void add_usual(struct draft *draft, enum draft_part part, const char *target)
{
	draft_add_build(draft, part, target, "stale", "what has built it");
}

static void plan_builder(const struct generate_facts *facts, const struct builder *builder,
			 struct draft *draft)
{
	const struct image_request request = {.facts = facts, .wishes = &nothing};
	const struct boot_initramfs_found *found = boot_initramfs_find(facts->boot, builder->kind);
	auto_free char *check = NULL;

	if (found && found->program &&
	    !(builder->kind == INITRAMFS_DRACUT && facts->boot->usr_read_only)) {
		image_adapter_find(builder->kind)->plan(&request, draft);
		return;
	}
	check = image_check_target(&request, builder->kind);
	draft_add_check(draft, DRAFT_IMAGE, check, "the images have it no more");
	add_usual(draft, DRAFT_IMAGE, builder->usual);
}

static void plan_images(const struct generate_facts *facts, const char *const *paths, size_t count,
			struct draft *draft)
{
	bool known = false;

	for (size_t i = 0; i < BUILDERS; i++) {
		if (!any_starts(paths, count, builders[i].prefixes[0]) &&
		    !any_starts(paths, count, builders[i].prefixes[1]))
			continue;
		plan_builder(facts, &builders[i], draft);
		known = true;
	}
	if (!known && any_of_part(paths, count, DRAFT_IMAGE))
		image_plan(facts, &nothing, NULL, NULL, draft);
}

static void plan_grub(const struct menu_request *request, struct draft *draft)
{
	adapter_grub.plan(request, draft);
	if (!has_build(draft, "menu:"))
		add_usual(draft, DRAFT_MENU, "menu:/usr/sbin/grub-mkconfig,-o,/boot/grub/grub.cfg");
}

void leftovers_draft(const struct boot *boot, const char *const *paths, size_t count,
		     struct draft *ret)
{
	const struct generate_facts facts = {.boot = boot};
	const struct menu_request request = {
		.facts = &facts, .wishes = &nothing, .default_choice = -1};
	bool of_grub =
		any_starts(paths, count, DEFAULTS) || any_starts(paths, count, "/etc/grub.d");
	bool of_menu = any_of_part(paths, count, DRAFT_MENU);

	/* Entries have images beside them, and choices may be of either. */
	if (of_grub || !of_menu || !systemd_boot_carry(&request, ret))
		menu_plan_carrier(&request, ret);
	plan_images(&facts, paths, count, ret);
	if (of_grub || (of_menu && !has_build(ret, "entries:")))
		plan_grub(&request, ret);
}
