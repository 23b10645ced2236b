// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How fstab(5), crypttab(5), systemd's units and resume= name what a start of the host looks for,
 * and by which options the start goes on without it.
 */
#include "parsers/boot/start-lines.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/storage/nesting.h"

#define BLANKS " \t\r"
#define FIELDS 4

void start_lines_done(struct start_lines *lines)
{
	for (size_t i = 0; i < lines->count; i++) {
		free(lines->all[i].source);
		free(lines->all[i].name);
		free(lines->all[i].how);
		free(lines->all[i].help);
	}
	free(lines->all);
	memset(lines, 0, sizeof(*lines));
}

/* How many there are; those that are missing are "". */
static size_t split(char *line, char *fields[FIELDS])
{
	size_t count = 0;

	for (size_t i = 0; i < FIELDS; i++) {
		line += strspn(line, BLANKS);
		if (i == 0 && *line == '#')
			*line = '\0';
		fields[i] = line;
		count += *line != '\0';
		line += strcspn(line, BLANKS);
		if (*line)
			*line++ = '\0';
	}
	return count;
}

static bool is_octal(const char *at)
{
	return at[0] >= '0' && at[0] <= '3' && at[1] >= '0' && at[1] <= '7' && at[2] >= '0' &&
	       at[2] <= '7';
}

/* "\040" is a blank, in place. */
static void decode(char *field)
{
	char *to = field;

	for (const char *at = field; *at;) {
		if (*at == '\\' && is_octal(at + 1)) {
			*to++ = (char)((at[1] - '0') * 64 + (at[2] - '0') * 8 + at[3] - '0');
			at += 4;
		} else {
			*to++ = *at++;
		}
	}
	*to = '\0';
}

static const char *find_option(const char *options, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t length = strlen(names[i]);

		for (const char *at = options; (at = strstr(at, names[i])); at += length)
			if ((at == options || at[-1] == ',') &&
			    (at[length] == '\0' || strchr(",=", at[length])))
				return names[i];
	}
	return NULL;
}

/* Not where a key is in a file, or a token or a program gives it. */
static bool asks(const char *key, const char *options)
{
	static const char *const others[] = {"noauto",     "tpm2-device", "fido2-device",
					     "pkcs11-uri", "keyscript",   "headless"};

	return (!*key || strcmp(key, "none") == 0 || strcmp(key, "-") == 0) &&
	       !find_option(options, others, sizeof(others) / sizeof(*others));
}

/* As udev writes a label into the name of a link. */
static char *device_link(const char *folder, const char *value)
{
	auto_text struct text path = TEXT_INIT;

	text_printf(&path, "/dev/disk/%s/", folder);
	for (; *value; value++) {
		unsigned char byte = (unsigned char)*value;

		if (isalnum(byte) || strchr("#+-.:=@_", byte) || byte >= 0x80)
			text_append(&path, value, 1);
		else
			text_printf(&path, "\\x%02x", byte);
	}
	return steal(&path.data);
}

static const struct {
	const char *tag, *folder;
} tags[] = {
	{"UUID=", "by-uuid"},           {"LABEL=", "by-label"}, {"PARTUUID=", "by-partuuid"},
	{"PARTLABEL=", "by-partlabel"}, {"ID=", "by-id"},
};

static bool is_source(const char *text)
{
	for (size_t i = 0; i < sizeof(tags) / sizeof(*tags); i++)
		if (text_starts(text, tags[i].tag))
			return true;
	return text_starts(text, "/dev/");
}

char *start_line_source(char *source)
{
	for (size_t i = 0; i < sizeof(tags) / sizeof(*tags); i++) {
		char *value = source + strlen(tags[i].tag);

		if (!text_starts(source, tags[i].tag))
			continue;
		if (*value == '"') {
			value++;
			value[strcspn(value, "\"")] = '\0';
		}
		return *value ? device_link(tags[i].folder, value) : NULL;
	}
	return text_starts(source, "/dev/") ? xstrdup(source) : NULL;
}

/* Takes over *line, but for its source. */
static void add(struct start_lines *lines, char *source, struct start_line line)
{
	line.source = start_line_source(source);
	if (!line.source) {
		free(line.name);
		free(line.how);
		free(line.help);
		return;
	}
	array_push(lines->all, lines->count, line);
}

#define HELP_LINE "put nofail on that line, or take the line out"

static void tell_needed(const struct nested *nested, struct start_line *line)
{
	auto_free char *place = text_escape(nested->needed_for), *how = line->how;

	line->how = xasprintf("%s, and needs for %s", how, place);
	line->spared = NULL;
	free(line->help);
	line->help = xasprintf("put nofail on the line of %s as well, or take that out", place);
}

