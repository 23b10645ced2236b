// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which parts of a text tell whose machine it is about, by their form or because they are known as
 * names, and what is written in their place. Each made-up address is from a range that is reserved
 * for examples.
 */
#include "hostdevctl/disguise.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"

#define UUID_LENGTH 36
#define ID_LENGTH 32 /* of a machine or of a boot; that of a container is longer */
#define MAC_LENGTH 17
#define BARE_MAC_LENGTH 12

void disguise_done(struct disguise *disguise)
{
	for (size_t i = 0; i < disguise->count; i++) {
		free(disguise->names[i].secret);
		free(disguise->names[i].shown);
	}
	free(disguise->names);
	*disguise = (struct disguise){0};
}

size_t disguise_count(const struct disguise *disguise, enum disguise_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < disguise->count; i++)
		if (disguise->names[i].kind == kind && disguise->names[i].used)
			count++;
	return count;
}

/* --- what is written instead --- */

static char *make_up(enum disguise_kind kind, size_t number)
{
	switch (kind) {
	case DISGUISE_HOST:
		return number == 1 ? xstrdup("host") : xasprintf("host%zu", number);
	case DISGUISE_USER:
		return xasprintf("user%zu", number);
	case DISGUISE_PLACE:
		return xasprintf("/mnt/%zu", number);
	case DISGUISE_INTERFACE:
		return xasprintf("net%zu", number);
	case DISGUISE_SERIAL:
		return xasprintf("serial%zu", number);
	case DISGUISE_DISK:
		return xasprintf("disk%zu", number);
	case DISGUISE_UUID:
		return xasprintf("00000000-0000-4000-8000-%012zx", number);
	case DISGUISE_MAC:
		return number <= 0xff ? xasprintf("00:00:5e:00:53:%02zx", number)
				      : xasprintf("02:00:00:00:%02zx:%02zx", number >> 8 & 0xff,
						  number & 0xff);
	case DISGUISE_ADDRESS:
		return number <= 254
			       ? xasprintf("192.0.2.%zu", number)
			       : xasprintf("198.18.%zu.%zu", number >> 8 & 0xff, number & 0xff);
	default:
		return xstrdup("HIDDEN");
	}
}

static struct disguise_name *find(struct disguise *disguise, enum disguise_kind kind,
				  const char *secret, size_t length)
{
	for (size_t i = 0; i < disguise->count; i++) {
		struct disguise_name *name = &disguise->names[i];

		if (name->by_form && name->kind == kind && strlen(name->secret) == length &&
		    strncasecmp(name->secret, secret, length) == 0)
			return name;
	}
	return NULL;
}

static struct disguise_name *add(struct disguise *disguise, enum disguise_kind kind,
				 const char *secret, size_t length, const char *shown)
{
	struct disguise_name *name;

	disguise->names = array_grow(disguise->names, disguise->count, sizeof(*disguise->names));
	name = &disguise->names[disguise->count++];
	*name = (struct disguise_name){.kind = kind};
	name->secret = xasprintf("%.*s", (int)length, secret);
	name->shown = shown ? xstrdup(shown) : make_up(kind, ++disguise->numbers[kind]);
	return name;
}

void disguise_add(struct disguise *disguise, enum disguise_kind kind, const char *secret,
		  const char *shown)
{
	size_t length = strlen(secret);

	if (length == 0)
		return;
	for (size_t i = 0; i < disguise->count; i++)
		if (!disguise->names[i].by_form && strcmp(disguise->names[i].secret, secret) == 0)
			return;
	add(disguise, kind, secret, length, shown);
}

/* The name that stands for what was recognised by its form; shown as for disguise_add. */
static const char *shown_for(struct disguise *disguise, enum disguise_kind kind, const char *secret,
			     size_t length, const char *shown)
{
	struct disguise_name *name = find(disguise, kind, secret, length);

	if (!name) {
		name = add(disguise, kind, secret, length, shown);
		name->by_form = true;
	}
	name->used = true;
	return name->shown;
}

/* --- words --- */

static bool is_letter(char c)
{
	return isalnum((unsigned char)c);
}

static bool has_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = text; (at = strstr(at, word)); at++)
		if ((at == text || !is_letter(at[-1])) && !is_letter(at[length]))
			return true;
	return false;
}

void disguise_keep_words(struct disguise *disguise, const char *text)
{
	for (size_t i = 0; i < disguise->count; i++)
		if (!disguise->names[i].by_form && has_word(text, disguise->names[i].secret))
			disguise->names[i].kept = true;
}

