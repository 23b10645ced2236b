// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a question reaches the kernel over netlink, and when its answer is whole. The only file that
 * includes libmnl, which it opens when there is something to ask: few guests get a network adapter.
 */
#include "base/netlink.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/library.h"
#include "base/text.h"

LIBRARY_NOTE(LIBRARY_MNL, "network", "Knows who uses a network adapter before it is lent",
	     "recommended");

/* What the kernel fills at most in one go for who offers so much (NLMSG_GOODSIZE). */
#define ANSWER_SIZE 32768
#define TRIES_MAX 8

/* clang-format off */
#define MNL_FUNCTIONS(use) \
	use(mnl_socket_open2, open) \
	use(mnl_socket_close, close) \
	use(mnl_socket_bind, bind) \
	use(mnl_socket_get_portid, portid) \
	use(mnl_socket_sendto, send) \
	use(mnl_socket_recvfrom, receive) \
	use(mnl_nlmsg_put_header, put_header) \
	use(mnl_nlmsg_put_extra_header, put_head) \
	use(mnl_attr_put_strz, put_string) \
	use(mnl_cb_run2, run) \
	use(mnl_nlmsg_get_payload, payload) \
	use(mnl_nlmsg_get_payload_len, payload_length)
/* clang-format on */

struct mnl_library {
	void *handle;
	MNL_FUNCTIONS(LIBRARY_POINTER)
};

static int mnl_library_open(struct mnl_library *library, struct error *err)
{
	const struct library_symbol symbols[] = {MNL_FUNCTIONS(LIBRARY_SYMBOL)};

	return library_open(LIBRARY_MNL, "libmnl", symbols, sizeof(symbols) / sizeof(symbols[0]),
			    &library->handle, err);
}

struct dialogue {
	struct mnl_library library;
	struct mnl_socket *socket;
	const struct netlink_request *request;
	netlink_visit *visit;
	void *data;
	unsigned int sequence;
	bool dump;
};

static void hang_up(struct dialogue *dialogue)
{
	if (dialogue->socket)
		dialogue->library.close(dialogue->socket);
	dialogue->socket = NULL;
}

static void dialogue_done(struct dialogue *dialogue)
{
	hang_up(dialogue);
	library_close(&dialogue->library.handle);
}

/* Each try has a socket of its own: on the last one the rest of an answer may still wait. */
static int dial(struct dialogue *dialogue, struct error *err)
{
	hang_up(dialogue);
	dialogue->socket = dialogue->library.open(dialogue->request->protocol, SOCK_CLOEXEC);
	if (!dialogue->socket ||
	    dialogue->library.bind(dialogue->socket, 0, MNL_SOCKET_AUTOPID) < 0)
		return error_errno(err, errno, "open a netlink socket");
	dialogue->sequence = (unsigned int)time(NULL);
	return 0;
}

static int take_message(const struct nlmsghdr *message, void *data)
{
	struct dialogue *dialogue = data;

	dialogue->visit(dialogue->data, message->nlmsg_type, dialogue->library.payload(message),
			dialogue->library.payload_length(message));
	return dialogue->dump ? MNL_CB_OK : MNL_CB_STOP;
}

/* libmnl before 1.0.5 does not look at the error that may stand at the end of a dump. */
static int take_end(const struct nlmsghdr *message, void *data)
{
	struct dialogue *dialogue = data;
	int code = 0;

	if (dialogue->library.payload_length(message) >= sizeof(code))
		memcpy(&code, dialogue->library.payload(message), sizeof(code));
	if (code >= 0)
		return MNL_CB_STOP;
	errno = -code;
	return MNL_CB_ERROR;
}

/* Both kinds of control need a function: for what has none here, libmnl does nothing at all. */
static int take_error(const struct nlmsghdr *message, void *data)
{
	struct dialogue *dialogue = data;
	struct nlmsgerr failure = {.error = -EBADMSG};

	if (dialogue->library.payload_length(message) >= sizeof(failure))
		memcpy(&failure, dialogue->library.payload(message), sizeof(failure));
	if (failure.error == 0)
		return MNL_CB_STOP;
	errno = failure.error < 0 ? -failure.error : failure.error;
	return MNL_CB_ERROR;
}

