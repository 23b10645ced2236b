// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * From libvirt's call to the piece of work, and from its outcome to what libvirt and the user are
 * told.
 */
#include "hook/engine.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"
#include "hook/front-xml.h"
#include "hook/memory.h"
#include "hook/operation.h"
#include "hook/scripts.h"
#include "parsers/domain/domain.h"
#include "session/handover.h"
#include "session/hook-call.h"

/* Up to one byte more than a definition may have: the parser refuses that much by itself. */
static int read_input(struct hook_call *call, struct text *message)
{
	struct text all = TEXT_INIT;
	char chunk[65536];
	ssize_t length = 1;

	text_append(&all, "", 0);
	while (length > 0 && all.length <= DOMAIN_XML_MAX) {
		length = read(STDIN_FILENO, chunk, sizeof(chunk));
		if (length > 0)
			text_append(&all, chunk, (size_t)length);
		else if (length < 0 && errno == EINTR)
			length = 1;
	}
	call->xml = all.data;
	call->xml_length = all.length;
	if (length >= 0)
		return 0;
	text_printf(message, "read the domain XML: %s; nothing was changed.", strerror(errno));
	return -EIO;
}

/* The engine finds the UUID as the front door did when that looked for the guest's journal. */
static void read_uuid(struct hook_call *call)
{
	const char *uuid = front_xml_uuid(call->xml, call->xml_length);

	if (!uuid)
		return;
	memcpy(call->uuid, uuid, FRONT_UUID_LENGTH);
	if (!guest_uuid_valid(call->uuid))
		*call->uuid = '\0';
}

static int work(const struct operation *operation, struct hook_call *call, struct text *message)
{
	switch (operation->work) {
	case WORK_LEND:
		return hook_call_lend(call, message);
	case WORK_CLAIM:
		return hook_call_claim(call, message);
	case WORK_RETURN:
		return hook_call_return(call, message);
	case WORK_ADOPT:
		hook_call_adopt(call);
		break;
	case WORK_NOTHING:
		break;
	}
	return 0;
}

static void write_all(int fd, const struct text *text)
{
	size_t done = 0;

	while (done < text->length) {
		ssize_t length = write(fd, text->data + done, text->length - done);

		if (length < 0 && errno == EINTR)
			continue;
		if (length <= 0)
			return;
		done += (size_t)length;
	}
}

/*
 * The guest's name is nearly free text: nothing in it may start a line of its own. Libvirt puts its
 * own words and the whole command before what it shows, so what ends a start begins on a new line.
 */
static void tell(const struct hook_call *call, bool refused, const struct text *message)
{
	struct log_fields fields = {.guest = call->guest, .duration_ms = -1};
	auto_free char *guest = text_escape(call->guest);
	auto_text struct text line = TEXT_INIT;
	const char *opening = refused ? "\nhostdev-hook: " : "hostdev-hook: ";

	text_printf(&line, "%s%s%s: %s\n", opening, guest, refused ? " is not started" : "",
		    message->data);
	write_all(STDERR_FILENO, &line);
	text_join_lines(line.data + strlen(opening));
	log_write(LOG_LEVEL_ERROR, &fields, line.data + strlen(opening));
}

/* What ends a start beside lending: that has a record of its own. */
static void keep_refusal(const struct hook_call *call, const struct text *message)
{
	if (*call->uuid)
		handover_store_unopened(call, call->guest, call->uuid, HANDOVER_LEND,
					message->data);
}

/* 0, or the exit status after a failure, which is told. */
static int carry_out_work(const struct operation *operation, struct hook_call *call)
{
	auto_text struct text message = TEXT_INIT;

	if (work(operation, call, &message) == 0)
		return 0;
	tell(call, operation->answer == ANSWER_REFUSES, &message);
	if (operation->work == WORK_CLAIM)
		keep_refusal(call, &message);
	return operation_failure(operation);
}

/* The same for the scripts: here, too, libvirt gets to see a failure only where it ends a start. */
static int carry_out_scripts(struct scripts *scripts)
{
	auto_text struct text message = TEXT_INIT;
	auto_text struct text output = TEXT_INIT;

	if (scripts_run(scripts, &output, &message) < 0) {
		tell(scripts->call, true, &message);
		keep_refusal(scripts->call, &message);
		return 1;
	}
	write_all(STDOUT_FILENO, &output);
	return 0;
}

static int carry_out(struct scripts *scripts)
{
	const struct operation *operation = scripts->operation;
	bool first = operation->scripts == SCRIPTS_BEFORE;
	int status = first ? carry_out_scripts(scripts) : 0;

	if (status == 0)
		status = carry_out_work(operation, scripts->call);
	/* What ends a start leaves nothing for scripts to do; a stop goes on in any case. */
	if (!first && (status == 0 || operation->scripts == SCRIPTS_LOGGED))
		status = carry_out_scripts(scripts) || status;
	return status;
}

int engine_main(int argc, char **argv, struct host *host, const char *scripts_dir)
{
	uint64_t started_ms = host_now_ms();
	const struct operation *operation;
	auto_text struct text message = TEXT_INIT;
	cleanup(hook_call_done) struct hook_call call = {.host = host, .started_ms = started_ms};
	cleanup(scripts_done) struct scripts scripts = {.call = &call};
	auto_free char *xml = NULL;
	int ret;

	if (argc != 5)
		return 2;
	operation = operation_find(argv[2], argv[3]);
	if (!operation)
		return 0;
	call.guest = argv[1];
	call.guarded = operation->answer == ANSWER_NEVER;
	if (operation_has_secrets(operation))
		memory_keep_secret();
	ret = read_input(&call, &message);
	xml = call.xml;
	if (ret < 0) {
		tell(&call, operation->answer == ANSWER_REFUSES, &message);
		return operation_failure(operation);
	}
	read_uuid(&call);
	scripts.operation = operation;
	scripts.extra = argv[4];
	scripts_open(&scripts, scripts_dir, started_ms);
	return carry_out(&scripts);
}
