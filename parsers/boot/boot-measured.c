// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a host says that it unlocks a disk by what was measured at boot: crypttab(5),
 * systemd-pcrlock(8), and words of the kernel's command line. What a disk's own header asks of the
 * TPM is not read.
 */
#include "parsers/boot/boot-measured.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

#define BLANKS " \t\r"
#define PCRS 24 /* a TPM has so many */

/* Takes both heap strings. */
static void add(struct boot *boot, char *what, char *pcrs)
{
	array_push(boot->measured, boot->measured_count, (struct boot_measured){what, pcrs});
}

/* The value of an option in "a,b=c,d=e"; heap, NULL: not there. */
static char *find_option(const char *options, const char *name)
{
	size_t name_length = strlen(name);

	for (const char *at = options; *at;) {
		size_t length = strcspn(at, ",");

		if (length > name_length && strncmp(at, name, name_length) == 0 &&
		    at[name_length] == '=')
			return xasprintf("%.*s", (int)(length - name_length - 1),
					 at + name_length + 1);
		at += length + (at[length] == ',');
	}
	return NULL;
}

static char *find_pcrs(const char *options)
{
	auto_free char *pcrs = find_option(options, "tpm2-pcrs");

	return text_escape(pcrs ? pcrs : "");
}

/* "NAME DEVICE KEY OPTIONS" */
static void take_line(char *line, struct boot *boot)
{
	char *fields[4] = {NULL};
	auto_free char *device = NULL, *name = NULL;

	for (size_t i = 0; i < 4; i++) {
		line += strspn(line, BLANKS);
		if (!*line || *line == '#')
			return;
		fields[i] = line;
		line += strcspn(line, BLANKS);
		if (*line)
			*line++ = '\0';
	}
	device = find_option(fields[3], "tpm2-device");
	if (!device || !*device)
		return;
	name = text_escape(fields[0]);
	add(boot, xasprintf("/etc/crypttab: %.200s is unlocked by the TPM", name),
	    find_pcrs(fields[3]));
}

void measured_crypttab_parse(char *text, struct boot *boot)
{
	char *line;

	while ((line = strsep(&text, "\n")))
		take_line(line, boot);
}

char *measured_pcrlock_pcrs(const char *json)
{
	static const char key[] = "\"pcr\"";
	auto_text struct text pcrs = TEXT_INIT;
	bool named[PCRS] = {false};

	for (const char *at = json; (at = strstr(at, key));) {
		unsigned long number;
		char *end;

		at += strlen(key);
		at += strspn(at, " \t\r\n:");
		number = strtoul(at, &end, 10);
		if (end != at && number < PCRS)
			named[number] = true;
	}
	for (int i = 0; i < PCRS; i++)
		if (named[i])
			text_printf(&pcrs, "%s%d", pcrs.length ? "+" : "", i);
	return text_steal(&pcrs);
}

static void find_pcrlock(struct boot_source *source, struct boot *boot)
{
	static const char policy[] = "/var/lib/systemd/pcrlock.json";
	static const char parts[] = "/var/lib/pcrlock.d", more[] = "/etc/pcrlock.d";
	auto_free char *json = boot_source_read(source, "%s", policy);
	cleanup(host_free_names) char **names = boot_source_list(source, "%s", parts);
	cleanup(host_free_names) char **own = boot_source_list(source, "%s", more);

	if (json)
		add(boot, xasprintf("%s: a policy over values measured at boot", policy),
		    measured_pcrlock_pcrs(json));
	else if (names[0] || own[0])
		add(boot,
		    xasprintf("%s: parts of a policy over values measured at boot",
			      names[0] ? parts : more),
		    xstrdup(""));
}

/* "rd.luks.options=[UUID=]tpm2-device=auto,..." */
static void find_words(struct boot *boot)
{
	static const char *const keys[] = {"rd.luks.options=", "luks.options="};

	for (const char *at = boot->cmdline; *at;) {
		auto_free char *word = NULL, *device = NULL;
		const char *options = NULL;

		at += strspn(at, BLANKS);
		word = xasprintf("%.*s", (int)strcspn(at, BLANKS), at);
		at += strlen(word);
		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
			if (text_starts(word, keys[i]))
				options = word + strlen(keys[i]);
		/* A disk's UUID may stand in front of its options. */
		if (options && strstr(options, "tpm2-device="))
			options = strstr(options, "tpm2-");
		device = options ? find_option(options, "tpm2-device") : NULL;
		if (device && *device)
			add(boot, xstrdup("/proc/cmdline: a disk is unlocked by the TPM"),
			    find_pcrs(options));
	}
}

void boot_measured_read(struct boot_source *source, struct boot *boot)
{
	auto_free char *crypttab = boot_source_read(source, "/etc/crypttab");

	if (crypttab)
		measured_crypttab_parse(crypttab, boot);
	find_words(boot);
	find_pcrlock(source, boot);
}
