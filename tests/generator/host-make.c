// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host-make HOST DIR - makes the machine that the text HOST describes (tests/host/machine.h) as a
 * tree DIR, for programs that take --root.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "tests/host/testhost.h"

static char *read_file(const char *path)
{
	auto_text struct text text = TEXT_INIT;
	auto_fclose FILE *file = fopen(path, "re");
	char buffer[4096];
	size_t length;

	while (file && (length = fread(buffer, 1, sizeof(buffer), file)) > 0)
		text_append(&text, buffer, length);
	return file ? steal(&text.data) : NULL;
}

int main(int argc, char **argv)
{
	auto_free char *text = argc == 3 ? read_file(argv[1]) : NULL;
	auto_testhost struct testhost *host = NULL;
	auto_free char *command = NULL;

	if (!text) {
		fprintf(stderr, "usage: host-make HOST DIR\n");
		return 2;
	}
	host = testhost_new(text);
	/* The tree ends with the test host; what stays is a copy, links as they are. */
	command = xasprintf("cp -a '%s' '%s'", host->root, argv[2]);
	return system(command) == 0 ? 0 : 1; // NOLINT(cert-env33-c): a test's own words
}
