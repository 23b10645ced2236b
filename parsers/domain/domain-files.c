// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where libvirt's QEMU driver keeps its guests (qemu/qemu_conf.c), as files that can be read while
 * libvirt is down: a definition each in its configuration directory, and a <domstatus> each in its
 * state directory for as long as the guest runs. Tests: ctl/check-guest.bats.
 */
#include "parsers/domain/domain-files.h"

#include <errno.h>

#include "base/cleanup.h"
#include "parsers/domain/domain.h"

#define FOLDER "libvirt/qemu"
#define ENDING ".xml"

void domain_files_add_gap(struct text *gaps, const char *line)
{
	text_printf(gaps, "%s%s", gaps->length > 0 ? "\n" : "", line);
}

static int parse(struct domain_file *file, size_t length, struct error *err)
{
	return file->runs ? domain_parse_status(file->xml, length, &file->guest, err)
			  : domain_parse(file->xml, length, &file->guest, err);
}

static int read_one(const struct host *host, enum host_dir dir, const char *name,
		    const struct domain_files_calls *calls, struct domain_file *file,
		    struct error *err)
{
	auto_free char *xml = NULL;
	size_t length = 0;
	int result =
		host_read_file(host, dir, DOMAIN_XML_MAX, &xml, &length, err, FOLDER "/%s", name);

	/* Its guest may have ended in between. */
	if (result == -ENOENT || (result == 0 && calls->wants && !calls->wants(xml)))
		return 0;
	file->xml = xml;
	if (result == 0)
		result = parse(file, length, err);
	if (result < 0)
		return result;
	calls->take(calls->data, file);
	guest_done(&file->guest);
	return 0;
}

int domain_files_read(const struct host *host, enum host_dir dir,
		      const struct domain_files_calls *calls, struct text *gaps, struct error *err)
{
	cleanup(host_free_names) char **names = NULL;
	const char *top = dir == HOST_RUN ? "/run" : "/etc";
	int result = host_list(host, dir, &names, NULL, err, FOLDER);

	for (size_t i = 0; result == 0 && names[i]; i++) {
		auto_free char *path = xasprintf("%s/" FOLDER "/%s", top, names[i]), *gap = NULL;
		struct domain_file file = {.path = path, .runs = dir == HOST_RUN};
		struct error why = ERROR_INIT;

		if (!text_ends(names[i], ENDING) ||
		    read_one(host, dir, names[i], calls, &file, &why) == 0)
			continue;
		gap = xasprintf("%s: %s", path, why.text);
		domain_files_add_gap(gaps, gap);
	}
	return result == -ENOENT ? 0 : result;
}
