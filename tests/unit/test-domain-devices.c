// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which elements libvirt takes for host devices, and which it refuses.
 */
#include "tests/unit/domain-helpers.h"

static void mode_absent(void **state)
{
	(void)state;
	assert_address(DEVICES("<hostdev type='pci'><source><address bus='1'/></source></hostdev>"),
		       "0000:01:00.0");
}

static void mode_capabilities(void **state)
{
	(void)state;
	assert_address(DEVICES("<hostdev mode='capabilities' type='pci'><source><address bus='1'/>"
			       "</source></hostdev>"),
		       NULL);
	assert_address(DEVICES("<hostdev mode='capabilities' type='misc'><source><char>/dev/a"
			       "</char></source></hostdev>"),
		       NULL);
}

static void mode_unknown(void **state)
{
	(void)state;
	refused(DEVICES("<hostdev mode='' type='pci'><source><address bus='1'/></source>"
			"</hostdev>"),
		"<hostdev mode=''> in <devices>: unknown mode");
	refused(DEVICES("<hostdev mode='Subsystem' type='pci'><source/></hostdev>"),
		"unknown mode");
}

static void guest_address_unassigned(void **state)
{
	(void)state;
	assert_address(DEVICES("<hostdev mode='subsystem' type='pci' managed='yes'>"
			       "<source><address bus='6' slot='0x12' function='5'/></source>"
			       "<address type='unassigned'/></hostdev>"),
		       "0000:06:12.5");
}

static void guest_address_is_not_the_hosts(void **state)
{
	(void)state;
	assert_address(DEVICES("<hostdev type='pci'><address type='pci' bus='9'/>"
			       "<source><address bus='1'/></source></hostdev>"),
		       "0000:01:00.0");
}

static void mdev(void **state)
{
	(void)state;
	assert_address(
		DEVICES("<hostdev mode='subsystem' type='mdev' managed='no' model='vfio-pci'>"
			"<source><address uuid='" UUID "'/></source>"
			"<address type='pci' domain='0' bus='0' slot='5' function='0'/></hostdev>"),
		NULL);
}

static void usb_and_scsi(void **state)
{
	(void)state;
	assert_address(DEVICES("<hostdev mode='subsystem' type='usb'><source>"
			       "<address bus='14' device='6'/></source></hostdev>"
			       "<hostdev mode='subsystem' type='scsi'><source>"
			       "<adapter name='scsi_host0'/><address bus='0' target='0' unit='0'/>"
			       "</source></hostdev>"),
		       NULL);
}

static void zpci(void **state)
{
	(void)state;
	assert_address(DEVICES("<hostdev mode='subsystem' type='pci' managed='no'><source>"
			       "<address domain='0x0000' bus='0x00' slot='0x00' function='0x0'/>"
			       "</source><address type='pci' domain='0x0000' bus='0x00' slot='0x01'"
			       " function='0x0'><zpci uid='0x0001' fid='0x00000000'/></address>"
			       "</hostdev>"),
		       "0000:00:00.0");
	assert_address(DEVICES("<hostdev type='pci'><source><address domain='0xffff'>"
			       "<zpci uid='0x0023' fid='0x3fffff'/></address></source></hostdev>"),
		       "ffff:00:00.0");
}

static void several_functions(void **state)
{
	auto_guest struct guest guest =
		accepted(DEVICES(HOSTDEV("bus='6' slot='0x12' function='0'")
					 HOSTDEV("bus='6' slot='0x12' function='1'")
						 HOSTDEV("bus='6' slot='0x12' function='2'")));

	(void)state;
	assert_int_equal(guest.hostdev_count, 3);
	assert_string_equal(ADDR(&guest.hostdevs[0].addr), "0000:06:12.0");
	assert_string_equal(ADDR(&guest.hostdevs[2].addr), "0000:06:12.2");
}

static void hostdev_incomplete(void **state)
{
	(void)state;
	refused(DEVICES("<hostdev/>"), "domain XML line 1, <hostdev> in <devices>: no type");
	refused(DEVICES("<hostdev type='pci'/>"), "<hostdev> in <devices>: no <source>");
	/* Libvirt takes these for 0000:00:00.0. */
	assert_address(DEVICES("<hostdev type='pci'><source/></hostdev>"), "0000:00:00.0");
	assert_address(DEVICES("<hostdev type='pci'><source><address/></source></hostdev>"),
		       "0000:00:00.0");
}

