// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a domain says of itself and of our policy, and where host devices do not count.
 */
#include "tests/unit/domain-helpers.h"

static void a_whole_domain(void **state)
{
	auto_guest struct guest guest = accepted(whole);

	(void)state;
	assert_string_equal(guest.name, "win11");
	assert_string_equal(guest.uuid, UUID);
	assert_int_equal(guest.hostdev_count, 3);
	assert_hostdev(&guest.hostdevs[0], HOSTDEV_NVME, "0000:03:00.0", true);
	assert_hostdev(&guest.hostdevs[1], HOSTDEV_INTERFACE, "0000:02:10.1", true);
	assert_hostdev(&guest.hostdevs[2], HOSTDEV_HOSTDEV, "0000:01:00.0", false);
	assert_int_equal(guest.hostdevs[0].line, 12);
	assert_int_equal(guest.hostdevs[1].line, 21);
	assert_int_equal(guest.hostdevs[2].line, 28);
	assert_int_equal(guest.policy_count, 1);
	assert_string_equal(guest.policy[0].key, "group");
	assert_string_equal(guest.policy[0].value, "whole");
	assert_int_equal(guest.policy[0].line, 8);
}

static void drivers(void **state)
{
	auto_guest struct guest guest = accepted(whole);

	(void)state;
	assert_null(guest.hostdevs[0].driver_name);
	assert_null(guest.hostdevs[0].driver_model);
	assert_string_equal(guest.hostdevs[1].driver_name, "vfio");
	assert_null(guest.hostdevs[1].driver_model);
	assert_false(guest.hostdevs[1].iommufd);
	assert_string_equal(guest.hostdevs[2].driver_name, "vfio");
	assert_string_equal(guest.hostdevs[2].driver_model, "nvgrace_gpu_vfio_pci");
	assert_true(guest.hostdevs[2].iommufd);
}

static void no_host_device(void **state)
{
	(void)state;
	assert_address(DOMAIN(""), NULL);
	assert_address(DOMAIN("<devices/>"), NULL);
	assert_address(DEVICES("<disk type='file'><source file='/a'/></disk>"), NULL);
	assert_address(DEVICES("<disk><source file='/a'/></disk>"), NULL);
	assert_address(DEVICES("<interface type='network'><source network='vfs'/></interface>"),
		       NULL);
	assert_address(DEVICES("<interface/>"), NULL);
}

static void document_order(void **state)
{
	auto_guest struct guest guest =
		accepted(DOMAIN("<devices>" HOSTDEV("bus='1'") "<disk type='nvme'>" NVME(
			"namespace='1'",
			"bus='2'") "</disk></devices><devices><interface type='hostdev'>"
				   "<source><address type='pci' bus='3'/></source>"
				   "</interface>" HOSTDEV("bus='4'") "</devices>"));

	(void)state;
	assert_int_equal(guest.hostdev_count, 4);
	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(guest.hostdevs[i].addr.bus, i + 1);
}

static void twins_are_kept(void **state)
{
	auto_guest struct guest guest = accepted(DEVICES(HOSTDEV("bus='1'") HOSTDEV("bus='1'")));

	(void)state;
	assert_int_equal(guest.hostdev_count, 2);
	assert_true(pci_addr_equal(&guest.hostdevs[0].addr, &guest.hostdevs[1].addr));
}

static void only_the_exact_path(void **state)
{
	(void)state;
	assert_address(DOMAIN("<metadata>" HOSTDEV("bus='1'") "</metadata>"), NULL);
	assert_address(DOMAIN("<metadata><x:devices xmlns:x='urn:x'>" HOSTDEV(
			       "bus='1'") "</x:devices></metadata>"),
		       NULL);
	assert_address(DOMAIN(HOSTDEV("bus='1'")), NULL);
	assert_address(DEVICES("<controller>" HOSTDEV("bus='1'") "</controller>"), NULL);
	assert_address(DEVICES("<devices>" HOSTDEV("bus='1'") "</devices>"), NULL);
	assert_address(DOMAIN("<metadata><devices>" HOSTDEV("bus='1'") "</devices></metadata>"),
		       NULL);
	assert_address(DEVICES("<!--" HOSTDEV("bus='1'") "-->"), NULL);
	assert_address(DEVICES("<![CDATA[" HOSTDEV("bus='1'") "]]>"), NULL);
}

