// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What happens between libvirt's exec of the hook and the engine: the order of things that makes
 * most calls end here, and the answer where the engine cannot be reached. Loads nothing but libc,
 * and on the ordinary way neither stdio nor the locale.
 */
#include "hook/front.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "hook/front-decide.h"
#include "hook/front-input.h"
#include "hook/memory.h"
#include "hook/operation.h"

static const char version[] = "hostdev-hook " HOSTDEV_VERSION "\n";
static const char usage[] =
	"hostdev-hook " HOSTDEV_VERSION ": lends host PCI devices to libvirt guests and takes them "
	"back\n"
	"\n"
	"libvirt runs this program as " HOSTDEV_HOOK_DIR
	"/qemu, with the domain XML on its input:\n"
	"  hostdev-hook GUEST OPERATION SUB-OPERATION EXTRA\n"
	"By hand, use hostdevctl instead.\n"
	"\n"
	"  --help     print this and exit\n"
	"  --version  print the version and exit\n";

static void write_all(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		ssize_t written = write(fd, text, left);

		if (written < 0 && errno != EINTR)
			return;
		if (written > 0) {
			text += written;
			left -= (size_t)written;
		}
	}
}

/* Libvirt always gives four arguments, so any other number is a person. */
static int say_what_this_is(int argc, char **argv)
{
	const char *option = argc == 2 ? argv[1] : "";

	if (strcmp(option, "--version") == 0) {
		write_all(STDOUT_FILENO, version);
		return 0;
	}
	if (strcmp(option, "--help") == 0) {
		write_all(STDOUT_FILENO, usage);
		return 0;
	}
	write_all(STDERR_FILENO, usage);
	return 2;
}

/* A descriptor we open must never land where libvirt reads. 0 or -errno. */
static int fill_standard_fds(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0)
			return -errno;
	return 0;
}

/* The guest's name is nearly free text; the user shall read one line. */
static void make_printable(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
}

static int fail(const struct operation *operation, const char *guest, const char *what, int code,
		const char *next)
{
	const char *effect = operation->answer == ANSWER_REFUSES
				     ? "is not started"
				     : "has stopped, but its host devices are not returned";
	char line[1024];

	if (operation->answer == ANSWER_NEVER)
		return 0;
	snprintf(line, sizeof(line) - 1,
		 "hostdev-hook: %.256s %s: cannot %s: %s; nothing was changed. %s", guest, effect,
		 what, strerror(code), next);
	make_printable(line);
	strcat(line, "\n");
	/* Libvirt puts its own words and the whole command before what it shows. */
	if (operation->answer == ANSWER_REFUSES)
		write_all(STDERR_FILENO, "\n");
	write_all(STDERR_FILENO, line);
	return operation_failure(operation);
}

#define REPAIR "Run install.sh again, or reinstall the package of hostdev-hook."
#define REPAIR_AND_RETURN REPAIR " Then they are returned by: hostdevctl recover"

/* Returns only where the engine could not be run. */
static int become_engine(const struct operation *operation, char **argv,
			 const struct front_paths *paths)
{
	const char *guest = argv[1];
	char what[256];
	int ret;

	argv[0] = (char *)paths->engine;
	execv(paths->engine, argv);
	ret = errno;
	snprintf(what, sizeof(what), "run %s", paths->engine);
	return fail(operation, guest, what, ret,
		    operation->answer == ANSWER_REFUSES ? REPAIR : REPAIR_AND_RETURN);
}

/*
 * Where libvirt ends a running guest for any status but 0: an engine that breaks, by a library that
 * is gone or for want of memory, has no say in its own. Only what it means to say is passed on.
 */
static int guard_engine(const struct operation *operation, char **argv,
			const struct front_paths *paths)
{
	pid_t pid = fork();
	int status = 0;

	if (pid < 0)
		return operation_failure(operation);
	if (pid == 0)
		_exit(become_engine(operation, argv, paths));
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return operation_failure(operation);
	return operation->scripts == SCRIPTS_AFTER && WIFEXITED(status) && WEXITSTATUS(status) == 1;
}

static int wake_engine(const struct operation *operation, char **argv,
		       const struct front_paths *paths, const struct front_input *input)
{
	int ret = front_input_replay(input);

	if (ret < 0)
		return fail(operation, argv[1], "keep its XML in memory", -ret,
			    "Look at the free memory and at sysctl vm.memfd_noexec.");
	setenv("PATH", SAFE_PATH, 1);
	if (operation->answer == ANSWER_NEVER)
		return guard_engine(operation, argv, paths);
	return become_engine(operation, argv, paths);
}

static int open_front_dir(const char *path)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	return errno == ENOENT ? FRONT_NO_DIR : FRONT_UNKNOWN_DIR;
}

static bool has_scripts(const struct operation *operation, const char *guest,
			const struct front_paths *paths)
{
	auto_close int scripts_fd = open_front_dir(paths->scripts_dir);

	return front_has_scripts(operation, guest, scripts_fd);
}

static bool has_work(const struct operation *operation, const char *guest,
		     const struct front_paths *paths, const struct front_input *input)
{
	auto_close int state_fd = open_front_dir(paths->state_dir);
	auto_close int scripts_fd = open_front_dir(paths->scripts_dir);

	if (input->length > FRONT_INPUT_MAX)
		return true;
	return front_has_work(operation, guest, input->data, input->length, state_fd, scripts_fd);
}

int front_main(int argc, char **argv, const struct front_paths *paths)
{
	cleanup(front_input_done) struct front_input input = {0};
	const struct operation *operation;
	int ret;

	/* The daemon may die while we write to it: that must not kill us half-way. */
	signal(SIGPIPE, SIG_IGN);
	if (argc != 5)
		return say_what_this_is(argc, argv);
	/* The daemons of users' sessions run this same file. */
	if (geteuid() != 0)
		return 0;
	umask(077);
	operation = operation_find(argv[2], argv[3]);
	/* Where only scripts matter, the XML is not even read without any. */
	if (!operation ||
	    (operation->wake == OP_SCRIPTS && !has_scripts(operation, argv[1], paths)))
		return 0;
	ret = fill_standard_fds();
	if (ret < 0)
		return fail(operation, argv[1], "open /dev/null", -ret, "Repair /dev.");
	if (operation_has_secrets(operation))
		memory_keep_secret();
	ret = front_input_read(&input, STDIN_FILENO);
	if (ret < 0)
		return fail(operation, argv[1], "read its XML from libvirt", -ret,
			    "See the log of libvirtd or virtqemud.");
	if (operation->wake != OP_SCRIPTS && !has_work(operation, argv[1], paths, &input))
		return 0;
	return wake_engine(operation, argv, paths, &input);
}
