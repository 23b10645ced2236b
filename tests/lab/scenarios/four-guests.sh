# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Four guests with a device each, managed and not, are started at once and stopped at once, round after round; who wants
# what one of them has is refused meanwhile.
# deadline: 180 + rounds * 60

# at_once COMMAND GUEST... - one virsh for each, none waiting for another.
at_once() {
	local command=$1 name pids=()
	shift
	for name in "$@"; do
		say "virsh $command $name &"
		timeout 90 virsh -q "$command" -- "$name" > "$WORK/$name.said" 2>&1 < /dev/null 9>&- &
		pids+=($!)
	done
	for name in "$@"; do
		wait "${pids[0]}" || fail "the guest '$name' does not $command: $(< "$WORK/$name.said")"
		pids=("${pids[@]:1}")
	done
}

guest card "$(hostdev no "$GPU" "$SOUND")"
guest net "$(hostdev yes "$NIC")"
guest disk "$(hostdev no "$NVME")"
guest usb "$(hostdev yes "$XHCI")"
guest greedy "$(hostdev yes "$NIC2" "$NIC")"
four=(card net disk usb)
# A round takes a minute: few of them where others are many.
# shellcheck disable=SC2153 # play sets it
rounds=$ROUNDS
((rounds >= 25)) || rounds=$(((rounds + 9) / 10))
for ((round = 1; round <= rounds; round++)); do
	say "round $round of $rounds"
	at_once start "${four[@]}"
	count rounds
	count hand-overs "${#four[@]}"
	for name in "${four[@]}"; do
		running "$name"
		has_journal "$name" || fail "the guest '$name' runs without a journal"
	done
	on_vfio "$GPU" "$SOUND" "$NIC" "$NVME" "$XHCI"
	refused greedy "$NIC" net
	at_once destroy "${four[@]}"
	for name in "${four[@]}"; do
		came_home "$name"
	done
	same_as_before
done
start greedy
on_vfio "$NIC" "$NIC2"
stop greedy
same_as_before
