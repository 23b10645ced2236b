// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the programs of the host of setup-world.h write, made of its files as the real ones make it.
 */
#include "tests/model/setup-programs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "model/boot-entries.h"
#include "tests/host/tree.h"

/* One of /etc/hostdev-hook/boot-choices. */
struct played_choice {
	const char *id, *title, *words;
	int number; /* from 1 */
};

/* The value behind NAME= of a line of shell; what stood there before is kept where it is named. */
static void take_assignment(const char *line, const char *name, struct text *value)
{
	auto_free char *start = xasprintf("%s=", name);
	auto_free char *append = xasprintf("\"${%s:+$%s }", name, name);
	const char *at = line + strlen(start);
	bool appends = false;
	size_t length;

	if (!text_starts(line, start))
		return;
	appends = text_starts(at, append);
	at += appends ? strlen(append) : (size_t)(*at == '"' || *at == '\'');
	length = strcspn(at, "\"'\n");
	if (!appends)
		text_done(value);
	text_printf(value, "%s%.*s", appends && value->length > 0 ? " " : "", (int)length, at);
}

static void read_defaults(const struct world *world, const char *name, struct text *value)
{
	static const char *const files[] = {"etc/default/grub",
					    "etc/default/grub.d/50-cloudimg.cfg",
					    "etc/default/grub.d/zz-hostdev-hook.cfg"};

	for (size_t i = 0; i < (world->kind == WORLD_GRUB ? 3 : 1); i++) {
		auto_free char *text = tree_read(world->machine->root_fd, files[i]);
		char *at = text, *line;

		while (at && (line = strsep(&at, "\n")))
			take_assignment(line, name, value);
	}
}

static bool is_run(int root, const char *path)
{
	struct stat status;

	return fstatat(root, path, &status, 0) == 0 && (status.st_mode & 0100);
}

/* Calls back for each choice of the set-up's list. */
static void read_choices(int root, void (*take)(void *data, const struct played_choice *choice),
			 void *data)
{
	auto_free char *text = tree_read(root, "etc/hostdev-hook/boot-choices");
	struct played_choice choice = {.id = "", .title = ""};
	char *at = text, *line;

	while (at && (line = strsep(&at, "\n"))) {
		if (text_starts(line, "choice "))
			choice.id = line + strlen("choice ");
		if (text_starts(line, "title "))
			choice.title = line + strlen("title ");
		if (!text_starts(line, "words "))
			continue;
		choice.words = line + strlen("words ");
		choice.number++;
		take(data, &choice);
	}
}

/* A submenu for each choice, as 12_hostdev-hook derives them. */
static void print_choice(void *data, const struct played_choice *choice)
{
	text_printf(data,
		    "submenu '%s' $menuentry_id_option '%s' {\n"
		    "\tmenuentry 'Linux' $menuentry_id_option '%s-gnulinux' {\n"
		    "\t\tlinux\t/vmlinuz root=UUID=1 ro %s\n\t}\n}\n",
		    choice->title, choice->id, choice->id, choice->words);
}

static void print_menu(const struct world *world, struct text *out)
{
	int root = world->machine->root_fd;
	auto_text struct text words = TEXT_INIT, chosen = TEXT_INIT;

	read_defaults(world, "GRUB_CMDLINE_LINUX_DEFAULT", &words);
	read_defaults(world, "GRUB_DEFAULT", &chosen);
	text_printf(out,
		    "\n### BEGIN /etc/grub.d/00_header ###\nset default=\"%s\"\n"
		    "### END /etc/grub.d/00_header ###\n"
		    "\n### BEGIN /etc/grub.d/10_linux ###\n"
		    "menuentry 'Linux' $menuentry_id_option 'gnulinux' {\n"
		    "\tlinux\t/vmlinuz root=UUID=1 ro  %s\n}\n"
		    "### END /etc/grub.d/10_linux ###\n",
		    chosen.data ? chosen.data : "0", words.data ? words.data : "");
	if (is_run(root, "etc/grub.d/12_hostdev-hook")) {
		text_printf(out, "\n### BEGIN /etc/grub.d/12_hostdev-hook ###\n");
		read_choices(root, print_choice, out);
		text_printf(out, "### END /etc/grub.d/12_hostdev-hook ###\n");
	}
	text_printf(out, "\n### BEGIN /etc/grub.d/41_custom ###\n"
			 "### END /etc/grub.d/41_custom ###\n");
}

