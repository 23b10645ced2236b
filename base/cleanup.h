/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* cleanup(fn): fn(&variable) runs when the variable leaves its scope. */
#define cleanup(fn) __attribute__((__cleanup__(fn)))

/* steal(p): the value of *p, leaving NULL: how a result leaves a function that cleans up. */
#define steal(pointer)                                                                             \
	__extension__({                                                                            \
		__typeof__(*(pointer)) stolen_ = *(pointer);                                       \
		*(pointer) = NULL;                                                                 \
		stolen_;                                                                           \
	})

static inline void cleanup_free(void *pointer)
{
	free(*(void **)pointer);
}

static inline void cleanup_close(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_closedir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static inline void cleanup_fclose(FILE **file)
{
	if (*file)
		fclose(*file);
}

#define auto_free cleanup(cleanup_free)
#define auto_close cleanup(cleanup_close)
#define auto_closedir cleanup(cleanup_closedir)
#define auto_fclose cleanup(cleanup_fclose)

/* Passes the descriptor on, leaving -1 for the cleanup. */
static inline int steal_fd(int *fd)
{
	int stolen = *fd;

	*fd = -1;
	return stolen;
}
