// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How the answer of a child comes back: in a file of memory, as it may be long, and as the child
 * may get stuck in the middle of it.
 */
#include "base/worker-ask.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/worker.h"

struct attempt {
	const struct worker_question *question;
	int answer;
};

static int ask(void *data, struct error *err)
{
	const struct attempt *attempt = data;

	return attempt->question->ask(attempt->question->data, attempt->answer, err);
}

int worker_answer(int answer, const void *data, size_t length, struct error *err)
{
	for (const char *at = data; length > 0;) {
		ssize_t written = write(answer, at, length);

		if (written <= 0)
			return error_errno(err, EIO, "pass on what was read");
		at += written;
		length -= (size_t)written;
	}
	return 0;
}

int worker_ask(const struct worker_question *question, char **ret, size_t *ret_length,
	       struct error *err)
{
	auto_close int answer = fd_memory("hostdev-answer");
	auto_text struct text text = TEXT_INIT;
	struct attempt attempt = {question, answer};
	struct worker worker = {.work = ask,
				.data = &attempt,
				.unprivileged = !question->privileged,
				.timeout_ms = question->timeout_ms};

	if (answer < 0)
		error_errno(&worker.error, -answer, "memory for an answer");
	else
		workers_run(&worker, 1);
	if (answer < 0)
		worker.result = -worker.error.code;
	/* Its end may take as long as its answer. */
	if (worker.pid > 0)
		kill(worker.pid, SIGKILL);
	if (worker.pid > 0 && question->silence)
		error_set(&worker.error, ETIMEDOUT, "%s", question->silence);
	if (answer >= 0 && lseek(answer, 0, SEEK_SET) == 0)
		fd_read(answer, SIZE_MAX, &text);
	if (ret_length)
		*ret_length = text.length;
	*ret = text_steal(&text);
	return worker.result < 0 ? error_pass(err, &worker.error) : 0;
}
