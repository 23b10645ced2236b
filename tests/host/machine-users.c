// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How those who use a made-up machine's devices are spelled: nodes, framebuffers and consoles, and
 * the processes, units and sessions behind them. machine.h describes the language.
 */
#include "tests/host/machine-text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "model/cell.h"

/* What a word may be: one of the three. */
struct word {
	const char *key;
	char **text;
	bool *flag;
	unsigned int *number;
};

static bool take_word(const char *given, const struct word *word)
{
	const char *value = value_of(given, word->key);

	if (word->flag)
		return strcmp(given, word->key) == 0 && (*word->flag = true);
	if (value && word->text)
		return take_string(word->text, value);
	return value && take_number(value, 0, word->number);
}

static bool take_words(const struct line *line, size_t first, const struct word *words,
		       size_t count)
{
	for (size_t i = first; i < line->count; i++) {
		size_t j = 0;

		while (j < count && !take_word(line->words[i], &words[j]))
			j++;
		if (j == count)
			return false;
	}
	return true;
}

#define TAKE_WORDS(line, first, words)                                                             \
	take_words(line, first, words, sizeof(words) / sizeof((words)[0]))

/* A zeroed element at the end of one of the machine's arrays. */
#define ADD(array, count)                                                                          \
	((array) = array_grow(array, count, sizeof(*(array))),                                     \
	 memset(&(array)[count], 0, sizeof(*(array))), &(array)[(count)++])

