// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A holder as a sentence names it, and how the units of two kinds of managers are told apart.
 * Tests: unit/test-holders.c, unit/test-planner-holders.c.
 */
#include "model/holder.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

void holder_done(struct holder *holder)
{
	free(holder->command);
	free(holder->user);
	free(holder->unit);
	free(holder->session);
	free(holder->container);
	free(holder->container_stop);
	free(holder->starter);
	free(holder->starter_program);
	free(holder->guest);
	free(holder->holds);
	memset(holder, 0, sizeof(*holder));
}

/* Names are nearly free text: nothing in them may steer a terminal or start a line. */
static void add_part(struct text *out, const char *label, const char *name)
{
	if (!name)
		return;
	text_printf(out, "%s", label);
	for (const char *at = name; *at; at++)
		text_append(out, iscntrl((unsigned char)*at) ? "?" : at, 1);
}

static bool is_scope(const char *unit)
{
	return unit && text_ends(unit, ".scope");
}

void holder_format(const struct holder *holder, struct text *out)
{
	text_printf(out, "process %d (", (int)holder->pid);
	add_part(out, "", holder->command ? holder->command : "?");
	add_part(out, ", guest ", holder->guest);
	add_part(out, ", user ", holder->user);
	add_part(out, ", session ", holder->session);
	/* The scope of a container says the same as its name, in 64 digits. */
	if (!holder->container || !is_scope(holder->unit))
		add_part(out, ", unit ", holder->unit);
	add_part(out, ", container ", holder->container);
	text_printf(out, ")");
}

void holder_format_short(const struct holder *holder, struct text *out)
{
	add_part(out, "", holder->command ? holder->command : "?");
	text_printf(out, " (process %d", (int)holder->pid);
	add_part(out, ", guest ", holder->guest);
	add_part(out, ", container ", holder->container);
	/* Of a guest its name says it all. */
	if (holder->session && !holder->guest) {
		add_part(out, ", user ", holder->user);
		add_part(out, ", session ", holder->session);
	} else if (holder->unit && !holder->guest &&
		   (!holder->container || !is_scope(holder->unit))) {
		add_part(out, ", unit ", holder->unit);
	} else if (!holder->guest) {
		add_part(out, ", user ", holder->user);
	}
	text_printf(out, ")");
}

void unit_done(struct unit *unit)
{
	free(unit->name);
	free(unit->note);
	text_free_list(unit->stops_with);
	memset(unit, 0, sizeof(*unit));
}

bool unit_may_stop(const struct unit *unit)
{
	return unit->can_stop || unit->unasked;
}

char *unit_target(uid_t manager, const char *name)
{
	return manager == 0 ? xstrdup(name) : xasprintf("%u/%s", (unsigned int)manager, name);
}

bool unit_name_valid(const char *name)
{
	const char *dot = strrchr(name, '.');

	if (!dot || dot == name || !dot[1] || strlen(name) > 255)
		return false;
	for (const char *at = name; *at; at++)
		if (!isalnum((unsigned char)*at) && !strchr(":-_.\\@", *at))
			return false;
	return true;
}

bool unit_target_parse(const char *target, uid_t *ret_manager, const char **ret_name)
{
	const char *slash = strchr(target, '/'), *name = slash ? slash + 1 : target;
	unsigned long manager = 0;
	char *end;

	if (slash) {
		if (!isdigit((unsigned char)*target))
			return false;
		manager = strtoul(target, &end, 10);
		if (end != slash || manager == 0 || manager >= UINT32_MAX)
			return false;
	}
	if (!unit_name_valid(name))
		return false;
	*ret_manager = (uid_t)manager;
	*ret_name = name;
	return true;
}
