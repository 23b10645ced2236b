// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a set-up's steps are carried out, and taken back, one at a time: before each a line in the
 * record, behind it another. Tests: model/test-apply.c, model/test-apply-killed.c.
 */
#include "actions/setup/apply-run.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "actions/setup/apply-check.h"
#include "actions/setup/apply-command.h"
#include "actions/setup/apply-entries.h"
#include "actions/setup/apply-home.h"
#include "base/cleanup.h"
#include "base/host-change.h"
#include "model/file.h"
#include "model/grub-default.h"
#include "state/setups.h"
#include "state/store.h"

static int mark(struct apply *apply, size_t index, enum journal_mark mark, struct error *err)
{
	auto_text struct text line = TEXT_INIT;
	int result;

	journal_format_mark(mark, index, &line);
	result = setups_append(apply->record, line.data, line.length, err);
	if (result == 0)
		apply->setup->marks[index] = mark;
	return result;
}

/* --- the cells --- */

static int write_file(struct apply *apply, const char *path, const char *text, struct error *err)
{
	auto_content struct host_content content = CONTENT_INIT;
	char now[CELL_VALUE_SIZE];
	struct file_value value;
	int result;

	if (!file_value_parse(text, &value))
		return error_set(err, EBADMSG, "%s: \"%s\" is no value of a file", path, text);
	result = store_content_of(apply->store, &value, &content, err);
	if (result == 0)
		result = host_file_put(apply->host, path, &content, err);
	if (result == 0)
		result = apply_read_file(apply->host, path, now, err);
	if (result == 0 && !file_value_equal(now, text))
		result = error_set(err, EIO, "%s is not what was written to it", path);
	return result;
}

/* Where a target of kernel-install has its entries; heap, NULL: it is of another kind. */
static char *entries_root(const char *target)
{
	const char *comma = text_starts(target, "entries:") ? strchr(target, ',') : NULL;

	return comma ? xasprintf("%.*s", (int)strcspn(comma + 1, ","), comma + 1) : NULL;
}

/* With the power, what is not on the disk yet would go, and not the record that says "done". */
static int sync_built(const struct apply *apply, const struct step *step, struct error *err)
{
	auto_free char *root = entries_root(step->target);
	int result = 0;

	/* Also where presets of mkinitcpio have images, or unified ones lie. */
	for (size_t i = 0; result == 0 && apply_boot_folders[i]; i++)
		result = host_file_system_sync(apply->host, apply_boot_folders[i], err);
	return result == 0 && root ? host_file_system_sync(apply->host, root, err) : result;
}

static int run_build(struct apply *apply, const struct step *step, bool undo, struct error *err)
{
	const struct apply_event event = {.step = step, .begins = true, .undo = undo};
	auto_text struct text said = TEXT_INIT;
	int result;

	apply_report(apply, &event);
	result = text_starts(step->target, "entries:")
			 ? entries_build(apply, step, undo, &said, err)
			 : apply_command_run(apply, step->target, &said, err);
	return result < 0 ? apply_said_last(result, &said, err) : sync_built(apply, step, err);
}

/* --- forwards --- */

static int check_before(const struct apply *apply, const struct step *step, bool *ret_there,
			struct error *err)
{
	char now[CELL_VALUE_SIZE];
	int result = apply_read_file(apply->host, step->target, now, err);

	if (result < 0)
		return result;
	*ret_there = file_value_equal(now, step->after);
	if (!*ret_there && !file_value_equal(now, step->before))
		return error_set(err, EBUSY, "%s was changed by somebody else a moment ago",
				 step->target);
	return 0;
}

static int carry_out(struct apply *apply, const struct step *step, struct error *err)
{
	switch (step->kind) {
	case STEP_FILE:
		return write_file(apply, step->target, step->after, err);
	case STEP_BUILD:
		return strcmp(step->after, "built") == 0 ? run_build(apply, step, false, err) : 0;
	default:
		return apply_check(apply, step->target, err);
	}
}