static void managed(void **state)
{
	(void)state;
	assert_managed(DEVICES("<hostdev type='pci' managed='yes'><source/></hostdev>"), true);
	assert_managed(DEVICES("<hostdev type='pci' managed='no'><source/></hostdev>"), false);
	assert_managed(DEVICES("<hostdev type='pci' managed='YES'><source/></hostdev>"), false);
	assert_managed(DEVICES("<hostdev type='pci' managed='1'><source/></hostdev>"), false);
	assert_managed(DEVICES("<hostdev type='pci'><source/></hostdev>"), false);
}

static void interface(void **state)
{
	(void)state;
	assert_address(DEVICES("<interface type='hostdev'><source><address type='pci' bus='2'"
			       " slot='0x10'/></source></interface>"),
		       "0000:02:10.0");
	assert_address(DEVICES("<interface type='hostdev'><source><address type='usb' bus='2'"
			       " device='1'/></source></interface>"),
		       NULL);
	assert_address(DEVICES("<interface type='hostdev'><source><vendor id='1'/></source>"
			       "</interface>"),
		       NULL);
}

static void interface_incomplete(void **state)
{
	(void)state;
	refused(DEVICES("<interface type='hostdev'/>"), "<interface> in <devices>: no <source>");
	refused(DEVICES("<interface type='hostdev'><source/></interface>"), "no <source> with");
	refused(DEVICES("<interface type='hostdev'><source><address bus='2'/></source>"
			"</interface>"),
		"<address type='pci'>");
}

static void driver_of_an_nvme_disk_is_qemus(void **state)
{
	auto_guest struct guest guest = accepted(
		DEVICES("<disk type='nvme'><driver name='qemu' model='x' iommufd='yes'/>" NVME(
			"namespace='1'", "bus='3'") "</disk>"));

	(void)state;
	assert_null(guest.hostdevs[0].driver_name);
	assert_null(guest.hostdevs[0].driver_model);
	assert_false(guest.hostdevs[0].iommufd);
}

