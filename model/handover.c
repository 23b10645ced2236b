// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The text in which it is kept what the last lend and the last return of a guest came to.
 */
#include "model/handover.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/later.h"

#define FIRST_LINE "hostdev-hook handovers 1"
#define HEADER_LINES 3
/* Times and durations beyond that are damage. */
#define NUMBER_MAX (INT64_MAX / 1000)

static const char *const operation_names[HANDOVER_OPERATIONS] = {
	[HANDOVER_LEND] = "lend",
	[HANDOVER_RETURN] = "return",
};

static const char *const result_names[HANDOVER_RESULTS] = {
	[HANDOVER_NONE] = "none",           [HANDOVER_DONE] = "done",
	[HANDOVER_REFUSED] = "refused",     [HANDOVER_FAILED] = "failed",
	[HANDOVER_UNSETTLED] = "unsettled",
};

static const char *const deed_names[DEEDS] = {
	[DEED_SET] = "set",   [DEED_FOUND] = "found",   [DEED_RETURNED] = "returned",
	[DEED_LEFT] = "left", [DEED_FAILED] = "failed",
};

const char *handover_operation_name(enum handover_operation operation)
{
	return operation_names[operation];
}

const char *handover_result_name(enum handover_result result)
{
	return result_names[result];
}

const char *handover_deed_name(enum handover_deed deed)
{
	return deed_names[deed];
}

void handover_done(struct handover *handover)
{
	for (size_t i = 0; i < handover->step_count; i++)
		free(handover->steps[i].target);
	free(handover->steps);
	free(handover->message);
	memset(handover, 0, sizeof(*handover));
}

void handovers_done(struct handovers *handovers)
{
	for (int i = 0; i < HANDOVER_OPERATIONS; i++)
		handover_done(&handovers->last[i]);
	free(handovers->guest);
	memset(handovers, 0, sizeof(*handovers));
}

void handover_add_step(struct handover *handover, const struct step *step, enum handover_deed deed,
		       uint64_t duration_ms)
{
	array_push(handover->steps, handover->step_count,
		   (struct handover_step){.kind = step->kind,
					  .deed = deed,
					  .target = xstrdup(step->target),
					  .duration_ms = duration_ms});
}

/* --- writing --- */

static void format_message(const char *message, struct text *out)
{
	while (message) {
		size_t length = strcspn(message, "\n");
		auto_free char *line = xasprintf("%.*s", (int)length, message);
		auto_free char *safe = text_escape(line);

		text_printf(out, "message %s\n", safe);
		message = message[length] ? message + length + 1 : NULL;
	}
}

static void format_one(enum handover_operation operation, const struct handover *handover,
		       struct text *out)
{
	text_printf(out, "%s %s %" PRId64 " %" PRIu64 "\n", operation_names[operation],
		    result_names[handover->result], handover->at, handover->duration_ms);
	format_message(handover->message, out);
	for (size_t i = 0; i < handover->step_count; i++) {
		const struct handover_step *step = &handover->steps[i];

		text_printf(out, "step %" PRIu64 " %s %s %s\n", step->duration_ms,
			    deed_names[step->deed], step_kind_name(step->kind), step->target);
	}
}

void handovers_format(const struct handovers *handovers, struct text *out)
{
	auto_free char *guest = text_escape(handovers->guest);

	text_printf(out, FIRST_LINE "\nguest %s\nuuid %s\n", guest, handovers->uuid);
	for (int i = 0; i < HANDOVER_OPERATIONS; i++)
		if (handovers->last[i].result != HANDOVER_NONE)
			format_one((enum handover_operation)i, &handovers->last[i], out);
}

/* --- reading --- */

/* The rest of a line, which its words are taken from one by one. */
struct rest {
	const char *at, *end;
};

/* Up to the next blank, which is passed over; empty at the line's end. */
static struct rest take_word(struct rest *rest)
{
	size_t length = (size_t)(rest->end - rest->at);
	const char *blank = length ? memchr(rest->at, ' ', length) : NULL;
	struct rest word = {rest->at, blank ? blank : rest->end};

	rest->at = blank ? blank + 1 : rest->end;
	return word;
}

static bool word_is(const struct rest *word, const char *name)
{
	size_t length = (size_t)(word->end - word->at);

	return strlen(name) == length && memcmp(word->at, name, length) == 0;
}

/* Its index among the names, or -1. */
static int find_word(const struct rest *word, const char *const *names, size_t count)
{
	return text_find(names, count, word->at, (size_t)(word->end - word->at));
}

