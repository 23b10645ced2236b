#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# hostdevctl plan on made-up machines: an answer on stdout, or with --steps the steps, and nothing changed.

# shellcheck disable=SC2154 # root and errors are set in machine.bash
load machine

setup() {
	machine_usual
	xml=$BATS_TEST_TMPDIR/guest.xml
}

# plan_is: the plan of $xml, its reasons cut off, is what stands on standard input.
plan_is() {
	ok plan --steps --root "$root" "$xml"
	diff -u - <(cut -d '#' -f 1 <<< "$output" | sed 's/ $//')
}

# answers: what it answers of $xml, with all of it on stdout; the exit status is in $status.
answers() {
	ctl plan --root "$root" "$xml"
	echo "status $status"$'\n'"$output"$'\n'"$errors"
	[[ -z $errors && -n $output ]]
}

# members EXPRESSION: what python makes of the same answer as JSON, which is "a" there.
members() {
	ctl plan --json --root "$root" "$xml"
	[[ -z $errors ]]
	python3 -c 'import json, sys; a = json.loads(sys.argv[1]); print(eval(sys.argv[2]))' "$output" "$1"
}

@test "a NIC" {
	guest_make nic "$xml" 0000:02:00.0
	plan_is <<-'END'
		power 0000:02:00.0 auto,d3cold=1 -> on,d3cold=1
		holders 0000:02:00.0 free -> free,wait=5000
		driver 0000:02:00.0 e1000e -> none,override=vfio-pci
		driver 0000:02:00.0 none,override=vfio-pci -> vfio-pci,override=vfio-pci
	END
}

@test "every step says why" {
	guest_make nic "$xml" 0000:02:00.0
	ok plan --steps --root "$root" "$xml"
	[[ $(grep -c ' # ..' <<< "$output") -eq $(wc -l <<< "$output") ]]
	[[ $output == *"# hostdev device of nic"* ]]
}

@test "a card takes its other function along; all are let go before any is bound" {
	guest_make card "$xml" 0000:01:00.0
	plan_is <<-'END'
		power 0000:01:00.0 auto,d3cold=1 -> on,d3cold=1
		power 0000:01:00.1 auto,d3cold=1 -> on,d3cold=1
		holders 0000:01:00.0,0000:01:00.1 free -> free,wait=5000
		driver 0000:01:00.0 nvidia -> none,override=vfio-pci
		driver 0000:01:00.1 snd_hda_intel -> none,override=vfio-pci
		driver 0000:01:00.0 none,override=vfio-pci -> vfio-pci,override=vfio-pci
		driver 0000:01:00.1 none,override=vfio-pci -> vfio-pci,override=vfio-pci
	END
}

@test "a missing vfio-pci is loaded first" {
	rm -r "$root/sys/bus/pci/drivers/vfio-pci"
	guest_make nic "$xml" 0000:02:00.0
	ok plan --steps --root "$root" "$xml"
	[[ $output == "module vfio-pci absent -> loaded # "* ]]
}

@test "nothing is written" {
	guest_make card "$xml" 0000:01:00.0
	before=$(cd "$root" && find . -printf '%p %y %s %T@ %l\n' | sort)
	ok plan --steps --root "$root" "$xml"
	[[ $(cd "$root" && find . -printf '%p %y %s %T@ %l\n' | sort) == "$before" ]]
}

@test "no host devices: nothing to do" {
	guest_make plain "$xml"
	ctl plan --steps --root "$root" "$xml"
	[[ $status -eq 0 && -z $output && $errors == "hostdevctl: plain: nothing to do: "* ]]
}

@test "a device on vfio-pci already: nothing to do" {
	device_make 0000:02:00.0 8086:10d3 020000 2 vfio-pci
	guest_make nic "$xml" 0000:02:00.0
	ctl plan --steps --root "$root" "$xml"
	[[ $status -eq 0 && -z $output && $errors == "hostdevctl: nic: nothing to do: "* ]]
}

