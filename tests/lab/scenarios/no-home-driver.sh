# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A device without a driver is lent, and has none again afterwards.

must rebind "$NIC" none
before
for managed in yes no; do
	guest "$managed" "$(hostdev "$managed" "$NIC")"
	start "$managed"
	on_vfio "$NIC"
	stop "$managed"
	same_as_before
done
must rebind "$NIC" e1000e
