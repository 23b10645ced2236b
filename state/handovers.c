// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where the record of a guest's last hand-overs lies, and that it is this guest's.
 * Tests: hook/test-engine-handover.c.
 */
#include "state/handovers.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "model/journal.h"
#include "state/state-file.h"

#define RECORD_MAX (1024u * 1024)

int handovers_read(const struct host *host, const char *uuid, struct handovers *ret,
		   struct error *err)
{
	auto_handovers struct handovers handovers = {0};
	struct error failure = ERROR_INIT;
	auto_free char *data = NULL;
	size_t length = 0;
	int result = host_read_file(host, HOST_RUN, RECORD_MAX, &data, &length, &failure,
				    STATE_DIR "/%s" HANDOVER_SUFFIX, uuid);

	if (result == 0) {
		result = handovers_parse(data, length, &handovers, &failure);
		if (result == 0 && strcmp(handovers.uuid, uuid) != 0)
			result = error_set(&failure, EBADMSG, "it is the record of another guest");
		if (result < 0)
			error_wrap(&failure, "/run/" STATE_DIR "/%s" HANDOVER_SUFFIX, uuid);
	}
	if (result < 0)
		return error_pass(err, &failure);
	*ret = handovers;
	memset(&handovers, 0, sizeof(handovers));
	return 0;
}

void handovers_write(int state_dir, const struct handovers *handovers)
{
	auto_free char *name = xasprintf("%s" HANDOVER_SUFFIX, handovers->uuid);
	const struct state_file file = {.dir = state_dir, .name = name, .shown = "/run/" STATE_DIR};
	auto_text struct text text = TEXT_INIT;

	handovers_format(handovers, &text);
	state_file_write(&file, &text, NULL);
}
