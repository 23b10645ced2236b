// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostdevctl lend: devices are prepared for a guest without its start, by the work that the hook
 * does, with the same reasons to refuse. Whoever has a terminal is asked before programs end;
 * without one the policy decides, as it does for the hook.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "hostdevctl/answer/answer.h"
#include "hostdevctl/command.h"
#include "hostdevctl/device.h"
#include "hostdevctl/hand/hand-owner.h"
#include "hostdevctl/hand/hand.h"
#include "hostdevctl/input.h"
#include "hostdevctl/output/json.h"
#include "model/planner.h"
#include "parsers/pci/names.h"
#include "parsers/situation.h"
#include "session/lend-message.h"
#include "session/lend.h"
#include "session/plug.h"
#include "session/stopped.h"
#include "state/journals.h"

/* The command line, and what it means. */
struct lend_wish {
	char **words; /* devices, or one guest; the caller's */
	int word_count;
	const char *for_whom;
	const char **with; /* mates that may go along */
	size_t with_count;
	const char *owner_word;
	struct host_owner owner;
	bool dry_run, yes, json;
	const char *root;
	struct guest guest;
	bool of_guest; /* it is libvirt's, not one for this loan alone */
};

static void lend_wish_done(struct lend_wish *wish)
{
	guest_done(&wish->guest);
	free(wish->with);
}

/* --- which devices, and for whom --- */

static void add_device(struct guest *guest, const struct pci_addr *addr)
{
	if (!guest_hostdev(guest, addr))
		guest_add_hostdev(guest, addr);
}

static int make_uuid(char uuid[UUID_TEXT_SIZE], struct error *err)
{
	unsigned char bytes[16];
	size_t at = 0;

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return error_errno(err, errno, "make a UUID for the loan");
	/* Version 4: random. */
	bytes[6] = (unsigned char)((bytes[6] & 0x0f) | 0x40);
	bytes[8] = (unsigned char)((bytes[8] & 0x3f) | 0x80);
	for (size_t i = 0; i < sizeof(bytes); i++) {
		bool dash = i == 4 || i == 6 || i == 8 || i == 10;

		at += (size_t)snprintf(uuid + at, UUID_TEXT_SIZE - at, "%s%02x", dash ? "-" : "",
				       bytes[i]);
	}
	return 0;
}

static bool shares_group(const struct host *host, const struct guest *guest,
			 const struct pci_addr *addr)
{
	char group[32], other[32];

	if (host_read_link_name(host, HOST_SYS, group, sizeof(group), NULL,
				"bus/pci/devices/%s/iommu_group", ADDR(addr)) < 0)
		return false;
	for (size_t i = 0; i < guest->hostdev_count; i++)
		if (host_read_link_name(host, HOST_SYS, other, sizeof(other), NULL,
					"bus/pci/devices/%s/iommu_group",
					ADDR(&guest->hostdevs[i].addr)) == 0 &&
		    strcmp(group, other) == 0)
			return true;
	return false;
}

/* Consent to a mate makes it one of the devices; consent to anything else would be a mistake. */
static int add_mates(const struct host *host, struct lend_wish *wish, struct error *err)
{
	size_t named = wish->guest.hostdev_count;
	struct guest asked = wish->guest;

	for (size_t i = 0; i < wish->with_count; i++) {
		struct pci_addr addr;
		int ret = device_parse(host, wish->with[i], &addr, err);

		if (ret < 0)
			return ret;
		asked.hostdevs = wish->guest.hostdevs;
		asked.hostdev_count = named;
		if (!shares_group(host, &asked, &addr))
			return error_set(err, EINVAL,
					 "%s shares no IOMMU group with the devices to be lent, so "
					 "it would not go along. Nothing was changed. To lend it, "
					 "name it without --with",
					 ADDR(&addr));
		add_device(&wish->guest, &addr);
	}
	return 0;
}

