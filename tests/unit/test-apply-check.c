// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is looked at before a set-up counts as applied: on a host whose programs say what the test
 * wants.
 */
#include "tests/host/check.h"

#include <errno.h>
#include <string.h>

#include "actions/setup/apply-check.h"
#include "base/cleanup.h"
#include "base/host-change.h"
#include "tests/host/testhost.h"
#include "tests/host/tree.h"

#define WORK "var/lib/hostdev-hook/generate/"

/* What the programs do in this test. */
static struct {
	const char *listing; /* of the image */
	const char *order;   /* of its scripts; NULL: it has no such file */
	const char *reserve; /* the list in it; NULL: it has none */
	const char *options; /* that modprobe has read */
	const char *menu;    /* NULL: none is written */
	const char *says;    /* grub-mkconfig does */
	const char *fails;   /* this program does */
	struct text ran;
} programs;

static int run(struct host *host, char *const *argv, struct text *said, struct error *err)
{
	struct testhost *machine = host->ops_data;
	const char *name = strrchr(argv[0], '/') + 1;

	for (char *const *word = argv; *word; word++)
		text_printf(&programs.ran, "%s%s", word == argv ? "" : " ", *word);
	text_printf(&programs.ran, "\n");
	if (programs.fails && strcmp(name, programs.fails) == 0) {
		text_printf(said, "line 3: what is this?\nand more\n");
		return error_set(err, EIO, "%s ended with status 2", argv[0]);
	}
	if (text_starts(name, "ls"))
		text_printf(said, "%s", programs.listing);
	if (strcmp(name, "unmkinitramfs") == 0 && programs.order)
		tree_file(machine->root_fd, WORK "image/main/scripts/init-top/ORDER", "%s",
			  programs.order);
	if (strcmp(name, "unmkinitramfs") == 0 && programs.reserve)
		tree_file(machine->root_fd, WORK "image/main/etc/hostdev-hook/reserve", "%s",
			  programs.reserve);
	if (strcmp(name, "modprobe") == 0)
		text_printf(said, "%s", programs.options);
	if (strcmp(name, "rm") == 0)
		tree_remove(machine->root_fd, argv[2] + 1);
	if (strcmp(name, "grub-mkconfig") == 0)
		text_printf(said, "%s", programs.says ? programs.says : "");
	if (strcmp(name, "grub-mkconfig") == 0 && programs.menu)
		tree_file(machine->root_fd, argv[2] + 1, "%s", programs.menu);
	return 0;
}

static int put(struct host *host, const char *path, const struct host_content *content,
	       struct error *err)
{
	return host_ops_files.file_put(host, path, content, err);
}

static const struct host_ops operations = {.file_put = put, .command_run = run};

static int fresh(void **state)
{
	struct testhost *host = testhost_new("");

	tree_dir(host->root_fd, WORK);
	host_close(&host->host);
	memset(&programs, 0, sizeof(programs));
	*state = host;
	return host_open(&host->host, host->root, &operations, host, NULL);
}

static int stale(void **state)
{
	struct testhost *host = *state;

	text_done(&programs.ran);
	testhost_free(&host);
	return 0;
}

static int look(struct testhost *host, const char *target, struct error *err)
{
	struct setup setup = {0};
	struct apply apply = {.host = &host->host, .setup = &setup};

	text_done(&programs.ran);
	return apply_check(&apply, target, err);
}

static void a_shell_reads_the_file(void **state)
{
	struct error err = ERROR_INIT;

	assert_ok(look(*state, "shell:/etc/grub.d/12_hostdev-hook", &err), &err);
	assert_text(programs.ran.data, "/bin/sh -n /etc/grub.d/12_hostdev-hook\n");
	programs.fails = "sh";
	assert_int_equal(look(*state, "shell:/etc/x", &err), -EIO);
	assert_text(err.text, "/bin/sh ended with status 2: line 3: what is this?");
}

#define BINDER "scripts/init-top/00-hostdev-hook\n"
#define VFIO "usr/lib/modules/6.12/kernel/drivers/vfio/pci/vfio-pci.ko.xz\n"
#define OURS "/scripts/init-top/00-hostdev-hook \"$@\"\n"
#define UDEV "[ -e /conf/param.conf ] && . /conf/param.conf\n/scripts/init-top/udev \"$@\"\n"

