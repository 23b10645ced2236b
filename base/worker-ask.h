/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

/*
 * A question to the kernel or to a daemon that may never be answered. A child asks it and writes
 * the answer into memory that the caller reads (base/worker.h). The question changes nothing, so
 * the child is killed when the time is over.
 */
struct worker_question {
	/* In the child. answer: what worker_answer writes to. 0 or -errno. */
	int (*ask)(void *data, int answer, struct error *err);
	void *data;
	/*
	 * The child keeps the capabilities of its parent. Without this, it can only look
	 * (base/confine.h).
	 */
	bool privileged;
	unsigned int timeout_ms;
	/* What the error says where no answer came in time. NULL: that the kernel gave none. */
	const char *silence;
};

/* In the child: appends to the answer. What is written counts even if the child gets stuck then. */
int worker_answer(int answer, const void *data, size_t length, struct error *err);

/*
 * Returns what ask has returned, with its error; -ETIMEDOUT: the question was not answered in time;
 * -ECHILD: the child died. *ret is what was answered until then, in every case: heap, with a NUL
 * behind it, never NULL. ret_length may be NULL.
 */
int worker_ask(const struct worker_question *question, char **ret, size_t *ret_length,
	       struct error *err);
