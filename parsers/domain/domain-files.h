/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/host.h"
#include "base/text.h"
#include "model/guest.h"

/* A guest in one of libvirt's files. */
struct domain_file {
	const char *path; /* "/etc/libvirt/qemu/win11.xml" */
	const char *xml;
	bool runs;          /* the guest runs with this; false: its next start will use this */
	struct guest guest; /* take may move it away, and leaves an empty guest then */
};

struct domain_files_calls {
	/* Need the guest in this file be parsed? NULL: every guest. */
	bool (*wants)(const char *xml);
	void (*take)(void *data, struct domain_file *file);
	void *data;
};

/*
 * Calls for each guest in one of libvirt's two folders: HOST_RUN for what runs, HOST_ETC for the
 * definitions. What cannot be read or is no domain is told in *gaps, a line each, and left out. A
 * folder that is not there has no files; one that cannot be listed is the error.
 */
int domain_files_read(const struct host *host, enum host_dir dir,
		      const struct domain_files_calls *calls, struct text *gaps, struct error *err);

/* Adds a line to *gaps. */
void domain_files_add_gap(struct text *gaps, const char *line);
