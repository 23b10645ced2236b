/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "model/snapshot.h"
#include "model/step.h"

enum handover_operation { HANDOVER_LEND, HANDOVER_RETURN, HANDOVER_OPERATIONS };

enum handover_result {
	HANDOVER_NONE,      /* there was none since the host was started */
	HANDOVER_DONE,      /* everything was done */
	HANDOVER_REFUSED,   /* nothing was begun */
	HANDOVER_FAILED,    /* it failed, and everything is back as it was */
	HANDOVER_UNSETTLED, /* something could not be returned */
	HANDOVER_RESULTS
};

/* What became of one step. */
enum handover_deed {
	DEED_SET,
	DEED_FOUND,    /* its cell had the value already */
	DEED_RETURNED, /* it was undone */
	DEED_LEFT,     /* it was not undone, as somebody else had changed the cell */
	DEED_FAILED,
	DEEDS
};

struct handover_step {
	enum step_kind kind;
	enum handover_deed deed;
	char *target; /* heap; of the step: holds no blank */
	uint64_t duration_ms;
};

/* How one lend or one return ended. */
struct handover {
	enum handover_result result;
	int64_t at; /* when it ended: seconds since 1970 */
	uint64_t duration_ms;
	char *message; /* heap: lines for people, the last without newline; NULL: there is none */
	struct handover_step *steps; /* in the order in which they ended */
	size_t step_count;
};

/*
 * The last lend and the last return of a guest, in /run/hostdev-hook/UUID.last. No work depends on
 * it: it is for people who ask why a guest did not start, what is still missing, or what took so
 * long. Text:
 *
 *   hostdev-hook handovers 1
 *   guest win11
 *   uuid 4dea22b3-...
 *   lend done 1764525180 5321
 *   step 812 set driver 0000:01:00.0
 *   return unsettled 1764529999 24000
 *   message not everything could be returned: ...
 *   step 20000 failed driver 0000:01:00.0
 *
 * "lend" and "return" have the result, the time and milliseconds; the lines behind belong to them.
 * If there are several, the last holds. A message has a line for each of its lines; "step" has
 * milliseconds. A later version may have written the text: lines that begin with an unknown word
 * are skipped, and so are steps of unknown kinds or deeds, and words "+key=value" (model/later.h)
 * behind the time.
 */
struct handovers {
	char *guest; /* heap */
	char uuid[UUID_TEXT_SIZE];
	struct handover last[HANDOVER_OPERATIONS];
};

#define HANDOVER_SUFFIX ".last"

void handover_done(struct handover *handover);
void handovers_done(struct handovers *handovers);
#define auto_handovers __attribute__((__cleanup__(handovers_done)))

/* "lend", "done", "set". */
const char *handover_operation_name(enum handover_operation operation);
const char *handover_result_name(enum handover_result result);
const char *handover_deed_name(enum handover_deed deed);

void handover_add_step(struct handover *handover, const struct step *step, enum handover_deed deed,
		       uint64_t duration_ms);

void handovers_format(const struct handovers *handovers, struct text *out);
/* EBADMSG names the line that is not understood. *ret: handovers_done. */
int handovers_parse(const char *data, size_t length, struct handovers *ret, struct error *err);
