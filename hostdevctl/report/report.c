// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * hostdevctl report: one file about this host for a forum or an issue, in which nothing tells whose
 * host it is. What it says of itself, and how the file is written.
 */
#include "hostdevctl/report/report.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "hostdevctl/command.h"

#define USUAL_FILE "hostdev-report.txt"

struct report_request {
	const char *output; /* "-": stdout */
	char *root;         /* heap; absolute, or NULL */
	bool yes;
};

static bool is_record(const struct report_part *part)
{
	return strcmp(part->title, REPORT_RECORD) == 0;
}

/* --- what is in it --- */

static const char *const kind_words[DISGUISE_KINDS][2] = {
	[DISGUISE_HOST] = {"name of a host", "names of hosts"},
	[DISGUISE_USER] = {"name or folder of a user", "names or folders of users"},
	[DISGUISE_PLACE] = {"mount point", "mount points"},
	[DISGUISE_INTERFACE] = {"name of a network interface", "names of network interfaces"},
	[DISGUISE_SERIAL] = {"serial number", "serial numbers"},
	[DISGUISE_DISK] = {"name of a disk", "names of disks"},
	[DISGUISE_UUID] = {"UUID", "UUIDs"},
	[DISGUISE_MAC] = {"MAC address", "MAC addresses"},
	[DISGUISE_ADDRESS] = {"IP address", "IP addresses"},
	[DISGUISE_SECRET] = {"password", "passwords"},
};

static size_t line_count(const char *text)
{
	size_t count = 0;

	for (; (text = strchr(text, '\n')); text++)
		count++;
	return count;
}

static void tell_replaced(const struct disguise *disguise, FILE *out)
{
	const char *gap = " ";

	fprintf(out, "Replaced by made-up ones, each by the same everywhere:");
	for (int kind = 0; kind < DISGUISE_KINDS; kind++) {
		size_t count = disguise_count(disguise, (enum disguise_kind)kind);

		if (count == 0)
			continue;
		fprintf(out, "%s%zu %s", gap, count, kind_words[kind][count > 1]);
		gap = ", ";
	}
	fprintf(out, "%s.\n", *gap == ' ' ? " nothing" : "");
}

/* These are told here, and nowhere in the report. */
static void tell_kept(const struct disguise *disguise, FILE *out)
{
	for (size_t i = 0; i < disguise->count; i++) {
		auto_free char *safe = text_escape(disguise->names[i].secret);

		if (disguise->names[i].kept)
			fprintf(out,
				"The name %s is not replaced: programs or drivers have it, too.\n",
				safe);
	}
}

static void tell_contents(const struct report *report, const struct disguise *disguise, FILE *out)
{
	fprintf(out, "The report holds:\n");
	for (size_t i = 0; i < report->count; i++) {
		const struct report_part *part = &report->parts[i];
		size_t lines = line_count(part->text);

		if (part->missing)
			fprintf(out, "  %-20s missing\n", part->title);
		else
			fprintf(out, "  %-20s %zu line%s\n", part->title, lines,
				lines == 1 ? "" : "s");
	}
	tell_replaced(disguise, out);
	tell_kept(disguise, out);
	fprintf(out, "Names of guests, programs and devices are not replaced. Read the report "
		     "before you show it to others.\n");
}

/* --- the text --- */

static const char introduction[] =
	"hostdev-hook report 1\n\n"
	"\"hostdevctl report\" has written this about a host. Names of the host and of its users,\n"
	"serial numbers, UUIDs, MAC and IP addresses and names of disks are made up, and the same\n"
	"everywhere in here. Names of guests, programs and devices are not.\n";

/* Users are called as the distribution, too. */
static bool holds_no_names(const struct report_part *part)
{
	return !part->missing && (is_record(part) || strcmp(part->title, REPORT_VERSIONS) == 0);
}

/* What the record holds was made up when it was recorded, and is read by programs. */
static void disguise_prepare(const struct host *host, const struct report *report,
			     struct disguise *disguise)
{
	report_names(host, disguise);
	for (size_t i = 0; i < report->count; i++)
		if (!is_record(&report->parts[i]))
			disguise_learn(disguise, report->parts[i].text);
	for (size_t i = 0; i < report->count; i++)
		if (holds_no_names(&report->parts[i]))
			disguise_keep_words(disguise, report->parts[i].text);
}

static void write_text(const struct report *report, struct disguise *disguise, struct text *out)
{
	text_append(out, introduction, strlen(introduction));
	for (size_t i = 0; i < report->count; i++) {
		const struct report_part *part = &report->parts[i];

		text_printf(out, "\n=== %s ===\n", part->title);
		if (is_record(part))
			text_append(out, part->text, strlen(part->text));
		else
			disguise_text(disguise, part->text, out);
		if (!text_ends(out->data, "\n"))
			text_append(out, "\n", 1);
	}
}

/* --- the file --- */

static char *folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return !slash          ? xstrdup(".")
	       : slash == path ? xstrdup("/")
			       : xasprintf("%.*s", (int)(slash - path), path);
}

