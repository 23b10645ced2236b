// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The step: its spelling, and how the value found later in its cell is judged.
 */
#include "model/step.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/cell.h"
#include "model/device.h"
#include "model/file.h"

static const char *const kind_names[STEP_KINDS] = {
	[STEP_MODULE] = "module",
	[STEP_POWER] = "power",
	[STEP_DRIVER] = "driver",
	[STEP_UNIT] = "unit",
	[STEP_UDEV] = "udev",
	[STEP_VTCONSOLE] = "vtconsole",
	[STEP_FRAMEBUFFER] = "framebuffer",
	[STEP_PROCESS] = "process",
	[STEP_HOLDERS] = "holders",
	[STEP_FILE] = "file",
	[STEP_BUILD] = "build",
	[STEP_CHECK] = "check",
};

void step_done(struct step *step)
{
	free(step->target);
	free(step->before);
	free(step->after);
	free(step->why);
	memset(step, 0, sizeof(*step));
}

const char *step_kind_name(enum step_kind kind)
{
	return kind_names[kind];
}

bool step_kind_parse(const char *name, size_t length, enum step_kind *ret)
{
	int found = text_find(kind_names, STEP_KINDS, name, length);

	if (found >= 0)
		*ret = (enum step_kind)found;
	return found >= 0;
}

bool step_changes(const struct step *step)
{
	return strcmp(step->before, step->after) != 0;
}

void step_format(const struct step *step, struct text *out)
{
	auto_free char *why = text_escape(step->why);

	text_printf(out, "%s %s %s -> %s # %s", step_kind_name(step->kind), step->target,
		    step->before, step->after, why);
}

/* The next word of [*at, end), heap; NULL when there is none. Exactly one blank follows a word. */
static char *take_word(const char **at, const char *end)
{
	const char *start = *at;
	char *word;
	size_t length;

	while (*at < end && isgraph((unsigned char)**at))
		(*at)++;
	length = (size_t)(*at - start);
	if (length == 0 || *at == end || **at != ' ')
		return NULL;
	(*at)++;
	word = xcalloc(length + 1, 1);
	memcpy(word, start, length);
	return word;
}

static bool take_literal(const char **at, const char *end, const char *literal)
{
	size_t length = strlen(literal);

	if ((size_t)(end - *at) < length || memcmp(*at, literal, length) != 0)
		return false;
	*at += length;
	return true;
}

bool step_parse(const char *line, size_t length, struct step *ret)
{
	cleanup(step_done) struct step step = {0};
	const char *at = line, *end = line + length;
	auto_free char *kind = take_word(&at, end);

	if (!kind || !step_kind_parse(kind, strlen(kind), &step.kind))
		return false;
	step.target = take_word(&at, end);
	if (!step.target)
		return false;
	step.before = take_word(&at, end);
	if (!step.before || !take_literal(&at, end, "-> "))
		return false;
	step.after = take_word(&at, end);
	if (!step.after || !take_literal(&at, end, "# "))
		return false;
	if (at == end || !text_unescape(at, (size_t)(end - at), &step.why))
		return false;
	*ret = step;
	memset(&step, 0, sizeof(step));
	return true;
}

static bool leaves_unbound(const struct step *step)
{
	struct driver_value value;

	return step->kind == STEP_DRIVER && driver_value_parse(step->after, &value) &&
	       !*value.driver;
}

bool step_kind_is_of_setup(enum step_kind kind)
{
	return kind >= STEP_LEND_KINDS;
}

bool step_kind_is_gate(enum step_kind kind)
{
	return kind == STEP_PROCESS || kind == STEP_HOLDERS || kind == STEP_CHECK;
}

bool step_kind_is_shared(enum step_kind kind)
{
	return kind == STEP_UNIT || kind == STEP_VTCONSOLE || kind == STEP_FRAMEBUFFER;
}

/*
 * Units start and stop one another, consoles and framebuffers are each other's, and a gate for many
 * devices already is one pass for all.
 */
static bool kind_is_parallel(enum step_kind kind)
{
	return kind != STEP_UNIT && kind != STEP_VTCONSOLE && kind != STEP_FRAMEBUFFER &&
	       kind != STEP_HOLDERS && !step_kind_is_of_setup(kind);
}

bool step_is_parallel(const struct step *a, const struct step *b)
{
	return a->kind == b->kind && kind_is_parallel(a->kind) &&
	       strcmp(a->target, b->target) != 0 && leaves_unbound(a) == leaves_unbound(b);
}

