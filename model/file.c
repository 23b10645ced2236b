// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How the state of a file of the host is written as the value of a cell.
 */
#include "model/file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* Lower-case hexadecimal digits, as many as a SHA-256 has. */
static bool file_digest_valid(const char *text)
{
	return strspn(text, "0123456789abcdef") == FILE_DIGEST_SIZE - 1 &&
	       text[FILE_DIGEST_SIZE - 1] == '\0';
}

void file_value_format(const struct file_value *value, char text[CELL_VALUE_SIZE])
{
	int length;

	if (value->type == FILE_ABSENT) {
		strcpy(text, "absent");
		return;
	}
	if (value->type == FILE_DIRECTORY) {
		snprintf(text, CELL_VALUE_SIZE, "directory,%04o,%u:%u", value->mode, value->uid,
			 value->gid);
		return;
	}
	length = snprintf(text, CELL_VALUE_SIZE, "%04o,%u:%u,%s", value->mode, value->uid,
			  value->gid, value->digest);
	if (value->has_mtime)
		length += snprintf(text + length, CELL_VALUE_SIZE - (size_t)length,
				   ",mtime=%" PRId64 ".%09u", value->mtime_s, value->mtime_ns);
	if (*value->xattrs)
		snprintf(text + length, CELL_VALUE_SIZE - (size_t)length, ",xattrs=%s",
			 value->xattrs);
}

/* What a format took of the text is all of it: numbers have no sign, blank or zero that we would
 * not write. */
static bool is_as_written(const struct file_value *value, const char *text)
{
	char written[CELL_VALUE_SIZE];

	file_value_format(value, written);
	return strcmp(written, text) == 0;
}

static bool parse_head(const char *text, struct file_value *value)
{
	if (strcmp(text, "absent") == 0) {
		value->type = FILE_ABSENT;
		return true;
	}
	if (text_starts(text, "directory,")) {
		value->type = FILE_DIRECTORY;
		return sscanf(text, "directory,%4o,%10u:%10u", &value->mode, &value->uid,
			      &value->gid) == 3;
	}
	value->type = FILE_REGULAR;
	return sscanf(text, "%4o,%10u:%10u,%64[0-9a-f]", &value->mode, &value->uid, &value->gid,
		      value->digest) == 4 &&
	       file_digest_valid(value->digest);
}

static bool parse_tail(const char *text, struct file_value *value)
{
	const char *mtime = strstr(text, ",mtime="), *xattrs = strstr(text, ",xattrs=");

	if (mtime) {
		value->has_mtime = true;
		if (sscanf(mtime, ",mtime=%18" SCNd64 ".%9u", &value->mtime_s, &value->mtime_ns) !=
		    2)
			return false;
	}
	return !xattrs || (sscanf(xattrs, ",xattrs=%64[0-9a-f]", value->xattrs) == 1 &&
			   file_digest_valid(value->xattrs));
}

bool file_value_parse(const char *text, struct file_value *ret)
{
	struct file_value value = {.type = FILE_ABSENT};

	if (strlen(text) >= CELL_VALUE_SIZE || !parse_head(text, &value) ||
	    !parse_tail(text, &value) || !is_as_written(&value, text))
		return false;
	*ret = value;
	return true;
}

bool file_value_equal(const char *a, const char *b)
{
	struct file_value one, other;

	if (!file_value_parse(a, &one) || !file_value_parse(b, &other))
		return strcmp(a, b) == 0;
	if (one.type != other.type)
		return false;
	return one.type == FILE_ABSENT ||
	       (one.mode == other.mode && one.uid == other.uid && one.gid == other.gid &&
		strcmp(one.digest, other.digest) == 0);
}