static bool take_number(struct rest *rest, uint64_t *ret)
{
	struct rest word = take_word(rest);
	uint64_t number = 0;

	if (word.at == word.end || (*word.at == '0' && word.end - word.at > 1))
		return false;
	for (; word.at < word.end; word.at++) {
		if (*word.at < '0' || *word.at > '9' || number > NUMBER_MAX / 10)
			return false;
		number = number * 10 + (uint64_t)(*word.at - '0');
	}
	*ret = number;
	return true;
}

static bool take_one(struct rest *rest, struct handover *handover)
{
	struct rest word = take_word(rest);
	int result = find_word(&word, result_names, HANDOVER_RESULTS);
	struct handover taken = {.result = (enum handover_result)result};
	uint64_t at;
	const char *behind;

	if (result <= HANDOVER_NONE || !take_number(rest, &at) ||
	    !take_number(rest, &taken.duration_ms))
		return false;
	/* What take_word has passed over is the blank in front of such words. */
	behind = rest->at < rest->end ? later_words_skip(rest->at - 1, rest->end) : rest->end;
	if (behind != rest->end)
		return false;
	taken.at = (int64_t)at;
	handover_done(handover);
	*handover = taken;
	return true;
}

static bool take_message(const struct rest *rest, struct handover *handover)
{
	auto_free char *before = steal(&handover->message);
	auto_free char *line = NULL;

	if (!text_unescape(rest->at, (size_t)(rest->end - rest->at), &line))
		return false;
	/* It would be two lines when it is written again. */
	text_join_lines(line);
	handover->message = before ? xasprintf("%s\n%s", before, line) : steal(&line);
	return true;
}

static bool take_step(struct rest *rest, struct handover *handover)
{
	struct rest deed, kind, target;
	uint64_t duration_ms;
	auto_free char *name = NULL;
	struct step step = {0};
	int found;

	if (!take_number(rest, &duration_ms))
		return false;
	deed = take_word(rest);
	kind = take_word(rest);
	target = take_word(rest);
	if (target.at == target.end || rest->at != rest->end)
		return false;
	found = find_word(&deed, deed_names, DEEDS);
	if (found < 0 || !step_kind_parse(kind.at, (size_t)(kind.end - kind.at), &step.kind))
		return true;
	name = xasprintf("%.*s", (int)(target.end - target.at), target.at);
	step.target = name;
	handover_add_step(handover, &step, (enum handover_deed)found, duration_ms);
	return true;
}

static bool take_header(struct rest *rest, size_t number, struct handovers *handovers)
{
	struct rest word;

	if (number == 1)
		return word_is(rest, FIRST_LINE);
	word = take_word(rest);
	if (number == 2)
		return word_is(&word, "guest") &&
		       text_unescape(rest->at, (size_t)(rest->end - rest->at), &handovers->guest);
	if (!word_is(&word, "uuid") || rest->end - rest->at != UUID_TEXT_SIZE - 1)
		return false;
	memcpy(handovers->uuid, rest->at, UUID_TEXT_SIZE - 1);
	return guest_uuid_valid(handovers->uuid);
}

/* now: the one that lines belong to, or NULL. */
static bool take_line(struct rest *rest, struct handovers *handovers, struct handover **now)
{
	struct rest word = take_word(rest);
	int operation = find_word(&word, operation_names, HANDOVER_OPERATIONS);

	if (operation >= 0) {
		*now = &handovers->last[operation];
		return take_one(rest, *now);
	}
	if (word_is(&word, "message"))
		return *now && take_message(rest, *now);
	if (word_is(&word, "step"))
		return *now && take_step(rest, *now);
	return word.at != word.end;
}

int handovers_parse(const char *data, size_t length, struct handovers *ret, struct error *err)
{
	auto_handovers struct handovers handovers = {0};
	const char *end = data + length;
	struct handover *now = NULL;
	size_t number = 0;

	while (data < end) {
		const char *newline = memchr(data, '\n', (size_t)(end - data));
		struct rest rest = {data, newline};
		bool known;

		if (!newline)
			break;
		known = !memchr(data, '\0', (size_t)(newline - data)) &&
			(++number <= HEADER_LINES ? take_header(&rest, number, &handovers)
						  : take_line(&rest, &handovers, &now));
		if (!known)
			return error_set(err, EBADMSG, "line %zu is not understood", number);
		data = newline + 1;
	}
	if (number < HEADER_LINES)
		return error_set(err, EBADMSG, "line %zu is missing", number + 1);
	*ret = handovers;
	memset(&handovers, 0, sizeof(handovers));
	return 0;
}
