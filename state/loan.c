// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where it is kept what shared IOMMU groups with a guest's devices when they were last lent.
 */
#include "state/loan.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "base/trust.h"
#include "model/pin.h"

#define SHOWN "/var/lib/" PINS_DIR
#define LOAN_MAX ((size_t)256 * 1024)

void loan_read(const struct host *host, const char *uuid, struct snapshot *snapshot)
{
	auto_free char *name = xasprintf("%s" LOAN_SUFFIX, uuid);
	auto_text struct text text = TEXT_INIT;
	auto_close int dir = -1;
	char release[HOST_NAME_SIZE];

	if (host_read(host, HOST_PROC, release, sizeof(release), NULL, "sys/kernel/osrelease") == 0)
		snapshot->kernel = xstrdup(release);
	if (trust_open_dir(host->fd[HOST_VAR], PINS_DIR, SHOWN, &dir, NULL) == 0 && dir >= 0 &&
	    trust_read_file(dir, name, name, LOAN_MAX, &text, NULL) == 0 && text.data)
		loan_parse(text.data, text.length, &snapshot->loan);
}
