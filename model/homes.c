// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is remembered of the drivers that devices have with the host, and for which device it still
 * counts.
 */
#include "model/homes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "model/cell.h"

#define BOOT "boot "

void homes_done(struct homes *homes)
{
	for (size_t i = 0; i < homes->count; i++) {
		free(homes->all[i].driver);
		free(homes->all[i].modalias);
	}
	free(homes->all);
	memset(homes, 0, sizeof(*homes));
}

void homes_add_setup(struct homes *homes, const struct setup *setup)
{
	for (size_t i = 0; i < setup->home_count; i++) {
		const struct setup_home *home = &setup->homes[i];
		bool none = strcmp(home->driver, "none") == 0;

		array_push(homes->all, homes->count,
			   (struct home){.addr = home->addr,
					 .driver = xstrdup(none ? "" : home->driver),
					 .modalias = xstrdup(home->modalias),
					 .ours = true});
	}
}

bool homes_device_is_kept(const struct device *device)
{
	return *device->bound.driver && device_is_idle(device);
}

static bool fits(const struct home *home, const struct device *device)
{
	auto_free char *modalias = device_modalias(device);

	return pci_addr_equal(&home->addr, &device->addr) &&
	       (!*home->modalias || strcmp(home->modalias, modalias) == 0);
}

/* As a record has it that was made while something else kept the device. */
static bool keeps(const char *driver)
{
	return device_driver_is_vfio(driver) || strcmp(driver, "pci-stub") == 0;
}

const char *homes_driver(const struct homes *homes, const struct device *device)
{
	if (!homes_device_is_kept(device))
		return device->bound.driver;
	for (size_t i = 0; homes && i < homes->count; i++)
		if (!keeps(homes->all[i].driver) && fits(&homes->all[i], device))
			return homes->all[i].driver;
	return "";
}

bool homes_are_ours(const struct homes *homes, const struct device *device)
{
	for (size_t i = 0; homes && i < homes->count; i++)
		if (homes->all[i].ours && fits(&homes->all[i], device))
			return true;
	return false;
}

void homes_format(const struct homes *homes, const char *boot, struct text *out)
{
	text_printf(out, BOOT "%s\n", boot);
	for (size_t i = 0; i < homes->count; i++) {
		const struct home *home = &homes->all[i];
		struct driver_value value = {.driver = ""};
		char driver[CELL_VALUE_SIZE];

		if (!home->ours)
			continue;
		snprintf(value.driver, sizeof(value.driver), "%s", home->driver);
		driver_value_format(&value, driver);
		text_printf(out, "%s %s %s\n", ADDR(&home->addr), driver, home->modalias);
	}
}

static void take_line(char *line, struct homes *homes)
{
	const char *address = strsep(&line, " "), *driver = strsep(&line, " ");
	struct driver_value value;
	struct home home = {.ours = true};

	if (!driver || !line || !pci_addr_parse(address, &home.addr) ||
	    !driver_value_parse(driver, &value))
		return;
	home.driver = xstrdup(value.driver);
	home.modalias = xstrdup(line);
	array_push(homes->all, homes->count, home);
}

void homes_parse(const char *text, const char *boot, struct homes *homes)
{
	auto_free char *copy = xstrdup(text);
	char *at = copy;
	const char *first = strsep(&at, "\n");

	if (!text_starts(first, BOOT) || strcmp(first + strlen(BOOT), boot) != 0)
		return;
	while (at)
		take_line(strsep(&at, "\n"), homes);
}
