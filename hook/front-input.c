// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How the XML gets past the front door unharmed: a pipe can be read only once, so what was read
 * for the decision is put where the engine reads it again.
 */
#include "hook/front-input.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "hook/memory.h"

#define FIRST_CAPACITY ((size_t)64 * 1024)

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

int front_input_replay(const struct front_input *input)
{
	auto_close int fd = memory_file_new(input->data, input->length);

	if (fd < 0)
		return fd;
	return dup2(fd, STDIN_FILENO) < 0 ? -errno : 0;
}
