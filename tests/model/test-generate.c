// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * "hostdevctl generate" as it is called, on the host of setup-world.h: what it prints, how it ends,
 * and what its command line may hold.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "hostdevctl/command.h"
#include "hostdevctl/generate/generate.h"
#include "tests/host/tree.h"
#include "tests/model/setup-host.h"
#include "tests/model/setup-programs.h"

/* --- the host that it sees --- */

static struct world *seen;

/* What is different on it by then. */
static struct {
	const char *kernel;  /* the one that runs */
	const char *driver;  /* of the devices of 01:00 */
	const char *listing; /* of the running kernel's image; NULL: nothing lists it */
	const char *chosen;  /* GRUB_DEFAULT */
	bool lent;           /* a guest has 01:00.0 */
} now;

void generate_host_done(struct generate_host *host)
{
	setups_done(&host->setups);
	boot_done(&host->boot);
}

int generate_host_open(const struct generate_options *options, struct generate_host *ret,
		       struct error *err)
{
	ret->host = seen->machine->host;
	return options->apply ? setups_open(&ret->host, &ret->setups, err)
			      : setups_read(&ret->host, &ret->setups, err);
}

int generate_host_look(struct generate_host *host, struct error *err)
{
	static struct claim claim = {.addr = {0, 1, 0, 0}, .guest = (char *)"win11", .uuid = "1"};
	const struct setup_entry *newest = setups_newest(&host->setups);
	struct snapshot *snapshot = &host->situation.snapshot;

	(void)err;
	setup_host_know(seen, host);
	snapshot->kernel = (char *)now.kernel;
	host->boot.grub.chosen = now.chosen ? xstrdup(now.chosen) : NULL;
	snapshot->claims = &claim;
	snapshot->claim_count = now.lent;
	for (size_t i = 0; now.driver && i < snapshot->device_count; i++)
		if (snapshot->devices[i].addr.bus == 1)
			strcpy(snapshot->devices[i].bound.driver, now.driver);
	host->facts = (struct generate_facts){
		.boot = &host->boot, .snapshot = snapshot, .past = newest ? &newest->setup : NULL};
	return 0;
}

int __real_host_command_run(struct host *host, char *const *argv, struct text *said,
			    struct error *err);
int __wrap_host_command_run(struct host *host, char *const *argv, struct text *said,
			    struct error *err);

/* What only looks at an image is not played by the world, as its host's operations are not asked.
 */
int __wrap_host_command_run(struct host *host, char *const *argv, struct text *said,
			    struct error *err)
{
	if (host->ops == seen->machine->host.ops)
		return __real_host_command_run(host, argv, said, err);
	if (!now.listing || !strstr(argv[0], "lsinitramfs"))
		return error_set(err, ENOENT, "%s is not there", argv[0]);
	text_printf(said, "%s", now.listing);
	return 0;
}

/* --- calls --- */

#define WORDS 12
static char *words[WORDS + 1];

static int run(struct world *world, int count)
{
	seen = world;
	optind = 0;
	return generate_command.run(count, words);
}

/* What it prints; status: how it is to end. Heap. */
static char *call(struct world *world, const char *line, const struct strike *strike, int status)
{
	auto_free char *copy = xstrdup(line);
	char *at = copy;
	int count = 0;

	words[count++] = (char *)"hostdevctl generate";
	while (at && count < WORDS)
		words[count++] = strsep(&at, " ");
	words[count] = NULL;
	assert_int_equal(world_process(world, run, count, strike), status);
	return world_said(world);
}

/* What it prints is of no interest. */
static void act(struct world *world, const char *line, const struct strike *strike, int status)
{
	free(call(world, line, strike, status));
}

static int reset(void **state)
{
	(void)state;
	memset(&now, 0, sizeof(now));
	return 0;
}

#define APPLY "static --devices 01:00.0 --yes --apply"

/* --- what it prints --- */

