// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Initramfs images, sound and broken ones: what their names tell, and that looking comes to an end.
 */
#include "tests/host/check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/host-path.h"
#include "base/text.h"
#include "parsers/boot/boot-image.h"
#include "tests/host/testhost.h"
#include "tests/host/tree.h"

#define PATH "boot/initrd"

static struct boot_image read_image(struct testhost *host)
{
	struct boot_source source = {.host = &host->host};
	struct boot_image image;

	boot_image_read(&source, "/" PATH, &image);
	assert_int_equal(source.failure.code, 0);
	return image;
}

static struct boot_image read_names(const char *names)
{
	auto_free char *text = xasprintf("cpio " PATH "\n\t%s\n", names);
	auto_testhost struct testhost *host = testhost_new(text);

	return read_image(host);
}

static struct boot_image read_bytes(const char *data, size_t length)
{
	auto_testhost struct testhost *host = testhost_new("dir boot\n");

	tree_bytes(host->root_fd, PATH, data, length);
	return read_image(host);
}

static void names_tell_who_built_it(void **state)
{
	(void)state;
	assert_true(read_names("scripts/init-top/ORDER").names[INITRAMFS_TOOLS]);
	assert_true(read_names("./usr/lib/dracut/hooks").names[INITRAMFS_DRACUT]);
	assert_true(read_names("/buildconfig").names[INITRAMFS_MKINITCPIO]);
	assert_true(read_names("etc/booster.init.yaml").names[INITRAMFS_BOOSTER]);
	assert_false(read_names("usr/scripts/init-top").names[INITRAMFS_TOOLS]);
	assert_true(read_names("early_cpio").early);
	assert_false(read_names("early_cpio2").early);
	assert_true(read_names("kernel").known);
	assert_true(read_names("kernel/x86/microcode/GenuineIntel.bin").microcode);
	assert_false(read_names("kernel/x86/microcode").microcode);
}

static void broken_images_are_not_known(void **state)
{
	static const char zeros[8192];
	char header[200];

	(void)state;
	assert_false(read_bytes("", 0).known);
	assert_false(read_bytes("\x1f\x8b\x08", 3).known);
	assert_false(read_bytes(zeros, sizeof(zeros)).known);
	memset(header, 'f', sizeof(header));
	for (size_t i = 0; i < 6; i++)
		header[i] = "070701"[i];
	/* Sizes of 4 GiB lead far behind its end. */
	assert_true(read_bytes(header, sizeof(header)).known);
	assert_false(read_bytes(header, 109).known);
	header[60] = 'g';
	assert_false(read_bytes(header, sizeof(header)).known);
}

/* A second archive behind the first one and its padding. */
static void what_follows_is_looked_at(void **state)
{
	auto_testhost struct testhost *host = testhost_new("cpio " PATH "\n\tearly_cpio\n"
							   "cpio second\n\tusr/lib/dracut\n");
	int first = openat(host->root_fd, PATH, O_WRONLY | O_APPEND | O_CLOEXEC);
	auto_free char *data = NULL;
	size_t length = 0;
	struct boot_image image;

	(void)state;
	assert_ok(host_path_read(&host->host, "/second", 100000, &data, &length, NULL),
		  &(struct error)ERROR_INIT);
	/* The mark of what is compressed goes, and padding comes. */
	assert_int_equal(ftruncate(first, 512), 0);
	assert_int_equal(ftruncate(first, 512 + 9000 / 512 * 512), 0);
	assert_int_equal(write(first, data, length), (ssize_t)length);
	close(first);
	image = read_image(host);
	assert_true(image.early && image.names[INITRAMFS_DRACUT]);
}

static void no_image_is_no_failure(void **state)
{
	auto_testhost struct testhost *host = testhost_new("dir boot/initrd\n");

	(void)state;
	assert_false(read_image(host).known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_tell_who_built_it),
		cmocka_unit_test(broken_images_are_not_known),
		cmocka_unit_test(what_follows_is_looked_at),
		cmocka_unit_test(no_image_is_no_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
