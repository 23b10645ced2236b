#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
#
# hostdevctl xml: what a guest's definition needs to have devices of this host, for libvirt and for plain QEMU.

# shellcheck disable=SC2154 # root, status, output and errors are set in machine.bash
load machine

setup() {
	machine_usual
	device_make 0000:05:00.1 1b21:2142 0c0330 5 xhci_hcd
	device_make 0000:05:00.3 1b21:2142 0c0330 5 xhci_hcd
	device_make 0000:00:1c.0 8086:a110 060400 3 pcieport
	echo 3 > "$root/sys/devices/pci0000:00/0000:00:1c.0/secondary_bus_number"
	echo > "$root/sys/devices/pci0000:00/0000:01:00.0/boot_vga"
}

# A whole domain around what was printed, where a guest's definition has it.
domain_of_output() {
	echo "<domain type='kvm'><name>test</name>"
	sed -n '/^<metadata>/,/^<\/metadata>/p' <<< "$output"
	echo "<devices>"
	sed '/^<metadata>/,/^<\/metadata>/d' <<< "$output"
	echo "</devices></domain>"
}

# reads_back ADDRESS...: what was printed is XML, and our own parser finds these devices in it, managed, in this order.
reads_back() {
	local file=$BATS_TEST_TMPDIR/domain.xml printed=$output

	needs_program xmllint
	domain_of_output > "$file"
	xmllint --noout "$file"
	ok guest --root "$root" -rn -o KIND,ADDRESS,MANAGED "$file"
	diff -u <(printf 'hostdev %s yes\n' "$@") <(echo "$output")
	output=$printed
}

# tells ARGUMENT...: it exits 0 and has printed something; what it says besides is in $errors.
tells() {
	ctl "$@"
	echo "status $status"$'\n'"$output"$'\n'"$errors"
	[[ $status -eq 0 && -n $output ]]
}

@test "a device alone gets no address in the guest" {
	ok xml --root "$root" 02:00.0
	diff -u - <(sed 's/(.*)/(NAME)/; s/\[.*\]/(NAME)/' <<< "$output") <<-'END'
		<!-- 0000:02:00.0 (NAME) -->
		<hostdev mode='subsystem' type='pci' managed='yes'>
		  <source>
		    <address domain='0x0000' bus='0x02' slot='0x00' function='0x0'/>
		  </source>
		</hostdev>
	END
	reads_back 0000:02:00.0
}

@test "a device by its interface" {
	mkdir -p "$root/sys/class/net" "$root/sys/devices/pci0000:00/0000:02:00.0/net/eth0"
	ln -s ../../devices/pci0000:00/0000:02:00.0/net/eth0 "$root/sys/class/net/eth0"
	ok xml --root "$root" eth0
	reads_back 0000:02:00.0
}

@test "functions of a slot stay functions of a slot" {
	ok xml --root "$root" 0000:01:00.1 02:00.0 pci_0000_01_00_0 01:00.1
	[[ $(grep -c '<hostdev ' <<< "$output") -eq 3 ]]
	grep -qF "<address type='pci' domain='0x0000' bus='0x10' slot='0x00' function='0x0' multifunction='on'/>" <<< "$output"
	grep -qF "<address type='pci' domain='0x0000' bus='0x10' slot='0x00' function='0x1'/>" <<< "$output"
	[[ $(grep -c "type='pci' domain" <<< "$output") -eq 2 ]]
	reads_back 0000:01:00.0 0000:01:00.1 0000:02:00.0
}