/* A line for each file; what is copied in goes behind its name. */
static void print_image(int root, const char *release, struct text *out)
{
	static const char *const copied[] = {"etc/hostdev-hook/reserve",
					     "etc/modprobe.d/hostdev-hook.conf"};

	if (is_run(root, "etc/initramfs-tools/scripts/init-top/00-hostdev-hook"))
		text_printf(out, "scripts/init-top/00-hostdev-hook\n");
	text_printf(out, "scripts/init-top/udev\n");
	if (is_run(root, "etc/initramfs-tools/hooks/hostdev-hook"))
		text_printf(out, "usr/lib/modules/%s/vfio-pci.ko\n", release);
	for (size_t i = 0; i < 2; i++) {
		auto_free char *text = tree_read(root, copied[i]);
		auto_free char *line = text ? text_escape(text) : NULL;

		if (line)
			text_printf(out, "%s: %s\n", copied[i], line);
	}
}

static void write_order(int root, const char *image, const char *dir)
{
	auto_free char *text = tree_read(root, image + 1);
	auto_free char *order = xasprintf("%s/scripts/init-top/ORDER", dir + 1);
	bool ours = text && strstr(text, "00-hostdev-hook");

	tree_file(root, order, "%s/scripts/init-top/udev \"$@\"\n",
		  ours ? "/scripts/init-top/00-hostdev-hook \"$@\"\n" : "");
}

static const char *const releases[] = {OLDER, KERNEL, NEWER};
#define RELEASES (sizeof(releases) / sizeof(*releases))

static void build_images(int root)
{
	for (size_t i = 0; i < RELEASES; i++) {
		auto_free char *modules = xasprintf("lib/modules/%s", releases[i]);
		auto_free char *image = xasprintf("boot/initrd.img-%s", releases[i]);
		auto_text struct text out = TEXT_INIT;

		if (!tree_exists(root, modules))
			continue;
		print_image(root, releases[i], &out);
		tree_file(root, image, "%s", out.data);
	}
}

/* --- kernel-install, layout bls --- */

char *programs_token(int root)
{
	char *token = tree_read(root, "etc/kernel/entry-token");

	return token ? token : tree_read(root, "etc/machine-id");
}

struct adding {
	int root;
	bool leaves_counted;
	const char *release;
	char *token, *options, *entry; /* heap; entry: its path without ".conf" */
	struct text text;              /* of the kernel's entry */
};

static void adding_done(struct adding *adding)
{
	free(adding->token);
	free(adding->options);
	free(adding->entry);
	text_done(&adding->text);
}

/* Comments are none of them in version 257, and no word of the loader's own is. */
static char *read_options(int root)
{
	auto_free char *configured = tree_read(root, "etc/kernel/cmdline");
	auto_free char *running = tree_read(root, "proc/cmdline");
	auto_text struct text options = TEXT_INIT;
	char *at = configured ? configured : running, *line, *word;

	text_append(&options, "", 0);
	while ((line = strsep(&at, "\n"))) {
		if (line[strspn(line, " \t")] == '#')
			continue;
		while ((word = strsep(&line, " \t")))
			if (*word && (configured || !text_starts(word, "initrd=")))
				text_printf(&options, "%s%s", options.length > 0 ? " " : "", word);
	}
	return steal(&options.data);
}

static void copy_in(const struct adding *adding, const char *from, const char *name)
{
	auto_free char *source = xasprintf("boot/%s-%s", from, adding->release);
	auto_free char *target =
		xasprintf("boot/efi/%s/%s/%s", adding->token, adding->release, name);
	auto_free char *text = tree_read(adding->root, source);

	tree_file(adding->root, target, "%s\n", text);
}

