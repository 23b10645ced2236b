#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# hostdevctl holders on made-up machines: a row for each holder and use of the devices that were asked for.

# shellcheck disable=SC2154 # root and errors are set in machine.bash
load machine

setup() {
	needs_root
	machine_usual
	process_make 812 mpv 0000:01:00.1 snd/controlC0 116:3
	process_make 90001 arecord 0000:01:00.1 snd/controlC0 116:3
}

@test "who has a device open, numbers flush right" {
	ok holders --root "$root" -o PID,COMMAND,NODE,ACTION 01:00.1
	diff -u - <(echo "$output") <<-'END'
		  PID COMMAND NODE               ACTION
		  812 mpv     /dev/snd/controlC0 terminate
		90001 arecord /dev/snd/controlC0 terminate
	END
}

@test "numbers are numbers in JSON, and null where there is none" {
	needs_program python3
	echo 1 > "$root/proc/sys/kernel/hung_task_panic"
	echo 120 > "$root/proc/sys/kernel/hung_task_timeout_secs"
	ok holders --root "$root" -J -o +GROUP 01:00.1
	python3 - "$output" <<-'END'
		import json, sys
		rows = json.loads(sys.argv[1])["holders"]
		assert [row["pid"] for row in rows] == [812, 90001, None, None], rows
		assert [row["group"] for row in rows] == [1, 1, 1, 1], rows
		assert rows[2]["kind"] == "hung-task-panic" and rows[0]["session"] is None, rows
	END
}

@test "one device, however its address is spelled" {
	ok holders --root "$root" 0000:01:00.1
	[[ $(wc -l <<< "$output") -eq 3 ]]
	first=$output
	for address in 01:00.1 pci_0000_01_00_1; do
		ok holders --root "$root" "$address"
		[[ $output == "$first" ]]
	done
}

@test "several devices at once, each of them once" {
	process_make 77 aplay 0000:03:00.0 snd/controlC1 116:4
	ok holders --root "$root" -rn -o ADDRESS,PID 01:00.1 pci_0000_03_00_0 02:00.0 0000:01:00.1
	[[ $(sort <<< "$output") == $'0000:01:00.1 812\n0000:01:00.1 90001\n0000:03:00.0 77' ]]
	ok holders --root "$root" -rn -o ADDRESS,PID 03:00.0 02:00.0
	[[ $output == '0000:03:00.0 77' ]]
}

@test "a device that is not there is a failure; the others are shown" {
	fails holders --root "$root" 09:00.0
	[[ $errors == "hostdevctl: there is no PCI device 0000:09:00.0" ]]
	ctl holders --root "$root" -rn -o PID 09:00.0 01:00.1 09:00.1
	[[ $status -eq 1 && $output == $'812\n90001' ]]
	[[ $errors == $'hostdevctl: there is no PCI device 0000:09:00.0\nhostdevctl: there is no PCI device 0000:09:00.1' ]]
	ctl holders --root "$root" -J 09:00.0
	[[ $status -eq 1 && ${output//[[:space:]]/} == '{"version":1,"holders":[]}' ]]
	guest_make win11 "$BATS_TEST_TMPDIR/guest.xml" 0000:01:00.1 0000:09:00.0
	ctl holders --root "$root" -rn -o PID "$BATS_TEST_TMPDIR/guest.xml"
	[[ $status -eq 1 && $output == $'812\n90001' && $errors == "hostdevctl: there is no PCI device 0000:09:00.0" ]]
}

@test "a guest's devices" {
	guest_make win11 "$BATS_TEST_TMPDIR/guest.xml" 0000:01:00.1 0000:02:00.0
	ok holders --root "$root" -rn -o ADDRESS,PID "$BATS_TEST_TMPDIR/guest.xml"
	[[ $output == $'0000:01:00.1 812\n0000:01:00.1 90001' ]]
}

@test "+ adds columns behind the usual ones" {
	ok holders --root "$root" -r -o +GROUP,bound 01:00.1
	[[ ${output%%$'\n'*} == "ADDRESS KIND NODE PID COMMAND USER SESSION UNIT HOW ACTION GROUP BOUND" ]]
	[[ ${output##*$'\n'} == "0000:01:00.1 "*" 1 snd_hda_intel" ]]
	# What is there already need not be added.
	ok holders --root "$root" -r -o +PID,GROUP,group,ADDRESS 01:00.1
	[[ ${output%%$'\n'*} == "ADDRESS KIND NODE PID COMMAND USER SESSION UNIT HOW ACTION GROUP" ]]
	ok holders --root "$root" -rn -o COMMAND,PID 01:00.1
	[[ $output == $'mpv 812\narecord 90001' ]]
}

@test "wrong arguments" {
	misuses holders
	[[ $errors == "hostdevctl: holders takes one ADDRESS or more, or one FILE or NAME"* ]]
	misuses holders --root "$root" 01:00.1 win11
	[[ $errors == "hostdevctl: win11: of several arguments each must be an address"* ]]
	misuses holders --root "$root" ./win11.xml 01:00.1
	[[ $errors == "hostdevctl: ./win11.xml: of several arguments each must be an address"* ]]
	misuses holders --device 01:00.0 01:00.1
	misuses holders -o PIN 01:00.1
	[[ $errors == 'hostdevctl: unknown column "PIN"; the columns are ADDRESS, KIND, NODE, PID, COMMAND, USER, SESSION, UNIT, HOW, ACTION, NAME, BOUND, GROUP'* ]]
	misuses holders -o +PIN 01:00.1
	misuses holders -o + 01:00.1
	misuses holders -o PID,pid 01:00.1
	misuses holders -o "$(printf 'x%.0s' {1..5000})" 01:00.1
	[[ $errors == *"the columns are ADDRESS, "*", GROUP"$'\n'* ]]
	fails holders --root "$root" ./win11.xml
}
