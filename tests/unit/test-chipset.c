// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which functions are the processor's and the board's own, and which only look like it.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/worker.h"
#include "parsers/pci/chipset.h"
#include "parsers/pci/pci.h"
#include "tests/host/lending.h"
#include "tests/host/testhost.h"
#include "tests/host/tree.h"

/* "ADDRESS ALLOW: WHAT HOW", a line each; heap. */
static char *uses_of(struct testhost *host, const char *guest_lines)
{
	auto_guest struct guest guest = guest_make(guest_lines);
	auto_snapshot struct snapshot snapshot = {0};
	struct text out = TEXT_INIT;
	struct error err = ERROR_INIT;

	assert_ok(pci_snapshot(&host->host, &guest, &snapshot, &err), &err);
	assert_ok(chipset_read(&host->host, &snapshot, &err), &err);
	text_append(&out, "", 0);
	for (size_t i = 0; i < snapshot.use_count; i++)
		text_printf(&out, "%s %s: %s %s\n", ADDR(&snapshot.uses[i].addr),
			    use_allow_name(snapshot.uses[i].kind),
			    snapshot.uses[i].what ? snapshot.uses[i].what : "-",
			    snapshot.uses[i].how);
	return out.data;
}

#define assert_uses(host, guest_lines, expected)                                                   \
	do {                                                                                       \
		auto_free char *uses_ = uses_of(host, guest_lines);                                \
		assert_text(uses_, expected);                                                      \
	} while (0)

static const char apu_text[] = "bridge 0000:00:01.1 1022:1633 bus=01\n"
			       "bridge 0000:00:08.1 1022:1635 bus=05\n"
			       "device 0000:01:00.0 1002:73bf class=030000 driver=amdgpu\n"
			       "device 0000:01:00.1 1002:ab28 class=040300 driver=snd_hda_intel\n"
			       "device 0000:05:00.0 1002:1638 class=030000 driver=amdgpu\n"
			       "device 0000:05:00.1 1002:1637 class=040300 driver=snd_hda_intel\n"
			       "device 0000:05:00.2 1022:15df class=108000 driver=ccp\n";

static void the_processors_graphics(void **state)
{
	auto_testhost struct testhost *host = testhost_new(apu_text);

	(void)state;
	assert_uses(host, "hostdev 0000:01:00.0\nhostdev 0000:05:00.0\n",
		    "0000:05:00.0 igpu: - is the processor's own graphics\n");
	assert_uses(host, "hostdev 0000:05:00.2\n",
		    "0000:05:00.2 chipset: - is the processor's security processor\n");
	assert_uses(host, "hostdev 0000:01:00.1\nhostdev 0000:05:00.1\n", "");
}

static void intels_graphics_and_its_functions_for_guests(void **state)
{
	auto_testhost struct testhost *host =
		testhost_new("device 0000:00:02.0 8086:4680 class=038000 driver=i915 sriov=7\n"
			     "vf 0000:00:02.1 8086:4680 class=030000 of=0000:00:02.0\n"
			     "bridge 0000:00:01.0 8086:1901 bus=03\n"
			     "device 0000:03:00.0 8086:56a0 class=030000 driver=i915\n");

	(void)state;
	assert_uses(host, "hostdev 0000:00:02.0\n",
		    "0000:00:02.0 igpu: - is the processor's own graphics\n");
	assert_uses(host, "hostdev 0000:00:02.1\nhostdev 0000:03:00.0\n", "");
}

static void parts_of_the_board(void **state)
{
	auto_testhost struct testhost *host = testhost_new(
		"device 0000:00:1f.4 8086:7aa3 class=0c0500 group=9 driver=i801_smbus\n"
		"device 0000:00:1f.5 8086:7aa4 class=0c8000 group=9 driver=intel-spi\n"
		"device 0000:00:1f.3 8086:7ad0 class=040300 group=9\n"
		"device 0000:00:17.0 8086:7ae2 class=010601 driver=ahci\n"
		"device 0000:00:14.2 8086:7aa7 class=050000 driver=sram\n"
		"device 0000:00:16.0 8086:7ae8 class=078000 driver=mei_me\n"
		"device 0000:00:05.0 1af4:1003 class=078000 driver=virtio-pci\n"
		"device 0000:00:14.5 8086:1111 class=080501\n"
		"bridge 0000:00:1c.0 8086:7ab8 bus=04\n"
		"device 0000:04:00.0 1c5c:1111 class=078000\n"
		"driver virtio-pci module=virtio_pci\n");

	(void)state;
	assert_uses(host,
		    "hostdev 0000:00:1f.3\nhostdev 0000:00:17.0\nhostdev 0000:00:14.2\n"
		    "hostdev 0000:00:16.0\nhostdev 0000:00:05.0\nhostdev 0000:00:14.5\n"
		    "hostdev 0000:04:00.0\n",
		    "0000:00:1f.4 chipset: - is the SMBus controller\n"
		    "0000:00:1f.5 chipset: - is a serial bus controller, such as that "
		    "of the firmware's flash\n"
		    "0000:00:14.2 chipset: - is a memory controller\n"
		    "0000:00:16.0 chipset: - is a communication controller, such as "
		    "the management engine\n");
}

