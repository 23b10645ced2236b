/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Put in front of every file that clang-tidy reads, and of nothing else. Its analyzer sees one file
 * at a time, so it believes that a function which failed may return 0: this says what base/error.h
 * promises.
 */
#include "base/error.h"

static inline int analysis_negative(int value)
{
	if (value >= 0)
		__builtin_unreachable();
	return value;
}

#define error_set(...) analysis_negative(error_set(__VA_ARGS__))
#define error_errno(...) analysis_negative(error_errno(__VA_ARGS__))
#define error_wrap(...) analysis_negative(error_wrap(__VA_ARGS__))
#define error_pass(...) analysis_negative(error_pass(__VA_ARGS__))
