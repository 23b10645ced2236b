# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# libvirt finds no disk file, after the devices were lent: they are home again.

guest g1 "$(hostdev yes "$NIC")" "<disk type='file'><source file='/nonexistent/disk'/><target dev='vda' bus='virtio'/></disk>"
start_fails g1 /nonexistent/disk
came_home g1
