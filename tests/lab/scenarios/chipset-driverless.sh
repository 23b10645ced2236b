# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The board's disk controller shares its group with an ISA bridge and an SMBus controller. While drivers work with them
# it is refused with the way that works; without drivers they stay as they are, and it is lent.

ISA=0000:00:1f.0 SATA=0000:00:1f.2 SMBUS=0000:00:1f.3
guest g1 "$(hostdev yes "$SATA")"

# Not every kernel here has a driver for each: any is taken off, and one put on that is there for sure.
must modprobe vfio-pci
for address in "$ISA" "$SMBUS"; do
	[[ $(driver_of "$address") == none ]] || must rebind "$address" none
done
must rebind "$SMBUS" none
must modprobe i2c-i801
[[ $(driver_of "$SMBUS") != none ]] || echo "$SMBUS" > "$DRIVERS/i801_smbus/bind"
refused g1 "$SATA" "$SMBUS" "echo $SMBUS > /sys/bus/pci/drivers/i801_smbus/unbind"
echo "$SMBUS" > "$DRIVERS/i801_smbus/unbind"

before
start g1
on_vfio "$SATA"
# What comes to it while the guest has the group is turned away by the kernel.
! echo "$SMBUS" 2> /dev/null > "$DRIVERS/i801_smbus/bind" || fail "a driver came to a mate of a running guest's device"
on_vfio "$SATA"
running g1
stop g1
same_as_before
