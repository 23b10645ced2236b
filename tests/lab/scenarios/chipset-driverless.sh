# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# The board's disk controller shares its group with an ISA bridge and an SMBus controller. While drivers work with them
# it is refused with the way that works; without drivers they stay as they are, and it is lent.

ISA=0000:00:1f.0 SATA=0000:00:1f.2 SMBUS=0000:00:1f.3
guest g1 "$(hostdev yes "$SATA")"
must modprobe -a lpc_ich i2c-i801
udevadm settle
declare -A home=(["$ISA"]=lpc_ich ["$SMBUS"]=i801_smbus)

for address in "$ISA" "$SMBUS"; do
	[[ $(driver_of "$address") == "${home[$address]}" ]] || fail "$address is on $(driver_of "$address")"
	refused g1 "$SATA" "$address" "echo $address > /sys/bus/pci/drivers/${home[$address]}/unbind"
	must rebind "$address" none
done

before
start g1
on_vfio "$SATA"
# What comes to a mate while the guest has the group is turned away by the kernel.
! echo "$SMBUS" 2> /dev/null > "$DRIVERS/i801_smbus/bind" || fail "a driver came to a mate of a running guest's device"
on_vfio "$SATA"
running g1
stop g1
same_as_before
for address in "$ISA" "$SMBUS"; do
	must rebind "$address" "${home[$address]}"
done
