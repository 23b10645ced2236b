# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# hostdevctl holders tells who holds a device or a guest's devices, and what would be done about it; it does nothing.

list() {
	say "hostdevctl holders $*"
	hostdevctl holders "$@" > "$WORK/holders" 2>&1 || fail "it failed: $(< "$WORK/holders")"
	cat "$WORK/holders"
}
row() { grep -qE "$1" "$WORK/holders" || fail "no line $1"; }

guest g1 "$(policy processes=refuse)" "$(hostdev yes "$GPU" "$NVME")"
hold "$(control_node "$SOUND")"
player=$HELD
hold "$(card_node "$GPU")"
disk=$(disk_node "$NVME")
format "$disk"
must mount "$disk" /mnt

list "$SOUND"
row "^$SOUND +process +/dev/snd/controlC0 +$player +hold +root .*terminate"
list "$GPU"
row "^$GPU +process +/dev/dri/card0 +$HELD +hold +root .*terminate"
! grep -qE "^$GPU +(console|login)" "$WORK/holders" || fail "the text console is a use although nobody is on it"
list g1
row "^$GPU +process +/dev/dri/card0 +$HELD +hold +root .*refuse"
row "^$NVME +mount .*/mnt.*refuse"
list --json g1
row '"holders": *\['
row "\"pid\": *$HELD,"
lives "$player" "$HELD"
must umount /mnt
wipe "$disk"
end "$player" "$HELD"
must udevadm settle
list "$SOUND"
! grep -q "^$SOUND" "$WORK/holders" || fail "somebody still holds it"
