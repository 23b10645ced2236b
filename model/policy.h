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
	PROCESSES_WAIT, /* give them wait-time to let go by themselves, then refuse */
	/*
	 * SIGTERM, after grace-time SIGKILL (default). But a program of a session that only has a
	 * render node open gets no SIGKILL.
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
	/* processes or services is set for this device itself, not only for all devices. */
	bool processes_set, services_set;
	bool display_set; /* display is set in some layer, not only the default */
};

/* A key set for one device only. */
struct device_setting {
	struct pci_addr addr;
	size_t key;  /* in policy.c's list */
	char *value; /* heap */
};

/*
 * What the admin allows. Later layers overwrite earlier layers. A setting for one device comes
 * before a setting for all devices, whichever layers they stand in.
 */
struct policy {
	enum group_policy group;
	struct limits limits;
	struct device_policy all;
	/*
	 * Heap: ids of findings that hostdevctl check shall not tell (model/finding-id.h); NULL:
	 * none. Only hostdevctl check looks at the words, as they may be ids of a later version.
	 */
	char *ignore;
	struct device_setting *settings; /* in the order they were set */
	size_t setting_count;
	/* Gets each setting with the place where it stands; shared by copies, not owned; or NULL.
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

/* Copies a policy, so that the first stays untouched if a later key is wrong. *ret: policy_done. */
void policy_copy(const struct policy *policy, struct policy *ret);
void policy_done(struct policy *policy);
#define auto_policy __attribute__((__cleanup__(policy_done)))

/*
 * Sets one key, for the device addr, or for all devices if addr is NULL. origin says where the key
 * stands ("/etc/...conf:3", "domain XML line 7, <hostdev:policy>") and opens the error. EINVAL: the
 * key or the value is unknown, or the key cannot be set for one device. *policy is untouched then.
 */
int policy_set(struct policy *policy, const struct pci_addr *addr, const char *key,
	       const char *value, const char *origin, struct error *err);

/* The key with this index; NULL behind the last. */
const char *policy_key(size_t index);
/* As suggest_text, among the keys. */
char *policy_suggest_key(const char *key);

/* The default of a key, as a user would write it; NULL: there is no such key. */
const char *policy_default(const char *key);

/* Applies the guest's own <hostdev:policy> on top. *policy is untouched on failure. */
int policy_apply_guest(struct policy *policy, const struct guest *guest, struct error *err);

/* What holds for this device. */
struct device_policy policy_of_device(const struct policy *policy, const struct pci_addr *addr);
