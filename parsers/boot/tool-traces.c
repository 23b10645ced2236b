// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * How the files of other tools are searched for their signs: which lines belong together, where a
 * comment begins, and which files a path with "*" stands for.
 */
#include "parsers/boot/tool-traces.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/host-path.h"
#include "base/text.h"

#define FILE_LIMIT (1024 * 1024)
/* What more one file has, is no news, and may be without end. */
#define TRACES_MAX 100

static void trace_done(struct tool_trace *trace)
{
	free(trace->path);
	free(trace->text);
}

void tool_traces_done(struct tool_traces *traces)
{
	for (size_t i = 0; i < traces->count; i++)
		trace_done(&traces->items[i]);
	free(traces->items);
	*traces = (struct tool_traces){0};
}

static bool has_line(const struct tool_traces *traces, const char *path, unsigned int line)
{
	for (size_t i = 0; i < traces->count; i++)
		if (traces->items[i].line == line && strcmp(traces->items[i].path, path) == 0)
			return true;
	return false;
}

static bool has_sign(const struct tool_traces *traces, const char *path,
		     const struct tool_sign *sign)
{
	for (size_t i = 0; i < traces->count; i++)
		if (traces->items[i].sign == sign && strcmp(traces->items[i].path, path) == 0)
			return true;
	return false;
}

static void add(struct tool_traces *traces, const struct tool_sign *sign, const char *path,
		unsigned int line, const char *text)
{
	array_push(traces->items, traces->count,
		   (struct tool_trace){sign, xstrdup(path), line, text_escape(text)});
}

/* --- lines --- */

/* A line with those that it goes on in, and without its comment. */
struct trace_line {
	struct text text;
	unsigned int number, last; /* of its first part and of its last */
};

static void trace_line_done(struct trace_line *line)
{
	text_done(&line->text);
}

/* A "#" begins a comment where no word has begun: "${x#y}" and "$#" are none. */
static size_t code_length(const char *at, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (at[i] == '#' && (i == 0 || isspace((unsigned char)at[i - 1])))
			return i;
	return length;
}

/* From *at on, behind the line that is there; false at the end. */
static bool trace_line_next(const char **at, const char *end, struct trace_line *line)
{
	bool goes_on = *at < end;
	bool found = goes_on;

	line->text.length = 0;
	text_append(&line->text, "", 0);
	line->number = line->last + 1;
	while (goes_on) {
		const char *newline = memchr(*at, '\n', (size_t)(end - *at));
		const char *stop = newline ? newline : end;
		size_t length = code_length(*at, (size_t)(stop - *at));

		goes_on = length > 0 && (*at)[length - 1] == '\\' && *at + length == stop &&
			  newline && newline + 1 < end;
		text_append(&line->text, *at, length - goes_on);
		if (goes_on)
			text_append(&line->text, " ", 1);
		*at = newline ? newline + 1 : end;
		line->last++;
	}
	return found;
}

/* An empty file, which is mapped nowhere, has no text either. */
static bool is_text(const char *data, size_t length)
{
	return length > 0 && !memchr(data, '\0', length);
}

/* What is looked for in a text. */
struct traces_reading {
	const char *path;
	bool is_hook;                 /* of a script */
	const struct tool_sign *sign; /* of a file that is looked at for one */
	struct tool_traces *traces;
	void (*take)(const struct traces_reading *reading, const struct trace_line *line);
};

static void read_lines(const char *data, size_t length, const struct traces_reading *reading)
{
	cleanup(trace_line_done) struct trace_line line = {.text = TEXT_INIT};
	const char *at = data;
	size_t before = reading->traces->count;

	if (!is_text(data, length))
		return;
	while (reading->traces->count - before < TRACES_MAX &&
	       trace_line_next(&at, data + length, &line))
		reading->take(reading, &line);
}

static bool matches(const struct tool_sign *sign, const struct trace_line *line)
{
	return tool_sign_matches(sign, line->text.data, line->text.length);
}

