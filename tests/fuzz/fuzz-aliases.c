// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * modules.alias with anything in it: a module's name that stands there, or none. The first line is
 * the device's own alias.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/pci/aliases.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *newline = size ? memchr(data, '\n', size) : NULL;
	size_t first = newline ? (size_t)(newline - data) : size;
	size_t rest = newline ? size - first - 1 : 0;
	auto_free char *device = xcalloc(first + 1, 1), *aliases = xcalloc(rest ? rest : 1, 1);
	char module[64] = "untouched", again[64] = "untouched";
	auto_text struct text picked = TEXT_INIT;

	memcpy(device, data, first);
	if (rest)
		memcpy(aliases, newline + 1, rest);
	if (!aliases_find_vfio(aliases, rest, device, module, sizeof(module)))
		check(strcmp(module, "untouched") == 0);
	else
		check(memmem(aliases, rest, module, strlen(module)) != NULL);
	aliases_pick_vfio(aliases, rest, &picked);
	if (!aliases_find_vfio(picked.data ? picked.data : "", picked.length, device, again,
			       sizeof(again)))
		check(strcmp(again, "untouched") == 0);
	check(strcmp(again, module) == 0);
	return 0;
}
