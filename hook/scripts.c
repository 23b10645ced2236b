// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * In which order the user's scripts run, what they are given, and what it means that one fails.
 */
#include "hook/scripts.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "hook/memory.h"
#include "hook/script-run.h"
#include "parsers/domain/domain.h"
#include "parsers/domain/xml.h"
#include "session/session.h"

void scripts_open(struct scripts *scripts, const char *dir, uint64_t started_ms)
{
	scripts->started_ms = started_ms;
	if (dir)
		scripts_find(dir, scripts->call->guest, scripts->operation, &scripts->list);
	if (scripts->list.count > 0)
		script_context_read(scripts->call, &scripts->context);
}

void scripts_done(struct scripts *scripts)
{
	script_list_done(&scripts->list);
	script_context_done(&scripts->context);
}

static void __attribute__((format(printf, 3, 4)))
tell(const struct scripts *scripts, enum log_level level, const char *format, ...)
{
	struct log_fields fields = {.guest = scripts->call->guest,
				    .uuid = *scripts->context.uuid ? scripts->context.uuid : NULL,
				    .duration_ms = -1};
	auto_free char *message = NULL;
	va_list args;

	va_start(args, format);
	message = xvasprintf(format, args);
	va_end(args);
	session_log_line(level, &fields, message);
}

/* --- one script --- */

struct script_log {
	const struct scripts *scripts;
	const char *name; /* "prepare/begin/10-mount" */
};

static void log_line(void *data, const char *line)
{
	const struct script_log *log = data;

	tell(log->scripts, LOG_LEVEL_INFO, "%s: %s", log->name, line);
}

struct environment {
	char **variables; /* heap, the strings are so as well; NULL-terminated */
	size_t count;
};

static void environment_done(struct environment *environment)
{
	for (size_t i = 0; i < environment->count; i++)
		free(environment->variables[i]);
	free(environment->variables);
}

static void environment_add(struct environment *environment, char *variable)
{
	array_push(environment->variables, environment->count, variable);
}

/* What libvirt gave us, with a PATH that is safe and what we know of the guest. */
static void environment_make(const struct scripts *scripts, struct environment *environment)
{
	for (char **variable = environ; variable && *variable; variable++)
		if (!text_starts(*variable, "PATH=") && !text_starts(*variable, "HOSTDEV_"))
			environment_add(environment, xstrdup(*variable));
	environment_add(environment, xstrdup("PATH=" SAFE_PATH));
	environment_add(environment, xasprintf("HOSTDEV_GUEST=%s", scripts->call->guest));
	environment_add(environment, xasprintf("HOSTDEV_UUID=%s", scripts->context.uuid));
	environment_add(environment,
			xasprintf("HOSTDEV_DEVICES=%s", scripts->context.devices.data));
	environment_add(environment, NULL);
}

/* What one may take now; 0: nothing is left of the time for the whole call. */
static unsigned int time_left_ms(const struct scripts *scripts)
{
	const struct limits *limits = &scripts->context.limits;
	uint64_t spent_ms = host_now_ms() - scripts->started_ms + SCRIPT_GRACE_MS + SCRIPT_KILL_MS;

	if (spent_ms >= limits->total_ms)
		return 0;
	if (limits->total_ms - spent_ms < limits->script_ms)
		return (unsigned int)(limits->total_ms - spent_ms);
	return limits->script_ms;
}

static int run_in_time(const struct scripts *scripts, struct script_run *run, const char *shown,
		       struct text *why)
{
	uint64_t begun_ms = host_now_ms();
	int ret;

	run->timeout_ms = time_left_ms(scripts);
	if (run->timeout_ms == 0) {
		text_printf(why, "was not run, as nothing is left of total-time");
		return -ETIMEDOUT;
	}
	tell(scripts, LOG_LEVEL_INFO, "running %s", shown);
	ret = script_run(run, why);
	if (ret == 0)
		tell(scripts, LOG_LEVEL_INFO, "%s is done in %llu ms", shown,
		     (unsigned long long)(host_now_ms() - begun_ms));
	return ret;
}

/* why: the whole sentence, without its end. */
static int run_script(const struct scripts *scripts, const struct script *script,
		      const struct text *input, struct text *output, struct text *why)
{
	const struct operation *operation = scripts->operation;
	char *argv[] = {script->path,
			(char *)scripts->call->guest,
			(char *)operation->name,
			(char *)operation->suboperation,
			(char *)scripts->extra,
			NULL};
	cleanup(environment_done) struct environment environment = {0};
	auto_free char *shown = text_escape(script->path);
	auto_free char *name = text_escape(script->path + scripts->list.prefix);
	struct script_log log = {scripts, name};
	struct script_run run = {.path = script->path,
				 .argv = argv,
				 .input = input->data,
				 .input_length = input->length,
				 .line = log_line,
				 .data = &log,
				 .output = output};

	environment_make(scripts, &environment);
	run.envp = environment.variables;
	text_printf(why, "the script %s ", shown);
	return run_in_time(scripts, &run, shown, why);
}

/* --- all of them --- */

static struct text original(const struct scripts *scripts)
{
	return (struct text){.data = scripts->call->xml, .length = scripts->call->xml_length};
}

