#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# hostdevctl list on made-up machines: groups with their devices, who uses them, whose they are, and whether they can be lent.

# shellcheck disable=SC2154 # root and errors are set in machine.bash
load machine

setup() {
	needs_root
	machine_usual
	device_make 0000:00:1c.0 8086:a338 060400 4 none
	touch "$root/sys/devices/pci0000:00/0000:00:1c.0/secondary_bus_number"
}

# Names come from the list that this machine has.
usual=ADDRESS,CLASS,DRIVER,USED-BY,GUEST,VERDICT

# guest_has NAME ADDRESS...: libvirt's file of a guest that runs.
guest_has() {
	mkdir -p "$root/run/libvirt/qemu"
	guest_make "$1" "$BATS_TEST_TMPDIR/domain" "${@:2}"
	{ echo "<domstatus state='running'>" && cat "$BATS_TEST_TMPDIR/domain" && echo "</domstatus>"; } > "$root/run/libvirt/qemu/$1.xml"
}

# guest_names NAME ADDRESS...: libvirt's file of a guest's settings.
guest_names() {
	mkdir -p "$root/etc/libvirt/qemu/networks"
	guest_make "$1" "$root/etc/libvirt/qemu/$1.xml" "${@:2}"
}

# journal_make GUEST ADDRESS: what the hook has lent it.
journal_make() {
	local uuid=4dea22b3-1d52-48f3-9516-782e98ab3fa0

	mkdir -p "$root/run/hostdev-hook"
	chmod 700 "$root/run/hostdev-hook"
	{
		echo "hostdev-hook journal 1"
		echo "boot $(< "$root/proc/sys/kernel/random/boot_id")"
		echo "guest $1"
		echo "uuid $uuid"
		echo "claim $2"
	} > "$root/run/hostdev-hook/$uuid.journal"
}

@test "groups, their devices and the verdicts" {
	ok list --root "$root" -o "$usual"
	diff -u - <(sed 's/ *$//' "$BATS_TEST_TMPDIR/stdout") <<-'END'
		ADDRESS        CLASS    DRIVER        USED-BY GUEST VERDICT
		group 1                                             free: its 2 devices go together
		|-0000:01:00.0 VGA      nvidia
		`-0000:01:00.1 audio    snd_hda_intel
		group 2                                             free
		`-0000:02:00.0 Ethernet e1000e
		group 3                                             free: its 2 devices go together
		|-0000:03:00.0 Ethernet e1000e
		`-0000:04:00.0 USB
		1 bridge, which cannot be lent, is not shown; --all shows it
	END
	ok list --root "$root" -n -o ADDRESS,VERDICT --all
	[[ $output == *$'\n'"group 4        never: a bridge"* && $output != *"not shown"* ]]
	# Who asks for a bridge gets it.
	ok list --root "$root" -n -o VERDICT 00:1c.0
	[[ $output == "never: a bridge"* ]]
}

@test "the usual table: the verdict of a group stands where its devices have their names" {
	guest_names a-guest-with-a-name-that-is-long 0000:02:00.0
	shown() { ok list --root "$root" 2 && diff -u - <(sed 's/ *$//' "$BATS_TEST_TMPDIR/stdout"); }
	COLUMNS=160 shown <<-'END'
		ADDRESS        CLASS    NAME                                    DRIVER USED-BY GUEST
		group 2                 free
		`-0000:02:00.0 Ethernet Intel 82574L Gigabit Network Connection e1000e         a-guest-with-a-name-that-is-long names it
	END
	# Where a table is too wide, cells go on in the next line, and names lose no letter.
	COLUMNS=100 shown <<-'END'
		ADDRESS        CLASS    NAME                                    DRIVER USED-BY GUEST
		group 2                 free
		`-0000:02:00.0 Ethernet Intel 82574L Gigabit Network Connection e1000e         a-guest-with-a-name-
		                                                                               that-is-long names it
	END
	COLUMNS=80 shown <<-'END'
		ADDRESS        NAME                         DRIVER USED-BY GUEST
		group 2        free
		`-0000:02:00.0 Intel 82574L Gigabit Network e1000e         a-guest-with-
		               Connection                                  a-name-that-
		                                                           is-long names
		                                                           it
	END
}