@test "a guest that is lent its devices: what it has" {
	device_make 0000:02:00.0 8086:10d3 020000 2 vfio-pci
	guest_make nic "$xml" 0000:02:00.0
	mkdir -p "$root/run/hostdev-hook"
	printf '%s\n' 'hostdev-hook journal 1' "boot $(< "$root/proc/sys/kernel/random/boot_id")" 'guest nic' \
		'uuid 4dea22b3-1d52-48f3-9516-782e98ab3fa0' 'claim 0000:02:00.0' lent \
		> "$root/run/hostdev-hook/4dea22b3-1d52-48f3-9516-782e98ab3fa0.journal"
	ctl plan --steps --root "$root" "$xml"
	[[ $status -eq 0 && -z $output && $errors == "hostdevctl: nic is lent its devices already"* ]]
	[[ $errors == *"0000:02:00.0"*"(driver vfio-pci)" ]]
	echo returning >> "$root/run/hostdev-hook/4dea22b3-1d52-48f3-9516-782e98ab3fa0.journal"
	ctl plan --steps --root "$root" "$xml"
	[[ $status -eq 0 && $errors == "hostdevctl: nic: nothing to do: "* ]]
	# What an earlier boot has lent, nobody has any more.
	sed -i -e '/^returning$/d' -e 's/^boot .*/boot 0d9e2c1e-5f3a-4b52-9a58-1c7b2f0e6d11/' \
		"$root/run/hostdev-hook/4dea22b3-1d52-48f3-9516-782e98ab3fa0.journal"
	ctl plan --steps --root "$root" "$xml"
	[[ $errors != *"is lent its devices already"* ]]
}

@test "a guest that runs: what it has, and no refusal about its own QEMU" {
	device_make 0000:02:00.0 8086:10d3 020000 2 vfio-pci
	guest_make nic "$xml" 0000:02:00.0
	qemu=$root/proc/4321
	mkdir -p "$root"/{sys/class/vfio,sys/devices/virtual/vfio/2,dev/vfio} "$qemu"/{fd,task/4321}
	echo 243:0 > "$root/sys/devices/virtual/vfio/2/dev"
	ln -s ../../../../class/vfio "$root/sys/devices/virtual/vfio/2/subsystem"
	ln -s ../../devices/virtual/vfio/2 "$root/sys/class/vfio/2"
	needs "root, where device nodes may be made" mknod "$root/dev/vfio/2" c 243 0
	mknod "$qemu/fd/3" c 243 0
	echo '4321 (qemu-system-x86) S 1 4321 4321 0 -1 4194560 0 0 0 0 0 0 0 0 20 0 1 0 5000 0 0' > "$qemu/stat"
	printf 'Name:\tqemu-system-x86\nUid:\t0\t0\t0\t0\n' > "$qemu/status"
	echo qemu-system-x86 > "$qemu/comm"
	printf '%s\n' '0::/machine.slice/machine-qemu\x2d1\x2dnic.scope/libvirt/emulator' > "$qemu/cgroup"
	printf '%s\0' qemu-system-x86_64 -uuid 4dea22b3-1d52-48f3-9516-782e98ab3fa0 > "$qemu/cmdline"
	: > "$qemu/maps"
	cp "$qemu"/{stat,status,comm,cgroup,maps} "$qemu/task/4321"
	ln -s /usr/bin/qemu-system-x86_64 "$qemu/exe"
	ctl plan --steps --root "$root" "$xml"
	[[ $status -eq 0 && -z $output && $errors == "hostdevctl: nic runs (process 4321)"* ]]
	[[ $errors == *"0000:02:00.0"*"(driver vfio-pci)" ]]
	# Another guest's is another matter.
	sed -i 's/4dea22b3/5dea22b3/; s/dnic/dother/' "$qemu/cmdline" "$qemu/cgroup"
	fails plan --steps --root "$root" "$xml"
	[[ $errors == *"would not be started"*4321* ]]
}

@test "a mate on another slot is refused by name" {
	guest_make usb "$xml" 0000:04:00.0
	fails plan --steps --root "$root" "$xml"
	[[ $errors == "hostdevctl: usb would not be started: 0000:04:00.0 "*"0000:03:00.0 "* ]]
	[[ $errors == *"  To lend it all the same: hostdevctl set usb group=whole" && $(wc -l <<< "$errors") -eq 3 ]]
}

