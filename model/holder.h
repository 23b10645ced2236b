/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/text.h"

/* What a process is for this host, which decides what may be done about it. */
enum holder_role {
	HOLDER_PROCESS,      /* an ordinary program */
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

/* How a process holds a node. */
enum holder_how {
	HOLDS_DESCRIPTOR,
	HOLDS_THREAD, /* a thread has it open: its leader has exited, or it has its own table */
	HOLDS_MAP,    /* only a memory map of the node is left */
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
	uid_t manager;        /* the user whose manager has the unit; 0: the system's manager */
	char *session;        /* logind's id */
	char *container;      /* its name, or as its cgroup names it */
	char *container_stop; /* the command that stops the container */
	char *guest;          /* name of a HOLDER_GUEST */
	char *starter;        /* of a HOLDER_DISPLAY: the system's unit that would start it again */
	char *starter_program; /* if no unit would: the program, "sddm (process 600)" */
	const char *reason;    /* static: why it is protected, a sentence; or NULL */
	bool session_active;
	bool logged_in;     /* its session has not ended */
	bool prompts;       /* it shows a login prompt, or keeps the nodes of a prompt */
	bool keeps_cards;   /* a display server that takes no notice of a card that goes */
	bool follows_udev;  /* a sound server that lets go of a card that is gone */
	bool watches_disks; /* a program that only asks disks for their health */
	struct hold *holds;
	size_t hold_count;
};

void holder_done(struct holder *holder);

/* Appends "process 812 (mpv, user alice, session 2, unit app-mpv.scope)", for a sentence. */
void holder_format(const struct holder *holder, struct text *out);

/* Appends "mpv (process 812, user alice, session 2)": the program first. */
void holder_format_short(const struct holder *holder, struct text *out);

/* A unit of systemd as far as stopping it goes. */
struct unit {
	char *name;    /* heap; as a "unit" cell's target: "gdm.service", "1000/foo.service" */
	bool active;   /* it runs, or is being started */
	bool can_stop; /* false also if systemd could not be asked; note then says why */
	bool unasked;  /* the host can only be read, so that no systemd could be asked */
	char *note;    /* heap or NULL */
	/*
	 * Heap, NULL-terminated: names of active units of the same manager that would start it
	 * again (sockets, paths, timers) or stop along with it; to be stopped before it, in this
	 * order.
	 */
	char **stops_with;
};

void unit_done(struct unit *unit);

/* Can the unit be stopped, as far as is known? */
bool unit_may_stop(const struct unit *unit);

/* Would systemd allow the name? It must have a type behind a dot. */
bool unit_name_valid(const char *name);

/* The target of a unit's cell: "NAME", or "UID/NAME" for a unit of a user's manager. Heap. */
char *unit_target(uid_t manager, const char *name);
/* Takes a target apart; name points into target. False: it cannot be a unit's name. */
bool unit_target_parse(const char *target, uid_t *ret_manager, const char **ret_name);
