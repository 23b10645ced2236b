// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Carrying a set-up out, whole or not at all; and taking one back. Tests: model/test-apply.c.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "actions/setup/apply-check.h"
#include "actions/setup/apply-run.h"
#include "base/cleanup.h"
#include "base/host-path.h"
#include "hostdevctl/command.h"
#include "hostdevctl/generate/generate.h"
#include "hostdevctl/output/json.h"
#include "state/homes.h"
#include "state/store.h"

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	interrupted = number;
}

/* A change that was begun is finished or taken back, whatever is typed meanwhile. */
static void catch_signals(void)
{
	static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		sigaction(numbers[i], &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* --- telling --- */

/* Where the answer on stdout is JSON, what goes on meanwhile is told beside it. */
struct teller {
	FILE *out;
	bool quiet;
};

static struct teller teller_of(const struct generate_options *options)
{
	return (struct teller){.out = options->json ? stderr : stdout, .quiet = options->quiet};
}

static void tell_build(const struct teller *teller, const struct step *step)
{
	auto_free char *command = generate_command_text(step->target);

	if (teller->quiet)
		return;
	fprintf(teller->out, "running %s\n", command);
	fflush(teller->out);
}

/* What has become of a file that was to get a value. */
static const char *verb_of(const char *value, bool undo)
{
	if (strcmp(value, "absent") == 0)
		return "removed";
	return undo ? "restored" : "wrote";
}

static void tell(void *data, const struct apply_event *event)
{
	const struct teller *teller = data;
	const struct step *step = event->step;

	if (event->failed)
		command_note("%s %s: %s", step_kind_name(step->kind), step->target, event->note);
	else if (event->begins)
		tell_build(teller, step);
	else if (event->note)
		command_note("%s: %s", event->about ? event->about : step->target, event->note);
	else if (step->kind == STEP_FILE)
		fprintf(teller->out, "%s %s\n",
			verb_of(event->undo ? step->before : step->after, event->undo),
			step->target);
}

static void tell_changed(const struct generate_options *options, bool changed)
{
	if (options->json || options->quiet)
		return;
	printf(changed ? "changed: yes; it counts from the next start of this host on\n"
		       : "changed: no\n");
}

/* --- apply --- */

static bool is_confirmed(const struct generate_options *options)
{
	return !generate_asks(options) || command_confirm("Carry this out?");
}

static int store_contents(int dir, const struct generate_plan *plan, struct error *err)
{
	struct file_value value;
	int result = 0;

	for (size_t i = 0; result == 0 && i < plan->change_count; i++) {
		result = store_value_of(dir, &plan->changes[i].before, &value, err);
		if (result == 0)
			result = store_value_of(dir, &plan->changes[i].after, &value, err);
	}
	return result;
}

/* The newest set-up in force before this one, or NULL. */
static const struct setup *next_in_force(const struct setups *setups, size_t index)
{
	while (index-- > 0)
		if (setup_is_in_force(&setups->items[index].setup))
			return &setups->items[index].setup;
	return NULL;
}

/*
 * Any of those before it may be the one that has put the binder into the images: those in between
 * may have changed the menu alone. What a record that cannot be read has done is not known.
 */
static bool images_stay(const struct setups *setups, size_t index)
{
	while (index-- > 0)
		if (setup_is_in_force(&setups->items[index].setup) &&
		    apply_checks_images(&setups->items[index].setup))
			return true;
	return setups->unreadable;
}

/* The failure is told already; now the host is as before, or it is not. */
static int take_back(struct apply *apply, struct setups *setups, struct setup_entry *entry)
{
	struct error err = ERROR_INIT;

	apply->at_once = true;
	apply->images_stay = images_stay(setups, (size_t)(entry - setups->items));
	apply->interrupted = NULL;
	if (apply_undo(apply, &err) < 0) {
		command_note("not everything could be taken back: %s. \"hostdevctl generate undo "
			     "--apply\" tries again",
			     err.text);
		return GENERATE_INCOMPLETE;
	}
	if (setups_remove(setups, entry, &err) < 0)
		return command_fail(&err);
	command_note("everything that was changed is taken back: this host is as it was before%s",
		     apply->left ? ", but for what others have written meanwhile" : "");
	return COMMAND_FAILED;
}

static int run(struct generate_host *host, struct setup_entry *entry, int record,
	       struct teller *teller)
{
	struct error err = ERROR_INIT;
	struct apply apply = {
		.host = &host->host,
		.store = host->setups.dir,
		.record = record,
		.setup = &entry->setup,
		.past = host->facts.past,
		.interrupted = &interrupted,
		.report = tell,
		.report_data = teller,
	};

	if (apply_run(&apply, &err) == 0)
		return COMMAND_DONE;
	command_note("the set-up was not applied: %s", err.text);
	return take_back(&apply, &host->setups, entry);
}

int generate_apply(const struct generate_options *options, struct generate_host *host,
		   const struct draft *draft, struct generate_plan *plan)
{
	struct teller teller = teller_of(options);
	struct error err = ERROR_INIT;
	auto_close int record = -1;
	int result;

	if (plan->setup.step_count == 0)
		return COMMAND_DONE;
	if (!command_is_root("write a set-up"))
		return COMMAND_FAILED;
	if (generate_preflight(host, plan, &err) < 0)
		return command_fail(&err);
	if (!is_confirmed(options)) {
		command_note("nothing was written");
		return COMMAND_FAILED;
	}
	catch_signals();
	result = store_contents(host->setups.dir, plan, &err);
	if (result == 0)
		result = setups_create(&host->setups, &plan->setup, &record, &err);
	if (result < 0)
		return command_fail(&err);
	/* The record's array may have moved as one was added to it. */
	host->facts.past = next_in_force(&host->setups, host->setups.count - 1);
	result = run(host, &host->setups.items[host->setups.count - 1], record, &teller);
	if (result == COMMAND_DONE && !options->json && !options->quiet)
		generate_print_way_out(draft);
	if (result == COMMAND_DONE)
		tell_changed(options, true);
	return result;
}

/* --- undo --- */

static int undo_one(struct generate_host *host, size_t index, const char *words, bool elsewhere,
		    struct teller *teller, struct error *err)
{
	struct setup_entry *entry = &host->setups.items[index];
	auto_close int record = -1;
	struct apply apply = {
		.host = &host->host,
		.store = host->setups.dir,
		.setup = &entry->setup,
		.next = next_in_force(&host->setups, index),
		.words = words,
		.images_stay = images_stay(&host->setups, index),
		.elsewhere = elsewhere,
		.report = tell,
		.report_data = teller,
	};
	int result = setups_open_entry(&host->setups, entry, &record, err);

	apply.record = record;
	if (result == 0)
		result = apply_undo(&apply, err);
	if (result == 0)
		result = setups_remove(&host->setups, entry, err);
	return result;
}

/* Is it built when this set-up is taken back, and not with an earlier one? */
static bool builds_at_undo(const struct setups *setups, size_t index, const struct step *step)
{
	const struct setup *next = next_in_force(setups, index);

	if (step->kind != STEP_BUILD || strcmp(step->before, "built") != 0)
		return false;
	for (size_t i = 0; next && i < next->step_count; i++)
		if (next->steps[i].kind == STEP_BUILD &&
		    strcmp(next->steps[i].target, step->target) == 0)
			return false;
	return true;
}

static void print_undo_step(const struct setups *setups, size_t index, const struct step *step)
{
	if (step->kind == STEP_FILE) {
		printf("%s %s\n", strcmp(step->before, "absent") == 0 ? "remove" : "restore",
		       step->target);
	} else if (builds_at_undo(setups, index, step)) {
		auto_free char *command = generate_command_text(step->target);

		printf("run %s\n", command);
	}
}

static void print_undo_plan(const struct generate_options *options, const struct setups *setups)
{
	for (size_t i = setups->count; !options->quiet && i-- > 0;) {
		const struct setup *setup = &setups->items[i].setup;

		for (size_t j = setup->step_count; j-- > 0;)
			if (journal_mark_is_unsettled(setup->marks[j]))
				print_undo_step(setups, i, &setup->steps[j]);
	}
	if (!options->quiet)
		printf("\nNothing was written. The same command with --apply carries this out.\n");
}

/* What JSON says of an undo: whether there was, or is, anything to take back. */
static void print_undo_json(const struct generate_options *options, bool changed)
{
	if (options->json)
		printf(JSON_OPENING "\"changed\": %s\n}\n", changed ? "true" : "false");
}

/* Killed between two of them, the rest must not pass for whole: each is marked before the first
 * goes. */
static void mark_all(struct generate_host *host)
{
	for (size_t i = 0; i < host->setups.count; i++) {
		struct setup_entry *entry = &host->setups.items[i];
		auto_close int record = -1;

		if (entry->setup.undoing ||
		    setups_open_entry(&host->setups, entry, &record, NULL) < 0)
			continue;
		/* A full disk is no reason to leave the host as it is. */
		setups_append(record, SETUP_UNDOING, strlen(SETUP_UNDOING), NULL);
	}
}

static int tell_unreadable(const struct generate_host *host)
{
	command_note("not everything could be taken back: %s", host->setups.unreadable);
	return GENERATE_INCOMPLETE;
}

/* What entries that are there may have of any of them. */
static void usual_words(const struct setups *setups, struct text *out)
{
	text_append(out, "", 0);
	for (size_t i = 0; i < setups->count; i++)
		text_printf(out, " %s", setup_usual_words(&setups->items[i].setup));
}

#define CMDLINE "/etc/kernel/cmdline"

static bool has_words_of(const char *cmdline, const struct setup *setup)
{
	for (size_t i = 0; i < setup->choice_count; i++)
		if (*setup->choices[i].words && text_has_words(cmdline, setup->choices[i].words))
			return true;
	return false;
}

/* Was the kernel that runs started with words that kernel-install has from these set-ups? */
static bool runs_with_words(const struct generate_host *host)
{
	auto_free char *cmdline = NULL;
	size_t length = 0;

	if (host_read_file(&host->host, HOST_PROC, 65536, &cmdline, &length, NULL, "cmdline") < 0)
		return false;
	cmdline[strcspn(cmdline, "\n")] = '\0';
	for (size_t i = 0; i < host->setups.count; i++) {
		const struct setup *setup = &host->setups.items[i].setup;

		if (setup_has_file(setup, CMDLINE) &&
		    (has_words_of(cmdline, setup) || strstr(cmdline, WORD_GUEST)))
			return true;
	}
	return false;
}

/* kernel-install takes the words of the kernel that runs where no file has any. */
static void tell_restart(const struct generate_host *host)
{
	static const char *const files[] = {CMDLINE, "/usr/lib/kernel/cmdline"};
	struct stat status;

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		if (host_path_stat(&host->host, files[i], &status, NULL) == 0)
			return;
	command_note("restart this host before a kernel is installed or updated: the one that runs "
		     "was started with words of the set-up, and, as there is no " CMDLINE
		     ", kernel-install would give them to the new one");
}

/* Those that there are records of. */
static int undo_records(const struct generate_options *options, struct generate_host *host)
{
	struct teller teller = teller_of(options);
	auto_text struct text words = TEXT_INIT;
	struct error err = ERROR_INIT;

	usual_words(&host->setups, &words);
	if (!options->root)
		homes_keep(&host->host, &host->setups);
	mark_all(host);
	for (size_t i = host->setups.count; i-- > 0;) {
		if (undo_one(host, i, words.data, options->root, &teller, &err) == 0)
			continue;
		command_note("not everything could be taken back: %s; what is left stands in the "
			     "record, and the same command tries again",
			     err.text);
		return GENERATE_INCOMPLETE;
	}
	return COMMAND_DONE;
}

/* What no record tells of gets one. Before anything is carried out it is known here alone. */
static int record_leftovers(const struct generate_options *options, struct generate_host *host,
			    struct error *err)
{
	cleanup(generate_plan_done) struct generate_plan left = {0};
	auto_close int record = -1;
	int result;

	generate_know_boot(host);
	generate_leftovers_find(host, &left);
	if (left.change_count == 0)
		return 0;
	result = generate_leftovers_record(host, &left, err);
	if (result < 0)
		return result;
	if (!options->apply) {
		setups_add(&host->setups, &left.setup);
		return 0;
	}
	result = store_contents(host->setups.dir, &left, err);
	return result < 0 ? result : setups_create(&host->setups, &left.setup, &record, err);
}

static int undo_all(const struct generate_options *options, struct generate_host *host)
{
	bool runs = !options->root && runs_with_words(host);
	struct error err = ERROR_INIT;
	int status = undo_records(options, host);

	/* A set-up that was made over such files has brought them back, with its undo. */
	if (status == COMMAND_DONE && record_leftovers(options, host, &err) < 0)
		return command_fail(&err);
	if (status == COMMAND_DONE && host->setups.count > 0)
		status = undo_records(options, host);
	if (status != COMMAND_DONE)
		return status;
	if (host->setups.unreadable)
		return tell_unreadable(host);
	if (runs)
		tell_restart(host);
	print_undo_json(options, true);
	tell_changed(options, true);
	return COMMAND_DONE;
}

static bool has_anything(struct generate_host *host)
{
	cleanup(generate_plan_done) struct generate_plan left = {0};

	generate_know_boot(host);
	generate_leftovers_find(host, &left);
	return host->setups.count > 0 || left.change_count > 0;
}

int generate_undo(const struct generate_options *options, struct generate_host *host)
{
	struct error err = ERROR_INIT;

	if (host->setups.count == 0 && host->setups.unreadable)
		return tell_unreadable(host);
	if (!has_anything(host)) {
		print_undo_json(options, false);
		tell_changed(options, false);
		return COMMAND_DONE;
	}
	if (generate_check_encrypted(host, options->root, &err) < 0)
		return command_fail(&err);
	if (!options->apply) {
		if (record_leftovers(options, host, &err) < 0)
			return command_fail(&err);
		print_undo_json(options, true);
		if (!options->json)
			print_undo_plan(options, &host->setups);
		return COMMAND_DONE;
	}
	if (!command_is_root("take a set-up back"))
		return COMMAND_FAILED;
	if (generate_check_managers(&host->host, true, options->root != NULL, &err) < 0)
		return command_fail(&err);
	if (!is_confirmed(options)) {
		command_note("nothing was written");
		return COMMAND_FAILED;
	}
	catch_signals();
	/* A full disk is no reason to leave what there are records of. */
	if (record_leftovers(options, host, &err) < 0 && host->setups.count == 0)
		return command_fail(&err);
	return undo_all(options, host);
}