/* Without a driver, or on one of VFIO's, by name or by what the kernel says. */
static void what_nobody_works_with(void **state)
{
	auto_testhost struct testhost *host =
		testhost_new("device 0000:00:02.0 8086:3e9b class=030000 driver=vfio-pci\n"
			     "device 0000:00:1f.4 8086:7aa3 class=0c0500\n"
			     "device 0000:00:1f.5 8086:7aa4 class=0c8000 driver=vfio-pci\n"
			     "device 0000:00:14.2 8086:7aa7 class=050000 driver=vendors\n"
			     "node 0000:00:14.2 vfio-dev/vfio0 511:0 subsystem=vfio-dev\n"
			     "device 0000:00:14.5 8086:7aa8 class=088000 driver=pci-stub\n"
			     "bridge 0000:00:08.1 1022:1635 bus=05\n"
			     "device 0000:05:00.0 1002:1638 class=030000\n"
			     "device 0000:05:00.2 1022:15df class=108000 driver=vfio-pci\n");

	(void)state;
	assert_uses(host,
		    "hostdev 0000:00:02.0\nhostdev 0000:00:1f.4\nhostdev 0000:00:1f.5\n"
		    "hostdev 0000:00:14.2\nhostdev 0000:00:14.5\nhostdev 0000:05:00.0\n"
		    "hostdev 0000:05:00.2\n",
		    "");
}

#define ROOT_BUS "sys/devices/pci0000:00/"

/* By their drivers: a part of the chipset has the same class. */
static void accelerators_are_no_parts(void **state)
{
	auto_testhost struct testhost *host =
		testhost_new("device 0000:6a:01.0 8086:0b25 class=088000 driver=idxd\n"
			     "device 0000:00:04.0 8086:2021 class=088000 driver=ioatdma\n"
			     "device 0000:00:03.0 8086:347e class=068000 driver=ntb-hw-intel\n"
			     "device 0000:7b:00.0 19e5:a122 class=088000 driver=hisi_dma\n"
			     "device 0000:3a:00.0 1e98:0001 class=050210 driver=cxl_pci\n"
			     "device 0000:00:04.1 8086:2021 class=088000 driver=ioatdma\n"
			     "node 0000:00:04.1 dma/dma1chan0 - subsystem=dma\n"
			     "file " ROOT_BUS "0000:00:04.1/dma/dma1chan0/in_use\n\t0\n"
			     "device 0000:00:04.2 8086:2021 class=088000 driver=ioatdma\n"
			     "node 0000:00:04.2 dma/dma2chan0 - subsystem=dma\n"
			     "file " ROOT_BUS "0000:00:04.2/dma/dma2chan0/in_use\n\t2\n"
			     "device 0000:00:05.0 8086:09a2 class=088000 driver=skx_uncore\n");

	(void)state;
	assert_uses(host,
		    "hostdev 0000:6a:01.0\nhostdev 0000:00:04.0\nhostdev 0000:00:03.0\n"
		    "hostdev 0000:7b:00.0\nhostdev 0000:3a:00.0\nhostdev 0000:00:05.0\n"
		    "hostdev 0000:00:04.1\nhostdev 0000:00:04.2\n",
		    "0000:00:05.0 chipset: - is a system peripheral\n"
		    "0000:00:04.2 chipset: - is a system peripheral\n");
}

/* The list of engines stays locked, or says nothing that is a number: it may serve the kernel. */
static void engines_that_do_not_tell_are_needed(void **state)
{
	static const char count[] = ROOT_BUS "0000:00:04.1/dma/dma1chan0/in_use";
	auto_testhost struct testhost *host =
		testhost_new("device 0000:00:04.1 8086:2021 class=088000 driver=ioatdma\n"
			     "node 0000:00:04.1 dma/dma1chan0 - subsystem=dma\n"
			     "file " ROOT_BUS "0000:00:04.1/dma/dma1chan0/in_use\n\t?\n");

	(void)state;
	assert_uses(host, "hostdev 0000:00:04.1\n",
		    "0000:00:04.1 chipset: - is a system peripheral\n");
	tree_remove(host->root_fd, count);
	assert_int_equal(mkfifoat(host->root_fd, count, 0600), 0);
	assert_uses(host, "hostdev 0000:00:04.1\n",
		    "0000:00:04.1 chipset: - is a system peripheral\n");
}

static unsigned int timeouts;

void __real_workers_run(struct worker *workers, size_t count);

void __wrap_workers_run(struct worker *workers, size_t count);
void __wrap_workers_run(struct worker *workers, size_t count)
{
	__real_workers_run(workers, count);
	for (size_t i = 0; i < count; i++)
		timeouts += workers[i].result == -ETIMEDOUT;
}

/* One lock is behind all: whoever was kept waiting once does not ask again. */
static void engines_behind_one_lock_are_asked_once(void **state)
{
	static const char *const counts[] = {ROOT_BUS "0000:00:04.1/dma/dma1chan0/in_use",
					     ROOT_BUS "0000:00:04.2/dma/dma2chan0/in_use"};
	auto_testhost struct testhost *host =
		testhost_new("device 0000:00:04.1 8086:2021 class=088000 driver=ioatdma\n"
			     "node 0000:00:04.1 dma/dma1chan0 - subsystem=dma\n"
			     "device 0000:00:04.2 8086:2021 class=088000 driver=ioatdma\n"
			     "node 0000:00:04.2 dma/dma2chan0 - subsystem=dma\n");

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		assert_int_equal(mkfifoat(host->root_fd, counts[i], 0600), 0);
	timeouts = 0;
	assert_uses(host, "hostdev 0000:00:04.1\nhostdev 0000:00:04.2\n",
		    "0000:00:04.1 chipset: - is a system peripheral\n"
		    "0000:00:04.2 chipset: - is a system peripheral\n");
	assert_int_equal(timeouts, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_processors_graphics),
		cmocka_unit_test(intels_graphics_and_its_functions_for_guests),
		cmocka_unit_test(parts_of_the_board),
		cmocka_unit_test(what_nobody_works_with),
		cmocka_unit_test(accelerators_are_no_parts),
		cmocka_unit_test(engines_that_do_not_tell_are_needed),
		cmocka_unit_test(engines_behind_one_lock_are_asked_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
