/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The name it has since cmocka 2, where the old one is deprecated. */
#ifndef assert_uint_in_range
#define assert_uint_in_range assert_in_range
#endif

/* Fails the test with the lines that differ ("-" expected, "+" found). */
void check_text(const char *found, const char *expected, const char *what, const char *file,
		int line);
#define assert_text(found, expected) check_text(found, expected, #found, __FILE__, __LINE__)

/* Fails the test with the error's text unless the call succeeded. */
void check_ok(int ret, const char *text, const char *what, const char *file, int line);
#define assert_ok(call, err) check_ok(call, (err)->text, #call, __FILE__, __LINE__)

/*
 * What a test needs of the machine: where that is not there, it fails and says so. One that is
 * passed over has shown nothing, and nobody sees that it has not.
 */
void check_needs(bool there, const char *what, const char *file, int line);
#define assert_needs(there, what) check_needs(there, what, __FILE__, __LINE__)

/* Fails unless text contains part. */
void check_contains(const char *text, const char *part, const char *file, int line);
#define assert_contains(text, part) check_contains(text, part, __FILE__, __LINE__)
