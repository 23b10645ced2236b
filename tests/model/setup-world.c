// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The host of setup-world.h as its tests see it, and the calls that work on it.
 */
#include "tests/model/setup-world.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/digest.h"
#include "hostdevctl/command.h"
#include "state/homes.h"
#include "tests/host/check.h"
#include "tests/host/tree.h"
#include "tests/model/setup-host.h"
#include "tests/model/setup-programs.h"
#include "tests/model/setup-strike.h"

#define SAID "said"

/* --- its operations --- */

/* What a program does is its own business: it fails or is killed as a whole. */
static int play_uncounted(const struct world *world, char *const *argv, struct text *said,
			  struct error *err)
{
	bool counting = strike_pause(true);
	int result = programs_play(world, argv, said, err);

	strike_pause(!counting);
	return result;
}

static int world_file_put(struct host *host, const char *path, const struct host_content *content,
			  struct error *err)
{
	int result = strike_action(NULL, err);

	if (result == 0)
		result = host_ops_files.file_put(host, path, content, err);
	strike_action_after();
	return result;
}

static int world_command_run(struct host *host, char *const *argv, struct text *said,
			     struct error *err)
{
	int result = strike_action(argv[0], err);

	if (result < 0)
		text_printf(said, "first line\nit was struck\n\n");
	else
		result = play_uncounted(host->ops_data, argv, said, err);
	strike_action_after();
	return result;
}

static const struct host_ops operations = {.file_put = world_file_put,
					   .command_run = world_command_run};

/* --- its beginning and its end --- */

bool world_has_grub(const struct world *world)
{
	return world->kind == WORLD_GRUB || world->kind == WORLD_GRUB_OLD;
}

bool world_takes(enum world_kind kind, enum world_wish wish)
{
	return wish != WISH_DEFAULT || kind == WORLD_GRUB || kind == WORLD_GRUB_OLD;
}

struct world *world_new(enum world_kind kind)
{
	struct world *world = xcalloc(1, sizeof(*world));
	char digest[DIGEST_TEXT_SIZE];

	world->machine = testhost_new("");
	world->kind = kind;
	setup_host_make(world);
	host_close(&world->machine->host);
	assert_int_equal(
		host_open(&world->machine->host, world->machine->root, &operations, world, NULL),
		0);
	/* Once here, and not in each of its processes. */
	assert_int_equal(digest_sha256("", 0, digest, NULL), 0);
	world->first = world_files(world);
	return world;
}

void world_free(struct world **world)
{
	if (!*world)
		return;
	testhost_free(&(*world)->machine);
	free((*world)->first);
	free(*world);
	*world = NULL;
}

/* --- looking at it --- */

static void print_xattrs(int fd, struct text *out)
{
	static const char *const names[] = {"user.a", "user.b", "user.note"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char value[64] = "";
		ssize_t length = fgetxattr(fd, names[i], value, sizeof(value));

		if (length >= 0)
			text_printf(out, " %s=%zd/%s", names[i], length, value);
	}
}