void start_lines_fstab(char *text, struct start_lines *lines)
{
	static const char *const sparing[] = {"nofail", "noauto", "x-systemd.automount"};
	cleanup(nesting_done) struct nesting nesting = {0};
	char *fields[FIELDS], *line;

	while ((line = strsep(&text, "\n"))) {
		auto_free char *place = NULL;
		const char *spared;
		bool swap;

		if (split(line, fields) < 3)
			continue;
		decode(fields[0]);
		decode(fields[1]);
		place = text_escape(fields[1]);
		swap = strcmp(fields[2], "swap") == 0;
		spared = find_option(fields[3], sparing, sizeof(sparing) / sizeof(*sparing));
		nesting_add(&nesting, fields[0], fields[1], spared, lines->count);
		add(lines, fields[0],
		    (struct start_line){
			    .name = xstrdup(""),
			    .how = swap ? xstrdup("swap of /etc/fstab")
					: xasprintf("what /etc/fstab mounts on %s", place),
			    .spared = spared,
			    .help = xstrdup(HELP_LINE),
		    });
	}
	nesting_find(&nesting);
	for (size_t i = 0; i < nesting.count; i++) {
		const struct nested *nested = &nesting.all[i];
		size_t next = i + 1 < nesting.count ? nested[1].mark : lines->count;

		/* Else its source is no device, and it was not added. */
		if (nested->needed_for && next > nested->mark)
			tell_needed(nested, &lines->all[nested->mark]);
	}
}

/* Where a part of what unlocks a disk is looked for, and how that is told. */
struct part {
	char *how; /* heap */
	const char *spared;
	const char *help;
};

static void part_done(struct part *part)
{
	free(part->how);
}

static void add_device(struct start_lines *lines, const char *device, size_t length,
		       const struct part *part)
{
	auto_free char *source = xasprintf("%.*s", (int)length, device);

	add(lines, source,
	    (struct start_line){
		    .name = xstrdup(""),
		    .how = xstrdup(part->how),
		    .spared = part->spared,
		    .help = xstrdup(part->help),
	    });
}

/*
 * "/path:DEVICE" of systemd and dracut, "DEVICE:/path" and a bare device of Debian's scripts. A
 * colon may be a part of either's name ("usb-SanDisk-0:0-part2"): before a path on the device it
 * ends the name, and otherwise it is the disks that tell.
 */
static void add_part(struct start_lines *lines, const char *text, const struct part *part)
{
	const char *device = text, *path;

	while (device && !is_source(device)) {
		device = *text == '/' ? strchr(device, ':') : NULL;
		device = device ? device + 1 : NULL;
	}
	if (!device)
		return;
	path = strstr(device, ":/");
	add_device(lines, device, path ? (size_t)(path - device) : strlen(device), part);
	if (!path && strchr(device, ':'))
		add_device(lines, device, strcspn(device, ":"), part);
}

/* The value of "NAME=VALUE" among options; heap, NULL: none. */
static char *option_value(const char *options, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = options; (at = strstr(at, name)); at += length)
		if ((at == options || at[-1] == ',') && at[length] == '=')
			return xasprintf("%.*s", (int)strcspn(at + length + 1, ","),
					 at + length + 1);
	return NULL;
}

static void add_parts(struct start_lines *lines, const char *key, const char *options,
		      const char *name, const char *spared)
{
	auto_free char *header = option_value(options, "header");
	cleanup(part_done) struct part key_part = {
		xasprintf("where /etc/crypttab finds the key of %s", name), spared, HELP_LINE};
	cleanup(part_done) struct part header_part = {
		xasprintf("where /etc/crypttab finds the header of %s", name), spared, HELP_LINE};

	add_part(lines, key, &key_part);
	if (header)
		add_part(lines, header, &header_part);
}

void start_lines_crypttab(char *text, struct start_lines *lines)
{
	static const char *const sparing[] = {"nofail", "noauto"};
	char *fields[FIELDS], *line;

	while ((line = strsep(&text, "\n"))) {
		auto_free char *name = NULL;
		const char *spared;

		if (split(line, fields) < 2)
			continue;
		name = text_escape(fields[0]);
		spared = find_option(fields[3], sparing, sizeof(sparing) / sizeof(*sparing));
		add(lines, fields[1],
		    (struct start_line){
			    .name = xstrdup(fields[0]),
			    .how = xasprintf("what /etc/crypttab unlocks as %s", name),
			    .asks = asks(fields[2], fields[3]),
			    .spared = spared,
			    .help = xstrdup(HELP_LINE),
		    });
		add_parts(lines, fields[2], fields[3], name, spared);
	}
}