static void elements_have_no_namespace(void **state)
{
	(void)state;
	assert_address(DEVICES("<x:hostdev xmlns:x='urn:x' type='pci'><source>"
			       "<address bus='1'/></source></x:hostdev>"),
		       NULL);
	assert_address(DEVICES("<hostdev xmlns='urn:x' type='pci'><source>"
			       "<address bus='1'/></source></hostdev>"),
		       NULL);
	assert_address(DEVICES("<undeclared:hostdev type='pci'/>"), NULL);
	assert_address(DEVICES("<hostdev type='pci'><source>"
			       "<x:address xmlns:x='urn:x' bus='1'/><address bus='2'/>"
			       "</source></hostdev>"),
		       "0000:02:00.0");
	assert_address(DOMAIN("<ns0:commandline xmlns:ns0='http://libvirt.org/schemas/domain/qemu/"
			      "1.0'><ns0:arg value='-device'/></ns0:commandline>"),
		       NULL);
}

static void names(void **state)
{
	(void)state;
	assert_name(NAMED("--help", ""), "--help");
	assert_name(NAMED("-", ""), "-");
	assert_name(NAMED("..", ""), "..");
	assert_name(NAMED("a b", ""), "a b");
	assert_name(NAMED("'q' \"d\" `b` $(x)", ""), "'q' \"d\" `b` $(x)");
	assert_name(NAMED("&lt;&amp;&#x41;", ""), "<&A");
	assert_name(NAMED("Gr\xc3\xbc\xc3\x9f"
			  "e \xf0\x9f\x90\xa7",
			  ""),
		    "Gr\xc3\xbc\xc3\x9f"
		    "e \xf0\x9f\x90\xa7");
	assert_name(NAMED("<![CDATA[<x>]]>y<!-- z -->", ""), "<x>y");
	assert_name("<domain><name>first</name><name>second</name></domain>", "first");
}

static void name_is_needed(void **state)
{
	(void)state;
	refused("<domain/>", "domain XML line 1, <domain>: no <name>");
	refused(NAMED("", ""), "<name>: empty");
	refused("<domain><metadata><name>x</name></metadata></domain>", "no <name>");
	refused(NAMED("a/b", ""), "<name>");
}

static void wrong_roots(void **state)
{
	(void)state;
	refused("<domstatus state='running'>" DOMAIN("") "</domstatus>", "<domstatus>: no domain");
	refused(HOSTDEV("bus='1'"), "<hostdev>: no domain");
	refused("<network><name>x</name></network>", "<network>: no domain");
	refused("<domain xmlns='urn:x'><name>x</name></domain>", "<domain>: no domain");
	refused("<x:domain xmlns:x='urn:x'><name>x</name></x:domain>", "<x:domain>: no domain");
	refused("<Domain><name>x</name></Domain>", "<Domain>: no domain");
}

static void policy_items(void **state)
{
	auto_guest struct guest guest = accepted(POLICY(
		"<o:x/>\n<h:policy group='whole' displays='' o:group='no' xml:space='default'>"
		" <!-- why --> </h:policy>"));

	(void)state;
	assert_int_equal(guest.policy_count, 2);
	assert_string_equal(guest.policy[0].key, "group");
	assert_string_equal(guest.policy[0].value, "whole");
	assert_int_equal(guest.policy[0].line, 2);
	assert_string_equal(guest.policy[1].key, "displays");
	assert_string_equal(guest.policy[1].value, "");
}

static void policy_prefix_is_free(void **state)
{
	auto_guest struct guest guest = accepted(
		DOMAIN("<metadata><policy xmlns='urn:hostdev-hook:1' group='whole'/></metadata>"));

	(void)state;
	assert_int_equal(guest.policy_count, 1);
	assert_string_equal(guest.policy[0].value, "whole");
}

