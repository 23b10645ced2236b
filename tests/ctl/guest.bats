#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# hostdevctl guest: a row for each place in the XML, in the forms util-linux prints.

# shellcheck disable=SC2154 # root and errors are set in machine.bash
load machine

setup() {
	machine_usual
	xml=$BATS_TEST_TMPDIR/guest.xml
	cat > "$xml" <<-'XML'
		<domain type='kvm'>
		  <name>win11</name>
		  <uuid>4dea22b3-1d52-48f3-9516-782e98ab3fa0</uuid>
		  <devices>
		    <disk type='nvme' device='disk'>
		      <source type='pci' managed='yes' namespace='1'><address bus='0x05' slot='0' function='0'/></source>
		      <target dev='vda' bus='virtio'/>
		    </disk>
		    <interface type='hostdev' managed='no'>
		      <source><address type='pci' domain='0' bus='2' slot='0' function='0'/></source>
		    </interface>
		    <hostdev mode='subsystem' type='pci' managed='yes'>
		      <driver name='vfio' model='nvgrace_gpu_vfio_pci'/>
		      <source><address domain='0x0000' bus='0x01' slot='0x00' function='0x0'/></source>
		    </hostdev>
		    <hostdev mode='subsystem' type='usb'/>
		  </devices>
		</domain>
	XML
}

# lists ARGUMENT...: the rows are there; that the disk is not on this host is told, and is the exit status 1.
lists() {
	ctl "$@"
	echo "status $status"$'\n'"$output"$'\n'"$errors"
	[[ $status -eq 1 && $errors == "hostdevctl: win11: there is no PCI device 0000:05:00.0 on this host: "* ]]
	[[ $(wc -l <<< "$errors") -eq 1 ]]
}

@test "rows in document order" {
	lists guest --root "$root" --output KIND,ADDRESS,MANAGED,DRIVER,WANTED "$xml"
	diff -u - <(echo "$output") <<-'END'
		KIND      ADDRESS      MANAGED DRIVER WANTED
		nvme      0000:05:00.0 yes            vfio-pci
		interface 0000:02:00.0 no      e1000e vfio-pci
		hostdev   0000:01:00.0 yes     nvidia nvgrace_gpu_vfio_pci
	END
}

@test "columns and their order by --output, in any case" {
	lists guest --root "$root" -rn -o address,Kind "$xml"
	[[ ${output%%$'\n'*} == "0000:05:00.0 nvme" ]]
}

@test "a plus adds columns to the usual ones" {
	lists guest --root "$root" -rn -o +GROUP,WANTED "$xml"
	[[ $output == *$'\n'"interface 0000:02:00.0 no e1000e "*" 2 vfio-pci"$'\n'* ]]
	# Of a device that is not here nothing is known.
	[[ $output == "nvme 0000:05:00.0 yes    vfio-pci"$'\n'* ]]
	lists guest --root "$root" -r "$xml"
	[[ ${output%%$'\n'*} == "KIND ADDRESS MANAGED DRIVER NAME" ]]
	needs_program python3
	lists guest --root "$root" -J -o GROUP,WANTED,DRIVER "$xml"
	python3 - "$output" <<-'END'
		import json, sys
		rows = json.loads(sys.argv[1])["hostdevs"]
		assert [row["group"] for row in rows] == [None, 2, 1], rows
		assert rows[1]["driver"] == "e1000e" and rows[0]["wanted"] == "vfio-pci", rows
	END
}

@test "--raw and --noheadings" {
	lists guest --root "$root" --raw --noheadings --output=KIND,MANAGED "$xml"
	[[ $output == $'nvme yes\ninterface no\nhostdev yes' ]]
	lists guest --root "$root" -r -o KIND,MANAGED "$xml"
	[[ $output == $'KIND MANAGED\nnvme yes\ninterface no\nhostdev yes' ]]
}

