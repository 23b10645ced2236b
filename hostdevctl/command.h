/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/host.h"

struct option; /* of <getopt.h> */

/* A subcommand. The file that implements it ends with its one entry. */
struct command {
	const char *name;
	/* argv[0] is "hostdevctl NAME", for getopt. Returns the exit status. */
	int (*run)(int argc, char **argv);
	const char *synopsis; /* what follows the name on the command line */
	const char *summary;  /* one line */
	const char *help;     /* the options, a line each */
};

extern const struct command check_command, generate_command, guest_command, holders_command,
	lend_command, list_command, log_command, plan_command, recover_command, repin_command,
	report_command, return_command, set_command, status_command, xml_command;

/* The exit statuses of all commands. */
#define COMMAND_DONE 0
#define COMMAND_FAILED 1 /* or refused, or something was found to be at fault */
#define COMMAND_MISUSED 2

/* Usage, on stdout; returns COMMAND_DONE. */
int command_help(const struct command *command);

/* Prints on stderr what is wrong with the command line; COMMAND_MISUSED. command may be NULL. */
int command_misuse(const struct command *command, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Prints on stderr what failed, and, where it failed for want of permission, that sudo helps;
 * COMMAND_FAILED.
 */
int command_fail(const struct error *err);

/*
 * Opens the host below root, or this host where root is NULL, with the operations for it. *ret:
 * host_close.
 */
int command_open(const char *root, const struct host_ops *ops, struct host *ret, struct error *err);

/* Asks the question on stderr. True: the answer on stdin was yes. */
bool command_confirm(const char *question);

/* Is this root? If not, tells that only root may do what ("return devices"). */
bool command_is_root(const char *what);
/*
 * A command that changes this machine can only say of the machine below root (NULL: this one) what
 * it would do. False: told, and *ret_status is the exit status.
 */
bool command_may_look_at(const struct command *command, const char *root, bool dry_run,
			 int *ret_status);

/*
 * One line that is safe for a terminal, whatever names it holds. What is escaped in it already
 * stays as it is. Heap.
 */
char *command_escape(const char *line);

/* A line on stderr: "hostdevctl: TEXT", safe for terminals whatever names it holds. */
void command_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* An option of a command. One of flag, value and take is set, and says what becomes of it. */
struct command_option {
	const char *name;   /* without the dashes */
	char letter;        /* the short form of the option, or 0 */
	int has_argument;   /* for take, as getopt_long(3) has it */
	bool *flag;         /* set to true: the option has no argument */
	const char **value; /* set to the argument, which the option must have */
	/*
	 * Called with the argument of the option (NULL: none). If something is wrong with the
	 * option, take returns a sentence that says so (heap).
	 */
	char *(*take)(void *data, const struct command_option *option, const char *argument);
	void *data;
};

/*
 * Takes the options off the command line; options ends with an entry without a name. --help is an
 * option of each command and is not listed. What remains begins at argv[optind]. False: the command
 * is over, as its help was printed or an option is wrong, and *ret_status is its exit status.
 */
bool command_options(const struct command *command, const struct command_option *options, int argc,
		     char **argv, int *ret_status);

/*
 * getopt_long(3), but that what is wrong with an option is told in this program's words, with the
 * option that was probably meant: '?' then, for which the command ends with command_try_help.
 */
int command_getopt(const struct command *command, int argc, char **argv, const char *letters,
		   const struct option *options);

/* On stderr, where to find help; COMMAND_MISUSED. */
int command_try_help(const struct command *command);