static void log_passed_over(const struct scripts *scripts)
{
	for (size_t i = 0; i < scripts->list.count; i++)
		if (scripts->list.scripts[i].state == SCRIPT_PASSED_OVER)
			tell(scripts, LOG_LEVEL_INFO, "%s", scripts->list.scripts[i].why);
	if (scripts->context.trouble)
		tell(scripts, LOG_LEVEL_WARNING,
		     "%s; until that is mended, scripts have the usual limits of time",
		     scripts->context.trouble);
}

/* One that may not be run: none is. */
static int check_all(const struct scripts *scripts, struct text *message)
{
	for (size_t i = 0; i < scripts->list.count; i++) {
		const struct script *script = &scripts->list.scripts[i];

		if (script->state != SCRIPT_REFUSED)
			continue;
		text_printf(message, "its scripts cannot be run: %s", script->why);
		return -EPERM;
	}
	return 0;
}

/* What libvirt does about it, and what that means for the devices. */
static const char *consequence(const struct operation *operation)
{
	if (operation->scripts == SCRIPTS_BEFORE)
		return "; nothing was lent.";
	if (operation->scripts == SCRIPTS_AFTER)
		return ". What was lent for this start is returned.";
	return ".";
}

static int run_until_failure(const struct scripts *scripts, struct text *message)
{
	const struct text input = original(scripts);
	int ret = check_all(scripts, message);

	for (size_t i = 0; ret == 0 && i < scripts->list.count; i++) {
		auto_text struct text why = TEXT_INIT;

		if (scripts->list.scripts[i].state == SCRIPT_RUNS)
			ret = run_script(scripts, &scripts->list.scripts[i], &input, NULL, &why);
		if (ret < 0)
			text_printf(message, "%s", why.data);
	}
	if (ret < 0)
		text_printf(message, "%s", consequence(scripts->operation));
	return ret;
}

static void run_all(const struct scripts *scripts)
{
	const struct text input = original(scripts);

	for (size_t i = 0; i < scripts->list.count; i++) {
		const struct script *script = &scripts->list.scripts[i];
		auto_text struct text why = TEXT_INIT;

		if (script->state == SCRIPT_REFUSED)
			tell(scripts, LOG_LEVEL_ERROR, "a script is not run: %s", script->why);
		else if (script->state == SCRIPT_RUNS &&
			 run_script(scripts, script, &input, NULL, &why) < 0)
			tell(scripts, LOG_LEVEL_ERROR, "%s", why.data);
	}
}

/* Libvirt's own idea of it: blanks are nothing. */
static bool is_empty(const struct text *text)
{
	for (size_t i = 0; i < text->length; i++)
		if (!isspace((unsigned char)text->data[i]))
			return false;
	return true;
}

/* Why it is no XML, is not told: the message might quote it, and in it may be secrets. */
static int check_xml(const struct text *text, struct text *why)
{
	auto_xml struct xml_doc *doc = NULL;
	struct error err = ERROR_INIT;
	int ret = xml_read("domain XML", text->data, text->length, &doc, &err);

	if (ret == -ELIBACC)
		text_printf(why, "has written something that cannot be read: %s", err.text);
	else if (ret < 0)
		text_printf(why, "has written something that is no XML");
	return ret;
}

/* One link of the chain: takes what *xml holds and leaves there what the next one gets. */
static int run_filter(const struct scripts *scripts, const struct script *script, struct text *xml,
		      struct text *why)
{
	const struct text input = xml->data ? *xml : original(scripts);
	auto_text struct text output = TEXT_INIT;
	struct text before = *xml;
	int ret;

	if (script->state == SCRIPT_REFUSED) {
		text_printf(why, "a script cannot be run: %s", script->why);
		return -EPERM;
	}
	ret = run_script(scripts, script, &input, &output, why);
	if (ret < 0 || is_empty(&output))
		return ret;
	ret = check_xml(&output, why);
	if (ret < 0)
		return ret;
	*xml = output;
	output = before;
	return 0;
}

/*
 * All run, as libvirt has it with filters of its own, and it gets what the sound ones have made. A
 * failure is for the log alone: libvirt 11.3 deletes what was saved when "restore" is refused.
 */
static void run_filters(const struct scripts *scripts, struct text *output)
{
	auto_text struct text xml = TEXT_INIT;

	/* There is more than was read: what they made of it would be a part. */
	if (scripts->call->xml_length > DOMAIN_XML_MAX) {
		tell(scripts, LOG_LEVEL_ERROR,
		     "its XML has more than %u bytes, so no script may change it", DOMAIN_XML_MAX);
		return;
	}
	for (size_t i = 0; i < scripts->list.count; i++) {
		const struct script *script = &scripts->list.scripts[i];
		auto_text struct text why = TEXT_INIT;

		if (script->state != SCRIPT_PASSED_OVER &&
		    run_filter(scripts, script, &xml, &why) < 0)
			tell(scripts, LOG_LEVEL_ERROR, "%s; what it was to change stays as it is",
			     why.data);
	}
	if (xml.data) {
		*output = xml;
		xml = (struct text)TEXT_INIT;
	}
}

int scripts_run(struct scripts *scripts, struct text *output, struct text *message)
{
	if (scripts->list.count == 0)
		return 0;
	log_passed_over(scripts);
	switch (scripts->operation->scripts) {
	case SCRIPTS_BEFORE:
	case SCRIPTS_AFTER:
		return run_until_failure(scripts, message);
	case SCRIPTS_LOGGED:
		run_all(scripts);
		break;
	case SCRIPTS_FILTER:
		run_filters(scripts, output);
		break;
	}
	return 0;
}