@test "group = whole in the configuration takes the mate along" {
	guest_make usb "$xml" 0000:04:00.0
	echo 'group = whole' > "$root/etc/hostdev-hook/hostdev-hook.conf"
	plan_is <<-'END'
		power 0000:04:00.0 auto,d3cold=1 -> on,d3cold=1
		power 0000:03:00.0 auto,d3cold=1 -> on,d3cold=1
		holders 0000:03:00.0 free -> free,wait=5000
		driver 0000:04:00.0 none -> none,override=vfio-pci
		driver 0000:03:00.0 e1000e -> none,override=vfio-pci
		driver 0000:04:00.0 none,override=vfio-pci -> vfio-pci,override=vfio-pci
		driver 0000:03:00.0 none,override=vfio-pci -> vfio-pci,override=vfio-pci
	END
}

@test "the guest's own policy wins" {
	guest_make usb "$xml" 0000:04:00.0
	sed -i 's|<devices>|<metadata><h:policy xmlns:h="urn:hostdev-hook:1" group="whole"/></metadata>&|' "$xml"
	ok plan --steps --root "$root" "$xml"
	sed -i 's/group="whole"/group="refuse"/' "$xml"
	echo 'group = whole' > "$root/etc/hostdev-hook/hostdev-hook.conf"
	fails plan --steps --root "$root" "$xml"
	sed -i 's/group="refuse"/group="none"/' "$xml"
	fails plan --steps --root "$root" "$xml"
	[[ $errors == "hostdevctl: $xml: the policy of usb: domain XML line 2, <hostdev:policy>: group = none"* ]]
	# A file or a name; a file may be called anything.
	mkdir -p "$root/etc/libvirt/qemu"
	cp "$xml" "$root/etc/libvirt/qemu/usb.xml"
	for command in plan holders check; do
		fails "$command" --root "$root" usb
		[[ $errors == "hostdevctl: the policy of usb: domain XML line 2, "* ]]
	done
	fails plan --root "$root" 4dea22b3-1d52-48f3-9516-782e98ab3fa0
	[[ $errors == "hostdevctl: 4dea22b3-1d52-48f3-9516-782e98ab3fa0: the policy of usb: domain XML line 2, "* ]]
	fails plan --root "$root" - < "$xml"
	[[ $errors == "hostdevctl: standard input: the policy of usb: domain XML line 2, "* ]]
	# Its devices are no question of the policy, and "set" is to mend that.
	ok guest --root "$root" "$xml"
	sed -i 's| group="none"/>|>text</h:policy>|' "$xml"
	fails plan --root "$root" "$xml"
	[[ $errors == "hostdevctl: $xml: the policy of usb: domain XML line 2, <h:policy> in <metadata>: "* ]]
}

@test "a configuration that is wrong" {
	guest_make nic "$xml" 0000:02:00.0
	echo 'grup = whole' > "$root/etc/hostdev-hook/hostdev-hook.conf"
	fails plan --steps --root "$root" "$xml"
	[[ $errors == "hostdevctl: /etc/hostdev-hook/hostdev-hook.conf:1: unknown key grup; did you mean group?" ]]
	chmod 666 "$root/etc/hostdev-hook/hostdev-hook.conf"
	fails plan --steps --root "$root" "$xml"
	[[ $errors == *"chmod go-w"* ]]
}

@test "a missing device, and two refusals one after the other" {
	guest_make two "$xml" 0000:09:00.0 0000:04:00.0
	fails plan --steps --root "$root" "$xml"
	[[ $(grep -c "^hostdevctl: two would not be started: " <<< "$errors") -eq 2 ]]
	[[ $errors == *"0000:09:00.0"* && $errors == *"0000:04:00.0"* ]]
}

@test "no IOMMU" {
	rm -r "$root/sys/kernel/iommu_groups"
	guest_make nic "$xml" 0000:02:00.0
	fails plan --steps --root "$root" "$xml"
	[[ $errors == *"no IOMMU groups"* ]]
}

@test "a device of another guest" {
	local uuid=11111111-2222-4333-8444-555555555555
	mkdir -m 700 "$root/run/hostdev-hook"
	cat > "$root/run/hostdev-hook/$uuid.journal" <<-END
		hostdev-hook journal 1
		boot $(< "$root/proc/sys/kernel/random/boot_id")
		guest other
		uuid $uuid
		claim 0000:02:00.0
	END
	guest_make nic "$xml" 0000:02:00.0
	fails plan --steps --root "$root" "$xml"
	[[ $errors == *"belongs to guest other"* ]]
	echo rubbish > "$root/run/hostdev-hook/$uuid.journal"
	fails plan --steps --root "$root" "$xml"
	[[ $errors == *"$uuid.journal"* ]]
}

