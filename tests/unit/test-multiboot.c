// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The entries of a menu: their names, words and number; and GRUB's files for them.
 */
#include "tests/unit/generate-helpers.h"

#define TWO                                                                                        \
	"01:00.0 1 030000 10de:2204 nvidia\n"                                                      \
	"01:00.1 1 040300 10de:1aef snd_hda_intel\n"                                               \
	"02:00.0 2 030000 10de:2204 nvidia\n"                                                      \
	"03:00.0 3 0c0330 1b21:2142 xhci_hcd\n"
#define DROP_IN "/etc/default/grub.d/zz-hostdev-hook.cfg"
#define CHOICES "/etc/hostdev-hook/boot-choices"

#define CARD "0000:01:00.0=10de:2204:0000:0000:030000+1of2"
#define SOUND "0000:01:00.1=10de:1aef:0000:0000:040300+1of1"
#define TWIN "0000:02:00.0=10de:2204:0000:0000:030000+2of2"
#define TWINS                                                                                      \
	"0000:01:00.0 [10de:2204] and 1 other device of its kind are told apart by their order: "  \
	"when cards are added, removed or moved later, a start that is to reserve only some of "   \
	"them reserves none of them, until this set-up is made anew\n"
#define USB "0000:03:00.0=1b21:2142:0000:0000:0c0330+1of1"

static void make(const struct known *known, struct generate_wishes *wishes, struct draft *ret)
{
	draft_done(ret);
	draft_make(known, wishes, ret);
	*wishes = wishes_of(GENERATE_MULTIBOOT, "01:00.0,02:00.0,03:00.0");
}

static void an_entry_for_each_card_that_stays(void **state)
{
	auto_known struct known *known = known_new(TWO);
	struct generate_wishes wishes = wishes_of(GENERATE_MULTIBOOT, "01:00.0,02:00.0,03:00.0");
	auto_draft struct draft draft = {0};
	auto_free char *steps = NULL;
	auto_text struct text record = TEXT_INIT;

	(void)state;
	make(known, &wishes, &draft);
	assert_remarks(&draft.refusals, "");
	assert_remarks(&draft.notes, "2 choices x 2 kernels = 4 entries\n" TWINS);
	assert_text(
		file_text(&draft, CHOICES),
		"hostdev-hook boot-choices 1\n"
		"# Written by hostdev-hook: hostdevctl generate as typed\n"
		"# Run that again to change it, and \"hostdevctl generate undo --apply\" to take "
		"it back.\n"
		"kernels 3\n"
		"choice hostdev-keep-0000:01:00.0\n"
		"title VFIO: the host keeps 0000:01:00.0 [10de:2204]\n"
		"words hostdev.guest=" TWIN "," USB "\n"
		"choice hostdev-keep-0000:02:00.0\n"
		"title VFIO: the host keeps 0000:02:00.0 [10de:2204]\n"
		"words hostdev.guest=" CARD "," SOUND "," USB "\n");
	assert_int_equal(draft.promise.choice_count, 2);
	assert_text(draft.promise.choices[1].id, "hostdev-keep-0000:02:00.0");
	assert_int_equal(draft.promise.devices.count, 4);
	/* Each group for itself, in the order of the choices. */
	setup_format(&draft.promise, &record);
	assert_contains(record.data, "\nmembers 0000:02:00.0\nmembers 0000:03:00.0\n"
				     "members 0000:01:00.0 0000:01:00.1\n");
	steps = steps_text(&draft);
	assert_contains(steps, "check menu-base:/usr/sbin/grub-mkconfig,/boot/grub/grub.cfg\n"
			       "file /etc/hostdev-hook\n"
			       "file /etc/hostdev-hook/boot-choices\n"
			       "file /etc/grub.d/12_hostdev-hook\n"
			       "check shell:/etc/grub.d/12_hostdev-hook\n"
			       "check menu:/usr/sbin/grub-mkconfig,/boot/grub/grub.cfg\n"
			       "build menu:/usr/sbin/update-grub built\n");
	/* The usual entries stay as they are. */
	assert_text(file_text(&draft, DROP_IN), "");
	selection_wishes_done(&wishes.selection);
}

static void all_at_once_where_the_host_has_another(void **state)
{
	auto_known struct known *known = known_new("00:02.0 0 030000 8086:3e92 i915\n" TWO);
	struct generate_wishes wishes = wishes_of(GENERATE_MULTIBOOT, "01:00.0,02:00.0,03:00.0");
	auto_draft struct draft draft = {0};

	(void)state;
	make(known, &wishes, &draft);
	assert_remarks(&draft.notes, "3 choices x 2 kernels = 6 entries\n" TWINS);
	assert_text(draft.promise.choices[0].id, "hostdev-all");
	assert_text(draft.promise.choices[0].words,
		    "hostdev.guest=" CARD "," SOUND "," TWIN "," USB);
	wishes.no_all = true;
	make(known, &wishes, &draft);
	assert_text(draft.promise.choices[0].id, "hostdev-keep-0000:01:00.0");
	selection_wishes_done(&wishes.selection);
}

