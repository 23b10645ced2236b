#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# hostdevctl report: what the file holds, how it is written, and what is missing where something does not answer.
# tests/hosts shows that a report tells nobody whose host it is, and that a host can be made of it again.

# shellcheck disable=SC2154 # root, output, errors and status are set in machine.bash
load machine

setup() {
	machine_usual
	mkdir -m 700 "$root/run/hostdev-hook"
	mkdir -p "$root/etc"
	echo 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"' > "$root/etc/os-release"
	echo "root=/dev/sda1 intel_iommu=on" > "$root/proc/cmdline"
	cd "$BATS_TEST_TMPDIR" || return
}

@test "the file holds all parts, and what is in it is told" {
	ok report --root "$root"
	[[ $output == "The report holds:"$'\n'*"  hostdevctl list "*" lines"$'\n'*"The report is in hostdev-report.txt." ]]
	[[ $output == *"Replaced by made-up ones, each by the same everywhere: nothing."* && $output != *missing* ]]
	report=$(< hostdev-report.txt)
	[[ $report == "hostdev-hook report 1"$'\n'* ]]
	[[ $(grep '^=== ' hostdev-report.txt) == "$(printf '=== %s ===\n' versions 'words of the kernel' 'hostdevctl list' \
		'hostdevctl check' 'hostdevctl log' 'hostdevctl status' 'recorded host')" ]]
	[[ $report == *$'\n'"kernel: 6.1.0-test"$'\n'"distribution: Debian GNU/Linux 12 (bookworm)"$'\n'* ]]
	[[ $report == *$'\n'"root=/dev/sda1 intel_iommu=on"$'\n'* ]]
	[[ $report == *"-0000:01:00.0 VGA "*"problem "*$'\n'"kernel 6.1.0-test"$'\n'* ]]
	[[ $report == *$'\n'"device 0000:01:00.1 10de:1aef sub=10de:0000 class=040300 group=1 driver=snd_hda_intel power=auto"$'\n'* ]]
}

@test "what the commands say is what they say alone" {
	ok report --root "$root" --output -
	printf '%s\n' "$output" > report
	for command in list check status log; do
		"$HOSTDEVCTL" "$command" --root "$root" > alone 2>&1 || true
		sed -n "/^=== hostdevctl $command ===$/,/^=== /{/^=== /!p}" report | sed '$d' > part
		[[ -s part ]]
		diff alone part
	done
}

@test "the recorded host is what record/record-host prints" {
	mkdir -p "$root/boot/grub" "$root/etc/default" "$root/sys/devices/virtual/net/attic" "$root/sys/class/net"
	ln -s ../../devices/virtual/net/attic "$root/sys/class/net/attic"
	echo 7 > "$root/sys/class/net/attic/ifindex"
	echo 'GRUB_CMDLINE_LINUX="quiet \"a?b\""' > "$root/etc/default/grub"
	echo 'linux /vmlinuz root=/dev/sda1' > "$root/boot/grub/grub.cfg"
	ok report --root "$root" -o report
	"$BATS_TEST_DIRNAME/../../record/record-host" "$root" > alone
	"$BATS_TEST_DIRNAME/../unpack-report" report - > part
	diff alone part
	grep -q GRUB_CMDLINE_LINUX part
	grep -q 'devices/virtual/net net7 ' part
}

@test "only its owner may read the file, which is the owner of the folder" {
	mkdir folder
	chown 65534:65534 folder
	ok report --root "$root" -o folder/report
	[[ $(stat -c '%a %u:%g' folder/report) == "600 65534:65534" && $(ls folder) == report ]]
}

@test "a file that is there is overwritten only on demand" {
	echo mine > report
	fails report --root "$root" -o report < /dev/null
	[[ $errors == "hostdevctl: report is there already, and nothing was written: "*"--yes" && $(< report) == mine ]]
	ok report --root "$root" -o report --yes
	[[ $(head -n 1 report) == "hostdev-hook report 1" ]]
	# On a terminal somebody is asked.
	echo mine > report
	script -qec "'$HOSTDEVCTL' report --root '$root' -o report" /dev/null <<< n > said || true
	grep -q "report is there already. Overwrite it? \[y/N\]" said
	grep -q "nothing was written" said
	[[ $(< report) == mine ]]
	script -qec "'$HOSTDEVCTL' report --root '$root' -o report" /dev/null <<< y > said
	[[ $(head -n 1 report) == "hostdev-hook report 1" ]]
	mkdir other
	fails report --root "$root" -o other --yes
	[[ $errors == "hostdevctl: other is no regular file, and nothing was written: "* ]]
	fails report --root "$root" -o none/report
	[[ $errors == "hostdevctl: none: No such file or directory, and nothing was written: "* ]]
}

