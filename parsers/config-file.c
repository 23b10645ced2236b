// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a configuration file is written. The only file that includes libeconf, which reads the
 * values: quotes, blanks, comments behind them. Its layering is of no use here: it takes paths,
 * asks nobody who owns them, and merges without a word. It is lenient, too, where a wish must not
 * be guessed at: it passes over empty keys and sections, takes a line without "=" as part of the
 * value above it, and of a key given twice keeps the first. So the lines are looked over here
 * first, which also tells the line and the section of each key.
 */
#include "parsers/config-file.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <libeconf.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/trust.h"

#define CONFIG_LINE_MAX 1024 /* libeconf before 0.6.1 cuts longer lines somewhere above this */

/* Where a key stands. */
struct setting {
	char *key; /* heap */
	bool has_addr;
	struct pci_addr addr; /* the section */
	unsigned int line;
};

/* What is known of a file while its lines are looked over. */
struct scan {
	const char *shown;
	struct setting *settings;
	size_t count;
	bool has_addr; /* a section has begun */
	struct pci_addr addr;
	struct text kept; /* the lines for libeconf, each in its place */
	struct error *err;
};

static void scan_done(struct scan *scan)
{
	for (size_t i = 0; i < scan->count; i++)
		free(scan->settings[i].key);
	free(scan->settings);
	text_done(&scan->kept);
}

static bool same_section(const struct scan *scan, const struct setting *setting)
{
	return setting->has_addr == scan->has_addr &&
	       (!scan->has_addr || pci_addr_equal(&setting->addr, &scan->addr));
}

/* --- lines: each is NUL-terminated --- */

static int scan_key(struct scan *scan, const char *text, unsigned int line)
{
	size_t length = strcspn(text, " \t=#");
	const char *after = text + length + strspn(text + length, " \t");
	struct setting setting = {.has_addr = scan->has_addr, .addr = scan->addr, .line = line};

	if (length == 0 || *after != '=')
		return error_set(scan->err, EINVAL, "%s:%u: not of the form KEY = VALUE",
				 scan->shown, line);
	for (size_t i = 0; i < scan->count; i++) {
		const struct setting *other = &scan->settings[i];

		if (strlen(other->key) == length && strncmp(other->key, text, length) == 0 &&
		    same_section(scan, other))
			return error_set(scan->err, EINVAL, "%s:%u: %s is set on line %u already",
					 scan->shown, line, other->key, other->line);
	}
	setting.key = xasprintf("%.*s", (int)length, text);
	scan->settings = array_grow(scan->settings, scan->count, sizeof(setting));
	scan->settings[scan->count++] = setting;
	/* Some versions choke on comments (0.7 on a second "#" in one). */
	text_append(&scan->kept, text, strcspn(text, "#"));
	return 0;
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
static int scan_section(struct scan *scan, const char *text, unsigned int line)
{
	if (!parse_section(text, &scan->addr))
		return error_set(scan->err, EINVAL,
				 "%s:%u: %.80s: a section is named by the address of a device, as "
				 "[0000:01:00.0]",
				 scan->shown, line, text);
	scan->has_addr = true;
	text_printf(&scan->kept, "[%s]", ADDR(&scan->addr));
	return 0;
}

static int scan_line(struct scan *scan, const char *text, size_t length, unsigned int line)
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
	return *word == '[' ? scan_section(scan, word, line) : scan_key(scan, word, line);
}

static int scan_lines(struct scan *scan, char *text, size_t length)
{
	char *at = text, *const end = text + length;

	for (unsigned int line = 1; at < end; line++) {
		char *newline = memchr(at, '\n', (size_t)(end - at));
		char *stop = newline ? newline : end;
		int ret;

		*stop = '\0';
		ret = scan_line(scan, at, (size_t)(stop - at), line);
		if (ret < 0)
			return ret;
		text_append(&scan->kept, "\n", 1);
		at = stop + 1;
	}
	return 0;
}

/* --- values --- */

static void values_free(econf_file **values)
{
	econf_freeFile(*values);
}

/* libeconf takes a path only: this one leads to the lines that were looked over. */
static int values_read(const struct scan *scan, econf_file **ret)
{
	auto_close int fd = memfd_create("hostdev-hook.conf", MFD_CLOEXEC);
	const struct text *kept = &scan->kept;
	auto_free char *file = NULL;
	char path[32];
	uint64_t line = 0;
	econf_err result;

	if (fd < 0 || write(fd, kept->data, kept->length) != (ssize_t)kept->length)
		return error_errno(scan->err, errno ? errno : EIO, "%s: copy", scan->shown);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	result = econf_readFile(ret, path, "=", "#");
	if (result == ECONF_SUCCESS)
		return 0;
	if (result == ECONF_NOFILE)
		return error_set(scan->err, ENOENT, "%s: cannot be read again by %s", scan->shown,
				 path);
	if (result == ECONF_NOMEM)
		return error_errno(scan->err, ENOMEM, "%s", scan->shown);
	econf_errLocation(&file, &line);
	return error_set(scan->err, EINVAL, "%s:%" PRIu64 ": %s", scan->shown, line,
			 econf_errString(result));
}

static int setting_apply(const struct scan *scan, econf_file *values, const struct setting *setting,
			 struct policy *policy)
{
	auto_free char *origin = xasprintf("%s:%u", scan->shown, setting->line);
	auto_free char *value = NULL;

	if (econf_getStringValue(values, setting->has_addr ? ADDR(&setting->addr) : NULL,
				 setting->key, &value) != ECONF_SUCCESS)
		return error_set(scan->err, EINVAL, "%s: %.80s cannot be made out", origin,
				 setting->key);
	return policy_set(policy, setting->has_addr ? &setting->addr : NULL, setting->key,
			  value ? value : "", origin, scan->err);
}

int config_file_apply(const char *text, size_t length, const char *shown, struct policy *policy,
		      struct error *err)
{
	cleanup(scan_done) struct scan scan = {.shown = shown, .kept = TEXT_INIT, .err = err};
	cleanup(values_free) econf_file *values = NULL;
	auto_text struct text copy = TEXT_INIT;
	int ret = 0;

	text_append(&copy, text, length);
	if (length > 0)
		ret = scan_lines(&scan, copy.data, length);
	if (ret == 0 && scan.count > 0)
		ret = values_read(&scan, &values);
	for (size_t i = 0; ret == 0 && i < scan.count; i++)
		ret = setting_apply(&scan, values, &scan.settings[i], policy);
	return ret;
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
