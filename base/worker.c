// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Children that may be lost: how they are cut off from the parent's descriptors, how their answer
 * comes back, and how long anybody waits for it.
 */
#include "base/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/confine.h"
#include "base/host.h"
#include "base/text.h"

struct worker_answer {
	int result;
	struct error error;
	char said[WORKER_OUTPUT_SIZE];
};

/* What a child says before its answer. */
enum worker_word { WORD_PAUSE = 'p', WORD_RESUME = 'r' };

/* A child that has answered and waits for more of the same. */
struct stay {
	pid_t pid;
	int fd;
	int (*work)(void *data, struct error *err);
	size_t size;
};

static struct stay *staying;
static size_t staying_count;

/*
 * Those that have answered and are about to end. Their end takes a good part of the time that they
 * cost, and nobody needs to stand by: they are seen off before the next ones come.
 */
static pid_t *leaving;
static size_t leaving_count;

/* This process's own end of the socket to its parent, where it is a worker. */
static int own_fd = -1;

/* Whoever reads the parent's output to its end must not wait for this child. */
static void leave_parent(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	setsid();
	for (int fd = 0; fd <= 2; fd++)
		if (null < 0 || dup2(null, fd) < 0)
			close(fd);
	if (null > 2)
		close(null);
}

/*
 * An end of a socket that some other process has as well says nothing of its owner's death: neither
 * the siblings' nor, where a worker has workers, its own may be kept.
 */
static void leave_sockets(const struct worker *workers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (workers[i].fd >= 0)
			close(workers[i].fd);
	for (size_t i = 0; i < staying_count; i++)
		close(staying[i].fd);
	staying_count = leaving_count = 0;
	if (own_fd >= 0)
		close(own_fd);
}

bool worker_is_late(void)
{
	struct pollfd polled = {.fd = own_fd};

	return own_fd >= 0 && poll(&polled, 1, 0) > 0 && polled.revents & POLLHUP;
}

static void say(enum worker_word word)
{
	char byte = (char)word;

	/* Where it fails, nobody listens: worker_is_late() then says so. */
	if (own_fd >= 0)
		send(own_fd, &byte, 1, MSG_NOSIGNAL);
}

void worker_pause(void)
{
	say(WORD_PAUSE);
}

void worker_resume(void)
{
	say(WORD_RESUME);
}

/*
 * A packet is taken or refused in one piece, and the kernel decides it under the receiver's lock:
 * either the answer is there when the parent closes the door, or it is heard here that it is shut.
 * But a parent that is being killed still takes what it will never read.
 */
static bool worker_answer_is_read(const struct worker_answer *answer)
{
	ssize_t length;
	char read;

	if (send(own_fd, answer, sizeof(*answer), MSG_NOSIGNAL) != (ssize_t)sizeof(*answer))
		return false;
	do {
		length = recv(own_fd, &read, 1, 0);
	} while (length < 0 && errno == EINTR);
	return length == 1;
}

/* False: nobody waits for its answer. */
static bool work_once(const struct worker *worker)
{
	struct worker_answer answer = {.result = 0};

	answer.result = worker->work(worker->data, &answer.error);
	if (worker->output)
		memcpy(answer.said, worker->output, sizeof(answer.said));
	if (!worker_answer_is_read(&answer)) {
		if (worker->on_orphaned)
			worker->on_orphaned(worker->data);
		return false;
	}
	if (worker->on_read)
		worker->on_read(worker->data);
	return true;
}

/* False: there will be none, as the parent has no use for it any more or is gone. */
static bool next_order(const struct worker *worker)
{
	ssize_t length;

	do {
		length = recv(own_fd, worker->data, worker->reusable_size, 0);
	} while (length < 0 && errno == EINTR);
	return length == (ssize_t)worker->reusable_size;
}

static void (*at_fork)(void);

void workers_at_fork(void (*in_child)(void))
{
	at_fork = in_child;
}

/* Never part of another function: bench/run counts from here what a child does itself. */
static void __attribute__((noreturn, noinline)) child_main(const struct worker *worker)
{
	bool heard;

	leave_parent();
	if (at_fork)
		at_fork();
	if (worker->unprivileged)
		confine_to_looking();
	do {
		heard = work_once(worker);
	} while (heard && worker->reusable_size > 0 && next_order(worker));
	/* _exit: the parent's buffers and handlers are not this child's to run. */
	_exit(heard ? 0 : 1);
}

static void dismiss(struct stay *stay)
{
	close(stay->fd);
	array_push(leaving, leaving_count, stay->pid);
	*stay = staying[--staying_count];
}