static void policy_of_others(void **state)
{
	auto_guest struct guest guest = accepted(
		POLICY("<policy group='a'/><o:policy group='b'/><o:x><h:policy group='c'/></o:x>"
		       "<policy xmlns='urn:hostdev-hook:2' group='d'/>"));
	auto_guest struct guest elsewhere =
		accepted(DOMAIN("<h:policy xmlns:h='urn:hostdev-hook:1' group='e'/><devices>"
				"<h:policy xmlns:h='urn:hostdev-hook:1' group='f'/></devices>"));

	(void)state;
	assert_int_equal(guest.policy_count, 0);
	assert_int_equal(elsewhere.policy_count, 0);
}

static void policy_unknown_is_refused(void **state)
{
	(void)state;
	refused(POLICY("<h:policy/>\n<h:policy group='whole'/>"),
		"the policy of win11: domain XML line 2, <h:policy> in <metadata>: a second policy "
		"(the first is on "
		"line "
		"1)");
	refused(DOMAIN("<metadata xmlns:h='urn:hostdev-hook:1'><h:policy/></metadata>"
		       "<metadata xmlns:h='urn:hostdev-hook:1'><h:policy/></metadata>"),
		"a second policy");
	refused(POLICY("<h:policy><h:group/></h:policy>"),
		"<h:group> in <h:policy> in <metadata>: unknown element (only device is known in a "
		"policy)");
	refused(POLICY("<h:policy><device address='0000:01:00.0'/></h:policy>"),
		"<device> in <h:policy> in <metadata>: in a policy every element has the policy's "
		"own prefix");
	refused(POLICY("<h:policy><o:device address='0000:01:00.0'/></h:policy>"),
		"<o:device> in <h:policy> in <metadata>: in a policy every element");
	refused(POLICY("<h:policy>group</h:policy>"), "no text in it");
	refused(POLICY("<h:policy><![CDATA[group]]></h:policy>"), "no text in it");
	refused(POLICY("<h:policy><?group whole?></h:policy>"), "no text in it");
	refused(POLICY("<h:polcy group='whole'/>"), "<h:polcy> in <metadata>: unknown element");
	refused(POLICY("<h:policy h:group='whole'/>"), "attribute group must have no prefix");
}

static void assert_item(const struct policy_item *item, const char *address, const char *key,
			const char *value, unsigned int line)
{
	assert_int_equal(item->has_addr, address != NULL);
	if (address)
		assert_string_equal(ADDR(&item->addr), address);
	assert_string_equal(item->key, key);
	assert_string_equal(item->value, value);
	assert_int_equal(item->line, line);
}

/* As virsh leaves it: every element has the prefix. */
static void policy_devices(void **state)
{
	auto_guest struct guest guest = accepted(
		POLICY("<h:policy group='whole'>\n"
		       " <h:device address='0000:01:00.0' allow='console' display='stop'/>\n"
		       " <!-- why --> <h:device address='0000:02:00.0'> </h:device>\n"
		       " <h:device processes='wait' o:address='x' address='10000:01:00.0'/>\n"
		       " <h:device allow='ssh' address='03:00.0'/>\n"
		       " <h:device allow='igpu' address='pci_0000_04_00_0'/>\n"
		       "</h:policy>"));

	(void)state;
	assert_int_equal(guest.policy_count, 6);
	assert_item(&guest.policy[0], NULL, "group", "whole", 1);
	assert_item(&guest.policy[1], "0000:01:00.0", "allow", "console", 2);
	assert_item(&guest.policy[2], "0000:01:00.0", "display", "stop", 2);
	assert_item(&guest.policy[3], "10000:01:00.0", "processes", "wait", 4);
	assert_item(&guest.policy[4], "0000:03:00.0", "allow", "ssh", 5);
	assert_item(&guest.policy[5], "0000:04:00.0", "allow", "igpu", 6);
}

