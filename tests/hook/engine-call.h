/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * The engine as libvirt meets it, on a made-up machine: what goes in on descriptor 0, what comes
 * out on 1 and 2, and the exit status.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "hook/engine.h"
#include "tests/host/check.h"
#include "tests/host/testhost.h"
#include "tests/host/tree.h"

#define UUID_1 "4dea22b3-1d52-d8f3-2516-782e98ab3fa0"
#define UUID_2 "5dea22b3-1d52-d8f3-2516-782e98ab3fa1"
#define BOOT "0d9e2c1e-5f3a-4b52-9a58-1c7b2f0e6d11"
#define OTHER_BOOT "1d9e2c1e-5f3a-4b52-9a58-1c7b2f0e6d12"

static const char machine[] =
	"kernel 6.1.0-test\n"
	"boot " BOOT "\n"
	"bridge 0000:00:01.0 8086:1901 bus=01 group=1 driver=pcieport\n"
	"device 0000:01:00.0 10de:2204 class=030000 group=14 driver=nouveau power=auto\n"
	"device 0000:01:00.1 10de:1aef class=040300 group=14 driver=snd_hda_intel power=auto\n"
	"device 0000:03:00.0 8086:10d3 class=020000 group=16 driver=e1000e\n"
	"driver nouveau module=nouveau\n"
	"driver snd_hda_intel module=snd_hda_intel\n"
	"driver e1000e module=e1000e\n"
	"module vfio-pci unloaded registers=vfio-pci\n";

#define HOSTDEV(bus, function)                                                                     \
	"<hostdev mode='subsystem' type='pci' managed='yes'><source><address domain='0x0000' "     \
	"bus='" bus "' slot='0x00' function='" function "'/></source></hostdev>"
#define DOMAIN(name, uuid, devices)                                                                \
	"<domain type='kvm'><name>" name "</name><uuid>" uuid "</uuid><devices>" devices           \
	"</devices></domain>"

/* One call: arguments, input, and what came of it. */
struct call {
	const char *guest, *operation, *suboperation, *xml;
	size_t xml_length;                                                     /* 0: strlen */
	const char *extra, *scripts_dir;                                       /* or NULL */
	void (*sink)(enum log_level, const struct log_fields *, const char *); /* or NULL */
	bool prints;                                                           /* may it? */
	bool guarded;
	int input_fd, stdout_fd, stderr_fd;
	int status;
	char *said, *printed; /* heap */
};

static inline void call_done(struct call *call)
{
	free(call->said);
	free(call->printed);
}

static inline char *read_back(int fd)
{
	struct stat status;
	char *data;

	assert_int_equal(fstat(fd, &status), 0);
	data = xcalloc((size_t)status.st_size + 1, 1);
	assert_int_equal(pread(fd, data, (size_t)status.st_size, 0), status.st_size);
	close(fd);
	return data;
}

static inline int memory_file(const char *data, size_t length)
{
	int fd = memfd_create("test", 0);

	assert_true(fd >= 0);
	while (length > 0) {
		ssize_t written = write(fd, data, length);

		assert_true(written > 0);
		data += written;
		length -= (size_t)written;
	}
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static inline void drop_line(enum log_level level, const struct log_fields *fields,
			     const char *message)
{
	(void)level;
	(void)fields;
	(void)message;
}

/* Between libvirt and the engine, as the front door where a failure would end a running guest. */
static inline int run_guarded(struct testhost *host, int (*run)(struct testhost *, void *),
			      void *data)
{
	auto_free char *dir = xasprintf("proc/%d", (int)getpid());
	auto_free char *stat = xasprintf("%s/stat", dir);
	int status = 0;
	pid_t pid;

	tree_file(host->root_fd, stat, "%d (qemu) S %d 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 701 0\n",
		  (int)getpid(), (int)getppid());
	pid = fork();
	if (pid == 0)
		_exit(run(host, data));
	waitpid(pid, &status, 0);
	tree_remove(host->root_fd, dir);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

static inline int engine_of(struct testhost *host, void *data);

static inline int run_engine(struct testhost *host, void *data)
{
	const struct call *call = data;

	return call->guarded ? run_guarded(host, engine_of, data) : engine_of(host, data);
}

static inline int engine_of(struct testhost *host, void *data)
{
	struct call *call = data;
	char *argv[] = {(char *)"engine",
			(char *)call->guest,
			(char *)call->operation,
			(char *)call->suboperation,
			(char *)(call->extra ? call->extra : "-"),
			NULL};

	log_set_sink(call->sink ? call->sink : drop_line);
	dup2(call->input_fd, STDIN_FILENO);
	dup2(call->stdout_fd, STDOUT_FILENO);
	dup2(call->stderr_fd, STDERR_FILENO);
	return engine_main(5, argv, &host->host, call->scripts_dir);
}

static inline void call_engine(struct testhost *host, struct call *call)
{
	int status;

	free(call->said);
	free(call->printed);
	call->input_fd =
		memory_file(call->xml, call->xml_length ? call->xml_length : strlen(call->xml));
	call->stdout_fd = memory_file("", 0);
	call->stderr_fd = memory_file("", 0);
	status = testhost_process(host, run_engine, call);
	close(call->input_fd);
	call->printed = read_back(call->stdout_fd);
	call->said = read_back(call->stderr_fd);
	if (!call->prints)
		assert_string_equal(call->printed, "");
	call->status = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

#define auto_call cleanup(call_done)

/* Makes the call; returns its exit status. */
static inline int called(struct testhost *host, struct call *call)
{
	call_engine(host, call);
	return call->status;
}

#define PREPARE(name, text)                                                                        \
	{                                                                                          \
		.guest = (name), .operation = "prepare", .suboperation = "begin", .xml = (text)    \
	}
#define RELEASE(name, text)                                                                        \
	{                                                                                          \
		.guest = (name), .operation = "release", .suboperation = "end", .xml = (text)      \
	}

static inline bool has_journal(const struct testhost *host, const char *uuid)
{
	auto_free char *path = xasprintf("%s/run/hostdev-hook/%s.journal", host->root, uuid);

	return access(path, F_OK) == 0;
}

/* Refused with this in its words, and nothing on the machine differs. */
static inline void check_refused(struct testhost *host, struct call *call, const char *part)
{
	auto_free char *before = testhost_tree(host);
	auto_free char *after = NULL;

	call_engine(host, call);
	assert_int_equal(call->status, 1);
	assert_contains(call->said, part);
	/* Libvirt's own words stand before it, on a line of theirs. */
	assert_true(text_starts(call->said, "\nhostdev-hook: "));
	assert_contains(call->said, "othing was changed");
	assert_true(call->said[strlen(call->said) - 1] == '\n');
	after = testhost_tree(host);
	assert_text(after, before);
	assert_int_equal(testhost_operations(host), 0);
}
