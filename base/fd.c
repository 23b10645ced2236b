// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How all of an open file is read, and all of a text written, however many calls the kernel wants.
 * Tests: unit/test-host-path.c.
 */
#include "base/fd.h"

#include <errno.h>
#include <unistd.h>

int fd_read(int fd, size_t limit, struct text *text)
{
	char chunk[8192];
	ssize_t length;

	text_append(text, "", 0);
	while ((length = read(fd, chunk, sizeof(chunk))) > 0) {
		text_append(text, chunk, (size_t)length);
		if (text->length > limit)
			return -EFBIG;
	}
	return length < 0 ? -errno : 0;
}

int fd_write(int fd, const struct text *text)
{
	for (size_t done = 0; done < text->length;) {
		ssize_t length = write(fd, text->data + done, text->length - done);

		if (length < 0 && errno != EINTR)
			return -errno;
		done += length > 0 ? (size_t)length : 0;
	}
	return 0;
}
