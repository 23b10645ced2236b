// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The journal's text as it is read: anything that is not what the journal looks like is refused.
 */
#include "model/journal.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/later.h"

#define WORD_MAX 32

void journal_done(struct journal *journal)
{
	for (size_t i = 0; i < journal->step_count; i++)
		step_done(&journal->steps[i]);
	free(journal->steps);
	free(journal->marks);
	free(journal->workers);
	free(journal->claims);
	free(journal->detached);
	free(journal->plugs);
	free(journal->owned);
	pins_done(&journal->devices);
	free(journal->guest);
	memset(journal, 0, sizeof(*journal));
}

/* One line without its newline, and where it stands. */
struct journal_line {
	const char *text;
	size_t length;
	size_t number;
};

/* Does nothing but words of a later version stand between the two? */
static bool is_words_end(const char *at, const char *end)
{
	return later_words_skip(at, end) == end;
}

static bool journal_line_is(const struct journal_line *line, const char *text)
{
	return line->length == strlen(text) && memcmp(line->text, text, line->length) == 0;
}

static bool journal_line_begins(const struct journal_line *line, const char *word)
{
	size_t length = strlen(word);

	return line->length >= length && memcmp(line->text, word, length) == 0 &&
	       is_words_end(line->text + length, line->text + line->length);
}

/* The rest of a line that begins with word and a blank; false when it does not. */
static bool journal_line_rest(const struct journal_line *line, const char *word, const char **rest,
			      size_t *length)
{
	size_t skip = strlen(word);

	if (line->length <= skip || memcmp(line->text, word, skip) != 0 || line->text[skip] != ' ')
		return false;
	*rest = line->text + skip + 1;
	*length = line->length - skip - 1;
	return true;
}

static bool copy_id(char to[37], const char *from, size_t length)
{
	if (length != 36)
		return false;
	memcpy(to, from, 36);
	to[36] = '\0';
	return guest_uuid_valid(to);
}

static bool take_addr(const char *text, size_t length, struct pci_addr *ret)
{
	const char *end = text + length, *blank = memchr(text, ' ', length);
	char copy[PCI_ADDR_TEXT_SIZE];

	length = blank ? (size_t)(blank - text) : length;
	if (length >= sizeof(copy) || !is_words_end(text + length, end))
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	return strlen(copy) == length && pci_addr_parse(copy, ret);
}

/* Adds the address to a list of them. */
static bool add_addr(const char *text, size_t length, struct pci_addr **addrs, size_t *count)
{
	struct pci_addr addr;

	if (!take_addr(text, length, &addr))
		return false;
	array_push(*addrs, *count, addr);
	return true;
}

static bool add_device(struct journal *journal, const char *text, size_t length)
{
	auto_free char *copy = xasprintf("%.*s", (int)length, text);
	struct pin pin;

	if (!pin_parse(copy, &pin) || pins_find(&journal->devices, &pin.addr))
		return false;
	pins_add(&journal->devices, &pin);
	return true;
}

static bool add_step(struct journal *journal, const char *text, size_t length)
{
	struct step step;

	if (!step_parse(text, length, &step))
		return false;
	if (step_kind_is_of_setup(step.kind)) {
		step_done(&step);
		return false;
	}
	journal->steps = array_grow(journal->steps, journal->step_count, sizeof(step));
	journal->marks = array_grow(journal->marks, journal->step_count, sizeof(*journal->marks));
	journal->workers =
		array_grow(journal->workers, journal->step_count, sizeof(*journal->workers));
	journal->steps[journal->step_count] = step;
	journal->workers[journal->step_count] = (struct journal_process){0};
	journal->marks[journal->step_count++] = MARK_PLANNED;
	return true;
}

static bool add_owned(struct journal *journal, const char *text, size_t length)
{
	struct owned_node node;

	if (!owned_node_parse(text, length, &node))
		return false;
	array_push(journal->owned, journal->owned_count, node);
	return true;
}

