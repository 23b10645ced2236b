// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a script that calls libvirt is known. One that does so in a hook waits for the daemon, which
 * waits for the script.
 */
#include "parsers/libvirt/script.h"

#include <ctype.h>
#include <string.h>

/* Commands, and the modules of Python and Perl as they are imported. */
static const char *const words[] = {
	"virsh",       "virt-admin", "virt-clone", "virt-install", "virt-manager", "virt-xml",
	"virt-viewer", "virt-top",   "libvirt",    "libvirtmod",   "Sys::Virt",
};

/* Those that are called only where the line imports them; elsewhere it is a path, or a unit. */
static bool is_module(const char *word)
{
	return strncmp(word, "libvirt", strlen("libvirt")) == 0;
}

static bool is_word_byte(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == ':' || c == '.';
}

/* A "#" begins a comment where no word has begun: "${x#y}" and "$#" are none. */
static size_t code_length(const char *line, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (line[i] == '#' && (i == 0 || isspace((unsigned char)line[i - 1])))
			return i;
	return length;
}

static bool has_import(const char *line, size_t length)
{
	size_t blank = 0;

	while (blank < length && isspace((unsigned char)line[blank]))
		blank++;
	return (length - blank > 7 && strncmp(line + blank, "import ", 7) == 0) ||
	       (length - blank > 5 && strncmp(line + blank, "from ", 5) == 0);
}

static const char *find_word(const char *at, size_t length, bool import)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i]) == length && strncmp(words[i], at, length) == 0 &&
		    (import || !is_module(words[i])))
			return words[i];
	return NULL;
}

static const char *call_in_line(const char *line, size_t length)
{
	bool import = has_import(line, length);

	for (size_t at = 0; at < length;) {
		size_t end = at;
		const char *found;

		while (end < length && is_word_byte(line[end]))
			end++;
		found = find_word(line + at, end - at, import);
		if (found)
			return found;
		at = end + 1;
	}
	return NULL;
}

bool script_calls_libvirt(const char *data, size_t length, struct script_call *ret)
{
	const char *at = data, *const end = data + length;

	if (memchr(data, '\0', length))
		return false;
	for (unsigned int line = 1; at < end; line++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline ? newline : end;
		const char *word = call_in_line(at, code_length(at, (size_t)(stop - at)));

		if (word) {
			ret->line = line;
			strcpy(ret->word, word);
			return true;
		}
		at = stop + 1;
	}
	return false;
}
