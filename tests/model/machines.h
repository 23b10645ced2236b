/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/* Machines and guests that several tests lend from: 1, 2 and 8 devices. */

#define NIC_HOST                                                                                   \
	"device 0000:02:00.0 8086:10d3 group=15 driver=e1000e\n"                                   \
	"module vfio-pci unloaded uses=vfio,vfio_pci_core\n"
#define NIC_GUEST "hostdev 0000:02:00.0 managed\n"

/* The two functions of a card, whose drivers like runtime power management. */
#define GPU_HOST                                                                                   \
	"bridge 0000:00:01.0 8086:1901 bus=01 group=14\n"                                          \
	"device 0000:01:00.0 10de:2204 class=030000 group=14 driver=nvidia power=auto boot_vga\n"  \
	"device 0000:01:00.1 10de:1aef class=040300 group=14 driver=snd_hda_intel power=auto\n"    \
	"device 0000:02:00.0 8086:10d3 group=15 driver=e1000e power=auto\n"                        \
	"driver nvidia module=nvidia probe_power=auto\n"                                           \
	"module vfio-pci unloaded uses=vfio,vfio_pci_core\n"                                       \
	"module nvgrace_gpu_vfio_pci unloaded\n"                                                   \
	"module nouveau unloaded\n"
#define GPU_GUEST                                                                                  \
	"hostdev 0000:01:00.0 managed\n"                                                           \
	"hostdev 0000:01:00.1 managed\n"

/* Each sort of start: home driver built in, none at all, an override, a module of another name. */
#define SERVER_HOST                                                                                \
	"device 0000:81:00.0 10de:2330 class=030200 group=81 driver=nvidia power=auto\n"           \
	"device 0000:82:00.0 10de:2330 class=030200 group=82 driver=nvidia power=auto d3cold=0\n"  \
	"device 0000:83:00.0 1b36:000d class=0c0330 group=83 driver=xhci_hcd power=auto\n"         \
	"device 0000:84:00.0 144d:a80a class=010802 group=84 driver=nvme d3cold=NONE\n"            \
	"device 0000:85:00.0 8086:10d3 group=85 driver=e1000e override=e1000e\n"                   \
	"device 0000:86:00.0 1234:11e8 class=00ff00 group=86 match=edu\n"                          \
	"device 0000:87:00.0 8086:2922 class=010601 group=87 driver=ahci\n"                        \
	"device 10000:e1:00.0 15b3:101e group=88 driver=mlx5_core power=auto\n"                    \
	"driver nvidia module=nvidia probe_power=auto\n"                                           \
	"driver xhci_hcd module=xhci_pci probe_power=auto\n"                                       \
	"driver ahci builtin module=ahci\n"                                                        \
	"module vfio-pci unloaded uses=vfio,vfio_pci_core\n"                                       \
	"module mlx5_vfio_pci unloaded uses=vfio,vfio_pci_core\n"                                  \
	"alias vfio_pci:v000015B3d0000101Esv*sd*bc*sc*i* mlx5_vfio_pci\n"
#define SERVER_GUEST                                                                               \
	"hostdev 0000:81:00.0 managed\n"                                                           \
	"hostdev 0000:82:00.0\n"                                                                   \
	"hostdev 0000:83:00.0 managed\n"                                                           \
	"nvme 0000:84:00.0 managed\n"                                                              \
	"hostdev 0000:85:00.0 managed\n"                                                           \
	"hostdev 0000:86:00.0 managed\n"                                                           \
	"hostdev 0000:87:00.0\n"                                                                   \
	"hostdev 10000:e1:00.0 managed\n"

/* What is in a PCI domain that the device makes vanishes with its driver, and comes back with it.
 */
#define VMD_HOST                                                                                   \
	"device 0000:00:0e.0 8086:467f class=010400 group=9 driver=vmd\n"                          \
	"bridge 10000:e0:06.0 8086:464d bus=e1 group=9\n"                                          \
	"device 10000:e1:00.0 144d:a80c class=010802 group=9 driver=nvme power=auto\n"             \
	"node 10000:e1:00.0 nvme/nvme0 240:0 subsystem=nvme name=nvme0\n"                          \
	"node 10000:e1:00.0 nvme/nvme0/nvme0n1 241:0 block name=nvme0n1\n"                         \
	"file proc/self/mountinfo\n\t21 1 8:1 / / rw - ext4 /dev/sda1 rw\n"                        \
	"module vfio-pci unloaded uses=vfio,vfio_pci_core\n"
#define VMD_GUEST "hostdev 0000:00:0e.0 managed\n"
