// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The sizes of a guest's memory as libvirt reads them.
 */
#include "tests/host/check.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/domain/domain.h"

static struct guest_memory read_memory(const char *elements)
{
	auto_free char *xml = xasprintf("<domain><name>win11</name>%s</domain>", elements);
	auto_guest struct guest guest = {0};
	struct error err = ERROR_INIT;

	assert_ok(domain_parse(xml, strlen(xml), &guest, &err), &err);
	return guest.memory;
}

static void sizes(void **state)
{
	static const struct {
		const char *element;
		uint64_t kib;
	} cases[] = {
		{"<memory>8388608</memory>", 8388608},
		{"<memory unit='KiB'>8388608</memory>", 8388608},
		{"<memory unit='GiB'>8</memory>", 8388608},
		{"<memory unit='g'>8</memory>", 8388608},
		{"<memory unit='MB'>1024</memory>", 1000000},
		{"<memory unit='bytes'> 4096</memory>", 4},
		{"<memory unit='pages'>8</memory>", 0},
		{"<memory>much</memory>", 0},
		{"<memory unit='TiB'>99999999999999999</memory>", 0},
		{"<memory/>", 0},
		{"", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(read_memory(cases[i].element).size, cases[i].kib);
}

static void limits_and_pages(void **state)
{
	struct guest_memory memory;

	(void)state;
	memory = read_memory("<memtune><hard_limit unit='GiB'>9</hard_limit></memtune>"
			     "<memoryBacking><locked/><hugepages><page size='1' unit='GiB'/>"
			     "<page size='2048'/></hugepages></memoryBacking>");
	assert_int_equal(memory.hard_limit, 9 * 1024 * 1024);
	assert_true(memory.hugepages);
	assert_int_equal(memory.page, 1024 * 1024);
	memory = read_memory("<memtune/><memoryBacking><hugepages/></memoryBacking>");
	assert_int_equal(memory.hard_limit, 0);
	assert_true(memory.hugepages);
	assert_int_equal(memory.page, 0);
	memory = read_memory("<memoryBacking><locked/></memoryBacking>");
	assert_false(memory.hugepages);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes),
		cmocka_unit_test(limits_and_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
