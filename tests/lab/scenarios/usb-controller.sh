# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A USB controller with a stick and a keyboard behind it.

guest g1 "$(hostdev yes "$XHCI")"
start g1
on_vfio "$XHCI"
stop g1
same_as_before
