// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The command line of "hostdevctl generate", and the words by which vfio-script and deploy-VFIO
 * called the same things. Tests: generator/previews.bats.
 */
#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "hostdevctl/command.h"
#include "hostdevctl/generate/generate.h"
#include "model/suggest.h"

static const char *const verbs[] = {
	[VERB_STATIC] = "static", [VERB_MULTIBOOT] = "multiboot", [VERB_DYNAMIC] = "dynamic",
	[VERB_UNDO] = "undo",     [VERB_VERIFY] = "verify",       [VERB_SHOW] = "show",
};

#define VERB_COUNT (sizeof(verbs) / sizeof(verbs[0]))

/* The parse as it goes on. */
struct parsing {
	struct generate_options options;
	bool has_verb, old_words;
	uint64_t given;        /* a bit for each row of the table of options */
	struct text arguments; /* one spelling of what was typed, for the record */
	struct error err;
};

void generate_options_done(struct generate_options *options)
{
	selection_wishes_done(&options->wishes.selection);
	free((char *)options->wishes.arguments);
}

static int set_verb(struct parsing *parsing, enum generate_verb verb)
{
	if (parsing->has_verb && parsing->options.verb != verb)
		return error_set(&parsing->err, EINVAL, "%s and %s are two commands",
				 verbs[parsing->options.verb], verbs[verb]);
	parsing->has_verb = true;
	parsing->options.verb = verb;
	return 0;
}

/* "grub" and "file" are what the old tools called the same. */
static int set_method(struct parsing *parsing, const char *word)
{
	if (strcmp(word, "cmdline") == 0 || strcmp(word, "grub") == 0)
		parsing->options.wishes.in_conf = false;
	else if (strcmp(word, "conf") == 0 || strcmp(word, "file") == 0)
		parsing->options.wishes.in_conf = true;
	else
		return error_set(&parsing->err, EINVAL,
				 "\"%.40s\" is no method: cmdline (onto the kernel's command "
				 "line) or conf (into the image)",
				 word);
	return 0;
}

static int set_bind(struct parsing *parsing, const char *word)
{
	if (strcmp(word, "address") != 0 && strcmp(word, "ids") != 0)
		return error_set(&parsing->err, EINVAL, "--bind takes address or ids");
	parsing->options.wishes.by_ids = strcmp(word, "ids") == 0;
	return 0;
}

static int set_kernels(struct parsing *parsing, const char *text)
{
	parsing->options.wishes.kernels = text;
	return kernel_ranks_parse(text, &parsing->options.wishes.ranks, &parsing->err);
}

static int set_default(struct parsing *parsing, const char *word)
{
	struct pci_addr addr;

	if (strcmp(word, "none") != 0 && strcmp(word, "first") != 0 && strcmp(word, "last") != 0 &&
	    !pci_addr_parse_given(word, &addr))
		return error_set(&parsing->err, EINVAL,
				 "--default takes none, first, last, or the address of the card "
				 "that the host keeps");
	parsing->options.wishes.default_choice = word;
	return 0;
}

static int set_loader(struct parsing *parsing, const char *name)
{
	parsing->options.wishes.loader = name;
	return generate_check_loader(name, &parsing->err);
}

static int set_initramfs(struct parsing *parsing, const char *name)
{
	parsing->options.wishes.initramfs = name;
	return generate_check_initramfs(name, &parsing->err);
}

/* --- the words of vfio-script and deploy-VFIO --- */

static int take_static(struct parsing *parsing, const char *method)
{
	int result = set_verb(parsing, VERB_STATIC);

	parsing->old_words = true;
	return result < 0 ? result : set_method(parsing, method);
}

static int take_multiple_grub(struct parsing *parsing, const char *kernels)
{
	int result = set_verb(parsing, VERB_MULTIBOOT);

	parsing->old_words = true;
	return result < 0 ? result : set_kernels(parsing, kernels);
}