/* A number as we write them: no sign, no zero in front. Goes behind it. */
static bool take_number(const char **at, const char *end, uint64_t max, uint64_t *ret)
{
	uint64_t number = 0;

	if (*at == end || **at < '1' || **at > '9')
		return false;
	for (; *at < end && **at >= '0' && **at <= '9'; ++*at) {
		uint64_t digit = (uint64_t)(**at - '0');

		if (digit > max || number > (max - digit) / 10)
			return false;
		number = number * 10 + digit;
	}
	*ret = number;
	return true;
}

static bool take_blank(const char **at, const char *end)
{
	return *at < end && *(*at)++ == ' ';
}

static bool take_index(const struct journal *journal, const char **at, const char *end, size_t *ret)
{
	uint64_t number;

	if (!take_number(at, end, journal->step_count, &number))
		return false;
	*ret = (size_t)number - 1;
	return true;
}

static bool take_process(const char **at, const char *end, struct journal_process *ret)
{
	uint64_t pid, start_time;

	if (!take_number(at, end, INT_MAX, &pid) || !take_blank(at, end) ||
	    !take_number(at, end, UINT64_MAX, &start_time) || !is_words_end(*at, end))
		return false;
	*ret = (struct journal_process){.pid = (int)pid, .start_time = start_time};
	return true;
}

/* Its first step may be the one behind the last, where nothing was to be done. */
static bool begin_plug(struct journal *journal, const char *text, size_t length)
{
	const char *end = text + length;
	uint64_t number;

	if (journal->plug_from || !take_number(&text, end, journal->step_count + 1, &number) ||
	    !is_words_end(text, end))
		return false;
	journal_begin_plug(journal);
	journal->plug_from = (size_t)number;
	return true;
}

static bool is_of_plug(const struct journal *journal, size_t index)
{
	return journal->plug_from && index + 1 >= journal->plug_from;
}

static bool is_of_detached(const struct journal *journal, size_t index)
{
	for (size_t i = 0; i < journal->detached_count; i++)
		if (journal_step_is_of(&journal->steps[index], &journal->detached[i]))
			return true;
	return false;
}

static bool set_mark(struct journal *journal, enum journal_mark mark, const char *text,
		     size_t length)
{
	struct journal_process worker = {0};
	const char *end = text + length;
	size_t index;

	if (!take_index(journal, &text, end, &index))
		return false;
	if (mark == MARK_IN_FLIGHT) {
		if (!take_blank(&text, end) || !take_process(&text, end, &worker))
			return false;
	} else if (!is_words_end(text, end)) {
		return false;
	}
	journal->marks[index] = mark;
	journal->workers[index] = worker;
	/* Only a return undoes, even where its own line could not be written. */
	journal->returning |= mark == MARK_UNDONE && !is_of_detached(journal, index) &&
			      !is_of_plug(journal, index);
	return true;
}

static bool parse_mark(struct journal *journal, const struct journal_line *line)
{
	const char *rest;
	size_t length;

	for (int mark = MARK_PLANNED + 1; mark < MARKS; mark++)
		if (journal_line_rest(line, journal_mark_name((enum journal_mark)mark), &rest,
				      &length))
			return set_mark(journal, (enum journal_mark)mark, rest, length);
	return false;
}

/* Whatever else stands there, the guest has its devices. */
static void take_lent(struct journal *journal, const struct journal_line *line)
{
	const char *end = line->text + line->length, *value;
	size_t length;
	uint64_t at;

	journal->lent = true;
	if (later_word_find(line->text + strlen(JOURNAL_LENT), end, "at", &value, &length) &&
	    take_number(&value, value + length, INT64_MAX, &at) && is_words_end(value, end))
		journal->lent_at = (int64_t)at;
}

/* What is true of the run as a whole. */
static bool parse_event(struct journal *journal, const struct journal_line *line)
{
	if (journal_line_begins(line, JOURNAL_LENT))
		take_lent(journal, line);
	else if (journal_line_begins(line, "returning"))
		journal->returning = true;
	else if (journal_line_begins(line, "by-hand"))
		journal->by_hand = true;
	else if (journal_line_begins(line, "taken-over"))
		journal->by_hand = false;
	else if (journal_line_begins(line, "plug-done"))
		journal->plugging = false;
	else
		return parse_mark(journal, line);
	return true;
}

