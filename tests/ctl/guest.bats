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

@test "rows in document order" {
	ok guest --root "$root" --output KIND,ADDRESS,MANAGED,DRIVER "$xml"
	diff -u - <(echo "$output") <<-'END'
		KIND      ADDRESS      MANAGED DRIVER
		nvme      0000:05:00.0 yes     vfio-pci
		interface 0000:02:00.0 no      vfio-pci
		hostdev   0000:01:00.0 yes     nvgrace_gpu_vfio_pci
	END
}

@test "columns and their order by --output, in any case" {
	ok guest --root "$root" -n -o address,Kind "$xml"
	[[ ${output%%$'\n'*} == "0000:05:00.0 nvme" ]]
}

@test "a plus adds columns to the usual ones" {
	ok guest --root "$root" -rn -o +GROUP,BOUND "$xml"
	[[ $output == *$'\n'"interface 0000:02:00.0 no vfio-pci "*" 2 e1000e"$'\n'* ]]
	# Of a device that is not here nothing is known.
	[[ $output == "nvme 0000:05:00.0 yes vfio-pci   "$'\n'* ]]
	ok guest --root "$root" -r "$xml"
	[[ ${output%%$'\n'*} == "KIND ADDRESS MANAGED DRIVER NAME" ]]
	needs_program python3
	ok guest --root "$root" -J -o GROUP,BOUND "$xml"
	python3 - "$output" <<-'END'
		import json, sys
		rows = json.loads(sys.argv[1])["hostdevs"]
		assert [row["group"] for row in rows] == [None, 2, 1], rows
		assert rows[1]["bound"] == "e1000e" and rows[0]["bound"] is None, rows
	END
}

@test "--raw and --noheadings" {
	ok guest --root "$root" --raw --noheadings --output=KIND,MANAGED "$xml"
	[[ $output == $'nvme yes\ninterface no\nhostdev yes' ]]
	ok guest --root "$root" -r -o KIND,MANAGED "$xml"
	[[ $output == $'KIND MANAGED\nnvme yes\ninterface no\nhostdev yes' ]]
}

@test "--json" {
	needs_program python3
	ok guest --root "$root" --json "$xml"
	python3 - "$output" <<-'END'
		import json, sys
		rows = json.loads(sys.argv[1])["hostdevs"]
		assert [row["kind"] for row in rows] == ["nvme", "interface", "hostdev"], rows
		assert [row["managed"] for row in rows] == [True, False, True], rows
		assert rows[0]["name"] is None and rows[0]["driver"] == "vfio-pci", rows
		assert sorted(rows[0]) == ["address", "driver", "kind", "managed", "name"], rows
	END
	ok guest --root "$root" -J -o ADDRESS "$xml"
	python3 -c 'import json, sys; assert json.loads(sys.argv[1])["hostdevs"][1] == {"address": "0000:02:00.0"}' "$output"
}

@test "names of devices that are here" {
	ok guest --root "$root" -rno NAME "$xml"
	needs "the list pci.ids, with the NIC in it (tests/deps)" test -n "$output"
	[[ $output == *'Intel\x2082574L\x20Gigabit\x20Network\x20Connection'* ]]
}

@test "the best variant of modules.alias is the driver" {
	cat > "$root/lib/modules/6.1.0-test/modules.alias" <<-'END'
		alias vfio_pci:v*d*sv*sd*bc*sc*i* vfio_pci
		alias vfio_pci:v00008086d000010D3sv*sd*bc*sc*i* igb_vfio_pci
	END
	# Of an unmanaged one libvirt expects what it has always expected, unless a daemon that runs knows better.
	ok guest --root "$root" -rno ADDRESS,DRIVER "$xml"
	[[ $output == *"0000:02:00.0 vfio-pci"* ]]
	sed -i "s/<interface type='hostdev' managed='no'>/<interface type='hostdev' managed='yes'>/" "$xml"
	ok guest --root "$root" -rno ADDRESS,DRIVER "$xml"
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
	ok guest --root "$root" -rn -o ADDRESS,DRIVER "$xml"
	[[ $output == $'0000:02:00.0 vfio-pci\n0000:03:00.0 nvidia-vgpu' ]]
	sed -i "s/managed='yes'/managed='no'/" "$xml"
	ok guest --root "$root" -rn -o ADDRESS,DRIVER "$xml"
	[[ $output == $'0000:02:00.0 mlx5_vfio_pci\n0000:03:00.0 nvidia-vgpu' ]]
}

@test "a guest without host devices has no rows" {
	guest_make plain "$xml"
	ok guest --root "$root" "$xml"
	[[ -z $output ]]
	ok guest --root "$root" --json "$xml"
	[[ ${output//[[:space:]]/} == '{"version":1,"hostdevs":[]}' ]]
}

@test "a machine without PCI is no error" {
	mkdir "$BATS_TEST_TMPDIR/bare"
	ok guest --root "$BATS_TEST_TMPDIR/bare" -rno ADDRESS,DRIVER "$xml"
	[[ $output == *"0000:02:00.0 vfio-pci"* ]]
	ok guest -rno ADDRESS "$xml"
}

@test "- is standard input" {
	ok guest --root "$root" -rno KIND - < "$xml"
	[[ $output == $'nvme\ninterface\nhostdev' ]]
	fails guest - < /dev/null
	[[ $errors == "hostdevctl: standard input: "* ]]
}

@test "a file may be a pipe" {
	ok guest --root "$root" -rno KIND <(cat "$xml")
	[[ $output == nvme* ]]
}

@test "names that look like options" {
	cd "$BATS_TEST_TMPDIR"
	cp "$xml" ./--json
	ok guest --root "$root" -rno KIND -- --json
	[[ $output == nvme* ]]
	ok guest --root "$root" -rno KIND ./--json
	fails guest --root "$root" -- --raw
	[[ $errors == *"--raw: no such file"* ]]
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
	misuses guest
	[[ $errors == "hostdevctl: guest takes one FILE or NAME"* ]]
	misuses guest "$xml" "$xml"
	misuses guest --json --raw "$xml"
	[[ $errors == *"--json and --raw exclude each other"* ]]
	misuses guest -o KIND,FOO "$xml"
	[[ $errors == 'hostdevctl: unknown column "FOO"; the columns are KIND, ADDRESS, MANAGED, DRIVER, NAME, BOUND, GROUP'* ]]
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
	HOSTDEVCTL=$BATS_TEST_TMPDIR/apart fails guest no-such-guest
	[[ $errors == "hostdevctl: no-such-guest is no file; libvirt, asked for such a guest: "* ]]
	[[ $(wc -l <<< "$errors") -eq 1 ]]
}

@test "devices of QEMU's own arguments are no rows, and yet named" {
	cat > "$BATS_TEST_TMPDIR/qemu.xml" <<-'END'
		<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><name>q</name>
		<qemu:commandline><qemu:arg value='-device'/><qemu:arg value='vfio-pci,host=01:00.0'/></qemu:commandline></domain>
	END
	ctl guest --root "$root" -n "$BATS_TEST_TMPDIR/qemu.xml"
	[[ $status -eq 0 && -z $output && $errors == "hostdevctl: 0000:01:00.0 stands in <qemu:commandline> (line 2 of the XML), so it is not lent"* ]]
}
