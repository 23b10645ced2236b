// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How files that are no text are written down as text: variables of the firmware, strings with NULs
 * between them, and archives of which only the names matter.
 */
#include "tests/host/formed.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "tests/host/tree.h"

#define EFIVARS "sys/firmware/efi/efivars"

/* Four bytes of attributes, then the value: a byte, or UTF-16. */
static void write_variable(int root, const char *name, const char *value)
{
	bool is_flag = strcmp(name, "SecureBoot") == 0;
	auto_free char *path = xasprintf(EFIVARS "/%s-%s", name,
					 is_flag ? "8be4df61-93ca-11d2-aa0d-00e098032b8c"
						 : "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f");
	auto_text struct text data = TEXT_INIT;

	text_append(&data, "\6\0\0", 4);
	for (const char *at = value; !is_flag && (at == value || at[-1]); at++) {
		text_append(&data, at, 1);
		text_append(&data, "", 1);
	}
	if (is_flag)
		text_append(&data, *value == '1' ? "\1" : "", 1);
	tree_bytes(root, path, data.data, data.length);
}

static void write_strings(int root, const struct machine_file *file)
{
	auto_free char *data = xstrdup(file->data);
	size_t length = strlen(data);

	for (size_t i = 0; i < length; i++)
		if (data[i] == '\n')
			data[i] = '\0';
	tree_bytes(root, file->path, data, length);
}

static void append_padding(struct text *archive, size_t to)
{
	while (archive->length % to)
		text_append(archive, "", 1);
}

static void append_member(struct text *archive, const char *name)
{
	const char *content = strcmp(name, "TRAILER!!!") == 0 ? "" : "data";

	text_printf(archive, "070701%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x", 0,
		    0100644, 0, 0, 1, 0, strlen(content), 0, 0, 0, 0, strlen(name) + 1, 0);
	text_append(archive, name, strlen(name) + 1);
	append_padding(archive, 4);
	text_append(archive, content, strlen(content));
	append_padding(archive, 4);
}

static void write_archive(int root, const struct machine_file *file)
{
	auto_free char *names = xstrdup(file->data);
	auto_text struct text archive = TEXT_INIT;
	char *at = names, *name;

	while ((name = strsep(&at, "\n")) && *name)
		append_member(&archive, name);
	append_member(&archive, "TRAILER!!!");
	append_padding(&archive, 512);
	text_append(&archive, "(\265/\375compressed", 14);
	tree_bytes(root, file->path, archive.data, archive.length);
}

void formed_file(int root, const struct machine_file *file)
{
	switch (file->type) {
	case FILE_EFI:
		write_variable(root, file->path, file->data);
		break;
	case FILE_STRINGS:
		write_strings(root, file);
		break;
	case FILE_CPIO:
		write_archive(root, file);
		break;
	case FILE_PROGRAM:
		tree_file(root, file->path, "%s", file->data);
		fchmodat(root, file->path, 0755, 0);
		break;
	default:
		tree_file(root, file->path, "%s", file->data);
	}
}
