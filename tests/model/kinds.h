/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * Machines of which the planner makes one plan with every kind of step: a display card whose
 * framebuffer is the firmware's and carries the only console, held by a unit, by a sound server
 * that lets go when told, and by a program that is ended.
 */
#define DISPLAY "0000:01:00.0"
#define AUDIO "0000:01:00.1"

#define KINDS_DISPLAY                                                                              \
	"bridge 0000:00:01.0 8086:1901 bus=01 group=14\n"                                          \
	"device " DISPLAY " 1002:744c class=038000 group=14 driver=amdgpu power=auto"              \
	" bar0=e0000000-efffffff\n"                                                                \
	"driver amdgpu module=amdgpu hangs-if-held\n"                                              \
	"node " DISPLAY " drm/card1 226:1 subsystem=drm name=dri/card1\n"                          \
	"framebuffer fb0 efi-framebuffer.0 range=e0000000-e0ffffff\n"                              \
	"vtconsole vtcon1 name=\"(M) frame buffer device\" bound\n"                                \
	"module vfio-pci unloaded uses=vfio,vfio_pci_core\n"                                       \
	"unit lactd.socket active\n"                                                               \
	"unit lactd.service active pids=900 triggered=lactd.socket wanted\n"                       \
	"process 900 comm=lactd cgroup=/system.slice/lactd.service holds=dri/card1\n"              \
	"unit 1000/wireplumber.service active pids=950\n"                                          \
	"session 2 uid=1000 user=alice active seat=seat0\n"                                        \
	"process 812 comm=mpv uid=1000 holds=dri/card1\n"

#define WIREPLUMBER                                                                                \
	"process 950 comm=wireplumber uid=1000 cgroup=/user.slice/user-1000.slice/"                \
	"user@1000.service/session.slice/wireplumber.service lets-go "

/* Where the card is alone in its slot, its own control node stands for the sound card's. */
#define KINDS_HOST_1                                                                               \
	KINDS_DISPLAY                                                                              \
	"node " DISPLAY " sound/card1 - subsystem=sound\n"                                         \
	"node " DISPLAY                                                                            \
	" sound/card1/controlC1 116:9 subsystem=sound name=snd/controlC1\n" WIREPLUMBER            \
	"holds=snd/controlC1\n"
#define KINDS_GUEST_1                                                                              \
	"hostdev " DISPLAY " managed\n"                                                            \
	"policy allow console\n"                                                                   \
	"policy wait-time 1\n"                                                                     \
	"policy grace-time 1\n"

#define KINDS_HOST_2                                                                               \
	KINDS_DISPLAY                                                                              \
	"device " AUDIO " 1002:ab30 class=040300 group=14 driver=snd_hda_intel power=auto\n"       \
	"driver snd_hda_intel module=snd_hda_intel hangs-if-held\n"                                \
	"node " AUDIO " sound/card1 - subsystem=sound\n"                                           \
	"node " AUDIO                                                                              \
	" sound/card1/controlC1 116:9 subsystem=sound name=snd/controlC1\n" WIREPLUMBER            \
	"holds=snd/controlC1\n"
#define KINDS_GUEST_2 KINDS_GUEST_1 "hostdev " AUDIO " managed\n"

/* And each sort of start beside them. */
#define KINDS_HOST_8                                                                               \
	KINDS_HOST_2                                                                               \
	"device 0000:81:00.0 10de:2330 class=030200 group=81 driver=nvidia power=auto\n"           \
	"device 0000:83:00.0 1b36:000d class=0c0330 group=83 driver=xhci_hcd power=auto\n"         \
	"device 0000:85:00.0 8086:10d3 group=85 driver=e1000e override=e1000e\n"                   \
	"device 0000:86:00.0 1234:11e8 class=00ff00 group=86 match=edu\n"                          \
	"device 0000:87:00.0 1234:11e9 class=00ff00 group=87 driver=ahci\n"                        \
	"device 10000:e1:00.0 15b3:101e group=88 driver=mlx5_core power=auto\n"                    \
	"driver nvidia module=nvidia probe_power=auto\n"                                           \
	"driver xhci_hcd module=xhci_pci probe_power=auto\n"                                       \
	"driver ahci builtin module=ahci\n"                                                        \
	"module mlx5_vfio_pci unloaded uses=vfio,vfio_pci_core\n"                                  \
	"alias vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_vfio_pci\n"
#define KINDS_GUEST_8                                                                              \
	KINDS_GUEST_2                                                                              \
	"hostdev 0000:81:00.0 managed\n"                                                           \
	"hostdev 0000:83:00.0 managed\n"                                                           \
	"hostdev 0000:85:00.0 managed\n"                                                           \
	"hostdev 0000:86:00.0 managed\n"                                                           \
	"hostdev 0000:87:00.0\n"                                                                   \
	"hostdev 10000:e1:00.0 managed\n"