static void take_script_line(const struct traces_reading *reading, const struct trace_line *line)
{
	const struct tool_sign *sign;
	bool found = false;

	for (size_t i = 0; (sign = tool_sign_at(i)); i++) {
		bool wanted = sign->where == TOOL_SCRIPT
				      ? !found
				      : reading->is_hook && sign->where == TOOL_HOOK;

		if (!wanted || !matches(sign, line))
			continue;
		if (sign->where == TOOL_SCRIPT)
			found = true;
		else if (has_sign(reading->traces, reading->path, sign))
			continue;
		add(reading->traces, sign, reading->path, line->number, line->text.data);
	}
}

void tool_traces_script(const char *data, size_t length, const char *path, bool is_hook,
			struct tool_traces *traces)
{
	const struct traces_reading reading = {
		.path = path, .is_hook = is_hook, .traces = traces, .take = take_script_line};

	read_lines(data, length, &reading);
}

static void take_word(const char *word, size_t length, const char *path, unsigned int line,
		      struct tool_traces *traces)
{
	const struct tool_sign *sign;

	for (size_t i = 0; (sign = tool_sign_at(i)); i++) {
		auto_free char *copy = NULL;

		if (sign->where != TOOL_CMDLINE || !tool_sign_matches(sign, word, length))
			continue;
		copy = xasprintf("%.*s", (int)length, word);
		add(traces, sign, path, line, copy);
	}
}

static void take_words(const struct traces_reading *reading, const struct trace_line *line)
{
	static const char between[] = " \t\n\"'";
	const char *at = line->text.data;

	while (*(at += strspn(at, between))) {
		size_t length = strcspn(at, between);

		take_word(at, length, reading->path, line->last, reading->traces);
		at += length;
	}
}

void tool_traces_words(const char *data, size_t length, const char *path,
		       struct tool_traces *traces)
{
	const struct traces_reading reading = {.path = path, .traces = traces, .take = take_words};

	read_lines(data, length, &reading);
}

static void take_matching(const struct traces_reading *reading, const struct trace_line *line)
{
	if (matches(reading->sign, line) && !has_line(reading->traces, reading->path, line->number))
		add(reading->traces, reading->sign, reading->path, line->number, line->text.data);
}

void tool_traces_file(const char *data, size_t length, const char *path,
		      const struct tool_sign *sign, struct tool_traces *traces)
{
	const struct traces_reading reading = {
		.path = path, .sign = sign, .traces = traces, .take = take_matching};

	read_lines(data, length, &reading);
}

/* --- files --- */

/* A file is reached by several paths where /bin is a link to /usr/bin. */
struct seen {
	struct stat *items;
	size_t count;
};

static void seen_done(struct seen *seen)
{
	free(seen->items);
}

static bool seen_before(struct seen *seen, const struct stat *st)
{
	for (size_t i = 0; i < seen->count; i++)
		if (seen->items[i].st_dev == st->st_dev && seen->items[i].st_ino == st->st_ino)
			return true;
	array_push(seen->items, seen->count, *st);
	return false;
}

struct trace_search {
	const struct host *host;
	enum {
		SEARCH_SCRIPTS, /* those that hooks call */
		SEARCH_SIGN,
		SEARCH_WORDS, /* for the kernel's command line */
	} kind;
	const struct tool_sign *sign; /* of SEARCH_SIGN */
	struct seen *scripts;         /* of SEARCH_SCRIPTS */
	struct tool_traces *traces;
};

static bool is_ours(const char *path)
{
	const char *name = strrchr(path, '/');

	return name && (strstr(name, "hostdev-hook") || strstr(name, "-hostdev-"));
}

