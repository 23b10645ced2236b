// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a file is to be when a set-up is taken back, in whatever state it is found: as it was left,
 * edited since, or half written by a process that was killed.
 */
#include "actions/setup/apply-home.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/file.h"
#include "model/lines.h"
#include "state/store.h"

#define REMOVED_ALL_THE_SAME "it was edited since, and is removed all the same"

/* What is left of a script without our lines would be run by others all the same. */
static bool is_script(const struct text *bytes)
{
	return bytes->length > 2 && memcmp(bytes->data, "#!", 2) == 0;
}

static bool is_blank(const struct text *bytes)
{
	const char *at = bytes->data;

	while (at && *at) {
		at += strspn(at, " \t\n");
		if (*at && *at != '#')
			return false;
		at = strchrnul(at, '\n');
	}
	return true;
}

/* What a file was, or became. The store may have lost its bytes: then all else is known. */
struct side {
	struct host_content content;
	bool lost;
	struct error why;
};

#define SIDE_INIT                                                                                  \
	{                                                                                          \
		.content = CONTENT_INIT                                                            \
	}

static void side_done(struct side *side)
{
	host_content_done(&side->content);
}
#define auto_side cleanup(side_done)

static int side_read(int store, const char *text, struct side *ret, struct error *err)
{
	static const int types[] = {[FILE_ABSENT] = CONTENT_ABSENT,
				    [FILE_DIRECTORY] = CONTENT_DIRECTORY,
				    [FILE_REGULAR] = CONTENT_REGULAR};
	struct file_value value;

	if (!file_value_parse(text, &value))
		return error_set(err, EBADMSG, "\"%s\" is no value of a file", text);
	ret->lost = store_content_of(store, &value, &ret->content, &ret->why) < 0;
	ret->content.type = types[value.type];
	return 0;
}

static int side_is_lost(const struct side *side, struct error *err)
{
	return side->lost ? error_set(err, side->why.code, "%s", side->why.text) : 0;
}

/* A file with several names is written in place, and from its beginning on. */
static bool is_half(const struct host_content *now, const struct side *whole)
{
	const struct text *bytes = &whole->content.bytes;

	return now->type == CONTENT_REGULAR && whole->content.type == CONTENT_REGULAR &&
	       !whole->lost && now->bytes.length <= bytes->length &&
	       (now->bytes.length == 0 ||
		memcmp(now->bytes.data, bytes->data, now->bytes.length) == 0);
}

/* Takes the bytes over. */
static void keep_attributes(const struct host_content *now, struct text *bytes,
			    struct host_content *ret)
{
	*ret = (struct host_content){
		.type = CONTENT_REGULAR, .mode = now->mode, .uid = now->uid, .gid = now->gid};
	ret->bytes = *bytes;
	*bytes = (struct text)TEXT_INIT;
	text_append(&ret->xattrs, text_string(&now->xattrs), now->xattrs.length);
}

/*
 * The file was made so that kernel-install does not take the words of the running kernel. What it
 * held were the host's words: without them the next kernel would not find its root.
 */
static bool is_of_host(const struct apply_home *home, const struct host_content *before)
{
	return before->type == CONTENT_ABSENT && strcmp(home->path, "/etc/kernel/cmdline") == 0;
}

/* Somebody has edited what we wrote: it is taken out of their text, and the rest is theirs. */
static int take_lines_out(const struct apply_home *home, const struct side *before,
			  const struct side *after, const struct host_content *now,
			  struct apply_home_result *ret, struct error *err)
{
	const struct text *was = &before->content.bytes, *became = &after->content.bytes;
	bool of_host = is_of_host(home, &before->content);
	auto_text struct text rest = TEXT_INIT, old = TEXT_INIT;
	int result = side_is_lost(before, err);

