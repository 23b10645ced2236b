# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# QEMU ends at once for an argument it does not know, after the devices were lent: they are home again.

guest g1 "$(hostdev no "$NIC")" "<qemu:commandline><qemu:arg value='-no-such-option'/></qemu:commandline>"
start_fails g1 no-such-option
came_home g1
