// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What stands on the hook's command line: four texts with a NUL between them. Where there is no
 * other work, the front door wakes the engine for a directory of exactly the guest's name with
 * something of exactly the operation's name in it, and for nothing that lies elsewhere; and what it
 * says where it cannot is one line, whatever the guest is called.
 */
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "hook/front-decide.h"
#include "hook/front.h"
#include "hook/operation.h"

#define UUID "4dea22b3-1d52-48f3-a516-782e98ab3fa0"
#define PLAIN "<domain type='kvm'>\n  <name>g</name>\n  <uuid>" UUID "</uuid>\n</domain>\n"
#define WITH_DEVICE "<domain><name>g</name><devices><hostdev/></devices></domain>"

static const char *const directories[] = {
	"state",   "scripts", "scripts/win11", "scripts/win11/prepare", "scripts/a b",
	"outside", NULL,
};
/* "scripts/single" is libvirt's to run; what lies beside "scripts" is nobody's. */
static const char *const files[] = {
	"scripts/win11/release",
	"scripts/a b/start",
	"scripts/single",
	"scripts/release",
	"outside/prepare",
	"outside/release",
	"prepare",
	"release",
	NULL,
};

static struct room {
	char path[64];
	int state_fd, scripts_fd;
	int said_fd;   /* what goes to standard error meanwhile */
	int stderr_fd; /* the fuzzer's own */
} room = {.path = "/dev/shm/fuzz-argv-XXXXXX"};

static void remove_at(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", room.path, name);
	remove(path);
}

static void room_remove(void)
{
	for (size_t i = 0; files[i]; i++)
		remove_at(files[i]);
	for (size_t i = sizeof(directories) / sizeof(*directories) - 1; i-- > 0;)
		remove_at(directories[i]);
	rmdir(room.path);
}

static int open_at(const char *name, int flags)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", room.path, name);
	fd = open(path, flags | O_CLOEXEC, 0644);
	check(fd >= 0);
	return fd;
}

static void room_make(void)
{
	char path[128];

	check(mkdtemp(room.path));
	atexit(room_remove);
	for (size_t i = 0; directories[i]; i++) {
		snprintf(path, sizeof(path), "%s/%s", room.path, directories[i]);
		check(mkdir(path, 0755) == 0);
	}
	for (size_t i = 0; files[i]; i++)
		close(open_at(files[i], O_WRONLY | O_CREAT));
	room.state_fd = open_at("state", O_PATH | O_DIRECTORY);
	room.scripts_fd = open_at("scripts", O_PATH | O_DIRECTORY);
	room.said_fd = memfd_create("said", MFD_CLOEXEC);
	room.stderr_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	check(room.said_fd >= 0 && room.stderr_fd >= 0);
}

static bool has_scripts(const char *guest, const char *operation)
{
	if (strcmp(guest, "win11") == 0)
		return strcmp(operation, "prepare") == 0 || strcmp(operation, "release") == 0;
	return strcmp(guest, "a b") == 0 && strcmp(operation, "start") == 0;
}

static void check_decision(const struct operation *operation, const char *guest)
{
	bool has_work = front_has_work(operation, guest, PLAIN, strlen(PLAIN), room.state_fd,
				       room.scripts_fd);

	check(has_work == has_scripts(guest, operation->name));
	check(!front_has_work(operation, guest, PLAIN, strlen(PLAIN), FRONT_NO_DIR, FRONT_NO_DIR));
	check(front_has_work(operation, guest, PLAIN, strlen(PLAIN), FRONT_UNKNOWN_DIR,
			     room.scripts_fd));
	if (operation->wake == OP_WORDS || operation->wake == OP_NEWCOMERS)
		check(front_has_work(operation, guest, WITH_DEVICE, strlen(WITH_DEVICE),
				     room.state_fd, room.scripts_fd));
}

/*
 * One line of at most a screen, with nothing in it that a terminal obeys. A refusal begins on a
 * line of its own, because libvirt puts its own words before it.
 */
static void check_said(bool refuses)
{
	char line[2048];
	ssize_t length = pread(room.said_fd, line, sizeof(line), 0), first = refuses ? 1 : 0;

	check(length > first + 1 && length < 1100 && line[length - 1] == '\n');
	check(!refuses || line[0] == '\n');
	for (ssize_t i = first; i < length - 1; i++)
		check((unsigned char)line[i] >= 0x20 && line[i] != 0x7f);
}

/* All of the front door, before an engine that is not there. */
static void check_door(char **texts)
{
	const struct front_paths paths = {
		.engine = "/nonexistent/engine",
		.state_dir = "/nonexistent/state",
		.scripts_dir = "/nonexistent/scripts",
	};
	char program[] = "qemu";
	char *argv[] = {program, texts[0], texts[1], texts[2], texts[3], NULL};
	const struct operation *operation = operation_find(texts[1], texts[2]);
	struct stat said;
	int status;

	check(ftruncate(room.said_fd, 0) == 0 && lseek(room.said_fd, 0, SEEK_SET) == 0);
	dup2(room.said_fd, STDERR_FILENO);
	status = front_main(5, argv, &paths);
	dup2(room.stderr_fd, STDERR_FILENO);
	check(fstat(room.said_fd, &said) == 0);
	check(status == 0 || status == operation_failure(operation));
	if (operation && operation->answer == ANSWER_REFUSES && operation->wake == OP_WORDS)
		check(status == 1); /* no XML at all is none that is sure to be harmless */
	check((status != 0) == (said.st_size > 0));
	if (status)
		check_said(operation && operation->answer == ANSWER_REFUSES);
}

/* Missing ones are empty; nothing comes behind the fourth. */
static char *cut(const uint8_t *data, size_t size, char *texts[4])
{
	char *copy = xcalloc(size + 4, 1), *at = copy, *end = copy + size;

	memcpy(copy, data, size);
	for (int i = 0; i < 4; i++) {
		texts[i] = at < end ? at : end;
		at = texts[i] + strlen(texts[i]) + 1;
	}
	return copy;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *texts[4];
	char *copy = cut(data, size, texts);
	const struct operation *operation = operation_find(texts[1], texts[2]);

	if (!room.scripts_fd)
		room_make();
	check(!operation || (strcmp(operation->name, texts[1]) == 0 &&
			     strcmp(operation->suboperation, texts[2]) == 0));
	if (operation)
		check_decision(operation, texts[0]);
	check_door(texts);
	free(copy);
	return 0;
}