static void an_image_runs_the_binder_before_udev(void **state)
{
	struct error err = ERROR_INIT;

	programs.listing = "init\n" BINDER VFIO;
	programs.order = OURS UDEV;
	assert_ok(look(*state, "image:initramfs-tools,/boot/a,/boot/b", &err), &err);
	assert_text(programs.ran.data, "/usr/bin/lsinitramfs /boot/a\n"
				       "/bin/rm -rf /" WORK "image\n"
				       "/usr/bin/unmkinitramfs /boot/a /" WORK "image\n"
				       "/bin/rm -rf /" WORK "image\n"
				       "/usr/bin/lsinitramfs /boot/b\n");
	programs.order = UDEV OURS;
	assert_int_equal(look(*state, "image:initramfs-tools,/boot/a", &err), -EINVAL);
	assert_text(err.text, "/boot/a runs udev before the binder");
	programs.order = UDEV;
	assert_int_equal(look(*state, "image:initramfs-tools,/boot/a", &err), -EINVAL);
	assert_text(err.text, "/boot/a does not run the binder");
	programs.order = NULL;
	assert_int_equal(look(*state, "image:initramfs-tools,/boot/a", &err), -EINVAL);
	assert_text(err.text, "/boot/a does not say in which order its scripts run");
	programs.fails = "unmkinitramfs";
	assert_int_equal(look(*state, "image:initramfs-tools,/boot/a", &err), -EIO);
}

static void an_image_has_binder_and_driver(void **state)
{
	struct error err = ERROR_INIT;

	programs.order = OURS UDEV;
	programs.listing = "init\n" VFIO;
	assert_int_equal(look(*state, "image:initramfs-tools,/boot/a", &err), -EINVAL);
	assert_text(err.text, "/boot/a does not hold the binder");
	programs.listing = "init\n" BINDER;
	assert_int_equal(look(*state, "image:initramfs-tools,/boot/a", &err), -EINVAL);
	assert_text(err.text, "/boot/a does not hold vfio-pci");
	assert_ok(look(*state, "image:initramfs-tools,/boot/a=builtin", &err), &err);
	programs.listing = "usr/lib/hostdev-hook/binder\n" VFIO;
	assert_int_equal(look(*state, "image:dracut,/boot/a", &err), -EINVAL);
	programs.listing = "usr/lib/hostdev-hook/binder\n"
			   "var/lib/dracut/hooks/pre-udev/05-hostdev-hook.sh\n" VFIO;
	assert_ok(look(*state, "image:dracut,/boot/a", &err), &err);
	assert_ok(look(*state, "image:mkinitcpio,/boot/a", &err), &err);
	programs.fails = "lsinitrd";
	assert_int_equal(look(*state, "image:dracut,/boot/a", &err), -EIO);
	assert_contains(err.text, "/usr/bin/lsinitrd ended with status 2: and more");
	assert_int_equal(look(*state, "image:booster,/boot/a", &err), -EINVAL);
}

/* A kernel of which nothing is expected, such as one for clouds, has the binder all the same. */
static void an_image_of_a_kernel_without_the_driver_is_fine(void **state)
{
	struct error err = ERROR_INIT;

	programs.order = OURS UDEV;
	programs.listing = "init\n" BINDER;
	assert_ok(look(*state, "image:initramfs-tools,/boot/a=without", &err), &err);
	assert_int_equal(look(*state, "image:initramfs-tools,/boot/a=without,/boot/b", &err),
			 -EINVAL);
	assert_text(err.text, "/boot/b does not hold vfio-pci");
	programs.listing = "init\n";
	assert_int_equal(look(*state, "image:initramfs-tools,/boot/a=without", &err), -EINVAL);
	assert_text(err.text, "/boot/a does not hold the binder");
}

#define RESERVE "etc/hostdev-hook/reserve"
#define OPTIONS "etc/modprobe.d/hostdev-hook.conf"

static void an_image_holds_what_it_is_to_know(void **state)
{
	static const char target[] =
		"image:initramfs-tools,holds=" RESERVE ",holds=" OPTIONS ",/boot/a";
	struct testhost *host = *state;
	struct error err = ERROR_INIT;

	programs.order = OURS UDEV;
	programs.listing = BINDER VFIO;
	assert_int_equal(look(host, target, &err), -EINVAL);
	assert_text(err.text, "/boot/a does not hold /" RESERVE);
	programs.listing = BINDER VFIO RESERVE "\n";
	assert_int_equal(look(host, target, &err), -EINVAL);
	assert_text(err.text, "/boot/a does not hold /" OPTIONS);
	programs.listing = BINDER VFIO RESERVE "\n" OPTIONS "\n";
	assert_ok(look(host, target, &err), &err);
	/* One that an earlier set-up has put there. */
	tree_file(host->root_fd, RESERVE, "new\n");
	programs.reserve = "old\n";
	assert_int_equal(look(host, target, &err), -EINVAL);
	assert_text(err.text,
		    "/boot/a holds another /" RESERVE " than the host: it was not built anew");
	programs.reserve = "new\n";
	assert_ok(look(host, target, &err), &err);
}

