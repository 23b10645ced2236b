# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The module of the home driver is unloaded while the devices are lent: the return loads it again.

for managed in yes no; do
	guest "$managed" "$(hostdev "$managed" "$NIC" "$NIC2")"
	start "$managed"
	on_vfio "$NIC" "$NIC2"
	must rmmod e1000e
	stop "$managed"
	same_as_before
done