@test "without a function 0 they are counted anew" {
	ok xml --root "$root" 05:00.1 05:00.3 01:00.0 01:00.1
	[[ $(grep -oE "bus='0x1[01]' slot='0x00' function='0x[0-7]'( multif)?" <<< "$output") == \
		"bus='0x10' slot='0x00' function='0x0' multif
bus='0x10' slot='0x00' function='0x1'
bus='0x11' slot='0x00' function='0x0' multif
bus='0x11' slot='0x00' function='0x1'" ]]
}

@test "virtual functions are devices of their own" {
	for number in 0 1; do
		device_make "0000:06:10.$number" 8086:10ed 020000 "6$number" none
		ln -sfn ../0000:02:00.0 "$root/sys/devices/pci0000:00/0000:06:10.$number/physfn"
	done
	ok xml --root "$root" 06:10.0 06:10.1
	[[ $output != *multifunction* && $output != *"type='pci' domain"* ]]
}

@test "another place in the guest" {
	ok xml --root "$root" --at 20:0 01:00.0 01:00.1
	[[ $output == *"bus='0x20' slot='0x00' function='0x0' multifunction='on'"* ]]
	ok xml --root "$root" --at 00:10 01:00.0 01:00.1 05:00.1 05:00.3
	[[ $output == *"bus='0x00' slot='0x10' function='0x1'"* && $output == *"bus='0x00' slot='0x11' function='0x0' multif"* ]]
	fails xml --root "$root" --at 00:1f 01:00.0 01:00.1 05:00.1 05:00.3
	[[ $errors == *"--at"* ]]
	fails xml --root "$root" --at ff:00 01:00.0 01:00.1 05:00.1 05:00.3
	[[ $errors == *"--at"* ]]
	for place in 100:0 10:20 10 10:0x 10:1 00:00 ' 1:0'; do
		misuses xml --root "$root" --at "$place" 01:00.0
		[[ $errors == *"not a place"* ]]
	done
}

@test "the rest of a group is told of, and --group names it" {
	tells xml --root "$root" 03:00.0
	# What no driver works with is in nobody's way.
	[[ -z $errors ]]
	driver_make e1000e
	ln -sfn ../../../bus/pci/drivers/e1000e "$root/sys/devices/pci0000:00/0000:04:00.0/driver"
	tells xml --root "$root" 03:00.0
	[[ $errors == *"IOMMU group 3 of 0000:03:00.0"*"0000:04:00.0"*"--group"*"group=whole"* ]]
	[[ $(wc -l <<< "$errors") -eq 1 && $errors != *1c.0* ]]
	tells xml --root "$root" --policy group=whole 03:00.0
	[[ $errors == *"0000:04:00.0"*"group=whole"* && $errors == *"is lent"* ]]
	ok xml --root "$root" --group 03:00.0
	reads_back 0000:03:00.0 0000:04:00.0
}

@test "the other functions of a card leave the host with it" {
	tells xml --root "$root" 01:00.0
	[[ $errors == *"0000:01:00.1"*"--group"* && $(wc -l <<< "$errors") -eq 1 ]]
	[[ $output != *multifunction* ]]
	ok xml --root "$root" --group 01:00.0
	reads_back 0000:01:00.0 0000:01:00.1
}

@test "what cannot be a guest's is refused, and nothing is printed" {
	fails xml --root "$root" 01:00.0 09:00.0 00:1c.0
	[[ $errors == *"there is no PCI device 0000:09:00.0 on this host: "* && $errors == *"0000:00:1c.0"*"bridge"* ]]
	fails xml --root "$root" --json 09:00.0
	misuses xml --root "$root"
	fails xml --root "$root" 02:00.0 nonsense
	[[ $errors == *nonsense* ]]
}

@test "no IOMMU group is told" {
	rm "$root/sys/devices/pci0000:00/0000:02:00.0/iommu_group"
	tells xml --root "$root" 02:00.0
	[[ $errors == *"0000:02:00.0"*"no IOMMU group"* ]]
}

@test "a policy, which the same parser takes" {
	ok xml --root "$root" --policy processes=wait --policy 'allow=only-keyboard, ssh' 02:00.0
	diff -u - <(sed -n '/^<metadata>/,/^<\/metadata>/p' <<< "$output") <<-'END'
		<metadata>
		  <hostdev:policy xmlns:hostdev="urn:hostdev-hook:1" processes="wait" allow="only-keyboard, ssh"/>
		</metadata>
	END
	[[ $(grep -c '^<!-- ' <<< "$output") -eq 3 ]]
	reads_back 0000:02:00.0
	ok set --root "$root" -rn -o KEY,VALUE "$BATS_TEST_TMPDIR/domain.xml"
	grep -qx 'processes wait' <<< "$output"
}

@test "a policy that is none" {
	for wrong in processes nonsense=1 processes=perhaps processes= =wait 'grace-time=<&>'; do
		misuses xml --root "$root" --policy "$wrong" 02:00.0
		[[ $errors == *--policy* ]]
	done
	misuses xml --root "$root" --policy grup=whole 02:00.0
	[[ $errors == *"did you mean group?"* ]]
	misuses xml --root "$root" --policy processes=wait --policy processes=kill 02:00.0
	[[ $errors == *processes\ twice* ]]
	misuses xml --root "$root" --policy processes=wait --qemu 02:00.0
	[[ $errors == *exclude* ]]
}

@test "what a libvirt does not know is left out" {
	ok xml --root "$root" --libvirt 12.1.0 --driver mlx5_vfio_pci --iommufd 02:00.0
	[[ $output == *$'\n'"  <driver model='mlx5_vfio_pci' iommufd='yes'/>"$'\n'* ]]
	tells xml --root "$root" --libvirt 12.0 --driver mlx5_vfio_pci --iommufd 02:00.0
	[[ $output == *$'\n'"  <driver model='mlx5_vfio_pci'/>"$'\n'* && $errors == *"libvirt 12.0 "*"iommufd"*"12.1"* ]]
	tells xml --root "$root" --libvirt 9.10.1 --driver mlx5_vfio_pci 02:00.0
	[[ $output != *"<driver"* && $errors == *"libvirt 9.10.1 "*"10.0"* ]]
	# Nobody is asked who need not be.
	ok xml --root "$root" 02:00.0
	tells xml --root "$root" --iommufd 02:00.0
	[[ $output != *"<driver"* && $errors == *"9.0"*"--libvirt"* ]]
	for wrong in x 9. 9..1 9.0.0.0 '' 1000.0; do
		misuses xml --root "$root" --libvirt "$wrong" 02:00.0
		[[ $errors == *"not a version"* ]]
	done
	misuses xml --root "$root" --driver "a'b" 02:00.0
}

@test "arguments for QEMU" {
	ok xml --root "$root" --qemu 01:00.0 01:00.1 02:00.0
	diff -u - <(echo "$output") <<-'END'
		-device pcie-root-port,id=hostdev0,chassis=16
		-device vfio-pci,host=0000:01:00.0,bus=hostdev0,addr=00.0,multifunction=on
		-device vfio-pci,host=0000:01:00.1,bus=hostdev0,addr=00.1
		-device pcie-root-port,id=hostdev1,chassis=17
		-device vfio-pci,host=0000:02:00.0,bus=hostdev1,addr=00.0
	END
	ok xml --root "$root" --qemu --at 00:10 --iommufd 01:00.0 01:00.1 02:00.0
	diff -u - <(echo "$output") <<-'END'
		-object iommufd,id=iommufd0
		-device vfio-pci,host=0000:01:00.0,addr=10.0,multifunction=on,iommufd=iommufd0
		-device vfio-pci,host=0000:01:00.1,addr=10.1,iommufd=iommufd0
		-device vfio-pci,host=0000:02:00.0,addr=11.0,iommufd=iommufd0
	END
	misuses xml --root "$root" --qemu --driver vfio-pci 02:00.0
	misuses xml --root "$root" --qemu --libvirt 9.0 02:00.0
}

@test "JSON" {
	needs_program python3
	ok xml --root "$root" --json --policy group=whole 01:00.0 01:00.1 02:00.0
	python3 - "$output" <<-'END'
		import json, sys
		answer = json.loads(sys.argv[1])
		assert list(answer)[0] == "version" and answer["version"] == 1, answer
		devices = [one for one in answer["elements"] if one["address"]]
		assert [one["address"] for one in devices] == ["0000:01:00.0", "0000:01:00.1", "0000:02:00.0"], answer
		assert all(one["text"].startswith("<hostdev ") for one in devices), answer
		assert 'group="whole"' in answer["metadata"], answer
	END
	ok xml --root "$root" --json --qemu 02:00.0
	python3 - "$output" <<-'END'
		import json, sys
		answer = json.loads(sys.argv[1])
		assert [one["address"] for one in answer["elements"]] == [None, "0000:02:00.0"], answer
		assert answer["metadata"] is None
	END
}
