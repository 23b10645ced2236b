// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What somebody might send instead of a domain XML: nothing, half of one, or one that means harm.
 */
#include "tests/unit/domain-helpers.h"

static void empty(void **state)
{
	(void)state;
	refused("", "empty");
	refused_bytes(NULL, 0, "empty");
	refused(" \n", "domain XML line");
	refused("\xef\xbb\xbf", "domain XML");
	refused("<!-- -->", "domain XML line 1");
}

static void truncated_anywhere(void **state)
{
	(void)state;
	/* Each in a block of its own size, so that reading past it is seen. */
	for (size_t length = 1; length < strlen(whole); length++) {
		auto_free char *part = xcalloc(1, length);

		memcpy(part, whole, length);
		refused_bytes(part, length, "domain XML");
	}
}

static void broken_markup(void **state)
{
	(void)state;
	refused("<domain>\n<devices>\n<hostdev>\n</devices></domain>",
		"domain XML line 4, <hostdev> in <devices>: Opening and ending tag mismatch");
	refused(DEVICES("<hostdev type='pci' type='pci'/>"), "type");
	refused(DOMAIN("") "x", "domain XML line 1");
	refused(DOMAIN("") DOMAIN(""), "domain XML line 1");
	refused("not XML", "domain XML line 1");
	refused("{\"name\": 1}", "domain XML line 1");
}

static void trailing_space_and_declaration(void **state)
{
	(void)state;
	assert_name("<?xml version='1.0' encoding='UTF-8'?>\n" DOMAIN("") "\n\n", "win11");
	assert_name("\xef\xbb\xbf" DOMAIN(""), "win11");
	assert_name("<?xml version='1.0' encoding='ISO-8859-1'?>" NAMED("\xfc", ""), "\xc3\xbc");
}

static void too_large(void **state)
{
	auto_free char *large =
		repeated("", "<!-- comment -->", 11u * 1024 * 1024 / 16, DOMAIN(""));
	struct error err = ERROR_INIT;
	struct guest guest;

	(void)state;
	assert_int_equal(domain_parse(large, strlen(large), &guest, &err), -EFBIG);
	assert_int_equal(err.code, EFBIG);
	assert_non_null(strstr(err.text, "10485760"));
}

static void just_not_too_large(void **state)
{
	auto_free char *large = repeated("", "<!-- comment -->", 640 * 1024, DOMAIN(""));
	size_t spare = strlen(large) - DOMAIN_XML_MAX;
	struct error err = ERROR_INIT;
	struct guest guest;

	(void)state;
	/* Any multiple of a comment may go. */
	spare = (spare + 15) / 16 * 16;
	assert_int_equal(domain_parse(large + spare, strlen(large) - spare, &guest, &err), 0);
	guest_done(&guest);
}

static void one_huge_name(void **state)
{
	auto_free char *xml = repeated("<domain><name>", "x\n", 1024 * 1024, "/</name></domain>");
	auto_free char *element = repeated("<domain><", "\xc3\xbc", 20000, "/>");

	(void)state;
	refused(xml, "<name>");
	refused(element, "domain XML line 1");
}

static void values_are_shortened(void **state)
{
	/* Two-byte characters from an odd offset: a cut at a byte count would split one. */
	auto_free char *xml = repeated(
		"<domain><name>x</name><devices><hostdev type='pci'><source><address bus='a",
		"\xc3\xbc", 300, "'/></source></hostdev></devices></domain>");

	(void)state;
	refused(xml, "\xc3\xbc...'> in <source> in <hostdev>: not a number from 0 to 0xff");
}

static void control_characters_are_harmless(void **state)
{
	(void)state;
	refused(DEVICES(HOSTDEV("bus='&#9;&#10;&#13;&#127;\\'")),
		"bus='\\x09\\x0a\\x0d\\x7f\\x5c'");
	refused(DOMAIN("<uuid>a\nb</uuid>"), "'a\\x0ab'");
	refused(DEVICES(HOSTDEV("bus='%s%n%d'")), "bus='%s%n%d'");
}

static void invalid_utf8(void **state)
{
	(void)state;
	refused(NAMED("\xff\xfe", ""), "domain XML line 1, <name>");
	refused(NAMED("\xc3", ""), "domain XML line 1");
	refused(DEVICES(HOSTDEV("bus='\xc3\x28'")), "domain XML line 1");
	refused("<?xml version='1.0' encoding='no-such'?>" DOMAIN(""), "domain XML line 1");
	refused("<?xml version='1.0' encoding='UTF-16'?>" NAMED("\xff", ""), "domain XML");
	refused("<?xml version='1.0' encoding='EUC-JP'?>" NAMED("\xff\xff", ""), "domain XML");
}

static void utf16(void **state)
{
	static const char little[] = "\xff\xfe<\0d\0o\0m\0a\0i\0n\0/\0>";
	static const char big[] = "\xfe\xff\0<\0d\0o\0m\0a\0i\0n\0/\0>";

	(void)state;
	refused_bytes(little, sizeof(little), "NUL bytes");
	refused_bytes(big, sizeof(big) - 1, "NUL bytes");
	/* Without a NUL in it. */
	refused("\xff\xfe\x01\x4e\x02\x4e\x03\x4e", "domain XML");
}

