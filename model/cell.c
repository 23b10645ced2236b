// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How the value of a cell is spelled: one word that a person reads and a program takes apart.
 */
#include "model/cell.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

bool module_name_valid(const char *name)
{
	size_t length = strlen(name);

	if (length == 0 || length >= CELL_NAME_SIZE || strcmp(name, "none") == 0)
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)name[i]) && name[i] != '-' && name[i] != '_')
			return false;
	return true;
}

static char fold(char c)
{
	return c == '-' ? '_' : c;
}

bool module_name_equal(const char *a, const char *b)
{
	while (*a && fold(*a) == fold(*b)) {
		a++;
		b++;
	}
	return *a == '\0' && *b == '\0';
}

/* Names the kernel could have given: printable, no blank, no comma, not empty, fitting. */
static bool copy_name(char *to, size_t size, const char *from, size_t length)
{
	if (length == 0 || length >= size)
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isgraph((unsigned char)from[i]) || from[i] == ',' || from[i] == '/')
			return false;
	memcpy(to, from, length);
	to[length] = '\0';
	return true;
}

void driver_value_format(const struct driver_value *value, char text[CELL_VALUE_SIZE])
{
	int used = snprintf(text, CELL_VALUE_SIZE, "%s", *value->driver ? value->driver : "none");

	if (*value->module)
		used += snprintf(text + used, CELL_VALUE_SIZE - (size_t)used, ",module=%s",
				 value->module);
	if (*value->override)
		snprintf(text + used, CELL_VALUE_SIZE - (size_t)used, ",override=%s",
			 value->override);
}

/* Takes "prefixNAME" off *at, up to the next comma; an absent prefix is fine and takes nothing. */
static bool take_part(const char **at, const char *prefix, char *to, size_t size)
{
	size_t skip = strlen(prefix), length;

	if (strncmp(*at, prefix, skip) != 0)
		return true;
	length = strcspn(*at + skip, ",");
	if (!copy_name(to, size, *at + skip, length))
		return false;
	*at += skip + length;
	return true;
}

bool driver_value_parse(const char *text, struct driver_value *ret)
{
	struct driver_value value = {0};
	const char *at = text;

	if (!take_part(&at, "", value.driver, sizeof(value.driver)))
		return false;
	if (!take_part(&at, ",module=", value.module, sizeof(value.module)))
		return false;
	if (!take_part(&at, ",override=", value.override, sizeof(value.override)))
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
