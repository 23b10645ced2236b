// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The command line of "hostdevctl xml". A policy is taken as the hook would take it.
 * Tests: ctl/xml.bats.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "hostdevctl/command.h"
#include "hostdevctl/xml/xml.h"
#include "model/policy.h"

void xml_options_done(struct xml_options *options)
{
	guest_done(&options->guest);
	text_done(&options->attributes);
}

/* --- the policy --- */

static void add_escaped(const char *value, struct text *out)
{
	static const char special[] = "&<>\"";
	static const char *const names[] = {"&amp;", "&lt;", "&gt;", "&quot;"};

	for (const char *at = value; *at; at++) {
		const char *found = strchr(special, *at);

		if (found)
			text_printf(out, "%s", names[found - special]);
		else
			text_append(out, at, 1);
	}
}

/* An attribute that stands there twice makes the element none. */
static bool is_set(const struct xml_options *options, const char *key)
{
	auto_free char *attribute = xasprintf(" %s=\"", key);

	return options->attributes.data && strstr(options->attributes.data, attribute);
}

/* KEY=VALUE */
static char *take_policy(void *data, const struct command_option *option, const char *argument)
{
	struct xml_options *options = data;
	const char *equal = strchr(argument, '=');
	auto_policy struct policy policy = POLICY_INIT;
	struct error err = ERROR_INIT;
	auto_free char *key = NULL;

	(void)option;
	if (!equal || equal == argument || !equal[1])
		return xasprintf("--policy %s: not of the form KEY=VALUE", argument);
	key = xasprintf("%.*s", (int)(equal - argument), argument);
	if (policy_set(&policy, NULL, key, equal + 1, "--policy", &err) < 0)
		return xasprintf("%s", err.text);
	if (is_set(options, key))
		return xasprintf("--policy sets %s twice", key);
	options->whole_group = options->whole_group || policy.group == GROUP_WHOLE;
	text_printf(&options->attributes, " %s=\"", key);
	add_escaped(equal + 1, &options->attributes);
	text_printf(&options->attributes, "\"");
	return NULL;
}

/* --- other values --- */

static char *take_driver(void *data, const struct command_option *option, const char *argument)
{
	struct xml_options *options = data;
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

	(void)option;
	if (!*argument || argument[strspn(argument, allowed)])
		return xasprintf("--driver %s: not the name of a driver", argument);
	options->wishes.driver = argument;
	return NULL;
}

/* One or two hexadecimal digits, and the end that is wanted behind them. */
static bool take_hex(const char **at, char end, unsigned int *ret)
{
	size_t length = strspn(*at, "0123456789abcdefABCDEF");

	if (length < 1 || length > 2 || (*at)[length] != end)
		return false;
	*ret = (unsigned int)strtoul(*at, NULL, 16);
	*at += length + (end != '\0');
	return true;
}

static char *take_place(void *data, const struct command_option *option, const char *argument)
{
	struct xml_options *options = data;
	const char *at = argument;
	unsigned int bus, slot;

	(void)option;
	if (!take_hex(&at, ':', &bus) || !take_hex(&at, '\0', &slot) || slot > 0x1f ||
	    (bus == 0) != (slot != 0))
		return xasprintf(
			"--at %s: not a place such as 10:00 (slot 0 of a bus behind a PCIe "
			"port) or 00:10 (a slot of bus 0)",
			argument);
	options->wishes.bus = bus;
	options->wishes.slot = slot;
	return NULL;
}

/* Two or three numbers with dots between them. */
static char *take_version(void *data, const struct command_option *option, const char *argument)
{
	struct xml_options *options = data;
	size_t count = 0;

	(void)option;
	for (const char *at = argument;; at++) {
		size_t length = strspn(at, "0123456789");

		at += length;
		count++;
		if (length < 1 || length > 3 || count > 3 || (*at && *at != '.'))
			break;
		if (!*at && count > 1) {
			options->libvirt = argument;
			return NULL;
		}
		if (!*at)
			break;
	}
	return xasprintf("--libvirt %s: not a version such as 9.0.0", argument);
}

/* --- all of them --- */

/* QEMU knows nothing of what only libvirt reads. */
static const char *clash(const struct xml_options *options)
{
	if (!options->wishes.as_qemu)
		return NULL;
	if (options->attributes.length > 0)
		return "--policy";
	if (options->wishes.driver)
		return "--driver";
	return options->libvirt ? "--libvirt" : NULL;
}

bool xml_options_parse(int argc, char **argv, struct xml_options *options, int *ret_status)
{
	const struct command_option list[] = {
		{"group", .flag = &options->group},
		{"policy", .take = take_policy, .data = options, .has_argument = required_argument},
		{"driver", .take = take_driver, .data = options, .has_argument = required_argument},
		{"iommufd", .flag = &options->wishes.iommufd},
		{"at", .take = take_place, .data = options, .has_argument = required_argument},
		{"libvirt", .take = take_version, .data = options,
		 .has_argument = required_argument},
		{"qemu", .flag = &options->wishes.as_qemu},
		{"json", 'J', .flag = &options->json},
		{"root", .value = &options->root},
		{0},
	};

	options->wishes.bus = ELEMENTS_BUS;
	if (!command_options(&xml_command, list, argc, argv, ret_status))
		return false;
	options->words = argv + optind;
	options->word_count = argc - optind;
	if (clash(options))
		*ret_status = command_misuse(&xml_command, "--qemu and %s exclude each other",
					     clash(options));
	else if (options->word_count == 0)
		*ret_status = command_misuse(&xml_command, "xml takes one DEVICE or more");
	else
		return true;
	return false;
}
