// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How a made-up machine is spelled: one function per keyword, one table row per word a device may
 * have. machine.h describes the language.
 */
#include "tests/host/machine-text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

bool take_number(const char *text, int base, unsigned int *ret)
{
	char *end;
	unsigned long value = strtoul(text, &end, base);

	if (end == text || *end || value > 0xffffffffUL)
		return false;
	*ret = (unsigned int)value;
	return true;
}

static bool take_ids(const char *text, unsigned int *vendor, unsigned int *product)
{
	int used = 0;

	return sscanf(text, "%4x:%4x%n", vendor, product, &used) == 2 && text[used] == '\0';
}

bool take_string(char **slot, const char *value)
{
	free(*slot);
	*slot = xstrdup(value);
	return true;
}

const char *value_of(const char *word, const char *key)
{
	size_t length = strlen(key);

	return strncmp(word, key, length) == 0 && word[length] == '=' ? word + length + 1 : NULL;
}

static bool device_string(struct machine_device *device, const char *word)
{
	const struct {
		const char *key;
		char **slot;
	} strings[] = {
		{"driver", &device->driver},     {"match", &device->match},
		{"override", &device->override}, {"power", &device->power},
		{"d3cold", &device->d3cold},     {"status", &device->status},
		{"bar0", &device->bar0},         {"numa", &device->numa},
		{"reset", &device->reset},
	};

	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		const char *value = value_of(word, strings[i].key);

		if (value && strcmp(value, "NONE") == 0) {
			free(*strings[i].slot);
			*strings[i].slot = NULL;
			return true;
		}
		if (value)
			return take_string(strings[i].slot, value);
	}
	return false;
}

static bool device_word(struct machine_device *device, const char *word)
{
	unsigned int group;
	const char *value;

	if (strcmp(word, "boot_vga") == 0)
		return device->boot_vga = true;
	if ((value = value_of(word, "sub")))
		return take_ids(value, &device->subvendor, &device->subproduct);
	if ((value = value_of(word, "class")))
		return take_number(value, 16, &device->class_code);
	if ((value = value_of(word, "bus")))
		return device->role == ROLE_BRIDGE && take_number(value, 16, &device->bus);
	if ((value = value_of(word, "sriov")))
		return take_number(value, 10, &device->sriov);
	if ((value = value_of(word, "of")))
		return device->role == ROLE_VF && pci_addr_parse(value, &device->physfn);
	if ((value = value_of(word, "group"))) {
		if (!take_number(value, 10, &group))
			return false;
		device->group = (int)group;
		return true;
	}
	return device_string(device, word);
}

static struct machine_device *add_device(struct machine *machine, enum machine_role role)
{
	struct machine_device *device;

	machine->devices =
		array_grow(machine->devices, machine->device_count, sizeof(*machine->devices));
	device = &machine->devices[machine->device_count++];
	*device = (struct machine_device){
		.role = role,
		.group = -1,
		.class_code = role == ROLE_BRIDGE ? 0x060400 : 0x020000,
		.driver = role == ROLE_BRIDGE ? xstrdup("pcieport") : NULL,
		.power = xstrdup("on"),
		.d3cold = xstrdup("1"),
		.status = xstrdup("active"),
	};
	return device;
}

static bool line_function(struct line *line, enum machine_role role)
{
	struct machine_device *device = add_device(line->machine, role);

	if (line->count < 3 || !pci_addr_parse(line->words[1], &device->addr) ||
	    !take_ids(line->words[2], &device->vendor, &device->product))
		return false;
	for (size_t i = 3; i < line->count; i++)
		if (!device_word(device, line->words[i]))
			return false;
	return role != ROLE_VF || device->physfn.bus || device->physfn.slot;
}

static bool line_device(struct line *line)
{
	return line_function(line, ROLE_DEVICE);
}

static bool line_bridge(struct line *line)
{
	return line_function(line, ROLE_BRIDGE);
}

