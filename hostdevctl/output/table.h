/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <getopt.h>

#include "hostdevctl/command.h"
#include "hostdevctl/output/output.h"

/* What a command that prints a table was asked for. */
struct table_request {
	const char *argument; /* the one that is no option; NULL: none, where it may be missing */
	const char *root;     /* --root, or NULL */
	const char *device;   /* --device, or NULL */
	const char *columns;  /* --output, or NULL; it has been chosen by */
	char **more;          /* what comes behind the argument */
	int more_count;
};

/* What a command takes beside options. */
struct table_wants {
	const char *argument; /* "one FILE or NAME"; NULL: none */
	bool optional;        /* it may be missing */
	bool more;            /* others may come behind it */
	bool device;          /* --device is an option */
	/*
	 * Options of this command alone, ended by one without a name; their val is TABLE_OPTION or
	 * more. take gets each with its argument; where it returns a text (heap), that is what is
	 * wrong with it.
	 */
	const struct option *options;
	char *(*take)(void *data, int option, const char *argument);
	void *data;
};

#define TABLE_OPTION 256

/*
 * The options that all tables have: --json, --raw, --noheadings, --output, --root, --help. False:
 * the command is over, with *ret_status.
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