static void json_tells_whether_anything_was_changed(void **state)
{
	const struct strike fails = {STRIKE_ACTION_FAILS, 0, EIO, "grub-mkconfig"};
	auto_world struct world *world = world_new(WORLD_GRUB);
	auto_free char *failed = NULL, *done = NULL, *again = NULL;

	(void)state;
	failed = call(world, APPLY " --json", &fails, COMMAND_FAILED);
	assert_contains(failed, "\"changed\": false");
	done = call(world, APPLY " --json", NULL, COMMAND_DONE);
	assert_contains(done, "\"changed\": true");
	again = call(world, APPLY " --json", NULL, COMMAND_DONE);
	assert_contains(again, "\"changed\": false");
}

static void quiet_says_what_was_changed_and_nothing_else(void **state)
{
	auto_world struct world *world = world_new(WORLD_GRUB);
	auto_free char *looked = NULL, *applied = NULL;

	(void)state;
	looked = call(world, "static --devices 01:00.0 --quiet", NULL, COMMAND_DONE);
	assert_text(looked, "");
	applied = call(world, APPLY " --quiet", NULL, COMMAND_DONE);
	assert_contains(applied, "wrote /etc/initramfs-tools/hooks/hostdev-hook\n");
	assert_null(strstr(applied, "running"));
	assert_null(strstr(applied, "changed:"));
}

#define KILLED                                                                                     \
	&(const struct strike)                                                                     \
	{                                                                                          \
		STRIKE_ACTION_KILLS, 2, 0, NULL                                                    \
	}

static void what_is_shown_of_half_a_set_up_is_what_there_is(void **state)
{
	static const char hook[] = "/etc/initramfs-tools/hooks/hostdev-hook";
	static const char words_file[] = "/etc/default/grub.d/zz-hostdev-hook.cfg";
	auto_world struct world *world = world_new(WORLD_GRUB);
	auto_free char *text = NULL, *json = NULL, *next = NULL;

	(void)state;
	act(world, APPLY, KILLED, WORLD_KILLED);
	text = call(world, "show", NULL, COMMAND_DONE);
	assert_contains(text, "1: hostdevctl generate static --devices 01:00.0 (half applied, ");
	assert_contains(text, hook);
	assert_null(strstr(text, words_file));
	json = call(world, "show --json", NULL, COMMAND_DONE);
	assert_contains(json, "\"state\": \"half applied\"");
	assert_contains(json, hook);
	assert_null(strstr(json, words_file));
	next = call(world, APPLY, NULL, COMMAND_FAILED);
	assert_contains(next, "an earlier \"generate static --devices 01:00.0\" was stopped");
}

static void what_cannot_be_taken_back_is_shown_so(void **state)
{
	const struct strike strike = {STRIKE_ACTION_FAILS, 0, EIO, "update-initramfs"};
	auto_world struct world *world = world_new(WORLD_GRUB);
	auto_free char *text = NULL;

	(void)state;
	act(world, APPLY, &strike, GENERATE_INCOMPLETE);
	text = call(world, "show", NULL, COMMAND_DONE);
	assert_contains(text, "1: hostdevctl generate static --devices 01:00.0 (half taken back, ");
}

static void an_undo_is_shown_as_it_is_done(void **state)
{
	auto_world struct world *two = world_new(WORLD_GRUB), *half = world_new(WORLD_GRUB);
	auto_free char *of_two = NULL, *of_half = NULL;
	const char *run_once = "run /usr/sbin/update-grub\n";

	(void)state;
	act(two, APPLY, NULL, COMMAND_DONE);
	act(two, "static --devices 03:00.0 --yes --apply", NULL, COMMAND_DONE);
	of_two = call(two, "undo", NULL, COMMAND_DONE);
	assert_contains(of_two, run_once);
	assert_null(strstr(strstr(of_two, run_once) + 1, run_once));
	act(half, APPLY, KILLED, WORLD_KILLED);
	of_half = call(half, "undo", NULL, COMMAND_DONE);
	assert_contains(of_half, "remove /etc/initramfs-tools/hooks/hostdev-hook\n");
	assert_null(strstr(of_half, "zz-hostdev-hook.cfg"));
}

