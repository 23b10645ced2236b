# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The state folder cannot be written to: a lent device could not be found again, so nothing is lent.

mkdir -p "$STATE"
must mount -t tmpfs -o ro none "$STATE"
guest g1 "$(hostdev no "$NIC")"
refused g1 "$STATE"
must umount "$STATE"
