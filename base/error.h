/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#define ERROR_TEXT_MAX 512

/*
 * What went wrong, as a number and one line for people. It belongs to the caller and holds no heap
 * memory. Every fallible function takes an error as its last argument and returns 0 or -errno. A
 * caller that wants only the number may pass NULL. A failed function leaves its outputs untouched.
 */
struct error {
	int code; /* positive errno */
	char text[ERROR_TEXT_MAX];
};

#define ERROR_INIT                                                                                 \
	{                                                                                          \
		.code = 0, .text = ""                                                              \
	}

/* Sets code and text; returns -code, so that it is the return expression. code > 0. */
int error_set(struct error *err, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same with ": <strerror(code)>" behind the text. */
int error_errno(struct error *err, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts "<context>: " in front of the text that is there; returns -err->code. */
int error_wrap(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Hands a failure on to a caller that may have passed NULL; returns -failure->code. */
int error_pass(struct error *err, const struct error *failure);

/* *first becomes *next unless there is an error in it already. first may be NULL. */
void error_keep_first(struct error *first, const struct error *next);