static void policy_devices_without_prefix(void **state)
{
	auto_guest struct guest guest =
		accepted(DOMAIN("<metadata><policy xmlns='urn:hostdev-hook:1'><device "
				"address='0000:01:00.0' allow='ssh'/></policy></metadata>"));

	(void)state;
	assert_int_equal(guest.policy_count, 1);
	assert_item(&guest.policy[0], "0000:01:00.0", "allow", "ssh", 1);
}

#define POLICY_DEVICE(rest) POLICY("<h:policy><h:device " rest "</h:policy>")

static void policy_devices_refused(void **state)
{
	static const char *const addresses[] = {"1:00.0", "0000:01:00.8",  "0000:0A:00.0",
						"",       " 0000:01:00.0", "0000:01:00.0-1"};

	(void)state;
	refused(POLICY_DEVICE("allow='ssh'/>"),
		"<h:device> in <h:policy> in <metadata>: no address");
	refused(POLICY_DEVICE("o:address='0000:01:00.0'/>"), "no address");
	refused(POLICY_DEVICE("h:address='0000:01:00.0' address='0000:01:00.0'/>"),
		"attribute address must have no prefix");
	refused(POLICY_DEVICE("address='0000:01:00.0'>x</h:device>"),
		"a device has attributes only");
	refused(POLICY_DEVICE("address='0000:01:00.0'><h:allow/></h:device>"),
		"a device has attributes only");
	refused(POLICY_DEVICE("address='0000:01:00.0'/>\n<h:device address='0000:01:00.0'/>"),
		"domain XML line 2, <h:device address='0000:01:00.0'> in <h:policy> in <metadata>: "
		"a "
		"second "
		"element for this device (the first is on line 1)");
	refused(POLICY_DEVICE("address='0000:01:00.0'/>\n<h:device address='01:00.0'/>"),
		"<h:device address='01:00.0'> in <h:policy> in <metadata>: a second element for "
		"this device");
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		auto_free char *xml = xasprintf(POLICY_DEVICE("address='%s'/>"), addresses[i]);

		refused(xml, "not an address such as 0000:01:00.0");
	}
}

static void policy_many_devices(void **state)
{
	auto_text struct text text = TEXT_INIT;

	(void)state;
	for (int i = 0; i < 300; i++)
		text_printf(&text, "<h:device address='0000:%02x:%02x.0'/>", i / 32, i % 32);
	{
		auto_free char *xml = xasprintf(POLICY("<h:policy>%s</h:policy>"), text.data);

		refused(xml, "more than 256 devices");
	}
}

static void error_may_be_null(void **state)
{
	static const char policy[] = POLICY("<h:polcy/>");
	struct guest guest;

	(void)state;
	assert_int_equal(domain_parse("<x>", 3, &guest, NULL), -EBADMSG);
	assert_int_equal(domain_parse(policy, strlen(policy), &guest, NULL), -EBADMSG);
	assert_int_equal(domain_parse("<x/>", 4, &guest, NULL), -EBADMSG);
	assert_int_equal(domain_parse("<!DOCTYPE x><x/>", 16, &guest, NULL), -EBADMSG);
	assert_int_equal(domain_parse("", 0, &guest, NULL), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_domain),
		cmocka_unit_test(drivers),
		cmocka_unit_test(no_host_device),
		cmocka_unit_test(document_order),
		cmocka_unit_test(twins_are_kept),
		cmocka_unit_test(only_the_exact_path),
		cmocka_unit_test(elements_have_no_namespace),
		cmocka_unit_test(names),
		cmocka_unit_test(name_is_needed),
		cmocka_unit_test(wrong_roots),
		cmocka_unit_test(policy_items),
		cmocka_unit_test(policy_prefix_is_free),
		cmocka_unit_test(policy_of_others),
		cmocka_unit_test(policy_unknown_is_refused),
		cmocka_unit_test(policy_devices),
		cmocka_unit_test(policy_devices_without_prefix),
		cmocka_unit_test(policy_devices_refused),
		cmocka_unit_test(policy_many_devices),
		cmocka_unit_test(error_may_be_null),
	};

	return cmocka_run_group_tests_name("domain", tests, NULL, NULL);
}
