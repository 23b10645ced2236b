// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Odd beginnings: whatever a device's driver, override and modules were, it is lent, and as it was
 * once it is returned.
 */
#include "tests/host/check.h"

#include <stdlib.h>
#include <string.h>

#include "tests/host/lending.h"

#define NIC "device 0000:02:00.0 8086:10d3 group=15 power=auto match=e1000e "
#define LOADED "driver e1000e module=e1000e\ndriver vfio-pci module=vfio-pci\n"
#define UNLOADED "driver e1000e module=e1000e\nmodule vfio-pci unloaded\n"
#define GUEST "hostdev 0000:02:00.0 managed"

struct start {
	const char *host, *guest;
};

static void check_round(const struct start *start, const char *driver)
{
	auto_testhost struct testhost *host = testhost_new(start->host);
	auto_guest struct guest guest = guest_make(start->guest);
	auto_free char *before = testhost_tree(host), *after = NULL, *plan = NULL;
	struct error err = ERROR_INIT;
	char bound[64] = "";

	assert_ok(lending_lend(host, &guest, &err), &err);
	host_read_link_name(&host->host, HOST_SYS, bound, sizeof(bound), NULL,
			    "bus/pci/devices/0000:02:00.0/driver");
	assert_string_equal(bound, driver);
	plan = lending_plan_text(host, &guest);
	assert_text(plan, "");
	assert_ok(lending_return(host, &err), &err);
	after = testhost_tree(host);
	assert_text(after, before);
}

static void to_vfio_pci(void **state)
{
	check_round(*state, "vfio-pci");
}

static void to_a_variant(void **state)
{
	check_round(*state, "mlx5_vfio_pci");
}

static struct start no_driver = {NIC "\n" LOADED, GUEST};
static struct start no_driver_unloaded = {NIC "\n" UNLOADED, GUEST};
static struct start waiting = {NIC "override=vfio-pci\n" LOADED, GUEST};
/* The module's own arrival binds it: that was our doing. */
static struct start waiting_unloaded = {NIC "override=vfio-pci\n" UNLOADED, GUEST};
static struct start other_override = {NIC "override=absent\n" LOADED, GUEST};
static struct start home_override = {NIC "driver=e1000e override=e1000e\n" LOADED, GUEST};
static struct start vfio_override = {NIC "driver=e1000e override=vfio-pci\n" LOADED, GUEST};
static struct start stub = {NIC "driver=pci-stub override=pci-stub\n" LOADED
				"driver pci-stub builtin module=pci-stub\n",
			    GUEST};
static struct start builtin_home = {
	NIC "driver=e1000e\ndriver e1000e builtin\ndriver vfio-pci module=vfio-pci\n", GUEST};
static struct start builtin_vfio = {
	NIC "driver=e1000e\ndriver e1000e module=e1000e\ndriver vfio-pci builtin module=vfio-pci\n",
	GUEST};
static struct start already = {NIC "driver=vfio-pci override=vfio-pci\n" LOADED, GUEST};
static struct start already_by_id = {NIC "driver=vfio-pci\n" LOADED, GUEST};
static struct start without_d3cold = {NIC "driver=e1000e d3cold=NONE\n" LOADED, GUEST};
static struct start cold = {NIC "driver=e1000e d3cold=0 status=suspended\n" LOADED, GUEST};
static struct start unmanaged = {NIC "driver=e1000e\n" LOADED, "hostdev 0000:02:00.0"};
static struct start underscore = {NIC "driver=e1000e\n" LOADED, GUEST " model=vfio_pci"};
static struct start underscore_unloaded = {NIC "driver=e1000e\n" UNLOADED, GUEST " model=vfio_pci"};
static struct start blacklisted_but_loaded = {
	NIC "driver=e1000e\ndriver e1000e module=e1000e\nmodule vfio-pci blacklisted "
	    "registers=vfio-pci\ndriver vfio-pci module=vfio-pci\n",
	GUEST};
static struct start home_wakes = {NIC "driver=e1000e\ndriver e1000e module=e1000e "
				      "probe_power=on\ndriver vfio-pci module=vfio-pci\n",
				  GUEST};

#define VARIANT "module mlx5_vfio_pci unloaded\n"
#define ALIAS "alias vfio_pci:v00008086d000010D3sv*sd*bc*sc*i* mlx5_vfio_pci\n"

static struct start variant = {NIC "driver=e1000e\n" LOADED VARIANT ALIAS, GUEST};
static struct start variant_dashed = {NIC "driver=e1000e\n" LOADED VARIANT,
				      GUEST " model=mlx5-vfio-pci"};
static struct start variant_from_generic = {
	NIC "driver=vfio-pci override=vfio-pci\n" LOADED VARIANT ALIAS, GUEST};

#define from(start, test)                                                                          \
	{                                                                                          \
		.name = #start, .test_func = (test), .initial_state = &(start)                     \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		from(no_driver, to_vfio_pci),
		from(no_driver_unloaded, to_vfio_pci),
		from(waiting, to_vfio_pci),
		from(waiting_unloaded, to_vfio_pci),
		from(other_override, to_vfio_pci),
		from(home_override, to_vfio_pci),
		from(vfio_override, to_vfio_pci),
		from(stub, to_vfio_pci),
		from(builtin_home, to_vfio_pci),
		from(builtin_vfio, to_vfio_pci),
		from(already, to_vfio_pci),
		from(already_by_id, to_vfio_pci),
		from(without_d3cold, to_vfio_pci),
		from(cold, to_vfio_pci),
		from(unmanaged, to_vfio_pci),
		from(underscore, to_vfio_pci),
		from(underscore_unloaded, to_vfio_pci),
		from(blacklisted_but_loaded, to_vfio_pci),
		from(home_wakes, to_vfio_pci),
		from(variant, to_a_variant),
		from(variant_dashed, to_a_variant),
		from(variant_from_generic, to_a_variant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