static void modprobe_must_read_the_options(void **state)
{
	static const char target[] = "options:/" OPTIONS;
	struct testhost *host = *state;
	struct error err = ERROR_INIT;

	tree_file(host->root_fd, OPTIONS, "# ours\n\noptions vfio-pci ids=10de:2204,10de:1aef\n");
	programs.options = "alias a b-c\noptions vfio_pci ids=10de:2204,10de:1aef\n# End\n";
	assert_ok(look(host, target, &err), &err);
	assert_text(programs.ran.data, "/sbin/modprobe -c\n");
	programs.options = "options vfio_pci ids=10de:2204,10de:1aef,8086:1533\n";
	assert_int_equal(look(host, target, &err), -EINVAL);
	programs.options = "options vfio_pci ids=10de:2204\n";
	assert_int_equal(look(host, target, &err), -EINVAL);
	assert_text(err.text, "modprobe does not read the options of /" OPTIONS " (modprobe -c)");
	programs.options = "";
	assert_int_equal(look(host, target, &err), -EINVAL);
	programs.fails = "modprobe";
	assert_int_equal(look(host, target, &err), -EIO);
}

static void menus_are_written_and_forgotten(void **state)
{
	struct testhost *host = *state;
	struct error err = ERROR_INIT;

	programs.menu = "menuentry\n";
	assert_ok(look(host, "menu-base:/usr/sbin/grub-mkconfig", &err), &err);
	assert_text(programs.ran.data, "/usr/sbin/grub-mkconfig -o /" WORK "menu-base\n");
	assert_ok(look(host, "menu:/usr/sbin/grub-mkconfig", &err), &err);
	assert_false(tree_exists(host->root_fd, WORK "menu-base"));
	assert_false(tree_exists(host->root_fd, WORK "menu-new"));
	/* There is nothing to compare with. */
	assert_int_equal(look(host, "menu:/usr/sbin/grub-mkconfig", &err), -ENOENT);
	assert_ok(look(host, "menu-base:/usr/sbin/grub-mkconfig", &err), &err);
	programs.menu = NULL;
	assert_int_equal(look(host, "menu:/usr/sbin/grub-mkconfig", &err), -ENOENT);
	assert_text(err.text, "grub-mkconfig has written no menu");
	programs.menu = "menuentry\n";
	assert_ok(look(host, "menu-base:/usr/sbin/grub-mkconfig", &err), &err);
	programs.menu = "other\n";
	assert_int_equal(look(host, "menu:/usr/sbin/grub-mkconfig", &err), -EINVAL);
	assert_contains(err.text, "what others have in the boot menu would change at \"other\"");
	assert_false(tree_exists(host->root_fd, WORK "menu-base"));
}

static void what_our_script_says_is_handed_on(void **state)
{
	struct testhost *host = *state;
	struct setup setup = {.mode = (char *)"multiboot"};
	struct apply apply = {.host = &host->host, .setup = &setup};
	struct error err = ERROR_INIT;

	setup_add_choice(&setup, xstrdup("hostdev-all"), xstrdup("hostdev.guest=x"));
	programs.menu = "menuentry\n";
	assert_ok(apply_check(&apply, "menu-base:/usr/sbin/grub-mkconfig", &err), &err);
	programs.says = "Found linux image\nhostdev-hook: line 3 is not understood\ndone\n";
	assert_int_equal(apply_check(&apply, "menu:/usr/sbin/grub-mkconfig", &err), -EINVAL);
	assert_text(err.text, "hostdev-all is not in the boot menu: hostdev-hook: line 3 is not "
			      "understood");
	setup.mode = NULL;
	setup_done(&setup);
}

#define OURS_IN_MENU                                                                               \
	"### BEGIN /etc/grub.d/12_hostdev-hook ###\nmenuentry 'ours' {\n}\n"                       \
	"### END /etc/grub.d/12_hostdev-hook ###\n"
