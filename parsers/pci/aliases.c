// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How modules.alias tells which VFIO driver knows a device better than the generic one.
 */
#include "parsers/pci/aliases.h"

#include <ctype.h>
#include <string.h>

#include "base/find.h"
#include "model/cell.h"

/* The fields of a PCI alias in their order; each name is followed by "*" or upper-case digits. */
static const char *const field_names[] = {"v", "d", "sv", "sd", "bc", "sc", "i"};
#define FIELDS (sizeof(field_names) / sizeof(field_names[0]))

struct field {
	const char *text;
	size_t length;
};

/* Takes "v....d....sv....sd....bc..sc..i.." apart; false for any other shape. */
static bool split_fields(const char *text, size_t length, struct field fields[FIELDS])
{
	const char *at = text, *end = text + length;

	for (size_t i = 0; i < FIELDS; i++) {
		size_t name = strlen(field_names[i]);

		if ((size_t)(end - at) < name || memcmp(at, field_names[i], name) != 0)
			return false;
		at += name;
		fields[i].text = at;
		while (at < end &&
		       (*at == '*' || isdigit((unsigned char)*at) || (*at >= 'A' && *at <= 'F')))
			at++;
		fields[i].length = (size_t)(at - fields[i].text);
		if (fields[i].length == 0)
			return false;
	}
	return at == end;
}

static bool is_wildcard(const struct field *field)
{
	return field->length == 1 && field->text[0] == '*';
}

/* The number of wildcards the device needs to fit the pattern, or -1 where it does not fit. */
static int match_pattern(const struct field pattern[FIELDS], const struct field device[FIELDS])
{
	int wildcards = 0;

	for (size_t i = 0; i < FIELDS; i++) {
		if (is_wildcard(&pattern[i]))
			wildcards++;
		else if (pattern[i].length != device[i].length ||
			 memcmp(pattern[i].text, device[i].text, device[i].length) != 0)
			return -1;
	}
	return wildcards;
}

/* "PATTERN MODULE" up to the line's end; copies the module's name where it fits in. */
static bool copy_module(const char *at, const char *end, char *ret, size_t size)
{
	char name[CELL_NAME_SIZE];
	size_t length;

	while (end > at && isspace((unsigned char)end[-1]))
		end--;
	length = (size_t)(end - at);
	if (length >= sizeof(name) || length >= size || memchr(at, '\0', length))
		return false;
	memcpy(name, at, length);
	name[length] = '\0';
	if (!module_name_valid(name))
		return false;
	strcpy(ret, name);
	return true;
}

#define PREFIX "alias vfio_pci:"
/* Hardly more than names of modules have it, and most aliases are of numbers. */
#define RARE_LETTER (sizeof("alias v") - 1)

void aliases_pick_vfio(const char *data, size_t length, struct text *ret)
{
	const char *end = data + length, *at = data;

	while ((at = find_by_letter(at, (size_t)(end - at), PREFIX, RARE_LETTER))) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *line_end = newline ? newline : end;

		if (at == data || at[-1] == '\n') {
			text_append(ret, at, (size_t)(line_end - at));
			text_append(ret, "\n", 1);
		}
		at = line_end;
	}
}

bool aliases_find_vfio(const char *data, size_t length, const char *modalias, char *ret,
		       size_t size)
{
	static const char prefix[] = PREFIX;
	const char *end = data + length, *at = data;
	struct field device[FIELDS], pattern[FIELDS];
	int best = (int)FIELDS + 1;

	if (strncmp(modalias, "pci:", 4) != 0 ||
	    !split_fields(modalias + 4, strlen(modalias + 4), device))
		return false;
	while ((at = memmem(at, (size_t)(end - at), prefix, sizeof(prefix) - 1))) {
		const char *start = at + sizeof(prefix) - 1;
		const char *newline = memchr(start, '\n', (size_t)(end - start));
		const char *line_end = newline ? newline : end;
		const char *blank = memchr(start, ' ', (size_t)(line_end - start));
		bool at_line_start = at == data || at[-1] == '\n';
		int wildcards;

		at = line_end;
		if (!at_line_start || !blank ||
		    !split_fields(start, (size_t)(blank - start), pattern))
			continue;
		wildcards = match_pattern(pattern, device);
		if (wildcards >= 0 && wildcards < best &&
		    copy_module(blank + 1, line_end, ret, size))
			best = wildcards;
	}
	return best <= (int)FIELDS;
}
