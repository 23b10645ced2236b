// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the programs of the host of setup-world.h write, made of its files as the real ones make it.
 */
#include "tests/model/setup-programs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/host/tree.h"

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

	for (size_t i = 0; i < (world->drop_ins ? 3 : 1); i++) {
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

/* A submenu for each choice, as 12_hostdev-hook derives them. */
static void print_choices(int root, struct text *out)
{
	auto_free char *text = tree_read(root, "etc/hostdev-hook/boot-choices");
	char *at = text, *line;
	const char *id = "", *title = "";

	while (at && (line = strsep(&at, "\n"))) {
		if (text_starts(line, "choice "))
			id = line + strlen("choice ");
		if (text_starts(line, "title "))
			title = line + strlen("title ");
		if (text_starts(line, "words "))
			text_printf(out,
				    "submenu '%s' $menuentry_id_option '%s' {\n"
				    "\tmenuentry 'Linux' $menuentry_id_option '%s-gnulinux' {\n"
				    "\t\tlinux\t/vmlinuz root=UUID=1 ro %s\n\t}\n}\n",
				    title, id, id, line + strlen("words "));
	}
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
		print_choices(root, out);
		text_printf(out, "### END /etc/grub.d/12_hostdev-hook ###\n");
	}
	text_printf(out, "\n### BEGIN /etc/grub.d/41_custom ###\n"
			 "### END /etc/grub.d/41_custom ###\n");
}

/* A line for each file; what is copied in goes behind its name. */
static void print_image(int root, struct text *out)
{
	static const char *const copied[] = {"etc/hostdev-hook/reserve",
					     "etc/modprobe.d/hostdev-hook.conf"};

	if (is_run(root, "etc/initramfs-tools/scripts/init-top/00-hostdev-hook"))
		text_printf(out, "scripts/init-top/00-hostdev-hook\n");
	text_printf(out, "scripts/init-top/udev\n");
	if (is_run(root, "etc/initramfs-tools/hooks/hostdev-hook"))
		text_printf(out, "usr/lib/modules/" KERNEL "/vfio-pci.ko\n");
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

int programs_play(const struct world *world, char *const *argv, struct text *said,
		  struct error *err)
{
	int root = world->machine->root_fd;
	const char *name = strrchr(argv[0], '/') + 1;
	auto_text struct text out = TEXT_INIT;
	auto_free char *listing = NULL;

	if (strcmp(name, "grub-mkconfig") == 0 || strcmp(name, "update-grub") == 0) {
		print_menu(world, &out);
		tree_file(root, (argv[1] ? argv[2] : MENU) + 1, "%s", out.data);
	} else if (strcmp(name, "update-initramfs") == 0 && world->builds_nothing) {
		return 0;
	} else if (strcmp(name, "update-initramfs") == 0) {
		print_image(root, &out);
		tree_file(root, &IMAGE[1], "%s", out.data);
	} else if (strcmp(name, "lsinitramfs") == 0) {
		listing = tree_read(root, argv[1] + 1);
		text_printf(said, "%s\n", listing);
	} else if (strcmp(name, "unmkinitramfs") == 0 && argv[1] && argv[2]) {
		write_order(root, argv[1], argv[2]);
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
	char *const image[] = {(char *)"/usr/sbin/update-initramfs", NULL};

	tree_dir(world->machine->root_fd, "boot/grub");
	programs_play(world, menu, NULL, NULL);
	programs_play(world, image, NULL, NULL);
}
