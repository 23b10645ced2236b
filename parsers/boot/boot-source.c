// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which failures to read a file mean that it is not there, and which ones that nobody may know
 * what stands in it. Tests: unit/test-boot.c.
 */
#include "parsers/boot/boot-source.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/host-path.h"
#include "base/text.h"

#define TEXT_LIMIT ((size_t)4 * 1024 * 1024)
#define DATA_LIMIT ((size_t)16 * 1024 * 1024)

static void source_fail(struct boot_source *source, const struct error *err)
{
	static const int hidden[] = {EACCES, EPERM, EIO, EMFILE, ENFILE, ENOMEM};

	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (err->code == hidden[i] && !source->failure.code)
			source->failure = *err;
}

#define format_path(path, format)                                                                  \
	do {                                                                                       \
		va_list args_;                                                                     \
		va_start(args_, format);                                                           \
		(path) = xvasprintf(format, args_);                                                \
		va_end(args_);                                                                     \
	} while (0)

static bool stat_path(struct boot_source *source, const char *path, struct stat *ret)
{
	struct error err = ERROR_INIT;

	if (host_path_stat(source->host, path, ret, &err) == 0)
		return true;
	source_fail(source, &err);
	return false;
}

bool boot_source_has(struct boot_source *source, const char *format, ...)
{
	auto_free char *path = NULL;
	struct stat status;

	format_path(path, format);
	return stat_path(source, path, &status);
}

bool boot_source_has_file(struct boot_source *source, const char *format, ...)
{
	auto_free char *path = NULL;
	struct stat status;

	format_path(path, format);
	return stat_path(source, path, &status) && S_ISREG(status.st_mode);
}

static bool is_program(struct boot_source *source, const char *path)
{
	struct stat status;

	return stat_path(source, path, &status) && S_ISREG(status.st_mode) &&
	       (status.st_mode & 0111) != 0;
}

bool boot_source_has_program(struct boot_source *source, const char *format, ...)
{
	auto_free char *path = NULL;

	format_path(path, format);
	return is_program(source, path);
}

char *boot_source_program(struct boot_source *source, const char *name)
{
	struct error err = ERROR_INIT;
	char *path = NULL;

	if (host_program_find(source->host, name, &path, &err) < 0)
		source_fail(source, &err);
	return path;
}

static char *read_path(struct boot_source *source, const char *path, size_t limit,
		       size_t *ret_length)
{
	struct error err = ERROR_INIT;
	char *text = NULL;

	if (host_path_read(source->host, path, limit, &text, ret_length, &err) == 0)
		return text;
	source_fail(source, &err);
	return NULL;
}

char *boot_source_read(struct boot_source *source, const char *format, ...)
{
	auto_free char *path = NULL;

	format_path(path, format);
	return read_path(source, path, TEXT_LIMIT, NULL);
}

char *boot_source_read_data(struct boot_source *source, size_t *ret_length, const char *format, ...)
{
	auto_free char *path = NULL;

	format_path(path, format);
	return read_path(source, path, DATA_LIMIT, ret_length);
}

char *boot_source_read_word(struct boot_source *source, const char *format, ...)
{
	auto_free char *path = NULL, *text = NULL;
	size_t from, length;

	format_path(path, format);
	text = read_path(source, path, TEXT_LIMIT, NULL);
	if (!text)
		return NULL;
	text[strcspn(text, "\n")] = '\0';
	from = strspn(text, " \t\r");
	length = strlen(text);
	while (length > from && isspace((unsigned char)text[length - 1]))
		text[--length] = '\0';
	return length > from ? text_escape(text + from) : NULL;
}

char **boot_source_list(struct boot_source *source, const char *format, ...)
{
	auto_free char *path = NULL;
	struct error err = ERROR_INIT;
	char **names = NULL;

	format_path(path, format);
	if (host_path_list(source->host, path, &names, &err) == 0)
		return names;
	source_fail(source, &err);
	return xcalloc(1, sizeof(*names));
}

void source_strings_add(char ***strings, size_t *count, char *string)
{
	*strings = xreallocarray(*strings, *count + 2, sizeof(**strings));
	(*strings)[(*count)++] = string;
	(*strings)[*count] = NULL;
}
