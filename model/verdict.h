/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "model/policy.h"
#include "model/snapshot.h"

/*
 * What is done about one holder of one device, the most careful action first. If a holder has
 * several devices and the actions differ, the most careful one counts.
 */
enum holder_action {
	HOLDER_REFUSE,    /* the guest is not started: reason says why */
	HOLDER_WAIT,      /* the holder gets wait-time to let go by itself */
	HOLDER_RELEASE,   /* a udev event asks the holder to let go, and then it gets wait-time */
	HOLDER_STOP_UNIT, /* its unit is stopped, and started again at the return */
	HOLDER_TERMINATE, /* SIGTERM, grace-time, SIGKILL unless spare */
	HOLDER_LEAVE,     /* nothing: the holder does not stand in the way */
};

enum holder_reason {
	REASON_NONE,
	REASON_GUEST,           /* another guest's QEMU */
	REASON_VFIO,            /* somebody uses the device through VFIO */
	REASON_PROTECTED,       /* a part of the system */
	REASON_STORAGE,         /* it has a disk open, and no key is set for this device */
	REASON_CONTAINER,       /* its container's manager may start it again */
	REASON_DISPLAY,         /* a session, and display = refuse */
	REASON_DISPLAY_NVIDIA,  /* display = release, which the nvidia driver does not do */
	REASON_DISPLAY_PROMPT,  /* a login prompt that another card shows, too, and keeps */
	REASON_DISPLAY_MANAGER, /* display = stop, and the unit that starts it cannot be stopped */
	REASON_DISPLAY_STARTER, /* display = stop, and a program would start it again */
	REASON_PROCESSES,       /* processes = refuse */
	REASON_SERVICES,        /* services = refuse */
	REASON_UNIT,            /* services = stop-unit, and the unit cannot be stopped */
	REASON_SHARED,          /* HOLDER_LEAVE: only nodes that all devices of the driver share */
	REASON_UNPLUG,          /* HOLDER_LEAVE: the holder lets go when the USB controller goes */
};

struct verdict {
	enum holder_action action;
	enum holder_reason reason;
	/* Of HOLDER_STOP_UNIT and REASON_DISPLAY_MANAGER; where known of REASON_UNIT. */
	const struct unit *unit;
	const struct node *node; /* a node of the device that it has open; NULL: it has none */
	unsigned int wait_ms;    /* how long to wait before a signal, or before giving up */
	/* A udev event tells the holder to let go: of the graphics card, of the sound card. */
	bool ask_drm, ask_sound;
	bool of_service; /* of REASON_STORAGE: "services", not "processes", allows it */
	bool spare;      /* of HOLDER_TERMINATE: SIGTERM, grace-time, and no SIGKILL */
};

struct verdict verdict_of(const struct snapshot *snapshot, const struct holder *holder,
			  const struct device *device, const struct device_policy *policy);

/* Is the display manager stopped, if this holder is its server and holds a card that goes? */
bool verdict_stops_display(const struct snapshot *snapshot, const struct holder *holder,
			   const struct device_policy *policy);

/* "terminate", "stop unit", ...: one word or two for a table. */
const char *holder_action_name(enum holder_action action);

/* Appends sentences that say why the holder is refused, and what to do. */
void verdict_format_advice(const struct verdict *verdict, const struct holder *holder,
			   struct text *out);

/* "display=stop": the setting that allows what was refused. Heap; NULL: none does. */
char *verdict_setting(const struct verdict *verdict);
/* Does that setting help only if it is set for the device itself? */
bool verdict_is_for_device(const struct verdict *verdict);
