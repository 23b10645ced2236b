# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The guest dies while libvirtd is down: the devices come home when it is back.

guest g1 "$(hostdev no "$NIC")"
start g1
must daemon_down
kill_qemu g1
on_vfio "$NIC"
must daemon_up
soon_same_as_before 30
came_home g1
