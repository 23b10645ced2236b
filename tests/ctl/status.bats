#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# hostdevctl status: which guest has which device now, and what its last hand-overs came to.

# shellcheck disable=SC2154,SC2034 # root, output and errors are set in machine.bash
load machine

uuid=4dea22b3-1d52-48f3-9516-782e98ab3fa0
other=5dea22b3-1d52-48f3-9516-782e98ab3fa1
boot=0d9e2c1e-8f6a-4c0b-9a5e-1f2d3c4b5a69

setup() {
	machine_usual
	state=$root/run/hostdev-hook
	mkdir -m 700 "$state"
}

# A process that a failed test leaves would hold its descriptors open for ever.
teardown() { [[ -z ${holder:-} ]] || kill "$holder" 2> /dev/null || :; }

# journal UUID NAME LINE...: of this boot.
journal() {
	local uuid=$1 name=$2

	printf '%s\n' "hostdev-hook journal 1" "boot $boot" "guest $name" "uuid $uuid" "${@:3}" > "$state/$uuid.journal"
}

# record UUID NAME LINE...: what the last hand-overs came to.
record() { printf '%s\n' "hostdev-hook handovers 1" "guest $2" "uuid $1" "${@:3}" > "$state/$1.last"; }

# bound ADDRESS DRIVER
bound() {
	driver_make "$2"
	ln -sfn "../../../bus/pci/drivers/$2" "$root/sys/devices/pci0000:00/$1/driver"
}

# lent_nic [LINE...]: win11 has 0000:02:00.0.
lent_nic() {
	journal $uuid win11 "claim 0000:02:00.0" "device 0000:02:00.0 8086:10d3:8086:0000 class=020000" \
		"step driver 0000:02:00.0 e1000e -> none,override=vfio-pci # hostdev device" \
		"step driver 0000:02:00.0 none,override=vfio-pci -> vfio-pci,override=vfio-pci # hostdev device" \
		"begun 1" "done 1" "begun 2" "done 2" "$@"
	bound 0000:02:00.0 vfio-pci
}

# lock UUID FILE [OFFSET]: another process has the guest's lock, or a step's.
lock() {
	coproc HOLDER { exec python3 - "$1" "$2" "${3-}" 3>&- <<-'END'
	import fcntl, struct, sys
	text, path, offset = sys.argv[1:]
	value = 2166136261
	for byte in text.encode():
	    value = ((value ^ byte) * 16777619) & 0xffffffff
	start = int(offset) if offset else value
	file = open(path, "a+")
	command = 37 if offset else fcntl.F_SETLK # F_OFD_SETLK for a step
	fcntl.fcntl(file, command, struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, start, 1, 0))
	print("locked", flush=True)
	import time; time.sleep(60)
	END
	}
	holder=$HOLDER_PID
	read -r _ <&"${HOLDER[0]}"
}

json() { # EXPRESSION: of the output, in python
	python3 -c "import json, sys; d = json.loads(sys.argv[1]); assert ($1), d" "$output"
}

@test "nothing is on loan" {
	ctl status --root "$root"
	[[ $status -eq 0 && -z $output && $errors == "hostdevctl: no guest has a device on loan" ]]
	ctl status --root "$root" win11
	[[ $status -eq 0 && -z $output && $errors == *"win11 has no device on loan, and no hand-over of it is recorded"* ]]
	ok status --root "$root" --json
	json 'list(d) == ["version", "loans", "errors"] and d["version"] == 1 and d["loans"] == [] and d["errors"] == []'
	rm -r "$state"
	ctl status --root "$root"
	[[ $status -eq 0 && -z $output ]]
}

@test "a device on loan has one row, since when it is lent" {
	lent_nic "lent +at=$(($(date +%s) - 7300))"
	ok status --root "$root"
	[[ $output == *GUEST*ADDRESS*NAME*DRIVER*SINCE*STATE* ]]
	[[ $output =~ win11\ +0000:02:00.0\ .*vfio-pci\ +2\ h\ ago\ +lent ]]
	[[ $(wc -l <<< "$output") -eq 2 ]]
	lent_nic "lent +at=1764525180"
	ok status --root "$root" --json
	json 'd["loans"][0]["guest"] == "win11" and d["loans"][0]["address"] == "0000:02:00.0" and
		d["loans"][0]["driver"] == "vfio-pci" and d["loans"][0]["state"] == "lent" and
		d["loans"][0]["since"] == "2025-11-30T17:53:00Z"'
	ok status --root "$root" --json
	json "d['loans'][0]['uuid'] == '$uuid' and d['loans'][0]['note'] is None"
	ok status --root "$root" --raw -n -o guest,since,state
	[[ $output == "win11 2025-11-30T17:53:00Z lent" ]]
	# Of an earlier version, that is not known.
	lent_nic lent
	ok status --root "$root" --json
	json 'd["loans"][0]["since"] is None'
}