@test "names are replaced, alike everywhere; who is called like a driver is told" {
	echo attic > "$root/proc/sys/kernel/hostname"
	printf '%s\n' root:x:0:0:root:/root:/bin/sh nvidia:x:1000:1000:::/bin/sh 'bert:x:1001:1001:Bert B:/srv/bert:/bin/sh' \
		> "$root/etc/passwd"
	mkdir -p "$root/var/log" "$root/run/udev/data"
	echo "Nov 30 18:51:00 attic hostdev-hook[812]: win11: bert of attic, Bert B, nvidia, /srv/bert/x /home/eve/y eve" \
		> "$root/var/log/syslog"
	printf '%s\n' "0.0.0.0 win11" "192.168.2.9 nas.example" > "$root/etc/hosts"
	printf '%s\n' S:disk E:ID_SERIAL_SHORT=0000:01:00.0 > "$root/run/udev/data/+usb:usb1"
	echo "ro attic nas iscsi.password=sesame user=bert" > "$root/proc/cmdline"
	ok report --root "$root" -o report
	grep -qx "Nov 30 18:51:00 win11: user1001 of host, user1001, nvidia, /home/user1001/x /home/user1/y user1" report
	grep -q -- '-0000:01:00.0 VGA' report
	[[ $output != *"name 0000:"* ]]
	grep -qx "ro host host2 iscsi.password=HIDDEN user=user1001" report
	[[ $output == *"The name nvidia is not replaced: programs or drivers have it, too."* ]]
	[[ $output == *": 2 names of hosts, "*" names or folders of users, 1 password."* ]]
}

# The programs of this machine, of which timeout(1) is made up.
with_timeout() {
	needs_mounts
	cat > timeout
	chmod 755 timeout
	# shellcheck disable=SC2016 # for sh to expand
	unshare --mount --propagation private sh -c '
		mount --bind timeout "$1" && shift && exec "$@"' - "$(readlink -e "$(type -P timeout)")" "$@" > stdout 2> stderr
}

@test "what does not answer is missing, and all else is there" {
	with_timeout "$HOSTDEVCTL" report --root "$root" -o report <<- 'END'
	#!/bin/sh
	case $* in
	*" check "*) exit 124 ;;
	*" status "*) exit 3 ;;
	*recorder* | *" /proc/self/fd/"*) kill -9 $$ ;;
	esac
	shift 3
	exec "$@"
	END
	cat stdout stderr
	grep -qx 'hostdevctl: the report has no part "hostdevctl check": there was no answer within 40 seconds' stderr
	grep -q '^hostdevctl: the report has no part "hostdevctl status": its program ended with status 3' stderr
	grep -q '^hostdevctl: the report has no part "recorded host": its program was ended by signal 9' stderr
	[[ $(wc -l < stderr) -eq 3 && $(grep -c ' missing$' stdout) -eq 3 ]]
	grep -q "0000:01:00.0 VGA" report
	[[ $(grep -c '^# This part is missing: ' report) -eq 3 ]]
	run "$BATS_TEST_DIRNAME/../unpack-report" report tree
	[[ $status -eq 1 && $output == *"holds no recorded host"* && ! -e tree ]]
}

@test "a report of the running host changes nothing, and is root's to ask for" {
	ok report -o report
	[[ $output != *missing* ]]
	[[ $(grep '^=== ' report) == *"=== programs ==="*"=== recorded host ===" ]]
	grep -qx "kernel $(uname -r)" report
	grep -qE '^systemd: (systemd |not found)' report
	cp "$HOSTDEVCTL" copy && chmod 755 copy . "$BATS_TEST_TMPDIR"
	run setpriv --reuid 65534 --clear-groups ./copy report -o -
	[[ $status -eq 1 && $output == *"hostdevctl: only root may see all that belongs in a report: run this with sudo" ]]
}

@test "wrong command lines" {
	misuses report file
	misuses report --json
	misuses report --output ''
	misuses report --output
	fails report --root "$BATS_TEST_TMPDIR/none"
	[[ $errors == "hostdevctl: $BATS_TEST_TMPDIR/none: No such file or directory" ]]
	ok report --help
	[[ $output == "Usage: hostdevctl report"* ]]
}
