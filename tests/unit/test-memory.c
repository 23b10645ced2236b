// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which devices may be memory of the host: all of CXL's, unless every decoder of one maps nothing.
 */
#include "tests/host/check.h"

#include <stdlib.h>

#include "parsers/pci/memory.h"
#include "parsers/pci/pci.h"
#include "parsers/users/holders.h"
#include "tests/host/lending.h"
#include "tests/host/testhost.h"

#define BUS "sys/bus/cxl/devices/"
#define MEMORY                                                                                     \
	"bridge 0000:37:00.0 8086:0db0 bus=3a\n"                                                   \
	"device 0000:3a:00.0 1e98:0001 class=050210 driver=cxl_pci\n"                              \
	"node 0000:3a:00.0 mem3 251:0 subsystem=cxl name=cxl/mem3\n"
#define ENDPOINT                                                                                   \
	"dir " BUS "endpoint12\n"                                                                  \
	"link " BUS "endpoint12/uport ../../../devices/somewhere/mem3\n"
#define DECODER(name, size) "file " BUS "decoder" name "/size\n\t" size "\n"

/* What is said of 3a:00.0, "" for nothing; heap. */
static char *uses_of(const char *host_text)
{
	auto_testhost struct testhost *host = testhost_new(host_text);
	auto_guest struct guest guest = guest_make("hostdev 0000:3a:00.0\n");
	auto_snapshot struct snapshot snapshot = {0};
	struct text out = TEXT_INIT;
	struct error err = ERROR_INIT;

	assert_ok(pci_snapshot(&host->host, &guest, &snapshot, &err), &err);
	assert_ok(holders_read(&host->host, &snapshot, &err), &err);
	assert_ok(memory_read(&host->host, &snapshot, &err), &err);
	text_append(&out, "", 0);
	for (size_t i = 0; i < snapshot.use_count; i++) {
		assert_int_equal(snapshot.uses[i].kind, USE_MEMORY);
		text_printf(&out, "%s %s\n", snapshot.uses[i].what ? snapshot.uses[i].what : "-",
			    snapshot.uses[i].how);
	}
	return out.data;
}

static void check_uses(const char *host_text, const char *expected)
{
	auto_free char *uses = uses_of(host_text);

	assert_text(uses, expected);
}

#define UNKNOWN "mem3 may be memory of this host: no decoder tells that it is not\n"

static void decoders_that_map_nothing(void **state)
{
	(void)state;
	check_uses(MEMORY ENDPOINT DECODER("12.0", "0") DECODER("12.1", "0x0"), "");
	/* Those of others do not count. */
	check_uses(MEMORY ENDPOINT DECODER("12.0", "0") DECODER("1.0", "0x40000000")
			   DECODER("120.0", "0x40000000"),
		   "");
}

static void decoders_that_map(void **state)
{
	(void)state;
	check_uses(MEMORY ENDPOINT DECODER("12.0", "0") DECODER("12.1", "0x40000000"),
		   "mem3 is mapped into this host's memory: 1024 MiB by decoder12.1\n");
}

static void what_is_not_told(void **state)
{
	(void)state;
	check_uses(MEMORY, UNKNOWN);
	check_uses(MEMORY DECODER("12.0", "0"), UNKNOWN);
	check_uses(MEMORY ENDPOINT, UNKNOWN);
	check_uses(MEMORY ENDPOINT DECODER("12.0", "large"), UNKNOWN);
	check_uses(MEMORY ENDPOINT "dir " BUS "decoder12.0\n", UNKNOWN);
	/* A driver that has made nothing yet; and what the firmware did before any driver. */
	check_uses("device 0000:3a:00.0 1e98:0001 class=000000 driver=cxl_pci\n",
		   "- the firmware may have made it memory of this host, without any driver\n");
	check_uses("device 0000:3a:00.0 1e98:0001 class=050210\n",
		   "- the firmware may have made it memory of this host, without any driver\n");
}

static void what_is_none(void **state)
{
	(void)state;
	check_uses("device 0000:3a:00.0 1e98:0001 class=050210 driver=vfio-pci\n", "");
	check_uses("device 0000:3a:00.0 8086:10d3 class=020000 driver=e1000e\n", "");
}

static void memory_for_programs(void **state)
{
	(void)state;
	check_uses("device 0000:3a:00.0 1af4:2222 class=120000 driver=accel\n"
		   "node 0000:3a:00.0 dax0.0 250:0 subsystem=dax\n",
		   "dax0.0 is memory for this host and its programs\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decoders_that_map_nothing), cmocka_unit_test(decoders_that_map),
		cmocka_unit_test(what_is_not_told),          cmocka_unit_test(what_is_none),
		cmocka_unit_test(memory_for_programs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
