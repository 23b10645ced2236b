// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How an error is put into words: inner text first, callers wrap. Knows nothing of who reads it.
 */
#include "base/error.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int error_set(struct error *err, int code, const char *format, ...)
{
	va_list args;

	assert(code > 0);
	if (!err)
		return -code;
	err->code = code;
	va_start(args, format);
	vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	return -code;
}

int error_errno(struct error *err, int code, const char *format, ...)
{
	va_list args;
	int length;

	assert(code > 0);
	if (!err)
		return -code;
	err->code = code;
	va_start(args, format);
	length = vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	if (length >= 0 && (size_t)length < sizeof(err->text))
		snprintf(err->text + length, sizeof(err->text) - (size_t)length, ": %s",
			 strerror(code));
	return -code;
}

int error_wrap(struct error *err, const char *format, ...)
{
	char inner[ERROR_TEXT_MAX];
	va_list args;
	int length;

	assert(err && err->code > 0);
	memcpy(inner, err->text, sizeof(inner));
	va_start(args, format);
	length = vsnprintf(err->text, sizeof(err->text), format, args);
	va_end(args);
	/* What does not fit is cut off at the end: the outer words say which device. */
	if (length >= 0 && (size_t)length + 2 < sizeof(err->text))
		snprintf(err->text + length, sizeof(err->text) - (size_t)length, ": %.*s",
			 (int)(sizeof(err->text) - (size_t)length - 3), inner);
	return -err->code;
}

int error_pass(struct error *err, const struct error *failure)
{
	if (err)
		*err = *failure;
	return -failure->code;
}

void error_keep_first(struct error *first, const struct error *next)
{
	if (first && first->code == 0)
		*first = *next;
}