#define HOME "/home/"

void disguise_learn(struct disguise *disguise, const char *text)
{
	for (const char *at = text; (at = strstr(at, HOME)); at++) {
		const char *name = at + strlen(HOME);
		size_t length = strcspn(name, "/ \t\n\"',;:()");
		auto_free char *word = xasprintf("%.*s", (int)length, name);

		while (length > 0 && word[length - 1] == '.')
			word[--length] = '\0';
		disguise_add(disguise, DISGUISE_USER, word, NULL);
	}
}

/* --- forms: each returns how much of the text it has replaced, or 0 --- */

static size_t name_at(struct disguise *disguise, const char *at, bool begins, struct text *out)
{
	struct disguise_name *best = NULL;
	size_t length = 0;

	for (size_t i = 0; i < disguise->count; i++) {
		struct disguise_name *name = &disguise->names[i];
		size_t own = strlen(name->secret);

		if (!name->by_form && !name->kept && own > length &&
		    (begins || *name->secret == '/') && strncmp(at, name->secret, own) == 0 &&
		    !is_letter(at[own])) {
			best = name;
			length = own;
		}
	}
	if (!best)
		return 0;
	best->used = true;
	text_printf(out, "%s", best->shown);
	return length;
}

static size_t hex_run(const char *at)
{
	size_t length = 0;

	while (isxdigit((unsigned char)at[length]))
		length++;
	return length;
}

/* 8-4-4-4-12 digits. */
static bool is_uuid(const char *at)
{
	for (size_t i = 0; i < UUID_LENGTH; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? at[i] != '-' : !isxdigit((unsigned char)at[i]))
			return false;
	}
	return !is_letter(at[UUID_LENGTH]);
}

static size_t uuid_at(struct disguise *disguise, const char *at, struct text *out)
{
	size_t length = is_uuid(at) ? UUID_LENGTH : hex_run(at);
	bool dashes = length == UUID_LENGTH && at[8] == '-';
	const char *shown;

	if (!dashes && (length < ID_LENGTH || is_letter(at[length])))
		return 0;
	shown = shown_for(disguise, DISGUISE_UUID, at, length, NULL);
	for (const char *digit = shown; *digit; digit++)
		if (dashes || *digit != '-')
			text_append(out, digit, 1);
	return length;
}

static size_t mac_at(struct disguise *disguise, const char *at, struct text *out)
{
	for (size_t i = 0; i < MAC_LENGTH; i++)
		if (i % 3 == 2 ? at[i] != ':' : !isxdigit((unsigned char)at[i]))
			return 0;
	if (at[MAC_LENGTH] == ':' || is_letter(at[MAC_LENGTH]))
		return 0;
	/* Everybody's, and nobody's. */
	if (strncasecmp(at, "ff:ff:ff:ff:ff:ff", MAC_LENGTH) == 0 ||
	    strncmp(at, "00:00:00:00:00:00", MAC_LENGTH) == 0)
		return 0;
	text_printf(out, "%s", shown_for(disguise, DISGUISE_MAC, at, MAC_LENGTH, NULL));
	return MAC_LENGTH;
}

/* Interfaces that are called by their MAC address: enx0123456789ab. */
static size_t bare_mac_at(struct disguise *disguise, const char *at, struct text *out)
{
	size_t prefix = strlen("enx");
	char mac[MAC_LENGTH + 1];
	const char *shown;

	if ((strncmp(at, "enx", prefix) != 0 && strncmp(at, "wlx", prefix) != 0 &&
	     strncmp(at, "wwx", prefix) != 0) ||
	    hex_run(at + prefix) != BARE_MAC_LENGTH || is_letter(at[prefix + BARE_MAC_LENGTH]))
		return 0;
	for (size_t i = 0; i < BARE_MAC_LENGTH / 2; i++)
		snprintf(mac + 3 * i, sizeof(mac) - 3 * i, "%.2s:", at + prefix + 2 * i);
	shown = shown_for(disguise, DISGUISE_MAC, mac, MAC_LENGTH, NULL);
	text_append(out, at, prefix);
	for (const char *digit = shown; *digit; digit++)
		if (*digit != ':')
			text_append(out, digit, 1);
	return prefix + BARE_MAC_LENGTH;
}

static bool parses(int family, const char *at, size_t length)
{
	unsigned char address[sizeof(struct in6_addr)];
	char text[INET6_ADDRSTRLEN];

	if (length == 0 || length >= sizeof(text))
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)length, at);
	return inet_pton(family, text, address) == 1;
}

