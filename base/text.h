/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * A growing string. Out of memory is not an error here but the end of the process (abort), as
 * nothing this program could still do would be safer; journals make that end harmless.
 */
struct text {
	char *data; /* NUL-terminated; NULL while empty */
	size_t length;
	size_t capacity;
};

#define TEXT_INIT                                                                                  \
	{                                                                                          \
		.data = NULL, .length = 0, .capacity = 0                                           \
	}

void text_done(struct text *text);
void text_append(struct text *text, const char *data, size_t length);
void text_printf(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define auto_text cleanup(text_done)

/* The text as a string, "" while it is empty; it belongs to the text. */
const char *text_string(const struct text *text);
/* The same for the caller, who frees it; the text is empty then. */
char *text_steal(struct text *text);

/*
 * Allocation that never fails; struct text says why. The caller frees.
 *
 * They have names of their own: each does what the function of the C library does whose name it
 * bears.
 */
char *xvasprintf(const char *format, va_list args) __attribute__((format(printf, 1, 0)));
void *xcalloc(size_t count, size_t size);
void *xreallocarray(void *pointer, size_t count, size_t size);
char *xstrdup(const char *string); /* NULL gives NULL */
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));

bool text_equal(const char *a, const char *b); /* NULL equals only NULL */
bool text_starts(const char *string, const char *prefix);
bool text_ends(const char *string, const char *end);
/* The beginning of the next line: behind the first newline, or the end of the string. */
const char *text_next_line(const char *string);
/* The index of the name that the first length bytes of word are, or -1. Names may be NULL. */
int text_find(const char *const *names, size_t count, const char *word, size_t length);
/* Frees a NULL-terminated heap array of heap strings. NULL is fine. */
void text_free_list(char **strings);

/* Is the word among the words, which have blanks between them? words NULL: there are none. */
bool text_has_word(const char *words, const char *word, size_t length);
/* Are all wanted words among the words? Either may be NULL: no words. */
bool text_has_words(const char *words, const char *wanted);

/*
 * Makes one word of a command for the shell, to be shown and pasted; quoted if it must be. What
 * text_escape escapes stays escaped, so that such a word does nothing. Heap.
 */
char *text_quote(const char *string);

/* Makes one line of several, in place: a log takes a newline for the end of the message. */
void text_join_lines(char *string);

/*
 * Makes room for one more element of an array that grows by doubling: pass the count in use, get
 * the array, of which element [count] may be written. The capacity is not kept, it follows from
 * the count (the next power of two), so an array is a pointer and a count.
 */
void *array_grow(void *array, size_t count, size_t size);
/*
 * Adds an element behind the last: array and count are lvalues and are evaluated more than once;
 * what stands behind them is the element, also "(struct x){...}".
 */
#define array_push(array, count, ...)                                                              \
	((array) = array_grow((array), (count), sizeof(__typeof__(*(array)))),                     \
	 (void)((array)[(count)++] = __VA_ARGS__))

/*
 * Writes text as one word-safe line: control characters, DEL, backslash and bytes that are no
 * character of UTF-8 become \xNN. text_unescape reverses it; false for what text_escape would not
 * write (out untouched), but of bytes above 0x7f all are taken. Heap results.
 */
char *text_escape(const char *string);
bool text_unescape(const char *string, size_t length, char **ret);