	if (result == 0)
		result = side_is_lost(after, err);
	if (result < 0)
		return result;
	if (of_host)
		lines_without(text_string(became), setup_usual_words(home->setup), "", &old);
	else
		text_append(&old, text_string(was), was->length);
	lines_take_out(&old, became, &now->bytes, setup_reserving_words(home->setup), &rest);
	ret->changes = true;
	if (before->content.type == CONTENT_ABSENT && is_blank(&rest)) {
		ret->note = REMOVED_ALL_THE_SAME;
		return 0;
	}
	ret->note = of_host ? "it was edited since: it stays, with the words of the usual entries"
			    : "it was edited since: only what hostdev-hook had put there was taken "
			      "out";
	keep_attributes(now, &rest, &ret->content);
	return 0;
}

static int take_out(const struct apply_home *home, const struct side *before,
		    const struct side *after, const struct host_content *now,
		    struct apply_home_result *ret, struct error *err)
{
	if (now->type != CONTENT_REGULAR || after->content.type != CONTENT_REGULAR) {
		ret->note = now->type == CONTENT_ABSENT
				    ? "somebody has removed it since: it stays so"
				    : "it is no longer what it was: left alone";
		return 0;
	}
	if (before->content.type == CONTENT_ABSENT && is_script(&now->bytes)) {
		ret->changes = true;
		ret->note = REMOVED_ALL_THE_SAME;
		return 0;
	}
	return take_lines_out(home, before, after, now, ret, err);
}

/* A directory of ours goes whatever its mode is by now, if nothing is in it. */
static bool is_own_directory(const struct host_content *before, const struct host_content *after,
			     const struct host_content *now)
{
	return before->type == CONTENT_ABSENT && after->type == CONTENT_DIRECTORY &&
	       now->type == CONTENT_DIRECTORY;
}

static int now_equals(const struct host_content *now, const char *text, bool *ret,
		      struct error *err)
{
	char found[CELL_VALUE_SIZE];
	struct file_value value;
	int result = store_value_of(-1, now, &value, err);

	if (result < 0)
		return result;
	file_value_format(&value, found);
	*ret = file_value_equal(found, text);
	return 0;
}

/* As we left it, or as only a process of ours that was killed leaves it. */
static int is_ours(const struct apply_home *home, const struct side *before,
		   const struct side *after, const struct host_content *now, bool *ret,
		   struct error *err)
{
	bool whole = false;
	int result = now_equals(now, home->after, &whole, err);

	if (result == 0)
		*ret = whole || is_own_directory(&before->content, &after->content, now) ||
		       (home->killed && (is_half(now, before) || is_half(now, after)));
	return result;
}

/* What is there already is known without the store. */
static void copy_content(const struct host_content *from, struct host_content *to)
{
	*to = *from;
	to->bytes = to->xattrs = (struct text)TEXT_INIT;
	text_append(&to->bytes, text_string(&from->bytes), from->bytes.length);
	text_append(&to->xattrs, text_string(&from->xattrs), from->xattrs.length);
}

/* Bytes of the store are asked for last: whatever they are, digests tell what there is to do. */
int apply_home(const struct apply_home *home, const struct host_content *now,
	       struct apply_home_result *ret, struct error *err)
{
	auto_side struct side before = SIDE_INIT, after = SIDE_INIT;
	bool is_home = false, ours = false;
	int result = now_equals(now, home->before, &is_home, err);

	if (result < 0 || (is_home && !home->killed))
		return result;
	result = side_read(home->store, home->before, &before, err);
	if (result == 0)
		result = side_read(home->store, home->after, &after, err);
	if (result == 0)
		result = is_ours(home, &before, &after, now, &ours, err);
	if (result < 0)
		return result;
	if (!ours && !is_home)
		return take_out(home, &before, &after, now, ret, err);
	result = is_home ? 0 : side_is_lost(&before, err);
	if (result < 0)
		return result;
	ret->changes = true;
	if (before.lost) {
		copy_content(now, &ret->content);
	} else {
		ret->content = before.content;
		before.content = (struct host_content)CONTENT_INIT;
	}
	return 0;
}