static void print_file(int root, const char *path, const struct stat *status, struct text *out)
{
	auto_close int fd = openat(root, path, O_RDONLY | O_CLOEXEC);
	auto_free char *text = tree_read(root, path);
	auto_free char *shown = text_escape(text);

	/* What is built is built anew, and has a new time. */
	if (!text_starts(path, "./boot/"))
		text_printf(out, " %lld.%09ld", (long long)status->st_mtim.tv_sec,
			    status->st_mtim.tv_nsec);
	print_xattrs(fd, out);
	text_printf(out, " %lld %s", (long long)status->st_size, shown);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_listed(const struct dirent *entry)
{
	static const char *const not_ours[] = {".", "..", "sys", "proc", SAID};

	for (size_t i = 0; i < sizeof(not_ours) / sizeof(*not_ours); i++)
		if (strcmp(entry->d_name, not_ours[i]) == 0)
			return 0;
	return 1;
}

static void print_tree(int root, const char *path, struct text *out)
{
	struct dirent **entries = NULL;
	int count = scandirat(root, path, &entries, is_listed, by_name);

	for (int i = 0; i < count; i++) {
		auto_free char *child = xasprintf("%s/%s", path, entries[i]->d_name);
		struct stat status;

		free(entries[i]);
		if (strcmp(child, "./var/lib/hostdev-hook") == 0 ||
		    fstatat(root, child, &status, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		text_printf(out, "%s %04o %u:%u", child, status.st_mode & 07777, status.st_uid,
			    status.st_gid);
		if (S_ISREG(status.st_mode))
			print_file(root, child, &status, out);
		text_printf(out, "\n");
		if (S_ISDIR(status.st_mode))
			print_tree(root, child, out);
	}
	free(entries);
}

char *world_files(const struct world *world)
{
	auto_text struct text out = TEXT_INIT;

	print_tree(world->machine->root_fd, ".", &out);
	return steal(&out.data);
}

char *world_said(const struct world *world)
{
	char *said = tree_read(world->machine->root_fd, SAID);

	return said ? said : xstrdup("");
}

static void list_records(int root, const char *dir, struct text *out)
{
	struct dirent **entries = NULL;
	int count = scandirat(root, dir, &entries, is_listed, by_name);

	for (int i = 0; i < count; i++) {
		if (entries[i]->d_type != DT_DIR && strcmp(entries[i]->d_name, "lock") != 0 &&
		    strcmp(entries[i]->d_name, "building") != 0)
			text_printf(out, "%s\n", entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
}

char *world_records(const struct world *world)
{
	auto_text struct text out = TEXT_INIT;

	text_append(&out, "", 0);
	list_records(world->machine->root_fd, "var/lib/" SETUPS_DIR, &out);
	list_records(world->machine->root_fd, "var/lib/" SETUPS_DIR "/bytes", &out);
	return steal(&out.data);
}

/* --- the calls --- */

static void make_wishes(enum world_wish wish, struct generate_wishes *ret)
{
	static const char *const names[WISHES] = {"static one", "static other", "static conf",
						  "static ids", "multiboot",    "multiboot default",
						  "dynamic"};
	const char *addresses = wish == WISH_OTHER_WORDS || wish == WISH_IDS ? "03:00.0"
				: wish < WISH_MENU                           ? "01:00.0"
									     : "01:00.0,02:00.0";

	*ret = (struct generate_wishes){
		.mode = wish == WISH_IOMMU ? GENERATE_DYNAMIC
			: wish < WISH_MENU ? GENERATE_STATIC
					   : GENERATE_MULTIBOOT,
		.arguments = names[wish],
		.in_conf = wish == WISH_CONF || wish == WISH_IDS,
		.by_ids = wish == WISH_IDS,
		.kernels = "3",
		.ranks = {.newest = 3},
		.default_choice = wish == WISH_DEFAULT ? "first" : "none",
	};
	assert_int_equal(selection_add_devices(&ret->selection.include, addresses, NULL), 0);
}

/* A generate_host as generate_host_open() and generate_host_look() make it, on this host. */
struct call {
	struct generate_host host;
	struct generate_wishes wishes;
	struct draft draft;
	struct generate_plan plan;
};

static void call_done(struct call *call)
{
	generate_plan_done(&call->plan);
	draft_done(&call->draft);
	selection_wishes_done(&call->wishes.selection);
	setups_done(&call->host.setups);
	homes_done(&call->host.homes);
	boot_done(&call->host.boot);
}

static int tell_failure(const struct error *err)
{
	fprintf(stderr, "%s\n", err->text);
	return COMMAND_FAILED;
}

static int call_open(const struct world *world, struct call *call, struct error *err)
{
	const struct setup_entry *newest;
	int result;

	call->host.setups = (struct setups)SETUPS_INIT;
	call->host.host = world->machine->host;
	result = setups_open(&call->host.host, &call->host.setups, err);
	if (result < 0)
		return result;
	setup_host_know(world, &call->host);
	newest = setups_newest(&call->host.setups);
	homes_of_setups(&call->host.host, &call->host.setups, &call->host.homes);
	call->host.facts = (struct generate_facts){.boot = &call->host.boot,
						   .snapshot = &call->host.situation.snapshot,
						   .homes = &call->host.homes,
						   .past = newest ? &newest->setup : NULL};
	return 0;
}

/* Refusals and an unfinished one are told as hostdevctl/generate/generate.c does. */
static int make_plan(const struct world *world, enum world_wish wish, struct call *call)
{
	const struct setup_entry *unfinished;
	struct error err = ERROR_INIT;

	if (call_open(world, call, &err) < 0)
		return tell_failure(&err);
	unfinished = setups_unfinished(&call->host.setups);
	if (unfinished) {
		fprintf(stderr, "unfinished: %s\n", unfinished->setup.arguments);
		return COMMAND_FAILED;
	}
	if (generate_leftovers_refuse(&call->host))
		return COMMAND_FAILED;
	make_wishes(wish, &call->wishes);
	generate_draft(&call->host.facts, &call->wishes, &call->draft);
	for (size_t i = 0; i < call->draft.refusals.count; i++)
		fprintf(stderr, "%s\n", call->draft.refusals.items[i]);
	if (call->draft.refusals.count > 0)
		return COMMAND_FAILED;
	return generate_plan_make(&call->host, &call->draft, &call->plan, &err) < 0
		       ? tell_failure(&err)
		       : COMMAND_DONE;
}

static const struct generate_options applying = {.apply = true, .yes = true};
static int generate(struct world *world, int wish)
{
	cleanup(call_done) struct call call = {0};
	int status = make_plan(world, (enum world_wish)wish, &call);

	return status != COMMAND_DONE
		       ? status
		       : generate_apply(&applying, &call.host, &call.draft, &call.plan);
}

static int undo(struct world *world, int below)
{
	const char *root = below ? world->machine->root : NULL;
	const struct generate_options options = {.apply = true, .yes = true, .root = root};
	cleanup(call_done) struct call call = {0};
	struct error err = ERROR_INIT;

	/* As generate_host_open() does. */
	if ((root && generate_check_mounts(&world->machine->host, root, &err) < 0) ||
	    call_open(world, &call, &err) < 0)
		return tell_failure(&err);
	call.host.here = world->here;
	return generate_undo(&options, &call.host);
}

static int only_open(struct world *world, int unused)
{
	cleanup(call_done) struct call call = {0};
	struct error err = ERROR_INIT;

	(void)unused;
	return call_open(world, &call, &err) < 0 ? tell_failure(&err) : COMMAND_DONE;
}

int world_process(struct world *world, int (*work)(struct world *world, int argument), int argument,
		  const struct strike *strike)
{
	int status = 0;
	pid_t pid;

	fflush(NULL);
	tree_file(world->machine->root_fd, SAID, "%s", "");
	strike_forget();
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int out = openat(world->machine->root_fd, SAID, O_WRONLY | O_APPEND | O_CLOEXEC);

		dup2(out, STDOUT_FILENO);
		dup2(out, STDERR_FILENO);
		strike_begin(strike);
		status = work(world, argument);
		strike_end();
		fflush(NULL);
		_exit(status);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

int world_generate(struct world *world, enum world_wish wish, const struct strike *strike)
{
	return world_process(world, generate, (int)wish, strike);
}

int world_undo(struct world *world, const struct strike *strike)
{
	return world_process(world, undo, 0, strike);
}

int world_undo_below(struct world *world)
{
	return world_process(world, undo, 1, NULL);
}

int world_open(struct world *world)
{
	return world_process(world, only_open, 0, NULL);
}

int world_calls(const struct world *world)
{
	(void)world;
	return strike_calls();
}

int world_actions(const struct world *world)
{
	(void)world;
	return strike_actions();
}

size_t world_steps(struct world *world, enum world_wish wish)
{
	cleanup(call_done) struct call call = {0};

	assert_int_equal(make_plan(world, wish, &call), COMMAND_DONE);
	return call.plan.setup.step_count;
}
