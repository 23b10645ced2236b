# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What a guest's device was lent with is remembered with the kernel, one that falls off the bus is told as such and comes
# back, iommufd is refused where the kernel has none, QEMU's own devices are named, and the policy is set by name.

guest g1 "$(hostdev yes "$NIC")"
loan=$(pins_of g1)
loan=${loan%.pins}.loan
start g1
stop g1
grep -qx "kernel $(uname -r)" "$loan" || fail "another kernel is remembered: $(cat "$loan")"
grep -q "^group.* $NIC=e1000e" "$loan" || fail "$NIC is not remembered: $(cat "$loan")"
inode=$(stat -c %i "$loan")
start g1
stop g1
[[ $(stat -c %i "$loan") == "$inode" ]] || fail "the same loan was written again"

echo 1 > "$PCI/$NIC/remove" || fail "$NIC cannot be removed"
! hostdevctl plan --steps "$(xml_file g1)" > "$WORK/said" 2>&1 || fail "a device that is gone can be lent"
contains "$WORK/said" "$NIC (Intel 82574L" "is not there any more; one like it is at $NIC2"
echo 1 > /sys/bus/pci/rescan || fail "the bus cannot be scanned"
poll 10 test -e "$PCI/$NIC/driver" || fail "$NIC did not come back"
start g1
on_vfio "$NIC"
stop g1

sed 's|<devices>|<iommufd enabled="yes"/>&|' "$(xml_file g1)" > "$WORK/iommufd.xml"
if [[ -e /dev/iommu ]] || grep -q /iommufd.ko "/lib/modules/$(uname -r)/modules."{dep,builtin}; then
	must hostdevctl plan --steps "$WORK/iommufd.xml"
else
	! hostdevctl plan --steps "$WORK/iommufd.xml" > "$WORK/said" 2>&1 || fail "iommufd is planned for"
	contains "$WORK/said" "$NIC" CONFIG_IOMMUFD
fi

sed 's|</devices>|&<q:commandline xmlns:q="http://libvirt.org/schemas/domain/qemu/1.0"><q:arg value="-device"/><q:arg value="vfio-pci,host='"${NIC2#0000:}"'"/></q:commandline>|' \
	"$(xml_file g1)" > "$WORK/qemu.xml"
hostdevctl plan --steps "$WORK/qemu.xml" > "$WORK/said" || fail "it is not planned for"
contains "$WORK/said" "# $NIC2 stands in <qemu:commandline>" "driver $NIC "

must hostdevctl set g1 wait-time=7 allow+=ssh
hostdevctl set -rn -o KEY,VALUE,FROM g1 > "$WORK/said" || fail "the policy is not told"
contains "$WORK/said" "wait-time 7 /etc/hostdev-hook/guests/g1.conf:2" \
	"allow ssh /etc/hostdev-hook/guests/g1.conf:3"
must hostdevctl set g1 wait-time= allow-=ssh
rm /etc/hostdev-hook/guests/g1.conf
same_as_before
