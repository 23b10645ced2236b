/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/host.h"

/* What logind (or elogind) writes down in /run/systemd about who is logged in. */

/* Is it the one at its seat now? False, too, for one that is not known. */
bool session_is_active(const struct host *host, const char *id);

/* Any value of its record ("LEADER", "SERVICE", "TTY"); heap or NULL. */
char *session_value(const struct host *host, const char *id, const char *key);

/* Is somebody logged in to it, be it in the background (another user has switched to the screen)?
 */
bool session_lives(const struct host *host, const char *id);

/* The user's graphical session, or the only one; heap, NULL: none. */
char *session_of_user(const struct host *host, uid_t uid);

/* What logind calls the user, who may be none of /etc/passwd; heap, NULL: not logged in. */
char *session_user_name(const struct host *host, uid_t uid);

/* Somebody who is logged in in text at a terminal of this machine. Heap strings. */
struct text_session {
	char *user;
	char *terminal; /* "tty2", "ttyS0"; "seat0" where only the seat is known; NULL: nothing is
			 */
};
void text_session_done(struct text_session *session);

/*
 * Is that session such a one? A login prompt's own (a greeter) is not, nor one that is over; one
 * whose record cannot be read may be.
 */
bool session_read_text(const struct host *host, const char *id, struct text_session *ret);

/* The ids of all sessions (host_free_names); -ENOENT on a host that keeps no such records. */
int sessions_list(const struct host *host, char ***ret);

/*
 * A graphical session that is active at any seat; heap, NULL: none. *ret_known is false on a host
 * that keeps no such records.
 */
char *session_on_screen(const struct host *host, bool *ret_known);

/* The users of the login screens (greeters) of this host. */
struct session_prompts {
	uid_t *uids; /* heap */
	size_t count;
};
void session_prompts_done(struct session_prompts *prompts);

/*
 * Are there login screens, and is nobody logged in to a picture, at a seat or from afar, be it in
 * the background? False, too, where that is not told.
 */
bool session_prompts_read(const struct host *host, struct session_prompts *ret);
