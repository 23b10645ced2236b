// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Disks that are unlocked by what was measured at boot.
 */
#include "tests/host/check.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "parsers/boot/boot-measured.h"
#include "tests/host/testhost.h"

static char *measured_text(const struct boot *boot)
{
	auto_text struct text out = TEXT_INIT;

	text_append(&out, "", 0);
	for (size_t i = 0; i < boot->measured_count; i++)
		text_printf(&out, "%s [%s]\n", boot->measured[i].what, boot->measured[i].pcrs);
	return steal(&out.data);
}

static char *parse(const char *text)
{
	auto_free char *copy = xstrdup(text);
	auto_boot struct boot boot = {0};

	measured_crypttab_parse(copy, &boot);
	return measured_text(&boot);
}

static void check(const char *text, const char *expected)
{
	auto_free char *found = parse(text);

	assert_text(found, expected);
}

static void crypttab_is_read(void **state)
{
	(void)state;
	check("root UUID=1 none luks,tpm2-device=auto,tpm2-pcrs=8+9",
	      "/etc/crypttab: root is unlocked by the TPM [8+9]\n");
	check("\t root\tUUID=1\t-\ttpm2-device=/dev/tpmrm0\r\n",
	      "/etc/crypttab: root is unlocked by the TPM []\n");
	check("# root UUID=1 none tpm2-device=auto\nroot UUID=1 none\nroot UUID=1\n\nx\n", "");
	check("root UUID=1 none tpm2-pcrs=7,xtpm2-device=a,tpm2-device=\n", "");
	check("\001 UUID=1 none tpm2-device=auto,,tpm2-pcrs=\002\n",
	      "/etc/crypttab: \\x01 is unlocked by the TPM [\\x02]\n");
}

static void a_policy_names_its_registers(void **state)
{
	static const char *const texts[][2] = {
		{"{\"pcrValues\":[{\"pcr\":12,\"values\":[]},{\"pcr\" : 4},{\"pcr\":4}]}", "4+12"},
		{"", ""},
		{"not JSON \"pcr\" \"pcr\":24 \"pcr\":-1 \"pcr\":99999999999999999999", ""},
		{"\"pcr\":0 \"pcr\":23", "0+23"}};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		auto_free char *found = measured_pcrlock_pcrs(texts[i][0]);

		assert_string_equal(found, texts[i][1]);
	}
}

static void words_of_the_command_line_are_read(void **state)
{
#define TOLD "/proc/cmdline: a disk is unlocked by the TPM"
	static const char *const cases[][2] = {
		{"ro rd.luks.options=tpm2-device=auto,tpm2-pcrs=7+8 quiet", TOLD " [7+8]\n"},
		{"luks.options=0a1b=discard,tpm2-device=auto", TOLD " []\n"},
		{"xluks.options=tpm2-device=auto rd.luks.options=discard luks.options=", ""},
		{"luks.options=tpm2-device=", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		auto_testhost struct testhost *host = testhost_new("");
		struct boot_source source = {.host = &host->host};
		auto_boot struct boot boot = {.cmdline = xstrdup(cases[i][0])};
		auto_free char *found = NULL;

		boot_measured_read(&source, &boot);
		found = measured_text(&boot);
		assert_text(found, cases[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crypttab_is_read),
		cmocka_unit_test(words_of_the_command_line_are_read),
		cmocka_unit_test(a_policy_names_its_registers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
