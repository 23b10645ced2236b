# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# An override that the administrator set on a device of a home driver is there again afterwards.

echo e1000e > "$PCI/$NIC/driver_override"
before
for managed in yes no; do
	guest "$managed" "$(hostdev "$managed" "$NIC")"
	start "$managed"
	on_vfio "$NIC"
	stop "$managed"
	same_as_before
done
echo > "$PCI/$NIC/driver_override"
