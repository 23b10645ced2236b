# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# vfio is not loaded yet and libvirt binds nothing: the hook loads what it needs.

must modprobe -r vfio-pci vfio_iommu_type1
[[ ! -e /sys/module/vfio && ! -e $DRIVERS/vfio-pci ]] || fail "vfio is still loaded"
guest g1 "$(hostdev no "$NIC")"
start g1
on_vfio "$NIC"
stop g1
same_as_before
