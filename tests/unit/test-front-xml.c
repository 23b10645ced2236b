// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every doubt about an XML that is only searched, not parsed: what must not pass as plain, and what
 * must although it looks odd.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hook/front-xml.h"

#define UUID "4dea22b3-1d52-d8f3-2516-782e98ab3fa0"
#define OTHER_UUID "00000000-1111-2222-3333-444444444444"
#define HEAD "<domain type='kvm' id='1'>\n  <name>g1</name>\n  <uuid>" UUID "</uuid>\n"
#define PLAIN HEAD "  <devices>\n    <disk type='file'/>\n  </devices>\n</domain>\n"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool is_plain(const char *xml)
{
	return front_xml_is_plain(xml, strlen(xml));
}

static void assert_plain(const char *const *xml, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!is_plain(xml[i]))
			fail_msg("woke the engine: %s", xml[i]);
}

static void assert_doubt(const char *const *xml, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_plain(xml[i]))
			fail_msg("let pass: %s", xml[i]);
}

static void plain_domains(void **state)
{
	static const char *const xml[] = {
		PLAIN,
		"<domain></domain>",
		"<domain>\n</domain>\r\n\t ",
		"\n  " PLAIN,
		"<?xml version='1.0'?>\n" PLAIN,
		"<?xml version='1.0' encoding='UTF-8'?>\n" PLAIN,
		"<?xml version=\"1.0\" encoding = \"utf-8\" standalone='yes'?>" PLAIN,
		"<!--\nWARNING: do not edit\n-->\n\n" PLAIN,
		"<?xml version='1.0'?><!-- a --> <!-- b -->\n" PLAIN,
		"<domain><title>B\xc3\xa4r \xe2\x82\xac \xf0\x9f\x90\xbb</title></domain>",
		"<domain><name>a &amp; &lt;b&gt;</name><!-- ok --></domain>",
		"<domain><interface type='network'/><disk device='NVME'/></domain>",
	};

	(void)state;
	assert_plain(xml, COUNT(xml));
}

static void words_of_host_devices(void **state)
{
	static const char *const xml[] = {
		"<domain><devices><hostdev mode='subsystem' type='pci'/></devices></domain>",
		"<domain><devices><interface type='hostdev'/></devices></domain>",
		"<domain><devices><disk type='nvme'/></devices></domain>",
		"<domain><metadata><p xmlns='urn:hostdev-hook:1'/></metadata></domain>",
		"<domain><title>hostdev</title></domain>",
		"<!-- nvme --><domain></domain>",
		("<domain xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'>"
		 "<q:commandline/></domain>"),
	};

	(void)state;
	assert_doubt(xml, COUNT(xml));
}

/* What no search may miss, wherever it stands. */
static void words_at_every_place(void **state)
{
	static const char *const words[] = {"hostdev", "nvme", "commandline", "&#", "<!x"};
	char xml[256];

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++)
		for (int before = 0; before < 70; before++) {
			/* Beginnings of words, as far as these go. */
			snprintf(xml, sizeof(xml), "<domain>%.*s%s%.*s</domain>", before,
				 "hhosthostnvnvvmcommandlicommandli&&!!&l!"
				 "hostdehostdvmevmecommandlinhostd",
				 words[i], 70 - before,
				 "vmecommandlhostdenvmcommandlihostde&!l&&!"
				 "hosthostnvnvvmcommandlinhostdv");
			if (is_plain(xml))
				fail_msg("let pass: %s", xml);
		}
}

static bool has_newcomers(const char *xml)
{
	return front_xml_has_newcomers(xml, strlen(xml));
}