static void trace_search_file(const struct trace_search *search, const char *path)
{
	auto_free char *data = NULL;
	struct error err = ERROR_INIT;
	struct stat st;
	size_t length;

	if (is_ours(path) || host_path_stat(search->host, path, &st, &err) < 0 ||
	    !S_ISREG(st.st_mode))
		return;
	if (search->kind == SEARCH_SCRIPTS && seen_before(search->scripts, &st))
		return;
	if (search->kind == SEARCH_SIGN && !search->sign->words) {
		add(search->traces, search->sign, path, 0, "");
		return;
	}
	if (host_path_read(search->host, path, FILE_LIMIT, &data, &length, &err) < 0)
		return;
	if (search->kind == SEARCH_SIGN)
		tool_traces_file(data, length, path, search->sign, search->traces);
	else if (search->kind == SEARCH_WORDS)
		tool_traces_words(data, length, path, search->traces);
	else
		tool_traces_script(data, length, path, false, search->traces);
}

/* All that a path with "*" stands for; each round replaces the first. */
static void trace_search_path(const struct trace_search *search, const char *path)
{
	cleanup(host_free_names) char **names = NULL;
	auto_free char *folder = NULL, *pattern = NULL;
	const char *star = strchr(path, '*'), *rest, *slash = star;
	struct error err = ERROR_INIT;

	if (!star) {
		trace_search_file(search, path);
		return;
	}
	while (*slash != '/')
		slash--;
	rest = star + strcspn(star, "/");
	folder = xasprintf("%.*s", (int)(slash - path), path);
	pattern = xasprintf("%.*s", (int)(rest - slash - 1), slash + 1);
	if (host_path_list(search->host, folder, &names, &err) < 0)
		return;
	for (size_t i = 0; names[i]; i++) {
		auto_free char *found = NULL;

		/* A "*" that a name itself has is no pattern. */
		if (fnmatch(pattern, names[i], 0) != 0 || strchr(names[i], '*'))
			continue;
		found = xasprintf("%s/%s%s", folder, names[i], rest);
		trace_search_path(search, found);
	}
}

/* A word is told of where it is first found: what stands behind that is made of it. */
static void take_new(struct tool_traces *found, struct tool_traces *traces, size_t before)
{
	for (size_t i = 0; i < found->count; i++) {
		const struct tool_trace *trace = &found->items[i];
		bool is_known = false;

		for (size_t j = 0; j < before; j++)
			is_known |= traces->items[j].sign == trace->sign &&
				    strcmp(traces->items[j].path, trace->path) != 0;
		if (!is_known)
			add(traces, trace->sign, trace->path, trace->line, trace->text);
	}
}

static void read_cmdline(const struct host *host, struct tool_traces *traces)
{
	auto_tool_traces struct tool_traces found = {0};
	auto_free char *cmdline = NULL;
	size_t length;

	if (host_read_file(host, HOST_PROC, FILE_LIMIT, &cmdline, &length, NULL, "cmdline") < 0)
		return;
	tool_traces_words(cmdline, length, "/proc/cmdline", &found);
	for (size_t i = 0; i < found.count; i++)
		found.items[i].line = 0;
	take_new(&found, traces, traces->count);
}

static void read_boot_files(const struct host *host, struct tool_traces *traces)
{
	const char *path;

	for (size_t i = 0; (path = tool_cmdline_path_at(i)); i++) {
		auto_tool_traces struct tool_traces found = {0};
		struct trace_search search = {.host = host, .kind = SEARCH_WORDS, .traces = &found};

		trace_search_path(&search, path);
		take_new(&found, traces, traces->count);
	}
}

void tool_traces_read(const struct host *host, struct tool_traces *traces)
{
	cleanup(seen_done) struct seen scripts = {0};
	struct trace_search search = {
		.host = host, .kind = SEARCH_SCRIPTS, .scripts = &scripts, .traces = traces};
	const char *path;

	for (size_t i = 0; (path = tool_script_path_at(i)); i++)
		trace_search_path(&search, path);
	search.kind = SEARCH_SIGN;
	for (size_t i = 0; (search.sign = tool_sign_at(i)); i++)
		if (search.sign->where == TOOL_FILE)
			trace_search_path(&search, search.sign->path);
	read_boot_files(host, traces);
	read_cmdline(host, traces);
}
