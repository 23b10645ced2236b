#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# hostdevctl lend and return: what they understand and say. They work on the machine they run on, so they run in a mount
# namespace of its own, in which /sys, /run, /dev/vfio and /etc/hostdev-hook are those of a made-up machine. No kernel
# answers there: what is lent and returned is shown in tests/hook and in the lab.

# shellcheck disable=SC2030,SC2031,SC2154,SC2034 # root, output and errors are set in machine.bash
load machine

uuid=4dea22b3-1d52-48f3-9516-782e98ab3fa0
other=5dea22b3-1d52-48f3-9516-782e98ab3fa1

setup() {
	needs_mounts
	machine_usual
	# Nobody looks for who has them open.
	device_make 0000:05:00.0 1234:11e8 ff0000 5 none
	device_make 0000:06:00.0 1234:11e8 ff0000 6 none
	device_make 0000:07:00.0 1234:11e8 ff0000 6 none
	device_make 0000:08:00.0 1234:11e8 ff0000 6 e1000e
	mkdir -m 700 "$root/run/hostdev-hook"
	read -r boot < /proc/sys/kernel/random/boot_id
}

# A guest that a failed test leaves would run for all that come after it, on the whole machine.
teardown() { [[ -z ${qemu:-} ]] || kill -9 "$qemu" 2> /dev/null || :; }

# journal UUID NAME LINE...: of this boot.
journal() {
	local uuid=$1 name=$2

	shift 2
	printf '%s\n' "hostdev-hook journal 1" "boot $boot" "guest $name" "uuid $uuid" "$@" \
		> "$root/run/hostdev-hook/$uuid.journal"
}

has_journal() { [[ -e $root/run/hostdev-hook/$1.journal ]]; }
has_no_journal() { [[ ! -e $root/run/hostdev-hook/$1.journal ]]; }

# on ARGUMENT...: runs hostdevctl on the made-up machine.
on() {
	local out=$BATS_TEST_TMPDIR/stdout err=$BATS_TEST_TMPDIR/stderr

	status=0
	# shellcheck disable=SC2016 # for sh to expand
	unshare --mount --propagation private sh -c '
		mount --bind "$1/sys" /sys && mount --bind "$1/run" /run && program=$2 && shift 2 &&
		exec "$program" "$@"' \
		- "$root" "${HOSTDEVCTL:?}" "$@" > "$out" 2> "$err" < /dev/null || status=$?
	output=$(< "$out")
	errors=$(< "$err")
	echo "status $status"$'\n'"$output"$'\n'"$errors"
}

@test "lend: a dry run says what would be done, and changes nothing" {
	before=$(cd "$root" && find . -printf '%p %y %s %T@ %l\n' | sort)
	on lend 05:00.0 --dry-run
	[[ $status -eq 0 && -z $errors ]]
	[[ $output == "a virtual machine would be lent its devices."*"0000:05:00.0"*"none -> vfio-pci"* ]]
	on lend 05:00.0 --for lab --dry-run
	[[ $output == "lab would be lent its devices."* ]]
	on lend 05:00.0 --for lab --dry-run --json
	[[ $status -eq 0 && $output == *'"version": 1'*'"name": "lab"'* ]]
	"$BATS_TEST_DIRNAME/../validate-json" lend <<< "$output"
	after=$(cd "$root" && find . -printf '%p %y %s %T@ %l\n' | sort)
	[[ $before == "$after" ]]
}

@test "lend: a mate is consented to by its address, and by nothing else" {
	on lend 06:00.0
	[[ $status -eq 1 && -z $output ]]
	[[ $errors == "hostdevctl: not lent: 0000:06:00.0"*"shares IOMMU group 6 with 0000:08:00.0"* ]]
	[[ $errors == *"let all of it go along: --with 0000:08:00.0."* && $errors == *"Nothing was changed."* ]]
	on lend 06:00.0 --with 08:00.0 --dry-run
	[[ $status -eq 0 && $output == *"0000:08:00.0"*"e1000e -> vfio-pci"* ]]
	on lend 05:00.0 --with 08:00.0
	[[ $status -eq 1 && $errors == "hostdevctl: 0000:08:00.0 shares no IOMMU group with the devices to be lent"* ]]
}

