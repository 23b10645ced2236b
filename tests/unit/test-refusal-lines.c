// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A refusal's first line is short, and a whole sentence all the same: what gives way, and in which
 * order.
 */
#include "base/cleanup.h"
#include "model/refusal.h"
#include "tests/host/check.h"

#include <string.h>

static char card_name[] = "Advanced Micro Devices [AMD/ATI] Navi 31 [Radeon RX 7900 XT/7900 XTX]";
static struct device card = {
	.addr = {0, 3, 0, 0}, .vendor = 0x1002, .product = 0x744c, .name = card_name};
static const struct snapshot snapshot = {.iommu = true, .devices = &card, .device_count = 1};
static char advice[] = "Here it says what to do about it.";

static struct refusal refusal_of(enum refusal_kind kind)
{
	return (struct refusal){.kind = kind,
				.addr = {0, 1, 0, 0},
				.group = 14,
				.use = USE_DEFAULT_ROUTE,
				.advice = advice};
}

static char *words_for(const struct refusal *refusal, const char *guest)
{
	struct text text = TEXT_INIT;

	refusal_format(refusal, guest, &snapshot, &text);
	return text.data;
}

#define UMLAUTS                                                                                                                                 \
	"aäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöü" \
	"äöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöüäöü"

static bool is_character_behind(const char *at)
{
	return ((unsigned char)*at & 0xc0) != 0x80;
}

/* A path or a name of one word loses its middle: the sentence has an end all the same. */
static void a_long_word_is_cut_between_characters(void **state)
{
	static char umlauts[] = UMLAUTS " is mounted on /srv/" UMLAUTS "/end";
	struct refusal refusal = refusal_of(REFUSAL_USE);

	(void)state;
	refusal.evidence = umlauts;
	for (size_t length = 1; length < 4; length++) {
		char guest[8] = "gggg";
		auto_free char *text = NULL;
		const char *dots;

		guest[length] = '\0';
		text = words_for(&refusal, guest);
		text[strcspn(text, "\n")] = '\0';
		assert_true(strlen(text) + length + strlen(" is not started: ") <=
			    REFUSAL_LINE_MAX);
		assert_contains(text, " is mounted on /srv/");
		assert_contains(text, "/end.");
		assert_int_equal(text[strlen(text) - 1], '.');
		dots = strstr(text, "...");
		assert_non_null(dots);
		assert_true(is_character_behind(dots + 3));
		/* The last byte of a character that has two. */
		assert_true(((unsigned char)dots[-2] & 0xc0) == 0xc0);
	}
}

/* Nothing but short words: the end goes, between two characters. */
static void a_line_that_stays_too_long_is_cut_at_its_end(void **state)
{
	struct refusal refusal = refusal_of(REFUSAL_USE);
	auto_text struct text words = TEXT_INIT;

	(void)state;
	for (int i = 0; i < 60; i++)
		text_printf(&words, "äö ");
	refusal.evidence = words.data;
	for (size_t length = 1; length < 4; length++) {
		char guest[8] = "gggg";
		auto_free char *text = NULL;

		guest[length] = '\0';
		text = words_for(&refusal, guest);
		text[strcspn(text, "\n")] = '\0';
		assert_memory_equal(text + strlen(text) - 3, "...", 3);
		assert_true(is_character_behind(text + strlen(text) - 5) ||
			    ((unsigned char)text[strlen(text) - 5] & 0xc0) == 0x80);
	}
}

/* What ties it to the named device is told in fewer words before the reason loses any. */
static void a_long_tie_leaves_the_reason_whole(void **state)
{
	static char keyboard[] = "\"Logitech USB Keyboard\" is plugged in there";
	struct refusal refusal = refusal_of(REFUSAL_USE);
	auto_free char *text = NULL;

	(void)state;
	refusal.evidence = keyboard;
	refusal.use = USE_KEYBOARD;
	refusal.tie = TIE_WHOLE;
	refusal.addr = card.addr;
	refusal.named = (struct pci_addr){0, 1, 0, 0};
	text = words_for(&refusal, "firewall");
	text[strcspn(text, "\n")] = '\0';
	assert_text(text, "0000:03:00.0 (Advanced Micro Devices...) would go along with "
			  "0000:01:00.0 (group = "
			  "whole): \"Logitech USB Keyboard\" is plugged in there.");
	assert_true(strlen(text) + strlen("firewall is not started: ") <= REFUSAL_LINE_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_long_word_is_cut_between_characters),
		cmocka_unit_test(a_line_that_stays_too_long_is_cut_at_its_end),
		cmocka_unit_test(a_long_tie_leaves_the_reason_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
