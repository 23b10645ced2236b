# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# An interface from a pool of virtual functions: at the preparation nobody knows which one, libvirt picks and binds it.
# From the start on it is claimed.

pool() { virsh_run "$@" || fail "virsh $1 failed"; }

cat > "$WORK/pool.xml" << XML
<network><name>pool</name><forward mode='hostdev' managed='yes'>
	$(address_xml "$IGB_VF1" "type='pci'")
</forward></network>
XML
must ip link set dev "$(basename "$PCI/$IGB"/net/*)" up
pool net-create "$WORK/pool.xml"
guest g1 "<interface type='network'><source network='pool'/></interface>"
guest g2 "$(hostdev no "$IGB_VF1")"
start g1
on_vfio "$IGB_VF1"
refused g2 "$IGB_VF1" g1
stop g1
same_as_before
pool net-destroy pool
must ip link set dev "$(basename "$PCI/$IGB"/net/*)" down