static void remove_entries(int root, bool (*goes)(const char *name, const void *data),
			   const void *data)
{
	for (size_t i = 0;;) {
		auto_free char *name = tree_entry(root, ENTRIES, i);
		auto_free char *path = NULL;

		if (!name)
			return;
		path = xasprintf(ENTRIES "/%s", name);
		if (goes(name, data))
			tree_remove(root, path);
		i = tree_exists(root, path) ? i + 1 : 0;
	}
}

/* The kernel's own, whatever is left of its attempts to boot. */
static bool is_own(const char *name, const void *data)
{
	const struct adding *adding = data;

	return boot_entry_is_of(name, adding->token, adding->release);
}

/* What goes when the kernel does. */
static bool starts_with(const char *name, const void *data)
{
	return text_starts(name, data);
}

/* 55-initrd and 90-loaderentry */
static void add_entry(struct adding *adding)
{
	auto_free char *tries = tree_read(adding->root, "etc/kernel/tries");
	auto_free char *path =
		xasprintf("%s%s%s.conf", adding->entry, tries ? "+" : "", tries ? tries : "");
	const char *image = tree_exists(adding->root, OTHER_BUILDER) ? "initrd" : "initrd.img";

	copy_in(adding, "vmlinuz", "linux");
	copy_in(adding, "initrd.img", image);
	if (tries && !adding->leaves_counted)
		remove_entries(adding->root, is_own, adding);
	text_printf(&adding->text,
		    "title      Debian\nversion    %s\nsort-key   debian\noptions    %s\n"
		    "linux      /%s/%s/linux\ninitrd     /%s/%s/%s\n",
		    adding->release, adding->options, adding->token, adding->release, adding->token,
		    adding->release, image);
	tree_file(adding->root, path, "%s", adding->text.data);
}

/* As 91-hostdev-hook derives it. */
static void add_choice(void *data, const struct played_choice *choice)
{
	const struct adding *adding = data;
	auto_free char *tries = tree_read(adding->root, "etc/kernel/tries");
	auto_free char *path =
		xasprintf("%s-hostdev-%d%s.conf", adding->entry, choice->number, tries ? "+0" : "");

	tree_file(adding->root, path,
		  "title      Debian, %s\nversion    %s\noptions    %s %s\n"
		  "linux      /%s/%s/linux\n",
		  choice->title, adding->release, adding->options, choice->words, adding->token,
		  adding->release);
}

static void append_line(int root, const char *path)
{
	auto_free char *text = tree_read(root, path);

	tree_file(root, path, "%s\n# once more\n", text ? text : "title Other");
}

static void run_other_plugin(const struct adding *adding)
{
	auto_free char *words = tree_read(adding->root, OTHER_PLUGIN);
	auto_free char *own = xasprintf("%s-other.conf", adding->entry);
	auto_free char *more = xasprintf("%s-more.conf", adding->entry);

	if (strstr(words, "steady") || strstr(words, "derives"))
		tree_file(adding->root, own, "title Other %s\noptions %s other\nlinux /linux\n",
			  adding->release,
			  strstr(words, "derives") ? adding->options : "root=UUID=1 ro");
	if (strstr(words, "appends"))
		append_line(adding->root, own);
	if (strstr(words, "meddles"))
		append_line(adding->root, ENTRIES "/windows.conf");
	if (strstr(words, "adds"))
		append_line(adding->root, more);
}

static void remove_choices(const struct adding *adding)
{
	for (int number = 1; number < 10; number++) {
		auto_free char *path = xasprintf("%s-hostdev-%d.conf", adding->entry, number);
		auto_free char *counted = xasprintf("%s-hostdev-%d+0.conf", adding->entry, number);

		tree_remove(adding->root, path);
		tree_remove(adding->root, counted);
	}
}