static bool line_vf(struct line *line)
{
	return line_function(line, ROLE_VF);
}

static bool line_driver(struct line *line)
{
	struct machine_driver *driver;
	const char *uses = NULL, *value;

	if (line->count < 2)
		return false;
	driver = machine_add_driver(line->machine, line->words[1]);
	for (size_t i = 2; i < line->count; i++) {
		if (strcmp(line->words[i], "builtin") == 0)
			driver->builtin = true;
		else if (strcmp(line->words[i], "hangs-if-held") == 0)
			driver->hangs_if_held = true;
		else if ((value = value_of(line->words[i], "module")))
			take_string(&driver->module, value);
		else if ((value = value_of(line->words[i], "probe_power")))
			take_string(&driver->probe_power, value);
		else if ((value = value_of(line->words[i], "uses")))
			uses = value;
		else
			return false;
	}
	if (uses && driver->module) {
		struct machine_module *module = machine_add_module(line->machine, driver->module);

		module->registers = xstrdup(driver->name);
		module->uses = xstrdup(uses);
	}
	return driver->module || driver->builtin;
}

static bool line_module(struct line *line)
{
	struct machine_module *module;
	const char *value;

	if (line->count < 2)
		return false;
	module = machine_add_module(line->machine, line->words[1]);
	for (size_t i = 2; i < line->count; i++) {
		if (strcmp(line->words[i], "unloaded") == 0)
			module->unloaded = true;
		else if (strcmp(line->words[i], "blacklisted") == 0)
			module->blacklisted = true;
		else if ((value = value_of(line->words[i], "registers")))
			take_string(&module->registers, value);
		else if ((value = value_of(line->words[i], "uses")))
			take_string(&module->uses, value);
		else
			return false;
	}
	return true;
}

static bool line_group(struct line *line)
{
	struct machine_group *group;
	unsigned int number;
	const char *value;

	if (line->count < 2 || !take_number(line->words[1], 10, &number))
		return false;
	group = machine_add_group(line->machine, (int)number);
	for (size_t i = 2; i < line->count; i++) {
		if (strcmp(line->words[i], "owned") == 0)
			group->owned = true;
		else if ((value = value_of(line->words[i], "type")))
			take_string(&group->type, value);
		else if ((value = value_of(line->words[i], "name")))
			take_string(&group->name, value);
		else
			return false;
	}
	return true;
}

static bool line_alias(struct line *line)
{
	struct machine *machine = line->machine;

	if (line->count != 3)
		return false;
	array_push(machine->aliases, machine->alias_count,
		   (struct machine_alias){xstrdup(line->words[1]), xstrdup(line->words[2])});
	return true;
}

static int code_of(const char *name)
{
	static const int codes[] = {EIO, EINVAL, EBUSY, ENODEV, EAGAIN, ENOMEM, EPERM, ETIMEDOUT};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (strcmp(strerrorname_np(codes[i]), name) == 0)
			return codes[i];
	return 0;
}

static bool line_probe(struct line *line)
{
	struct machine *machine = line->machine;
	const char *name = line->count == 4 ? value_of(line->words[3], "fails") : NULL;
	struct machine_probe probe = {.code = name ? code_of(name) : 0};

	if (!probe.code || !pci_addr_parse(line->words[2], &probe.addr))
		return false;
	probe.driver = xstrdup(line->words[1]);
	array_push(machine->probes, machine->probe_count, probe);
	return true;
}

static bool line_word(struct line *line)
{
	if (line->count != 2)
		return false;
	if (strcmp(line->words[0], "kernel") == 0)
		return take_string(&line->machine->kernel, line->words[1]);
	if (strcmp(line->words[0], "boot") == 0)
		return take_string(&line->machine->boot, line->words[1]);
	line->machine->iommu = false;
	return strcmp(line->words[1], "off") == 0;
}