static int run_step(struct apply *apply, size_t index, struct error *err)
{
	const struct step *step = &apply->setup->steps[index];
	struct apply_event event = {.step = step};
	bool there = false;
	int result = 0;

	if (apply->interrupted && *apply->interrupted)
		return error_set(err, ECANCELED, "it was interrupted");
	if (step->kind == STEP_FILE)
		result = check_before(apply, step, &there, err);
	if (result == 0 && there)
		return mark(apply, index, MARK_SKIPPED, err);
	if (result == 0)
		result = mark(apply, index, MARK_BEGUN, err);
	if (result == 0)
		result = carry_out(apply, step, err);
	if (result == 0)
		result = mark(apply, index, MARK_DONE, err);
	event.failed = result < 0;
	event.note = result < 0 && err ? err->text : NULL;
	apply_report(apply, &event);
	return result;
}

int apply_run(struct apply *apply, struct error *err)
{
	int result = 0;

	for (size_t i = 0; result == 0 && i < apply->setup->step_count; i++)
		if (apply->setup->marks[i] == MARK_PLANNED)
			result = run_step(apply, i, err);
	if (result == 0)
		result = setups_append(apply->record, SETUP_APPLIED, strlen(SETUP_APPLIED), err);
	if (result < 0)
		return result;
	apply->setup->applied = true;
	entries_applied(apply);
	return 0;
}

/* --- backwards --- */

/* A file in a directory that the set-up has made, and which could not be taken back; or NULL. */
static const char *find_left_in(const struct setup *setup, const char *dir)
{
	size_t length = strlen(dir);

	for (size_t i = 0; i < setup->step_count; i++)
		if (setup->steps[i].kind == STEP_FILE &&
		    journal_mark_is_unsettled(setup->marks[i]) &&
		    text_starts(setup->steps[i].target, dir) &&
		    setup->steps[i].target[length] == '/')
			return setup->steps[i].target;
	return NULL;
}

static int put_home(struct apply *apply, const struct step *step,
		    const struct apply_home_result *home, const char **ret_note, struct error *err)
{
	const char *left;
	int result;

	*ret_note = home->note;
	if (!home->changes)
		return 0;
	result = host_file_put(apply->host, step->target, &home->content, err);
	left = find_left_in(apply->setup, step->target);
	if (result == -ENOTEMPTY && left)
		return error_set(err, ENOTEMPTY, "%s is still in it", left);
	/* A directory of ours in which somebody has put something. */
	if (result == -ENOTEMPTY) {
		*ret_note = "it holds what others have put there: it stays";
		return 0;
	}
	return result;
}

static int undo_file(struct apply *apply, size_t index, const char **ret_note, struct error *err)
{
	const struct step *step = &apply->setup->steps[index];
	const struct apply_home how = {
		.store = apply->store,
		.path = step->target,
		.setup = apply->setup,
		.before = step->before,
		.after = step->after,
		.killed = apply->again || apply->setup->marks[index] == MARK_BEGUN,
	};
	auto_content struct host_content now = CONTENT_INIT;
	struct apply_home_result home = {.content = CONTENT_INIT};
	int result = host_content_read(apply->host, step->target, &now, err);

	if (result == 0)
		result = apply_home(&how, &now, &home, err);
	if (result < 0)
		return result;
	result = put_home(apply, step, &home, ret_note, err);
	host_content_done(&home.content);
	return result;
}

static bool has_build(const struct setup *setup, const char *target)
{
	for (size_t i = 0; i < setup->step_count; i++)
		if (setup->steps[i].kind == STEP_BUILD &&
		    strcmp(setup->steps[i].target, target) == 0 &&
		    journal_mark_is_unsettled(setup->marks[i]))
			return true;
	return false;
}

/*
 * "built -> stale" stands before the files, and is what builds anew when they are taken back. That
 * is not needed where the build behind the files was never begun; but only this very process knows
 * that nobody else has built in between.
 */
