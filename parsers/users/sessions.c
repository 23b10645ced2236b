// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The files of /run/systemd/{seats,sessions,users}: their keys, and which of them answers what.
 * libsystemd reads the same files, and nothing else, to tell the same.
 * Tests: model/test-survey.c, model/test-cases.c.
 */
#include "parsers/users/sessions.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"

#define FILE_LIMIT (64 * 1024)

/* The value of a line KEY=VALUE, which may be quoted; heap or NULL. */
static char *value_of(const char *text, const char *key)
{
	size_t length = strlen(key);

	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, length) == 0 && line[length] == '=') {
			const char *value = line + length + 1;

			value += *value == '"';
			return xasprintf("%.*s", (int)strcspn(value, "\"\n"), value);
		}
	}
	return NULL;
}

/* Ids go into paths. */
static bool id_is_valid(const char *id)
{
	const char *at = id;

	while (isalnum((unsigned char)*at))
		at++;
	return at != id && !*at && strlen(id) < 64;
}

static char *read_record(const struct host *host, const char *kind, const char *id)
{
	char *text = NULL;

	if (id_is_valid(id) && host_read_file(host, HOST_RUN, FILE_LIMIT, &text, NULL, NULL,
					      "systemd/%s/%s", kind, id) < 0)
		return NULL;
	return text;
}

/* One value of one record; heap or NULL. */
static char *read_value(const struct host *host, const char *kind, const char *id, const char *key)
{
	auto_free char *text = read_record(host, kind, id);

	return text ? value_of(text, key) : NULL;
}

static bool record_is_active(const char *text)
{
	auto_free char *active = value_of(text, "ACTIVE");
	auto_free char *state = value_of(text, "STATE");

	return text_equal(active, "1") || text_equal(state, "active");
}

bool session_is_active(const struct host *host, const char *id)
{
	auto_free char *text = read_record(host, "sessions", id);

	return text && record_is_active(text);
}

char *session_value(const struct host *host, const char *id, const char *key)
{
	return read_value(host, "sessions", id, key);
}

bool session_lives(const struct host *host, const char *id)
{
	auto_free char *state = read_value(host, "sessions", id, "STATE");

	return text_equal(state, "online") || text_equal(state, "active");
}

static char *read_user(const struct host *host, uid_t uid, const char *key)
{
	auto_free char *id = xasprintf("%u", (unsigned int)uid);

	return read_value(host, "users", id, key);
}

char *session_of_user(const struct host *host, uid_t uid)
{
	char *id = read_user(host, uid, "DISPLAY");

	if (id && id_is_valid(id))
		return id;
	free(id);
	return NULL;
}

char *session_user_name(const struct host *host, uid_t uid)
{
	return read_user(host, uid, "NAME");
}

static bool is_graphical(const char *type)
{
	return text_equal(type, "x11") || text_equal(type, "wayland") || text_equal(type, "mir");
}

char *session_on_screen(const struct host *host, bool *ret_known)
{
	cleanup(host_free_names) char **seats = NULL;

	*ret_known = host_list(host, HOST_RUN, &seats, NULL, NULL, "systemd/seats") == 0;
	for (size_t i = 0; seats && seats[i]; i++) {
		auto_free char *id = read_value(host, "seats", seats[i], "ACTIVE");
		auto_free char *type = id ? read_value(host, "sessions", id, "TYPE") : NULL;

		if (is_graphical(type))
			return steal(&id);
	}
	return NULL;
}

/* --- in text --- */

void text_session_done(struct text_session *session)
{
	free(session->user);
	free(session->terminal);
	memset(session, 0, sizeof(*session));
}

int sessions_list(const struct host *host, char ***ret)
{
	return host_list(host, HOST_RUN, ret, NULL, NULL, "systemd/sessions");
}

/* "user", "user-early", "user-light", ...; older releases wrote none down. */
static bool is_somebody(const char *text)
{
	auto_free char *class = value_of(text, "CLASS");
	auto_free char *state = value_of(text, "STATE");

	return (!class || text_starts(class, "user")) && !text_equal(state, "closing");
}