/* Libvirt 12.2: one element for all devices, which one of them may still contradict. */
static void iommufd_for_all(void **state)
{
#define VIA(driver) "<hostdev type='pci'><source><address bus='1'/></source>" driver "</hostdev>"
#define ALL                                                                                        \
	"<devices>" VIA("") VIA("<driver iommufd='no'/>") VIA("<driver name='vfio'/>")             \
		VIA("<driver iommufd='yes'/>") "</devices>"
	static const struct {
		const char *xml, *expected; /* a letter for each device */
	} rows[] = {
		{DOMAIN(ALL), "nnny"},
		{DOMAIN("<iommufd enabled='yes'/>" ALL), "ynyy"},
		{DOMAIN(ALL "<iommufd enabled='yes' fdgroup='iommu'/>"), "ynyy"},
		{DOMAIN("<iommufd fdgroup='iommu'/>" ALL), "ynyy"},
		{DOMAIN("<iommufd enabled='no' fdgroup='iommu'/>" ALL), "nnny"},
		{DOMAIN("<iommufd/>" ALL), "nnny"},
		{DOMAIN("<devices><iommufd enabled='yes'/></devices>" ALL), "nnny"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		auto_guest struct guest guest = accepted(rows[i].xml);

		assert_int_equal(guest.hostdev_count, 4);
		for (size_t d = 0; d < 4; d++)
			if (guest.hostdevs[d].iommufd != (rows[i].expected[d] == 'y'))
				fail_msg("device %zu of: %s", d, rows[i].xml);
	}
}

#define QEMU(rest)                                                                                 \
	"<domain type='kvm' "                                                                      \
	"xmlns:any='http://libvirt.org/schemas/domain/qemu/1.0'><name>a</name>" rest "</domain>"

static void qemu_devices(void **state)
{
	auto_guest struct guest guest = accepted(QEMU(
		"<any:commandline>\n<any:arg value='-device'/>\n<any:arg "
		"value='vfio-pci,host=01:00.0'/>"
		"<any:arg value='-device'/><any:arg value='vfio-pci,host=0000:01:00.0,id=again'/>"
		"<any:arg value='-device'/><arg value='vfio-pci,host=05:00.0'/>"
		"<any:env name='-device' value='vfio-pci,host=06:00.0'/></any:commandline>"
		"<any:override><any:device alias='ua-x'><any:frontend>"
		"<any:property name='host' type='string' value='02:00.1'/>"
		"<any:property name='x-vga' type='bool' value='true'/>"
		"</any:frontend></any:device></any:override>"));
	auto_free char *note = NULL;

	(void)state;
	assert_int_equal(guest.hostdev_count, 0);
	assert_int_equal(guest.qemu_device_count, 2);
	assert_string_equal(ADDR(&guest.qemu_devices[0].addr), "0000:01:00.0");
	assert_string_equal(ADDR(&guest.qemu_devices[1].addr), "0000:02:00.1");
	note = qemu_device_note(&guest.qemu_devices[0]);
	assert_string_equal(note,
			    "0000:01:00.0 stands in <qemu:commandline> (line 3 of the XML), so "
			    "it is not lent: name it in a <hostdev> instead");
	assert_string_equal(guest.qemu_devices[1].element, "qemu:override");
}

/* Another namespace's element, whatever its prefix, is none of QEMU's. */
static void qemu_namespace(void **state)
{
	auto_guest struct guest guest = accepted(
		"<domain xmlns:qemu='urn:other'><name>a</name><qemu:commandline><qemu:arg "
		"value='-device'/><qemu:arg value='vfio-pci,host=01:00.0'/></qemu:commandline>"
		"<commandline><arg value='-device'/><arg value='vfio-pci,host=01:00.0'/>"
		"</commandline></domain>");

	(void)state;
	assert_int_equal(guest.qemu_device_count, 0);
}

#define STORE(element, type, rest)                                                                 \
	"<" element " type='" type "'><format type='raw'/>" rest "</" element ">"

/* It becomes part of a path below /sys and of a line of the journal. */
static void driver_model_is_a_name(void **state)
{
	static const char *const models[] = {"", "a b", "x,y", "../..", "none", "a\tb"};

	(void)state;
	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
		auto_free char *xml =
			xasprintf(DEVICES("<hostdev type='pci'><source><address bus='1'/></source>"
					  "<driver name='vfio' model='%s'/></hostdev>"),
				  models[i]);

		refused(xml, "not the name of a driver");
	}
}

static void nvme_in_chain(void **state)
{
	auto_guest struct guest guest = accepted(DEVICES(STORE(
		"disk", "file",
		"<source file='/top'/>" STORE(
			"backingStore", "file",
			"<source file='/middle'/>" STORE(
				"backingStore", "nvme",
				NVME("namespace='1'", "bus='3'")
					STORE("backingStore", "nvme",
					      NVME("namespace='2' managed='yes'", "bus='4'")))))));

	(void)state;
	assert_int_equal(guest.hostdev_count, 2);
	assert_hostdev(&guest.hostdevs[0], HOSTDEV_NVME, "0000:03:00.0", false);
	assert_hostdev(&guest.hostdevs[1], HOSTDEV_NVME, "0000:04:00.0", true);
}

static void nvme_in_mirror(void **state)
{
	auto_guest struct guest guest = accepted(DEVICES(STORE(
		"disk", "nvme",
		NVME("namespace='1'", "bus='1'")
			STORE("mirror", "nvme",
			      NVME("namespace='1'", "bus='2'") STORE(
				      "backingStore", "nvme", NVME("namespace='1'", "bus='3'")))
				STORE("backingStore", "nvme", NVME("namespace='1'", "bus='4'")))));

	(void)state;
	assert_int_equal(guest.hostdev_count, 4);
	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(guest.hostdevs[i].addr.bus, i + 1);
}

static void nvme_chain_ends_without_type(void **state)
{
	(void)state;
	assert_address(
		DEVICES("<disk type='file'><source file='/a'/><backingStore>" STORE(
			"backingStore", "nvme", NVME("namespace='1'", "bus='3'")) "</backingStore>"
										  "</disk>"),
		NULL);
	assert_address(
		DEVICES("<disk type='file'><source file='/a'/><mirror file='/b' ready='yes'/>"
			"</disk>"),
		NULL);
}

static void nvme_not_in_source(void **state)
{
	(void)state;
	assert_address(DEVICES("<disk type='file'>" NVME("namespace='1'", "bus='3'") "</disk>"),
		       NULL);
}