static void one_of_them_may_be_the_default(void **state)
{
	auto_known struct known *known = known_new(TWO);
	struct generate_wishes wishes = wishes_of(GENERATE_MULTIBOOT, "01:00.0,02:00.0,03:00.0");
	auto_draft struct draft draft = {0};

	(void)state;
	wishes.default_choice = "first";
	make(known, &wishes, &draft);
	assert_contains(file_text(&draft, DROP_IN),
			"\nGRUB_DEFAULT='hostdev-keep-0000:01:00.0>0'\n");
	wishes.default_choice = "last";
	make(known, &wishes, &draft);
	assert_contains(file_text(&draft, DROP_IN),
			"\nGRUB_DEFAULT='hostdev-keep-0000:02:00.0>0'\n");
	/* By any function of its group. */
	wishes.default_choice = "01:00.1";
	make(known, &wishes, &draft);
	assert_contains(file_text(&draft, DROP_IN),
			"\nGRUB_DEFAULT='hostdev-keep-0000:01:00.0>0'\n");
	wishes.default_choice = "03:00.0";
	make(known, &wishes, &draft);
	assert_remark(&draft.refusals,
		      "--default 03:00.0: no entry leaves that device with the host");
	wishes.default_choice = "09:00.0";
	make(known, &wishes, &draft);
	assert_remark(&draft.refusals, "--default 09:00.0: no entry leaves");
	selection_wishes_done(&wishes.selection);
}

static void too_many_are_refused(void **state)
{
	auto_text struct text host = TEXT_INIT, names = TEXT_INIT;
	auto_draft struct draft draft = {0};
	struct generate_wishes wishes;

	(void)state;
	for (int i = 1; i <= 11; i++) {
		text_printf(&host, "%02x:00.0 %d 030000 10de:2204 nvidia\n", i, i);
		text_printf(&names, "%s%02x:00.0", i > 1 ? "," : "", i);
	}
	{
		auto_known struct known *known = known_new(host.data);

		wishes = wishes_of(GENERATE_MULTIBOOT, names.data);
		make(known, &wishes, &draft);
		selection_wishes_done(&wishes.selection);
		assert_remark(&draft.notes, "11 choices x 2 kernels = 22 entries");
		assert_remark(&draft.refusals, "insist with --allow-unsafe");
		wishes = wishes_of(GENERATE_MULTIBOOT, names.data);
		wishes.allow_unsafe = true;
		make(known, &wishes, &draft);
		selection_wishes_done(&wishes.selection);
		assert_remarks(&draft.refusals, "");
		/* The most there are, whatever is allowed. */
		known->boot.kernel_count = 6;
		for (size_t i = 2; i < 6; i++)
			known->kernels[i] = known->kernels[1];
		wishes = wishes_of(GENERATE_MULTIBOOT, names.data);
		wishes.allow_unsafe = true;
		wishes.ranks = (struct kernel_ranks){.all = true};
		make(known, &wishes, &draft);
		selection_wishes_done(&wishes.selection);
		assert_remark(&draft.refusals,
			      "66 entries are too many for a menu: 64 are the most");
	}
}

static void kernels_are_counted(void **state)
{
	auto_known struct known *known = known_new(TWO);
	struct generate_wishes wishes = wishes_of(GENERATE_MULTIBOOT, "01:00.0,02:00.0,03:00.0");
	auto_draft struct draft draft = {0};

	(void)state;
	known->boot.kernel_count = 6;
	for (size_t i = 2; i < 6; i++)
		known->kernels[i] = known->kernels[1];
	make(known, &wishes, &draft);
	assert_remark(&draft.notes, "2 choices x 3 kernels = 6 entries");
	wishes.ranks = (struct kernel_ranks){.all = true};
	wishes.kernels = "0";
	make(known, &wishes, &draft);
	assert_remark(&draft.refusals, "entries for more than 5 kernels");
	wishes.ranks = (struct kernel_ranks){.ranks = {9}, .rank_count = 1};
	wishes.kernels = "9,9";
	make(known, &wishes, &draft);
	assert_remark(&draft.refusals, "--kernels 9,9 names none of this host's 6 kernels");
	selection_wishes_done(&wishes.selection);
}

