// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostdevctl set: what may be asked for in one line of a shell, and what becomes of it in the
 * guest's own file below /etc/hostdev-hook. The guest's XML, which comes after that file, is never
 * touched.
 */
#include "hostdevctl/set/set.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "hostdevctl/command.h"
#include "hostdevctl/domains.h"
#include "hostdevctl/input.h"
#include "hostdevctl/output/table.h"
#include "model/finding-id.h"
#include "parsers/config/config-edit.h"
#include "parsers/config/config-file.h"
#include "parsers/config/config.h"
#include "parsers/domain/domain.h"

/* KEY=VALUE, KEY+=WORD, KEY-=WORD or KEY= as it was given. */
struct set_wish {
	char *key, *value; /* heap */
	char how;          /* '=', '+', '-' */
};

static void set_wish_done(struct set_wish *wish)
{
	free(wish->key);
	free(wish->value);
}

/* The devices of --device. None: what is set holds for all devices of the guest. */
struct set_devices {
	struct pci_addr *items; /* heap */
	size_t count;
};

static void set_devices_done(struct set_devices *devices)
{
	free(devices->items);
}

/* The guest's own file in the making. */
struct change {
	const struct set *set;
	const struct pci_addr *addr; /* the device that is set just now; NULL: all devices */
	struct policy policy;        /* in force with what was changed so far, but for the XML */
	struct text text;
	struct text told; /* a line for each wish */
	struct error *err;
};

static void change_done(struct change *change)
{
	policy_done(&change->policy);
	text_done(&change->text);
	text_done(&change->told);
}

/* --- wishes --- */

static char *trimmed(const char *from, size_t length)
{
	for (; length > 0 && strchr(" \t", *from); length--)
		from++;
	while (length > 0 && strchr(" \t", from[length - 1]))
		length--;
	return xasprintf("%.*s", (int)length, from);
}

static int set_wish_parse(const char *argument, struct set_wish *ret, struct error *err)
{
	const char *equal = strchr(argument, '='), *end = equal;

	if (!equal || equal == argument)
		return error_set(err, EINVAL, "%s: not of the form KEY=VALUE", argument);
	ret->how = '=';
	if (end[-1] == '+' || end[-1] == '-')
		ret->how = *--end;
	ret->key = trimmed(argument, (size_t)(end - argument));
	ret->value = trimmed(equal + 1, strlen(equal + 1));
	return 0;
}

static bool key_is_known(const char *key)
{
	const char *known;

	for (size_t i = 0; (known = policy_key(i)); i++)
		if (strcmp(known, key) == 0)
			return true;
	return false;
}

/* --- lists --- */

static char *allow_words(unsigned int allow)
{
	struct text words = TEXT_INIT;

	for (int kind = 0; kind < USE_KINDS; kind++)
		if (allow & 1u << kind)
			text_printf(&words, "%s%s", words.length > 0 ? ", " : "",
				    use_allow_name((enum use_kind)kind));
	return words.data ? words.data : xstrdup("none");
}

static unsigned int allow_now(const struct change *change)
{
	return change->addr ? policy_of_device(&change->policy, change->addr).allow
			    : change->policy.all.allow;
}

/*
 * A list in a file stands for the whole list, so a word more or less is that of all that is in
 * force now: nobody's first word is lost by a second one.
 */
static int join_list(const struct change *change, const struct set_wish *wish, char **ret)
{
	auto_policy struct policy asked = POLICY_INIT;
	unsigned int before = allow_now(change);
	int result;

	if (strcmp(wish->key, "allow") != 0)
		return error_set(change->err, EINVAL, "%s %c= %s: only allow is a list", wish->key,
				 wish->how, wish->value);
	result = policy_set(&asked, NULL, wish->key, wish->value, change->set->shown, change->err);
	if (result == 0)
		*ret = allow_words(wish->how == '+' ? before | asked.all.allow
						    : before & ~asked.all.allow);
	return result;
}

/* --- the change --- */