static int read_guest(struct lend_wish *wish, const struct error *no_device, struct error *err)
{
	const char *word = wish->words[0];
	struct error no_guest = ERROR_INIT;
	int result = input_read_guest(word, wish->root, &wish->guest, &no_guest);

	/* The guest is there, but its XML or its policy is wrong. */
	if (result == -EBADMSG || result == -EINVAL)
		return error_set(err, -result, "%s", no_guest.text);
	if (result < 0)
		return error_set(err, ENOENT, "%s is no device, and no guest either: %s", word,
				 strchr(word, '/') ? no_device->text : no_guest.text);
	wish->of_guest = true;
	if (!*wish->guest.uuid)
		return error_set(err, EBADMSG, "%s has no <uuid>, by which its loan is kept",
				 wish->guest.name);
	if (wish->for_whom)
		return error_set(err, EINVAL,
				 "%s is a guest itself, and its devices are lent for no other one. "
				 "Nothing was changed",
				 wish->guest.name);
	return 0;
}

static int read_devices(const struct host *host, struct lend_wish *wish, struct error *err)
{
	struct guest *guest = &wish->guest;

	for (int i = 0; i < wish->word_count; i++) {
		struct error failure = ERROR_INIT;
		struct pci_addr addr;
		int ret = device_parse(host, wish->words[i], &addr, &failure);

		if (ret == -ENOENT && wish->word_count == 1)
			return read_guest(wish, &failure, err);
		if (ret < 0)
			return error_set(err, -ret, "%s", failure.text);
		add_device(guest, &addr);
	}
	guest->by_hand = true;
	if (wish->for_whom && plug_find(host, wish->for_whom, guest)) {
		wish->of_guest = guest->runs = true;
		return 0;
	}
	if (wish->for_whom && guest_uuid_valid(wish->for_whom))
		return error_set(err, ENOENT, "no guest with the UUID %s runs", wish->for_whom);
	guest->name = xstrdup(wish->for_whom ? wish->for_whom : GUEST_NOBODY);
	return make_uuid(guest->uuid, err);
}

/* For a guest of libvirt's, libvirt lets QEMU in by itself. */
static int read_owner(struct lend_wish *wish, struct error *err)
{
	if (!wish->owner_word)
		return 0;
	if (wish->of_guest)
		return error_set(err, EINVAL,
				 "--owner is for a QEMU that libvirt does not start, and %s is a "
				 "guest of libvirt's. Nothing was changed",
				 wish->guest.name);
	return hand_owner_parse(wish->owner_word, &wish->owner, err);
}

/* --- looking, asking, doing --- */

/* Of one that nobody has named, no sentence can speak by its name. */
static void show_answer(const struct host *host, struct situation *situation,
			const struct plan *plan, const struct lend_wish *wish)
{
	auto_answer struct answer answer = {0};
	auto_text struct text text = TEXT_INIT;

	names_fill(&situation->snapshot);
	answer_make(ANSWER_OF_LEND, plan, &wish->guest, &situation->snapshot, &situation->policy,
		    &answer);
	if (!wish->for_whom && !wish->of_guest)
		answer.title = "a virtual machine";
	answer_add_others(&answer, host);
	if (wish->json)
		answer_json(&answer, &text);
	else
		answer_print(&answer, &text);
	printf("%s", text.data);
}

static int show_plan(const struct host *host, struct situation *situation, struct plan *plan,
		     const struct lend_wish *wish)
{
	auto_text struct text text = TEXT_INIT;
	bool refused = plan->refusal_count > 0;

	if (wish->dry_run) {
		show_answer(host, situation, plan, wish);
		if (wish->owner_word && !wish->json && !refused)
			printf("The nodes below /dev/vfio would be given to %s.\n",
			       wish->owner_word);
	} else if (refused) {
		lend_tell_all_refusals(plan, wish->guest.name, &situation->snapshot, &text);
		hand_tell("not lent", &text);
	}
	return refused ? COMMAND_FAILED : COMMAND_DONE;
}