static const struct {
	const char *keyword;
	int type;
	size_t words; /* at least */
} file_lines[] = {
	{"dir", FILE_DIR, 2},         {"link", FILE_LINK, 3},       {"file", FILE_PLAIN, 2},
	{"program", FILE_PROGRAM, 2}, {"strings", FILE_STRINGS, 2}, {"cpio", FILE_CPIO, 2},
	{"efi", FILE_EFI, 3},
};

static bool line_file(struct line *line)
{
	struct machine *machine = line->machine;
	struct machine_file file = {.mode = 0755};
	size_t kind = 0, words;
	const char *mode;

	while (strcmp(file_lines[kind].keyword, line->words[0]) != 0)
		kind++;
	file.type = file_lines[kind].type;
	words = file_lines[kind].words;
	mode = line->count == 3 ? value_of(line->words[2], "mode") : NULL;
	if (line->count != words &&
	    (file.type != FILE_DIR || !mode || !take_number(mode, 8, &file.mode)))
		return false;
	file.path = xstrdup(line->words[1]);
	file.data = xstrdup(words == 3 ? line->words[2] : "");
	array_push(machine->files, machine->file_count, file);
	return true;
}

static const struct {
	const char *keyword;
	bool (*read)(struct line *line);
} keywords[] = {
	{"device", line_device},       {"bridge", line_bridge},   {"vf", line_vf},
	{"driver", line_driver},       {"module", line_module},   {"group", line_group},
	{"alias", line_alias},         {"probe", line_probe},     {"kernel", line_word},
	{"boot", line_word},           {"iommu", line_word},      {"dir", line_file},
	{"link", line_file},           {"file", line_file},       {"program", line_file},
	{"strings", line_file},        {"cpio", line_file},       {"efi", line_file},
	{"node", line_node},           {"devnode", line_devnode}, {"framebuffer", line_framebuffer},
	{"vtconsole", line_vtconsole}, {"process", line_process}, {"unit", line_unit},
	{"session", line_session},
};

/* The next word, without its quotes; NULL at the end. */
static char *next_word(char **rest)
{
	char *at = *rest + strspn(*rest, " "), *word = at, *end = at;
	bool quoted = false;

	if (*at == '\0')
		return NULL;
	for (; *at && (quoted || *at != ' '); at++) {
		if (*at == '"')
			quoted = !quoted;
		else
			*end++ = *at;
	}
	*rest = *at ? at + 1 : at;
	*end = '\0';
	return word;
}

static bool read_words(struct line *line, char *text)
{
	char *at = text, *word;

	for (line->count = 0; (word = next_word(&at)); line->count++) {
		if (*word == '#')
			break;
		if (line->count == WORDS_MAX)
			return false;
		line->words[line->count] = word;
	}
	line->words[line->count] = NULL;
	if (line->count == 0)
		return true;
	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
		if (strcmp(keywords[i].keyword, line->words[0]) == 0)
			return keywords[i].read(line);
	return false;
}

static bool append_content(struct machine *machine, const char *line)
{
	struct machine_file *file;
	char *data;

	if (machine->file_count == 0)
		return false;
	file = &machine->files[machine->file_count - 1];
	if (file->type == FILE_DIR || file->type == FILE_LINK || file->type == FILE_EFI)
		return false;
	data = xasprintf("%s%s\n", file->data, line);
	free(file->data);
	file->data = data;
	return true;
}

int machine_parse(const char *text, struct machine *ret, struct error *err)
{
	cleanup(machine_done) struct machine machine = {.iommu = true};
	auto_free char *copy = xstrdup(text);
	struct line line = {.machine = &machine};
	char *rest = copy, *next;

	for (unsigned int number = 1; (next = strsep(&rest, "\n")); number++) {
		auto_free char *shown = xstrdup(next);

		if (*next == '\t' ? !append_content(&machine, next + 1) : !read_words(&line, next))
			return error_set(err, EBADMSG, "line %u: %.200s", number, shown);
	}
	machine_complete(&machine);
	*ret = machine;
	memset(&machine, 0, sizeof(machine));
	return 0;
}
