// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How the answer of a child comes back: in a file of memory, as it may be long, and as the child
 * may get stuck in the middle of it.
 */
#include "base/worker-ask.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/worker.h"

/* Linux 6.3; a host may insist on it (sysctl vm.memfd_noexec), older headers lack it. */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

struct attempt {
	const struct worker_question *question;
	int answer;
};

static int answer_open(void)
{
	int fd = memfd_create("hostdev-answer", MFD_CLOEXEC | MFD_NOEXEC_SEAL);

	return fd < 0 && errno == EINVAL ? memfd_create("hostdev-answer", MFD_CLOEXEC) : fd;
}

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

static char *read_answer(int fd, size_t *ret_length)
{
	off_t size = lseek(fd, 0, SEEK_END);
	size_t length = size < 0 ? 0 : (size_t)size, at = 0;
	char *text = xcalloc(1, length + 1);
	ssize_t got = 1;

	while (at < length && got > 0) {
		got = pread(fd, text + at, length - at, (off_t)at);
		at += got > 0 ? (size_t)got : 0;
	}
	text[at] = '\0';
	if (ret_length)
		*ret_length = at;
	return text;
}

int worker_ask(const struct worker_question *question, char **ret, size_t *ret_length,
	       struct error *err)
{
	auto_close int answer = answer_open();
	struct attempt attempt = {question, answer};
	struct worker worker = {.work = ask,
				.data = &attempt,
				.unprivileged = !question->privileged,
				.timeout_ms = question->timeout_ms};

	if (answer < 0)
		error_errno(&worker.error, errno, "memory for an answer");
	else
		workers_run(&worker, 1);
	if (answer < 0)
		worker.result = -worker.error.code;
	/* Its end may take as long as its answer. */
	if (worker.pid > 0)
		kill(worker.pid, SIGKILL);
	if (worker.pid > 0 && question->silence)
		error_set(&worker.error, ETIMEDOUT, "%s", question->silence);
	*ret = read_answer(answer, ret_length);
	if (worker.result < 0 && err)
		*err = worker.error;
	return worker.result;
}