@test "lend: all devices of a guest" {
	guest_make win11 "$BATS_TEST_TMPDIR/guest.xml" 0000:05:00.0
	on lend "$BATS_TEST_TMPDIR/guest.xml" --dry-run
	[[ $status -eq 0 && $output == "win11 would be lent its devices."*"0000:05:00.0"*"none -> vfio-pci"* ]]
	on lend "$BATS_TEST_TMPDIR/guest.xml" --for games
	[[ $status -eq 1 && $errors == "hostdevctl: win11 is a guest itself, and its devices are lent for no other one. Nothing was changed" ]]
	journal $uuid win11 by-hand "claim 0000:05:00.0" lent
	on lend "$BATS_TEST_TMPDIR/guest.xml"
	[[ $status -eq 1 && $errors == "hostdevctl: not lent: its devices are lent by hand already. Nothing was changed: "* ]]
	[[ $errors == *'"hostdevctl return win11".' ]]
	guest_make plain "$BATS_TEST_TMPDIR/guest.xml"
	on lend "$BATS_TEST_TMPDIR/guest.xml"
	[[ $status -eq 0 && $errors == "hostdevctl: plain: nothing to do: it names no host PCI device" ]]
	on lend "$BATS_TEST_TMPDIR/none.xml"
	[[ $status -eq 1 && $errors == "hostdevctl: $BATS_TEST_TMPDIR/none.xml is no device, and no guest either: "* ]]
	on lend 05:00.0 eth7
	[[ $status -eq 1 && $errors == 'hostdevctl: this host has no PCI address, device node or interface "eth7"' ]]
}

@test "lend: for a guest that runs, which libvirt's daemon is not asked about" {
	# shellcheck disable=SC2016 # for that bash to expand
	local run='read -r _ < "$1"'
	# No other suite has this one: a process really runs as the guest, and suites run at the same time.
	local uuid=4dea22b3-1d52-48f3-9516-782e98ab3fb1

	mkfifo "$BATS_TEST_TMPDIR/life"
	cp "$BASH" "$BATS_TEST_TMPDIR/qemu-system-x86_64"
	"$BATS_TEST_TMPDIR/qemu-system-x86_64" -c "$run" - "$BATS_TEST_TMPDIR/life" -uuid $uuid 3>&- &
	qemu=$!
	until [[ $(< /proc/$qemu/comm) == qemu-system-x86 ]]; do :; done
	journal $uuid win11 "claim 0000:05:00.0" lent
	on lend 06:00.0 --with 08:00.0 --for win11 --dry-run
	[[ $status -eq 0 && $output == "win11 would be lent its devices."*"0000:06:00.0"*"none -> vfio-pci"* ]]
	# It has no steps: nothing is undone.
	journal $uuid win11 "claim 0000:05:00.0" "claim 0000:06:00.0" "plug 0000:06:00.0" lent
	on return 06:00.0
	[[ $status -eq 1 && $errors == "hostdevctl: 06:00.0: win11 runs, and libvirt does not tell what it has."* ]]
	mkdir -p "$root/run/libvirt/qemu"
	echo "<domstatus><domain type='kvm'><name>win11</name><uuid>$uuid</uuid></domain></domstatus>" \
		> "$root/run/libvirt/qemu/win11.xml"
	on return 06:00.0 --dry-run
	[[ $status -eq 0 && $output == "0000:06:00.0"*" would be returned" ]]
	on return win11
	[[ $status -eq 1 && $errors == "hostdevctl: win11: win11 runs (process $qemu), and its stop returns what it was lent."* ]]
	echo > "$BATS_TEST_TMPDIR/life"
	wait "$qemu" || :
	on lend 06:00.0 --for win11
	[[ $status -eq 1 && $errors == "hostdevctl: not lent: the guest win11 does not run, though"* ]]
}