/* What it has done is not known here. */
static void beside_a_record_of_another_version_nothing_is_done(void **state)
{
	auto_world struct world *world = world_new(WORLD_GRUB);
	auto_free char *said = NULL;

	(void)state;
	act(world, APPLY, NULL, COMMAND_DONE);
	tree_file(world->machine->root_fd, "var/lib/" SETUPS_DIR "/2.setup",
		  "hostdev-hook set-up 2\n");
	said = call(world, "static --devices 03:00.0", NULL, COMMAND_FAILED);
	assert_contains(said, "another version of hostdev-hook has written it");
	assert_contains(said, "nothing else is done before");
}

/* As where /var was lost, or another one came back than /etc. */
static void what_no_record_tells_of_is_told_everywhere(void **state)
{
	auto_world struct world *world = world_new(WORLD_GRUB);
	auto_free char *shown = NULL, *json = NULL, *found = NULL, *undone = NULL;
	static const char why[] = "no record in /var/lib/hostdev-hook/generate tells of "
				  "/etc/initramfs-tools/hooks/hostdev-hook, ";

	(void)state;
	act(world, APPLY, NULL, COMMAND_DONE);
	tree_remove(world->machine->root_fd, "var/lib/hostdev-hook");
	shown = call(world, "show", NULL, COMMAND_DONE);
	assert_contains(shown, why);
	assert_null(strstr(shown, "no set-up is applied"));
	json = call(world, "show --json", NULL, COMMAND_DONE);
	assert_contains(json, "\"left_over\": [\"/etc/initramfs-tools/hooks/hostdev-hook\", ");
	found = call(world, "verify", NULL, COMMAND_FAILED);
	assert_contains(found, "problem  record: no record in ");
	undone = call(world, "undo", NULL, COMMAND_DONE);
	assert_contains(undone, "remove /etc/default/grub.d/zz-hostdev-hook.cfg\n");
	assert_contains(undone, "run /usr/sbin/update-initramfs -u -k all\n");
}

/* --- verify --- */

static void what_was_stopped_is_a_problem(void **state)
{
	auto_world struct world *world = world_new(WORLD_GRUB);
	auto_free char *said = NULL;

	(void)state;
	act(world, APPLY, KILLED, WORLD_KILLED);
	said = call(world, "verify", NULL, COMMAND_FAILED);
	assert_contains(said, "a set-up was stopped before it was done");
}

static void a_default_without_effect_is_told(void **state)
{
	auto_world struct world *world = world_new(WORLD_GRUB);
	auto_free char *same = NULL, *other = NULL;

	(void)state;
	now.chosen = "0";
	act(world, "multiboot --devices 01:00.0,02:00.0 --default first --yes --apply", NULL,
	    COMMAND_DONE);
	same = call(world, "verify", NULL, COMMAND_FAILED);
	assert_null(strstr(same, "GRUB_DEFAULT"));
	now.chosen = "2";
	other = call(world, "verify", NULL, COMMAND_FAILED);
	assert_contains(other, "GRUB_DEFAULT=2 was set there since and does not count");
}

/* The host is started with the words that kernel-install gives to its entries. */
static void restart(struct world *world)
{
	int root = world->machine->root_fd;
	auto_free char *line = tree_read(root, "etc/kernel/cmdline");

	for (char *at = line; *at; at++)
		if (*at == '\n')
			*at = ' ';
	tree_file(root, "proc/cmdline", "%s\n", line);
	now.driver = "vfio-pci";
	now.kernel = KERNEL;
}