@test "a guest is asked for by its name or UUID" {
	lent_nic lent
	journal $other games "claim 0000:03:00.0" lent
	ok status --root "$root" -n -o guest,state
	[[ $(tr -s ' \n' ' ' <<< "$output") == "games lent win11 lent " ]]
	ok status --root "$root" -n -o guest,state win11
	[[ $output =~ ^win11\ +lent$ ]]
	ok status --root "$root" -n -o guest,state $other
	[[ $output =~ ^games\ +lent$ ]]
	ok status --root "$root" -n -o guest,state $other win11
	[[ $(wc -l <<< "$output") -eq 2 ]]
}

@test "a guest that is not there is told from one that has nothing" {
	local other_file=$root/etc/libvirt/qemu/games.xml

	mkdir -p "$root"/{etc,run}/libvirt/qemu
	guest_make games "$other_file" 0000:03:00.0
	ctl status --root "$root" games
	[[ $status -eq 0 && -z $output && $errors == *"games has no device on loan"* ]]
	fails status --root "$root" gaems
	[[ $errors == "hostdevctl: there is no guest gaems"*games* ]]
	fails log --root "$root" gaems
	fails status --root "$root" --wait gaems
	# By its number, and one that libvirt has forgotten.
	{
		echo "<domstatus state='running' reason='booted' pid='5'>"
		sed "s/<uuid>.*/<uuid>$other<\/uuid><devices>/; s/ type='kvm'/ type='kvm' id='7'/" "$other_file"
		echo "</domstatus>"
	} > "$root/run/libvirt/qemu/games.xml"
	rm "$other_file"
	journal $other games "claim 0000:03:00.0" lent
	lent_nic lent
	ok status --root "$root" -n -o guest 7
	[[ $output == games* && $output != *win11* ]]
	ok status --root "$root" -n -o guest win11
	[[ $output == win11* ]]
}

@test "what is lost does not look like what is lent" {
	local lent=lent

	lent_nic $lent
	bound 0000:02:00.0 e1000e
	ctl status --root "$root"
	[[ $status -eq 1 && $output =~ win11\ +0000:02:00.0\ .*e1000e\ +lost ]]
	[[ $output == *$'\n\n'"win11: 0000:02:00.0 "*": it is on driver e1000e, and should be on a VFIO driver." ]]
	rm "$root/sys/devices/pci0000:00/0000:02:00.0/driver"
	ctl status --root "$root"
	[[ $status -eq 1 && $output == *" lost"*"it has no driver, and should be"* ]]
	bound 0000:02:00.0 vfio-pci
	echo 0x1533 > "$root/sys/devices/pci0000:00/0000:02:00.0/device"
	ctl status --root "$root"
	[[ $status -eq 1 && $output == *" lost"*"another device stands at its address now"* ]]
	rm -r "$root/sys/bus/pci/devices/0000:02:00.0"
	ctl status --root "$root" --json
	[[ $status -eq 1 ]]
	json 'd["loans"][0]["state"] == "lost" and d["loans"][0]["driver"] is None and
		d["loans"][0]["note"] == "the device is gone from this host"'
}

@test "what is lent by hand says how it comes back" {
	lent_nic by-hand lent
	ok status --root "$root"
	[[ $output == *" lent"*"win11: it is lent by hand; \"hostdevctl return 0000:02:00.0\" gives everything back that was lent together." ]]
}

@test "whoever is at work is named; what nobody works at is unsettled" {
	lent_nic returning
	ctl status --root "$root"
	[[ $status -eq 1 && $output == *" unsettled"*"win11: not everything is returned, and nobody is at work on it; \"hostdevctl recover win11\" returns it." ]]
	lent_nic
	ctl status --root "$root"
	[[ $status -eq 1 && $output == *" unsettled"*"win11: its start was not finished, and nobody is at work on it; \"hostdevctl recover win11\" returns its devices." ]]
	lock $uuid "$state/guests.lock"
	ok status --root "$root"
	[[ $output == *" lending"*"win11: process $holder ("*") is at work on it." ]]
	lent_nic lent returning
	ok status --root "$root"
	[[ $output == *" returning"* ]]
	lent_nic lent
	ok status --root "$root"
	[[ $output == *" lent"* && $output != *"process $holder"* ]]
}

@test "a step that the kernel keeps is stuck" {
	lent_nic lent returning "in-flight 2 812 5"
	lock step "$state/$uuid.journal" 1
	ctl status --root "$root"
	[[ $status -eq 1 && $output == *" stuck"*"a driver does not answer the kernel"* ]]
	# It lets go.
	kill "$holder"
	wait "$holder" || :
	ctl status --root "$root"
	[[ $status -eq 1 && $output == *" unsettled"* ]]
}

