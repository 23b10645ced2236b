// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostdevctl return: what "hostdevctl lend" has lent goes back to the host. A loan is returned
 * whole, as its devices were taken together.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "hostdevctl/command.h"
#include "hostdevctl/hand/hand.h"
#include "hostdevctl/output/json.h"
#include "parsers/pci/label.h"
#include "session/return.h"
#include "state/journals.h"

struct return_wish {
	bool dry_run, json;
	const char *root;
	struct text *loans; /* JSON */
	bool any;
};

/* Before they are home: afterwards nobody could tell what went along. */
static void tell_whole(const char *word, const struct journal *journal)
{
	struct pci_addr addr;

	if (journal->claim_count > 1 && pci_addr_parse_given(word, &addr))
		command_note("%s is one of %zu devices that were lent together, and they are "
			     "returned together",
			     ADDR(&addr), journal->claim_count);
}

static void show(struct return_wish *wish, const struct host *host, const char *word,
		 const struct journal *journal)
{
	tell_whole(word, journal);
	if (wish->json) {
		text_printf(wish->loans, "%s{", wish->any ? ", " : "");
		hand_json(host, journal, wish->loans);
	} else if (wish->dry_run) {
		for (size_t i = 0; i < journal->claim_count; i++)
			printf("%s would be returned\n",
			       label_read(host, &journal->claims[i]).text);
	} else {
		hand_print(host, journal, false);
	}
	wish->any = true;
}

/* Returns the exit status. */
static int return_loan(struct return_wish *wish, struct host *host, const char *word,
		       const char *uuid)
{
	struct pci_addr addr;
	struct return_request request = {
		.host = host,
		.uuid = uuid,
		.addr = pci_addr_parse_given(word, &addr) ? &addr : NULL,
		.dry_run = wish->dry_run,
	};
	auto_journal struct journal journal = JOURNAL_INIT;
	auto_text struct text message = TEXT_INIT;

	if (return_request_run(&request, &journal, &message) < 0) {
		hand_tell(word, &message);
		return COMMAND_FAILED;
	}
	if (journal.guest)
		show(wish, host, word, &journal);
	return COMMAND_DONE;
}

static bool is_by_hand(const struct host *host, const char *uuid)
{
	auto_journal struct journal journal = JOURNAL_INIT;

	return journal_read(host, uuid, &journal, NULL) == 0 && journal.by_hand;
}

/* A guest that has the name of a loan may have devices of its own, which are not meant then. */
static void keep_loans(const struct host *host, char **uuids)
{
	size_t kept = 0, count = 0;

	while (uuids[count])
		count++;
	for (size_t i = 0; i < count; i++) {
		char *uuid = uuids[i];

		if (!is_by_hand(host, uuid))
			continue;
		uuids[i] = uuids[kept];
		uuids[kept++] = uuid;
	}
	for (size_t i = kept; kept > 0 && i < count; i++) {
		free(uuids[i]);
		uuids[i] = NULL;
	}
}

static int return_meant(struct return_wish *wish, struct host *host, const char *word)
{
	cleanup(host_free_names) char **uuids = NULL;
	struct error err = ERROR_INIT;
	struct pci_addr addr;
	int status = COMMAND_DONE;

	if (journals_find_meant(host, word, &uuids, &err) < 0)
		return command_fail(&err);
	if (!uuids[0] && pci_addr_parse_given(word, &addr))
		command_note("%s is lent to nobody", label_read(host, &addr).text);
	else if (!uuids[0])
		command_note("%s has no journal: nothing is lent to it", word);
	keep_loans(host, uuids);
	for (size_t i = 0; uuids[i]; i++)
		if (return_loan(wish, host, word, uuids[i]) != COMMAND_DONE)
			status = COMMAND_FAILED;
	return status;
}

static int return_run_command(int argc, char **argv)
{
	auto_text struct text loans = TEXT_INIT;
	struct return_wish wish = {.loans = &loans};
	cleanup(host_close) struct host host = {0};
	const struct command_option options[] = {
		{"dry-run", .flag = &wish.dry_run},
		{"root", .value = &wish.root},
		{"json", 'J', .flag = &wish.json},
		{0},
	};
	int status = COMMAND_DONE;

	if (!command_options(&return_command, options, argc, argv, &status))
		return status;
	if (optind == argc)
		return command_misuse(&return_command, "return takes an ADDRESS, a NAME or a UUID");
	if (!command_may_look_at(&return_command, wish.root, wish.dry_run, &status))
		return status;
	if (!hand_open("return devices", wish.root, &host))
		return COMMAND_FAILED;
	if (!wish.dry_run)
		hand_begin();
	for (int i = optind; i < argc; i++)
		if (return_meant(&wish, &host, argv[i]) != COMMAND_DONE)
			status = COMMAND_FAILED;
	if (wish.json)
		printf(JSON_OPENING "\"loans\": [%s]\n}\n", text_string(&loans));
	return status;
}

const struct command return_command = {
	.name = "return",
	.run = return_run_command,
	.synopsis = "[OPTION...] ADDRESS|NAME|UUID...",
	.summary = "give devices that were lent by hand back to the host",
	.help = "ADDRESS is a device that was lent, NAME what was given with --for. A loan is "
		"returned whole, and\n"
		"only when nobody has its devices open any more.\n\n"
		"      --dry-run  only say what would be returned\n"
		"      --root DIR with --dry-run: look at the machine below DIR\n"
		"  -J, --json     print JSON\n"
		"  -h, --help     this text\n",
};