static void tell(struct change *change, const struct set_wish *wish, const char *value,
		 bool was_set)
{
	text_printf(&change->told, "%s: ", change->set->shown);
	if (change->addr)
		text_printf(&change->told, "[%s] ", ADDR(change->addr));
	if (value)
		text_printf(&change->told, "%s = %s\n", wish->key, value);
	else
		text_printf(&change->told, "%s is %s\n", wish->key,
			    was_set ? "set no more" : "not set, as before");
}

/* An id of a later version keeps no guest from its start, but nobody means to write one. */
static int check_id_words(const struct change *change, const struct set_wish *wish,
			  const char *value)
{
	auto_free char *unknown = NULL, *meant = NULL;
	struct finding_set set;

	/* What is no list at all is refused with all other values. */
	if (strcmp(wish->key, "ignore") != 0 || !finding_set_parse(value, &set, &unknown) ||
	    !unknown)
		return 0;
	meant = finding_id_suggest(unknown);
	return error_set(change->err, EINVAL, "ignore: %.80s is the id of no finding%s", unknown,
			 meant);
}

static int apply(struct change *change, const struct set_wish *wish)
{
	auto_text struct text text = TEXT_INIT;
	auto_free char *value = NULL, *meant = policy_suggest_key(wish->key);
	bool was_set;
	int ret = 0;

	assert(wish->value);
	if (!*wish->value && wish->how == '=' && !key_is_known(wish->key))
		return error_set(change->err, EINVAL, "unknown key %s%s", wish->key, meant);
	if (wish->how != '=')
		ret = join_list(change, wish, &value);
	else if (*wish->value)
		value = xstrdup(wish->value);
	if (ret == 0 && value)
		ret = check_id_words(change, wish, value);
	if (ret == 0 && value)
		ret = policy_set(&change->policy, change->addr, wish->key, value,
				 change->set->shown, change->err);
	if (ret < 0)
		return ret;
	was_set = config_edit(change->text.data, change->addr, wish->key, value, &text);
	tell(change, wish, value, was_set);
	text_done(&change->text);
	change->text = text;
	text = (struct text)TEXT_INIT;
	return 0;
}

/* addr: NULL for all devices. */
static int apply_to(struct change *change, const struct pci_addr *addr, char **arguments, int count)
{
	int ret = 0;

	change->addr = addr;
	for (int i = 0; ret == 0 && i < count; i++) {
		cleanup(set_wish_done) struct set_wish wish = {0};

		ret = set_wish_parse(arguments[i], &wish, change->err);
		if (ret == 0)
			ret = apply(change, &wish);
	}
	return ret;
}

static int apply_all(struct change *change, const struct set_devices *devices, char **arguments,
		     int count)
{
	int ret = 0;

	if (devices->count == 0)
		return apply_to(change, NULL, arguments, count);
	for (size_t i = 0; ret == 0 && i < devices->count; i++)
		ret = apply_to(change, &devices->items[i], arguments, count);
	return ret;
}

/* Whatever it was that we did to the text: what is not understood must not be written. */
static int check_text(const struct change *change)
{
	auto_policy struct policy policy = POLICY_INIT;

	return config_file_apply(change->text.data, change->text.length, change->set->shown,
				 &policy, change->err);
}

static int change_file(const struct set *set, const struct set_devices *devices, char **arguments,
		       int count, struct error *err)
{
	cleanup(change_done) struct change change = {.set = set, .policy = POLICY_INIT, .err = err};
	auto_text struct text before = TEXT_INIT;
	auto_free char *name = text_escape(set->guest.name);
	auto_close int lock = -1;
	int ret = set_file_lock(set, &lock, err);

	if (ret == 0)
		ret = set_file_read(set, &before, err);
	if (ret == 0)
		ret = config_read(&set->host, set->guest.name, &change.policy, err);
	if (ret < 0)
		return ret;
	if (before.length == 0)
		text_printf(&change.text, "# Policy of the guest %s: hostdev-hook.conf(5)\n", name);
	text_append(&change.text, before.data, before.length);
	ret = apply_all(&change, devices, arguments, count);
	if (ret == 0)
		ret = check_text(&change);
	if (ret == 0)
		ret = set_file_write(set, &change.text, err);
	if (ret < 0)
		return error_wrap(err, "nothing was written");
	fputs(change.told.data, stdout);
	return 0;
}