static void nvme_managed(void **state)
{
	(void)state;
	assert_managed(DEVICES("<disk type='nvme'>" NVME("namespace='1'", "bus='3'") "</disk>"),
		       true);
	assert_managed(DEVICES("<disk type='nvme'>" NVME("namespace='1' managed='no'",
							 "bus='3'") "</disk>"),
		       false);
	/* The disk's own attribute of that name is not libvirt's. */
	assert_managed(DEVICES("<disk type='nvme' managed='no'>" NVME("namespace='1'",
								      "bus='3'") "</disk>"),
		       true);
	refused(DEVICES("<disk type='nvme'>" NVME("namespace='1' managed='on'",
						  "bus='3'") "</disk>"),
		"<source managed='on'> in <disk> in <devices>: neither yes nor no");
}

static void nvme_incomplete(void **state)
{
	(void)state;
	refused(DEVICES("<disk type='nvme'/>"), "<disk> in <devices>: no <source>");
	refused(DEVICES("<disk type='nvme' device='disk'/>"), "<disk> in <devices>: no <source>");
	assert_address(DEVICES("<disk type='nvme' device='cdrom'/>"), NULL);
	refused(DEVICES("<disk type='nvme'><source namespace='1'><address bus='3'/></source>"
			"</disk>"),
		"<source> in <disk> in <devices>: the source of an NVMe disk needs type='pci'");
	refused(DEVICES("<disk type='nvme'><source type='usb' namespace='1'/></disk>"),
		"<source type='usb'>");
	refused(DEVICES("<disk type='nvme'>" NVME("", "bus='3'") "</disk>"), "no namespace");
	refused(DEVICES("<disk type='nvme'><source type='pci' namespace='1'/></disk>"),
		"<source> in <disk> in <devices>: no <address>");
	refused(DEVICES(STORE("disk", "file", STORE("backingStore", "nvme", ""))),
		"<backingStore> in <disk> in <devices>: no <source>");
	refused(DEVICES(STORE("disk", "file", STORE("mirror", "nvme", ""))),
		"<mirror> in <disk> in <devices>: no <source>");
}

static void nvme_namespace(void **state)
{
	(void)state;
	refused(DEVICES("<disk type='nvme'>" NVME("namespace='0'", "") "</disk>"),
		"<source namespace='0'> in <disk> in <devices>: not a number from 1 up");
	refused(DEVICES("<disk type='nvme'>" NVME("namespace=''", "") "</disk>"), "namespace=''");
	refused(DEVICES("<disk type='nvme'>" NVME("namespace='0x1'", "") "</disk>"), "'0x1'");
	refused(DEVICES("<disk type='nvme'>" NVME("namespace='-1'", "") "</disk>"), "'-1'");
	assert_address(DEVICES("<disk type='nvme'>" NVME("namespace='010'", "") "</disk>"),
		       "0000:00:00.0");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mode_absent),
		cmocka_unit_test(mode_capabilities),
		cmocka_unit_test(mode_unknown),
		cmocka_unit_test(guest_address_unassigned),
		cmocka_unit_test(guest_address_is_not_the_hosts),
		cmocka_unit_test(mdev),
		cmocka_unit_test(usb_and_scsi),
		cmocka_unit_test(zpci),
		cmocka_unit_test(several_functions),
		cmocka_unit_test(hostdev_incomplete),
		cmocka_unit_test(managed),
		cmocka_unit_test(interface),
		cmocka_unit_test(interface_incomplete),
		cmocka_unit_test(driver_of_an_nvme_disk_is_qemus),
		cmocka_unit_test(iommufd_for_all),
		cmocka_unit_test(qemu_devices),
		cmocka_unit_test(qemu_namespace),
		cmocka_unit_test(driver_model_is_a_name),
		cmocka_unit_test(nvme_in_chain),
		cmocka_unit_test(nvme_in_mirror),
		cmocka_unit_test(nvme_chain_ends_without_type),
		cmocka_unit_test(nvme_not_in_source),
		cmocka_unit_test(nvme_managed),
		cmocka_unit_test(nvme_incomplete),
		cmocka_unit_test(nvme_namespace),
	};

	return cmocka_run_group_tests_name("domain-devices", tests, NULL, NULL);
}
