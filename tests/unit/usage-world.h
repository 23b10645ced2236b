/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "tests/unit/usage.h"

/* A graphics card with its sound function and a USB controller, all for the guest, and their nodes.
 */
#define GPU "0000:01:00.0"
#define SOUND "0000:01:00.1"
#define USB "0000:03:00.0"
#define HOST                                                                                       \
	"device 0000:01:00.0 1002:744c class=030000 group=14 driver=amdgpu\n"                      \
	"device 0000:01:00.1 1002:ab30 class=040300 group=14 driver=snd_hda_intel\n"               \
	"device 0000:03:00.0 1b21:2142 class=0c0330 group=15 driver=xhci_hcd\n"                    \
	"driver xhci_hcd module=xhci_pci\n"                                                        \
	"module vfio-pci registers=vfio-pci\n"
#define GUEST                                                                                      \
	"hostdev 0000:01:00.0 managed\n"                                                           \
	"hostdev 0000:01:00.1 managed\n"                                                           \
	"hostdev 0000:03:00.0 managed\n"
#define GATE(state) "holders 0000:01:00.0," SOUND " " state

struct world {
	struct usage usage;
	size_t card, render, control, event;
};

static inline void world_open(struct world *world)
{
	usage_open(&world->usage, HOST, GUEST);
	world->card = usage_node(&world->usage, GPU, "drm", "dri/card1");
	world->render = usage_node(&world->usage, GPU, "drm", "dri/renderD129");
	world->control = usage_node(&world->usage, SOUND, "sound", "snd/controlC1");
	world->event = usage_node(&world->usage, USB, "input", "input/event7");
}

static inline void world_done(struct world *world)
{
	usage_done(&world->usage);
}

#define open_world(name)                                                                           \
	cleanup(world_done) struct world name;                                                     \
	world_open(&(name))