@test "a table that has no room" {
	for columns in 1 10 30 50; do
		COLUMNS=$columns ok list --root "$root"
		[[ $output == *0000:01:00.0* ]]
	done
}

@test "the usual columns have names in them" {
	ok list --root "$root" -r 02:00.0
	[[ ${output%%$'\n'*} == "ADDRESS CLASS NAME DRIVER USED-BY GUEST VERDICT" ]]
	ok list --root "$root" -r -n -o NAME 82574L
	[[ ${output,,} == intel*82574l* && $(wc -l <<< "$output") -eq 3 ]]
}

@test "JSON is a tree of groups" {
	needs_program python3
	ok list --root "$root" --json
	python3 - "$output" <<-'END'
		import json, sys
		answer = json.loads(sys.argv[1])
		assert list(answer)[0] == "version" and answer["version"] == 1, answer
		groups = answer["groups"]
		assert [group["group"] for group in groups] == [1, 2, 3, 4], groups
		assert [[device["address"] for device in group["children"]] for group in groups] == [
		    ["0000:01:00.0", "0000:01:00.1"], ["0000:02:00.0"], ["0000:03:00.0", "0000:04:00.0"], ["0000:00:1c.0"]]
		assert groups[1]["verdict"] == "free" and groups[1]["address"] is None, groups[1]
		nic = groups[1]["children"][0]
		assert (nic["class"], nic["driver"], nic["used_by"], nic["guest"]) == ("Ethernet", "e1000e", None, None), nic
		assert groups[2]["children"][1]["driver"] is None
	END
	# Whichever columns are chosen.
	ok list --root "$root" --json -o STATE,ID
	python3 - "$output" <<-'END'
		import json, sys
		groups = json.loads(sys.argv[1])["groups"]
		assert [group["state"] for group in groups] == ["free", "free", "free", "never"], groups
		assert groups[0]["children"][0] == {"state": None, "id": "10de:2204"}, groups
	END
}

@test "raw lines are devices, each with the verdict of its group" {
	ok list --root "$root" -rn -o ADDRESS,GROUP,STATE,VERDICT
	diff -u - <(echo "$output") <<-'END'
		0000:01:00.0 1 free free:\x20its\x202\x20devices\x20go\x20together
		0000:01:00.1 1 free free:\x20its\x202\x20devices\x20go\x20together
		0000:02:00.0 2 free free
		0000:03:00.0 3 free free:\x20its\x202\x20devices\x20go\x20together
		0000:04:00.0 3 free free:\x20its\x202\x20devices\x20go\x20together
		0000:00:1c.0 4 never never:\x20a\x20bridge
	END
}