void workers_dismiss(void)
{
	while (staying_count > 0)
		dismiss(&staying[staying_count - 1]);
}

static void let_stay(const struct worker *worker)
{
	array_push(staying, staying_count,
		   (struct stay){.pid = worker->pid,
				 .fd = worker->fd,
				 .work = worker->work,
				 .size = worker->reusable_size});
}

static bool take_staying(struct worker *worker)
{
	for (size_t i = staying_count; worker->reusable_size > 0 && i-- > 0;) {
		struct stay *stay = &staying[i];

		if (stay->work != worker->work || stay->size != worker->reusable_size)
			continue;
		if (send(stay->fd, worker->data, stay->size, MSG_NOSIGNAL) != (ssize_t)stay->size) {
			dismiss(stay);
			continue;
		}
		worker->pid = stay->pid;
		worker->fd = stay->fd;
		*stay = staying[--staying_count];
		return true;
	}
	return false;
}

static void start(struct worker *workers, size_t count, struct worker *worker)
{
	int fds[2];
	pid_t pid;

	if (take_staying(worker))
		return;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0) {
		worker->result = error_errno(&worker->error, errno, "socketpair");
		return;
	}
	if (worker->timeout_ms == 0)
		shutdown(fds[0], SHUT_RDWR);
	pid = fork();
	if (pid == 0) {
		leave_sockets(workers, count);
		close(fds[0]);
		own_fd = fds[1];
		child_main(worker);
	}
	close(fds[1]);
	if (pid < 0) {
		worker->result = error_errno(&worker->error, errno, "fork");
		close(fds[0]);
		return;
	}
	worker->pid = pid;
	worker->fd = fds[0];
}

/* What its end may still take when its last word was heard. */
#define END_MS 1000

/*
 * Waits for its end, but not without end: what it had open is closed then, and that may hang just
 * as the work could.
 */
static bool has_ended(pid_t pid, uint64_t since_ms, int *ret_status)
{
	pid_t ended = waitpid(pid, ret_status, WNOHANG);
	struct pollfd polled = {.fd = -1, .events = POLLIN};
	uint64_t waited_ms;

	if (ended == 0)
		polled.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	while (ended == 0 && (waited_ms = host_now_ms() - since_ms) < END_MS) {
		/* Without a descriptor, time passes by itself. */
		poll(&polled, 1, polled.fd < 0 ? 1 : (int)(END_MS - waited_ms));
		ended = waitpid(pid, ret_status, WNOHANG);
	}
	if (polled.fd >= 0)
		close(polled.fd);
	return ended != 0;
}

static void see_off(void)
{
	uint64_t since_ms = host_now_ms();

	for (size_t i = 0; i < leaving_count; i++)
		has_ended(leaving[i], since_ms, NULL);
	leaving_count = 0;
}

static void hang_up(struct worker *worker)
{
	close(worker->fd);
	worker->fd = -1;
}

static void give_up(struct worker *worker, unsigned int after_ms)
{
	worker->result = error_set(&worker->error, ETIMEDOUT,
				   "the kernel has not answered for %u ms (process %d still waits)",
				   after_ms, (int)worker->pid);
	/* Not killed: a write that waits for a lock is carried out even so, when it gets it. */
	hang_up(worker);
}

static void take_answer(struct worker *worker, const struct worker_answer *answer)
{
	worker->result = answer->result;
	worker->error = answer->error;
	if (worker->output)
		memcpy(worker->output, answer->said, sizeof(answer->said));
	if (worker->reusable_size > 0) {
		let_stay(worker);
		worker->fd = -1;
	} else {
		array_push(leaving, leaving_count, worker->pid);
		hang_up(worker);
	}
	worker->pid = 0;
}

static void finish(struct worker *worker, const struct worker_answer *answer, uint64_t started_ms)
{
	int status = 0;

	worker->duration_ms = host_now_ms() - started_ms;
	if (answer) {
		take_answer(worker, answer);
		return;
	}
	if (!has_ended(worker->pid, host_now_ms(), &status)) {
		give_up(worker, (unsigned int)worker->duration_ms);
		return;
	}
	if (WIFSIGNALED(status))
		worker->result =
			error_set(&worker->error, ECHILD, "killed by signal %d", WTERMSIG(status));
	else
		worker->result = error_set(&worker->error, ECHILD, "ended without an answer");
	worker->died = true;
	hang_up(worker);
	worker->pid = 0;
}