static void nul_bytes(void **state)
{
	static const char behind[] = DOMAIN("") "\0<rest/>";
	static const char inside[] = "<domain><name>a\0b</name></domain>";
	static const char last[] = DOMAIN("");

	(void)state;
	refused_bytes(behind, sizeof(behind) - 1, "NUL bytes");
	refused_bytes(inside, sizeof(inside) - 1, "NUL bytes");
	refused_bytes(last, sizeof(last), "NUL bytes");
	refused("<domain><name>&#0;</name></domain>", "domain XML line 1, <name>");
}

static void document_type(void **state)
{
	(void)state;
	refused("<!DOCTYPE domain>" DOMAIN(""),
		"domain XML line 1, <!DOCTYPE>: a document type is not allowed");
	refused("<?xml version='1.0'?>\n<!DOCTYPE domain SYSTEM 'file:///etc/passwd'>" DOMAIN(""),
		"domain XML line 2, <!DOCTYPE>: a document type is not allowed");
	refused("<!DOCTYPE domain PUBLIC 'x' 'http://localhost:1/x.dtd' []>" DOMAIN(""),
		"a document type is not allowed");
}

static void entity_bomb(void **state)
{
	(void)state;
	refused("<!DOCTYPE domain [<!ENTITY a 'aaaaaaaaaa'>"
		"<!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>"
		"<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;'>"
		"<!ENTITY d '&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;'>"
		"<!ENTITY e '&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;'>"
		"<!ENTITY f '&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;'>]>" NAMED("&f;", ""),
		"a document type is not allowed");
}

static void external_entity(void **state)
{
	(void)state;
	refused("<!DOCTYPE domain [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>" NAMED("&x;", ""),
		"a document type is not allowed");
	refused("<!DOCTYPE domain [<!ENTITY % x SYSTEM 'file:///etc/passwd'> %x;]>" DOMAIN(""),
		"a document type is not allowed");
	refused(NAMED("&x;", ""), "domain XML line 1, <name>: Entity 'x' not defined");
}

static void nesting(void **state)
{
	auto_free char *deep = repeated("<domain>", "<a>", 100000, "");
	auto_free char *chain = repeated("<domain><name>x</name><devices><disk type='file'>",
					 "<backingStore type='file'>", 100000, "");

	(void)state;
	refused(deep, "domain XML line 1, <a> in <a> in <a>: ");
	refused(chain, "domain XML line 1, <backingStore> in <backingStore> in <backingStore>: ");
}

/* Libxml2 keeps these in the text between elements only, so that they can be a line off. */
static void line_numbers_beyond_16_bits(void **state)
{
	auto_free char *xml = repeated("<domain><name>x</name><devices>", "\n", 70000,
				       "<hostdev type='pci'>\n<source/>\n</hostdev>\n"
				       "</devices>\n</domain>");
	auto_guest struct guest guest = accepted(xml);

	(void)state;
	assert_uint_in_range(guest.hostdevs[0].line, 70001, 70002);
}

/* What libxml2 has to say goes to nobody but the caller. */
static void nothing_is_printed(void **state)
{
	auto_fclose FILE *file = tmpfile();
	auto_close int kept_err = dup(STDERR_FILENO);
	auto_close int kept_out = dup(STDOUT_FILENO);

	(void)state;
	assert_non_null(file);
	dup2(fileno(file), STDERR_FILENO);
	dup2(fileno(file), STDOUT_FILENO);
	refused("<domain>", "domain XML");
	refused("<domain><x:y/></domain>", "no <name>");
	refused("<?xml version='1.0' encoding='no-such'?><a/>", "domain XML");
	refused("<?xml version='1.0' encoding='EUC-JP'?><a>\xff\xff</a>", "domain XML");
	refused("<?xml version='2.7'?><a>", "domain XML");
	refused("<!DOCTYPE a SYSTEM 'file:///no-such'><a/>", "domain XML");
	refused(NAMED("\xff", ""), "domain XML");
	refused(NAMED("&x;", ""), "domain XML");
	fflush(stdout);
	dup2(kept_err, STDERR_FILENO);
	dup2(kept_out, STDOUT_FILENO);
	assert_int_equal(lseek(fileno(file), 0, SEEK_END), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty),
		cmocka_unit_test(truncated_anywhere),
		cmocka_unit_test(broken_markup),
		cmocka_unit_test(trailing_space_and_declaration),
		cmocka_unit_test(too_large),
		cmocka_unit_test(just_not_too_large),
		cmocka_unit_test(one_huge_name),
		cmocka_unit_test(values_are_shortened),
		cmocka_unit_test(control_characters_are_harmless),
		cmocka_unit_test(invalid_utf8),
		cmocka_unit_test(utf16),
		cmocka_unit_test(nul_bytes),
		cmocka_unit_test(document_type),
		cmocka_unit_test(entity_bomb),
		cmocka_unit_test(external_entity),
		cmocka_unit_test(nesting),
		cmocka_unit_test(line_numbers_beyond_16_bits),
		cmocka_unit_test(nothing_is_printed),
	};

	return cmocka_run_group_tests_name("xml", tests, NULL, NULL);
}
