// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How the value of a cell is spelled: one word that a person reads and a program takes apart.
 */
#include "model/cell.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "model/holder.h"

/* What would end a name in a cell's text, or a word of a step, or begin something there. */
static bool is_plain(char c)
{
	return isgraph((unsigned char)c) && c != ',' && c != '\\';
}

/* A name that the kernel could have given: printable, blanks too ("i6300ESB timer"), no path. */
static bool copy_name(char *to, size_t size, const char *from, size_t length)
{
	if (length == 0 || length >= size)
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isprint((unsigned char)from[i]) || from[i] == '/')
			return false;
	memcpy(to, from, length);
	to[length] = '\0';
	return true;
}

static size_t plain_length(const char *name)
{
	size_t length = 0;

	while (is_plain(name[length]))
		length++;
	return length;
}

static void add_name(struct text *text, const char *prefix, const char *name)
{
	text_append(text, prefix, strlen(prefix));
	while (*name) {
		size_t length = plain_length(name);

		text_append(text, name, length);
		name += length;
		if (*name)
			text_printf(text, "\\x%02x", (unsigned char)*name++);
	}
}

static void add_driver_value(const struct driver_value *value, struct text *text)
{
	add_name(text, "", *value->driver ? value->driver : "none");
	if (*value->module)
		add_name(text, ",module=", value->module);
	if (*value->override)
		add_name(text, ",override=", value->override);
}

void driver_value_format(const struct driver_value *value, char text[CELL_VALUE_SIZE])
{
	auto_text struct text whole = TEXT_INIT;

	add_driver_value(value, &whole);
	snprintf(text, CELL_VALUE_SIZE, "%s", whole.data);
}

/* A word within a cell's text. */
struct cell_word {
	const char *text; /* NULL: absent */
	size_t length;
};

/* Takes "prefixWORD" off *at, up to the next comma; where it is absent *at is untouched. */
static struct cell_word take_word(const char **at, const char *prefix)
{
	size_t skip = strlen(prefix);
	struct cell_word word = {0};

	if (strncmp(*at, prefix, skip) != 0)
		return word;
	word = (struct cell_word){*at + skip, strcspn(*at + skip, ",")};
	*at += skip + word.length;
	return word;
}

static bool is_plain_word(const struct cell_word *word)
{
	return plain_length(word->text) >= word->length;
}

/* An absent prefix is fine and takes nothing. */
static bool take_part(const char **at, const char *prefix, char *to, size_t size)
{
	struct cell_word word = take_word(at, prefix);

	return !word.text || (is_plain_word(&word) && copy_name(to, size, word.text, word.length));
}

/* "\x20" is one blank, whatever follows; in place. False for any other use of a backslash. */
static bool unescape(char *word)
{
	char *to = word;

	for (; *word; word++) {
		char digits[3] = "";

		if (*word == '\\') {
			if (word[1] != 'x' || !isxdigit((unsigned char)word[2]) ||
			    !isxdigit((unsigned char)word[3]))
				return false;
			memcpy(digits, word + 2, 2);
			*to++ = (char)strtoul(digits, NULL, 16);
			word += 3;
		} else {
			*to++ = *word;
		}
	}
	*to = '\0';
	return true;
}

/* Of what add_name has written, and of nothing else. */
static bool copy_escaped(char *to, size_t size, const struct cell_word *word)
{
	auto_free char *written = xasprintf("%.*s", (int)word->length, word->text);
	auto_free char *name = xstrdup(written);
	auto_text struct text again = TEXT_INIT;

	if (!unescape(name) || !copy_name(to, size, name, strlen(name)))
		return false;
	add_name(&again, "", to);
	return strcmp(again.data, written) == 0;
}

/* The same of a name. */
static bool take_name(const char **at, const char *prefix, char *to, size_t size)
{
	struct cell_word word = take_word(at, prefix);

	if (!word.text)
		return true;
	return is_plain_word(&word) ? copy_name(to, size, word.text, word.length)
				    : copy_escaped(to, size, &word);
}

