// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How the configuration file is written and when it may be trusted. The only file that includes
 * libeconf. The library is lenient where a wish must not be guessed at: it passes over empty keys
 * and sections, takes a line without "=" as part of the value above it, and of a key given twice
 * keeps the first without a word. So the lines are looked over here first, which also tells the
 * line of each key.
 */
#include "parsers/config.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libeconf.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/text.h"

#define CONFIG_PATH "hostdev-hook/hostdev-hook.conf"
#define CONFIG_NAME "/etc/" CONFIG_PATH
#define CONFIG_MAX (64u * 1024)
#define CONFIG_LINE_MAX 1024 /* libeconf before 0.6.1 cuts longer lines somewhere above this */

/* Where a key stands. */
struct setting {
	char *key; /* heap */
	unsigned int line;
};

struct settings {
	struct setting *items;
	size_t count;
};

static void settings_done(struct settings *settings)
{
	for (size_t i = 0; i < settings->count; i++)
		free(settings->items[i].key);
	free(settings->items);
}

static int settings_add(struct settings *settings, const char *key, size_t length,
			unsigned int line, struct error *err)
{
	for (size_t i = 0; i < settings->count; i++) {
		const struct setting *other = &settings->items[i];

		if (strlen(other->key) == length && strncmp(other->key, key, length) == 0)
			return error_set(err, EINVAL,
					 CONFIG_NAME ":%u: %s is set on line %u already", line,
					 other->key, other->line);
	}
	settings->items = array_grow(settings->items, settings->count, sizeof(*settings->items));
	settings->items[settings->count++] =
		(struct setting){.key = xasprintf("%.*s", (int)length, key), .line = line};
	return 0;
}

/* text: one line, NUL-terminated, of the given length in the file. */
static int line_scan(const char *text, size_t length, unsigned int line, struct settings *settings,
		     struct error *err)
{
	const char *key = text + strspn(text, " \t"), *after;
	size_t key_length = strcspn(key, " \t=#");

	if (length > CONFIG_LINE_MAX)
		return error_set(err, EINVAL, CONFIG_NAME ":%u: longer than %d bytes", line,
				 CONFIG_LINE_MAX);
	for (size_t i = 0; i < length; i++)
		if (iscntrl((unsigned char)text[i]) && text[i] != '\t')
			return error_set(err, EINVAL,
					 CONFIG_NAME ":%u: holds a control character (0x%02x)",
					 line, (unsigned char)text[i]);
	if (!*key || *key == '#')
		return 0;
	if (*key == '[')
		return error_set(err, EINVAL, CONFIG_NAME ":%u: this file has no sections", line);
	after = key + key_length + strspn(key + key_length, " \t");
	if (key_length == 0 || *after != '=')
		return error_set(err, EINVAL, CONFIG_NAME ":%u: not of the form KEY = VALUE", line);
	return settings_add(settings, key, key_length, line, err);
}

/*
 * Looks over every line, and leaves those that set something for libeconf, each in its place: some
 * of its versions choke on comments (0.7 on a second "#" in one).
 */
static int lines_scan(char *text, size_t length, struct settings *settings, struct text *kept,
		      struct error *err)
{
	char *at = text, *const end = text + length;

	for (unsigned int line = 1; at < end; line++) {
		char *newline = memchr(at, '\n', (size_t)(end - at));
		char *stop = newline ? newline : end;
		int ret;

		*stop = '\0';
		ret = line_scan(at, (size_t)(stop - at), line, settings, err);
		if (ret < 0)
			return ret;
		if (settings->count > 0 && settings->items[settings->count - 1].line == line)
			text_append(kept, at, strcspn(at, "#"));
		text_append(kept, "\n", 1);
		at = stop + 1;
	}
	return 0;
}

/* The hook does as root what this file says: only root may have written it. */
static int config_check(int fd, struct error *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return error_errno(err, errno, "stat " CONFIG_NAME);
	if (!S_ISREG(st.st_mode))
		return error_set(err, EINVAL, CONFIG_NAME ": not a regular file");
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return error_set(err, EPERM,
				 CONFIG_NAME ": belongs to user %u; root must own it (chown root)",
				 (unsigned int)st.st_uid);
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return error_set(err, EPERM,
				 CONFIG_NAME ": others than its owner may write it (chmod go-w)");
	return 0;
}