/* word: what stays with the host. */
static int take_multiboot(struct parsing *parsing, const char *word)
{
	bool none = strcmp(word, "group") == 0 || strcmp(word, "default") == 0;
	int result = set_verb(parsing, VERB_MULTIBOOT);

	parsing->old_words = true;
	return result < 0 ? result : set_default(parsing, none ? "none" : word);
}

static int take_dynamic(struct parsing *parsing, const char *none)
{
	(void)none;
	return set_verb(parsing, VERB_DYNAMIC);
}

static int take_undo(struct parsing *parsing, const char *none)
{
	(void)none;
	return set_verb(parsing, VERB_UNDO);
}

/* --- the options --- */

#define FOR(verb) (1u << VERB_##verb)
#define PLANS (FOR(STATIC) | FOR(MULTIBOOT) | FOR(DYNAMIC))
#define ALL (PLANS | FOR(UNDO) | FOR(VERIFY) | FOR(SHOW))
#define MEMBER(member) offsetof(struct generate_options, member)

static const struct generate_option {
	const char *name;
	const char *letters;  /* its short forms, or NULL */
	const char *old_name; /* what another tool called it, or NULL */
	unsigned int verbs;   /* the commands of which it is an option */
	bool unrecorded;      /* it does not make the set-up another one */
	bool bare;            /* it has no argument */
	bool excludes;        /* of select */
	/* One of these says what becomes of the option. */
	size_t flag, value; /* a bool or a string of struct generate_options; 0: neither */
	int (*take)(struct parsing *parsing, const char *argument);
	int (*select)(struct selection_list *list, const char *argument, struct error *err);
} table[] = {
	{"root", .verbs = ALL, .unrecorded = true, .value = MEMBER(root)},
	{"loader", .verbs = ALL, .take = set_loader},
	{"initramfs", .verbs = ALL, .take = set_initramfs},
	{"apply", .verbs = PLANS | FOR(UNDO), .unrecorded = true, .flag = MEMBER(apply)},
	{"yes", .verbs = ALL, .unrecorded = true, .flag = MEMBER(yes)},
	{"quiet", "q", .verbs = ALL, .unrecorded = true, .flag = MEMBER(quiet)},
	{"json", "J", .verbs = ALL, .unrecorded = true, .flag = MEMBER(json)},
	{"devices", .verbs = PLANS, .select = selection_add_devices},
	{"iommu-groups", "gp", "parse", PLANS, .select = selection_add_groups},
	{"drivers", "d", .verbs = PLANS, .select = selection_add_drivers},
	{"hardware-ids", .verbs = PLANS, .select = selection_add_ids},
	{"exclude-devices", .verbs = PLANS, .select = selection_add_devices, .excludes = true},
	{"exclude-iommu-groups", NULL, "exclude--iommu-groups", PLANS,
	 .select = selection_add_groups, .excludes = true},
	{"exclude-drivers", .verbs = PLANS, .select = selection_add_drivers, .excludes = true},
	{"exclude-hardware-ids", .verbs = PLANS, .select = selection_add_ids, .excludes = true},
	{"method", .verbs = FOR(STATIC), .take = set_method},
	{"bind", .verbs = FOR(STATIC), .take = set_bind},
	{"grub-cmdline", "c", .verbs = FOR(STATIC), .value = MEMBER(wishes.extra_words)},
	{"kernels", .verbs = FOR(MULTIBOOT), .take = set_kernels},
	{"default", .verbs = FOR(MULTIBOOT), .take = set_default},
	{"no-all", .verbs = FOR(MULTIBOOT), .flag = MEMBER(wishes.no_all)},
	{"headless", .verbs = FOR(STATIC) | FOR(MULTIBOOT), .flag = MEMBER(wishes.headless)},
	{"allow-unsafe", "u", .verbs = FOR(MULTIBOOT), .flag = MEMBER(wishes.allow_unsafe)},
	{"allow-early", .verbs = FOR(STATIC) | FOR(MULTIBOOT), .flag = MEMBER(wishes.allow_early)},
	{"allow-measured", .verbs = PLANS, .flag = MEMBER(wishes.allow_measured)},
	{"qemu", .verbs = FOR(DYNAMIC), .flag = MEMBER(wishes.as_qemu)},
	{"static", "Ss", .verbs = ALL, .unrecorded = true, .take = take_static},
	{"multiple-grub", "M", .verbs = ALL, .unrecorded = true, .take = take_multiple_grub},
	{"multiboot", "m", .verbs = ALL, .unrecorded = true, .take = take_multiboot},
	{"dynamic", "D", .verbs = ALL, .unrecorded = true, .bare = true, .take = take_dynamic},
	{"uninstall", "U", "undo", ALL, true, .bare = true, .take = take_undo},
};