static void set_default(char **slot, const char *value)
{
	if (!*slot)
		*slot = xstrdup(value);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool take_device_number(const char *text, struct machine_node *node)
{
	int used = 0;

	if (strcmp(text, "-") == 0)
		return true;
	node->numbered = true;
	return sscanf(text, "%u:%u%n", &node->number.major, &node->number.minor, &used) == 2 &&
	       text[used] == '\0';
}

/* The kernel's own folders below /dev. */
static char *default_name(const struct machine_node *node)
{
	static const struct {
		const char *subsystem, *folder;
	} folders[] = {{"drm", "dri/"},
		       {"sound", "snd/"},
		       {"input", "input/"},
		       {"vfio-dev", "vfio/devices/"}};
	const char *folder = "";

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		if (strcmp(folders[i].subsystem, node->subsystem) == 0)
			folder = folders[i].folder;
	return xasprintf("%s%s", folder, base_name(node->path));
}

static void complete_node(struct machine_node *node)
{
	node->block |= node->partition;
	if (!node->subsystem)
		node->subsystem =
			node->block ? xstrdup("block")
				    : xasprintf("%.*s", (int)strcspn(node->path, "/"), node->path);
	if (!node->name)
		node->name = default_name(node);
}

static bool take_parent(struct machine_node *node, const char *text)
{
	if (pci_addr_parse(text, &node->addr))
		return node->tied = true;
	node->parent = xstrdup(text);
	return strncmp(text, "devices/", 8) == 0;
}

bool line_node(struct line *line)
{
	struct machine_node *node = ADD(line->machine->nodes, line->machine->node_count);
	auto_free char *with = NULL;
	const struct word words[] = {
		{"subsystem", .text = &node->subsystem},
		{"name", .text = &node->name},
		{"driver", .text = &node->driver},
		{"label", .text = &node->label},
		{"with", .text = &with},
		{"block", .flag = &node->block},
		{"partition", .flag = &node->partition},
		{"noudev", .flag = &node->noudev},
		{"plain", .flag = &node->plain},
		{"ifindex", .number = &node->ifindex},
	};

	if (line->count < 4 || !take_parent(node, line->words[1]) ||
	    !take_device_number(line->words[3], node) || !TAKE_WORDS(line, 4, words))
		return false;
	if (with && !(node->tied = pci_addr_parse(with, &node->addr)))
		return false;
	node->path = xstrdup(line->words[2]);
	complete_node(node);
	return true;
}

bool line_devnode(struct line *line)
{
	struct machine_node *node = ADD(line->machine->nodes, line->machine->node_count);
	const struct word words[] = {{"block", .flag = &node->block}};

	if (line->count < 3 || !take_device_number(line->words[2], node) || !node->numbered)
		return false;
	node->name = xstrdup(line->words[1]);
	return TAKE_WORDS(line, 3, words);
}

static bool take_platform(struct machine_platform *platform, const char *name, const char *below)
{
	platform->name = xstrdup(name);
	platform->bound = !text_equal(platform->driver, "NONE");
	if (!platform->driver || !platform->bound) {
		free(platform->driver);
		platform->driver = xasprintf("%.*s", (int)strcspn(name, "."), name);
	}
	platform->below = below != NULL;
	return !below || pci_addr_parse(below, &platform->addr);
}

static bool framebuffer_platform(struct line *line, struct machine_node *node)
{
	struct machine_platform *platform =
		ADD(line->machine->platforms, line->machine->platform_count);
	auto_free char *below = NULL;
	const struct word words[] = {
		{"name", .text = &node->label},
		{"range", .text = &platform->range},
		{"driver", .text = &platform->driver},
		{"below", .text = &below},
	};

	node->parent = xstrdup(line->words[2]);
	return TAKE_WORDS(line, 3, words) && take_platform(platform, line->words[2], below);
}

bool line_framebuffer(struct line *line)
{
	struct machine_node *node = ADD(line->machine->nodes, line->machine->node_count);
	const struct word words[] = {{"name", .text = &node->label},
				     {"driver", .text = &node->driver}};

	if (line->count < 3 || strncmp(line->words[1], "fb", 2) != 0 ||
	    !take_number(line->words[1] + 2, 10, &node->number.minor))
		return false;
	node->number.major = 29;
	node->numbered = true;
	node->path = xasprintf("graphics/%s", line->words[1]);
	node->tied = pci_addr_parse(line->words[2], &node->addr);
	if (node->tied ? !TAKE_WORDS(line, 3, words) : !framebuffer_platform(line, node))
		return false;
	if (!node->label)
		node->label = xstrdup(node->tied ? "drmdrmfb" : "EFI VGA");
	complete_node(node);
	return true;
}

bool line_vtconsole(struct line *line)
{
	struct machine_vtconsole *console =
		ADD(line->machine->vtconsoles, line->machine->vtconsole_count);
	const struct word words[] = {{"name", .text = &console->label},
				     {"bound", .flag = &console->bound}};

	if (line->count < 2 || !TAKE_WORDS(line, 2, words))
		return false;
	console->name = xstrdup(line->words[1]);
	set_default(&console->label, strcmp(console->name, "vtcon0") == 0
					     ? "(S) dummy device"
					     : "(M) frame buffer device");
	return true;
}

static void complete_process(struct machine_process *process)
{
	set_default(&process->comm, "process");
	set_default(&process->cgroup, "/");
	if (!process->cmdline)
		process->cmdline = xstrdup(process->comm);
	if (!process->exe)
		process->exe = xasprintf("/usr/bin/%s", process->comm);
}

bool line_process(struct line *line)
{
	struct machine_process *process =
		ADD(line->machine->processes, line->machine->process_count);
	auto_free char *term = NULL;
	const struct word words[] = {
		{"start", .number = &process->start},     {"ppid", .number = &process->ppid},
		{"uid", .number = &process->uid},         {"flags", .number = &process->flags},
		{"comm", .text = &process->comm},         {"cgroup", .text = &process->cgroup},
		{"cmdline", .text = &process->cmdline},   {"exe", .text = &process->exe},
		{"holds", .text = &process->holds},       {"maps", .text = &process->maps},
		{"libs", .text = &process->libs},         {"threads", .text = &process->threads},
		{"tty", .text = &process->tty},           {"term", .text = &term},
		{"zombie", .flag = &process->zombie},     {"stuck", .flag = &process->stuck},
		{"respawns", .flag = &process->respawns}, {"lets-go", .flag = &process->lets_go},
	};

	process->ppid = 1;
	process->flags = 0x400100;
	process->start = 5000;
	if (line->count < 2 || !take_number(line->words[1], 10, &process->pid) ||
	    !TAKE_WORDS(line, 2, words))
		return false;
	process->stubborn = term != NULL;
	complete_process(process);
	return !term || strcmp(term, "ignored") == 0;
}

bool line_unit(struct line *line)
{
	struct machine_unit *unit = ADD(line->machine->units, line->machine->unit_count);
	const struct word words[] = {
		{"alias", .text = &unit->alias},
		{"pids", .text = &unit->pids},
		{"triggered", .text = &unit->triggered},
		{"dependent", .text = &unit->dependent},
		{"stops-not", .flag = &unit->stops_not},
		{"fails-to-stop", .flag = &unit->fails_to_stop},
		{"fails-to-start", .flag = &unit->fails_to_start},
		{"wanted", .flag = &unit->wanted},
	};

	if (line->count < 3 || !list_has("active,inactive,failed", line->words[2]))
		return false;
	unit->name = xstrdup(line->words[1]);
	unit->state = xstrdup(line->words[2]);
	return TAKE_WORDS(line, 3, words);
}

bool line_session(struct line *line)
{
	struct machine_session *session =
		ADD(line->machine->sessions, line->machine->session_count);
	const struct word words[] = {
		{"uid", .number = &session->uid},       {"user", .text = &session->user},
		{"seat", .text = &session->seat},       {"type", .text = &session->type},
		{"class", .text = &session->class},     {"remote", .text = &session->remote},
		{"service", .text = &session->service}, {"tty", .text = &session->tty},
		{"leader", .number = &session->leader}, {"active", .flag = &session->active},
	};

	if (line->count < 2 || !TAKE_WORDS(line, 2, words))
		return false;
	session->id = xstrdup(line->words[1]);
	if (!session->user)
		session->user = xasprintf("user%u", session->uid);
	set_default(&session->type, session->seat ? "wayland" : "tty");
	set_default(&session->class, "user");
	return true;
}

const struct machine_node *machine_node(const struct machine *machine, const char *name)
{
	for (size_t i = 0; i < machine->node_count; i++)
		if (machine->nodes[i].numbered && strcmp(machine->nodes[i].name, name) == 0)
			return &machine->nodes[i];
	return NULL;
}

const struct machine_unit *machine_unit(const struct machine *machine, const char *name)
{
	for (size_t i = 0; i < machine->unit_count; i++)
		if (strcmp(machine->units[i].name, name) == 0 ||
		    list_has(machine->units[i].alias, name))
			return &machine->units[i];
	return NULL;
}

/* "NAME" as one of the same manager as the unit says it. */
static void add_named(struct machine *machine, size_t by, const char *list)
{
	char item[CELL_NAME_SIZE];

	while (list_next(&list, item, sizeof(item))) {
		const char *owner = machine->units[by].name, *slash = strchr(owner, '/');
		auto_free char *name =
			xasprintf("%.*s%s", slash ? (int)(slash - owner) + 1 : 0, owner, item);
		struct machine_unit *unit;

		if (machine_unit(machine, name))
			continue;
		unit = ADD(machine->units, machine->unit_count);
		unit->name = steal(&name);
		unit->state = xstrdup("active");
	}
}

void machine_users_complete(struct machine *machine)
{
	for (size_t i = 0; i < machine->unit_count; i++) {
		add_named(machine, i, machine->units[i].triggered);
		add_named(machine, i, machine->units[i].dependent);
	}
	for (size_t i = 0; i < machine->node_count; i++) {
		struct machine_node *node = &machine->nodes[i];
		const struct machine_device *device = machine_device(machine, &node->addr);
		const char *list = device ? device->driver ? device->driver : device->match : NULL;
		char driver[CELL_NAME_SIZE];

		if (node->tied && !node->driver && list_next(&list, driver, sizeof(driver)))
			node->driver = xstrdup(driver);
	}
}

/* Frees the heap strings of one element. */
static void free_strings(char *const *strings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(strings[i]);
}

#define FREE_STRINGS(...)                                                                          \
	free_strings((char *const[]){__VA_ARGS__},                                                 \
		     sizeof((char *const[]){__VA_ARGS__}) / sizeof(char *))

static void nodes_free(struct machine *machine)
{
	for (size_t i = 0; i < machine->node_count; i++) {
		const struct machine_node *node = &machine->nodes[i];

		FREE_STRINGS(node->parent, node->path, node->subsystem, node->name, node->driver,
			     node->label);
	}
	for (size_t i = 0; i < machine->platform_count; i++)
		FREE_STRINGS(machine->platforms[i].name, machine->platforms[i].range,
			     machine->platforms[i].driver);
	for (size_t i = 0; i < machine->vtconsole_count; i++)
		FREE_STRINGS(machine->vtconsoles[i].name, machine->vtconsoles[i].label);
	free(machine->nodes);
	free(machine->platforms);
	free(machine->vtconsoles);
}

void machine_users_free(struct machine *machine)
{
	nodes_free(machine);
	for (size_t i = 0; i < machine->process_count; i++) {
		const struct machine_process *process = &machine->processes[i];

		FREE_STRINGS(process->comm, process->cgroup, process->cmdline, process->exe,
			     process->holds, process->maps, process->libs, process->threads,
			     process->tty);
	}
	for (size_t i = 0; i < machine->unit_count; i++) {
		const struct machine_unit *unit = &machine->units[i];

		FREE_STRINGS(unit->name, unit->state, unit->alias, unit->pids, unit->triggered,
			     unit->dependent);
	}
	for (size_t i = 0; i < machine->session_count; i++) {
		const struct machine_session *session = &machine->sessions[i];

		FREE_STRINGS(session->id, session->user, session->seat, session->type,
			     session->class, session->remote, session->service, session->tty);
	}
	free(machine->processes);
	free(machine->units);
	free(machine->sessions);
}
