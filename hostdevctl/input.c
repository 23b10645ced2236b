// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What an argument that stands for a guest may be, and how its XML is had.
 */
#include "hostdevctl/input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "hostdevctl/domains.h"
#include "parsers/domain.h"

static bool is_file(const char *argument)
{
	struct stat st;

	/* Libvirt allows no slash in a name. */
	return strchr(argument, '/') || (stat(argument, &st) == 0 && !S_ISDIR(st.st_mode));
}

static int read_all(int fd, const char *name, struct text *ret, struct error *err)
{
	char chunk[65536];
	ssize_t length;

	text_append(ret, "", 0);
	while ((length = read(fd, chunk, sizeof(chunk))) > 0) {
		text_append(ret, chunk, (size_t)length);
		if (ret->length > DOMAIN_XML_MAX)
			return error_set(err, EFBIG, "%s: larger than %u MiB", name,
					 DOMAIN_XML_MAX >> 20);
	}
	return length < 0 ? error_errno(err, errno, "read %s", name) : 0;
}

static int read_file(const char *name, struct text *ret, struct error *err)
{
	auto_close int fd = open(name, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return error_errno(err, errno, "open %s", name);
	return read_all(fd, name, ret, err);
}

static int read_name(const char *name, struct text *ret, struct error *err)
{
	auto_free char *xml = NULL;
	int result = domains_read_xml(name, &xml, err);

	if (result < 0)
		return error_wrap(err, "%s is no file; libvirt, asked for such a guest", name);
	text_append(ret, xml, strlen(xml));
	return 0;
}

int input_read_guest(const char *argument, const char *root, struct guest *ret, struct error *err)
{
	bool is_stdin = strcmp(argument, "-") == 0;
	auto_text struct text xml = TEXT_INIT;
	int result;

	if (is_stdin)
		result = read_all(STDIN_FILENO, "standard input", &xml, err);
	else if (is_file(argument))
		result = read_file(argument, &xml, err);
	else if (root)
		return error_set(err, ENOENT,
				 "%s: no such file, and with --root only files are read", argument);
	else
		result = read_name(argument, &xml, err);
	if (result < 0)
		return result;
	result = domain_parse(xml.data, xml.length, ret, err);
	return result < 0 ? error_wrap(err, "%s", is_stdin ? "standard input" : argument) : 0;
}
