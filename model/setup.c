// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The text of a set-up's record, both ways.
 */
#include "model/setup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/cell.h"

#define FIRST_LINE "hostdev-hook set-up 1"

void setup_done(struct setup *setup)
{
	for (size_t i = 0; i < setup->step_count; i++)
		step_done(&setup->steps[i]);
	for (size_t i = 0; i < setup->home_count; i++) {
		free(setup->homes[i].driver);
		free(setup->homes[i].modalias);
	}
	for (size_t i = 0; i < setup->choice_count; i++) {
		free(setup->choices[i].id);
		free(setup->choices[i].words);
	}
	pins_done(&setup->devices);
	free(setup->members);
	free(setup->homes);
	free(setup->twins);
	free(setup->choices);
	free(setup->steps);
	free(setup->marks);
	free(setup->mode);
	free(setup->arguments);
	free(setup->version);
	free(setup->kernel);
	memset(setup, 0, sizeof(*setup));
}

void setup_add_step(struct setup *setup, const struct step *step)
{
	setup->steps = array_grow(setup->steps, setup->step_count, sizeof(*step));
	setup->marks = array_grow(setup->marks, setup->step_count, sizeof(*setup->marks));
	setup->steps[setup->step_count] = *step;
	setup->marks[setup->step_count++] = MARK_PLANNED;
}

bool setup_has_file(const struct setup *setup, const char *path)
{
	for (size_t i = 0; i < setup->step_count; i++)
		if (setup->steps[i].kind == STEP_FILE && strcmp(setup->steps[i].target, path) == 0)
			return true;
	return false;
}

void setup_add_home(struct setup *setup, const struct pci_addr *addr, char *driver, char *modalias)
{
	array_push(setup->homes, setup->home_count,
		   (struct setup_home){.addr = *addr, .driver = driver, .modalias = modalias});
}

void setup_add_choice(struct setup *setup, char *id, char *words)
{
	array_push(setup->choices, setup->choice_count,
		   (struct setup_choice){.id = id, .words = words});
}

const struct twin_place *setup_twin(const struct setup *setup, const struct pci_addr *addr)
{
	for (size_t i = 0; i < setup->twin_count; i++)
		if (pci_addr_equal(&setup->twins[i].addr, addr))
			return &setup->twins[i].place;
	return NULL;
}

const struct setup_home *setup_home(const struct setup *setup, const struct pci_addr *addr)
{
	for (size_t i = 0; i < setup->home_count; i++)
		if (pci_addr_equal(&setup->homes[i].addr, addr))
			return &setup->homes[i];
	return NULL;
}

static void format_line(const char *word, const char *value, struct text *out)
{
	auto_free char *escaped = text_escape(value);

	text_printf(out, "%s %s\n", word, escaped);
}

static void format_members(const struct setup *setup, struct text *out)
{
	for (size_t group = 0, found = 1; found; group++) {
		found = 0;
		for (size_t i = 0; i < setup->member_count; i++) {
			if (setup->members[i].group != group)
				continue;
			text_printf(out, "%s %s", found++ ? "" : "members",
				    ADDR(&setup->members[i].addr));
		}
		if (found)
			text_printf(out, "\n");
	}
}

/* As in the value of a driver's cell: a driver may have blanks in its name ("i6300ESB timer"). */
static void format_home(const struct setup_home *home, struct text *out)
{
	struct driver_value value = {.driver = ""};
	char driver[CELL_VALUE_SIZE];

	if (strcmp(home->driver, "none") != 0)
		snprintf(value.driver, sizeof(value.driver), "%s", home->driver);
	driver_value_format(&value, driver);
	text_printf(out, "home %s %s%s%s\n", ADDR(&home->addr), driver, *home->modalias ? " " : "",
		    home->modalias);
}

