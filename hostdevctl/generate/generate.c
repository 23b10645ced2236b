// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostdevctl generate: set-ups that reserve devices from boot on. Without --apply it only looks and
 * prints.
 */
#include "hostdevctl/generate/generate.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "hostdevctl/command.h"

/* Whoever made it was stopped, and what it had changed may stand half. */
static bool tell_unfinished(const struct generate_host *host)
{
	const struct setup_entry *entry = setups_unfinished(&host->setups);

	if (host->setups.unreadable) {
		command_note("%s; nothing else is done before", host->setups.unreadable);
		return true;
	}
	if (!entry)
		return false;
	command_note("an earlier \"generate %s\" was stopped before it was done: \"hostdevctl "
		     "generate undo --apply\" brings everything back; nothing else is done before",
		     entry->setup.arguments);
	return true;
}

/* What was refused has no steps, and what it promised is all that is known. */
static int plan(const struct generate_host *host, struct draft *draft, struct generate_plan *ret,
		struct error *err)
{
	if (draft->refusals.count == 0)
		return generate_plan_make(host, draft, ret, err);
	ret->setup = draft->promise;
	memset(&draft->promise, 0, sizeof(draft->promise));
	return 0;
}

/* In JSON it is said at the end whether anything was changed. */
static int apply_in_json(const struct generate_options *options, struct generate_host *host,
			 const struct draft *draft, struct generate_plan *made)
{
	auto_text struct text changed = TEXT_INIT, unchanged = TEXT_INIT;
	bool any = made->setup.step_count > 0;
	int status;

	generate_json(draft, made, true, &changed);
	generate_json(draft, made, false, &unchanged);
	status = generate_apply(options, host, draft, made);
	fputs(any && status == COMMAND_DONE ? changed.data : unchanged.data, stdout);
	return status;
}

static int carry_out(const struct generate_options *options, struct generate_host *host,
		     struct draft *draft)
{
	cleanup(generate_plan_done) struct generate_plan made = {0};
	bool refused = draft->refusals.count > 0;
	struct error err = ERROR_INIT;

	if (plan(host, draft, &made, &err) < 0)
		return command_fail(&err);
	if (!options->json)
		generate_print_remarks(draft, options->quiet);
	if (refused && !options->json)
		command_note("nothing was written");
	if (options->json && options->apply && !refused)
		return apply_in_json(options, host, draft, &made);
	if (options->json || !refused)
		generate_preview(options, draft, &made);
	if (refused)
		return COMMAND_FAILED;
	return options->apply ? generate_apply(options, host, draft, &made) : COMMAND_DONE;
}

static int make(const struct generate_options *options, struct generate_host *host)
{
	auto_draft struct draft draft = {0};
	struct error err = ERROR_INIT;

	if (tell_unfinished(host))
		return COMMAND_FAILED;
	if (generate_host_look(host, &err) < 0)
		return command_fail(&err);
	if (generate_leftovers_refuse(host))
		return COMMAND_FAILED;
	if (!selection_wishes_any(&options->wishes.selection) &&
	    options->wishes.mode != GENERATE_DYNAMIC)
		return generate_tell_candidates(options, host);
	generate_draft(&host->facts, &options->wishes, &draft);
	return carry_out(options, host, &draft);
}

static int dispatch(const struct generate_options *options, struct generate_host *host)
{
	switch (options->verb) {
	case VERB_UNDO:
		return generate_undo(options, host);
	case VERB_SHOW:
		return generate_show(options, host);
	case VERB_VERIFY:
		return generate_verify(options, host);
	default:
		return make(options, host);
	}
}

static int generate_run(int argc, char **argv)
{
	cleanup(generate_options_done) struct generate_options options = {0};
	cleanup(generate_host_done) struct generate_host host = {.setups = SETUPS_INIT};
	struct error err = ERROR_INIT;
	int status;

	for (int dir = 0; dir < HOST_DIRS; dir++)
		host.host.fd[dir] = -1;
	if (!generate_options_parse(argc, argv, &options, &status))
		return status;
	if (generate_host_open(&options, &host, &err) < 0)
		return command_fail(&err);
	return dispatch(&options, &host);
}

const struct command generate_command = {
	.name = "generate",
	.run = generate_run,
	.synopsis = "static|multiboot|dynamic|undo|verify|show [OPTION...]",
	.summary = "reserve devices for guests from boot on, or take that back",
	.help = "  static     the same devices at every boot\n"
		"  multiboot  an entry of the boot menu for each choice of the card that the host "
		"keeps\n"
		"  dynamic    nothing is reserved: what the hook needs of the boot, and XML for "
		"guests\n"
		"  undo       take back what was applied\n"
		"  verify     after a restart: is everything as it was promised?\n"
		"  show       what is applied\n\n"
		"Without --apply nothing is written: what would change is printed.\n\n"
		"      --devices ADDRESS,...         what is reserved, groups as a whole\n"
		"      --iommu-groups LIST           LIST: 1,14-16,all,no-vga\n"
		"      --drivers NAME,...\n"
		"      --hardware-ids VVVV:DDDD,...\n"
		"      --exclude-devices, --exclude-iommu-groups, --exclude-drivers,\n"
		"      --exclude-hardware-ids        what is left out of that\n"
		"      --apply                       carry it out\n"
		"      --yes                         without a question\n"
		"      --method cmdline|conf         static: onto the command line (usual), or\n"
		"                                    into the image\n"
		"      --bind address|ids            static: known by address (usual) or by ids\n"
		"      --grub-cmdline TEXT           static: more words for the command line\n"
		"      --kernels N|0|1,3             multiboot: the N newest (3), all, or by rank\n"
		"      --default none|first|last|ADDRESS\n"
		"                                    multiboot: the entry that is started by\n"
		"                                    itself (none: as before)\n"
		"      --no-all                      multiboot: no entry for all at once\n"
		"      --headless                    the host may be left without graphics\n"
		"      --allow-unsafe                multiboot: more than 5 choices or kernels\n"
		"      --allow-early                 cards that their own driver should set up\n"
		"      --allow-measured              although a disk is unlocked by what is "
		"measured\n"
		"      --qemu                        dynamic: words for QEMU instead of XML\n"
		"      --root DIR                    look at the host below DIR; undo: change it\n"
		"      --loader NAME, --initramfs NAME\n"
		"                                    where several are found\n"
		"  -J, --json                        print JSON\n"
		"  -q, --quiet                       only what is changed or refused\n"
		"  -h, --help                        this text\n\n"
		"Exit status: 0 done, or nothing to do; 1 refused, or failed and taken back; 2 "
		"the\n"
		"command line is wrong; 3 not everything could be taken back.\n",
};