@test "--json" {
	needs_program python3
	lists guest --root "$root" --json "$xml"
	python3 - "$output" <<-'END'
		import json, sys
		rows = json.loads(sys.argv[1])["hostdevs"]
		assert [row["kind"] for row in rows] == ["nvme", "interface", "hostdev"], rows
		assert [row["managed"] for row in rows] == [True, False, True], rows
		assert rows[0]["name"] is None and rows[0]["driver"] is None and rows[1]["driver"] == "e1000e", rows
		assert sorted(rows[0]) == ["address", "driver", "kind", "managed", "name"], rows
	END
	lists guest --root "$root" -J -o ADDRESS "$xml"
	python3 -c 'import json, sys; assert json.loads(sys.argv[1])["hostdevs"][1] == {"address": "0000:02:00.0"}' "$output"
}

@test "names of devices that are here" {
	lists guest --root "$root" -rno NAME "$xml"
	needs "the list pci.ids, with the NIC in it (tests/deps)" test -n "$output"
	[[ $output == *'Intel\x2082574L\x20Gigabit\x20Network\x20Connection'* ]]
}

@test "the best variant of modules.alias is the driver" {
	cat > "$root/lib/modules/6.1.0-test/modules.alias" <<-'END'
		alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci
		alias vfio_pci:v00008086d000010D3sv*sd*bc*sc*i* igb_vfio_pci
	END
	# Of an unmanaged one libvirt expects what it has always expected, unless a daemon that runs knows better.
	lists guest --root "$root" -rno ADDRESS,WANTED "$xml"
	[[ $output == *"0000:02:00.0 vfio-pci"* ]]
	sed -i "s/<interface type='hostdev' managed='no'>/<interface type='hostdev' managed='yes'>/" "$xml"
	lists guest --root "$root" -rno ADDRESS,WANTED "$xml"
	[[ $output == *"0000:02:00.0 igb_vfio_pci"* ]]
	[[ $output == *"0000:05:00.0 vfio-pci"* && $output == *"0000:01:00.0 nvgrace_gpu_vfio_pci"* ]]
}

@test "the VFIO driver that a device is on is the driver where libvirt leaves it there" {
	driver_make mlx5_vfio_pci
	ln -sfn ../../../bus/pci/drivers/mlx5_vfio_pci "$root/sys/devices/pci0000:00/0000:02:00.0/driver"
	driver_make nvidia-vgpu
	mkdir -p "$root/sys/devices/pci0000:00/0000:03:00.0/vfio-dev/vfio0"
	ln -sfn ../../../bus/pci/drivers/nvidia-vgpu "$root/sys/devices/pci0000:00/0000:03:00.0/driver"
	guest_make vendors "$xml" 0000:02:00.0 0000:03:00.0
	ok guest --root "$root" -rn -o ADDRESS,WANTED "$xml"
	[[ $output == $'0000:02:00.0 vfio-pci\n0000:03:00.0 nvidia-vgpu' ]]
	sed -i "s/managed='yes'/managed='no'/" "$xml"
	ok guest --root "$root" -rn -o ADDRESS,WANTED "$xml"
	[[ $output == $'0000:02:00.0 mlx5_vfio_pci\n0000:03:00.0 nvidia-vgpu' ]]
}

