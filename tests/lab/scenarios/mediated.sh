# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A device is shared as mediated devices: it is not lent while there is one, used or not, and is lent when there is none.

must modprobe hostdev-lab-mdev
must rebind "$EDU" hostdev_lab_mdev hostdev_lab_mdev
read -r uuid < /proc/sys/kernel/random/uuid
before

create() { echo "$uuid" > "$PCI/$EDU/mdev_supported_types/hostdev_lab_mdev-share/create"; }
must create
udevadm settle
guest g1 "$(hostdev yes "$EDU")"
guest g2 "$(policy processes=terminate services=terminate)" "$(hostdev no "$EDU")"
for name in g1 g2; do
	refused "$name" "$EDU" "$uuid" "mdevctl stop"
done

group=$(basename "$(readlink "$PCI/$EDU/$uuid/iommu_group")")
hold "/dev/vfio/$group"
for name in g1 g2; do
	refused "$name" "$EDU" "$uuid" "process $HELD" "/dev/vfio/$group"
done
lives "$HELD"
end "$HELD"
[[ -d $PCI/$EDU/$uuid ]] || fail "the mediated device is gone"

echo 1 > "$PCI/$EDU/$uuid/remove"
same_as_before
for name in g1 g2; do
	start "$name"
	on_vfio "$EDU"
	stop "$name"
	same_as_before
done
must rebind "$EDU" hostdev_lab
must rmmod hostdev-lab-mdev
