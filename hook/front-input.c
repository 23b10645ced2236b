// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How the XML gets past the front door unharmed: a pipe can be read only once, so what was read
 * for the decision is put where the engine reads it again.
 */
#include "hook/front-input.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"

#define FIRST_CAPACITY ((size_t)64 * 1024)

/* Linux 6.3; a host may insist on it (sysctl vm.memfd_noexec), older headers lack it. */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

void front_input_done(struct front_input *input)
{
	free(input->data);
	*input = (struct front_input){0};
}

static int input_reserve(struct front_input *input)
{
	size_t capacity = input->capacity ? input->capacity * 2 : FIRST_CAPACITY;
	char *data;

	if (input->length < input->capacity)
		return 0;
	if (capacity > FRONT_INPUT_MAX + 1)
		capacity = FRONT_INPUT_MAX + 1;
	data = realloc(input->data, capacity);
	if (!data)
		return -ENOMEM;
	input->data = data;
	input->capacity = capacity;
	return 0;
}

int front_input_read(struct front_input *input, int fd)
{
	while (input->length <= FRONT_INPUT_MAX) {
		int ret = input_reserve(input);
		ssize_t length;

		if (ret < 0)
			return ret;
		length = read(fd, input->data + input->length, input->capacity - input->length);
		if (length == 0)
			return 0;
		if (length < 0 && errno != EINTR)
			return -errno;
		if (length > 0)
			input->length += (size_t)length;
	}
	return 0;
}

static int memory_file(void)
{
	int fd = memfd_create("domain.xml", MFD_CLOEXEC | MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("domain.xml", MFD_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int front_input_replay(const struct front_input *input)
{
	auto_close int fd = memory_file();
	size_t done = 0;

	if (fd < 0)
		return fd;
	while (done < input->length) {
		/* Not write(2): the engine starts to read at the file's position. */
		ssize_t written = pwrite(fd, input->data + done, input->length - done, (off_t)done);

		if (written < 0 && errno != EINTR)
			return -errno;
		if (written > 0)
			done += (size_t)written;
	}
	return dup2(fd, STDIN_FILENO) < 0 ? -errno : 0;
}