static void heed(struct worker *worker, char word)
{
	if (word == WORD_PAUSE && !worker->paused_since_ms) {
		worker->paused_since_ms = host_now_ms();
	} else if (word == WORD_RESUME && worker->paused_since_ms) {
		worker->paused_ms += host_now_ms() - worker->paused_since_ms;
		worker->paused_since_ms = 0;
	}
	if (worker->paused_ms > worker->pause_ms)
		worker->paused_ms = worker->pause_ms;
}

enum heard { HEARD_NOTHING, HEARD_END, HEARD_ANSWER };

/* All that has been said up to now. */
static enum heard listen_to(struct worker *worker, struct worker_answer *ret)
{
	for (;;) {
		ssize_t length = recv(worker->fd, ret, sizeof(*ret), MSG_DONTWAIT);

		if (length == 1) {
			heed(worker, *(const char *)ret);
			continue;
		}
		if (length < 0 && (errno == EAGAIN || errno == EINTR))
			return HEARD_NOTHING;
		if (length != (ssize_t)sizeof(*ret))
			return HEARD_END;
		/* To one that has not heard, an order would be what it waits to hear. */
		if (send(worker->fd, "", 1, MSG_NOSIGNAL | MSG_DONTWAIT) != 1)
			worker->reusable_size = 0;
		return HEARD_ANSWER;
	}
}

/* The socket has a word, an answer or its end. */
static void collect(struct worker *worker, uint64_t started_ms)
{
	struct worker_answer answer;
	enum heard heard = listen_to(worker, &answer);

	if (heard != HEARD_NOTHING)
		finish(worker, heard == HEARD_ANSWER ? &answer : NULL, started_ms);
}

static void overrun(struct worker *worker, uint64_t started_ms)
{
	struct worker_answer answer;

	/* What is sent from here on fails; what was sent before is still there. */
	shutdown(worker->fd, SHUT_RD);
	if (listen_to(worker, &answer) == HEARD_ANSWER) {
		worker->reusable_size = 0; /* not with a socket that is half shut */
		finish(worker, &answer, started_ms);
		return;
	}
	shutdown(worker->fd, SHUT_WR);
	heed(worker, WORD_RESUME);
	worker->duration_ms = host_now_ms() - started_ms;
	give_up(worker, worker->timeout_ms);
}

/* After the start; while its clock stands still, that is as late as it can become. */
static uint64_t deadline_ms(const struct worker *worker)
{
	return (uint64_t)worker->timeout_ms +
	       (worker->paused_since_ms ? worker->pause_ms : worker->paused_ms);
}

/* Milliseconds until the first deadline, -1 with nobody to wait for. */
static int next_timeout(const struct worker *workers, size_t count, uint64_t waited_ms)
{
	int timeout = -1;

	for (size_t i = 0; i < count; i++) {
		uint64_t end_ms = deadline_ms(&workers[i]);
		int left = end_ms > waited_ms ? (int)(end_ms - waited_ms) : 0;

		if (workers[i].fd >= 0 && (timeout < 0 || left < timeout))
			timeout = left;
	}
	return timeout;
}

static bool are_apart(const struct worker *workers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!workers[i].overlaps)
			return false;
	return count > 0;
}

void workers_run(struct worker *workers, size_t count)
{
	auto_free struct pollfd *polls = xcalloc(count, sizeof(*polls));
	uint64_t started_ms;
	int timeout;

	if (!are_apart(workers, count))
		see_off();
	started_ms = host_now_ms();
	for (size_t i = 0; i < count; i++) {
		workers[i].fd = -1;
		workers[i].pid = 0;
		workers[i].died = false;
		workers[i].duration_ms = 0;
		workers[i].paused_ms = workers[i].paused_since_ms = 0;
		workers[i].error = (struct error)ERROR_INIT;
	}
	for (size_t i = 0; i < count; i++)
		start(workers, count, &workers[i]);
	while ((timeout = next_timeout(workers, count, host_now_ms() - started_ms)) >= 0) {
		for (size_t i = 0; i < count; i++)
			polls[i] = (struct pollfd){.fd = workers[i].fd, .events = POLLIN};
		if (poll(polls, count, timeout) < 0) {
			/* Out of memory, say: time passes all the same, and with it the deadlines.
			 */
			for (size_t i = 0; i < count; i++)
				polls[i].revents = 0;
		}
		for (size_t i = 0; i < count; i++) {
			if (workers[i].fd < 0)
				continue;
			if (polls[i].revents && workers[i].timeout_ms)
				collect(&workers[i], started_ms);
			else if (host_now_ms() - started_ms >= deadline_ms(&workers[i]))
				overrun(&workers[i], started_ms);
		}
	}
}