@test "lend: to the QEMU of a user" {
	on lend 05:00.0 --owner nobody --dry-run
	[[ $status -eq 0 && $output == *"The nodes below /dev/vfio would be given to nobody." ]]
	on lend 05:00.0 --owner nobody:0 --dry-run
	[[ $status -eq 0 ]]
	on lend 05:00.0 --owner nobodyelse
	[[ $status -eq 1 && $errors == "hostdevctl: there is no user nobodyelse on this host" ]]
	on lend 05:00.0 --owner nobody:nogroups
	[[ $status -eq 1 && $errors == "hostdevctl: there is no group nogroups on this host" ]]
	on lend 05:00.0 --owner :
	[[ $status -eq 1 && $errors == 'hostdevctl: ":" names no user and no group' ]]
	guest_make win11 "$BATS_TEST_TMPDIR/guest.xml" 0000:05:00.0
	on lend "$BATS_TEST_TMPDIR/guest.xml" --owner nobody
	[[ $status -eq 1 && $errors == "hostdevctl: --owner is for a QEMU that libvirt does not start, and win11 is a guest of"* ]]
}

@test "lend: what is not there, and what somebody has" {
	on lend 0a:00.0
	[[ $status -eq 1 && $errors == "hostdevctl: not lent: there is no PCI device 0000:0a:00.0 on this host."* ]]
	[[ $errors == *"lspci -D lists the devices of this host"* ]]
	journal $uuid "by hand" by-hand "claim 0000:05:00.0" lent
	journal $other win11 "claim 0000:04:00.0" lent
	on lend 05:00.0
	[[ $status -eq 1 && $errors == "hostdevctl: not lent: 0000:05:00.0"*" is lent by hand."* ]]
	[[ $errors == *'"hostdevctl return 0000:05:00.0" gives it back.'* ]]
	on lend 04:00.0
	[[ $status -eq 1 && $errors == *" belongs to guest win11."* ]]
}

@test "lend: a word that is neither a device nor a guest" {
	fails lend --dry-run --root "$root" nope
	[[ $errors == "hostdevctl: nope is no device, and no guest either: there is no guest nope, nor any other" ]]
}

@test "return: by address, name or UUID, and a loan as a whole" {
	journal $uuid "by hand" by-hand "claim 0000:05:00.0" "claim 0000:06:00.0" lent
	on return 06:00.0
	[[ $status -eq 0 ]]
	[[ $errors == "hostdevctl: 0000:06:00.0 is one of 2 devices that were lent together, and they are returned together" ]]
	[[ $output == "0000:05:00.0"*" is returned: driver none"$'\n'"0000:06:00.0"*" is returned: driver none" ]]
	has_no_journal $uuid
	journal $uuid lab by-hand "claim 0000:05:00.0" lent
	journal $other lab by-hand "claim 0000:06:00.0" lent
	on return lab --dry-run
	[[ $status -eq 0 && $output == "0000:05:00.0"*" would be returned"$'\n'"0000:06:00.0"*" would be returned" ]]
	has_journal $uuid
	on return lab
	[[ $status -eq 0 ]]
	has_no_journal $uuid
	has_no_journal $other
	# A guest of that name has devices of its own, which nobody has asked for.
	journal $uuid lab by-hand "claim 0000:05:00.0" lent
	journal $other lab "claim 0000:06:00.0" lent
	on return lab
	[[ $status -eq 0 && -z $errors && $output == "0000:05:00.0"*" is returned: driver none" ]]
	has_no_journal $uuid
	has_journal $other
	rm "$root/run/hostdev-hook/$other.journal"
	journal $uuid lab by-hand "claim 0000:05:00.0" lent
	on return --json $uuid
	[[ $status -eq 0 ]]
	"$BATS_TEST_DIRNAME/../validate-json" return <<< "$output"
	python3 - "$output" <<-'END'
		import json, sys
		answer = json.loads(sys.argv[1])
		assert list(answer) == ["version", "loans"] and answer["version"] == 1
		loan = answer["loans"][0]
		assert loan["guest"] == "lab" and loan["uuid"].startswith("4dea22b3")
		assert loan["devices"][0]["address"] == "0000:05:00.0" and loan["devices"][0]["driver"] is None
	END
}

