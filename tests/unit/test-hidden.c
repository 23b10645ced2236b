// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which devices have a network interface that is not to be seen.
 */
#include "tests/unit/network-helpers.h"

/* Of a device with this class, driver, and whatever else the lines say; heap: what is hidden. */
static char *hidden(const char *addr, const char *class_code, const char *driver, const char *lines)
{
	auto_free char *text = xasprintf("bridge 0000:00:01.0 8086:1901 bus=01 group=14\n"
					 "device %s 15b3:1003 class=%s group=14 driver=%s\n"
					 "dir sys/class/net\n%s",
					 addr, class_code, driver, lines);
	auto_testhost struct testhost *host = testhost_new(text);
	auto_free char *wanted = xasprintf("hostdev %s\n", addr);
	auto_guest struct guest guest = guest_make(wanted);
	auto_snapshot struct snapshot snapshot = {0};
	struct error err = ERROR_INIT;
	struct text out = TEXT_INIT;

	assert_ok(pci_snapshot(&host->host, &guest, &snapshot, &err), &err);
	assert_ok(network_read(&host->host, &guest, &snapshot, &err), &err);
	text_append(&out, "", 0);
	for (size_t i = 0; i < snapshot.use_count; i++) {
		assert_int_equal(snapshot.uses[i].kind, USE_NETNS);
		text_printf(&out, "%s\n", snapshot.uses[i].what);
	}
	return out.data;
}

#define assert_hidden(addr, class_code, driver, lines, expected)                                   \
	do {                                                                                       \
		auto_free char *hidden_ = hidden(addr, class_code, driver, lines);                 \
		assert_text(hidden_, expected);                                                    \
	} while (0)

static void every_kind_of_network_device_is_asked(void **state)
{
	static const char *const classes[] = {"020000", "028000", "020700", "020800", "0c0600",
					      "0d4000", "0d4100", "0d8000", "0d2000"};

	(void)state;
	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++)
		assert_hidden(NIC, classes[i], "some", "", "its interface\n");
	/* A modem by its driver. */
	assert_hidden(NIC, "ff0000", "mtk_t7xx", "", "its interface\n");
	assert_hidden(NIC, "0d1100", "btintel_pcie", "", "");
	assert_hidden(NIC, "030000", "some", "", "");
	assert_hidden(NIC, "020000", "efa", "", "");
	assert_hidden(NIC, "020700", "vfio-pci", "", "");
}

#define PORT(name, number)                                                                         \
	"node " NIC " net/" name " - subsystem=net ifindex=5\n"                                    \
	"file " NIC_DIR "/net/" name "/dev_port\n\t" number "\n"

static void one_port_does_not_stand_for_the_others(void **state)
{
	(void)state;
	assert_hidden(NIC, "020000", "mlx4_core", PORT("eth0", "0") PORT("eth1", "1"), "");
	assert_hidden(NIC, "020000", "mlx4_core", PORT("eth1", "1"),
		      "the interface of its port 1\n");
	assert_hidden(NIC, "020000", "mlx4_core",
		      PORT("eth0", "0") "file " NIC_DIR "/mlx4_port2\n\teth\n",
		      "the interface of its port 2\n");
	assert_hidden(NIC, "020700", "mlx5_core",
		      PORT("ib0", "0") "dir " NIC_DIR "/infiniband/mlx5_0/ports/1\n"
				       "dir " NIC_DIR "/infiniband/mlx5_0/ports/2\n",
		      "the interface of its port 2\n");
	/* Whatever the driver is called, who has two has the one between as well. */
	assert_hidden(NIC, "020000", "some", PORT("eth0", "0") PORT("eth2", "2"),
		      "the interface of its port 2\n");
}

#define SECOND "0000:01:00.1"

static void a_function_for_each_port_has_one(void **state)
{
	(void)state;
	assert_hidden(SECOND, "020000", "bnxt_en",
		      "node " SECOND " net/eth1 - subsystem=net ifindex=3\n"
		      "file sys/devices/pci0000:00/0000:00:01.0/" SECOND
		      "/net/eth1/dev_port\n\t1\n",
		      "");
	assert_hidden(NIC, "020000", "bnxt_en", PORT("eth1", "1"), "the interface of its port 1\n");
	assert_hidden(NIC, "020000", "bnxt_en", PORT("eth1", "garbage"), "");
}

#define ADAPTER NIC_DIR "/usb1/1-2"
#define BOUND(interface, driver)                                                                   \
	"dir " ADAPTER "/" interface "\n"                                                          \
	"link sys/bus/usb/drivers/" driver                                                         \
	"/" interface " ../../../../devices/pci0000:00/0000:00:01.0/0000:01:00.0/usb1/"            \
	"1-2/" interface "\n"

static void adapters_of_a_usb_controller(void **state)
{
	(void)state;
	assert_hidden(NIC, "0c0330", "xhci_hcd",
		      BOUND("1-2:1.0", "cdc_ncm") BOUND("1-2:1.1", "cdc_ncm"),
		      "the interface of USB adapter 1-2\n");
	assert_hidden(NIC, "0c0330", "xhci_hcd",
		      BOUND("1-2:1.0", "cdc_ncm") BOUND("1-2:1.1", "cdc_ncm") "dir " ADAPTER
									      "/1-2:1.0/net/eth5\n",
		      "");
	assert_hidden(NIC, "0c0330", "xhci_hcd", BOUND("1-2:1.0", "usb-storage"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_network_device_is_asked),
		cmocka_unit_test(one_port_does_not_stand_for_the_others),
		cmocka_unit_test(adapters_of_a_usb_controller),
		cmocka_unit_test(a_function_for_each_port_has_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