/* --- units --- */

/* The value of "KEY = VALUE" of this key, in place; NULL: another line. */
static char *value_of(char *line, const char *key)
{
	char *end = line + strlen(line);

	line += strspn(line, BLANKS);
	if (!text_starts(line, key))
		return NULL;
	line += strlen(key);
	line += strspn(line, BLANKS);
	if (*line != '=')
		return NULL;
	line++;
	line += strspn(line, BLANKS);
	while (end > line && strchr(BLANKS, end[-1]))
		*--end = '\0';
	return line;
}

void start_lines_unit(char *text, const char *name, const char *spared, const char *help,
		      struct start_lines *lines)
{
	auto_free char *what = NULL, *where = NULL;
	bool swap = strcmp(strrchr(name, '.'), ".swap") == 0;
	char *line;

	/* The keys stand in the unit's own section only. */
	while ((line = strsep(&text, "\n"))) {
		const char *value;

		if ((value = value_of(line, "What"))) {
			free(what);
			what = xstrdup(value);
		} else if ((value = value_of(line, "Where"))) {
			free(where);
			where = text_escape(value);
		}
	}
	if (what)
		add(lines, what,
		    (struct start_line){
			    .name = xstrdup(""),
			    .how = swap ? xasprintf("swap of %s", name)
					: xasprintf("what %s mounts on %s", name,
						    where ? where : "its place"),
			    .spared = spared,
			    .help = help ? xstrdup(help) : NULL,
		    });
}

/* --- the kernel's line, and hibernation --- */

/* Without the quotes around it, in place. */
static char *unquote(char *value)
{
	char quote = *value;

	if (quote != '"' && quote != '\'')
		return value;
	value++;
	value[strcspn(value, (char[]){quote, '\0'})] = '\0';
	return value;
}

static void add_resume(struct start_lines *lines, char *value, const char *by)
{
	/* A start waits for it for a while, and then is one as after shutting down. */
	add(lines, unquote(value),
	    (struct start_line){
		    .name = xstrdup(""),
		    .how = xasprintf("where a start looks for a hibernated system (%s)", by),
		    .spared = "it goes on without it",
	    });
}

/* "/path:DEVICE", before it perhaps the disk that is unlocked: "UUID=/path:DEVICE". */
static void add_key_word(struct start_lines *lines, char *value, const char *key)
{
	cleanup(part_done) struct part part = {
		xasprintf("where %s of the kernel's line finds the key of a disk", key), NULL,
		"take that word out of the line"};
	const char *path;

	value = unquote(value);
	path = strstr(value, "=/");
	add_part(lines, *value != '/' && path && !is_source(value) ? path + 1 : value, &part);
}

/* "UUID=OPTIONS" of one disk, or "OPTIONS" of those that have none of their own. */
static void add_options_word(struct start_lines *lines, char *value, const char *key)
{
	static const char *const sparing[] = {"nofail", "noauto"};
	auto_free char *header = NULL;
	struct part part = {.help = "take that word out of the line"};
	size_t length;

	value = unquote(value);
	length = strspn(value, "0123456789abcdefABCDEF-");
	if (value[length] == '=')
		value += length + 1;
	header = option_value(value, "header");
	if (!header)
		return;
	part.spared = find_option(value, sparing, sizeof(sparing) / sizeof(*sparing));
	part.how = xasprintf("where %s of the kernel's line finds the header of a disk", key);
	add_part(lines, header, &part);
	part_done(&part);
}

void start_lines_cmdline(const char *cmdline, struct start_lines *lines)
{
	static const struct {
		const char *start;
		void (*add)(struct start_lines *lines, char *value, const char *key);
	} keys[] = {
		{"rd.luks.key=", add_key_word},
		{"luks.key=", add_key_word},
		{"rd.luks.options=", add_options_word},
		{"luks.options=", add_options_word},
	};
	auto_free char *copy = xstrdup(cmdline);
	char *at = copy, *word;

	while ((word = strsep(&at, " \n"))) {
		word = unquote(word);
		if (text_starts(word, "resume="))
			add_resume(lines, word + strlen("resume="), "resume= of the kernel's line");
		for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
			if (text_starts(word, keys[i].start))
				keys[i].add(lines, word + strlen(keys[i].start), keys[i].start);
	}
}

void start_lines_resume_conf(char *text, struct start_lines *lines)
{
	char *line;

	while ((line = strsep(&text, "\n"))) {
		char *value = value_of(line, "RESUME");

		if (value)
			add_resume(lines, value, "/etc/initramfs-tools/conf.d/resume");
	}
}