/* Without a lock, as people take their time. Not COMMAND_DONE: told. */
static int look(const struct host *host, const struct lend_wish *wish, struct consent *consent)
{
	cleanup(situation_done) struct situation situation = {.policy = POLICY_INIT};
	struct error err = ERROR_INIT;
	auto_guest struct guest running = {0};
	const struct guest *guest = &wish->guest;
	auto_plan struct plan plan = {0};
	int status;

	if (guest->runs) {
		auto_journal struct journal journal = JOURNAL_INIT;

		journal_read(host, guest->uuid, &journal, NULL);
		plug_look(host, guest, &journal, &running);
		guest = &running;
	}
	if (situation_read(host, guest, &situation, &err) < 0)
		return command_fail(&err);
	planner_lend(guest, &situation.snapshot, &situation.policy, &plan);
	status = show_plan(host, &situation, &plan, wish);
	if (status != COMMAND_DONE || wish->dry_run || consent_ask(consent, &plan))
		return status;
	command_note("not lent: nothing was changed");
	return COMMAND_FAILED;
}

/* Of a guest that runs, what has come now. */
static void keep_plugs(struct journal *journal)
{
	journal->claim_count = 0;
	for (size_t i = journal->plug_first; i < journal->plug_count; i++)
		journal->claims[journal->claim_count++] = journal->plugs[i];
}

static void tell_next(const struct lend_wish *wish, const struct journal *journal)
{
	auto_free char *name = text_escape(journal->guest);

	if (wish->guest.runs)
		printf("Attach it to %s now (virsh attach-device). When it is detached, ", name);
	else if (wish->of_guest)
		printf("The start of %s takes them over. ", name);
	printf("\"hostdevctl return %s\" gives %s back.\n", ADDR(&journal->claims[0]),
	       journal->claim_count > 1 ? "them" : "it");
}

static void tell_stopped(const struct lend_wish *wish, const char *left)
{
	if (left)
		command_note("%s has stopped meanwhile, and not everything that it was lent is "
			     "returned: %s",
			     wish->guest.name, left);
	else
		command_note("not lent: %s has stopped meanwhile, and everything that it was lent "
			     "is returned",
			     wish->guest.name);
}

static int show_loan(const struct host *host, const struct lend_wish *wish)
{
	auto_journal struct journal journal = JOURNAL_INIT;
	auto_text struct text text = TEXT_INIT;
	struct error err = ERROR_INIT;

	if (journal_read(host, wish->guest.uuid, &journal, &err) < 0)
		return command_fail(&err);
	if (wish->guest.runs)
		keep_plugs(&journal);
	if (wish->json) {
		hand_json(host, &journal, &text);
		printf(JSON_OPENING "%s\n", text.data);
		return COMMAND_DONE;
	}
	hand_print(host, &journal, true);
	for (size_t i = 0; i < journal.owned_count; i++)
		printf("/dev/%s belongs to %s now.\n", journal.owned[i].name, wish->owner_word);
	tell_next(wish, &journal);
	return COMMAND_DONE;
}

