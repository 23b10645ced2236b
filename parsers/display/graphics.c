// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What draws the host's text consoles: framebuffers, of a card's own driver or of the firmware's,
 * and the consoles bound to them. Tests: unit/test-console.c, model/test-survey.c.
 */
#include "parsers/display/graphics.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/worker-ask.h"
#include "parsers/display/firmware.h"
#include "parsers/pci/place.h"

struct graphics_reading {
	const struct host *host;
	struct snapshot *snapshot;
};

/* --- framebuffers --- */

/* "efi-framebuffer.0", "simple-framebuffer.0", "vesa-framebuffer.0", ... */
static bool is_platform_name(const char *name)
{
	static const char middle[] = "-framebuffer.";
	const char *at = strstr(name, middle);

	if (!at || at == name)
		return false;
	at += strlen(middle);
	return *at && strspn(at, "0123456789") == strlen(at);
}

/* The platform device in a path; heap or NULL. */
static char *find_platform(const struct place *place)
{
	char path[PLACE_PATH_SIZE], *at = path, *component;

	strcpy(path, place->path);
	while ((component = strsep(&at, "/")))
		if (is_platform_name(component))
			return xstrdup(component);
	return NULL;
}

/* Its driver; "" where none is bound. */
static void read_platform_driver(const struct host *host, const char *platform,
				 char driver[HOST_NAME_SIZE])
{
	if (host_read_link_name(host, HOST_SYS, driver, HOST_NAME_SIZE, NULL,
				"bus/platform/devices/%s/driver", platform) < 0)
		driver[0] = '\0';
}

static void append(struct snapshot *snapshot, const struct framebuffer *framebuffer)
{
	array_push(snapshot->framebuffers, snapshot->framebuffer_count, *framebuffer);
}

static int add_framebuffer(void *data, const char *name, const struct place *place,
			   struct error *err)
{
	const struct graphics_reading *reading = data;
	struct place owner = *place;
	struct framebuffer framebuffer = {.has_fb = true};
	char driver[HOST_NAME_SIZE], text[64];
	int end = 0;

	(void)err;
	/* Beside them is "fbcon". */
	if (sscanf(name, "fb%9u%n", &framebuffer.number, &end) != 1 || name[end])
		return 0;
	place_carry(&owner, reading->snapshot);
	framebuffer.has_addr = owner.has_addr;
	framebuffer.addr = owner.addr;
	if (host_read(reading->host, HOST_SYS, text, sizeof(text), NULL, "class/graphics/%s/name",
		      name) == 0)
		framebuffer.name = text_escape(text);
	framebuffer.platform = find_platform(place);
	if (framebuffer.platform) {
		read_platform_driver(reading->host, framebuffer.platform, driver);
		framebuffer.driver = *driver ? xstrdup(driver) : NULL;
	}
	append(reading->snapshot, &framebuffer);
	return 0;
}

static bool is_known(const struct snapshot *snapshot, const char *platform)
{
	for (size_t i = 0; i < snapshot->framebuffer_count; i++)
		if (text_equal(snapshot->framebuffers[i].platform, platform))
			return true;
	return false;
}

/* A driver of the firmware's framebuffer that makes no fbN of it: it has the memory all the same.
 */
static int add_platform(void *data, const char *name, const struct place *place, struct error *err)
{
	const struct graphics_reading *reading = data;
	struct framebuffer framebuffer = {.has_addr = place->has_addr, .addr = place->addr};
	char driver[HOST_NAME_SIZE];

	(void)err;
	if (!is_platform_name(name) || is_known(reading->snapshot, name))
		return 0;
	read_platform_driver(reading->host, name, driver);
	if (!*driver)
		return 0;
	framebuffer.name = xstrdup(driver);
	framebuffer.platform = xstrdup(name);
	framebuffer.driver = xstrdup(driver);
	append(reading->snapshot, &framebuffer);
	return 0;
}

static int find_firmware(const struct host *host, struct snapshot *snapshot, struct error *err)
{
	for (size_t i = 0; i < snapshot->framebuffer_count; i++) {
		struct framebuffer *framebuffer = &snapshot->framebuffers[i];
		const struct device *display = NULL;
		int ret;

		if (!framebuffer->platform || framebuffer->has_addr)
			continue;
		ret = firmware_find_display(host, snapshot, &display, err);
		if (ret < 0)
			return ret;
		if (display) {
			framebuffer->has_addr = true;
			framebuffer->addr = display->addr;
		}
	}
	return 0;
}

/* --- consoles --- */

static int add_console(void *data, const char *name, const struct place *place, struct error *err)
{
	const struct graphics_reading *reading = data;
	struct snapshot *snapshot = reading->snapshot;
	struct vtconsole console = {.name = NULL};
	char text[64];

	(void)place;
	(void)err;
	if (!text_starts(name, "vtcon") || host_read(reading->host, HOST_SYS, text, sizeof(text),
						     NULL, "class/vtconsole/%s/name", name) < 0)
		return 0;
	console.name = xstrdup(name);
	console.framebuffer = strstr(text, "frame buffer");
	array_push(snapshot->vtconsoles, snapshot->vtconsole_count, console);
	return 0;
}

/* Answers a byte for each console. */
static int read_bound(void *data, int answer, struct error *err)
{
	const struct graphics_reading *reading = data;

	for (size_t i = 0; i < reading->snapshot->vtconsole_count; i++) {
		const struct vtconsole *console = &reading->snapshot->vtconsoles[i];
		char text[16];
		int ret = host_read(reading->host, HOST_SYS, text, sizeof(text), err,
				    "class/vtconsole/%s/bind", console->name);

		if (ret < 0)
			return ret;
		ret = worker_answer(answer, text, 1, err);
		if (ret < 0)
			return ret;
	}
	return 0;
}

#define LOCK_TIMEOUT_MS 3000

/* Reading "bind" takes the lock that a driver stuck in a mode switch has: it is a child that does.
 */
static int read_all_bound(struct graphics_reading *reading, struct error *err)
{
	struct snapshot *snapshot = reading->snapshot;
	const struct worker_question question = {
		.ask = read_bound, .data = reading, .timeout_ms = LOCK_TIMEOUT_MS};
	auto_free char *bound = NULL;
	int result = worker_ask(&question, &bound, NULL, err);

	if (result == -ETIMEDOUT)
		return error_set(err, EBUSY,
				 "a display driver keeps the kernel's console locked; "
				 "only its end, or a restart of the host, helps");
	for (size_t i = 0; result == 0 && i < snapshot->vtconsole_count; i++)
		snapshot->vtconsoles[i].bound = bound[i] == '1';
	return result;
}

static int read_consoles(struct graphics_reading *reading, struct error *err)
{
	int ret = place_each(reading->host, "class/vtconsole", add_console, reading, err);

	if (ret < 0 || reading->snapshot->vtconsole_count == 0)
		return ret;
	return read_all_bound(reading, err);
}

static bool may_be_ours(const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->framebuffer_count; i++)
		if (!snapshot->framebuffers[i].has_addr ||
		    snapshot_device(snapshot, &snapshot->framebuffers[i].addr))
			return true;
	return false;
}

int graphics_read(const struct host *host, struct snapshot *snapshot, struct error *err)
{
	struct graphics_reading reading = {host, snapshot};
	int ret = place_each(host, "class/graphics", add_framebuffer, &reading, err);

	if (ret == 0)
		ret = place_each(host, "bus/platform/devices", add_platform, &reading, err);
	if (ret == 0)
		ret = find_firmware(host, snapshot, err);
	if (ret < 0 || !may_be_ours(snapshot))
		return ret;
	return read_consoles(&reading, err);
}
