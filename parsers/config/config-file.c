// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a configuration file is written: a key, its value and a section, line by line. It is not
 * lenient, as a wish must not be guessed at: a line that is none of these, a key given twice and a
 * section of no device are refused, with the line. No library reads it: those for such files guess,
 * and what is left to do once the lines are looked over is to take quotes off.
 * Tests: unit/test-config.c, unit/test-config-layers.c.
 */
#include "parsers/config/config-file.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/trust.h"

#define CONFIG_LINE_MAX 1024

/* Where a key stands. */
struct setting {
	char *key; /* heap */
	bool has_addr;
	struct pci_addr addr; /* the section */
	unsigned int line;
};

/* What is known of a file while its lines are read. */
struct config_scan {
	const char *shown;
	struct policy *policy;
	struct setting *settings;
	size_t count;
	bool has_addr; /* a section has begun */
	struct pci_addr addr;
	struct error *err;
};

static void config_scan_done(struct config_scan *scan)
{
	for (size_t i = 0; i < scan->count; i++)
		free(scan->settings[i].key);
	free(scan->settings);
}

static bool same_section(const struct config_scan *scan, const struct setting *setting)
{
	return setting->has_addr == scan->has_addr &&
	       (!scan->has_addr || pci_addr_equal(&setting->addr, &scan->addr));
}

/* --- lines: each is NUL-terminated --- */

/* What is behind "=": without comment, blanks, and the quotes around all that is left. Heap. */
static char *value_of(const char *text)
{
	const char *from = text + strspn(text, " \t");
	size_t length = strcspn(from, "#");

	while (length > 0 && (from[length - 1] == ' ' || from[length - 1] == '\t'))
		length--;
	if (length >= 2 && from[0] == '"' && from[length - 1] == '"')
		return xasprintf("%.*s", (int)length - 2, from + 1);
	return xasprintf("%.*s", (int)length, from);
}

static int check_twice(const struct config_scan *scan, const struct setting *setting)
{
	for (size_t i = 0; i < scan->count; i++) {
		const struct setting *other = &scan->settings[i];

		if (strcmp(other->key, setting->key) == 0 && same_section(scan, other))
			return error_set(scan->err, EINVAL, "%s:%u: %s is set on line %u already",
					 scan->shown, setting->line, other->key, other->line);
	}
	return 0;
}

static int config_scan_key(struct config_scan *scan, const char *text, unsigned int line)
{
	size_t length = strcspn(text, " \t=#");
	const char *equals = text + length + strspn(text + length, " \t");
	auto_free char *origin = xasprintf("%s:%u", scan->shown, line);
	auto_free char *value = NULL;
	struct setting setting = {.has_addr = scan->has_addr, .addr = scan->addr, .line = line};
	int ret;

	if (length == 0 || *equals != '=')
		return error_set(scan->err, EINVAL, "%s: not of the form KEY = VALUE", origin);
	setting.key = xasprintf("%.*s", (int)length, text);
	value = value_of(equals + 1);
	scan->settings = array_grow(scan->settings, scan->count, sizeof(setting));
	scan->settings[scan->count] = setting;
	ret = check_twice(scan, &setting);
	scan->count++;
	return ret < 0 ? ret
		       : policy_set(scan->policy, setting.has_addr ? &setting.addr : NULL,
				    setting.key, value, origin, scan->err);
}

static bool parse_section(const char *text, struct pci_addr *ret)
{
	size_t length = strcspn(text + 1, "]");
	auto_free char *name = xasprintf("%.*s", (int)length, text + 1);
	const char *after = text + 1 + length;

	if (*after != ']')
		return false;
	after += 1 + strspn(after + 1, " \t");
	return (!*after || *after == '#') && pci_addr_parse_given(name, ret);
}

/* Nothing but a device's address: a slip would set it for no device. */
static int config_scan_section(struct config_scan *scan, const char *text, unsigned int line)
{
	if (!parse_section(text, &scan->addr))
		return error_set(scan->err, EINVAL,
				 "%s:%u: %.80s: a section is named by the address of a device, as "
				 "[0000:01:00.0]",
				 scan->shown, line, text);
	scan->has_addr = true;
	return 0;
}

static int config_scan_line(struct config_scan *scan, const char *text, size_t length,
			    unsigned int line)
{
	const char *word = text + strspn(text, " \t");

	if (length > CONFIG_LINE_MAX)
		return error_set(scan->err, EINVAL, "%s:%u: longer than %d bytes", scan->shown,
				 line, CONFIG_LINE_MAX);
	for (size_t i = 0; i < length; i++)
		if (iscntrl((unsigned char)text[i]) && text[i] != '\t')
			return error_set(scan->err, EINVAL,
					 "%s:%u: holds a control character (0x%02x)", scan->shown,
					 line, (unsigned char)text[i]);
	if (!*word || *word == '#')
		return 0;
	return *word == '[' ? config_scan_section(scan, word, line)
			    : config_scan_key(scan, word, line);
}

static int config_scan_lines(struct config_scan *scan, char *text, size_t length)
{
	char *at = text, *const end = text + length;

	for (unsigned int line = 1; at < end; line++) {
		char *newline = memchr(at, '\n', (size_t)(end - at));
		char *stop = newline ? newline : end;
		int ret;

		*stop = '\0';
		ret = config_scan_line(scan, at, (size_t)(stop - at), line);
		if (ret < 0)
			return ret;
		at = stop + 1;
	}
	return 0;
}

int config_file_apply(const char *text, size_t length, const char *shown, struct policy *policy,
		      struct error *err)
{
	cleanup(config_scan_done) struct config_scan scan = {
		.shown = shown, .policy = policy, .err = err};
	auto_text struct text copy = TEXT_INIT;

	if (length == 0)
		return 0;
	text_append(&copy, text, length);
	return config_scan_lines(&scan, copy.data, length);
}

int config_file_read(int dir, const char *name, const char *shown, struct policy *policy,
		     struct error *err)
{
	auto_text struct text text = TEXT_INIT;
	int ret = trust_read_file(dir, name, shown, CONFIG_FILE_MAX, &text, err);

	return ret < 0 || !text.data
		       ? ret
		       : config_file_apply(text.data, text.length, shown, policy, err);
}
