// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a file is to be when a set-up is taken back, in whatever state it is found: as it was left,
 * edited since, or half written by a process that was killed.
 */
#include "actions/apply-home.h"

#include <errno.h>
#include <string.h>

#include "actions/store.h"
#include "base/cleanup.h"
#include "model/file.h"
#include "model/lines.h"

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

static int content_of(int store, const char *text, struct host_content *ret, struct error *err)
{
	struct file_value value;

	if (!file_value_parse(text, &value))
		return error_set(err, EBADMSG, "\"%s\" is no value of a file", text);
	return store_content_of(store, &value, ret, err);
}

/* A file with several names is written in place, and from its beginning on. */
static bool is_half(const struct host_content *now, const struct host_content *whole)
{
	return now->type == CONTENT_REGULAR && whole->type == CONTENT_REGULAR &&
	       now->bytes.length <= whole->bytes.length &&
	       (now->bytes.length == 0 ||
		memcmp(now->bytes.data, whole->bytes.data, now->bytes.length) == 0);
}

/* Words of every boot by which devices are reserved; of others nobody knows whose they are. */
static const char *words_of(const struct setup *setup)
{
	const char *words = setup->choice_count == 1 ? setup->choices[0].words : "";

	return text_starts(words, "hostdev.guest=") || text_starts(words, "vfio-pci.ids=") ? words
											   : "";
}

/* Takes the bytes over. */
static void keep_attributes(const struct host_content *now, struct text *bytes,
			    struct host_content *ret)
{
	*ret = (struct host_content){
		.type = CONTENT_REGULAR, .mode = now->mode, .uid = now->uid, .gid = now->gid};
	ret->bytes = *bytes;
	*bytes = (struct text)TEXT_INIT;
	text_append(&ret->xattrs, now->xattrs.data ? now->xattrs.data : "", now->xattrs.length);
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
static void take_out(const struct apply_home *home, const struct host_content *before,
		     const struct host_content *after, const struct host_content *now,
		     struct apply_home_result *ret)
{
	auto_text struct text rest = TEXT_INIT, old = TEXT_INIT;

	if (now->type != CONTENT_REGULAR || after->type != CONTENT_REGULAR) {
		ret->note = now->type == CONTENT_ABSENT
				    ? "somebody has removed it since: it stays so"
				    : "it is no longer what it was: left alone";
		return;
	}
	ret->changes = true;
	if (is_of_host(home, before))
		lines_without(after->bytes.data ? after->bytes.data : "",
			      setup_usual_words(home->setup), &old);
	else
		text_append(&old, before->bytes.data ? before->bytes.data : "",
			    before->bytes.length);
	lines_take_out(&old, &after->bytes, &now->bytes, words_of(home->setup), &rest);
	if (before->type == CONTENT_ABSENT && (is_blank(&rest) || is_script(&now->bytes))) {
		ret->note = "it was edited since, and is removed all the same";
		return;
	}
	ret->note = is_of_host(home, before)
			    ? "it was edited since: it stays, with the words of the usual entries"
			    : "it was edited since: only what hostdev-hook had put there was taken "
			      "out";
	keep_attributes(now, &rest, &ret->content);
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
static int is_ours(const struct apply_home *home, const struct host_content *before,
		   const struct host_content *after, const struct host_content *now, bool *ret,
		   struct error *err)
{
	bool whole = false;
	int result = now_equals(now, home->after, &whole, err);

	if (result == 0)
		*ret = whole || is_own_directory(before, after, now) ||
		       (home->killed && (is_half(now, before) || is_half(now, after)));
	return result;
}

int apply_home(const struct apply_home *home, const struct host_content *now,
	       struct apply_home_result *ret, struct error *err)
{
	auto_content struct host_content before = CONTENT_INIT, after = CONTENT_INIT;
	bool is_home = false, ours = false;
	int result = now_equals(now, home->before, &is_home, err);

	if (result < 0 || (is_home && !home->killed))
		return result;
	result = content_of(home->store, home->before, &before, err);
	if (result == 0)
		result = content_of(home->store, home->after, &after, err);
	if (result == 0)
		result = is_ours(home, &before, &after, now, &ours, err);
	if (result < 0)
		return result;
	if (!ours && !is_home) {
		take_out(home, &before, &after, now, ret);
		return 0;
	}
	ret->changes = true;
	ret->content = before;
	before = (struct host_content)CONTENT_INIT;
	return 0;
}
