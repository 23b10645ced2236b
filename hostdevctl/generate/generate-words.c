// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Boot loaders and initramfs generators by the names that the command line has for them.
 * Tests: generator/previews.bats.
 */
#include <errno.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "hostdevctl/generate/generate.h"

int generate_check_loader(const char *name, struct error *err)
{
	auto_text struct text known = TEXT_INIT;
	enum boot_loader loader;

	if (boot_loader_parse(name, &loader))
		return 0;
	for (int i = 0; i < LOADERS; i++)
		text_printf(&known, "%s%s", i > 0 ? ", " : "",
			    boot_loader_name((enum boot_loader)i));
	return error_set(err, EINVAL, "\"%.40s\" is no boot loader that is known here: %s", name,
			 known.data);
}

int generate_check_initramfs(const char *name, struct error *err)
{
	auto_text struct text known = TEXT_INIT;
	enum boot_initramfs kind;

	if (boot_initramfs_parse(name, &kind))
		return 0;
	for (int i = 0; i < INITRAMFS_KINDS; i++)
		text_printf(&known, "%s%s", i > 0 ? ", " : "",
			    boot_initramfs_name((enum boot_initramfs)i));
	return error_set(err, EINVAL, "\"%.40s\" is no initramfs generator that is known here: %s",
			 name, known.data);
}