@test "a guest without host devices has no rows" {
	guest_make plain "$xml"
	ctl guest --root "$root" "$xml"
	[[ $status -eq 0 && -z $output && $errors == "hostdevctl: plain names no host PCI device" ]]
	ok guest --root "$root" --json "$xml"
	[[ ${output//[[:space:]]/} == '{"version":1,"hostdevs":[]}' ]]
}

@test "a machine without PCI has none of the devices" {
	mkdir "$BATS_TEST_TMPDIR/bare"
	ctl guest --root "$BATS_TEST_TMPDIR/bare" -rno ADDRESS,WANTED "$xml"
	[[ $status -eq 1 && $output == *"0000:02:00.0 vfio-pci"* && $(wc -l <<< "$errors") -eq 3 ]]
}

@test "a device that is hidden is told as plan tells it" {
	mkdir -p "$root"/proc/{870,bus/pci/05}
	touch "$root/proc/bus/pci/05/00.0"
	echo cardwired > "$root/proc/870/comm"
	ctl guest --root "$root" -o ADDRESS,NAME "$xml"
	[[ $status -eq 1 && $output == *$'\n''0000:05:00.0 (is hidden by cardwired, which runs)'$'\n'* ]]
	[[ $errors == 'hostdevctl: win11: 0000:05:00.0 is hidden by cardwired, which runs. See "cardwire list", '* ]]
	ctl guest --root "$root" -rn -o ADDRESS,NAME "$xml"
	[[ $status -eq 1 && $output == $'0000:05:00.0 \n'* ]]
}

@test "- is standard input" {
	lists guest --root "$root" -rno KIND - < "$xml"
	[[ $output == $'nvme\ninterface\nhostdev' ]]
	fails guest - < /dev/null
	[[ $errors == "hostdevctl: standard input: "* ]]
}

@test "a file may be a pipe" {
	lists guest --root "$root" -rno KIND <(cat "$xml")
	[[ $output == nvme* ]]
}

@test "names that look like options" {
	cd "$BATS_TEST_TMPDIR"
	cp "$xml" ./--json
	lists guest --root "$root" -rno KIND -- --json
	[[ $output == nvme* ]]
	lists guest --root "$root" -rno KIND ./--json
	fails guest --root "$root" -- --raw
	[[ $errors == *"there is no guest --raw, nor any other"* ]]
}

@test "what is no domain: one line, exit 1" {
	local bad=$BATS_TEST_TMPDIR/bad
	printf '<network/>' > "$bad.1"
	printf '<domain><name>x</name>' > "$bad.2"
	printf 'hello' > "$bad.3"
	: > "$bad.4"
	printf '<domain>\377\376</domain>' > "$bad.5"
	printf '<domainsnapshot><domain/></domainsnapshot>' > "$bad.6"
	sed 's/bus=.2./bus="08"/' "$xml" > "$bad.7"
	for file in "$bad".[1-7]; do
		fails guest "$file"
		[[ $errors == "hostdevctl: $file: "* && $(wc -l <<< "$errors") -eq 1 ]]
	done
}

@test "files that cannot be read" {
	fails guest "$BATS_TEST_TMPDIR/none.xml"
	[[ $errors == "hostdevctl: open $BATS_TEST_TMPDIR/none.xml: No such file or directory" ]]
	fails guest "$BATS_TEST_TMPDIR/"
	[[ $errors == *"Is a directory" ]]
	truncate -s 11M "$BATS_TEST_TMPDIR/huge.xml"
	fails guest "$BATS_TEST_TMPDIR/huge.xml"
	[[ $errors == *"larger than 10 MiB" ]]
	fails guest --root "$BATS_TEST_TMPDIR/none" "$xml"
	[[ $errors == *"$BATS_TEST_TMPDIR/none: No such file or directory" ]]
}

@test "wrong arguments" {
	misuses guest "$xml" "$xml"
	[[ $errors == "hostdevctl: guest takes at most one FILE or GUEST"* ]]
	misuses guest --json --raw "$xml"
	[[ $errors == *"--json and --raw exclude each other"* ]]
	misuses guest -o KIND,FOO "$xml"
	[[ $errors == 'hostdevctl: unknown column "FOO"; the columns are GUEST, KIND, ADDRESS, MANAGED, DRIVER, NAME, WANTED, GROUP'* ]]
	misuses guest -o '' "$xml"
	misuses guest -o KIND,kind "$xml"
	[[ $errors == *"column KIND is listed twice"* ]]
	misuses guest "$xml" --output
	misuses guest "$xml" --root
}

@test "a name without a libvirt" {
	needs_mounts
	# A libvirt of this machine is not to be asked.
	cat > "$BATS_TEST_TMPDIR/apart" <<-END
		#!/bin/sh
		exec unshare --mount --propagation private sh -c 'mount -t tmpfs none /run && exec "\$@"' - "$HOSTDEVCTL" "\$@"
	END
	chmod 755 "$BATS_TEST_TMPDIR/apart"
	# This machine has no such device.
	HOSTDEVCTL=$BATS_TEST_TMPDIR/apart fails guest no-such-guest
	[[ $errors == "hostdevctl: there is no guest no-such-guest"*" (libvirt cannot be asked: "*")" ]]
	[[ $(wc -l <<< "$errors") -eq 1 ]]
}

# guests_make: two that are defined, one of which runs with another device, and one that only runs.
guests_make() {
	mkdir -p "$root"/{etc,run}/libvirt/qemu/autostart
	guest_make win11 "$root/etc/libvirt/qemu/win11.xml" 0000:01:00.0
	guest_make work "$root/etc/libvirt/qemu/work.xml" 0000:02:00.0
	sed -i s/4dea22b3/5dea22b3/ "$root/etc/libvirt/qemu/work.xml"
	guest_make once "$BATS_TEST_TMPDIR/once.xml" 0000:03:00.0
	guest_make work "$BATS_TEST_TMPDIR/work.xml" 0000:04:00.0
	running_make 3 6dea22b3 "$BATS_TEST_TMPDIR/once.xml"
	running_make 12 5dea22b3 "$BATS_TEST_TMPDIR/work.xml"
}

# running_make ID UUID-BEGIN FILE
running_make() {
	{
		echo "<domstatus state='running' reason='booted' pid='4711'><monitor path='/run/x' type='unix'/>"
		sed "s/<domain type='kvm'>/<domain type='kvm' id='$1'>/; s/4dea22b3/$2/" "$3"
		echo '</domstatus>'
	} > "$root/run/libvirt/qemu/$(basename "$3")"
}

@test "below a root, guests by name, UUID and id from libvirt's files" {
	guests_make
	ok guest --root "$root" -rno ADDRESS win11
	[[ $output == 0000:01:00.0 ]]
	ok guest --root "$root" -rno ADDRESS once
	[[ $output == 0000:03:00.0 ]]
	# What runs has what it has now.
	ok guest --root "$root" -rno ADDRESS work
	[[ $output == 0000:04:00.0 ]]
	ok guest --root "$root" -rno ADDRESS 12
	[[ $output == 0000:04:00.0 ]]
	ok guest --root "$root" -rno ADDRESS 4DEA22B3-1d52-48f3-9516-782e98ab3fa0
	[[ $output == 0000:01:00.0 ]]
}

@test "a mistyped guest: the one that was meant, and all of them" {
	guests_make
	fails guest --root "$root" win1
	[[ $errors == "hostdevctl: there is no guest win1; did you mean win11? The guests are once, win11, work" ]]
	fails guest --root "$root" 13
	[[ $errors == "hostdevctl: there is no guest 13; the guests are once, win11, work" ]]
	fails guest --root "$root" 0
	rm -r "$root"/{etc,run}/libvirt
	fails guest --root "$root" win11
	[[ $errors == "hostdevctl: there is no guest win11, nor any other" ]]
}

@test "a guest's file that is no domain hides no other guest" {
	guests_make
	echo '<domain>' > "$root/etc/libvirt/qemu/broken.xml"
	ok guest --root "$root" -rno ADDRESS win11
	fails guest --root "$root" broken
	[[ $errors == "hostdevctl: /etc/libvirt/qemu/broken.xml: domain XML line "*$'\n'"hostdevctl: there is no guest broken; "* ]]
}

@test "where libvirt does not answer, its files do" {
	needs_mounts
	guests_make
	cat > "$BATS_TEST_TMPDIR/apart" <<-END
		#!/bin/sh
		exec unshare --mount --propagation private sh -c 'mount --bind $root/run /run && mount --bind $root/etc /etc && exec "\$@"' - "$HOSTDEVCTL" "\$@"
	END
	chmod 755 "$BATS_TEST_TMPDIR/apart"
	HOSTDEVCTL=$BATS_TEST_TMPDIR/apart ctl guest -rno ADDRESS win11
	[[ $status -eq 1 && $output == 0000:01:00.0 ]]
	[[ $errors == "hostdevctl: libvirt cannot be asked: "*": what follows goes by /etc/libvirt/qemu/win11.xml"* ]]
	HOSTDEVCTL=$BATS_TEST_TMPDIR/apart fails guest win1
	[[ $errors == "hostdevctl: there is no guest win1; did you mean win11? "*" (libvirt cannot be asked: "* ]]
}

@test "a libvirt that hangs is given five seconds" {
	needs_mounts
	guests_make
	# It listens, never answers, and has others waiting already: connect(2) does not return.
	python3 - "$root/run/libvirt/libvirt-sock-ro" <<-'END' &
		import socket, sys, time
		s = socket.socket(socket.AF_UNIX)
		s.bind(sys.argv[1])
		s.listen(0)
		waiting = [socket.socket(socket.AF_UNIX) for _ in range(4)]
		for w in waiting:
		    w.setblocking(False)
		    w.connect_ex(sys.argv[1])
		time.sleep(60)
	END
	hanging=$!
	cat > "$BATS_TEST_TMPDIR/apart" <<-END
		#!/bin/sh
		exec unshare --mount --propagation private sh -c 'mount --bind $root/run /run && mount --bind $root/etc /etc && exec "\$@"' - "$HOSTDEVCTL" "\$@"
	END
	chmod 755 "$BATS_TEST_TMPDIR/apart"
	for _ in {1..100}; do [[ ! -S $root/run/libvirt/libvirt-sock-ro ]] || break; sleep 0.1; done
	HOSTDEVCTL=$BATS_TEST_TMPDIR/apart ctl guest -rno ADDRESS win11
	kill "$hanging"
	echo "status $status"$'\n'"$output"$'\n'"$errors"
	[[ $status -eq 1 && $output == 0000:01:00.0 ]]
	[[ $errors == "hostdevctl: libvirt has not answered for 5 s: it hangs, or a hook of this guest is at work: what follows goes by /etc/libvirt/qemu/win11.xml"* ]]
}

@test "without a name, the devices of all guests" {
	guests_make
	ok guest --root "$root" -o +WANTED
	diff -u <(sed -E 's/ +/ /g; s/(nvidia|e1000e|yes) (Intel|NVIDIA|Red Hat) .* vfio/\1 vfio/' <<< "$output") - <<-'END'
		GUEST KIND ADDRESS MANAGED DRIVER NAME WANTED
		once hostdev 0000:03:00.0 yes e1000e vfio-pci
		win11 hostdev 0000:01:00.0 yes nvidia vfio-pci
		work hostdev 0000:04:00.0 yes vfio-pci
	END
	ok guest --root "$root" -rno GUEST,ADDRESS
	[[ $output == $'once 0000:03:00.0\nwin11 0000:01:00.0\nwork 0000:04:00.0' ]]
	rm -r "$root"/{etc,run}/libvirt
	ctl guest --root "$root"
	[[ $status -eq 0 && -z $output && $errors == "hostdevctl: libvirt has no guest" ]]
}

@test "devices of QEMU's own arguments are no rows, and yet named" {
	cat > "$BATS_TEST_TMPDIR/qemu.xml" <<-'END'
		<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>q</name>
		<qemu:commandline><qemu:arg value='-device'/><qemu:arg value='vfio-pci,host=01:00.0'/></qemu:commandline></domain>
	END
	ctl guest --root "$root" -n "$BATS_TEST_TMPDIR/qemu.xml"
	[[ $status -eq 0 && -z $output && $errors == "hostdevctl: 0000:01:00.0 stands in <qemu:commandline> (line 2 of the XML), so it is not lent"* ]]
}
