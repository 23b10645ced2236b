# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A device is detached from a guest that runs on. libvirt calls no hook for that and leaves it on vfio-pci: another guest that
# asks for it gets it, and "recover" brings it home; what the guest still has stays. What another guest has is not attached.
# deadline: 300

with_ejecting_firmware
guest g1 "$(hostdev yes "$NIC" "$NIC2")"
guest g2 "$(hostdev yes "$NIC")"
hostdev yes "$NIC" > "$WORK/nic.xml"

bus_of() { IFS=:. read -r _ bus _ <<< "$1"; echo "$bus"; }
has_let_go() { ! virsh -q dumpxml g1 | sed -n '/<source>/,/<\/source>/p' | grep "bus='0x$(bus_of "$NIC")'" > /dev/null; }
detach() {
	virsh_run detach-device g1 "$WORK/nic.xml" --live || fail "$NIC is not detached"
	poll 30 has_let_go || fail "g1 still has $NIC"
}
driver() { basename "$(readlink "$PCI/$1/driver")"; }

start g1
on_vfio "$NIC" "$NIC2"
detach
[[ $(driver "$NIC") == vfio-pci ]] || fail "libvirt has brought $NIC home: nothing is left to be shown"
start g2
on_vfio "$NIC" "$NIC2"
! virsh_run attach-device g1 "$WORK/nic.xml" --live || fail "g1 got $NIC, which g2 has"
running g1
running g2
stop g2
[[ $(driver "$NIC") == e1000e ]] || fail "$NIC is on $(driver "$NIC")"
on_vfio "$NIC2"
stop g1
same_as_before

start g1
detach
must hostdevctl recover g1
[[ $(driver "$NIC") == e1000e ]] || fail "$NIC is on $(driver "$NIC")"
on_vfio "$NIC2"
running g1
# What libvirt brings back itself is its own affair.
virsh_run attach-device g1 "$WORK/nic.xml" --live || fail "$NIC is not attached"
on_vfio "$NIC" "$NIC2"
must hostdevctl recover g1
on_vfio "$NIC" "$NIC2"
stop g1
same_as_before