@test "a guest's name cannot make a second line" {
	guest_make 'a&#10;b' "$xml" 0000:09:00.0
	ctl plan --steps --root "$root" "$xml"
	[[ $status -eq 1 && -z $output && $errors == "hostdevctl: a"*"b would not be started: "* ]]
	[[ $(wc -l <<< "$errors") -eq 2 && $errors != $'*a\nb*' ]]
}

@test "- is standard input, names are not asked of libvirt" {
	guest_make nic "$xml" 0000:02:00.0
	ok plan --steps --root "$root" - < "$xml"
	fails plan --steps --root "$root" nic
	[[ $errors == *"there is no guest nic, nor any other" ]]
}

@test "wrong arguments" {
	misuses plan
	[[ $errors == "hostdevctl: plan takes one FILE or GUEST"* ]]
	misuses plan a b
	misuses plan --json --steps "$xml"
	misuses plan --jsno "$xml"
	misuses plan --root
}

# holder_make PID COMM CGROUP: it has the card's node open, which is the kernel's /dev/null here.
holder_make() {
	local dir=$root/proc/$1 drm=$root/sys/devices/pci0000:00/0000:01:00.0/drm/card0
	mkdir -p "$dir/fd" "$drm" "$root/sys/class/drm" "$root/run/systemd/system"
	echo "$1 ($2) S 1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 0 5000 0 0" > "$dir/stat"
	printf 'Name:\t%s\nUid:\t1000\t1000\t1000\t1000\n' "$2" > "$dir/status"
	echo "$2" > "$dir/comm"
	echo "0::$3" > "$dir/cgroup"
	: > "$dir/maps"
	ln -s /dev/null "$dir/fd/3"
	echo 1:3 > "$drm/dev"
	echo DEVNAME=dri/card0 > "$drm/uevent"
	ln -sfn ../../../../../class/drm "$drm/subsystem"
}

@test "what changes nothing is no step to be shown" {
	guest_make card "$xml" 0000:02:00.0
	ok plan --steps --root "$root" "$xml"
	[[ $output == *"power 0000:02:00.0 auto"* ]]
	echo on > "$root/sys/bus/pci/devices/0000:02:00.0/power/control"
	ok plan --steps --root "$root" "$xml"
	[[ $output == *"driver 0000:02:00.0"* && $output != *"power "* ]]
	ok plan --json --root "$root" "$xml"
	[[ $output == *"driver 0000:02:00.0"* && $output != *"power "* ]]
	ok plan --root "$root" "$xml"
	[[ $output != *"Power management"* ]]
}

@test "a machine that is only files: nobody can be asked about units, and they are planned for" {
	device_make 0000:01:00.0 1002:744c 030000 1 amdgpu
	holder_make 720 plasmashell \
		/user.slice/user-1000.slice/user@1000.service/session.slice/plasma-plasmashell.service
	guest_make card "$xml" 0000:01:00.0
	ok plan --steps --root "$root" "$xml"
	[[ $output == *"unit 1000/plasma-plasmashell.service active -> inactive # its process 720 (plasmashell) holds 0000:01:00.0"$'\n'* ]]
	[[ $output == "# the host of these files was not asked whether these units can be stopped"* ]]
	ok holders --root "$root" -o COMMAND,ACTION -n 0000:01:00.0
	[[ $output == *"plasmashell"*"stop-unit"* ]]
}

@test "a machine that is only files: its display manager is the one that is installed" {
	device_make 0000:01:00.0 1002:744c 030000 1 amdgpu
	holder_make 710 sway /user.slice/user-1000.slice/session-2.scope
	mkdir -p "$root"/run/systemd/{sessions,seats} "$root/etc/systemd/system"
	printf 'UID=1000\nACTIVE=1\nSTATE=active\nTYPE=wayland\n' > "$root/run/systemd/sessions/2"
	ln -s /usr/lib/systemd/system/sddm.service "$root/etc/systemd/system/display-manager.service"
	echo 'display = stop' > "$root/etc/hostdev-hook/hostdev-hook.conf"
	guest_make card "$xml" 0000:01:00.0
	ok plan --steps --root "$root" "$xml"
	[[ $output == *"unit sddm.service active,drm=0000:01:00.0 -> inactive # display = stop, for 0000:01:00.0"* ]]
}

