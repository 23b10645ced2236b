// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How Graphviz of this machine is run, whichever host the picture is of: it reads a file and writes
 * another one, as what it prints is warnings as well. Tests: unit/test-picture.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/host-change.h"
#include "base/host.h"
#include "hostdevctl/output/picture.h"

/* It may think about a large tree for hours. */
#define SECONDS "60"
#define TIMEOUT "/usr/bin/timeout"
#define TIMED_OUT "status 124"
#define SVG_MAX (64u << 20)

static const char *const programs[] = {"/usr/bin/dot", "/usr/local/bin/dot"};

/* A folder of our own with the picture's two forms. Heap paths. */
struct workplace {
	char folder[32];
	char *dot, *svg;
};

static void workplace_done(struct workplace *place)
{
	if (place->dot)
		unlink(place->dot);
	if (place->svg)
		unlink(place->svg);
	if (*place->folder)
		rmdir(place->folder);
	free(place->dot);
	free(place->svg);
}

static int workplace_make(struct workplace *place, struct error *err)
{
	strcpy(place->folder, "/tmp/hostdevctl-XXXXXX");
	if (!mkdtemp(place->folder)) {
		*place->folder = '\0';
		return error_errno(err, errno, "make a folder in /tmp");
	}
	place->dot = xasprintf("%s/picture.dot", place->folder);
	place->svg = xasprintf("%s/picture.svg", place->folder);
	return 0;
}

static int write_dot(const char *path, const struct text *dot, struct error *err)
{
	auto_close int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	for (size_t done = 0; fd >= 0 && done < dot->length;) {
		ssize_t length = write(fd, dot->data + done, dot->length - done);

		if (length < 0)
			return error_errno(err, errno, "write %s", path);
		done += (size_t)length;
	}
	return fd < 0 ? error_errno(err, errno, "open %s", path) : 0;
}

static const char *find_program(const struct host *host)
{
	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++)
		if (host_exists(host, HOST_ROOT, "%s", programs[i] + 1))
			return programs[i];
	return NULL;
}

static int draw(struct host *host, const struct workplace *place, const char *program,
		struct error *err)
{
	char *const argv[] = {(char *)TIMEOUT, (char *)SECONDS, (char *)program, (char *)"-Tsvg",
			      (char *)"-o",    place->svg,      place->dot,      NULL};
	auto_text struct text said = TEXT_INIT;
	struct error failure = ERROR_INIT;
	int ret = host_command_run(host, argv, &said, &failure);

	if (ret == 0)
		return 0;
	if (text_ends(failure.text, TIMED_OUT))
		return error_set(err, ETIMEDOUT,
				 "%s has not drawn the picture within " SECONDS " seconds",
				 program);
	if (said.length > 0)
		text_join_lines(said.data);
	return error_set(err, EIO, "%s has not drawn the picture: %s", program,
			 said.length > 0 ? said.data : failure.text);
}

int picture_svg(const struct text *dot, struct text *ret, struct error *err)
{
	cleanup(workplace_done) struct workplace place = {0};
	cleanup(host_close) struct host host = {0};
	auto_free char *svg = NULL;
	const char *program;
	size_t length = 0;
	int result = host_open(&host, "/", &host_ops_kernel, NULL, err);

	if (result < 0)
		return result;
	program = find_program(&host);
	if (!program)
		return error_set(
			err, ENOENT,
			"the picture needs Graphviz's program dot, which is not here: "
			"install the package graphviz, or have the picture's text by --dot");
	result = workplace_make(&place, err);
	if (result == 0)
		result = write_dot(place.dot, dot, err);
	if (result == 0)
		result = draw(&host, &place, program, err);
	if (result == 0)
		result = host_read_file(&host, HOST_ROOT, SVG_MAX, &svg, &length, err, "%s",
					place.svg + 1);
	if (result == 0)
		text_append(ret, svg, length);
	return result;
}
