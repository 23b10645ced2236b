# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The administrator gave the device to vfio-pci at boot: no step is needed, and it stays there.

must modprobe vfio-pci
must rebind "$NIC" vfio-pci vfio-pci
before
for managed in yes no; do
	guest "$managed" "$(hostdev "$managed" "$NIC")"
	start "$managed"
	on_vfio "$NIC"
	stop "$managed"
	same_as_before
done
must rebind "$NIC" e1000e