static bool must_build(const struct apply *apply, size_t index)
{
	const struct setup *setup = apply->setup;

	if (strcmp(setup->steps[index].before, "built") != 0 ||
	    (apply->next && has_build(apply->next, setup->steps[index].target)))
		return false;
	for (size_t i = index + 1; i < setup->step_count; i++)
		if (setup->steps[i].kind == STEP_BUILD &&
		    strcmp(setup->steps[i].target, setup->steps[index].target) == 0)
			return !apply->at_once || setup->marks[i] != MARK_PLANNED;
	return true;
}

/* --- the menu --- */

/*
 * The menu as it was before it is written anew when a set-up is taken back. Somebody may have
 * chosen the entry that GRUB starts by itself by a number that has counted ours.
 */
struct menu {
	char *menu; /* heap: its path; NULL: the set-up's checks name none */
	struct host_content before;
};

static void menu_done(struct menu *kept)
{
	free(kept->menu);
	host_content_done(&kept->before);
}

/* "menu-base:PROGRAM,MENU" */
static char *find_menu(const struct setup *setup)
{
	for (size_t i = 0; i < setup->step_count; i++) {
		const char *comma = strchr(setup->steps[i].target, ',');

		if (setup->steps[i].kind == STEP_CHECK && comma &&
		    text_starts(setup->steps[i].target, "menu-base:"))
			return xstrdup(comma + 1);
	}
	return NULL;
}

/* Of a step that builds the menu; of others, and of a menu that cannot be read, nothing is kept. */
static void menu_keep(const struct apply *apply, const struct step *step, struct menu *ret)
{
	*ret = (struct menu){.before = CONTENT_INIT};
	if (text_starts(step->target, "menu:"))
		ret->menu = find_menu(apply->setup);
	if (ret->menu)
		host_content_read(apply->host, ret->menu, &ret->before, NULL);
}

/* It is written: tells whether GRUB starts another entry by itself now. */
static void menu_tell(const struct apply *apply, const struct step *step, const struct menu *kept)
{
	struct apply_event event = {.step = step, .undo = true, .about = kept->menu};
	auto_content struct host_content after = CONTENT_INIT, environment = CONTENT_INIT;
	const char *slash = kept->menu ? strrchr(kept->menu, '/') : NULL;
	auto_text struct text note = TEXT_INIT;
	auto_free char *path = NULL;

	if (!slash || kept->before.type != CONTENT_REGULAR)
		return;
	path = xasprintf("%.*s/grubenv", (int)(slash - kept->menu), kept->menu);
	if (host_content_read(apply->host, kept->menu, &after, NULL) < 0 ||
	    host_content_read(apply->host, path, &environment, NULL) < 0 ||
	    !grub_default_moves(&kept->before.bytes, &after.bytes, environment.bytes.data, &note))
		return;
	event.note = note.data;
	apply_report(apply, &event);
}

/* --- what was built --- */

#define GONE "this program is not there any more: what it has built cannot be built anew by it; "
#define BY_OTHERS "have the images and the menu of this host written by what it has now"

/*
 * Of a host that does not run its builder may only not be mounted, and it starts with what was
 * built last: only where nothing of us is in that, nobody is needed.
 */
static int check_unbuilt(struct apply *apply, const struct step *step, struct error *err)
{
	const char *words = strchr(step->target, ':') + 1, *unlisted = NULL;
	struct error left = ERROR_INIT;
	int result = -ENOENT;

	if (text_starts(step->target, "image:"))
		result = apply_check_gone(apply, &unlisted, &left);
	else if (text_starts(step->target, "menu:"))
		result = apply_check_menu_gone(apply, &left);
	if (result == 0 && !unlisted)
		return 0;
	return error_set(err, ENOENT, "%.*s is not there: is all of that host mounted?%s%.300s",
			 (int)strcspn(words, ","), words, *left.text ? " " : "", left.text);
}

/*
 * A host may have changed its builder since: the one that is gone builds nothing any more, and the
 * one that came has built without us or will. That is told, and ends the matter: nothing that the
 * same undo could do later would be more. But below a root where /boot is missing, a builder builds
 * nothing and says that all went well: what is in the images is looked at in any case,
 * and none that is there is none that is free.
 */
