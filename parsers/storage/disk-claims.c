// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What opening a whole disk with O_EXCL says of it. The kernel refuses that while the disk or any
 * of its partitions is claimed, by whomever; nothing is written, and udev does not wake up for a
 * descriptor that cannot write.
 */
#include "parsers/storage/disk-claims.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/worker.h"

#define TIMEOUT_MS 3000
#define TRIES 5

struct claim_question {
	const struct host *host;
	const struct disk *disk;
};

/* Before it is opened: to open some other device may have effects. */
static int check_node(const struct claim_question *question, struct error *err)
{
	const struct disk *disk = question->disk;
	struct stat status;

	if (fstatat(question->host->fd[HOST_DEV], disk->node, &status, 0) < 0) {
		/* A /dev of a container's, say. */
		if (errno == ENOENT &&
		    host_exists(question->host, HOST_SYS, "class/block/%s", disk->name))
			return error_set(err, ENODEV, "the disk is there, /dev/%s is not",
					 disk->node);
		return error_errno(err, errno, "/dev/%s", disk->node);
	}
	if (!S_ISBLK(status.st_mode) || status.st_rdev != disk->device)
		return error_set(err, EBADMSG, "/dev/%s is not this disk", disk->node);
	return 0;
}

/* Another hook, mdadm or LVM may be looking at this very moment, and no event tells when not. */
static int open_patiently(const struct claim_question *question)
{
	int flags = O_RDONLY | O_EXCL | O_CLOEXEC | (question->disk->removable ? O_NONBLOCK : 0);
	int fd = -1;

	for (int i = 0; i < TRIES; i++) {
		struct timespec pause = {.tv_nsec = i ? 20 * 1000 * 1000 : 0};

		nanosleep(&pause, NULL);
		fd = openat(question->host->fd[HOST_DEV], question->disk->node, flags);
		if (fd >= 0 || errno != EBUSY)
			break;
	}
	return fd;
}

static int ask(void *data, struct error *err)
{
	const struct claim_question *question = data;
	auto_close int fd = -1;
	int ret = check_node(question, err);

	if (ret < 0)
		return ret;
	fd = open_patiently(question);
	return fd < 0 ? error_errno(err, errno, "open /dev/%s", question->disk->node) : 0;
}

static enum disk_verdict claim_verdict(int result)
{
	switch (-result) {
	case 0:
	case ENOENT:    /* neither node nor disk any more */
	case ENXIO:     /* no disk behind the node */
	case ENOMEDIUM: /* an empty card reader */
		return DISK_FREE;
	case EBUSY:
		return DISK_CLAIMED;
	default:
		return DISK_UNKNOWN;
	}
}

/* Two functions may reach one disk, and two openings of one would refuse each other. */
static size_t find(const struct claim_question *questions, size_t count, dev_t device)
{
	size_t i = 0;

	while (i < count && questions[i].disk->device != device)
		i++;
	return i;
}

void disk_claims_read(const struct host *host, struct disks *disks)
{
	auto_free struct claim_question *questions = xcalloc(disks->count, sizeof(*questions));
	auto_free struct worker *workers = xcalloc(disks->count, sizeof(*workers));
	size_t count = 0;

	for (size_t i = 0; i < disks->count; i++) {
		struct disk *disk = &disks->disks[i];

		if (disk->used || find(questions, count, disk->device) < count)
			continue;
		questions[count] = (struct claim_question){host, disk};
		workers[count] = (struct worker){.work = ask,
						 .data = &questions[count],
						 .unprivileged = true,
						 .timeout_ms = TIMEOUT_MS};
		count++;
	}
	if (count == 0)
		return;
	workers_run(workers, count);
	for (size_t i = 0; i < disks->count; i++) {
		struct disk *disk = &disks->disks[i];
		size_t index = find(questions, count, disk->device);

		if (disk->used || index == count)
			continue;
		disk->verdict = claim_verdict(workers[index].result);
		disk->error = workers[index].error;
	}
}
