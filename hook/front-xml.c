// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How much of a domain's XML can be understood without parsing it, and where doubt begins. Every
 * shape of XML in which a host device could hide from a search for words ends in "not sure".
 */
#include "hook/front-xml.h"

#include <string.h>
#include <strings.h>

#include "base/find.h"

/* What is left to look at. */
struct span {
	const char *at, *end;
};

static size_t span_length(const struct span *span)
{
	return (size_t)(span->end - span->at);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_blanks(struct span *span)
{
	while (span->at < span->end && is_blank(*span->at))
		span->at++;
}

static bool starts_with(const struct span *span, const char *word)
{
	size_t length = strlen(word);

	return span_length(span) >= length && memcmp(span->at, word, length) == 0;
}

static bool skip_word(struct span *span, const char *word)
{
	if (!starts_with(span, word))
		return false;
	span->at += strlen(word);
	return true;
}

static const char *find(const struct span *span, const char *word)
{
	return memmem(span->at, span_length(span), word, strlen(word));
}

/* The same for the whole of a domain's XML; letter is one that is rare in it. */
static const char *find_by(const struct span *span, const char *word, size_t letter)
{
	return find_by_letter(span->at, span_length(span), word, letter);
}

static const char *find_hostdev(const struct span *span)
{
	return find_by(span, "hostdev", 0);
}

static const char *find_nvme(const struct span *span)
{
	return find_by(span, "nvme", 1);
}

/* Goes behind the next such word. */
static bool skip_past(struct span *span, const char *word)
{
	const char *found = find(span, word);

	if (!found)
		return false;
	span->at = found + strlen(word);
	return true;
}

/* At the value behind "encoding": is it surely UTF-8? */
static bool value_is_utf8(struct span value)
{
	char quote;

	skip_blanks(&value);
	if (!skip_word(&value, "="))
		return false;
	skip_blanks(&value);
	if (span_length(&value) < strlen("'UTF-8'"))
		return false;
	quote = *value.at;
	return (quote == '\'' || quote == '"') && strncasecmp(value.at + 1, "UTF-8", 5) == 0 &&
	       value.at[6] == quote;
}

static bool skip_declaration(struct span *span)
{
	struct span inside = *span;

	if (!skip_word(span, "<?xml"))
		return true;
	if (!skip_past(span, "?>"))
		return false;
	inside.end = span->at;
	return !skip_past(&inside, "encoding") || value_is_utf8(inside);
}

/* Comes to stand at "<domain": nothing but a declaration and comments may come before. */
static bool skip_prolog(struct span *span)
{
	if (!skip_declaration(span))
		return false;
	skip_blanks(span);
	while (starts_with(span, "<!--")) {
		if (!skip_past(span, "-->"))
			return false;
		skip_blanks(span);
	}
	return starts_with(span, "<domain>") || starts_with(span, "<domain ") ||
	       starts_with(span, "<domain\n");
}

static bool ends_well(struct span span)
{
	static const char tag[] = "</domain>";
	size_t length = sizeof(tag) - 1;

	while (span.at < span.end && is_blank(span.end[-1]))
		span.end--;
	return span_length(&span) >= length && memcmp(span.end - length, tag, length) == 0;
}

/* Document types (and so entities) and CDATA begin so; comments, which cannot hide a word, too. */
static bool has_markup_declaration(struct span span)
{
	const char *found;

	while ((found = find_by(&span, "<!", 1))) {
		span.at = found + strlen("<!");
		if (!starts_with(&span, "--"))
			return true;
	}
	return false;
}

#define BLOCK ((size_t)64)

/*
 * None above 0x7f and no control character but the blanks? Without branches, as compilers then make
 * it a look at many bytes at once.
 */
static bool is_block_plain(const char *at)
{
	unsigned char odd = 0;

	for (size_t i = 0; i < BLOCK; i++) {
		unsigned char c = (unsigned char)at[i], control = c < 0x20;
		unsigned char blank = (c == '\t') | (c == '\n') | (c == '\r');

		odd |= (c >> 7) | (control & (blank ^ 1));
	}
	return odd == 0;
}

/* Length of the well-formed UTF-8 character at the beginning; 0 when there is none. */
static size_t utf8_length(const struct span *span)
{
	const unsigned char *at = (const unsigned char *)span->at;
	size_t length = at[0] < 0x80 ? 1 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;

	if (length == 1)
		return at[0] >= 0x20 || is_blank((char)at[0]) ? 1 : 0;
	if (at[0] < 0xc2 || at[0] > 0xf4 || span_length(span) < length)
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	/* Spelled longer than needed, surrogates, beyond Unicode. */
	if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) ||
	    (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f))
		return 0;
	return length;
}