#define OPTIONS (sizeof(table) / sizeof(table[0]))
#define OPTION_VALUES 256 /* what getopt_long(3) returns: this and the place in the table */

static bool has_argument(const struct generate_option *option)
{
	return !option->bare && !option->flag;
}

/* A word that is no option: the verb, or what the old tools put behind theirs. */
static int refuse_word(struct parsing *parsing, const char *word)
{
	auto_free char *meant = suggest_text(word, verbs, VERB_COUNT);

	return error_set(&parsing->err, EINVAL, "\"%.40s\" is no command of generate%s", word,
			 meant);
}

static int take_word(struct parsing *parsing, const char *word)
{
	for (size_t i = 0; i < VERB_COUNT; i++)
		if (strcmp(verbs[i], word) == 0)
			return set_verb(parsing, (enum generate_verb)i);
	if (parsing->has_verb && parsing->options.verb == VERB_STATIC &&
	    (strcmp(word, "grub") == 0 || strcmp(word, "file") == 0))
		return take_static(parsing, word);
	if (parsing->has_verb && parsing->options.verb == VERB_MULTIBOOT &&
	    (strcmp(word, "group") == 0 || strcmp(word, "default") == 0 ||
	     strcmp(word, "first") == 0 || strcmp(word, "last") == 0))
		return take_multiboot(parsing, word);
	return refuse_word(parsing, word);
}

/* What makes the set-up another one; how it is carried out and told does not. */
static void remember(struct parsing *parsing, const struct generate_option *option,
		     const char *argument)
{
	auto_free char *word = argument ? text_quote(argument) : NULL;

	parsing->given |= (uint64_t)1 << (option - table);
	if (!option->unrecorded)
		text_printf(&parsing->arguments, " --%s%s%s", option->name, word ? " " : "",
			    word ? word : "");
}

static int take_option(struct parsing *parsing, const struct generate_option *option,
		       const char *argument)
{
	struct selection_wishes *wishes = &parsing->options.wishes.selection;
	char *options = (char *)&parsing->options;

	remember(parsing, option, argument);
	if (option->select)
		return option->select(option->excludes ? &wishes->exclude : &wishes->include,
				      argument, &parsing->err);
	if (option->take)
		return option->take(parsing, argument);
	if (option->flag)
		*(bool *)(options + option->flag) = true;
	else
		*(const char **)(options + option->value) = argument;
	return 0;
}

/* The old tools' words for a command say more than its name. */
static void remember_command(struct parsing *parsing)
{
	const struct generate_wishes *wishes = &parsing->options.wishes;
	const char *verb = verbs[parsing->options.verb];
	auto_text struct text rest = parsing->arguments;

	parsing->arguments = (struct text)TEXT_INIT;
	text_printf(&parsing->arguments, "%s%s", verb, text_string(&rest));
	if (parsing->options.verb == VERB_STATIC && parsing->old_words)
		text_printf(&parsing->arguments, " --method %s",
			    wishes->in_conf ? "conf" : "cmdline");
	if (parsing->options.verb == VERB_MULTIBOOT && parsing->old_words)
		text_printf(&parsing->arguments, " --kernels %s --default %s", wishes->kernels,
			    wishes->default_choice);
}

/* The table as getopt_long(3) takes it; heap. letters: the short forms. */
static struct option *getopt_options(struct text *letters)
{
	struct option *list = NULL;
	size_t count = 0;