static bool can_ask(const struct lend_wish *wish)
{
	return !wish->yes && isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

static int lend(struct host *host, const struct lend_wish *wish)
{
	auto_consent struct consent consent = {0};
	auto_text struct text message = TEXT_INIT;
	auto_free char *left = NULL;
	struct lend_request request = {
		.host = host,
		.guest = &wish->guest,
		.by_hand = true,
		.of_nobody = !wish->of_guest,
		.owner = wish->owner_word ? &wish->owner : NULL,
	};

	if (wish->dry_run || can_ask(wish)) {
		int status = look(host, wish, &consent);

		if (status != COMMAND_DONE || wish->dry_run)
			return status;
		request.agrees = consent_covers;
		request.data = &consent;
	}
	hand_begin();
	if (lend_request_run(&request, &message) < 0) {
		hand_tell("not lent", &message);
		return COMMAND_FAILED;
	}
	if (wish->guest.runs && stopped_settle(host, &wish->guest, &left)) {
		tell_stopped(wish, left);
		return COMMAND_FAILED;
	}
	return show_loan(host, wish);
}

/* --- the command line --- */

/* "return" would take such a name for something else. */
static bool is_name(const char *word)
{
	struct pci_addr addr;

	return *word && !pci_addr_parse_given(word, &addr);
}

static char *take_for(void *data, const struct command_option *option, const char *argument)
{
	struct lend_wish *wish = data;

	(void)option;
	wish->for_whom = argument;
	return is_name(argument) ? NULL : xasprintf("--for %s: not a name", argument);
}

static char *take_with(void *data, const struct command_option *option, const char *argument)
{
	struct lend_wish *wish = data;

	(void)option;
	array_push(wish->with, wish->with_count, argument);
	return NULL;
}

static bool read_command_line(struct lend_wish *wish, int argc, char **argv, int *ret_status)
{
	const struct command_option options[] = {
		{"for", .take = take_for, .data = wish, .has_argument = required_argument},
		{"with", .take = take_with, .data = wish, .has_argument = required_argument},
		{"owner", .value = &wish->owner_word},
		{"dry-run", .flag = &wish->dry_run},
		{"root", .value = &wish->root},
		{"yes", 'y', .flag = &wish->yes},
		{"json", 'J', .flag = &wish->json},
		{0},
	};

	if (!command_options(&lend_command, options, argc, argv, ret_status))
		return false;
	wish->words = argv + optind;
	wish->word_count = argc - optind;
	if (wish->word_count == 0)
		*ret_status =
			command_misuse(&lend_command, "lend takes a DEVICE, a FILE or a GUEST");
	else
		return true;
	return false;
}

static int lend_run_command(int argc, char **argv)
{
	cleanup(lend_wish_done) struct lend_wish wish = {0};
	cleanup(host_close) struct host host = {0};
	struct error err = ERROR_INIT;
	int status;

	if (!read_command_line(&wish, argc, argv, &status))
		return status;
	if (!command_may_look_at(&lend_command, wish.root, wish.dry_run, &status))
		return status;
	if (!hand_open("lend devices", wish.root, &host))
		return COMMAND_FAILED;
	if (read_devices(&host, &wish, &err) < 0)
		return command_fail(&err);
	if (wish.guest.hostdev_count == 0) {
		command_note("%s: nothing to do: it names no host PCI device", wish.guest.name);
		return COMMAND_DONE;
	}
	if (read_owner(&wish, &err) < 0 || add_mates(&host, &wish, &err) < 0)
		return command_fail(&err);
	return lend(&host, &wish);
}

const struct command lend_command = {
	.name = "lend",
	.run = lend_run_command,
	.synopsis = "[OPTION...] DEVICE...|FILE|GUEST",
	.summary = "prepare devices for a virtual machine by hand, as the hook would",
	.help = "Takes devices from the host and binds them to VFIO until \"hostdevctl return\". "
		"What "
		"speaks\nagainst the start of a guest speaks against this, too. DEVICE is an "
		"address, a device\nnode or an interface; GUEST a guest's name, UUID or id, and "
		"FILE its "
		"XML: all of\nits devices, before it starts.\n\n"
		"      --for NAME      the name of the loan, and of its policy; or a guest that "
		"runs,\n"
		"                      to which the devices are to be attached\n"
		"      --with DEVICE   a device of the same IOMMU group may go along; once for "
		"each\n"
		"      --owner USER[:GROUP]  who may open the devices' nodes in /dev/vfio\n"
		"      --dry-run       only print what would be done\n"
		"      --root DIR      with --dry-run: look at the machine below DIR\n"
		"  -y, --yes           do not ask before programs are ended or units are stopped\n"
		"  -J, --json          print JSON\n"
		"  -h, --help          this text\n",
};