/* Not a pseudo-terminal, behind which is another machine or another window. */
static char *terminal_of(const char *text)
{
	auto_free char *tty = value_of(text, "TTY");
	auto_free char *vt = value_of(text, "VTNR");
	auto_free char *seat = value_of(text, "SEAT");
	const char *name = tty && text_starts(tty, "/dev/") ? tty + strlen("/dev/") : tty;

	if (name && text_starts(name, "tty"))
		return xstrdup(name);
	if (vt && *vt && strcmp(vt, "0") != 0)
		return xasprintf("tty%s", vt);
	/* Only the first seat has terminals that are drawn on the kernel's console. */
	return text_equal(seat, "seat0") ? xstrdup(seat) : NULL;
}

/* It may be a login anywhere. */
static bool may_be_text(const char *id, struct text_session *ret)
{
	ret->user = xasprintf("perhaps somebody (session %s cannot be read)", id);
	return true;
}

bool session_read_text(const struct host *host, const char *id, struct text_session *ret)
{
	auto_free char *text = NULL, *type = NULL;
	char *user;
	int result;

	/* What logind tells programs by, a pipe for each session, stands beside them. */
	if (!id_is_valid(id))
		return false;
	result = host_read_file(host, HOST_RUN, FILE_LIMIT, &text, NULL, NULL,
				"systemd/sessions/%s", id);
	if (result < 0)
		return result != -ENOENT && may_be_text(id, ret);
	type = value_of(text, "TYPE");
	if (is_graphical(type) || !is_somebody(text))
		return false;
	ret->terminal = terminal_of(text);
	if (!ret->terminal)
		return false;
	user = value_of(text, "USER");
	ret->user = user ? user : xstrdup("somebody");
	return true;
}

/* --- with a picture --- */

/* What useradd gives to people. Daemons, and the users that gdm makes up, are below and above. */
#define PERSON_MIN 1000
#define PERSON_MAX 59999

/* Greetd calls whatever it starts first a greeter, be it somebody's desktop. */
static bool is_person(const char *text)
{
	auto_free char *uid = value_of(text, "UID");
	unsigned long number = uid ? strtoul(uid, NULL, 10) : PERSON_MIN;

	return number >= PERSON_MIN && number <= PERSON_MAX;
}

static bool is_greeter(const char *text)
{
	auto_free char *class = value_of(text, "CLASS");

	return text_equal(class, "greeter") && !is_person(text);
}

/* At a seat whatever is not a text login for certain may be one. */
static bool shows_picture(const char *text)
{
	auto_free char *class = value_of(text, "CLASS");
	auto_free char *type = value_of(text, "TYPE");
	auto_free char *seat = value_of(text, "SEAT");
	auto_free char *service = value_of(text, "SERVICE");
	bool is_text = text_equal(type, "tty") && text_equal(service, "login");

	if (text_equal(class, "greeter"))
		return is_person(text);
	return is_somebody(text) && (is_graphical(type) || (seat && *seat && !is_text));
}

void session_prompts_done(struct session_prompts *prompts)
{
	free(prompts->uids);
	memset(prompts, 0, sizeof(*prompts));
}

bool session_prompts_read(const struct host *host, struct session_prompts *ret)
{
	cleanup(host_free_names) char **ids = NULL;
	bool only = sessions_list(host, &ids) == 0;

	*ret = (struct session_prompts){0};
	for (size_t i = 0; only && ids[i]; i++) {
		auto_free char *text = NULL, *uid = NULL;
		int result;

		if (!id_is_valid(ids[i]))
			continue;
		result = host_read_file(host, HOST_RUN, FILE_LIMIT, &text, NULL, NULL,
					"systemd/sessions/%s", ids[i]);
		if (result == -ENOENT)
			continue;
		only = result == 0 && !shows_picture(text);
		uid = only && is_greeter(text) ? value_of(text, "UID") : NULL;
		if (!uid)
			continue;
		array_push(ret->uids, ret->count, (uid_t)strtoul(uid, NULL, 10));
	}
	return only && ret->count > 0;
}
