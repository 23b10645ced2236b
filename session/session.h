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
	const char *guest; /* caller's */
	char uuid[UUID_TEXT_SIZE];
	char boot_id[HOST_BOOT_ID_SIZE];
	struct journal_process caller; /* of this program: libvirt's daemon */
	struct state_locks locks;
	uint64_t started_ms; /* by host_now_ms: the call's time runs from here; 0: nobody waits */
	uint64_t opened_ms;  /* by the same clock; 0: it was not */
	uint64_t until_ms;   /* by the same clock: what is settled must be over then; 0: as above */
	/* What is being carried out, while it is. */
	const struct execution *execution;
	enum execution_rest rest; /* who comes back for what the last of them has left */
	/* Its UUID is nobody's for long: what it comes to is written down for nobody. */
	bool unrecorded;
	/* The guest runs, and what is done is about devices that it is to get besides. */
	bool guest_runs;
	bool host_goes_down; /* nothing was returned, as the host is being shut down */
	/* Of them, some stayed as they are: changed by somebody else, or their device is gone. */
	bool left_alone;
	/* The step that failed first, for the message: lives as long as the execution. */
	const struct step *failed;
	/* What the session has come to, for handover_store; result: where that is known better. */
	struct handover work;
};

#define SESSION_INIT                                                                               \
	{                                                                                          \
		.locks = STATE_LOCKS_INIT                                                          \
	}

/*
 * Opens (and with create makes) the state directory and takes the guest's lock. ENOENT where the
 * directory is not there and create is not asked for.
 */
int session_open(struct session *session, struct host *host, const char *guest, const char *uuid,
		 bool create, struct error *err);
/* The same with a deadline for the guest's lock other than the usual one. ETIMEDOUT: who has it. */
int session_open_within(struct session *session, struct host *host, const char *guest,
			const char *uuid, bool create, unsigned int timeout_ms, struct error *err);
void session_done(struct session *session);
#define auto_session __attribute__((__cleanup__(session_done)))

/*
 * The lock under which claims are read and a journal with new ones appears. To be held for a moment
 * only: all guests that start wait for it.
 */
int session_lock_claims(struct session *session, struct error *err);
void session_unlock_claims(struct session *session);

/* Who waits for this program's answer, as it stands in the journal: its parent. */
struct journal_process session_find_caller(const struct host *host);

/* ", but ..." where steps of what was watched last were left alone; to follow "everything is". */
void session_tell_left_alone(const struct session *session, struct text *out);
/* Before an undo: what stands by now where the journal has another device. */
void session_find_strangers(const struct session *session, struct execution *execution);
/* Sentences, each with a blank in front: what becomes of what was left by what was watched last. */
void session_tell_rest(const struct session *session, struct text *out);

/* When a call that began with this session must be over; for what may yet have to be undone, after
 * two thirds of that. 0: nobody waits for it. */
uint64_t session_deadline(const struct session *session, const struct limits *limits);
uint64_t session_deadline_ahead(const struct session *session, const struct limits *limits);

/* Is the device bound to a driver of VFIO, of whatever name? */
bool session_is_on_vfio(const struct host *host, const struct pci_addr *addr);

/*
 * Has some process one of the journal's devices open through VFIO? err then says which device and
 * who. Changes nothing and waits for nobody.
 */
bool session_is_open(const struct session *session, const struct journal *journal,
		     struct error *err);

/*
 * What "hostdevctl recover" is to be given for the guest, in a command to paste: its name, or its
 * UUID where a shell or the command would take the name for something else. Heap.
 */
char *session_recover_word(const char *name, const char *uuid);

/* The journal of a run that begins now: who the guest is, and no claims or steps. journal_done. */
struct journal session_new_journal(const struct session *session, const char *guest);

/* Appends whole lines to the journal's file, which is there. NULL or "": nothing is done. */
int session_append(const struct session *session, const struct journal *journal, const char *lines,
		   struct error *err);

/* One line to the log about this guest. */
void session_log(const struct session *session, enum log_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The same of the guest that the fields name: "GUEST: MESSAGE". */
void session_log_line(enum log_level level, const struct log_fields *fields, const char *message);