bool driver_value_parse(const char *text, struct driver_value *ret)
{
	struct driver_value value = {0};
	const char *at = text;

	if (!take_name(&at, "", value.driver, sizeof(value.driver)))
		return false;
	if (!take_name(&at, ",module=", value.module, sizeof(value.module)))
		return false;
	if (!take_name(&at, ",override=", value.override, sizeof(value.override)))
		return false;
	if (*at)
		return false;
	if (strcmp(value.driver, "none") == 0)
		value.driver[0] = '\0';
	if (*value.module && !*value.driver)
		return false;
	*ret = value;
	return true;
}

static bool fits(const struct driver_value *value)
{
	auto_text struct text whole = TEXT_INIT;

	add_driver_value(value, &whole);
	return whole.length < CELL_VALUE_SIZE;
}

bool driver_value_init(struct driver_value *ret, const char *driver, const char *module,
		       const char *override)
{
	struct driver_value value = {0};

	if (driver && *driver) {
		if (!copy_name(value.driver, sizeof(value.driver), driver, strlen(driver)))
			return false;
		if (strcmp(driver, "none") == 0)
			return false;
	}
	if (*value.driver && module && *module && !module_name_equal(module, driver))
		if (!copy_name(value.module, sizeof(value.module), module, strlen(module)))
			return false;
	/* The kernel prints an unset override as "(null)"; writing that back would set it. */
	if (override && *override && strcmp(override, "(null)") != 0)
		if (!copy_name(value.override, sizeof(value.override), override, strlen(override)))
			return false;
	if (!fits(&value))
		return false;
	*ret = value;
	return true;
}

void power_value_format(const struct power_value *value, char text[CELL_VALUE_SIZE])
{
	if (*value->d3cold)
		snprintf(text, CELL_VALUE_SIZE, "%s,d3cold=%s", value->control, value->d3cold);
	else
		snprintf(text, CELL_VALUE_SIZE, "%s", value->control);
}

bool power_value_parse(const char *text, struct power_value *ret)
{
	struct power_value value = {0};
	const char *at = text;

	if (!take_part(&at, "", value.control, sizeof(value.control)))
		return false;
	if (!take_part(&at, ",d3cold=", value.d3cold, sizeof(value.d3cold)))
		return false;
	if (*at || (strcmp(value.control, "auto") != 0 && strcmp(value.control, "on") != 0))
		return false;
	if (*value.d3cold && strcmp(value.d3cold, "0") != 0 && strcmp(value.d3cold, "1") != 0)
		return false;
	*ret = value;
	return true;
}

void unit_value_format(const struct unit_value *value, char text[CELL_VALUE_SIZE])
{
	if (!value->active) {
		strcpy(text, "inactive");
		return;
	}
	snprintf(text, CELL_VALUE_SIZE, "active%s%s%s%s", *value->drm ? ",drm=" : "", value->drm,
		 *value->sockets ? ",sockets=" : "", value->sockets);
}

bool unit_value_add_socket(struct unit_value *value, const char *name)
{
	size_t length = strlen(value->sockets);

	if (length + 1 + strlen(name) >= sizeof(value->sockets))
		return false;
	snprintf(value->sockets + length, sizeof(value->sockets) - length, "%s%s",
		 length ? "+" : "", name);
	return true;
}

bool unit_value_next_socket(const char **sockets, char name[CELL_NAME_SIZE * 2])
{
	size_t length = strcspn(*sockets, "+");

	if (length == 0 || length >= CELL_NAME_SIZE * 2)
		return false;
	memcpy(name, *sockets, length);
	name[length] = '\0';
	*sockets += length + ((*sockets)[length] == '+');
	return true;
}

/* Every name a socket's, as a target has it. */
static bool sockets_valid(const char *sockets)
{
	char name[CELL_NAME_SIZE * 2];
	size_t length = strlen(sockets);

	if (length == 0 || sockets[length - 1] == '+')
		return false;
	while (unit_value_next_socket(&sockets, name))
		if (!text_ends(name, ".socket") || !unit_name_valid(name))
			return false;
	return !*sockets;
}