/* --- what comes after the file --- */

static void warn_of(const struct set *set, const struct origin *origin)
{
	if (!text_starts(origin->where, set->shown))
		command_note("%s%s%s is set to \"%s\" by the guest's XML (%s), which counts "
			     "more than its file: change it there",
			     origin->key, origin->has_addr ? " of " : "",
			     origin->has_addr ? ADDR(&origin->addr) : "", origin->value,
			     origin->where);
}

/* What is set for one device counts more than what is set for all, wherever it stands. */
static void warn_of_devices(const struct origins *origins, const char *key)
{
	for (size_t i = 0; i < origins->count; i++) {
		const struct origin *origin = &origins->items[i];

		if (origin->has_addr && strcmp(origin->key, key) == 0 &&
		    origins_find(origins, &origin->addr, key) == origin)
			command_note("for %s it is still \"%s\" (%s)", ADDR(&origin->addr),
				     origin->value, origin->where);
	}
}

/* addr: NULL for all devices. */
static void warn_for(const struct set *set, const struct origins *origins,
		     const struct pci_addr *addr, char **arguments, int count)
{
	for (int i = 0; i < count; i++) {
		cleanup(set_wish_done) struct set_wish wish = {0};
		const struct origin *origin;

		if (set_wish_parse(arguments[i], &wish, NULL) < 0)
			continue;
		assert(wish.key && wish.value);
		if (!*wish.value)
			continue;
		origin = origins_find(origins, addr, wish.key);
		if (origin)
			warn_of(set, origin);
		if (!addr)
			warn_of_devices(origins, wish.key);
	}
}

static void warn(const struct set *set, const struct set_devices *devices, char **arguments,
		 int count)
{
	cleanup(origins_done) struct origins origins = {0};
	auto_policy struct policy policy = POLICY_INIT;
	struct error err = ERROR_INIT;

	policy.origins = &origins;
	if (set_policy_read(set, &policy, &err) < 0) {
		command_note("%s", err.text);
		return;
	}
	if (devices->count == 0)
		warn_for(set, &origins, NULL, arguments, count);
	for (size_t i = 0; i < devices->count; i++)
		warn_for(set, &origins, &devices->items[i], arguments, count);
}

/* --- the guest --- */

static bool is_file(const char *argument)
{
	/* Libvirt allows no slash in a name. What only happens to lie here is no guest's XML. */
	return strcmp(argument, "-") == 0 || strchr(argument, '/');
}

static int set_open(struct set *set, const struct table_request *request, struct error *err)
{
	auto_free char *shown = NULL;
	int ret = 0;

	if (is_file(request->argument))
		ret = input_read_definition(request->argument, request->root, &set->guest, err);
	else
		set->guest.name = xstrdup(request->argument);
	if (ret < 0)
		return ret;
	shown = text_escape(set->guest.name);
	if (!config_guest_has_file(set->guest.name))
		return error_set(err, EINVAL,
				 "%s: no guest of this name can have a file of its own; put its "
				 "policy into its XML (hostdev-hook.conf(5))",
				 shown);
	set->file = xasprintf("%s" CONFIG_SUFFIX, set->guest.name);
	set->shown = xasprintf("/etc/" CONFIG_DIR "/" CONFIG_GUESTS_DIR "/%s" CONFIG_SUFFIX, shown);
	return command_open(request->root, NULL, &set->host, err);
}

/* Its XML may set something, too. It is of use only: all else works while libvirt is down. */
static void ask_libvirt(struct set *set, const struct table_request *request)
{
	auto_guest struct guest guest = {0};
	auto_free char *xml = NULL;
	struct error err = ERROR_INIT;

	if (request->root || is_file(request->argument))
		return;
	if (domains_read_xml(set->guest.name, &xml, &err) < 0 ||
	    domain_parse(xml, strlen(xml), &guest, &err) < 0) {
		command_note("whether the XML of %s sets something, too, is not known: %s",
			     set->guest.name, err.text);
		return;
	}
	guest_done(&set->guest);
	set->guest = guest;
	guest = (struct guest){0};
}

