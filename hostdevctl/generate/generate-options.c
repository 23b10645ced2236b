// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The command line of "hostdevctl generate", and the words by which vfio-script and deploy-VFIO
 * called the same things.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "hostdevctl/command.h"
#include "hostdevctl/generate/generate.h"
#include "model/suggest.h"

enum generate_option {
	OPTION_ROOT = 256,
	OPTION_LOADER,
	OPTION_INITRAMFS,
	OPTION_APPLY,
	OPTION_YES,
	OPTION_DEVICES,
	OPTION_GROUPS,
	OPTION_DRIVERS,
	OPTION_IDS,
	OPTION_NO_DEVICES,
	OPTION_NO_GROUPS,
	OPTION_NO_DRIVERS,
	OPTION_NO_IDS,
	OPTION_METHOD,
	OPTION_BIND,
	OPTION_CMDLINE,
	OPTION_KERNELS,
	OPTION_DEFAULT,
	OPTION_NO_ALL,
	OPTION_HEADLESS,
	OPTION_UNSAFE,
	OPTION_EARLY,
	OPTION_MEASURED,
	OPTION_QEMU,
};

static const struct option long_options[] = {
	{"root", required_argument, NULL, OPTION_ROOT},
	{"loader", required_argument, NULL, OPTION_LOADER},
	{"initramfs", required_argument, NULL, OPTION_INITRAMFS},
	{"apply", no_argument, NULL, OPTION_APPLY},
	{"yes", no_argument, NULL, OPTION_YES},
	{"quiet", no_argument, NULL, 'q'},
	{"json", no_argument, NULL, 'J'},
	{"help", no_argument, NULL, 'h'},
	{"devices", required_argument, NULL, OPTION_DEVICES},
	{"iommu-groups", required_argument, NULL, OPTION_GROUPS},
	{"drivers", required_argument, NULL, OPTION_DRIVERS},
	{"hardware-ids", required_argument, NULL, OPTION_IDS},
	{"exclude-devices", required_argument, NULL, OPTION_NO_DEVICES},
	{"exclude-iommu-groups", required_argument, NULL, OPTION_NO_GROUPS},
	{"exclude-drivers", required_argument, NULL, OPTION_NO_DRIVERS},
	{"exclude-hardware-ids", required_argument, NULL, OPTION_NO_IDS},
	{"method", required_argument, NULL, OPTION_METHOD},
	{"bind", required_argument, NULL, OPTION_BIND},
	{"grub-cmdline", required_argument, NULL, OPTION_CMDLINE},
	{"kernels", required_argument, NULL, OPTION_KERNELS},
	{"default", required_argument, NULL, OPTION_DEFAULT},
	{"no-all", no_argument, NULL, OPTION_NO_ALL},
	{"headless", no_argument, NULL, OPTION_HEADLESS},
	{"allow-unsafe", no_argument, NULL, OPTION_UNSAFE},
	{"allow-early", no_argument, NULL, OPTION_EARLY},
	{"allow-measured", no_argument, NULL, OPTION_MEASURED},
	{"qemu", no_argument, NULL, OPTION_QEMU},
	/* of vfio-script and deploy-VFIO */
	{"static", required_argument, NULL, 'S'},
	{"multiple-grub", required_argument, NULL, 'M'},
	{"multiboot", required_argument, NULL, 'm'},
	{"dynamic", no_argument, NULL, 'D'},
	{"uninstall", no_argument, NULL, 'U'},
	{"undo", no_argument, NULL, 'U'},
	{"parse", required_argument, NULL, OPTION_GROUPS},
	{"exclude--iommu-groups", required_argument, NULL, OPTION_NO_GROUPS},
	{0},
};

static const char *const verbs[] = {
	[VERB_STATIC] = "static", [VERB_MULTIBOOT] = "multiboot", [VERB_DYNAMIC] = "dynamic",
	[VERB_UNDO] = "undo",     [VERB_VERIFY] = "verify",       [VERB_SHOW] = "show",
};

#define VERB_COUNT (sizeof(verbs) / sizeof(verbs[0]))

