# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# One service holds the devices of two guests that are started at once, and stopped at once: however their hooks meet,
# it is stopped while it would hold what a guest has, and runs again once both have returned.
# machine: systemd

mixer=$(control_node "$SOUND")
disk=$(disk_node "$NVME")
unit lab-shared.service '[Service]' \
	"ExecStart=/bin/bash -c '[[ ! -b $disk ]] || exec 7< $disk; exec /lab/hold $mixer'"
guest sound "$(hostdev no "$SOUND")"
# A disk that is open is in use, unless somebody says so of this very device.
guest disk "$(policy "$NVME" services=stop-unit)" "$(hostdev yes "$NVME")"
must systemctl start lab-shared.service
held_by "$mixer" main_pid lab-shared
held_by "$disk" main_pid lab-shared
before

# at_once COMMAND
at_once() {
	local name
	for name in sound disk; do
		say "virsh $1 $name &"
		timeout 90 virsh -q "$1" -- "$name" > "$WORK/$name.said" 2>&1 < /dev/null 9>&- &
		pids[$name]=$!
	done
	for name in sound disk; do
		wait "${pids[$name]}" || fail "the guest '$name' does not $1: $(< "$WORK/$name.said")"
	done
}
declare -A pids=()

# needs NAME - the guest's journal has the unit.
needs() { grep -q '^step unit lab-shared.service ' "$(journal_of "$1")"; }

for last in sound disk at-once; do
	at_once start
	on_vfio "$GPU" "$SOUND" "$NVME"
	inactive lab-shared.service
	needs sound || needs disk || fail "nobody has stopped it"
	case $last in
	sound) stop disk ;;
	disk) stop sound ;;
	esac
	if [[ $last == at-once ]]; then
		at_once destroy
		came_home sound
		came_home disk
	else
		! needs "$last" || inactive lab-shared.service
		stop "$last"
	fi
	active lab-shared.service
	held_by "$mixer" main_pid lab-shared
	held_by "$disk" main_pid lab-shared
	same_as_before
done
must systemctl stop lab-shared.service