static void format_promise(const struct setup *setup, struct text *out)
{
	for (size_t i = 0; i < setup->devices.count; i++) {
		text_printf(out, "device ");
		pin_write(&setup->devices.items[i], out);
		text_printf(out, "\n");
	}
	for (size_t i = 0; i < setup->home_count; i++)
		format_home(&setup->homes[i], out);
	format_members(setup, out);
	for (size_t i = 0; i < setup->twin_count; i++) {
		text_printf(out, "twins %s ", ADDR(&setup->twins[i].addr));
		twin_place_format(&setup->twins[i].place, out);
		text_printf(out, "\n");
	}
	for (size_t i = 0; i < setup->choice_count; i++)
		text_printf(out, "choice %s%s%s\n", setup->choices[i].id,
			    *setup->choices[i].words ? " " : "", setup->choices[i].words);
}

void setup_format(const struct setup *setup, struct text *out)
{
	text_printf(out, FIRST_LINE "\n");
	format_line("mode", setup->mode, out);
	format_line("arguments", setup->arguments, out);
	format_line("version", setup->version, out);
	format_line("kernel", setup->kernel, out);
	format_promise(setup, out);
	for (size_t i = 0; i < setup->step_count; i++) {
		text_printf(out, "step ");
		step_format(&setup->steps[i], out);
		text_printf(out, "\n");
	}
	for (size_t i = 0; i < setup->step_count; i++)
		if (setup->marks[i] != MARK_PLANNED)
			journal_format_mark(setup->marks[i], i, out);
	if (setup->applied)
		text_printf(out, SETUP_APPLIED);
	if (setup->undoing)
		text_printf(out, SETUP_UNDOING);
}

/* --- reading --- */

/* A copy of the next word of *at, which goes behind it and its blank; NULL at the end. */
static char *take_word(const char **at)
{
	size_t length = strcspn(*at, " ");
	char *word = length ? xasprintf("%.*s", (int)length, *at) : NULL;

	*at += length + ((*at)[length] == ' ');
	return word;
}

static bool take_text(const char *rest, char **slot)
{
	return !*slot && text_unescape(rest, strlen(rest), slot);
}

static bool take_device(struct setup *setup, const char *rest)
{
	struct pin pin;

	if (!pin_parse(rest, &pin) || pins_find(&setup->devices, &pin.addr))
		return false;
	pins_add(&setup->devices, &pin);
	return true;
}

static bool take_home(struct setup *setup, const char *rest)
{
	auto_free char *address = take_word(&rest), *driver = take_word(&rest);
	struct driver_value value;
	struct pci_addr addr;

	if (!address || !driver || !pci_addr_parse(address, &addr) || setup_home(setup, &addr) ||
	    strchr(rest, ' ') || !driver_value_parse(driver, &value) || *value.module ||
	    *value.override)
		return false;
	setup_add_home(setup, &addr, xstrdup(*value.driver ? value.driver : "none"), xstrdup(rest));
	return true;
}

static bool has_member(const struct setup *setup, const struct pci_addr *addr)
{
	for (size_t i = 0; i < setup->member_count; i++)
		if (pci_addr_equal(&setup->members[i].addr, addr))
			return true;
	return false;
}

static bool take_members(struct setup *setup, const char *rest)
{
	size_t count = setup->member_count;
	size_t group = count > 0 ? setup->members[count - 1].group + 1 : 0;

	while (*rest) {
		auto_free char *word = take_word(&rest);
		struct pci_addr addr;

		if (!word || !pci_addr_parse(word, &addr) || has_member(setup, &addr))
			return false;
		array_push(setup->members, setup->member_count,
			   (struct setup_member){.addr = addr, .group = group});
	}
	return true;
}

static bool take_twin(struct setup *setup, const char *rest)
{
	auto_free char *address = take_word(&rest);
	struct twin_place place;
	struct pci_addr addr;

	if (!address || !pci_addr_parse(address, &addr) || setup_twin(setup, &addr) ||
	    !twin_place_parse(rest, &place))
		return false;
	array_push(setup->twins, setup->twin_count,
		   (struct setup_twin){.addr = addr, .place = place});
	return true;
}

static bool take_choice(struct setup *setup, const char *rest)
{
	char *id = take_word(&rest);

	if (!id)
		return false;
	setup_add_choice(setup, id, xstrdup(rest));
	return true;
}

static bool take_step(struct setup *setup, const char *rest)
{
	struct step step;

	if (!step_parse(rest, strlen(rest), &step))
		return false;
	setup_add_step(setup, &step);
	return true;
}

