/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "actions/execution-run.h"
#include "base/error.h"
#include "base/host.h"
#include "base/log.h"
#include "base/text.h"
#include "model/guest.h"
#include "model/handover.h"
#include "model/journal.h"
#include "state/state-locks.h"

/*
 * One call of the hook that has work: which guest, under which locks. The guest's lock is held
 * from session_open to session_done, so two hooks never work on one guest's journal.
 */
struct session {
	struct host *host;
	const char *guest; /* the name; belongs to the caller */
	char uuid[UUID_TEXT_SIZE];
	char boot_id[HOST_BOOT_ID_SIZE];
	struct journal_process caller; /* libvirt's daemon, which has called this program */
	struct state_locks locks;
	/* Times by host_now_ms. */
	uint64_t started_ms; /* when the call began; 0: nobody waits for the session */
	uint64_t opened_ms;  /* when the session was opened; 0: it was not */
	uint64_t until_ms;   /* when a return must be over; 0: session_deadline says so */
	/* What is carried out just now; NULL: nothing. */
	const struct execution *execution;
	enum execution_rest rest; /* who comes back for what the last execution has left */
	/* The UUID was made for this loan alone: no hand-over is recorded. */
	bool unrecorded;
	/* The guest runs, and the work is about devices that it gets besides its own. */
	bool guest_runs;
	bool host_goes_down; /* nothing was returned, as the host is being shut down */
	/* Some cells were not put back, as another process has changed them or a device is gone. */
	bool left_alone;
	/* The step that failed first, for the message; it lives as long as the execution. */
	const struct step *failed;
	/* The outcome, for handover_store. work.result is set where the work knows more than 0 or
	 * -errno. */
	struct handover work;
};

#define SESSION_INIT                                                                               \
	{                                                                                          \
		.locks = STATE_LOCKS_INIT                                                          \
	}

/*
 * Opens the state directory and takes the guest's lock. If the directory is not there, create makes
 * it; without create: ENOENT.
 */
int session_open(struct session *session, struct host *host, const char *guest, const char *uuid,
		 bool create, struct error *err);
/*
 * The same, but waits for the guest's lock only so long. ETIMEDOUT: err says which process has it.
 */
int session_open_within(struct session *session, struct host *host, const char *guest,
			const char *uuid, bool create, unsigned int timeout_ms, struct error *err);
void session_done(struct session *session);
#define auto_session __attribute__((__cleanup__(session_done)))

/*
 * The claims lock: under it a hook reads the claims of all guests, and writes the journal with its
 * own. It must be held for a moment only, as all guests that start wait for it.
 */
int session_lock_claims(struct session *session, struct error *err);
void session_unlock_claims(struct session *session);

/* The process that waits for the answer of this program, for the journal: the parent process. */
struct journal_process session_find_caller(const struct host *host);

/* Appends ", but ..." if session.left_alone, to follow a sentence like "everything is returned". */
void session_tell_left_alone(const struct session *session, struct text *out);
/* To be called before an undo: finds addresses at which another device stands than the journal
 * says. */
void session_find_strangers(const struct session *session, struct execution *execution);
/* Appends sentences, each with a blank in front, on what becomes of what the last execution left.
 */
void session_tell_rest(const struct session *session, struct text *out);

/*
 * When the call that began with this session must be over. For steps that may have to be undone
 * (_ahead) the time is over after two thirds of it. 0: nobody waits for the session.
 */
uint64_t session_deadline(const struct session *session, const struct limits *limits);
uint64_t session_deadline_ahead(const struct session *session, const struct limits *limits);

/* Is the device bound to a driver of VFIO, of whatever name? */
bool session_is_on_vfio(const struct host *host, const struct pci_addr *addr);

/*
 * Does a process have one of the journal's devices open through VFIO? err then says which device
 * and which process. Changes nothing and does not wait.
 */
bool session_is_open(const struct session *session, const struct journal *journal,
		     struct error *err);

/*
 * The word for the guest behind "hostdevctl recover", in a command that people paste: its name; or
 * its UUID, if a shell or the command would misunderstand the name. Heap.
 */
char *session_recover_word(const char *name, const char *uuid);

/* The journal of a run that begins now; it has no claims and no steps yet. journal_done. */
struct journal session_new_journal(const struct session *session, const char *guest);

/* Appends whole lines to the journal's file, which must exist. NULL or "": does nothing. */
int session_append(const struct session *session, const struct journal *journal, const char *lines,
		   struct error *err);

/* Writes one line about the session's guest to the log. */
void session_log(const struct session *session, enum log_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Writes "GUEST: MESSAGE" to the log, about the guest that the fields name. */
void session_log_line(enum log_level level, const struct log_fields *fields, const char *message);