static int set_write(struct set *set, const struct table_request *request,
		     const struct set_devices *devices, struct error *err)
{
	int ret;

	if (!request->root && geteuid() != 0)
		return error_set(err, EPERM, "only root may write %s", set->shown);
	ret = change_file(set, devices, request->more, request->more_count, err);
	if (ret < 0)
		return ret;
	/* It may keep us waiting: what was asked for is done by now. */
	fflush(stdout);
	ask_libvirt(set, request);
	warn(set, devices, request->more, request->more_count);
	return 0;
}

/* "01:00.0,0000:02:00.0" */
static int read_devices(const char *list, struct set_devices *ret)
{
	auto_free char *copy = xstrdup(list);
	char *rest = copy, *word;

	while ((word = strsep(&rest, ","))) {
		struct pci_addr addr;

		if (!pci_addr_parse_given(word, &addr))
			return command_misuse(&set_command,
					      "%s: not an address such as 0000:01:00.0", word);
		array_push(ret->items, ret->count, addr);
	}
	return COMMAND_DONE;
}

/* By its form alone; what a key may be set to is found out later. */
static int check_request(const struct table_request *request, const char *list,
			 struct set_devices *ret_devices)
{
	if (list && request->more_count == 0)
		return command_misuse(&set_command, "--device needs a KEY=VALUE");
	if (list && read_devices(list, ret_devices) != COMMAND_DONE)
		return COMMAND_MISUSED;
	for (int i = 0; i < request->more_count; i++)
		if (request->more[i][strcspn(request->more[i], "=")] == '\0' ||
		    request->more[i][0] == '=')
			return command_misuse(&set_command, "%s: not of the form KEY=VALUE",
					      request->more[i]);
	return COMMAND_DONE;
}

static int set_run(int argc, char **argv)
{
	const char *list = NULL;
	const struct command_option options[] = {{"device", .value = &list}, {0}};
	const struct table_wants wants = {
		.argument = "one FILE or GUEST [KEY=VALUE...]", .more = true, .options = options};
	struct output output = {
		.name = "policy", .columns = set_columns, .column_count = SET_COLUMNS};
	cleanup(set_done) struct set set = {0};
	struct error err = ERROR_INIT;
	cleanup(set_devices_done) struct set_devices devices = {0};
	struct table_request request;
	int status, ret;

	if (!table_options(&set_command, argc, argv, &wants, &output, &request, &status))
		return status;
	status = check_request(&request, list, &devices);
	if (status != COMMAND_DONE)
		return status;
	ret = set_open(&set, &request, &err);
	if (ret == 0 && request.more_count > 0) {
		ret = set_write(&set, &request, &devices, &err);
	} else if (ret == 0) {
		ask_libvirt(&set, &request);
		ret = set_show(&set, &output, &err);
	}
	return ret < 0 ? command_fail(&err) : COMMAND_DONE;
}

const struct command set_command = {
	.name = "set",
	.run = set_run,
	.synopsis = "[OPTION...] FILE|GUEST [KEY=VALUE...]",
	.summary = "write a guest's policy, or show which is in force and why",
	.help = "GUEST is a guest's name; FILE holds a domain's XML ('-': standard input), which "
		"is\n"
		"only read.\n"
		"Without KEY=VALUE each setting is listed with the file it comes from.\n\n"
		"  KEY=VALUE          set it in /etc/hostdev-hook/guests/GUEST.conf\n"
		"  KEY=               take it out of there\n"
		"  allow+=WORD        add a word to the list in force\n"
		"  allow-=WORD        take a word out of it\n\n"
		"      --device ADDR  for this device only: 0000:01:00.0, 01:00.0 or\n"
		"                     pci_0000_01_00_0; several are separated by commas\n"
		"  -J, --json         print JSON\n"
		"  -r, --raw          print fields separated by one blank\n"
		"  -n, --noheadings   leave the headings out\n"
		"  -o, --output LIST  columns: KEY,DEVICE,VALUE,FROM\n"
		"      --root DIR     the machine below DIR instead of this one\n"
		"  -h, --help         this text\n",
};