@test "what is home has no row; a run that is not settled has one all the same" {
	journal $uuid win11 "claim 0000:02:00.0" "step unit a.service active -> inactive # holds it" \
		"begun 1" "done 1" lent returning
	ctl status --root "$root" --json
	[[ $status -eq 1 ]]
	json 'len(d["loans"]) == 1 and d["loans"][0]["address"] is None and d["loans"][0]["state"] == "unsettled"'
	# One that was detached and not returned yet.
	lent_nic lent "detached 0000:02:00.0"
	ctl status --root "$root"
	[[ $status -eq 1 && $output == *" unsettled"*"it was detached from the guest"* ]]
	# An earlier boot's is nobody's.
	lent_nic lent
	sed -i 's/^boot .*/boot 1d9e2c1e-8f6a-4c0b-9a5e-1f2d3c4b5a69/' "$state/$uuid.journal"
	ctl status --root "$root"
	[[ $status -eq 0 && -z $output ]]
	echo rubbish > "$state/$uuid.journal"
	ctl status --root "$root"
	[[ $status -eq 1 && $output == *unsettled*"$uuid: "*"line 1"* ]]
}

@test "what went wrong last is told, also of a guest that has nothing" {
	record $uuid "win 11" "lend refused 1764525180 214" \
		"message 0000:01:00.0 is held by process 710." "message Log out." "message Nothing was changed." \
		"return done 1764520000 900"
	ok status --root "$root"
	[[ $(wc -l <<< "$output") -eq 1 ]]
	[[ $output =~ ^"win 11: the last lend (2025-1"[12]-[0-9]{2}\ [0-9:]{8}", 0.2 s) was refused: 0000:01:00.0 is held by process 710."$ ]]
	ok status --root "$root" "win 11"
	[[ $output == *" was refused:"$'\n'"  0000:01:00.0 is held by process 710."$'\n'"  Log out."$'\n'"  Nothing was changed."$'\n'* ]]
	[[ $output == *"win 11: the last return ("*", 0.9 s) succeeded." ]]
	ok status --root "$root" --json
	json 'len(d["errors"]) == 1 and d["loans"] == [] and d["errors"][0] == {"guest": "win 11", "uuid": "'$uuid'",
		"operation": "lend", "result": "refused", "at": "2025-11-30T17:53:00Z", "ms": 214,
		"message": "0000:01:00.0 is held by process 710.\nLog out.\nNothing was changed."}'
	record $uuid win11 "lend done 1764525180 10" "return unsettled 1764525190 20000" "message not everything: x"
	ok status --root "$root"
	[[ $output == *"the last return ("*", 20 s) failed, and what it left is settled since: not everything: x" ]]
}

@test "what a guest is called, and what it was told, does no harm to a terminal" {
	record $uuid 'a\x1b[31m' "lend failed 5 6" 'message b\x1b[0mc'
	ok status --root "$root"
	[[ $output != *$'\x1b'* && $output == 'a\x1b[31m: '*'b\x1b[0mc' ]]
	ok status --root "$root" --json
	# A damaged record is none.
	echo rubbish > "$state/$uuid.last"
	ctl status --root "$root"
	[[ $status -eq 0 && -z $output ]]
}

@test "--timings tells each step, the slowest first" {
	ctl status --root "$root" --timings
	[[ $status -eq 0 && -z $output && $errors == *"no hand-over is recorded"* ]]
	record $uuid win11 "lend done 1764525180 5321" "step 12 set power 0000:01:00.0" "step 4812 set driver 0000:01:00.0" \
		"step 30 set unit a.service" "return failed 1764525190 20000" "step 19000 failed driver 0000:01:00.0"
	ok status --root "$root" --timings --raw -n -o guest,operation,ms,step
	[[ $output == 'win11 lend 4812 driver\x200000:01:00.0\x20('* ]]
	[[ $(cut -d ' ' -f 2,3 <<< "$output" | tr '\n' ,) == "lend 4812,lend 30,lend 12,lend 5321,return 19000,return 20000," ]]
	[[ $(sed -n 4p <<< "$output") == "win11 lend 5321 total" && $output == *'\x20(failed)'* ]]
	ok status --root "$root" --timings --json
	json 'd["timings"][0]["ms"] == 4812 and d["timings"][3]["step"] == "total"'
	ok status --root "$root" --timings nobody --json
	json 'd["timings"] == []'
}

@test "--wait returns when nobody is at work" {
	lent_nic lent
	ok status --root "$root" --wait --timeout 5
	[[ $output == *" lent"* ]]
	lock $uuid "$state/guests.lock"
	fails status --root "$root" --wait --timeout 1
	[[ $errors == "hostdevctl: after 1 s, still win11: process $holder ("*") is at work on it" ]]
	fails status --root "$root" --wait --timeout 1 win11
	# Another guest's is no matter.
	ctl status --root "$root" --wait --timeout 5 games
	[[ $status -eq 0 ]]
	(sleep 0.5; kill "$holder") &
	ok status --root "$root" --wait --timeout 20
	# Of whom nothing is known yet.
	rm "$state/$uuid.journal"
	lock $other "$state/guests.lock"
	fails status --root "$root" --wait --timeout 1
	[[ $errors == *"process $holder"* ]]
}

@test "wrong command lines" {
	misuses status --json --raw
	misuses status --metrics --timings
	misuses status --metrics win11
	misuses status --metrics --json
	misuses status --timeout 5
	misuses status --wait --timeout 0
	misuses status --wait --timeout 5s
	misuses status -o NOTHING
	misuses status --timings -o STATE
	ok status --help
	[[ $output == "Usage: hostdevctl status"* ]]
}