static bool is_text(struct span span)
{
	while (span.at < span.end) {
		size_t length = BLOCK;

		if (span_length(&span) < BLOCK || !is_block_plain(span.at))
			length = utf8_length(&span);
		if (length == 0)
			return false;
		span.at += length;
	}
	return true;
}

/* A whole definition in which no word is spelled in disguise. */
static bool is_sound(const struct span *all)
{
	struct span root = *all;

	return skip_prolog(&root) && ends_well(root) && is_text(*all) && !find_by(all, "&#", 0) &&
	       !has_markup_declaration(*all);
}

bool front_xml_is_plain(const char *xml, size_t length)
{
	const struct span all = {xml, xml + length};

	if (length == 0)
		return false;
	/* The cheapest way to see that there is work comes first. */
	if (find_hostdev(&all) || find_nvme(&all) || find_by(&all, "commandline", 7))
		return false;
	return is_sound(&all);
}

/* Is what was found an attribute's whole value? */
static bool is_value(const struct span *all, const char *found, size_t length)
{
	return found > all->at && found + length < all->end &&
	       (found[-1] == '\'' || found[-1] == '"') && found[length] == found[-1];
}

static bool stands_behind(const struct span *all, const char *at, const char *word)
{
	size_t length = strlen(word);

	return (size_t)(at - all->at) >= length && memcmp(at - length, word, length) == 0;
}

/* As the type of an interface. */
static bool has_hostdev_value(const struct span *all)
{
	const char *found;

	for (struct span span = *all; (found = find_hostdev(&span)); span.at = found + 1)
		if (is_value(all, found, strlen("hostdev")))
			return true;
	return false;
}

/* As the type of what lies below a disk, which libvirt learns from the disk's image. */
static bool has_nvme_below(const struct span *all)
{
	const char *found;

	for (struct span span = *all; (found = find_nvme(&span)); span.at = found + 1)
		if (is_value(all, found, strlen("nvme")) &&
		    !stands_behind(all, found - 1, "<disk type="))
			return true;
	return false;
}

bool front_xml_has_newcomers(const char *xml, size_t length)
{
	const struct span all = {xml, xml + length};

	return length == 0 || has_hostdev_value(&all) || has_nvme_below(&all) || !is_sound(&all);
}

/* Goes behind the tag it stands at; values in quotes may hold ">". */
static bool skip_tag(struct span *span)
{
	char quote = 0;

	for (; span->at < span->end; span->at++) {
		char c = *span->at;

		if (quote) {
			if (c == quote)
				quote = 0;
		} else if (c == '\'' || c == '"') {
			quote = c;
		} else if (c == '>') {
			span->at++;
			return true;
		}
	}
	return false;
}

/* Goes behind <name>...</name>, which holds text only. */
static bool skip_name(struct span *span)
{
	const char *text_end;

	skip_blanks(span);
	if (!skip_word(span, "<name>"))
		return false;
	text_end = memchr(span->at, '<', span_length(span));
	if (!text_end)
		return false;
	span->at = text_end;
	return skip_word(span, "</name>");
}

/* The spelling of libvirt, and of our journals' names. */
static bool is_uuid_character(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == '-';
}

const char *front_xml_uuid(const char *xml, size_t length)
{
	struct span span = {xml, xml + length};
	const char *uuid;

	if (length == 0 || !skip_prolog(&span) || !skip_tag(&span) || !skip_name(&span))
		return NULL;
	skip_blanks(&span);
	if (!skip_word(&span, "<uuid>") || span_length(&span) < FRONT_UUID_LENGTH)
		return NULL;
	uuid = span.at;
	for (; span.at < uuid + FRONT_UUID_LENGTH; span.at++)
		if (!is_uuid_character(*span.at))
			return NULL;
	return starts_with(&span, "</uuid>") ? uuid : NULL;
}
