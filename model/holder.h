/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/text.h"

/* What a process is to this host, which decides what may be done about it. */
enum holder_role {
	HOLDER_PROCESS,      /* somebody's program */
	HOLDER_SERVICE,      /* of a system unit that can be stopped */
	HOLDER_USER_SERVICE, /* of a service of a user's own manager (user@UID.service) */
	HOLDER_DISPLAY,      /* display server or compositor of an active session, or DRM master */
	HOLDER_SPLASH,       /* draws while the host boots, until a display server comes */
	HOLDER_LOGIND,       /* PID 1 or logind, keeping a session's descriptors */
	HOLDER_CONTAINER,    /* in a container, whose manager may start it again */
	HOLDER_GUEST,        /* QEMU of a guest */
	HOLDER_PROTECTED,    /* never to be stopped or signalled; reason says why */
	HOLDER_ROLES
};

/* How it holds a node. */
enum holder_how {
	HOLDS_DESCRIPTOR,
	HOLDS_THREAD, /* a thread has it open whose leader has exited, or with a table of its own */
	HOLDS_MAP,    /* only a memory map is left of it */
};

struct hold {
	size_t node; /* index in the snapshot's nodes */
	enum holder_how how;
};

/* A process (or a thread without its leader) that holds nodes. Heap strings; NULL: none/unknown. */
struct holder {
	pid_t pid;
	uint64_t start_time; /* field 22 of /proc/PID/stat: with the pid, its identity */
	uid_t uid;
	enum holder_role role;
	char *command; /* comm, escaped for a line */
	char *user;    /* name of uid, or its number */
	char *unit; /* "sshd.service", "session-2.scope"; of the user's manager where it has one */
	uid_t manager;        /* whose manager has the unit: 0 the system's */
	char *session;        /* logind's id */
	char *container;      /* its name, or as its cgroup names it */
	char *container_stop; /* the command that stops the container */
	char *guest;          /* name of a HOLDER_GUEST */
	char *starter;        /* of a HOLDER_DISPLAY: the system's unit that would start it again */
	char *starter_program; /* of one without: "sddm (process 600)" */
	const char *reason;    /* static: why it is protected, a sentence; or NULL */
	bool session_active;
	bool logged_in;     /* its session has not ended */
	bool prompts;       /* nobody's session: it shows a login prompt, or keeps one's nodes */
	bool keeps_cards;   /* a display server that takes no notice of a card that goes */
	bool follows_udev;  /* a sound server that lets go of a card that is gone */
	bool watches_disks; /* a program that only asks disks how they are */
	struct hold *holds;
	size_t hold_count;
};

void holder_done(struct holder *holder);

/* "process 812 (mpv, user alice, session 2, unit app-mpv.scope)": as it stands in a sentence. */
void holder_format(const struct holder *holder, struct text *out);

/* "mpv (process 812, user alice, session 2)": what tells people who it is. */
void holder_format_short(const struct holder *holder, struct text *out);

/* A unit of systemd as far as stopping it goes. */
struct unit {
	char *name;    /* heap; as a "unit" cell's target: "gdm.service", "1000/foo.service" */
	bool active;   /* or on its way there */
	bool can_stop; /* false also where it could not be asked about; note then says why */
	bool unasked;  /* a machine that can only be read: nobody was there to be asked */
	char *note;    /* heap or NULL */
	/*
	 * Heap, NULL-terminated: names of active units of the same manager that would start it
	 * again (sockets, paths, timers) or stop along with it; to be stopped before it, in this
	 * order.
	 */
	char **stops_with;
};

void unit_done(struct unit *unit);

/* Can it be stopped, as far as that can be known here? */
bool unit_may_stop(const struct unit *unit);

/* What systemd allows in a unit's name, which must have a type behind a dot. */
bool unit_name_valid(const char *name);

/* The name a unit's cell has: "NAME", or "UID/NAME" for one of a user's manager. Heap. */
char *unit_target(uid_t manager, const char *name);
/* Takes it apart; name points into target. False for what cannot be a unit's name. */
bool unit_target_parse(const char *target, uid_t *ret_manager, const char **ret_name);