/* Entries of kernel-install are none of its menu. */
static void kernels_of_another_loader_do_not_count(void **state)
{
	static struct boot_entry own[] = {{(char *)"id-6.12.conf", (char *)"6.12", (char *)""}};
	auto_known struct known *known = known_new(TWO);
	struct generate_wishes wishes = wishes_of(GENERATE_MULTIBOOT, "01:00.0,02:00.0,03:00.0");
	auto_draft struct draft draft = {0};

	(void)state;
	known->kernels[1].release = (char *)"6.1";
	known->boot.kernel_install = (struct boot_kernel_install){
		.program = (char *)"/usr/bin/kernel-install",
		.layout = (char *)"bls",
		.boot_root = (char *)"/efi",
		.token = (char *)"id",
		.options = (char *)"ro",
		.own = own,
		.own_count = 1,
	};
	make(known, &wishes, &draft);
	assert_remark(&draft.notes, "2 choices x 2 kernels = 4 entries");
	known->loaders[0].kind = LOADER_SYSTEMD_BOOT;
	make(known, &wishes, &draft);
	assert_remark(&draft.notes, "2 choices x 1 kernel = 2 entries");
	selection_wishes_done(&wishes.selection);
}

/* Of several cards in one group. */
static void a_choice_goes_by_the_first_card(void **state)
{
	auto_known struct known *known = known_new("05:01.0 5 030000 10de:2204 nvidia\n"
						   "05:00.0 5 030000 10de:2204 nvidia\n"
						   "05:02.0 5 030000 10de:2204 nvidia\n"
						   "06:00.0 6 030000 10de:2204 nvidia\n");
	struct generate_wishes wishes = wishes_of(GENERATE_MULTIBOOT, "05:01.0,06:00.0");
	auto_draft struct draft draft = {0};

	(void)state;
	draft_make(known, &wishes, &draft);
	assert_text(draft.promise.choices[0].id, "hostdev-keep-0000:05:00.0");
}

static void where_nothing_can_be_chosen_that_is_told(void **state)
{
	auto_known struct known *known = known_new("05:00.0 5 030000 10de:2204 nvidia\n"
						   "05:01.0 5 030000 10de:2204 nvidia\n");
	struct generate_wishes wishes = wishes_of(GENERATE_MULTIBOOT, "05:00.0");
	auto_draft struct draft draft = {0};

	(void)state;
	draft_make(known, &wishes, &draft);
	assert_remark(&draft.refusals, "there is nothing to choose: every graphics card on which "
				       "the host could have a screen is in one group");
}

static void without_drop_ins_one_file_is_edited(void **state)
{
	auto_known struct known *known = known_new(TWO);
	struct generate_wishes wishes = wishes_of(GENERATE_MULTIBOOT, "01:00.0,02:00.0,03:00.0");
	auto_draft struct draft draft = {0};

	(void)state;
	known->boot.grub.drop_ins = false;
	known->boot.grub.update = NULL;
	known->boot.grub.defaults =
		(char *)"GRUB_DEFAULT=0\nGRUB_DEFAULT='hostdev-all>0' # hostdev-hook\nB=1";
	wishes.default_choice = "first";
	make(known, &wishes, &draft);
	assert_text(
		file_text(&draft, "/etc/default/grub"),
		"GRUB_DEFAULT=0\nB=1\nGRUB_DEFAULT='hostdev-keep-0000:01:00.0>0' # hostdev-hook\n");
	assert_text(draft.steps[draft.step_count - 1].target,
		    "menu:/usr/sbin/grub-mkconfig,-o,/boot/grub/grub.cfg");
	known->boot.grub.has_linux = false;
	make(known, &wishes, &draft);
	assert_remark(&draft.refusals, "/etc/grub.d/10_linux is missing or switched off");
	known->boot.grub.mkconfig = NULL;
	make(known, &wishes, &draft);
	assert_remark(&draft.refusals, "grub-mkconfig is not there");
	selection_wishes_done(&wishes.selection);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_for_each_card_that_stays),
		cmocka_unit_test(all_at_once_where_the_host_has_another),
		cmocka_unit_test(one_of_them_may_be_the_default),
		cmocka_unit_test(too_many_are_refused),
		cmocka_unit_test(kernels_are_counted),
		cmocka_unit_test(kernels_of_another_loader_do_not_count),
		cmocka_unit_test(a_choice_goes_by_the_first_card),
		cmocka_unit_test(where_nothing_can_be_chosen_that_is_told),
		cmocka_unit_test(without_drop_ins_one_file_is_edited),
	};

	return cmocka_run_group_tests_name("multiboot", tests, NULL, NULL);
}
