// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The engine as a program: on the real host, and on no other. The front door starts it.
 * Tests: hook/front.bats, hook/test-engine-input.c.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hook/engine.h"
#include "hook/operation.h"

int main(int argc, char **argv)
{
	struct error failure = ERROR_INIT;
	struct host host;
	int status;

	/* A daemon that dies must not take a half-done hand-over with it. */
	signal(SIGPIPE, SIG_IGN);
	if (argc != 5) {
		fprintf(stderr, "This is the engine of hostdev-hook " HOSTDEV_VERSION
				"; libvirt calls it through " HOSTDEV_HOOK_DIR "/qemu.\n");
		return 2;
	}
	if (geteuid() != 0)
		return 0;
	umask(077);
	if (host_open(&host, "/", &host_ops_kernel, NULL, &failure) < 0) {
		fprintf(stderr, "hostdev-hook: %s: %s; nothing was changed.\n", argv[1],
			failure.text);
		return operation_failure(operation_find(argv[2], argv[3]));
	}
	status = engine_main(argc, argv, &host, HOSTDEV_HOOK_DIR "/qemu.d");
	host_close(&host);
	return status;
}
