# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A virtual function as a managed interface: libvirt takes its MAC and binds it itself, the hook only claims it.

address_of() { ip -br link show "$(basename "$PCI/$IGB_VF1"/net/*)" | tr -s ' ' | cut -d' ' -f3; }
vf() { printf "<interface type='hostdev' managed='yes'><source>%s</source></interface>" "$(address_xml "$IGB_VF1" "type='pci'")"; }

must ip link set dev "$(basename "$PCI/$IGB"/net/*)" up
mac=$(address_of)
guest g1 "$(vf)"
guest g2 "$(vf)"
start g1
on_vfio "$IGB_VF1"
refused g2 "$IGB_VF1" g1
stop g1
same_as_before
has_mac() { [[ $(address_of) == "$mac" ]]; }
poll 20 has_mac || fail "the interface came home as $(address_of), not as $mac"
must ip link set dev "$(basename "$PCI/$IGB"/net/*)" down