/* False: the line is no mark. */
static bool take_mark(struct setup *setup, const char *line)
{
	for (int mark = MARK_PLANNED + 1; mark < MARK_IN_FLIGHT; mark++) {
		for (size_t i = 0; i < setup->step_count; i++) {
			auto_text struct text text = TEXT_INIT;

			journal_format_mark((enum journal_mark)mark, i, &text);
			if (strncmp(text.data, line, text.length - 1) != 0 ||
			    line[text.length - 1] != '\0')
				continue;
			setup->marks[i] = (enum journal_mark)mark;
			return true;
		}
	}
	return false;
}

static bool is_word_of_marks(const char *line)
{
	static const char *const words[] = {"begun", "done", "skipped", "undone"};
	size_t length = strcspn(line, " ");

	return line[length] && text_find(words, sizeof(words) / sizeof(*words), line, length) >= 0;
}

/* What is true of the whole, and lines of a version that knows more. */
static bool take_event(struct setup *setup, const char *line)
{
	if (strcmp(line, "applied") == 0)
		setup->applied = true;
	else if (strcmp(line, "undoing") == 0)
		setup->undoing = true;
	else if (!take_mark(setup, line))
		return !is_word_of_marks(line) && *line >= 'a' && *line <= 'z';
	return true;
}

static bool take_line(struct setup *setup, const char *line)
{
	static bool (*const readers[])(struct setup *, const char *) = {
		take_device, take_home, take_members, take_twin, take_choice, take_step};
	static const char *const words[] = {"device ", "home ",   "members ",
					    "twins ",  "choice ", "step "};
	const struct {
		const char *word;
		char **slot;
	} texts[] = {{"mode ", &setup->mode},
		     {"arguments ", &setup->arguments},
		     {"version ", &setup->version},
		     {"kernel ", &setup->kernel}};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (text_starts(line, texts[i].word))
			return take_text(line + strlen(texts[i].word), texts[i].slot);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (text_starts(line, words[i]))
			return readers[i](setup, line + strlen(words[i]));
	return take_event(setup, line);
}

static bool is_whole(const struct setup *setup)
{
	return setup->mode && setup->arguments && setup->version && setup->kernel;
}

int setup_parse(const char *data, size_t length, struct setup *ret, struct error *err)
{
	auto_setup struct setup setup = {0};
	const char *at = data, *end = data + length;

	for (size_t number = 1; at < end; number++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		auto_free char *line = NULL;

		if (!newline)
			break;
		line = xasprintf("%.*s", (int)(newline - at), at);
		if (number == 1 && strcmp(line, FIRST_LINE) != 0 &&
		    text_starts(line, "hostdev-hook set-up "))
			return error_set(err, EBADMSG,
					 "another version of hostdev-hook has written it, and only "
					 "that version can take it back: install that version, and "
					 "run \"hostdevctl generate undo --apply\"");
		if (strlen(line) != (size_t)(newline - at) ||
		    !(number == 1 ? strcmp(line, FIRST_LINE) == 0 : take_line(&setup, line)))
			return error_set(err, EBADMSG,
					 "line %zu of the set-up's record is not understood",
					 number);
		at = newline + 1;
	}
	if (!is_whole(&setup))
		return error_set(err, EBADMSG, "the set-up's record is not whole");
	*ret = setup;
	memset(&setup, 0, sizeof(setup));
	return 0;
}

const char *setup_usual_words(const struct setup *setup)
{
	/* Choices of the menu have ids of ours; what is no choice goes by the mode's name. */
	if (!setup || setup->choice_count != 1 || text_starts(setup->choices[0].id, "hostdev-"))
		return "";
	return setup->choices[0].words;
}

const char *setup_reserving_words(const struct setup *setup)
{
	const char *words = setup && setup->choice_count == 1 ? setup->choices[0].words : "";

	return text_starts(words, WORD_GUEST) || text_starts(words, "vfio-pci.ids=") ? words : "";
}

bool setup_is_in_force(const struct setup *setup)
{
	for (size_t i = 0; i < setup->step_count; i++)
		if (journal_mark_is_unsettled(setup->marks[i]))
			return true;
	return false;
}
