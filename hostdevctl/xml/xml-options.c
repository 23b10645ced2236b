// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The command line of "hostdevctl xml". A policy is taken as the hook would take it.
 */
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "hostdevctl/command.h"
#include "hostdevctl/xml/xml.h"
#include "model/policy.h"

enum xml_option {
	OPTION_GROUP = 256,
	OPTION_POLICY,
	OPTION_DRIVER,
	OPTION_IOMMUFD,
	OPTION_AT,
	OPTION_LIBVIRT,
	OPTION_QEMU,
	OPTION_ROOT,
};

static const struct option long_options[] = {
	{"group", no_argument, NULL, OPTION_GROUP},
	{"policy", required_argument, NULL, OPTION_POLICY},
	{"driver", required_argument, NULL, OPTION_DRIVER},
	{"iommufd", no_argument, NULL, OPTION_IOMMUFD},
	{"at", required_argument, NULL, OPTION_AT},
	{"libvirt", required_argument, NULL, OPTION_LIBVIRT},
	{"qemu", no_argument, NULL, OPTION_QEMU},
	{"json", no_argument, NULL, 'J'},
	{"root", required_argument, NULL, OPTION_ROOT},
	{"help", no_argument, NULL, 'h'},
	{0},
};

void xml_options_done(struct xml_options *options)
{
	guest_done(&options->guest);
	text_done(&options->attributes);
}

__attribute__((format(printf, 2, 3))) static bool misuse(int *ret_status, const char *format, ...)
{
	auto_free char *text = NULL;
	va_list args;

	va_start(args, format);
	text = xvasprintf(format, args);
	va_end(args);
	*ret_status = command_misuse(&xml_command, "%s", text);
	return false;
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
static bool take_policy(const char *argument, struct xml_options *options, int *ret_status)
{
	const char *equal = strchr(argument, '=');
	auto_policy struct policy policy = POLICY_INIT;
	struct error err = ERROR_INIT;
	auto_free char *key = NULL;

	if (!equal || equal == argument || !equal[1])
		return misuse(ret_status, "--policy %s: not of the form KEY=VALUE", argument);
	key = xasprintf("%.*s", (int)(equal - argument), argument);
	if (policy_set(&policy, NULL, key, equal + 1, "--policy", &err) < 0)
		return misuse(ret_status, "%s", err.text);
	if (is_set(options, key))
		return misuse(ret_status, "--policy sets %s twice", key);
	options->whole_group = options->whole_group || policy.group == GROUP_WHOLE;
	text_printf(&options->attributes, " %s=\"", key);
	add_escaped(equal + 1, &options->attributes);
	text_printf(&options->attributes, "\"");
	return true;
}

/* --- other values --- */

static bool take_driver(const char *argument, struct xml_options *options, int *ret_status)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

	if (!*argument || argument[strspn(argument, allowed)])
		return misuse(ret_status, "--driver %s: not the name of a driver", argument);
	options->wishes.driver = argument;
	return true;
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

static bool take_place(const char *argument, struct xml_options *options, int *ret_status)
{
	const char *at = argument;
	unsigned int bus, slot;

	if (!take_hex(&at, ':', &bus) || !take_hex(&at, '\0', &slot) || slot > 0x1f ||
	    (bus == 0) != (slot != 0))
		return misuse(ret_status,
			      "--at %s: not a place such as 10:00 (slot 0 of a bus behind a PCIe "
			      "port) or 00:10 (a slot of bus 0)",
			      argument);
	options->wishes.bus = bus;
	options->wishes.slot = slot;
	return true;
}

/* Two or three numbers with dots between them. */
static bool take_version(const char *argument, struct xml_options *options, int *ret_status)
{
	size_t count = 0;

	for (const char *at = argument;; at++) {
		size_t length = strspn(at, "0123456789");

		at += length;
		count++;
		if (length < 1 || length > 3 || count > 3 || (*at && *at != '.'))
			break;
		if (!*at && count > 1) {
			options->libvirt = argument;
			return true;
		}
		if (!*at)
			break;
	}
	return misuse(ret_status, "--libvirt %s: not a version such as 9.0.0", argument);
}

/* --- all of them --- */

/* One option. False: the command is over. */
static bool take_option(int option, struct xml_options *options, int *ret_status)
{
	switch (option) {
	case OPTION_GROUP:
		options->group = true;
		return true;
	case OPTION_POLICY:
		return take_policy(optarg, options, ret_status);
	case OPTION_DRIVER:
		return take_driver(optarg, options, ret_status);
	case OPTION_IOMMUFD:
		options->wishes.iommufd = true;
		return true;
	case OPTION_AT:
		return take_place(optarg, options, ret_status);
	case OPTION_LIBVIRT:
		return take_version(optarg, options, ret_status);
	case OPTION_QEMU:
		options->wishes.as_qemu = true;
		return true;
	case OPTION_ROOT:
		options->root = optarg;
		return true;
	case 'J':
		options->json = true;
		return true;
	case 'h':
		*ret_status = command_help(&xml_command);
		return false;
	default:
		*ret_status = command_try_help(&xml_command);
		return false;
	}
}

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
	int option;

	options->wishes.bus = ELEMENTS_BUS;
	while ((option = command_getopt(&xml_command, argc, argv, "Jh", long_options)) != -1)
		if (!take_option(option, options, ret_status))
			return false;
	if (clash(options))
		return misuse(ret_status, "--qemu and %s exclude each other", clash(options));
	if (optind == argc)
		return misuse(ret_status, "xml takes one DEVICE or more");
	options->words = argv + optind;
	options->word_count = argc - optind;
	return true;
}