static int undo_build(struct apply *apply, const struct step *step, const char **ret_note,
		      struct error *err)
{
	bool image = text_starts(step->target, "image:"), gone, held = false;
	cleanup(menu_done) struct menu menu;
	int result = image ? apply_check_images_there(apply, err) : 0;

	menu_keep(apply, step, &menu);
	if (result == 0)
		result = run_build(apply, step, true, err);
	if (result == 0)
		menu_tell(apply, step, &menu);
	gone = result == -ENOENT;

	if (gone && apply->elsewhere)
		return check_unbuilt(apply, step, err);
	if ((result == 0 || gone) && image) {
		struct error failure = ERROR_INIT;

		held = apply_check_gone(apply, ret_note, &failure) < 0;
		if (held && !gone)
			return error_set(err, failure.code, "%s", failure.text);
	}
	if (gone)
		*ret_note = held ? GONE "images still hold the binder: " BY_OTHERS : GONE BY_OTHERS;
	return gone ? 0 : result;
}

static int undo_step(struct apply *apply, size_t index, const char **ret_note, struct error *err)
{
	const struct step *step = &apply->setup->steps[index];

	if (step->kind == STEP_FILE)
		return undo_file(apply, index, ret_note, err);
	if (step->kind == STEP_BUILD && must_build(apply, index))
		return undo_build(apply, step, ret_note, err);
	return 0;
}

static bool is_of_entries(const struct step *step)
{
	return step->kind == STEP_BUILD && text_starts(step->target, "entries:");
}

/*
 * With a file that could not be taken back, or, of entries, which have images beside them, with
 * such an image: when that is taken back, this is to be built once more.
 */
static bool is_built_in_vain(const struct apply *apply, size_t index)
{
	const struct setup *setup = apply->setup;
	bool has_images = is_of_entries(&setup->steps[index]);

	if (setup->steps[index].kind != STEP_BUILD || !must_build(apply, index))
		return false;
	for (size_t i = index + 1; i < setup->step_count; i++)
		if (journal_mark_is_unsettled(setup->marks[i]) &&
		    (setup->steps[i].kind == STEP_FILE ||
		     (setup->steps[i].kind == STEP_BUILD && has_images)))
			return true;
	return false;
}

static int undo_marked(struct apply *apply, size_t index, struct error *err)
{
	struct apply_event event = {.step = &apply->setup->steps[index], .undo = true};
	int result;

	if (!journal_mark_is_unsettled(apply->setup->marks[index]))
		return 0;
	result = undo_step(apply, index, &event.note, err);
	event.failed = result < 0;
	if (result < 0 && err)
		event.note = err->text;
	apply_report(apply, &event);
	if (result == 0 && is_built_in_vain(apply, index))
		return 0;
	/* Whether it could be written down is no part of whether the host is as it was. */
	if (result == 0 && mark(apply, index, MARK_UNDONE, NULL) < 0)
		apply->setup->marks[index] = MARK_UNDONE;
	return result;
}

int apply_undo(struct apply *apply, struct error *err)
{
	int first = 0;

	apply->again = apply->setup->undoing;
	if (!apply->setup->undoing)
		setups_append(apply->record, SETUP_UNDOING, strlen(SETUP_UNDOING), NULL);
	apply->setup->undoing = true;
	for (size_t i = apply->setup->step_count; i-- > 0;) {
		struct error inner = ERROR_INIT;
		int result = undo_marked(apply, i, &inner);

		if (result < 0 && first == 0) {
			first = result;
			if (err)
				*err = inner;
		}
		/*
		 * The files before it are there for it: without /etc/kernel/cmdline the next try
		 * would write the words of the kernel that runs, which below another root is not
		 * even this host's.
		 */
		if (is_of_entries(&apply->setup->steps[i]) &&
		    journal_mark_is_unsettled(apply->setup->marks[i]))
			break;
	}
	apply_check_forget(apply);
	return first;
}
