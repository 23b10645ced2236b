// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which paths of the host a domain names as its own.
 */
#include "tests/unit/domain-helpers.h"

/* The paths, each with a newline. */
static void assert_images(const char *xml, const char *expected)
{
	auto_guest struct guest guest = accepted(xml);
	auto_text struct text found = TEXT_INIT;

	text_append(&found, "", 0);
	for (size_t i = 0; i < guest.image_count; i++)
		text_printf(&found, "%s\n", guest.images[i]);
	assert_string_equal(found.data, expected);
}

static void disks(void **state)
{
	(void)state;
	assert_images(DEVICES("<disk type='file' device='disk'><source file='/a.qcow2'/></disk>"
			      "<disk type='block'><source dev='/dev/vg/b'/></disk>"
			      "<disk><source file='/c'/></disk>"
			      "<disk type='file' device='cdrom'/>"),
		      "/a.qcow2\n/dev/vg/b\n/c\n");
}

static void other_sources(void **state)
{
	(void)state;
	assert_images(DEVICES("<disk type='network'><source protocol='rbd' name='p/i'/></disk>"
			      "<disk type='volume'><source pool='/p' volume='/v'/></disk>"
			      "<disk type='file'><source file='relative'/></disk>"
			      "<disk type='file'><source dev='/dev/sda'/></disk>"
			      "<disk type='block'><source file='/f'/></disk>"
			      "<disk type='nvme'><source type='pci' namespace='1' file='/f'>"
			      "<address bus='1'/></source></disk>"
			      "<filesystem><source file='/f'/></filesystem>"),
		      "rbd:///p/i\n");
}

static void disks_of_other_machines(void **state)
{
	(void)state;
	assert_images(DEVICES("<disk type='network'><source protocol='rbd' name='p/i'>"
			      "<host name='10.0.0.5' port='6789'/><host name='2001:db8::7'/>"
			      "<snapshot name='s'/></source></disk>"
			      "<disk type='network'><source protocol='nbd'>"
			      "<host transport='unix' socket='/run/nbd'/></source></disk>"
			      "<disk type='network'><source name='no-protocol'/></disk>"
			      "<disk type='network'><source protocol='iscsi' name='iqn.2001:x/1'>"
			      "<host name='nas'/></source></disk>"),
		      "rbd://10.0.0.5,[2001:db8::7]/p/i\niscsi://nas/iqn.2001:x/1\n");
}

static void chains(void **state)
{
	(void)state;
	assert_images(
		DEVICES("<disk type='file'><source file='/top'>"
			"<dataStore type='block'><source dev='/dev/data'/></dataStore></source>"
			"<backingStore type='block'><source dev='/dev/middle'/>"
			"<backingStore type='file'><source file='/base'/><backingStore/>"
			"</backingStore></backingStore>"
			"<mirror type='file'><source file='/copy'/>"
			"<backingStore type='file'><source file='/below-copy'/></backingStore>"
			"</mirror></disk>"),
		"/top\n/dev/data\n/dev/middle\n/base\n/copy\n/below-copy\n");
}

static void what_is_shared_counts_once(void **state)
{
	(void)state;
	assert_images(DEVICES("<disk type='file'><source file='/a'/>"
			      "<backingStore type='file'><source file='/base'/></backingStore>"
			      "</disk>"
			      "<disk type='file'><source file='/b'/>"
			      "<backingStore type='file'><source file='/base'/></backingStore>"
			      "</disk>"),
		      "/a\n/base\n/b\n");
}

static void a_network_disk_on_a_file(void **state)
{
	(void)state;
	assert_images(DEVICES("<disk type='network'><source protocol='nbd'/>"
			      "<backingStore type='file'><source file='/base'/></backingStore>"
			      "</disk>"),
		      "nbd:///\n/base\n");
}

static void os(void **state)
{
	(void)state;
	assert_images(DOMAIN("<os><type>hvm</type><loader type='pflash'>/fw.fd</loader>"
			     "<nvram template='/vars.fd'>/win11_VARS.fd</nvram>"
			     "<kernel>/vmlinuz</kernel><initrd>/initrd</initrd>"
			     "<cmdline>/not</cmdline><dtb>/dtb</dtb></os>"),
		      "/fw.fd\n/win11_VARS.fd\n/vars.fd\n/vmlinuz\n/initrd\n/dtb\n");
	assert_images(DOMAIN("<os firmware='efi'><loader secure='yes'/>\n"
			     "<nvram type='block'>\n  <source dev='/dev/vg/vars'/>\n</nvram></os>"),
		      "/dev/vg/vars\n");
	assert_images(DOMAIN("<o:os xmlns:o='urn:o'><kernel>/a</kernel></o:os>"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(disks),
		cmocka_unit_test(other_sources),
		cmocka_unit_test(disks_of_other_machines),
		cmocka_unit_test(chains),
		cmocka_unit_test(what_is_shared_counts_once),
		cmocka_unit_test(a_network_disk_on_a_file),
		cmocka_unit_test(os),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
