// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which scripts are taken for ones that call libvirt.
 */
#include "tests/host/check.h"

#include <stdio.h>
#include <string.h>

#include "parsers/libvirt/script.h"

static void assert_call(const char *text, unsigned int line, const char *word)
{
	struct script_call call = {0};

	printf("%s\n", text);
	assert_true(script_calls_libvirt(text, strlen(text), &call));
	assert_int_equal(call.line, line);
	assert_string_equal(call.word, word);
}

static void assert_no_call(const char *text, size_t length)
{
	struct script_call call;

	printf("%s\n", text);
	assert_false(script_calls_libvirt(text, length, &call));
}

#define ASSERT_NO_CALL(text) assert_no_call(text, sizeof(text) - 1)

static void calls_are_found(void **state)
{
	(void)state;
	assert_call("virsh list", 1, "virsh");
	assert_call("#!/bin/sh\n\n/usr/bin/virsh list", 3, "virsh");
	assert_call("state=$(virsh domstate x)", 1, "virsh");
	assert_call("x=`virsh list`\n", 1, "virsh");
	assert_call("true&&virsh list;true", 1, "virsh");
	assert_call("subprocess.run(['virsh', 'list'])", 1, "virsh");
	assert_call("echo a#b; virt-clone", 1, "virt-clone");
	assert_call("  import libvirt", 1, "libvirt");
	assert_call("from libvirt import open", 1, "libvirt");
	assert_call("import os, libvirt", 1, "libvirt");
	assert_call("use Sys::Virt;", 1, "Sys::Virt");
	assert_call("virsh", 1, "virsh");
	assert_call("virsh list\nvirt-xml x", 1, "virsh");
}

static void what_is_none_is_not(void **state)
{
	(void)state;
	ASSERT_NO_CALL("");
	ASSERT_NO_CALL("\n");
	ASSERT_NO_CALL("# virsh list");
	ASSERT_NO_CALL("true # virsh list\n\t# virsh\n");
	ASSERT_NO_CALL("my-virsh list; virsh2; virsh.conf; virsh-wrapper");
	ASSERT_NO_CALL("systemctl restart libvirtd; ls /var/lib/libvirt; libvirt");
	ASSERT_NO_CALL("important libvirt");
	/* A program that is no script. */
	ASSERT_NO_CALL("\x7f"
		       "ELF\0virsh\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_are_found),
		cmocka_unit_test(what_is_none_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