static void devices_that_were_there_at_prepare(void **state)
{
	static const char *const xml[] = {
		(PLAIN),
		"<domain><devices><hostdev mode='subsystem' type='pci'/></devices></domain>",
		"<domain><hostdev><alias name='hostdev0'/></hostdev></domain>",
		"<domain><disk type='nvme' device='disk'/></domain>",
		"<domain><disk type=\"nvme\"/><hostdev/></domain>",
		"<domain><target dev='nvme0n1'/><serial>nvme</serial></domain>",
		"<domain><metadata><p xmlns='urn:hostdev-hook:1'/></metadata></domain>",
		("<domain xmlns:q='http://libvirt.org/schemas/domain/qemu/1.0'>"
		 "<q:commandline/></domain>"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT(xml); i++)
		if (has_newcomers(xml[i]))
			fail_msg("woke the engine: %s", xml[i]);
}

/* From a pool of virtual functions, or below an image whose base is a disk. */
static void devices_that_were_not(void **state)
{
	static const char *const xml[] = {
		"",
		"<domain><interface type='hostdev' managed='yes'/></domain>",
		"<domain><interface type=\"hostdev\"/></domain>",
		"<domain><interface type = 'hostdev'/></domain>",
		"<domain><hostdev/><interface managed='yes' type=\n'hostdev'/></domain>",
		"<domain><interface type='network'><actual type='hostdev'/></interface></domain>",
		"<domain><disk type='file'><backingStore type='nvme'/></disk></domain>",
		"<domain><disk type='nvme'><backingStore type='nvme'/></disk></domain>",
		"<domain><disk type='nvme'/><disk><mirror type=\"nvme\"/></disk></domain>",
		"<domain><disk type= 'nvme'/></domain>",
		/* What is in disguise may be anything. */
		"<domain><hostdev/><interface type='host&#100;ev'/></domain>",
		"<!DOCTYPE domain [<!ENTITY h 'h'>]><domain><hostdev/></domain>",
		"<domain><hostdev/><![CDATA[<x>]]></domain>",
		"<?xml version='1.0' encoding='UTF-16'?><domain><hostdev/></domain>",
		"<domain><hostdev/>\xc0\xaf</domain>",
		"<domain><hostdev/>",
		"<network><hostdev/></network>",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(xml); i++)
		if (!has_newcomers(xml[i]))
			fail_msg("let pass: %s", xml[i]);
	assert_true(front_xml_has_newcomers("'hostdev", 8));
	assert_true(front_xml_has_newcomers("hostdev'", 8));
}

static void words_in_disguise(void **state)
{
	static const char *const xml[] = {
		"<domain><disk type='&#110;vme'/></domain>",
		"<domain><disk type='&#x6e;vme'/></domain>",
		"<!DOCTYPE domain [<!ENTITY h 'n'>]><domain><disk type='&h;vme'/></domain>",
		"<domain><!DOCTYPE x></domain>",
		"<domain><!ENTITY x 'y'></domain>",
		"<domain><![CDATA[<x>]]></domain>",
		"<domain><!-</domain>",
		"<domain></domain><!</domain>",
	};

	(void)state;
	assert_doubt(xml, COUNT(xml));
}

static void encodings(void **state)
{
	static const char *const xml[] = {
		"<?xml version='1.0' encoding='UTF-7'?><domain></domain>",
		"<?xml version='1.0' encoding='UTF-16'?><domain></domain>",
		"<?xml version='1.0' encoding='ISO-8859-1'?><domain></domain>",
		"<?xml version='1.0' encoding='UTF-8-X'?><domain></domain>",
		"<?xml version='1.0' encoding='UTF-8\"?><domain></domain>",
		"<?xml version='1.0' encoding?><domain></domain>",
		"<?xml version='1.0' encoding=?><domain></domain>",
		"<?xml version='1.0' encoding='UTF-8'",
		"<?xml encoding='UTF-8'",
		"\xef\xbb\xbf<domain></domain>",
		"\xff\xfe<\0d\0",
	};

	(void)state;
	assert_doubt(xml, COUNT(xml));
}

static void broken_text(void **state)
{
	static const char *const bytes[] = {
		"\x80",
		"\xff",
		"\xc0\xaf",
		"\xc1\xbf",
		"\xc3",
		"\xe2\x82",
		"\xe0\x9f\xbf",
		"\xed\xa0\x80",
		"\xf0\x8f\xbf\xbf",
		"\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80",
		"\xf0\x9f\x90",
		"\xe4\xf6",
		"\x01",
		"\x1b",
		"\x0b",
	};
	char xml[256];

	(void)state;
	for (size_t i = 0; i < COUNT(bytes); i++)
		/* At every place within a block that is looked at in one go, or behind the last. */
		for (int shift = 0; shift < 130; shift++) {
			snprintf(xml, sizeof(xml), "<domain>%*s%s%s</domain>", shift, "", bytes[i],
				 shift % 2 ? "" : "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb");
			if (is_plain(xml))
				fail_msg("let pass: byte string %zu at %d", i, shift);
		}
	assert_false(front_xml_is_plain("<domain>\0</domain>", 18));
	assert_true(is_plain("<domain>\x7f</domain>"));
}

static void wrong_beginnings_and_ends(void **state)
{
	static const char *const xml[] = {
		"",
		" ",
		"<",
		"<domain",
		"<domain>",
		"</domain>",
		"<domains></domains>",
		"<domainx></domain>",
		"<domain/>",
		"<Domain></Domain>",
		"<d:domain xmlns:d='x'></d:domain>",
		"<network></network>",
		"<domstatus><domain></domain></domstatus>",
		"<domainsnapshot><domain></domain>",
		"x<domain></domain>",
		" <?xml version='1.0'?><domain></domain>",
		"<?pi x?><domain></domain>",
		"<!-- <domain></domain>",
		"<domain></domain",
		"<domain></domain >",
		"<domain></domain><!-- end -->",
		"<domain></domain>x",
	};

	(void)state;
	assert_doubt(xml, COUNT(xml));
}

/* Cut anywhere (but for the last newline), a definition is no definition. */
static void truncated(void **state)
{
	(void)state;
	for (size_t length = 0; length < strlen(PLAIN) - 1; length++)
		assert_false(front_xml_is_plain(PLAIN, length));
}

/* Nothing is read beyond the end: each cut lies in memory of exactly its size. */
static void bounds(void **state)
{
	static const char xml[] =
		"<?xml version='1.0' encoding='UTF-8'?><!-- \xe2\x82\xac --><domain "
		"type='>'><name>g</name><uuid>" UUID
		"</uuid><a b='nvme'/>hostdev&!nvmcommandli</domain>";

	(void)state;
	for (size_t length = 1; length < sizeof(xml); length++) {
		char *copy = malloc(length);

		assert_non_null(copy);
		memcpy(copy, xml, length);
		front_xml_is_plain(copy, length);
		front_xml_has_newcomers(copy, length);
		front_xml_uuid(copy, length);
		free(copy);
	}
}

static void assert_uuid(const char *xml, const char *uuid)
{
	const char *found = front_xml_uuid(xml, strlen(xml));

	if (!uuid)
		assert_null(found);
	else if (!found || memcmp(found, uuid, FRONT_UUID_LENGTH) != 0)
		fail_msg("not the UUID of %s", xml);
}

static void uuid_where_libvirt_writes_it(void **state)
{
	(void)state;
	assert_uuid(PLAIN, UUID);
	assert_uuid("<!-- <uuid>" OTHER_UUID "</uuid> -->" PLAIN, UUID);
	assert_uuid("<domain xmlns:q='a>b' x=\"'>\"><name></name><uuid>" UUID "</uuid>", UUID);
}

static void uuid_not_sure(void **state)
{
	static const char *const xml[] = {
		"",
		"<domain>",
		"<domain><name>x</name>",
		"<domain><name>x</name><uuid>",
		"<domain><name>x</name><uuid></uuid>",
		"<domain><name>x</name><uuid>4dea22b3</uuid>",
		"<domain><name>x</name><uuid>4DEA22B3-1d52-d8f3-2516-782e98ab3fa0</uuid>",
		"<domain><name>x</name><uuid> " UUID "</uuid>",
		"<domain><name>x</name><uuid>" UUID "0</uuid>",
		"<domain><name>x</name><uuid>" UUID,
		"<domain><name>x</name><uuid>../../../../../../../../../../etc/pa</uuid>",
		"<domain><name>x</name><!-- c --><uuid>" UUID "</uuid>",
		"<domain><name>x</name><metadata><uuid>" UUID "</uuid></metadata>",
		"<domain><metadata><uuid>" UUID "</uuid></metadata><name>x</name>",
		"<domain><uuid>" UUID "</uuid><name>x</name>",
		"<domain><name>x<uuid>" UUID "</uuid></name>",
		"<domain><name>x</name><genid/><uuid>" UUID "</uuid>",
		"<domain x='><name>x</name><uuid>" UUID "</uuid>",
		"<network><name>x</name><uuid>" UUID "</uuid>",
		"<?xml version='1.0' encoding='UTF-7'?><domain><name>x</name><uuid>" UUID "</uuid>",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(xml); i++)
		assert_uuid(xml[i], NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_domains),
		cmocka_unit_test(words_of_host_devices),
		cmocka_unit_test(words_at_every_place),
		cmocka_unit_test(devices_that_were_there_at_prepare),
		cmocka_unit_test(devices_that_were_not),
		cmocka_unit_test(words_in_disguise),
		cmocka_unit_test(encodings),
		cmocka_unit_test(broken_text),
		cmocka_unit_test(wrong_beginnings_and_ends),
		cmocka_unit_test(truncated),
		cmocka_unit_test(bounds),
		cmocka_unit_test(uuid_where_libvirt_writes_it),
		cmocka_unit_test(uuid_not_sure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
