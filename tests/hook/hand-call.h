/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * "hostdevctl lend" and "return" on a made-up machine, each in a process of its own.
 */
#include "tests/hook/recover-call.h"

#include "parsers/domain/domain.h"
#include "session/lend.h"
#include "session/return.h"

#define HAND_UUID "6dea22b3-1d52-48f3-a516-782e98ab3fa2"

struct hand_call {
	const char *xml; /* of a guest; or NULL, and the device addr */
	const char *addr, *name, *uuid;
	bool runs; /* the guest that the device is for */
	const struct host_owner *owner;
	bool dry_run;
	bool (*agrees)(void *data, const struct plan *plan);
	int fd;     /* what is said */
	int status; /* 0, or 1 where it failed */
	char *said; /* heap */
};

static inline void hand_call_done(struct hand_call *call)
{
	free(call->said);
}

#define auto_hand cleanup(hand_call_done)
#define BY_HAND(address)                                                                           \
	{                                                                                          \
		.addr = (address), .name = GUEST_NOBODY, .uuid = HAND_UUID                         \
	}

static inline void fill_guest(const struct hand_call *call, struct guest *guest)
{
	struct hostdev *hostdev;

	if (call->xml) {
		domain_parse(call->xml, strlen(call->xml), guest, NULL);
		return;
	}
	hostdev = guest->hostdevs = array_grow(NULL, 0, sizeof(*hostdev));
	*hostdev = (struct hostdev){.kind = HOSTDEV_HOSTDEV, .managed = true};
	if (!pci_addr_parse(call->addr, &hostdev->addr))
		_exit(77);
	guest->hostdev_count = 1;
	guest->name = xstrdup(call->name);
	guest->by_hand = true;
	guest->runs = call->runs;
	memcpy(guest->uuid, call->uuid, UUID_TEXT_SIZE);
}

static inline int lend_by_hand_work(struct testhost *host, void *data)
{
	const struct hand_call *call = data;
	auto_text struct text message = TEXT_INIT;
	auto_guest struct guest guest = {0};
	struct lend_request request = {.host = &host->host,
				       .guest = &guest,
				       .by_hand = true,
				       .of_nobody = !call->xml && !call->runs,
				       .owner = call->owner,
				       .agrees = call->agrees};
	int ret;

	log_set_sink(drop_line);
	fill_guest(call, &guest);
	ret = lend_request_run(&request, &message);
	dprintf(call->fd, "%s", message.data ? message.data : "");
	return ret < 0;
}

static inline int return_by_hand_work(struct testhost *host, void *data)
{
	const struct hand_call *call = data;
	struct pci_addr addr;
	struct return_request request = {
		.host = &host->host,
		.uuid = call->uuid,
		.addr = call->addr && pci_addr_parse(call->addr, &addr) ? &addr : NULL,
		.dry_run = call->dry_run};
	auto_journal struct journal journal = JOURNAL_INIT;
	auto_text struct text message = TEXT_INIT;
	int ret;

	log_set_sink(drop_line);
	ret = return_request_run(&request, &journal, &message);
	dprintf(call->fd, "%s", message.data ? message.data : "");
	for (size_t i = 0; i < journal.claim_count; i++)
		dprintf(call->fd, "%s\n", ADDR(&journal.claims[i]));
	return ret < 0;
}

static inline int call_by_hand(struct testhost *host, struct hand_call *call,
			       int (*work)(struct testhost *, void *))
{
	int status;

	free(call->said);
	call->fd = memory_file("", 0);
	status = testhost_process(host, work, call);
	call->said = read_back(call->fd);
	call->status = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
	return call->status;
}

static inline int lend_by_hand(struct testhost *host, struct hand_call *call)
{
	return call_by_hand(host, call, lend_by_hand_work);
}

static inline int return_by_hand(struct testhost *host, struct hand_call *call)
{
	return call_by_hand(host, call, return_by_hand_work);
}

static inline void check_lent_by_hand(struct testhost *host, struct hand_call *call)
{
	lend_by_hand(host, call);
	assert_string_equal(call->said, "");
	assert_int_equal(call->status, 0);
	testhost_script(host, NULL);
}

static inline void check_state(const struct testhost *host, const char *part)
{
	auto_free char *state = testhost_state(host);

	assert_contains(state, part);
}

/* Refused with these words, and nothing on the machine differs. */
static inline void check_refused_by_hand(struct testhost *host, struct hand_call *call,
					 int (*work)(struct testhost *, void *), const char *part)
{
	auto_free char *before = testhost_tree(host), *after = NULL;

	testhost_script(host, NULL);
	assert_int_equal(call_by_hand(host, call, work), 1);
	assert_contains(call->said, part);
	assert_contains(call->said, "othing was changed");
	after = testhost_tree(host);
	assert_text(after, before);
	assert_int_equal(testhost_operations(host), 0);
}
