# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Two guests want one device: the second is refused with the first one's name, and the first lives on.

guest first "$(hostdev yes "$NIC")"
guest second "$(hostdev no "$NIC")"
start first
refused second "$NIC" first
running first
on_vfio "$NIC"
stop first
same_as_before
start second
on_vfio "$NIC"
stop second
same_as_before
