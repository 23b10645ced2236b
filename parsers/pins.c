// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where it is kept which devices a guest was lent before, and that a file nobody can make sense of
 * stops the guest instead of passing for none.
 */
#include "parsers/pins.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/trust.h"

#define SHOWN "/var/lib/" PINS_DIR
#define PINS_MAX ((size_t)256 * 1024)

static int read_pins(const struct host *host, const char *uuid, struct snapshot *snapshot,
		     struct error *err)
{
	auto_free char *name = xasprintf("%s" PINS_SUFFIX, uuid);
	auto_free char *shown = xasprintf(SHOWN "/%s", name);
	auto_text struct text text = TEXT_INIT;
	struct error failure = ERROR_INIT;
	auto_close int dir = -1;
	struct pins pins = {0};
	int ret = trust_open_dir(host->fd[HOST_VAR], PINS_DIR, SHOWN, &dir, err);

	if (ret == 0 && dir >= 0)
		ret = trust_read_file(dir, name, shown, PINS_MAX, &text, err);
	if (ret < 0 || !text.data)
		return ret;
	if (pins_parse(text.data, text.length, &pins, &failure) < 0)
		return error_set(err, EBADMSG,
				 "%s is damaged (%s), so nobody knows which devices the guest was "
				 "lent before; see that it names the right ones, then run "
				 "\"hostdevctl repin\" for it",
				 shown, failure.text);
	pins_done(&snapshot->pins);
	snapshot->pins = pins;
	return 0;
}

int pins_read(const struct host *host, const char *uuid, struct snapshot *snapshot,
	      struct error *err)
{
	int ret = read_pins(host, uuid, snapshot, err);

	if (ret == -EACCES && err)
		error_wrap(err, "only root may see which devices the guest was lent before");
	return ret;
}