/* A word of a version that knows more. */
static bool is_unknown(const struct journal_line *line)
{
	static const char *const known[] = {
		"boot",       "guest",  "uuid",      "claim",     "device",    "step",
		"limits",     "caller", "detached",  "lent",      "returning", "by-hand",
		"taken-over", "plug",   "plug-from", "plug-done", "owner"};
	size_t length = 0;

	while (length < line->length && line->text[length] != ' ') {
		char letter = line->text[length++];

		if (!(letter >= 'a' && letter <= 'z') && letter != '-')
			return false;
	}
	if (length == 0 || length > WORD_MAX)
		return false;
	if (text_find(known, sizeof(known) / sizeof(*known), line->text, length) >= 0)
		return false;
	for (int mark = MARK_PLANNED + 1; mark < MARKS; mark++)
		if (strlen(journal_mark_name((enum journal_mark)mark)) == length &&
		    memcmp(line->text, journal_mark_name((enum journal_mark)mark), length) == 0)
			return false;
	return true;
}

/* The four lines of the header stand first and in order; the rest follows by its first word. */
static bool parse_line(struct journal *journal, const struct journal_line *line)
{
	const char *rest;
	size_t length;

	switch (line->number) {
	case 1:
		return journal_line_is(line, JOURNAL_FIRST_LINE);
	case 2:
		return journal_line_rest(line, "boot", &rest, &length) &&
		       copy_id(journal->boot_id, rest, length);
	case 3:
		return journal_line_rest(line, "guest", &rest, &length) &&
		       text_unescape(rest, length, &journal->guest);
	case 4:
		return journal_line_rest(line, "uuid", &rest, &length) &&
		       copy_id(journal->uuid, rest, length);
	default:
		break;
	}
	if (journal_line_rest(line, "claim", &rest, &length))
		return add_addr(rest, length, &journal->claims, &journal->claim_count);
	if (journal_line_rest(line, "device", &rest, &length))
		return add_device(journal, rest, length);
	if (journal_line_rest(line, "detached", &rest, &length))
		return add_addr(rest, length, &journal->detached, &journal->detached_count);
	if (journal_line_rest(line, "owner", &rest, &length))
		return add_owned(journal, rest, length);
	if (journal_line_rest(line, "plug", &rest, &length))
		return add_addr(rest, length, &journal->plugs, &journal->plug_count);
	if (journal_line_rest(line, "plug-from", &rest, &length))
		return begin_plug(journal, rest, length);
	if (journal_line_rest(line, "step", &rest, &length))
		return add_step(journal, rest, length);
	if (journal_line_rest(line, "limits", &rest, &length))
		return limits_parse(rest, length, &journal->limits);
	if (journal_line_rest(line, "caller", &rest, &length))
		return take_process(&rest, rest + length, &journal->caller);
	return is_unknown(line) || parse_event(journal, line);
}

/* "hostdev-hook journal 2" */
static bool is_of_other_version(const struct journal_line *line)
{
	const char *number;
	size_t length;

	return line->number == 1 && journal_line_rest(line, JOURNAL_WORDS, &number, &length) &&
	       length <= 4 && strspn(number, "0123456789") >= length;
}

int journal_parse(const char *data, size_t length, struct journal *ret, struct error *err)
{
	auto_journal struct journal journal = JOURNAL_INIT;
	struct journal_line line = {.text = data};
	const char *end = data + length;

	while (line.text < end) {
		const char *newline = memchr(line.text, '\n', (size_t)(end - line.text));

		if (!newline)
			break;
		line.length = (size_t)(newline - line.text);
		line.number++;
		/* A NUL would end the strings that are cut from the line. */
		if (is_of_other_version(&line) && !journal_line_is(&line, JOURNAL_FIRST_LINE))
			return error_set(
				err, EBADMSG,
				"journal line 1: another version of hostdev-hook has "
				"written it, and only that version can return its devices: "
				"install that version, and run \"hostdevctl recover\"");
		if (memchr(line.text, '\0', line.length) || !parse_line(&journal, &line))
			return error_set(err, EBADMSG, "journal line %zu is not understood",
					 line.number);
		line.text = newline + 1;
	}
	if (line.number < 4)
		return error_set(err, EBADMSG, "journal ends before line 4");
	*ret = journal;
	memset(&journal, 0, sizeof(journal));
	return 0;
}
