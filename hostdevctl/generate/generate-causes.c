// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Why a device was not reserved although it was to be: what the binder has said of it in the
 * kernel's log, and whether the driver that has it came out of the image or later.
 * Tests: generator/previews.bats.
 */
#include <string.h>

#include "base/cleanup.h"
#include "base/host-path.h"
#include "base/stall.h"
#include "hostdevctl/generate/generate.h"

/* What the image's own tools are called; the first that is there lists the image. */
static const char *const listers[] = {"/usr/bin/lsinitramfs", "/usr/bin/lsinitrd",
				      "/usr/bin/lsinitcpio"};

static const char *running_image(const struct boot *boot)
{
	for (size_t i = 0; i < boot->kernel_count; i++)
		if (boot->kernels[i].runs)
			return boot->kernels[i].initrd;
	return NULL;
}

static bool list_image(struct host *host, const char *image, struct text *listing)
{
	for (size_t i = 0; i < sizeof(listers) / sizeof(*listers); i++) {
		auto_free char *program = host_program_at(host, listers[i]);
		char *const argv[] = {program, (char *)image, NULL};

		text_done(listing);
		*listing = (struct text)TEXT_INIT;
		if (host_command_run(host, argv, listing, NULL) == 0)
			return true;
	}
	return false;
}

/* "/nvme.ko", with "-" and "_" alike. */
static bool has_module(const struct text *listing, const char *module)
{
	auto_free char *dashes = xasprintf("/%s.ko", module);
	auto_free char *lines = xstrdup(dashes);

	for (char *at = dashes; *at; at++)
		*at = *at == '_' ? '-' : *at;
	for (char *at = lines; *at; at++)
		*at = *at == '-' ? '_' : *at;
	return listing->data && (strstr(listing->data, dashes) || strstr(listing->data, lines));
}

static void tell_origin(const struct device *device, const char *image, const struct text *listing,
			struct findings *findings)
{
	const char *module = *device->bound.module ? device->bound.module : device->bound.driver;

	if (has_module(listing, module))
		findings_add(findings, FIND_RESERVED_NOT_CAUSE, FINDING_NOTE, ADDR(&device->addr),
			     "its driver %s is in the image %s, and came from there if that was "
			     "built before the set-up (hostdevctl generate says how it is built)",
			     device->bound.driver, image);
	else
		findings_add(findings, FIND_RESERVED_NOT_CAUSE, FINDING_NOTE, ADDR(&device->addr),
			     "its driver %s is not in the image %s: it was loaded later, by the "
			     "system in the root file system",
			     device->bound.driver, image);
}

static void tell_binder(const struct host *host, const struct device *device,
			struct findings *findings)
{
	auto_free char *subject = xasprintf("hostdev-hook: %s", ADDR(&device->addr));
	auto_text struct text lines = TEXT_INIT;
	char *at, *line;

	stall_kernel_lines(host, 0, subject, 0, &lines);
	at = lines.data;
	while ((line = strsep(&at, "\n")))
		if (text_starts(line, "hostdev-hook: "))
			findings_add(findings, FIND_RESERVED_NOT_CAUSE, FINDING_NOTE,
				     ADDR(&device->addr),
				     "when this host was started, the binder said: %s",
				     line + strlen("hostdev-hook: "));
}

void generate_find_causes(const struct generate_host *host, const struct promise *promise,
			  struct findings *findings)
{
	const char *image = running_image(&host->boot);
	auto_text struct text listing = TEXT_INIT;
	struct host runner = host->host;
	bool listed = false;

	for (size_t i = 0; i < promise->addr_count; i++) {
		const struct device *device =
			snapshot_device(host->facts.snapshot, &promise->addrs[i]);

		if (!device || device_is_on_vfio(device) ||
		    snapshot_claim(host->facts.snapshot, &device->addr, ""))
			continue;
		tell_binder(&host->host, device, findings);
		/* Listing an image takes seconds, and changes nothing. */
		runner.ops = &host_ops_files;
		listed = listed || (image && list_image(&runner, image, &listing));
		if (listed && *device->bound.driver)
			tell_origin(device, image, &listing, findings);
	}
}
