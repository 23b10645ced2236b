// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Strings and arrays that grow, and the one escape used wherever free text must stay on a line.
 */
#include "base/text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static void *or_abort(void *pointer)
{
	if (!pointer)
		abort();
	return pointer;
}

void *xcalloc(size_t count, size_t size)
{
	return or_abort(calloc(count ? count : 1, size ? size : 1));
}

void *xreallocarray(void *pointer, size_t count, size_t size)
{
	return or_abort(reallocarray(pointer, count ? count : 1, size ? size : 1));
}

char *xstrdup(const char *string)
{
	return string ? or_abort(strdup(string)) : NULL;
}

char *xvasprintf(const char *format, va_list args)
{
	char *result = NULL;

	if (vasprintf(&result, format, args) < 0)
		abort();
	return result;
}

char *xasprintf(const char *format, ...)
{
	char *result;
	va_list args;

	va_start(args, format);
	result = xvasprintf(format, args);
	va_end(args);
	return result;
}

void text_done(struct text *text)
{
	free(text->data);
	*text = (struct text)TEXT_INIT;
}

static void text_reserve(struct text *text, size_t more)
{
	size_t wanted = text->length + more + 1;

	if (wanted <= text->capacity)
		return;
	text->capacity = wanted < 128 ? 128 : wanted * 2;
	text->data = xreallocarray(text->data, text->capacity, 1);
}

void text_append(struct text *text, const char *data, size_t length)
{
	text_reserve(text, length);
	memcpy(text->data + text->length, data, length);
	text->length += length;
	text->data[text->length] = '\0';
}

void text_printf(struct text *text, const char *format, ...)
{
	auto_free char *piece = NULL;
	va_list args;

	va_start(args, format);
	piece = xvasprintf(format, args);
	va_end(args);
	text_append(text, piece, strlen(piece));
}

const char *text_string(const struct text *text)
{
	return text->data ? text->data : "";
}

char *text_steal(struct text *text)
{
	char *data = text->data ? text->data : xstrdup("");

	*text = (struct text)TEXT_INIT;
	return data;
}

bool text_equal(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool text_starts(const char *string, const char *prefix)
{
	return strncmp(string, prefix, strlen(prefix)) == 0;
}

bool text_ends(const char *string, const char *end)
{
	size_t length = strlen(string), end_length = strlen(end);

	return length >= end_length && strcmp(string + length - end_length, end) == 0;
}

const char *text_next_line(const char *string)
{
	string = strchrnul(string, '\n');
	return *string ? string + 1 : string;
}

int text_find(const char *const *names, size_t count, const char *word, size_t length)
{
	for (size_t i = 0; i < count; i++)
		if (names[i] && strlen(names[i]) == length && memcmp(names[i], word, length) == 0)
			return (int)i;
	return -1;
}

void text_free_list(char **strings)
{
	for (size_t i = 0; strings && strings[i]; i++)
		free(strings[i]);
	free(strings);
}

char *text_quote(const char *string)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-.:/+@%,=";
	char *escaped = text_escape(string);
	struct text quoted = TEXT_INIT;

	if (*escaped && !escaped[strspn(escaped, plain)])
		return escaped;
	text_append(&quoted, "'", 1);
	for (const char *at = escaped; *at; at++)
		text_append(&quoted, *at == '\'' ? "'\\''" : at, *at == '\'' ? 4 : 1);
	text_append(&quoted, "'", 1);
	free(escaped);
	return quoted.data;
}

void text_join_lines(char *string)
{
	size_t length = strlen(string);

	while (length > 0 && string[length - 1] == '\n')
		string[--length] = '\0';
	for (; *string; string++)
		if (*string == '\n')
			*string = ' ';
}

#define BLANKS " \t\r\n"

/* The next of the words, with its length; 0: there is none. */
static size_t next_word(const char **at)
{
	if (!*at)
		return 0;
	*at += strspn(*at, BLANKS);
	return strcspn(*at, BLANKS);
}

bool text_has_word(const char *words, const char *word, size_t length)
{
	size_t own;

	for (; (own = next_word(&words)) > 0; words += own)
		if (own == length && strncmp(words, word, length) == 0)
			return true;
	return false;
}

bool text_has_words(const char *words, const char *wanted)
{
	size_t length;

	for (; (length = next_word(&wanted)) > 0; wanted += length)
		if (!text_has_word(words, wanted, length))
			return false;
	return true;
}

void *array_grow(void *array, size_t count, size_t size)
{
	/* A count that is a power of two (or none) means that the array is full. */
	if (count & (count - 1))
		return array;
	return xreallocarray(array, count ? count * 2 : 1, size);
}

static bool must_escape(char c)
{
	unsigned char byte = (unsigned char)c;

	return byte < 0x20 || byte == 0x7f || byte == '\\';
}

static bool continues(unsigned char byte)
{
	return byte >= 0x80 && byte < 0xc0;
}

/* What the second byte of a character may be, given the first (RFC 3629); controls are left out. */
static bool may_follow(unsigned char first, unsigned char second)
{
	switch (first) {
	case 0xc2: /* U+0080 to U+009F: terminals obey some */
	case 0xe0:
		return second >= 0xa0;
	case 0xed:
		return second < 0xa0;
	case 0xf0:
		return second >= 0x90;
	case 0xf4:
		return second < 0x90;
	default:
		return true;
	}
}

/*
 * Marks that turn the order of what follows on a line, and separators of lines: U+200E, U+200F,
 * U+2028 to U+202E, U+2066 to U+2069. What begins with e2 80 or e2 81 is read up to there.
 */
static bool turns_line(const unsigned char *at)
{
	if (at[0] != 0xe2)
		return false;
	if (at[1] == 0x80)
		return at[2] == 0x8e || at[2] == 0x8f || (at[2] >= 0xa8 && at[2] <= 0xae);
	return at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9;
}

/* Bytes of the character at the beginning that can stay as it is; 0: it must be escaped. */
static size_t plain_length(const char *string)
{
	const unsigned char *at = (const unsigned char *)string;
	size_t length = *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : 4;

	if (*at < 0x80)
		return must_escape(*string) ? 0 : 1;
	if (*at < 0xc2 || *at > 0xf4 || !may_follow(*at, at[1]))
		return 0;
	for (size_t i = 1; i < length; i++)
		if (!continues(at[i]))
			return 0;
	return turns_line(at) ? 0 : length;
}

char *text_escape(const char *string)
{
	struct text out = TEXT_INIT;

	text_append(&out, "", 0);
	while (*string) {
		size_t plain = 0, length;

		while (string[plain] && (length = plain_length(string + plain)) > 0)
			plain += length;
		text_append(&out, string, plain);
		string += plain;
		if (*string)
			text_printf(&out, "\\x%02x", (unsigned char)*string++);
	}
	return out.data;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

bool text_unescape(const char *string, size_t length, char **ret)
{
	auto_text struct text out = TEXT_INIT;

	text_append(&out, "", 0);
	for (size_t at = 0; at < length; at++) {
		char byte = string[at];

		if (must_escape(byte) && byte != '\\')
			return false;
		if (byte == '\\') {
			int high, low;

			if (length - at < 4 || string[at + 1] != 'x')
				return false;
			high = hex_digit(string[at + 2]);
			low = hex_digit(string[at + 3]);
			if (high < 0 || low < 0 || (high == 0 && low == 0))
				return false;
			byte = (char)(high * 16 + low);
			at += 3;
		}
		text_append(&out, &byte, 1);
	}
	*ret = steal(&out.data);
	return true;
}
