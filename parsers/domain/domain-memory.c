// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How libvirt writes sizes of memory (util/virutil.c:virScaleInteger): a number, and a unit, which
 * is KiB where none is given.
 */
#include "parsers/domain/domain-memory.h"

#include <strings.h>

#include "base/text.h"
#include "parsers/domain/domain-value.h"

static const struct {
	const char *name;
	uint64_t bytes;
} units[] = {
	{"b", 1},
	{"byte", 1},
	{"bytes", 1},
	{"KB", 1000},
	{"k", 1024},
	{"KiB", 1024},
	{"MB", 1000 * 1000},
	{"M", 1024 * 1024},
	{"MiB", 1024 * 1024},
	{"GB", 1000 * 1000 * 1000},
	{"G", 1024 * 1024 * 1024},
	{"GiB", 1024 * 1024 * 1024},
	{"TB", 1000ULL * 1000 * 1000 * 1000},
	{"T", 1024ULL * 1024 * 1024 * 1024},
	{"TiB", 1024ULL * 1024 * 1024 * 1024},
};

static uint64_t unit_bytes(const char *name)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcasecmp(units[i].name, name) == 0)
			return units[i].bytes;
	return 0;
}

/* In KiB; 0: not understood. */
static uint64_t scale(const char *text, const char *unit)
{
	uint64_t bytes = unit_bytes(unit ? unit : "KiB"), number;

	if (!text || bytes == 0 || !domain_value_number(text, 10, UINT64_MAX / bytes, &number))
		return 0;
	return number * bytes / 1024;
}

static uint64_t read_size(const struct xml_node *node)
{
	auto_free char *text = node ? xml_text(node) : NULL, *unit = xml_attr(node, "unit");

	return scale(text, unit);
}

/* Where there are several sizes of pages, the first is told of. */
static void read_backing(const struct xml_node *node, struct guest_memory *memory)
{
	const struct xml_node *hugepages = xml_find(node, "hugepages");
	const struct xml_node *page = xml_find(hugepages, "page");
	auto_free char *size = xml_attr(page, "size"), *unit = xml_attr(page, "unit");

	memory->hugepages = hugepages != NULL;
	memory->page = scale(size, unit);
}

bool domain_memory_read(const struct xml_node *node, struct guest_memory *memory)
{
	if (xml_is(node, "memory"))
		memory->size = read_size(node);
	else if (xml_is(node, "memtune"))
		memory->hard_limit = read_size(xml_find(node, "hard_limit"));
	else if (xml_is(node, "memoryBacking"))
		read_backing(node, memory);
	else
		return false;
	return true;
}