#define SETS "set default=\"${saved_entry}\"\n"
#define OTHER "menuentry 'other' {\n}\n"

static void the_entry_that_is_started_by_itself_stays(void **state)
{
	struct testhost *host = *state;
	struct error err = ERROR_INIT;

	for (int saved = 0; saved < 2; saved++) {
		tree_file(host->root_fd, "boot/grub/grubenv", "saved_entry=%d\n", saved);
		programs.menu = SETS "menuentry 'first' {\n}\n" OTHER;
		assert_ok(look(host, "menu-base:/usr/sbin/grub-mkconfig", &err), &err);
		programs.menu = SETS "menuentry 'first' {\n}\n" OURS_IN_MENU OTHER;
		assert_int_equal(
			look(host, "menu:/usr/sbin/grub-mkconfig,/boot/grub/grub.cfg", &err),
			saved == 0 ? 0 : -EINVAL);
	}
	assert_contains(err.text, "GRUB would start \"menuentry 'ours' {\" by itself");
}

static void what_a_check_that_was_cut_short_has_left_goes(void **state)
{
	struct testhost *host = *state;
	struct apply apply = {.host = &host->host};

	tree_file(host->root_fd, WORK "menu-base", "%s", "");
	tree_file(host->root_fd, WORK "menu-new", "%s", "");
	tree_file(host->root_fd, WORK "image/init", "%s", "");
	apply_check_forget(&apply);
	assert_false(tree_exists(host->root_fd, WORK "menu-base"));
	assert_false(tree_exists(host->root_fd, WORK "menu-new"));
	assert_false(tree_exists(host->root_fd, WORK "image"));
	text_done(&programs.ran);
	apply_check_forget(&apply);
	assert_null(programs.ran.data);
}

static int look_for_images(struct testhost *host, const char *target)
{
	const struct step step = {.kind = STEP_CHECK,
				  .target = xstrdup(target),
				  .before = xstrdup("open"),
				  .after = xstrdup("passed"),
				  .why = xstrdup("x")};
	struct setup setup = {0};
	const struct apply apply = {.host = &host->host, .setup = &setup};
	int result;

	setup_add_step(&setup, &step);
	result = apply_check_images_there(&apply, NULL);
	setup_done(&setup);
	return result;
}

/* A check that names none was made where none was found. */
static void what_is_not_there_is_not_free(void **state)
{
	static const char *const targets[] = {"image:initramfs-tools", "image:dracut,holds=x",
					      "image:mkinitcpio,/boot/a,/boot/b=without"};
	struct testhost *host = *state;

	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++) {
		assert_int_equal(look_for_images(host, targets[i]), -ENXIO);
		tree_file(host->root_fd, i == 2 ? "boot/b" : "boot/initrd", "x");
		assert_int_equal(look_for_images(host, targets[i]), 0);
		tree_remove(host->root_fd, "boot");
		tree_dir(host->root_fd, "boot");
	}
	assert_int_equal(look_for_images(host, "shell:/x"), 0);
}

static void what_nobody_knows_is_refused(void **state)
{
	static const char *const unknown[] = {"", "shell", "rubbish:x", "SHELL:x"};

	for (size_t i = 0; i < sizeof(unknown) / sizeof(*unknown); i++) {
		struct error err = ERROR_INIT;

		assert_int_equal(look(*state, unknown[i], &err), -EINVAL);
		assert_contains(err.text, "is nothing that can be checked");
	}
}

#define ON_HOST(name) cmocka_unit_test_setup_teardown(name, fresh, stale)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_HOST(a_shell_reads_the_file),
		ON_HOST(an_image_runs_the_binder_before_udev),
		ON_HOST(an_image_has_binder_and_driver),
		ON_HOST(an_image_of_a_kernel_without_the_driver_is_fine),
		ON_HOST(an_image_holds_what_it_is_to_know),
		ON_HOST(modprobe_must_read_the_options),
		ON_HOST(menus_are_written_and_forgotten),
		ON_HOST(what_our_script_says_is_handed_on),
		ON_HOST(the_entry_that_is_started_by_itself_stays),
		ON_HOST(what_a_check_that_was_cut_short_has_left_goes),
		ON_HOST(what_is_not_there_is_not_free),
		ON_HOST(what_nobody_knows_is_refused),
	};

	return cmocka_run_group_tests_name("apply-check", tests, NULL, NULL);
}