static void add_kernel(const struct world *world, const char *release)
{
	int root = world->machine->root_fd;
	cleanup(adding_done) struct adding adding = {
		.root = root, .leaves_counted = world->leaves_counted, .release = release};

	adding.token = programs_token(root);
	adding.entry = xasprintf(ENTRIES "/%s-%s", adding.token, release);
	adding.options = read_options(root);
	if (text_starts(adding.token, "0123")) {
		auto_free char *words = steal(&adding.options);

		adding.options = xasprintf("%s systemd.machine_id=%s", words, adding.token);
	}
	add_entry(&adding);
	if (is_run(root, "etc/kernel/install.d/91-hostdev-hook.install")) {
		remove_choices(&adding);
		read_choices(root, add_choice, &adding);
	}
	if (is_run(root, OTHER_PLUGIN))
		run_other_plugin(&adding);
}

/* As where the partition is full. */
static int break_entry(int root, const char *release, struct text *said, struct error *err)
{
	auto_free char *token = programs_token(root);
	auto_free char *path = xasprintf(ENTRIES "/%s-%s.conf", token, release);

	tree_file(root, path, "title      Deb");
	text_printf(said, "No space left on device\n");
	return error_set(err, EIO, "kernel-install ended with status 1");
}

/* --- all of them --- */

int programs_play(const struct world *world, char *const *argv, struct text *said,
		  struct error *err)
{
	int root = world->machine->root_fd;
	const char *name = strrchr(argv[0], '/') + 1;
	auto_text struct text out = TEXT_INIT;
	auto_free char *listing = NULL;

	if (world->programs_gone)
		return error_set(err, ENOENT, "%s: there is no such program", argv[0]);
	if (strcmp(name, "grub-mkconfig") == 0 || strcmp(name, "update-grub") == 0) {
		print_menu(world, &out);
		tree_file(root, (argv[1] ? argv[2] : MENU) + 1, "%s", out.data);
	} else if (strcmp(name, "update-initramfs") == 0 && world->builds_nothing) {
		return 0;
	} else if (strcmp(name, "update-initramfs") == 0) {
		build_images(root);
	} else if (strcmp(name, "kernel-install") == 0 && argv[1] && argv[2] &&
		   tree_exists(root, "usr/bin/kernel-install")) {
		add_kernel(world, argv[2]);
		if (world->breaks_entries)
			return break_entry(root, argv[2], said, err);
	} else if (strcmp(name, "lsinitramfs") == 0) {
		listing = tree_read(root, argv[1] + 1);
		text_printf(said, "%s\n", listing);
	} else if (strcmp(name, "unmkinitramfs") == 0 && argv[1] && argv[2]) {
		write_order(root, argv[1], argv[2]);
	} else if (strcmp(name, "modprobe") == 0) {
		listing = tree_read(root, "etc/modprobe.d/hostdev-hook.conf");
		text_printf(said, "%s\n", listing ? listing : "");
	} else if (strcmp(name, "rm") == 0 && argv[1] && argv[2]) {
		tree_remove(root, argv[2] + 1);
	} else if (strcmp(name, "sh") != 0) {
		return error_set(err, ENOENT, "%s: there is no such program", argv[0]);
	}
	return 0;
}

void programs_build(const struct world *world)
{
	char *const menu[] = {(char *)"/usr/sbin/update-grub", NULL};

	build_images(world->machine->root_fd);
	if (!world_has_grub(world))
		return;
	tree_dir(world->machine->root_fd, "boot/grub");
	programs_play(world, menu, NULL, NULL);
}

void programs_add_kernel(const struct world *world, const char *release)
{
	build_images(world->machine->root_fd);
	add_kernel(world, release);
}

void programs_remove_kernel(const struct world *world, const char *release)
{
	int root = world->machine->root_fd;
	auto_free char *token = programs_token(root);
	auto_free char *modules = xasprintf("lib/modules/%s", release);
	auto_free char *image = xasprintf("boot/vmlinuz-%s", release);
	auto_free char *initrd = xasprintf("boot/initrd.img-%s", release);
	auto_free char *copies = xasprintf("boot/efi/%s/%s", token, release);
	auto_free char *begin = xasprintf("%s-%s", token, release);

	remove_entries(root, starts_with, begin);
	tree_remove(root, modules);
	tree_remove(root, image);
	tree_remove(root, initrd);
	tree_remove(root, copies);
}