/* True: it may be written. */
static bool may_write(const struct report_request *request)
{
	auto_free char *folder = folder_of(request->output), *question = NULL;
	struct stat st;

	if (strcmp(request->output, "-") == 0)
		return true;
	if (stat(folder, &st) < 0) {
		command_note("%s: %s, and nothing was written: name a file in a folder that is "
			     "there with --output",
			     folder, strerror(errno));
		return false;
	}
	if (lstat(request->output, &st) < 0)
		return true;
	if (!S_ISREG(st.st_mode)) {
		command_note("%s is no regular file, and nothing was written: name another file "
			     "with --output",
			     request->output);
		return false;
	}
	if (request->yes)
		return true;
	if (!isatty(STDIN_FILENO)) {
		command_note("%s is there already, and nothing was written: name another file "
			     "with --output, or overwrite this file with --yes",
			     request->output);
		return false;
	}
	question = xasprintf("%s is there already. Overwrite it?", request->output);
	if (command_confirm(question))
		return true;
	command_note("nothing was written");
	return false;
}

/* Who has the folder is to read the report without sudo: it holds nothing that is root's alone. */
static void give_to_owner(const char *path, int fd)
{
	auto_free char *folder = folder_of(path);
	struct stat st;

	if (geteuid() == 0 && stat(folder, &st) == 0 && fchown(fd, st.st_uid, st.st_gid) < 0)
		command_note("%s stays root's: %s", path, strerror(errno));
}

static int write_all(int fd, const struct text *text)
{
	for (size_t done = 0; done < text->length;) {
		ssize_t length = write(fd, text->data + done, text->length - done);

		if (length < 0 && errno != EINTR)
			return -errno;
		if (length > 0)
			done += (size_t)length;
	}
	return fsync(fd) < 0 && errno != EINVAL ? -errno : 0;
}

/* Beside it first: a report that was there stays whole until this one is. */
static int write_file(const char *path, const struct text *text, struct error *err)
{
	auto_free char *draft = xasprintf("%s.XXXXXX", path);
	auto_close int fd = mkostemp(draft, O_CLOEXEC);
	int ret;

	if (fd < 0)
		return error_errno(err, errno, "create %s", path);
	give_to_owner(path, fd);
	ret = write_all(fd, text);
	if (ret == 0 && rename(draft, path) < 0)
		ret = -errno;
	if (ret == 0)
		return 0;
	unlink(draft);
	return error_errno(err, -ret, "write %s", path);
}

/* --- the command --- */

static void tell_missing(const struct report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		const char *why = report->parts[i].text + strlen(REPORT_MISSING);

		if (report->parts[i].missing)
			command_note("the report has no part \"%s\": %.*s", report->parts[i].title,
				     (int)strcspn(why, "\n"), why);
	}
}

static int make(const struct host *host, const struct report_request *request)
{
	cleanup(report_done) struct report report = {0};
	auto_disguise struct disguise disguise = {0};
	auto_text struct text text = TEXT_INIT;
	bool to_stdout = strcmp(request->output, "-") == 0;
	struct error err = ERROR_INIT;

	if (isatty(STDERR_FILENO))
		fprintf(stderr, "Looking at the host takes some seconds.\n");
	report_collect(host, request->root, &report);
	disguise_prepare(host, &report, &disguise);
	write_text(&report, &disguise, &text);
	tell_missing(&report);
	if (!to_stdout || isatty(STDERR_FILENO))
		tell_contents(&report, &disguise, to_stdout ? stderr : stdout);
	if (to_stdout) {
		fwrite(text.data, 1, text.length, stdout);
		return COMMAND_DONE;
	}
	if (write_file(request->output, &text, &err) < 0)
		return command_fail(&err);
	printf("The report is in %s.\n", request->output);
	return COMMAND_DONE;
}

static int show(const struct report_request *request)
{
	cleanup(host_close) struct host host = {0};
	struct error err = ERROR_INIT;

	if (!request->root && !command_is_root("see all that belongs in a report"))
		return COMMAND_FAILED;
	if (command_open(request->root, &host_ops_readonly, &host, &err) < 0)
		return command_fail(&err);
	if (!may_write(request))
		return COMMAND_FAILED;
	return make(&host, request);
}

static int report_run(int argc, char **argv)
{
	struct report_request request = {.output = USUAL_FILE};
	const char *root = NULL;
	const struct command_option options[] = {
		{"output", 'o', .value = &request.output},
		{"yes", 'y', .flag = &request.yes},
		{"root", .value = &root},
		{0},
	};
	int status;

	if (!command_options(&report_command, options, argc, argv, &status))
		return status;
	if (optind < argc)
		return command_misuse(&report_command, "report takes no argument but its options");
	if (!*request.output)
		return command_misuse(&report_command, "--output takes the name of a file, or -");
	/* The programs that look at it are started somewhere else. */
	if (root && !(request.root = realpath(root, NULL))) {
		command_note("%s: %s", root, strerror(errno));
		return COMMAND_FAILED;
	}
	status = show(&request);
	free(request.root);
	return status;
}

const struct command report_command = {
	.name = "report",
	.run = report_run,
	.synopsis = "[OPTION...]",
	.summary = "write a file about this host that you can show to others",
	.help = "The file holds what list, check, status and log say, versions, the words of the "
		"kernel,\n"
		"and a record of the host. Names of the host, users and disks, serial numbers, "
		"UUIDs,\n"
		"MAC and IP addresses in it are replaced by made-up ones.\n\n"
		"  -o, --output FILE  write FILE, or with - stdout (" USUAL_FILE ")\n"
		"  -y, --yes          overwrite FILE without a question\n"
		"      --root DIR     look at the machine below DIR\n"
		"  -h, --help         this text\n",
};