@test "the answer: which devices it gets, and what goes along" {
	guest_make card "$xml" 0000:01:00.0
	answers
	[[ $status -eq 0 && $output == "card would start. It gets:"$'\n'"  0000:01:00.0  "*"  nvidia -> vfio-pci"$'\n'* ]]
	[[ $output == *"Taken along, though the guest does not name it:"$'\n'"  0000:01:00.1  "*"snd_hda_intel -> vfio-pci  (same card "* ]]
	[[ $(members '[(d["address"], d["driver_now"], d["driver_then"], d["named"]) for d in a["devices"]]') == \
		"[('0000:01:00.0', 'nvidia', 'vfio-pci', True), ('0000:01:00.1', 'snd_hda_intel', 'vfio-pci', False)]" ]]
	[[ $(members 'a["version"], a["verdict"], a["guest"]["name"], list(a)[0]') == "(1, 'start', 'card', 'version')" ]]
}

@test "the JSON has the steps as they are printed" {
	guest_make card "$xml" 0000:01:00.0
	ok plan --steps --root "$root" "$xml"
	steps=$output
	[[ $(members '"\n".join(a["steps"])') == "$steps" ]]
}

@test "the answer: all that stands against it, each once" {
	guest_make two "$xml" 0000:09:00.0 0000:04:00.0
	answers
	[[ $status -eq 1 && $output == "two would not start, for 2 reasons:"$'\n'"  1. there is no PCI device 0000:09:00.0 "* ]]
	[[ $output == *$'\n'"  2. 0000:04:00.0 "*$'\n'"     To lend it all the same: hostdevctl set two group=whole" ]]
	[[ $(members 'a["verdict"], [(r["address"], r["kind"]) for r in a["refusals"]], a["steps"]') == \
		"('refuse', [('0000:09:00.0', 'missing'), ('0000:04:00.0', 'mate')], [])" ]]
	[[ $status -eq 1 ]]
}

@test "the answer: nothing to do" {
	guest_make plain "$xml"
	answers
	[[ $status -eq 0 && $output == "plain would start, and there is nothing to do: it names no host PCI device." ]]
	[[ $(members 'a["verdict"]') == nothing ]]
	device_make 0000:02:00.0 8086:10d3 020000 2 vfio-pci
	guest_make nic "$xml" 0000:02:00.0
	answers
	[[ $status -eq 0 && $output == "nic would start, and there is nothing to do. It gets:"$'\n'*"on vfio-pci already" ]]
}

@test "the answer: a guest that has its devices" {
	device_make 0000:02:00.0 8086:10d3 020000 2 vfio-pci
	guest_make nic "$xml" 0000:02:00.0
	mkdir -p "$root/run/hostdev-hook"
	printf '%s\n' 'hostdev-hook journal 1' "boot $(< "$root/proc/sys/kernel/random/boot_id")" 'guest nic' \
		'uuid 4dea22b3-1d52-48f3-9516-782e98ab3fa0' 'claim 0000:02:00.0' lent \
		> "$root/run/hostdev-hook/4dea22b3-1d52-48f3-9516-782e98ab3fa0.journal"
	answers
	[[ $status -eq 0 && $output == "nic is lent its devices already. It has:"$'\n'"  0000:02:00.0  "*"driver vfio-pci" ]]
	[[ $(members 'a["verdict"], a["devices"][0]["driver_now"]') == "('running', 'vfio-pci')" ]]
}

@test "the answer: names that would steer a terminal" {
	guest_make 'a&#10;b&#x9b;' "$xml" 0000:02:00.0
	process_make 812 $'m\x1b[2Jpv' 0000:01:00.1 snd/controlC1 116:9
	answers
	[[ $output == 'a\x0ab'*" would start. It gets:"$'\n'* ]]
	guest_make card "$xml" 0000:01:00.0
	answers
	[[ $output == *'Ended, if it does not let go in time:'*'m\x1b[2Jpv'*'process 812'* && $output != *$'\x1b'* ]]
	[[ $(members 'a["ended"][0]["pid"]') == 812 ]]
}
