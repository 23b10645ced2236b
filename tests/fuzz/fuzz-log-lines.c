// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whatever stands in a log, each line that is understood has a message, and no more lines come than
 * were asked for.
 */
#include "tests/fuzz/fuzz.h"

#include "parsers/log-lines.h"

static void check_lines(const struct log_lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		check(lines->items[i].message != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_log_lines struct log_lines export = {0}, all = {0}, some = {0};

	log_lines_parse_export((const char *)data, size, &export);
	check_lines(&export);
	log_lines_parse_syslog((const char *)data, size, NULL, 3, &all);
	check_lines(&all);
	check(all.count <= 3);
	log_lines_parse_syslog((const char *)data, size, "win11", SIZE_MAX, &some);
	check_lines(&some);
	return 0;
}
