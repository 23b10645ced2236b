/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Short ways to write a domain XML and to say what becomes of it, for the tests of domain_parse.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/domain/domain.h"

#define UUID "4dea22b3-1d52-d8f3-2516-782e98ab3fa0"
#define NAMED(name, rest) "<domain type='kvm'><name>" name "</name>" rest "</domain>"
#define DOMAIN(rest) NAMED("win11", rest)
#define DEVICES(rest) DOMAIN("<devices>" rest "</devices>")
#define HOSTDEV(numbers)                                                                           \
	"<hostdev mode='subsystem' type='pci' managed='yes'><source><address " numbers             \
	"/></source></hostdev>"
#define NVME(attributes, numbers)                                                                  \
	"<source type='pci' " attributes "><address " numbers "/></source>"
#define POLICY(rest)                                                                               \
	DOMAIN("<metadata xmlns:h='urn:hostdev-hook:1' xmlns:o='urn:other'>" rest "</metadata>")

static inline struct guest accepted(const char *xml)
{
	struct error err = ERROR_INIT;
	struct guest guest;

	if (domain_parse(xml, strlen(xml), &guest, &err) < 0)
		fail_msg("%s", err.text);
	return guest;
}

/* The bytes are no domain, and the one line for it has part in it. */
static inline void refused_bytes(const char *xml, size_t length, const char *part)
{
	struct error err = ERROR_INIT;
	struct guest guest;
	struct guest untouched;

	memset(&guest, 0x5a, sizeof(guest));
	memset(&untouched, 0x5a, sizeof(untouched));
	assert_int_equal(domain_parse(xml, length, &guest, &err), -EBADMSG);
	assert_int_equal(err.code, EBADMSG);
	assert_memory_equal(&guest, &untouched, sizeof(guest));
	assert_true(text_starts(err.text, "domain XML") ||
		    (text_starts(err.text, "the policy of ") && strstr(err.text, ": domain XML")));
	if (!strstr(err.text, part))
		fail_msg("\"%s\" is not in: %s", part, err.text);
	for (const char *at = err.text; *at; at++)
		assert_false((unsigned char)*at < 0x20 || *at == 0x7f);
}

static inline void refused(const char *xml, const char *part)
{
	refused_bytes(xml, strlen(xml), part);
}

/* One host device at that address, or none for NULL. */
static inline void assert_address(const char *xml, const char *address)
{
	auto_guest struct guest guest = accepted(xml);

	assert_int_equal(guest.hostdev_count, address ? 1 : 0);
	if (address)
		assert_string_equal(ADDR(&guest.hostdevs[0].addr), address);
}

static inline void assert_hostdev(const struct hostdev *hostdev, enum hostdev_kind kind,
				  const char *address, bool managed)
{
	assert_string_equal(hostdev_kind_name(hostdev->kind), hostdev_kind_name(kind));
	assert_string_equal(ADDR(&hostdev->addr), address);
	assert_int_equal(hostdev->managed, managed);
}

static inline void assert_managed(const char *xml, bool managed)
{
	auto_guest struct guest guest = accepted(xml);

	assert_int_equal(guest.hostdev_count, 1);
	assert_int_equal(guest.hostdevs[0].managed, managed);
}

static inline void assert_name(const char *xml, const char *name)
{
	auto_guest struct guest guest = accepted(xml);

	assert_string_equal(guest.name, name);
}

static inline void assert_uuid(const char *xml, const char *uuid)
{
	auto_guest struct guest guest = accepted(xml);

	assert_string_equal(guest.uuid, uuid);
}

/* head, count times middle, tail. */
static inline char *repeated(const char *head, const char *middle, size_t count, const char *tail)
{
	struct text text = TEXT_INIT;

	text_append(&text, head, strlen(head));
	for (size_t i = 0; i < count; i++)
		text_append(&text, middle, strlen(middle));
	text_append(&text, tail, strlen(tail));
	return text.data;
}

/* A whole one, as libvirt writes it. */
static const char whole[] __attribute__((unused)) =
	"<domain type='kvm' id='7'>\n"
	"  <name>win11</name>\n"
	"  <uuid>" UUID "</uuid>\n"
	"  <metadata>\n"
	"    <os:libosinfo xmlns:os='http://libosinfo.org/xmlns/libvirt/domain/1.0'>\n"
	"      <os:os id='http://microsoft.com/win/11'/>\n"
	"    </os:libosinfo>\n"
	"    <hostdev:policy xmlns:hostdev='urn:hostdev-hook:1' group='whole'/>\n"
	"  </metadata>\n"
	"  <devices>\n"
	"    <emulator>/usr/bin/qemu-system-x86_64</emulator>\n"
	"    <disk type='nvme' device='disk'>\n"
	"      <driver name='qemu' type='raw'/>\n"
	"      <source type='pci' managed='yes' namespace='1' index='1'>\n"
	"        <address domain='0x0000' bus='0x03' slot='0x00' function='0x0'/>\n"
	"      </source>\n"
	"      <backingStore/>\n"
	"      <target dev='vda' bus='virtio'/>\n"
	"      <address type='pci' domain='0x0000' bus='0x04' slot='0x00' function='0x0'/>\n"
	"    </disk>\n"
	"    <interface type='hostdev' managed='yes'>\n"
	"      <mac address='52:54:00:6d:90:02'/>\n"
	"      <driver name='vfio'/>\n"
	"      <source>\n"
	"        <address type='pci' domain='0x0000' bus='0x02' slot='0x10' function='0x1'/>\n"
	"      </source>\n"
	"    </interface>\n"
	"    <hostdev mode='subsystem' type='pci' managed='no'>\n"
	"      <driver name='vfio' model='nvgrace_gpu_vfio_pci' iommufd='yes'/>\n"
	"      <source>\n"
	"        <address domain='0x0000' bus='0x01' slot='0x00' function='0x0'/>\n"
	"      </source>\n"
	"      <address type='pci' domain='0x0000' bus='0x05' slot='0x00' function='0x0'/>\n"
	"    </hostdev>\n"
	"  </devices>\n"
	"</domain>";
