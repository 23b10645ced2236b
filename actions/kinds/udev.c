// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The "udev" cell: whether programs are told that a device is there. A synthetic "remove" makes
 * compositors and sound servers let go of a device that is still driven; udev drops it from its
 * database, which is where that can be read.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "actions/step-ops.h"
#include "actions/watch.h"
#include "base/cleanup.h"
#include "base/text.h"

#define DATABASE "udev/data"
#define UDEV_TIMEOUT_MS 5000

/* A name that is one component of a path. */
static bool is_component(const char *name, size_t length)
{
	return length > 0 && name[0] != '.' && !memchr(name, '/', length);
}

/* "c226:0" is dev/char/226:0, "+sound:card1" class/sound/card1. Heap; NULL: not such a target. */
static char *sysfs_dir(const char *target)
{
	const char *rest = target + (*target != '\0'), *colon = strchr(rest, ':');

	if (!colon || !is_component(rest, (size_t)(colon - rest)) ||
	    !is_component(colon + 1, strlen(colon + 1)))
		return NULL;
	if (*target == '+')
		return xasprintf("class/%.*s/%s", (int)(colon - rest), rest, colon + 1);
	if ((*target != 'c' && *target != 'b') || !isdigit((unsigned char)*rest))
		return NULL;
	return xasprintf("dev/%s/%s", *target == 'c' ? "char" : "block", rest);
}

static bool is_known(const struct host *host, const char *target)
{
	return host_exists(host, HOST_RUN, DATABASE "/%s", target);
}

static int udev_read(const struct host *host, const char *target, char ret[CELL_VALUE_SIZE],
		     struct error *err)
{
	auto_free char *dir = sysfs_dir(target);

	if (!dir)
		return error_set(err, EINVAL, "not a device of udev's: %.64s", target);
	/* What drives it is gone, or has given it another number. */
	if (!host_exists(host, HOST_SYS, "%s", dir))
		return error_set(err, ENODEV, "device %s is gone", target);
	strcpy(ret, is_known(host, target) ? "known" : "withdrawn");
	return 0;
}

struct udev_wait {
	const struct host *host;
	const char *target;
	bool known;
};

static int is_settled(void *data, struct error *err)
{
	const struct udev_wait *wait = data;

	(void)err;
	return is_known(wait->host, wait->target) == wait->known;
}

/*
 * To udev's rules a sound card is complete with the "change" that its last node causes when a
 * driver makes it: only then is it SOUND_INITIALIZED, which sound servers wait for. A card that is
 * only told to be there again has no new nodes: "change" is its "add". It must be one
 * event: a hook that is killed between two would leave a card that udev knows and that sound
 * servers ignore.
 */
static const char *word_of(const char *target, bool known)
{
	if (!known)
		return "remove";
	return text_starts(target, "+sound:") ? "change" : "add";
}

static int udev_set(struct host *host, const char *target, const char *value, struct error *err)
{
	struct udev_wait wait = {host, target, strcmp(value, "known") == 0};
	auto_free char *dir = sysfs_dir(target);
	auto_watch struct watch watch;
	int ret;

	watch_init(&watch);
	if (!dir || (!wait.known && strcmp(value, "withdrawn") != 0))
		return error_set(err, EINVAL, "not a device of udev's: %.64s %.64s", target, value);
	watch_path(&watch, host, HOST_RUN, WATCH_ENTRIES, DATABASE);
	ret = host_write_attr(host, word_of(target, wait.known), err, "%s/uevent", dir);
	if (ret < 0)
		return ret;
	if (watch_until(&watch, is_settled, &wait, UDEV_TIMEOUT_MS, 250, err))
		return 0;
	return error_set(err, ETIMEDOUT, "udev has not %s device %s within %d s",
			 wait.known ? "taken up" : "dropped", target, UDEV_TIMEOUT_MS / 1000);
}

const struct step_ops udev_ops = {
	.read = udev_read,
	.set = udev_set,
	.timeout_ms = UDEV_TIMEOUT_MS + 5000,
	.absent = "withdrawn",
	.queued = true,
};