static bool is_nobodys(const char *at, size_t length)
{
	static const char *const words[] = {"::", "::1", "0.0.0.0", "255.255.255.255"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strlen(words[i]) == length && strncmp(at, words[i], length) == 0)
			return true;
	return strncmp(at, "127.", strlen("127.")) == 0 || strncmp(at, "255.", strlen("255.")) == 0;
}

static size_t address_at(struct disguise *disguise, const char *at, struct text *out)
{
	size_t length = strspn(at, "0123456789abcdefABCDEF:.");
	auto_free char *shown = NULL;
	bool six;

	/* The end of a sentence, or of a list of words with colons. */
	while (length > 0 && strchr(":.", at[length - 1]) && !parses(AF_INET6, at, length))
		length--;
	six = !is_letter(at[length]) && parses(AF_INET6, at, length);
	if (!six) {
		length = strspn(at, "0123456789.");
		while (length > 0 && at[length - 1] == '.')
			length--;
		if (is_letter(at[length]) || !parses(AF_INET, at, length))
			return 0;
	}
	if (is_nobodys(at, length)) {
		text_append(out, at, length);
		return length;
	}
	if (six && !find(disguise, DISGUISE_ADDRESS, at, length))
		shown = xasprintf("2001:db8::%zx", ++disguise->numbers[DISGUISE_ADDRESS]);
	text_printf(out, "%s", shown_for(disguise, DISGUISE_ADDRESS, at, length, shown));
	return length;
}

/* What stands behind one of these is the name of a disk. */
static size_t disk_at(struct disguise *disguise, const char *at, bool begins, struct text *out)
{
	static const char *const openings[] = {
		"UUID=",
		"PARTUUID=",
		"LABEL=",
		"PARTLABEL=",
		"ID_SERIAL=",
		"/dev/mapper/",
		"/dev/disk/by-id/",
		"/dev/disk/by-uuid/",
		"/dev/disk/by-label/",
		"/dev/disk/by-partuuid/",
		"/dev/disk/by-partlabel/",
	};

	for (size_t i = 0; i < sizeof(openings) / sizeof(*openings); i++) {
		size_t prefix = strlen(openings[i]), length;
		const char *value = at + prefix;

		if ((!begins && *at != '/') || strncmp(at, openings[i], prefix) != 0)
			continue;
		length = strcspn(value, " \t\n\"',;:()");
		if (length == 0 || strncmp(value, "control", length) == 0)
			return 0;
		text_append(out, at, prefix);
		if (!is_uuid(value) || length != UUID_LENGTH || !uuid_at(disguise, value, out))
			text_printf(out, "%s",
				    shown_for(disguise, DISGUISE_DISK, value, length, NULL));
		return prefix + length;
	}
	return 0;
}

/* "KEY=VALUE" whose key says that the value is to be known by nobody. */
static size_t secret_at(struct disguise *disguise, const char *at, struct text *out)
{
	static const char *const signs[] = {"passw", "passphrase", "secret", "credential", "token"};
	size_t key = strcspn(at, "= \t\n\"'"), length;
	auto_free char *lower = xasprintf("%.*s", (int)key, at);

	if (at[key] != '=')
		return 0;
	for (char *letter = lower; *letter; letter++)
		*letter = (char)tolower((unsigned char)*letter);
	for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++) {
		if (!strstr(lower, signs[i]))
			continue;
		length = strcspn(at + key + 1, " \t\n");
		text_append(out, at, key + 1);
		text_printf(out, "%s",
			    shown_for(disguise, DISGUISE_SECRET, at + key + 1, length, NULL));
		return key + 1 + length;
	}
	return 0;
}

static size_t form_at(struct disguise *disguise, const char *at, struct text *out)
{
	size_t (*const forms[])(struct disguise *, const char *, struct text *) = {
		secret_at, uuid_at, mac_at, bare_mac_at, address_at};
	size_t length = 0;

	for (size_t i = 0; length == 0 && i < sizeof(forms) / sizeof(*forms); i++)
		length = forms[i](disguise, at, out);
	return length;
}

void disguise_text(struct disguise *disguise, const char *text, struct text *out)
{
	bool begins = true;
	size_t length;

	for (const char *at = text; *at; at += length) {
		length = disk_at(disguise, at, begins, out);
		if (length == 0)
			length = name_at(disguise, at, begins, out);
		if (length == 0 && begins)
			length = form_at(disguise, at, out);
		if (length == 0) {
			text_append(out, at, 1);
			length = 1;
		}
		begins = !is_letter(at[length - 1]);
	}
}
