// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The choice of a variant driver from modules.alias, by libvirt's rule.
 */
#include "tests/host/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "parsers/pci/aliases.h"

#define GPU "pci:v000010DEd00002342sv000010DEsd000016EBbc03sc02i00"

static const char *find(const char *aliases, const char *modalias)
{
	static char module[64];

	static char picked_module[64];
	auto_text struct text picked = TEXT_INIT;

	strcpy(module, "untouched");
	if (!aliases_find_vfio(aliases, strlen(aliases), modalias, module, sizeof(module)))
		assert_string_equal(module, "untouched");
	/* The lines that matter, picked out, say the same. */
	aliases_pick_vfio(aliases, strlen(aliases), &picked);
	strcpy(picked_module, "untouched");
	aliases_find_vfio(picked.data ? picked.data : "", picked.length, modalias, picked_module,
			  sizeof(picked_module));
	assert_string_equal(picked_module, module);
	return module;
}

static void the_fewest_wildcards_win(void **state)
{
	(void)state;
	assert_string_equal(find("alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci\n"
				 "alias vfio_pci:v000010DEd00002342sv*sd*bc*sc*i* nvgrace\n",
				 GPU),
			    "nvgrace");
	assert_string_equal(find("alias vfio_pci:v000010DEd00002342sv*sd*bc*sc*i* nvgrace\n"
				 "alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci\n",
				 GPU),
			    "nvgrace");
	assert_string_equal(
		find("alias vfio_pci:v000010DEd*sv*sd*bc*sc*i* one\n"
		     "alias vfio_pci:v000010DEd00002342sv000010DEsd000016EBbc03sc02i00 seven\n"
		     "alias vfio_pci:v000010DEd00002342sv*sd*bc*sc*i* two\n",
		     GPU),
		"seven");
}

static void the_first_wins_a_tie(void **state)
{
	(void)state;
	assert_string_equal(find("alias vfio_pci:v000010DEd*sv*sd*bc*sc*i* first\n"
				 "alias vfio_pci:v*d00002342sv*sd*bc*sc*i* second\n",
				 GPU),
			    "first");
}

static void every_field_must_fit(void **state)
{
	static const char *const others[] = {
		"alias vfio_pci:v000010DDd*sv*sd*bc*sc*i* x\n",
		"alias vfio_pci:v*d00002343sv*sd*bc*sc*i* x\n",
		"alias vfio_pci:v*d*sv000010DDsd*bc*sc*i* x\n",
		"alias vfio_pci:v*d*sv*sd000016ECbc*sc*i* x\n",
		"alias vfio_pci:v*d*sv*sd*bc04sc*i* x\n",
		"alias vfio_pci:v*d*sv*sd*bc*sc03i* x\n",
		"alias vfio_pci:v*d*sv*sd*bc*sc*i01 x\n",
		"alias pci:v000010DEd*sv*sd*bc*sc*i* nvidia\n",
		"",
		"\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_string_equal(find(others[i], GPU), "untouched");
}

static void malformed_lines_are_passed_over(void **state)
{
	(void)state;
	assert_string_equal(find("# alias vfio_pci:v*d*sv*sd*bc*sc*i* comment\n"
				 "alias vfio_pci:\n"
				 "alias vfio_pci: x\n"
				 "alias vfio_pci:v*d*sv*sd*bc*sc*i*\n"
				 "alias vfio_pci:v*d*sv*sd*bc*sc*i* \n"
				 "alias vfio_pci:v*d*sv*sd*bc*sc* x\n"
				 "alias vfio_pci:v*d*sv*sd*bc*sc*i*q x\n"
				 "alias vfio_pci:v*d*sv*sd*bc*sc*i* two words\n"
				 "alias vfio_pci:v000010DEd*sv*sd*bc*sc*i* good",
				 GPU),
			    "good");
}

static void malformed_devices_have_none(void **state)
{
	static const char any[] = "alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci\n";
	static const char *const bad[] = {"",
					  "pci:",
					  "usb:v1",
					  "pci:v000010DE",
					  "pci:v000010DEd00002342sv000010DEsd000016EBbc03sc02i00x",
					  "PCI:x"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_string_equal(find(any, bad[i]), "untouched");
}

static void long_names_do_not_overflow(void **state)
{
	static const char aliases[] =
		"alias vfio_pci:v000010DEd00002342sv*sd*bc*sc*i* a_name_that_is_too_long\n"
		"alias vfio_pci:v*d*sv*sd*bc*sc*i* fits_in\n";
	char module[8] = "";

	(void)state;
	assert_true(aliases_find_vfio(aliases, sizeof(aliases) - 1, GPU, module, sizeof(module)));
	assert_string_equal(module, "fits_in");
}

/* Text without a NUL behind it, cut anywhere. */
static void nothing_is_read_past_the_end(void **state)
{
	static const char aliases[] =
		"alias vfio_pci:v000010DEd00002342sv*sd*bc*sc*i* nvgrace_gpu_vfio_pci\n"
		"alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci\n";

	(void)state;
	for (size_t length = 0; length < sizeof(aliases); length++) {
		char *cut = malloc(length ? length : 1), module[64];
		struct text picked = TEXT_INIT;

		memcpy(cut, aliases, length);
		aliases_find_vfio(cut, length, GPU, module, sizeof(module));
		aliases_pick_vfio(cut, length, &picked);
		free(cut);
		text_done(&picked);
	}
}

/* What only speaks of an alias is none. */
static void lines_that_begin_otherwise_are_not_picked(void **state)
{
	static const char text[] = "# alias vfio_pci:v*d*sv*sd*bc*sc*i* commented\n"
				   "alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci\n";
	auto_text struct text picked = TEXT_INIT;

	(void)state;
	aliases_pick_vfio(text, strlen(text), &picked);
	assert_text(picked.data, "alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_fewest_wildcards_win),
		cmocka_unit_test(the_first_wins_a_tie),
		cmocka_unit_test(every_field_must_fit),
		cmocka_unit_test(malformed_lines_are_passed_over),
		cmocka_unit_test(lines_that_begin_otherwise_are_not_picked),
		cmocka_unit_test(malformed_devices_have_none),
		cmocka_unit_test(long_names_do_not_overflow),
		cmocka_unit_test(nothing_is_read_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