@test "columns on request" {
	echo 1 > "$root/sys/devices/pci0000:00/0000:02:00.0/numa_node"
	echo "flr bus" > "$root/sys/devices/pci0000:00/0000:02:00.0/reset_method"
	ok list --root "$root" -r -o +group,id,subsystem,class-id,numa,reset,lent-to,named-by,state 2
	[[ ${output%%$'\n'*} == "ADDRESS CLASS NAME DRIVER USED-BY GUEST VERDICT GROUP ID SUBSYSTEM CLASS-ID NUMA RESET LENT-TO NAMED-BY STATE" ]]
	[[ ${output##*$'\n'} == "0000:02:00.0 Ethernet "*" e1000e   free 2 8086:10d3 8086:0000 020000 1 flr\x20bus   free" ]]
	echo -1 > "$root/sys/devices/pci0000:00/0000:02:00.0/numa_node"
	ok list --root "$root" -rn -o NUMA,ADDRESS 2
	[[ $output == " 0000:02:00.0" ]]
}

@test "filters: by class, address, group, id and a part of the name; any of them is enough" {
	# shown ADDRESSES ARGUMENT...: just these are listed.
	shown() {
		ok list --root "$root" -rn -o ADDRESS "${@:2}"
		[[ $(tr '\n' ' ' <<< "$output") == "$1 " ]]
	}
	shown "0000:01:00.0 0000:01:00.1" --gpu
	shown "0000:01:00.0 0000:01:00.1" --audio
	shown "0000:02:00.0 0000:03:00.0 0000:04:00.0" --net
	shown "0000:03:00.0 0000:04:00.0" --usb
	shown "0000:01:00.0 0000:01:00.1" 01:00.1
	shown "0000:01:00.0 0000:01:00.1" pci_0000_01_00_0
	shown "0000:02:00.0" 2
	shown "0000:01:00.0 0000:01:00.1" 10de:2204
	shown "0000:01:00.0 0000:01:00.1" 10DE:
	shown "0000:01:00.0 0000:01:00.1" geforce
	shown "0000:01:00.0 0000:01:00.1 0000:02:00.0" --gpu 02:00.0
	shown "0000:02:00.0 0000:00:1c.0" 2 4
}

@test "what fits nothing is told; the rest is listed" {
	ctl list --root "$root" -rn -o ADDRESS 09:00.0 99 1234:5678 'no such name' --storage 2
	[[ $status -eq 1 && $output == "0000:02:00.0" ]]
	diff -u - <(sort <<< "$errors") <<-'END'
		hostdevctl: no device matches --storage
		hostdevctl: no device matches 1234:5678
		hostdevctl: no device matches no such name
		hostdevctl: there is no IOMMU group 99
		hostdevctl: there is no PCI device 0000:09:00.0 on this host: "lspci -D" lists the devices that are
	END
	fails list --root "$root" -rn --storage
}

@test "what the kernel has and somebody hides is shown with the reason, in a group of its own" {
	mkdir -p "$root"/proc/{870,bus/pci/{00,01,06,0001:06}}
	touch "$root"/proc/bus/pci/{devices,00/1c.0,01/00.0,06/00.0,06/00.1,0001:06/00.0}
	ok list --root "$root" -rn -o ADDRESS,CLASS,GROUP,STATE,VERDICT 06:00.1
	[[ $output == '0000:06:00.1   refused refused:\x20it\x20is\x20hidden\x20from\x20this\x20program,'* ]]
	echo cardwired > "$root/proc/870/comm"
	COLUMNS=200 ok list --root "$root" -n -o ADDRESS,VERDICT 06:00.0 06:00.1 2
	diff -u - <(sed 's/ *$//' "$BATS_TEST_TMPDIR/stdout") <<-'END'
		group 2        free
		`-0000:02:00.0
		hidden         refused: it is hidden by cardwired, which runs. See "cardwire list", and show the card again: "cardwire gpu ID --unblock" or "cardwire set hybrid".
		|-0000:06:00.0
		`-0000:06:00.1
	END
	# Nobody knows of which class they are.
	ok list --root "$root" -rn -o ADDRESS --storage
	[[ $output == $'0000:06:00.0\n0000:06:00.1\n0001:06:00.0' ]]
	ok list --root "$root" -rn -o ADDRESS
	[[ $output == *$'\n0000:00:1c.0\n0000:06:00.0\n0000:06:00.1\n0001:06:00.0' ]]
	fails list --root "$root" 07:00.0
	ok list --root "$root" --json -o GROUP,ADDRESS,STATE 06:00.0
	[[ ${output//[[:space:]]/} == '{"version":1,"groups":[{"group":null,"address":null,"state":"refused","children":[{"group":null,"address":"0000:06:00.0","state":null}]}]}' ]]
}

@test "who uses a device, and what a start would do about it" {
	process_make 812 mpv 0000:01:00.1 snd/controlC0 116:3
	ok list --root "$root" -rn -o ADDRESS,USED-BY,STATE,VERDICT 1
	[[ $output == '0000:01:00.0  in-use in\x20use\x20by\x20mpv\x20(process\x20812,\x20user\x20root),\x20which\x20a\x20start\x20would\x20end'* ]]
	[[ ${output##*$'\n'} == '0000:01:00.1 mpv\x20(812) in-use '* ]]
	echo 'processes = refuse' > "$root/etc/hostdev-hook/hostdev-hook.conf"
	ok list --root "$root" -rn -o VERDICT 01:00.0
	[[ ${output%%$'\n'*} == 'in\x20use\x20by\x20mpv\x20(process\x20812,\x20user\x20root)\x20through\x20/dev/snd/controlC0' ]]
}

@test "people see three users of a device, programs all of them" {
	for pid in 801 802 803 804 805; do
		process_make "$pid" mpv 0000:01:00.1 snd/controlC0 116:3
	done
	ok list --root "$root" -n -o USED-BY 01:00.1
	[[ $output == *"mpv (801), mpv (802), mpv (803) and 2 more"* ]]
	ok list --root "$root" -rn -o USED-BY 01:00.1
	[[ $output == *"mpv\x20(805)"* ]]
}

@test "what the host needs is in use, and a panic on hung tasks is how the host is set" {
	device_make 0000:00:1f.4 8086:a323 0c0500 9 i801_smbus
	ok list --root "$root" -rn -o USED-BY,STATE,VERDICT 9
	[[ $output == 'the\x20host\x20(the\x20SMBus\x20controller) in-use in\x20use\x20by\x20the\x20host:\x200000:00:1f.4\x20is\x20the\x20SMBus\x20controller' ]]
	echo 1 > "$root/proc/sys/kernel/hung_task_panic"
	echo 120 > "$root/proc/sys/kernel/hung_task_timeout_secs"
	ok list --root "$root" -rn -o USED-BY,STATE,VERDICT 1
	[[ ${output%%$'\n'*} == ' refused refused:\x20kernel.hung_task_panic\x20is\x20set:'* ]]
}

@test "virtual functions, and a group of VFIO's no-IOMMU mode" {
	device_make 0000:05:00.0 8086:1528 020000 5 ixgbe
	device_make 0000:05:10.0 8086:1515 020000 6 none
	ln -s ../0000:05:00.0 "$root/sys/devices/pci0000:00/0000:05:10.0/physfn"
	ok list --root "$root" -rn -o ADDRESS,VERDICT 5 6
	[[ $output == '0000:05:00.0 in\x20use:\x200000:05:00.0\x20has\x20virtual\x20functions\x20enabled'$'\n''0000:05:10.0 free' ]]
	device_make 0000:06:00.0 8086:10d3 020000 31 vfio-pci
	echo vfio-noiommu > "$root/sys/kernel/iommu_groups/31/name"
	ok list --root "$root" -rn -o STATE 31
	[[ $output == never ]]
}

@test "parts of one USB controller in two groups" {
	device_make 0000:00:1d.0 8086:2934 0c0300 21 uhci_hcd
	device_make 0000:00:1d.7 8086:293a 0c0320 22 ehci-pci
	ok list --root "$root" -rn -o STATE,VERDICT 21
	[[ $output == 'refused only\x20with\x200000:00:1d.7,\x20which\x20would\x20have\x20to\x20go\x20along' ]]
}

@test "guests that have devices, and those that name them" {
	guest_has win11 0000:01:00.0 0000:01:00.1
	guest_names win11 0000:01:00.0
	guest_names games 0000:01:00.0 0000:02:00.0
	echo not-a-guest > "$root/etc/libvirt/qemu/notes.txt"
	ok list --root "$root" -rn -o ADDRESS,GUEST,LENT-TO,NAMED-BY 1 2
	diff -u - <(echo "$output") <<-'END'
		0000:01:00.0 win11\x20has\x20it,\x20games\x20names\x20it win11 games,\x20win11
		0000:01:00.1 win11\x20has\x20it win11 
		0000:02:00.0 games\x20names\x20it  games
	END
}

@test "a guest's file that is damaged is told; the others count" {
	guest_names games 0000:02:00.0
	echo '<domain><hostdev' > "$root/etc/libvirt/qemu/broken.xml"
	ctl list --root "$root" -rn -o GUEST 2
	[[ $status -eq 0 && $output == 'games\x20names\x20it' ]]
	[[ $errors == "hostdevctl: /etc/libvirt/qemu/broken.xml: "* && $(wc -l <<< "$errors") -eq 1 ]]
}

@test "what a guest was lent is in use by it" {
	journal_make win11 0000:02:00.0
	ok list --root "$root" -rn -o GUEST,STATE,VERDICT 2
	[[ $output == 'win11\x20has\x20it in-use in\x20use\x20by\x20guest\x20win11' ]]
}

@test "no IOMMU: everything is in no group, and why nothing can be lent" {
	rm -r "$root"/sys/kernel/iommu_groups/*
	find "$root/sys/devices" -name iommu_group -delete
	ok list --root "$root" -o ADDRESS,DRIVER,VERDICT --gpu --net
	diff -u - <(sed 's/ *$//' "$BATS_TEST_TMPDIR/stdout") <<-'END'
		ADDRESS        DRIVER VERDICT
		no group              never: this host has no IOMMU groups (see hostdevctl check)
		|-0000:01:00.0 nvidia
		|-0000:02:00.0 e1000e
		`-0000:03:00.0 e1000e
	END
	needs_program python3
	ok list --root "$root" --json
	python3 - "$output" <<-'END'
		import json, sys
		groups = json.loads(sys.argv[1])["groups"]
		assert len(groups) == 1 and groups[0]["group"] is None and len(groups[0]["children"]) == 6, groups
	END
	# One alone: the IOMMU does not cover it.
	mkdir -p "$root/sys/kernel/iommu_groups/1"
	ok list --root "$root" -rn -o VERDICT 02:00.0
	[[ $output == 'never:\x20it\x20is\x20in\x20no\x20IOMMU\x20group' ]]
}

@test "colours: on request, by default on a terminal alone, and not where NO_COLOR is set" {
	ok list --root "$root" 2
	[[ $output != *$'\e'* ]]
	ok list --root "$root" --all --color=always -o ADDRESS,VERDICT
	[[ $output == *$'\e[32m'*free* && $output == *$'\e[31m'*never* ]]
	ok list --root "$root" --color 2
	[[ $output == *$'\e[32m'* ]]
	NO_COLOR=1 ok list --root "$root" --color=always 2
	[[ $output == *$'\e[32m'* ]]
	misuses list --color=blue
	[[ $errors == 'hostdevctl: --color takes auto, always or never, not "blue"'* ]]
	needs_program script
	# on_terminal VARIABLE...: what a terminal gets.
	on_terminal() {
		env -u NO_COLOR TERM=xterm "$@" script -qec "$HOSTDEVCTL list --root $root $color 2" /dev/null < /dev/null
	}
	color=
	[[ $(on_terminal) == *$'\e[32m'* ]]
	[[ $(on_terminal NO_COLOR=1) != *$'\e[32m'* ]]
	[[ $(on_terminal NO_COLOR=) == *$'\e[32m'* ]]
	[[ $(on_terminal TERM=dumb) != *$'\e[32m'* ]]
	color=--color=never
	[[ $(on_terminal) != *$'\e[32m'* ]]
}

@test "who is not root gets an answer, and reads what it lacks" {
	process_make 812 mpv 0000:01:00.1 snd/controlC0 116:3
	chmod 700 "$root/proc/812/fd" "$root/proc/812/task"
	journal_make win11 0000:02:00.0
	guest_names games 0000:03:00.0
	chmod 700 "$root/etc/libvirt/qemu"
	chmod a+x "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_TEST_TMPDIR"
	cp "$HOSTDEVCTL" "$BATS_TEST_TMPDIR/hostdevctl"
	status=0
	setpriv --reuid 65534 --clear-groups "$BATS_TEST_TMPDIR/hostdevctl" list --root "$root" -rn -o ADDRESS,DRIVER,STATE,VERDICT 2 \
		> "$BATS_TEST_TMPDIR/stdout" 2> "$BATS_TEST_TMPDIR/stderr" || status=$?
	cat "$BATS_TEST_TMPDIR/stdout" "$BATS_TEST_TMPDIR/stderr"
	[[ $status -eq 0 ]]
	[[ $(< "$BATS_TEST_TMPDIR/stdout") == '0000:02:00.0 e1000e not-known free,\x20as\x20far\x20as\x20can\x20be\x20seen' ]]
	[[ $(< "$BATS_TEST_TMPDIR/stderr") == "hostdevctl: run this with sudo to see who uses the devices and which guests have them" ]]
}

@test "a configuration that is wrong is told, and nothing passes for free" {
	echo 'group = sometimes' > "$root/etc/hostdev-hook/hostdev-hook.conf"
	ctl list --root "$root" -rn -o STATE,VERDICT 2
	[[ $status -eq 0 && $output == 'not-known free,\x20as\x20far\x20as\x20can\x20be\x20seen' && $errors == "hostdevctl: /etc/hostdev-hook/hostdev-hook.conf"* ]]
}

@test "a tree that may not be looked into is not an empty one" {
	needs_root
	chmod 700 "$root"
	chmod a+x "$BATS_RUN_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_TEST_TMPDIR"
	cp "$HOSTDEVCTL" "$BATS_TEST_TMPDIR/hostdevctl"
	status=0
	setpriv --reuid 65534 --regid 65534 --clear-groups "$BATS_TEST_TMPDIR/hostdevctl" list --root "$root" > "$BATS_TEST_TMPDIR/answer" 2>&1 ||
		status=$?
	[[ $status -eq 1 && $(< "$BATS_TEST_TMPDIR/answer") == "hostdevctl: look below $root: Permission denied: run this with sudo" ]]
}

@test "a machine without PCI devices" {
	rm -r "$root/sys/bus/pci"
	ok list --root "$root" -rn
	[[ -z $output ]]
	ctl list --root "$root"
	[[ $status -eq 0 && -z $output && $errors == "hostdevctl: no PCI device is to be seen on this host "* ]]
}

@test "a picture of the whole host" {
	guest_names games 0000:03:00.0
	ok list --root "$root" --dot
	[[ $output == *'group 1: '* && $output == *0000:01:00.0* && $output == *games* ]]
	first=$output
	dot -Tplain <<< "$output" > "$BATS_TEST_TMPDIR/plain"
	grep -q '^node ' "$BATS_TEST_TMPDIR/plain"
	ok list --root "$root" --svg
	[[ $output == *'<svg '* && $output == *0000:01:00.0* && $output == *games* && $output == *'</svg>' ]]
	xmllint --noout --nonet - <<< "$output"
	# The same host, the same picture.
	ok list --root "$root" --dot
	[[ $output == "$first" ]]
	# Behind a bridge.
	device_make 0000:00:01.0 8086:1901 060400 9 none
	echo 1 > "$root/sys/bus/pci/devices/0000:00:01.0/secondary_bus_number"
	behind=$root/sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0
	mv "$root/sys/devices/pci0000:00/0000:01:00.0" "$behind"
	ln -sfn ../../../devices/pci0000:00/0000:00:01.0/0000:01:00.0 "$root/sys/bus/pci/devices/0000:01:00.0"
	ln -sfn ../../../../kernel/iommu_groups/1 "$behind/iommu_group"
	ln -sfn ../../../../bus/pci/drivers/nvidia "$behind/driver"
	ok list --root "$root" --dot
	[[ $output == *$'\n\t"0000:00:01.0" -> "0000:01:00.0";\n'* && $output == *'subgraph "cluster_1" {'* ]]
	[[ $output == *$'\n\t"0000:00:01.0" [label="0000:00:01.0\\n'*'\ngroup 9"'* && $output != *'"cluster_9"'* ]]
	misuses list --root "$root" --dot 01:00.0
	[[ $errors == "hostdevctl: --dot and --svg draw the whole host"* ]]
	misuses list --root "$root" --svg --gpu
	misuses list --root "$root" --svg --dot
}

# Where the parts stand is for each version of Graphviz to say; what they are is not.
texts_of() { sed -n 's/.*<text [^>]*>\([^<]*\)<.*/\1/p; s/.*<title>\([^<]*\)<.*/\1/p' | sort; }

@test "the picture of the emulated machine is drawn of what the lab has written" {
	docs=$BATS_TEST_DIRNAME/../../docs
	grep -qF "(lab.svg)" "$docs/commands.md"
	dot -Tsvg "$docs/lab.dot" | texts_of > "$BATS_TEST_TMPDIR/drawn"
	texts_of < "$docs/lab.svg" > "$BATS_TEST_TMPDIR/shown"
	diff -u "$BATS_TEST_TMPDIR/shown" "$BATS_TEST_TMPDIR/drawn"
	[[ $(wc -l < "$BATS_TEST_TMPDIR/shown") -gt 100 ]]
}

@test "wrong options" {
	misuses list --gpus
	misuses list --device 01:00.0
	[[ $errors == "hostdevctl: list has no option --device"* ]]
	misuses list --json --raw
	misuses list -o PIN
	[[ $errors == 'hostdevctl: unknown column "PIN"; the columns are ADDRESS, CLASS, NAME, '* ]]
}
