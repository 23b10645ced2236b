# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# libvirtd is restarted under a running guest: guest and devices stay together, and part at the end.

guest g1 "$(hostdev yes "$NIC")" "$(hostdev no "$NVME")"
start g1
must daemon_down
must daemon_up
running g1
has_journal g1 || fail "the journal went while the guest lives"
on_vfio "$NIC" "$NVME"
stop g1
same_as_before
