# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Somebody is logged in by ssh over this card: refused, unless policy says that the login may be cut off.

near=$(interface "$NIC") far=$(interface "$NIC2")
guest g1 "$(hostdev yes "$NIC")"
log_in_by_ssh "$near" "$far"
refused g1 "$NIC" "$near" 192.0.2.2 "allow+=ssh"
log_out_of_ssh "$near"
