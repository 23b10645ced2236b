/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "model/addr.h"
#include "model/guest.h"
#include "model/limits.h"
#include "model/origin.h"
#include "model/use.h"

/* What to do with endpoints of a device's IOMMU group that the guest does not name. */
enum group_policy {
	GROUP_REFUSE, /* other slots refuse the start (default) */
	GROUP_WHOLE,  /* take them all */
};

/* Ordinary programs that hold a device. */
enum processes_policy {
	PROCESSES_REFUSE,
	PROCESSES_WAIT, /* wait-time for them to let go by themselves, then refuse */
	/*
	 * SIGTERM, after grace-time SIGKILL, but that a program of a session is not killed for
	 * having a render node open (default)
	 */
	PROCESSES_TERMINATE,
	PROCESSES_KILL, /* SIGTERM, after grace-time SIGKILL */
};

/* Processes of systemd's service units, the system's and the users' own. */
enum services_policy {
	SERVICES_REFUSE,
	SERVICES_WAIT,
	SERVICES_STOP_UNIT, /* stop the unit, start it again at the return (default) */
	SERVICES_TERMINATE,
};

/* A session on the graphics card. */
enum display_policy {
	DISPLAY_REFUSE,  /* (default) */
	DISPLAY_RELEASE, /* ask compositors to let go of this card, and wait for it */
	DISPLAY_STOP,    /* stop the display manager, start it again at the return */
};

/* What holds for one device. */
struct device_policy {
	enum processes_policy processes;
	enum services_policy services;
	enum display_policy display;
	unsigned int allow;         /* bit 1 << enum use_kind for each use that is lifted */
	unsigned int wait_time_ms;  /* how long holders are waited for */
	unsigned int grace_time_ms; /* between SIGTERM and SIGKILL */
	/* These two are set for this very device, not only for all. */
	bool processes_set, services_set;
	bool display_set; /* somebody has said it, in whatever layer */
};

/* A key set for one device only. */
struct device_setting {
	struct pci_addr addr;
	size_t key;  /* in policy.c's list */
	char *value; /* heap */
};

/*
 * What the admin allows; later layers overwrite earlier ones, and what is set for a device comes
 * before what is set for all, whichever layer it stands in.
 */
struct policy {
	enum group_policy group;
	struct limits limits;
	struct device_policy all;
	/*
	 * Heap: ids of findings of which hostdevctl check is not to tell (model/finding-id.h);
	 * NULL: none. They may be those of a later version, so that nobody else looks at them.
	 */
	char *ignore;
	struct device_setting *settings; /* in the order they were set */
	size_t setting_count;
	/* Who notes down each setting with where it stands; shared by copies, not owned; or NULL.
	 */
	struct origins *origins;
};

#define POLICY_INIT                                                                                \
	{                                                                                          \
		.group = GROUP_REFUSE, .limits = LIMITS_INIT,                                      \
		.all = {.processes = PROCESSES_TERMINATE,                                          \
			.services = SERVICES_STOP_UNIT,                                            \
			.display = DISPLAY_REFUSE,                                                 \
			.wait_time_ms = 10000,                                                     \
			.grace_time_ms = 5000 }                                                    \
	}

/* *ret: policy_done. For who must leave a policy untouched where a later key is wrong. */
void policy_copy(const struct policy *policy, struct policy *ret);
void policy_done(struct policy *policy);
#define auto_policy __attribute__((__cleanup__(policy_done)))

/*
 * Sets one key, for the device addr or, where it is NULL, for all. origin says where it stands
 * ("/etc/...conf:3", "domain XML line 7, <hostdev:policy>") and opens the error. EINVAL for an
 * unknown key or value, or a key that cannot be set for one device: nobody's wish may be guessed
 * at. *policy is untouched then.
 */
int policy_set(struct policy *policy, const struct pci_addr *addr, const char *key,
	       const char *value, const char *origin, struct error *err);

/* The keys there are, one by one; NULL behind the last. */
const char *policy_key(size_t index);
/* See suggest_text: of the keys. */
char *policy_suggest_key(const char *key);

/* The value of a key that nobody sets, as it would be written; NULL: no such key. */
const char *policy_default(const char *key);

/* Applies the guest's own <hostdev:policy> on top. *policy is untouched on failure. */
int policy_apply_guest(struct policy *policy, const struct guest *guest, struct error *err);

/* What holds for this device. */
struct device_policy policy_of_device(const struct policy *policy, const struct pci_addr *addr);
