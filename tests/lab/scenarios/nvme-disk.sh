# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# An NVMe disk as a disk of type nvme, where QEMU drives it itself through vfio; managed and not.

for managed in yes no; do
	guest "$managed" "<disk type='nvme' device='disk'>
		<source type='pci' managed='$managed' namespace='1'>$(address_xml "$NVME")</source>
		<target dev='vda' bus='virtio'/></disk>"
	start "$managed"
	on_vfio "$NVME"
	stop "$managed"
	same_as_before
done