/* *ret_fd: the open file, or -1 where there is none. */
static int config_open(const struct host *host, int *ret_fd, struct error *err)
{
	auto_close int fd = -1;
	int ret;

	if (host->fd[HOST_ETC] < 0) {
		*ret_fd = -1;
		return 0;
	}
	/* O_NONBLOCK: a FIFO of that name is refused, not waited for. */
	fd = openat(host->fd[HOST_ETC], CONFIG_PATH, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 && errno != ENOENT)
		return error_errno(err, errno, "open " CONFIG_NAME);
	ret = fd < 0 ? 0 : config_check(fd, err);
	if (ret == 0)
		*ret_fd = steal_fd(&fd);
	return ret;
}

static int config_load(int fd, struct text *ret, struct error *err)
{
	char chunk[4096];
	ssize_t length;

	while ((length = read(fd, chunk, sizeof(chunk))) > 0) {
		text_append(ret, chunk, (size_t)length);
		if (ret->length > CONFIG_MAX)
			return error_set(err, EFBIG, CONFIG_NAME ": larger than %u bytes",
					 CONFIG_MAX);
	}
	return length < 0 ? error_errno(err, errno, "read " CONFIG_NAME) : 0;
}

static void values_free(econf_file **values)
{
	econf_freeFile(*values);
}

/* libeconf takes a path only: this one leads to the lines that were looked over. */
static int values_read(const struct text *kept, econf_file **ret, struct error *err)
{
	auto_close int fd = memfd_create("hostdev-hook.conf", MFD_CLOEXEC);
	auto_free char *file = NULL;
	char path[32];
	uint64_t line = 0;
	econf_err result;

	if (fd < 0 || write(fd, kept->data, kept->length) != (ssize_t)kept->length)
		return error_errno(err, errno ? errno : EIO, CONFIG_NAME ": copy");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	result = econf_readFile(ret, path, "=", "#");
	if (result == ECONF_SUCCESS)
		return 0;
	if (result == ECONF_NOFILE)
		return error_set(err, ENOENT, CONFIG_NAME ": cannot be read again by %s", path);
	if (result == ECONF_NOMEM)
		return error_errno(err, ENOMEM, CONFIG_NAME);
	econf_errLocation(&file, &line);
	return error_set(err, EINVAL, CONFIG_NAME ":%" PRIu64 ": %s", line,
			 econf_errString(result));
}

static int setting_apply(econf_file *values, const struct setting *setting, struct policy *policy,
			 struct error *err)
{
	auto_free char *value = NULL;
	char origin[sizeof(CONFIG_NAME) + 16];

	snprintf(origin, sizeof(origin), CONFIG_NAME ":%u", setting->line);
	if (econf_getStringValue(values, NULL, setting->key, &value) != ECONF_SUCCESS)
		return error_set(err, EINVAL, "%s: %.80s cannot be made out", origin, setting->key);
	return policy_set(policy, NULL, setting->key, value ? value : "", origin, err);
}

int config_read(const struct host *host, struct policy *policy, struct error *err)
{
	cleanup(settings_done) struct settings settings = {0};
	cleanup(values_free) econf_file *values = NULL;
	auto_text struct text text = TEXT_INIT, kept = TEXT_INIT;
	struct policy result = *policy;
	auto_close int fd = -1;
	int ret = config_open(host, &fd, err);

	if (ret < 0 || fd < 0)
		return ret;
	ret = config_load(fd, &text, err);
	if (ret == 0 && text.length > 0)
		ret = lines_scan(text.data, text.length, &settings, &kept, err);
	if (ret == 0 && settings.count > 0)
		ret = values_read(&kept, &values, err);
	for (size_t i = 0; ret == 0 && i < settings.count; i++)
		ret = setting_apply(values, &settings.items[i], &result, err);
	if (ret == 0)
		*policy = result;
	return ret;
}