/* The parse as it goes on. */
struct parsing {
	struct generate_options options;
	bool has_verb, old_words;
	unsigned long given;   /* a bit for each option with a long name, from OPTION_ROOT on */
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

static int take_selection(struct parsing *parsing, int option, const char *text)
{
	struct selection_wishes *wishes = &parsing->options.wishes.selection;
	struct error *err = &parsing->err;

	switch (option) {
	case OPTION_DEVICES:
		return selection_add_devices(&wishes->include, text, err);
	case OPTION_GROUPS:
		return selection_add_groups(&wishes->include, text, err);
	case OPTION_DRIVERS:
		return selection_add_drivers(&wishes->include, text, err);
	case OPTION_IDS:
		return selection_add_ids(&wishes->include, text, err);
	case OPTION_NO_DEVICES:
		return selection_add_devices(&wishes->exclude, text, err);
	case OPTION_NO_GROUPS:
		return selection_add_groups(&wishes->exclude, text, err);
	case OPTION_NO_DRIVERS:
		return selection_add_drivers(&wishes->exclude, text, err);
	default:
		return selection_add_ids(&wishes->exclude, text, err);
	}
}

/* What stays with the host, in deploy-VFIO's words. */
static int set_old_default(struct parsing *parsing, const char *word)
{
	if (strcmp(word, "group") == 0 || strcmp(word, "default") == 0)
		return set_default(parsing, "none");
	return set_default(parsing, word);
}

static int take_old(struct parsing *parsing, int option, const char *text)
{
	int result;

	parsing->old_words = true;
	switch (option) {
	case 'm':
		result = set_verb(parsing, VERB_MULTIBOOT);
		return result < 0 ? result : set_old_default(parsing, text);
	case 'S':
	case 's':
		result = set_verb(parsing, VERB_STATIC);
		return result < 0 ? result : set_method(parsing, text);
	case 'M':
		result = set_verb(parsing, VERB_MULTIBOOT);
		return result < 0 ? result : set_kernels(parsing, text);
	case 'D':
		return set_verb(parsing, VERB_DYNAMIC);
	default:
		return set_verb(parsing, VERB_UNDO);
	}
}

static bool *find_flag(struct generate_options *options, int option)
{
	switch (option) {
	case OPTION_APPLY:
		return &options->apply;
	case OPTION_YES:
		return &options->yes;
	case 'q':
		return &options->quiet;
	case 'J':
		return &options->json;
	case OPTION_NO_ALL:
		return &options->wishes.no_all;
	case OPTION_HEADLESS:
		return &options->wishes.headless;
	case OPTION_UNSAFE:
		return &options->wishes.allow_unsafe;
	case OPTION_EARLY:
		return &options->wishes.allow_early;
	case OPTION_MEASURED:
		return &options->wishes.allow_measured;
	case OPTION_QEMU:
		return &options->wishes.as_qemu;
	default:
		return NULL;
	}
}

static int take_value(struct parsing *parsing, int option, const char *text)
{
	struct generate_options *options = &parsing->options;

	switch (option) {
	case OPTION_ROOT:
		options->root = text;
		return 0;
	case OPTION_LOADER:
		options->wishes.loader = text;
		return generate_check_loader(text, &parsing->err);
	case OPTION_INITRAMFS:
		options->wishes.initramfs = text;
		return generate_check_initramfs(text, &parsing->err);
	case OPTION_METHOD:
		return set_method(parsing, text);
	case OPTION_BIND:
		return set_bind(parsing, text);
	case OPTION_CMDLINE:
		options->wishes.extra_words = text;
		return 0;
	case OPTION_KERNELS:
		return set_kernels(parsing, text);
	case OPTION_DEFAULT:
		return set_default(parsing, text);
	case 'S':
	case 's':
	case 'M':
	case 'm':
	case 'D':
	case 'U':
		return take_old(parsing, option, text);
	default:
		return take_selection(parsing, option, text);
	}
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
		return take_old(parsing, 'S', word);
	if (parsing->has_verb && parsing->options.verb == VERB_MULTIBOOT &&
	    (strcmp(word, "group") == 0 || strcmp(word, "default") == 0 ||
	     strcmp(word, "first") == 0 || strcmp(word, "last") == 0))
		return take_old(parsing, 'm', word);
	return refuse_word(parsing, word);
}

/* Of an option that has a short name as well. */
static int long_of(int letter)
{
	static const char letters[] = "gpdcu";
	static const int options[] = {OPTION_GROUPS, OPTION_GROUPS, OPTION_DRIVERS, OPTION_CMDLINE,
				      OPTION_UNSAFE};
	const char *at = letter < OPTION_ROOT ? strchr(letters, letter) : NULL;

	return at ? options[at - letters] : letter;
}

static const char *name_of(int option)
{
	for (size_t i = 0; long_options[i].name; i++)
		if (long_options[i].val == option)
			return long_options[i].name;
	return NULL;
}

/* What makes the set-up another one; how it is carried out and told does not. */
static void remember(struct parsing *parsing, int option, const char *value)
{
	static const int left_out[] = {1,   OPTION_ROOT, OPTION_APPLY, OPTION_YES, 'q', 'J',
				       'S', 's',         'M',          'm',        'D', 'U'};

	if (option >= OPTION_ROOT)
		parsing->given |= 1ul << (option - OPTION_ROOT);
	for (size_t i = 0; i < sizeof(left_out) / sizeof(*left_out); i++)
		if (left_out[i] == option)
			return;
	text_printf(&parsing->arguments, " --%s", name_of(option));
	if (value) {
		auto_free char *word = text_quote(value);

		text_printf(&parsing->arguments, " %s", word);
	}
}

/* The old tools' words for a command say more than its name. */
static void remember_command(struct parsing *parsing)
{
	const struct generate_wishes *wishes = &parsing->options.wishes;
	const char *verb = verbs[parsing->options.verb];
	auto_text struct text rest = parsing->arguments;

	parsing->arguments = (struct text)TEXT_INIT;
	text_printf(&parsing->arguments, "%s%s", verb, rest.data ? rest.data : "");
	if (parsing->options.verb == VERB_STATIC && parsing->old_words)
		text_printf(&parsing->arguments, " --method %s",
			    wishes->in_conf ? "conf" : "cmdline");
	if (parsing->options.verb == VERB_MULTIBOOT && parsing->old_words)
		text_printf(&parsing->arguments, " --kernels %s --default %s", wishes->kernels,
			    wishes->default_choice);
}

static int take_all(struct parsing *parsing, int argc, char **argv, bool *ret_help)
{
	int letter, result = 0;

	while (result == 0 &&
	       (letter = command_getopt(&generate_command, argc, argv, "-hqJg:p:d:c:uS:s:M:m:DU",
					long_options)) != -1) {
		int option = long_of(letter);
		bool *flag = find_flag(&parsing->options, option);

		if (option == 'h') {
			*ret_help = true;
			return 0;
		}
		if (option == '?')
			return -EINVAL;
		remember(parsing, option, optarg);
		if (flag)
			*flag = true;
		else
			result = option == 1 ? take_word(parsing, optarg)
					     : take_value(parsing, option, optarg);
	}
	for (; result == 0 && optind < argc; optind++)
		result = take_word(parsing, argv[optind]);
	return result;
}

#define FOR(verb) (1u << VERB_##verb)
#define PLANS (FOR(STATIC) | FOR(MULTIBOOT) | FOR(DYNAMIC))
#define ALL (PLANS | FOR(UNDO) | FOR(VERIFY) | FOR(SHOW))

/* What means nothing to a command is no wish of anybody's; the rest is for what makes a plan. */
static const struct {
	int option;
	unsigned int verbs;
} limited[] = {
	{OPTION_APPLY, PLANS | FOR(UNDO)},
	{OPTION_YES, ALL},
	{OPTION_LOADER, ALL},
	{OPTION_INITRAMFS, ALL},
	{OPTION_METHOD, FOR(STATIC)},
	{OPTION_BIND, FOR(STATIC)},
	{OPTION_CMDLINE, FOR(STATIC)},
	{OPTION_KERNELS, FOR(MULTIBOOT)},
	{OPTION_DEFAULT, FOR(MULTIBOOT)},
	{OPTION_NO_ALL, FOR(MULTIBOOT)},
	{OPTION_UNSAFE, FOR(MULTIBOOT)},
	{OPTION_HEADLESS, FOR(STATIC) | FOR(MULTIBOOT)},
	{OPTION_EARLY, FOR(STATIC) | FOR(MULTIBOOT)},
	{OPTION_QEMU, FOR(DYNAMIC)},
};

static unsigned int verbs_of(int option)
{
	for (size_t i = 0; i < sizeof(limited) / sizeof(*limited); i++)
		if (limited[i].option == option)
			return limited[i].verbs;
	return PLANS;
}

static int check_limited(struct parsing *parsing)
{
	enum generate_verb verb = parsing->options.verb;

	for (int option = OPTION_LOADER; option <= OPTION_QEMU; option++)
		if (parsing->given & 1ul << (option - OPTION_ROOT) &&
		    !(verbs_of(option) & 1u << verb))
			return error_set(&parsing->err, EINVAL, "--%s is no option of %s",
					 name_of(option), verbs[verb]);
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
	if (check_limited(parsing) < 0)
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