@test "return: what is not lent by hand" {
	on return 05:00.0
	[[ $status -eq 0 && -z $output && $errors == "hostdevctl: 0000:05:00.0"*" is lent to nobody" ]]
	on return win11
	[[ $status -eq 0 && $errors == "hostdevctl: win11 has no journal: nothing is lent to it" ]]
	journal $uuid win11 "claim 0000:05:00.0" lent
	on return 05:00.0
	[[ $status -eq 1 && -z $output && $errors == "hostdevctl: 05:00.0: it is lent to win11, and not by hand: "* ]]
	[[ $errors == *'run "hostdevctl recover win11". Nothing was changed.' ]]
	has_journal $uuid
	on return --json 06:00.0
	[[ $output == *'"version": 1'*'"loans": []'* ]]
	"$BATS_TEST_DIRNAME/../validate-json" return <<< "$output"
}

@test "only for root" {
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR"
	cp "$HOSTDEVCTL" "$BATS_TEST_TMPDIR/hostdevctl"
	for command in lend return; do
		run setpriv --reuid 65534 --clear-groups "$BATS_TEST_TMPDIR/hostdevctl" $command 05:00.0
		[[ $status -eq 1 && $output == "hostdevctl: only root may $command devices: run this with sudo" ]]
	done
}

@test "of the machine below another root only what would be done is said" {
	needs_root
	guest_make win11 "$BATS_TEST_TMPDIR/guest.xml" 0000:05:00.0
	journal $other lost by-hand "claim 0000:06:00.0" "lent +at=100"
	mkdir -p "$root/proc/sys/kernel/random"
	echo "$boot" > "$root/proc/sys/kernel/random/boot_id"
	before=$(cd "$root" && find . -printf '%p %y %s %T@ %l\n' | sort)
	ok lend --dry-run --root "$root" 05:00.0
	[[ $output == "a virtual machine would be lent its devices."*"0000:05:00.0"*"none -> vfio-pci"* ]]
	ok lend --dry-run --root "$root" --json "$BATS_TEST_TMPDIR/guest.xml"
	ok return --dry-run --root "$root" lost
	[[ $output == "0000:06:00.0"*" would be returned" ]]
	ok return --dry-run --root "$root" --json 06:00.0
	"$BATS_TEST_DIRNAME/../validate-json" return <<< "$output"
	[[ $(cd "$root" && find . -printf '%p %y %s %T@ %l\n' | sort) == "$before" ]]
	misuses lend --root "$root" 05:00.0
	[[ $errors == "hostdevctl: lend changes this host only: --root needs --dry-run"* ]]
	misuses return --root "$root" lost
}

@test "wrong arguments" {
	misuses lend
	[[ $errors == "hostdevctl: lend takes a DEVICE, a FILE or a GUEST"* ]]
	misuses lend 05:00.0 --for 06:00.0
	[[ $errors == "hostdevctl: --for 06:00.0: not a name"* ]]
	misuses lend 05:00.0 --force
	misuses return
	[[ $errors == "hostdevctl: return takes an ADDRESS, a NAME or a UUID"* ]]
	ok lend --help
	[[ $output == "Usage: hostdevctl lend [OPTION...] DEVICE...|FILE|GUEST"* ]]
	ok return --help
	[[ $output == "Usage: hostdevctl return [OPTION...] ADDRESS|NAME|UUID..."* ]]
}