bool unit_value_parse(const char *text, struct unit_value *ret)
{
	struct unit_value value = {.active = strcmp(text, "inactive") != 0};
	const char *at = text + strlen("active"), *sockets;
	struct pci_addr drm;

	if (value.active) {
		if (!text_starts(text, "active") ||
		    !take_part(&at, ",drm=", value.drm, sizeof(value.drm)) ||
		    (*value.drm && !pci_addr_parse(value.drm, &drm)))
			return false;
		sockets = text_starts(at, ",sockets=") ? at + strlen(",sockets=") : NULL;
		if (sockets ? strlen(sockets) >= sizeof(value.sockets) || !sockets_valid(sockets)
			    : *at != '\0')
			return false;
		strcpy(value.sockets, sockets ? sockets : "");
	}
	*ret = value;
	return true;
}

void gate_value_format(const struct gate_value *value, char text[CELL_VALUE_SIZE])
{
	int length = snprintf(text, CELL_VALUE_SIZE, "%s", value->free ? "free" : "held");

	if (value->free && value->wait_ms)
		length += snprintf(text + length, CELL_VALUE_SIZE - (size_t)length, ",wait=%u",
				   value->wait_ms);
	if (value->free && value->has_grace)
		snprintf(text + length, CELL_VALUE_SIZE - (size_t)length, ",%s=%u",
			 value->spare ? "term" : "grace", value->grace_ms);
}

/* A decimal number behind the word, *at moved past it; untouched where the word is not next. */
static bool take_word_number(const char **at, const char *word, unsigned int *ret)
{
	size_t length = strlen(word);
	unsigned long value;
	char *end;

	if (strncmp(*at, word, length) != 0 || !isdigit((unsigned char)(*at)[length]))
		return false;
	value = strtoul(*at + length, &end, 10);
	if (value > 3600000)
		return false;
	*ret = (unsigned int)value;
	*at = end;
	return true;
}

bool gate_value_parse(const char *text, struct gate_value *ret)
{
	struct gate_value value = {.free = strncmp(text, "free", 4) == 0};
	char again[CELL_VALUE_SIZE];
	const char *at = text + 4;

	if (!value.free && strcmp(text, "held") != 0)
		return false;
	if (value.free) {
		take_word_number(&at, ",wait=", &value.wait_ms);
		value.spare = take_word_number(&at, ",term=", &value.grace_ms);
		value.has_grace = value.spare || take_word_number(&at, ",grace=", &value.grace_ms);
	}
	/* Only the one spelling that is written. */
	gate_value_format(&value, again);
	if (strcmp(again, text) != 0)
		return false;
	*ret = value;
	return true;
}

char *gate_target_format(const struct gate_target *target)
{
	struct text text = TEXT_INIT;

	if (target->pid)
		text_printf(&text, "%d:%llu@", target->pid, (unsigned long long)target->start_time);
	for (size_t i = 0; i < target->addr_count; i++)
		text_printf(&text, "%s%s", i ? "," : "", ADDR(&target->addrs[i]));
	return text.data;
}

/* "PID:START@" in front; false where it is neither that nor absent. */
static bool take_process(const char **at, struct gate_target *ret)
{
	const char *sign = strchr(*at, '@');
	unsigned long pid;
	char *end;

	if (!sign)
		return true;
	if (!isdigit((unsigned char)**at))
		return false;
	pid = strtoul(*at, &end, 10);
	if (pid == 0 || pid > INT32_MAX || *end != ':' || !isdigit((unsigned char)end[1]))
		return false;
	ret->pid = (int)pid;
	ret->start_time = strtoull(end + 1, &end, 10);
	*at = sign + 1;
	return end == sign;
}

bool gate_target_parse(const char *text, struct gate_target *ret)
{
	struct gate_target target = {0};
	auto_free char *again = NULL;
	const char *at = text;

	if (!take_process(&at, &target))
		return false;
	while (target.addr_count < GATE_ADDRS_MAX) {
		char word[PCI_ADDR_TEXT_SIZE];
		size_t length = strcspn(at, ",");

		if (length >= sizeof(word))
			return false;
		memcpy(word, at, length);
		word[length] = '\0';
		if (!pci_addr_parse(word, &target.addrs[target.addr_count++]))
			return false;
		at += length;
		if (!*at)
			break;
		at++;
	}
	again = gate_target_format(&target);
	if (strcmp(again, text) != 0)
		return false;
	*ret = target;
	return true;
}