static void the_kernel_under_which_all_was_right_is_told(void **state)
{
	auto_world struct world *world = world_new(WORLD_ENTRIES);
	auto_free char *right = NULL, *edited = NULL, *quiet = NULL;
	int root = world->machine->root_fd;

	(void)state;
	act(world, APPLY, NULL, COMMAND_DONE);
	restart(world);
	right = call(world, "verify", NULL, COMMAND_DONE);
	assert_contains(right, "is reserved (driver vfio-pci)");
	now.kernel = NEWER;
	tree_file(root, "etc/initramfs-tools/hooks/hostdev-hook", "#!/bin/sh\n");
	/* A problem is not right. */
	edited = call(world, "verify", NULL, COMMAND_FAILED);
	assert_contains(edited, "somebody has changed it since it was written");
	assert_contains(edited, "everything was last as promised under kernel " KERNEL
				"; this one is " NEWER);
	quiet = call(world, "verify --quiet", NULL, COMMAND_FAILED);
	assert_contains(quiet, "somebody has changed it since it was written");
	assert_null(strstr(quiet, "is reserved"));
}

static void whether_the_driver_is_in_the_image_is_told(void **state)
{
	static const struct {
		const char *listing, *told;
	} cases[] = {
		{"usr/lib/modules/1/kernel/sound/snd_hda_intel.ko", "is in the image"},
		{"usr/lib/modules/1/kernel/sound/snd-hda-intel.ko.xz", "is in the image"},
		{"usr/lib/modules/1/kernel/sound/xsnd-hda-intel.ko", "is not in the image"},
	};
	auto_world struct world *world = world_new(WORLD_ENTRIES);
	auto_free char *lent = NULL;

	(void)state;
	act(world, APPLY, NULL, COMMAND_DONE);
	restart(world);
	now.driver = "snd_hda_intel";
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		auto_free char *said = NULL;

		now.listing = cases[i].listing;
		said = call(world, "verify", NULL, COMMAND_FAILED);
		assert_contains(said, "was to be reserved, and has the driver snd_hda_intel");
		assert_contains(said, cases[i].told);
	}
	/* What a guest has was taken from its driver. */
	now.lent = true;
	lent = call(world, "verify", NULL, COMMAND_FAILED);
	assert_contains(lent, "0000:01:00.1: its driver snd_hda_intel is");
	assert_null(strstr(lent, "0000:01:00.0: its driver"));
}

/* --- the command line --- */

/* Of the commands the first letters; "undo", "verify" and "show" in capitals. */
static const struct {
	const char *option, *verbs;
} options[] = {
	{"--devices=01:00.0", "smd"},
	{"--iommu-groups=1", "smd"},
	{"--drivers=nvme", "smd"},
	{"--hardware-ids=10de:2204", "smd"},
	{"--exclude-devices=01:00.0", "smd"},
	{"--exclude-iommu-groups=1", "smd"},
	{"--exclude-drivers=nvme", "smd"},
	{"--exclude-hardware-ids=10de:2204", "smd"},
	{"--method=conf", "s"},
	{"--bind=ids", "s"},
	{"--grub-cmdline=quiet", "s"},
	{"--kernels=1", "m"},
	{"--default=first", "m"},
	{"--no-all", "m"},
	{"--allow-unsafe", "m"},
	{"--headless", "sm"},
	{"--allow-early", "sm"},
	{"--allow-measured", "smd"},
	{"--qemu", "d"},
	{"--apply", "smdU"},
	{"--yes", "smdUVS"},
	{"--quiet", "smdUVS"},
	{"--json", "smdUVS"},
	{"--loader=grub", "smdUVS"},
	{"--initramfs=dracut", "smdUVS"},
	{"--root=/mnt", "smdUS"},
};