	/* Words that are no options are taken where they stand. */
	text_printf(letters, "-h");
	for (size_t i = 0; i < OPTIONS; i++) {
		const struct generate_option *option = &table[i];
		struct option row = {option->name, has_argument(option), NULL,
				     OPTION_VALUES + (int)i};

		array_push(list, count, row);
		row.name = option->old_name;
		if (row.name)
			array_push(list, count, row);
		for (const char *at = option->letters; at && *at; at++)
			text_printf(letters, "%c%s", *at, has_argument(option) ? ":" : "");
	}
	array_push(list, count, (struct option){"help", no_argument, NULL, 'h'});
	array_push(list, count, (struct option){0});
	return list;
}

static const struct generate_option *find_option(int value)
{
	size_t i = value >= OPTION_VALUES ? (size_t)value - OPTION_VALUES : 0;

	while (value < OPTION_VALUES && !(table[i].letters && strchr(table[i].letters, value)))
		i++;
	return &table[i];
}

static int take_all(struct parsing *parsing, int argc, char **argv, bool *ret_help)
{
	auto_text struct text letters = TEXT_INIT;
	auto_free struct option *list = getopt_options(&letters);
	int value, result = 0;

	while (result == 0 &&
	       (value = command_getopt(&generate_command, argc, argv, letters.data, list)) != -1) {
		if (value == 'h') {
			*ret_help = true;
			return 0;
		}
		if (value == '?')
			return -EINVAL;
		result = value == 1 ? take_word(parsing, optarg)
				    : take_option(parsing, find_option(value), optarg);
	}
	for (; result == 0 && optind < argc; optind++)
		result = take_word(parsing, argv[optind]);
	return result;
}

/* What means nothing to a command is no wish of anybody's. */
static int check_verbs(struct parsing *parsing)
{
	enum generate_verb verb = parsing->options.verb;

	for (size_t i = 0; i < OPTIONS; i++)
		if (parsing->given & (uint64_t)1 << i && !(table[i].verbs & 1u << verb))
			return error_set(&parsing->err, EINVAL, "--%s is no option of %s",
					 table[i].name, verbs[verb]);
	return 0;
}

static int check_together(struct parsing *parsing)
{
	const struct generate_options *options = &parsing->options;
	struct error *err = &parsing->err;

	if (!parsing->has_verb)
		return error_set(err, EINVAL,
				 "generate what? static, multiboot, dynamic, undo, "
				 "verify or show");
	if (check_verbs(parsing) < 0)
		return -EINVAL;
	if (options->root && options->apply && options->verb != VERB_UNDO)
		return error_set(err, EINVAL,
				 "below --root a set-up is only looked at; what is applied there "
				 "must be made on that host itself");
	if (options->root && options->verb == VERB_VERIFY)
		return error_set(err, EINVAL,
				 "verify looks at the host that runs, and at no other");
	return 0;
}

bool generate_options_parse(int argc, char **argv, struct generate_options *ret, int *ret_status)
{
	struct parsing parsing = {.err = ERROR_INIT};
	bool help = false;
	int result;

	parsing.options.wishes.kernels = "3"; /* as deploy-VFIO has it */
	parsing.options.wishes.ranks = (struct kernel_ranks){.newest = 3};
	parsing.options.wishes.default_choice = "none";
	result = take_all(&parsing, argc, argv, &help);
	if (result == 0 && !help)
		result = check_together(&parsing);
	if (result == 0 && !help) {
		remember_command(&parsing);
		parsing.options.wishes.arguments = parsing.arguments.data;
		if (parsing.options.verb <= VERB_DYNAMIC)
			parsing.options.wishes.mode = (enum generate_mode)parsing.options.verb;
		*ret = parsing.options;
		return true;
	}
	generate_options_done(&parsing.options);
	text_done(&parsing.arguments);
	if (help)
		*ret_status = command_help(&generate_command);
	else if (*parsing.err.text)
		*ret_status = command_misuse(&generate_command, "%s", parsing.err.text);
	else
		*ret_status = command_try_help(&generate_command);
	return false;
}
