# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# An admin lends devices by hand and returns them: for nobody, to a guest before it starts, to one that runs, and to the
# QEMU of a user. No guest gets what is lent by hand, and nobody who comes by takes it for left behind.
# deadline: 660

with_ejecting_firmware

# ctl COMMAND... - must succeed. not_ctl COMMAND... - must not. What they say is in $WORK/ctl.
ctl() {
	say "hostdevctl $*"
	hostdevctl "$@" > "$WORK/ctl" 2>&1 || { cat "$WORK/ctl"; fail "hostdevctl $1 ended with $?"; }
	cat "$WORK/ctl"
}
not_ctl() {
	say "hostdevctl $* (and it must not)"
	! hostdevctl "$@" > "$WORK/ctl" 2>&1 || fail "hostdevctl $1 did it"
	cat "$WORK/ctl"
}
# Each journal of a loan in nobody's name.
loans() { grep -lx by-hand "$STATE"/*.journal 2> /dev/null; }
has_no_loans() { ! loans > /dev/null; }
bus_of() { IFS=:. read -r _ bus _ <<< "$1"; echo "$bus"; }
contains_text() { grep -qF -- "$2" "$1"; }
has_let_go() { ! virsh -q dumpxml g2 | sed -n '/<source>/,/<\/source>/p' | grep "bus='0x$(bus_of "$NIC2")'" > /dev/null; }

# --- for nobody ---

guest g1 "$(hostdev yes "$NIC")"
ctl lend "$NIC"
on_vfio "$NIC"
ctl recover
contains "$WORK/ctl" "left" "it was lent by hand"
on_vfio "$NIC"
refused g1 "is lent by hand" "hostdevctl return $NIC"
not_ctl lend "$NIC"
contains "$WORK/ctl" "is lent by hand"
ctl return "$NIC"
has_no_loans || fail "a loan stays: $(loans)"
same_as_before

# --- a guest's devices before it starts: its start changes no driver, its stop returns them ---

ctl lend g1
on_vfio "$NIC"
inode=$(stat -c %i "$PCI/$NIC/vfio-dev" 2> /dev/null || stat -c %i "/dev/vfio/$(basename "$(readlink "$PCI/$NIC/iommu_group")")")
start g1
[[ $inode == "$(stat -c %i "$PCI/$NIC/vfio-dev" 2> /dev/null || stat -c %i "/dev/vfio/$(basename "$(readlink "$PCI/$NIC/iommu_group")")")" ]] ||
	fail "the start of g1 has bound $NIC anew"
not_ctl return "$NIC"
stop g1
same_as_before

# --- more for a guest that runs ---

guest g2 "$(hostdev yes "$NIC")"
hostdev yes "$NIC2" > "$WORK/nic2.xml"
start g2
ctl lend "$NIC2" --for g2
on_vfio "$NIC" "$NIC2"
ctl recover
on_vfio "$NIC" "$NIC2"
virsh_run attach-device g2 "$WORK/nic2.xml" --live || fail "$NIC2 is not attached"
not_ctl return "$NIC2"
virsh_run detach-device g2 "$WORK/nic2.xml" --live || fail "$NIC2 is not detached"
poll 30 has_let_go || fail "g2 still has $NIC2"
poll 30 hostdevctl return "$NIC2" || fail "$NIC2 is not returned"
on_vfio "$NIC"
running g2
ctl lend "$NIC2" --for g2
stop g2
same_as_before

# --- the guest stops while more is lent to it, and its stop cannot wait so long ---

guest g3 "$(policy processes=wait wait-time=100)" "$(hostdev yes "$NIC")"
start g3
hold "$(control_node "$SOUND")"
hostdevctl lend "$SOUND" --for g3 > "$WORK/ctl" 2>&1 &
lending=$!
poll 30 grep -q '^plug ' "$(journal_of g3)" || fail "hostdevctl does not lend $SOUND"
virsh_run destroy -- g3 || fail "g3 does not stop"
has_journal g3 || fail "the stop of g3 was to find somebody at work"
end "$HELD"
! wait "$lending" || fail "hostdevctl has lent $SOUND to a guest that has stopped"
contains "$WORK/ctl" "g3 has stopped meanwhile" "returned"
has_no_journal g3 || fail "what g3 was lent is not returned"
same_as_before

# --- the QEMU of a user ---

ctl lend "$NIC" --owner alice
# shellcheck disable=SC2016 # for that bash to expand
bash -c 'ulimit -l unlimited; exec setpriv --reuid alice --regid alice --init-groups \
	qemu-system-x86_64 -M q35 -m 64 -nodefaults -display none -S -device "vfio-pci,host=$1"' - "$NIC" &
qemu=$!
group=$(basename "$(readlink "$PCI/$NIC/iommu_group")")
poll 30 holds "$qemu" "/dev/vfio/$group" || fail "alice's QEMU does not open /dev/vfio/$group"
not_ctl return "$NIC"
contains "$WORK/ctl" "is still in use" "Nothing was changed"
on_vfio "$NIC"
end "$qemu"
ctl return "$NIC"
same_as_before

# --- a person at a terminal is asked before programs end; without one nobody is asked ---

# asked ANSWER COMMAND... - hostdevctl at a terminal of its own, where the answer is typed. What it shows is in $WORK/ctl.
asked() {
	say "hostdevctl ${*:2}, at a terminal: $1"
	printf '%s\n' "$1" | command script -qec "hostdevctl ${*:2}" /dev/null > "$WORK/ctl"
}
mixer=$(control_node "$SOUND")
hold "$mixer"
! asked n lend "$SOUND" || fail "the answer was no, and hostdevctl has lent $SOUND"
contains "$WORK/ctl" "These programs would be ended" "process $HELD" "Lend the devices all the same? [y/N]" "nothing was changed"
lives "$HELD"
same_as_before
! asked '' lend "$SOUND" || fail "there was no answer, and hostdevctl has lent $SOUND"
lives "$HELD"
same_as_before
asked y lend "$SOUND" || fail "the answer was yes, and hostdevctl has not lent $SOUND"
contains "$WORK/ctl" "by hand: set driver $SOUND snd_hda_intel"
has_ended "$HELD"
on_vfio "$GPU" "$SOUND"
ctl return "$SOUND"
same_as_before

hold "$mixer"
asked n lend --yes "$SOUND" || fail "hostdevctl lend --yes has not lent $SOUND"
! contains_text "$WORK/ctl" "[y/N]" || fail "hostdevctl lend --yes has asked"
has_ended "$HELD"
ctl return "$SOUND"
same_as_before

hold "$mixer"
ctl lend "$SOUND"
! contains_text "$WORK/ctl" "[y/N]" || fail "hostdevctl lend has asked where there is no terminal"
! contains_text "$WORK/ctl" "set driver" || fail "hostdevctl lend shows its steps where there is no terminal"
has_ended "$HELD"
ctl return "$SOUND"
same_as_before

# --- interrupted ---

for _ in 1 2 3; do
	hostdevctl lend "$NIC" "$NVME" > "$WORK/ctl" 2>&1 &
	pid=$!
	sleep "0.$((RANDOM % 9))"
	kill -INT "$pid" 2> /dev/null || :
	wait "$pid" || :
	hostdevctl return "$NIC" > /dev/null 2>&1 || :
	ctl recover
	poll 30 has_no_loans || fail "a loan stays: $(loans)"
	poll 30 reads_as "$WORK/before" || same_as_before
done