static bool driver_value_equal(const char *a, const char *b)
{
	struct driver_value one, other;

	if (!driver_value_parse(a, &one) || !driver_value_parse(b, &other))
		return strcmp(a, b) == 0;
	return module_name_equal(one.driver, other.driver) &&
	       module_name_equal(one.override, other.override);
}

/* What follows is how to get there. */
static bool first_word_equal(const char *a, const char *b)
{
	size_t length = strcspn(a, ",");

	return length == strcspn(b, ",") && memcmp(a, b, length) == 0;
}

bool step_value_equal(enum step_kind kind, const char *a, const char *b)
{
	switch (kind) {
	case STEP_DRIVER:
		return driver_value_equal(a, b);
	case STEP_UNIT:
	case STEP_PROCESS:
	case STEP_HOLDERS:
		return first_word_equal(a, b);
	case STEP_FILE:
		return file_value_equal(a, b);
	default:
		return strcmp(a, b) == 0;
	}
}

/* On its way down by itself would be somebody else's doing; after another unit of ours, it is ours.
 */
static bool is_stopping_along(const struct step *steps, size_t index, const char *now)
{
	if (steps[index].kind != STEP_UNIT || strcmp(now, "deactivating") != 0)
		return false;
	for (size_t i = 0; i < index; i++)
		if (steps[i].kind == STEP_UNIT)
			return true;
	return false;
}

bool step_may_begin(const struct step *steps, size_t index, const char *now)
{
	const struct step *step = &steps[index];
	struct driver_value before, value;

	if (step_value_equal(step->kind, now, step->before) || step->kind == STEP_POWER ||
	    step_kind_is_gate(step->kind) || is_stopping_along(steps, index, now))
		return true;
	return step->kind == STEP_DRIVER && driver_value_parse(step->before, &before) &&
	       driver_value_parse(now, &value) && !*before.driver &&
	       strcmp(before.override, value.override) == 0 && device_driver_is_vfio(value.driver);
}

/* Is now the value "before" of this step, or of an earlier step on the same cell? */
static bool at_home(const struct step *steps, size_t index, const char *now)
{
	for (size_t i = 0; i <= index; i++)
		if (steps[i].kind == steps[index].kind &&
		    strcmp(steps[i].target, steps[index].target) == 0 &&
		    step_value_equal(steps[i].kind, steps[i].before, now))
			return true;
	return false;
}

/*
 * A driver cell that is not at "after" is still ours where no driver is bound, where a VFIO driver
 * is (libvirt may choose another variant than we did), or where the home driver is bound but the
 * override was left behind.
 */
static bool driver_is_ours(const struct step *steps, size_t index, const char *now)
{
	struct driver_value value, home;

	if (!driver_value_parse(now, &value))
		return false;
	if (!*value.driver || device_driver_is_vfio(value.driver))
		return true;
	for (size_t i = 0; i <= index; i++)
		if (steps[i].kind == STEP_DRIVER &&
		    strcmp(steps[i].target, steps[index].target) == 0 &&
		    driver_value_parse(steps[i].before, &home) && *home.driver &&
		    module_name_equal(home.driver, value.driver))
			return true;
	return false;
}

/*
 * The home driver is bound already, with an override that is not the one of before: that is for the
 * earlier step, which only sets the override. This step would unbind the driver from under whoever
 * has opened the device by now.
 */
static bool has_home_driver(const struct step *steps, size_t index, const char *now)
{
	struct driver_value before, value;

	return steps[index].kind == STEP_DRIVER &&
	       driver_value_parse(steps[index].before, &before) && !*before.driver &&
	       driver_value_parse(now, &value) && *value.driver &&
	       !device_driver_is_vfio(value.driver) && driver_is_ours(steps, index, now);
}

enum step_state step_state(const struct step *steps, size_t index, const char *now)
{
	if (at_home(steps, index, now) || has_home_driver(steps, index, now))
		return STEP_AT_HOME;
	if (step_value_equal(steps[index].kind, steps[index].after, now))
		return STEP_TO_UNDO;
	switch (steps[index].kind) {
	case STEP_DRIVER:
		return driver_is_ours(steps, index, now) ? STEP_TO_UNDO : STEP_FOREIGN;
	/* vfio-pci and the home driver's probe both turn runtime PM on and off. */
	case STEP_POWER:
	/* On its way down ("deactivating"), after a stop that took too long. */
	case STEP_UNIT:
		return STEP_TO_UNDO;
	default:
		return STEP_FOREIGN;
	}
}