static int parse_each(struct world *world, int unused)
{
	static const char *const verbs[] = {"static", "multiboot", "dynamic",
					    "undo",   "verify",    "show"};
	static const char letters[] = "smdUVS";
	int wrong = 0;

	(void)world;
	(void)unused;
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		for (size_t j = 0; j < sizeof(verbs) / sizeof(*verbs); j++) {
			char *argv[] = {(char *)"hostdevctl generate", (char *)verbs[j],
					(char *)options[i].option, NULL};
			cleanup(generate_options_done) struct generate_options parsed = {0};
			bool takes = strchr(options[i].verbs, letters[j]);
			int status = COMMAND_DONE;

			optind = 0;
			if (generate_options_parse(3, argv, &parsed, &status) == takes &&
			    (takes || status == COMMAND_MISUSED))
				continue;
			printf("WRONG: %s %s\n", verbs[j], options[i].option);
			wrong++;
		}
	}
	return wrong;
}

static void an_option_is_taken_where_it_means_something(void **state)
{
	auto_world struct world *world = world_new(WORLD_GRUB);
	int wrong = world_process(world, parse_each, 0, NULL);
	auto_free char *said = world_said(world);

	(void)state;
	if (wrong > 0)
		print_error("%s", strstr(said, "WRONG"));
	assert_int_equal(wrong, 0);
}

/* One spelling for what two tools and we call the same. */
static int parse_old_words(struct world *world, int unused)
{
	static const struct {
		const char *words[5], *arguments;
	} lines[] = {
		{{"-m", "group", "-g", "1"},
		 "multiboot --iommu-groups 1 --kernels 3 --default none"},
		{{"-m", "first", "-p", "1"},
		 "multiboot --iommu-groups 1 --kernels 3 --default first"},
		{{"-M", "1,3", "--parse", "1"},
		 "multiboot --iommu-groups 1 --kernels 1,3 --default none"},
		{{"multiboot", "default", "-u"},
		 "multiboot --allow-unsafe --kernels 3 --default none"},
		{{"-S", "conf", "-d", "nvme"}, "static --drivers nvme --method conf"},
		{{"static", "grub", "-d", "nvme"}, "static --drivers nvme --method cmdline"},
		{{"-s", "file", "-d", "nvme"}, "static --drivers nvme --method conf"},
		{{"-D"}, "dynamic"},
		{{"-U"}, "undo"},
	};
	int wrong = 0;

	(void)world;
	(void)unused;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		char *argv[6] = {(char *)"hostdevctl generate"};
		cleanup(generate_options_done) struct generate_options parsed = {0};
		int count = 1, status;

		for (; lines[i].words[count - 1]; count++)
			argv[count] = (char *)lines[i].words[count - 1];
		optind = 0;
		if (generate_options_parse(count, argv, &parsed, &status) &&
		    strcmp(parsed.wishes.arguments, lines[i].arguments) == 0)
			continue;
		printf("WRONG: %s\n",
		       parsed.wishes.arguments ? parsed.wishes.arguments : lines[i].arguments);
		wrong++;
	}
	return wrong;
}

static void old_words_are_remembered_as_ours(void **state)
{
	auto_world struct world *world = world_new(WORLD_GRUB);
	int wrong = world_process(world, parse_old_words, 0, NULL);
	auto_free char *said = world_said(world);

	(void)state;
	if (wrong > 0)
		print_error("%s", strstr(said, "WRONG"));
	assert_int_equal(wrong, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup(name, reset)
		TEST(json_tells_whether_anything_was_changed),
		TEST(quiet_says_what_was_changed_and_nothing_else),
		TEST(what_cannot_be_taken_back_is_shown_so),
		TEST(an_undo_is_shown_as_it_is_done),
		TEST(beside_a_record_of_another_version_nothing_is_done),
		TEST(what_no_record_tells_of_is_told_everywhere),
		TEST(what_was_stopped_is_a_problem),
		TEST(a_default_without_effect_is_told),
		TEST(what_is_shown_of_half_a_set_up_is_what_there_is),
		TEST(the_kernel_under_which_all_was_right_is_told),
		TEST(whether_the_driver_is_in_the_image_is_told),
		TEST(old_words_are_remembered_as_ours),
		TEST(an_option_is_taken_where_it_means_something),
#undef TEST
	};

	return cmocka_run_group_tests_name("generate", tests, NULL, NULL);
}
