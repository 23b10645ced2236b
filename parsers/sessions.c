// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The files of /run/systemd/{seats,sessions,users}: their keys, and which of them answers what.
 * libsystemd reads the same files, and nothing else, to tell the same.
 */
#include "parsers/sessions.h"

#include <ctype.h>
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