static int ask(struct dialogue *dialogue, struct error *err)
{
	const struct netlink_request *request = dialogue->request;
	char buffer[512] __attribute__((aligned(NLMSG_ALIGNTO))) = {0};
	struct nlmsghdr *message = dialogue->library.put_header(buffer);

	message->nlmsg_type = request->type;
	message->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | (dialogue->dump ? NLM_F_DUMP : 0));
	message->nlmsg_seq = ++dialogue->sequence;
	memcpy(dialogue->library.put_head(message, request->head_size), request->head,
	       request->head_size);
	if (request->text)
		dialogue->library.put_string(message, request->attribute, request->text);
	if (dialogue->library.send(dialogue->socket, message, message->nlmsg_len) < 0)
		return error_errno(err, errno, "ask over netlink");
	return 0;
}

static int take_answer(struct dialogue *dialogue, struct error *err)
{
	static mnl_cb_t control[NLMSG_DONE + 1] = {
		[NLMSG_ERROR] = take_error, [NLMSG_DONE] = take_end};
	char buffer[ANSWER_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	unsigned int port = dialogue->library.portid(dialogue->socket);
	int ret = MNL_CB_OK;

	while (ret > MNL_CB_STOP) {
		ssize_t length =
			dialogue->library.receive(dialogue->socket, buffer, sizeof(buffer));

		if (length < 0)
			ret = MNL_CB_ERROR;
		else
			ret = dialogue->library.run(buffer, (size_t)length, dialogue->sequence,
						    port, take_message, dialogue, control,
						    NLMSG_DONE + 1);
		if (ret == MNL_CB_ERROR)
			error_errno(err, errno, "netlink's answer");
		/* Keys of tunnels may stand in it. */
		explicit_bzero(buffer, sizeof(buffer));
	}
	return ret == MNL_CB_ERROR ? -(err->code) : 0;
}

static int run(struct dialogue *dialogue, void (*restart)(void *data), struct error *err)
{
	struct error failure = ERROR_INIT;
	int ret = mnl_library_open(&dialogue->library, &failure);

	for (int i = 0; ret == 0 && i < TRIES_MAX; i++) {
		if (i > 0 && restart)
			restart(dialogue->data);
		failure = (struct error)ERROR_INIT;
		ret = dial(dialogue, &failure);
		if (ret == 0)
			ret = ask(dialogue, &failure);
		if (ret == 0)
			ret = take_answer(dialogue, &failure);
		if (ret == 0)
			return 0;
		/* NLM_F_DUMP_INTR: what was told of is no longer so. ENOBUFS, EBUSY: too much. */
		if (dialogue->dump && (ret == -EINTR || ret == -ENOBUFS || ret == -EBUSY)) {
			struct timespec pause = {.tv_nsec = (long)(i + 1) * 5000000};

			nanosleep(&pause, NULL);
			ret = i + 1 < TRIES_MAX ? 0
						: error_set(&failure, EAGAIN,
							    "the kernel's answer over "
							    "netlink changes all the time");
		}
	}
	return ret < 0 ? error_pass(err, &failure) : 0;
}

int netlink_dump(const struct netlink_request *request, void (*restart)(void *data),
		 netlink_visit *visit, void *data, struct error *err)
{
	cleanup(dialogue_done) struct dialogue dialogue = {
		.request = request, .visit = visit, .data = data, .dump = true};

	return run(&dialogue, restart, err);
}

int netlink_ask(const struct netlink_request *request, netlink_visit *visit, void *data,
		struct error *err)
{
	cleanup(dialogue_done) struct dialogue dialogue = {
		.request = request, .visit = visit, .data = data};

	return run(&dialogue, NULL, err);
}
