/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "hostdevctl/command.h"
#include "hostdevctl/output/output.h"

/* What the user has asked a command for that prints a table. */
struct table_request {
	const char *argument; /* the first word that is no option, or NULL */
	const char *root;     /* the value of --root, or NULL */
	const char *columns;  /* the value of --output, or NULL; the columns are chosen already */
	char **more;          /* the words behind the argument; not owned */
	int more_count;
};

/* What a command that prints a table takes beside the options of all tables. */
struct table_wants {
	const char *argument; /* what the argument may be, for a message; NULL: it takes none */
	bool optional;        /* the argument may be missing */
	bool more;            /* further words may follow the argument */
	const struct command_option *options; /* of this command alone; NULL: none */
};

/*
 * Parses the command line. The options of all tables are --json, --raw, --noheadings, --output,
 * --root and --help. False: the command is over, and *ret_status is its exit status.
 */
bool table_options(const struct command *command, int argc, char **argv,
		   const struct table_wants *wants, struct output *output,
		   struct table_request *ret, int *ret_status);

/* Rows as they are collected: heap strings, column_count for each row. */
struct table_rows {
	char **cells;
	size_t count, column_count;
};

void table_rows_done(struct table_rows *rows);
/* The new row's cells, all NULL; valid until the next is added. */
char **table_rows_add(struct table_rows *rows);
