# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A made-up machine and guests for it, below $BATS_TEST_TMPDIR. Loaded by the tests beside it.
load ../needs

# A configuration that its group may write is refused.
umask 022
# As where nobody has said how wide tables may be.
unset COLUMNS

# Only what hostdevctl reads of a machine without devices.
machine_make() {
	root=$BATS_TEST_TMPDIR/machine
	mkdir -p "$root"/{etc/hostdev-hook,run,dev,lib/modules/6.1.0-test,proc/sys/kernel/random}
	mkdir -p "$root"/sys/{bus/pci/{devices,drivers},devices/pci0000:00,kernel/iommu_groups,module}
	echo 6.1.0-test > "$root/proc/sys/kernel/osrelease"
	echo 0d9e2c1e-8f6a-4c0b-9a5e-1f2d3c4b5a69 > "$root/proc/sys/kernel/random/boot_id"
	driver_make vfio-pci
}

# driver_make NAME: a registered driver of a module that goes by the same name.
driver_make() {
	mkdir -p "$root/sys/bus/pci/drivers/$1" "$root/sys/module/${1//-/_}"
	ln -sfn "../../../../module/${1//-/_}" "$root/sys/bus/pci/drivers/$1/module"
}

# device_make ADDRESS VENDOR:DEVICE CLASS GROUP DRIVER: "none" for no driver.
device_make() {
	local dir=$root/sys/devices/pci0000:00/$1 group=$root/sys/kernel/iommu_groups/$4
	local vendor=${2%:*} product=${2#*:}

	mkdir -p "$dir/power" "$group/devices"
	echo "0x$vendor" > "$dir/vendor"
	echo "0x$product" > "$dir/device"
	echo "0x$vendor" > "$dir/subsystem_vendor"
	echo 0x0000 > "$dir/subsystem_device"
	echo "0x$3" > "$dir/class"
	printf 'pci:v0000%sd0000%ssv0000%ssd00000000bc%ssc%si%s\n' "${vendor^^}" "${product^^}" \
		"${vendor^^}" "${3:0:2}" "${3:2:2}" "${3:4:2}" > "$dir/modalias"
	echo '(null)' > "$dir/driver_override"
	echo auto > "$dir/power/control"
	echo active > "$dir/power/runtime_status"
	echo 1 > "$dir/d3cold_allowed"
	ln -sfn "../../../kernel/iommu_groups/$4" "$dir/iommu_group"
	ln -sfn "../../../devices/pci0000:00/$1" "$root/sys/bus/pci/devices/$1"
	ln -sfn "../../../../devices/pci0000:00/$1" "$group/devices/$1"
	[[ $5 == none ]] && return
	driver_make "$5"
	ln -sfn "../../../bus/pci/drivers/$5" "$dir/driver"
}

# The machine of most tests: a card of two functions, a NIC, and two devices in one group.
machine_usual() {
	machine_make
	device_make 0000:01:00.0 10de:2204 030000 1 nvidia
	device_make 0000:01:00.1 10de:1aef 040300 1 snd_hda_intel
	device_make 0000:02:00.0 8086:10d3 020000 2 e1000e
	device_make 0000:03:00.0 8086:10d3 020000 3 e1000e
	device_make 0000:04:00.0 1b36:000d 0c0330 3 none
}

# process_make PID COMMAND ADDRESS NODE MAJOR:MINOR: a process that has a character device of a PCI device open.
process_make() {
	local dir=$root/proc/$1 device=$root/sys/devices/pci0000:00/$3/sound/card0/${4##*/} major=${5%:*} minor=${5#*:}

	mkdir -p "$dir"/{fd,map_files,task/"$1"/fd} "$device" "$(dirname "$root/dev/$4")" "$root"/sys/{class/sound,dev/char}
	echo "$5" > "$device/dev"
	echo "DEVNAME=$4" > "$device/uevent"
	ln -sfn "../../devices/pci0000:00/$3/sound/card0/${4##*/}" "$root/sys/dev/char/$5"
	ln -sfn "../../devices/pci0000:00/$3/sound/card0/${4##*/}" "$root/sys/class/sound/${4##*/}"
	ln -sfn "$root/sys/class/sound" "$device/subsystem"
	[[ -e $root/dev/$4 ]] || mknod "$root/dev/$4" c "$major" "$minor"
	printf '%s (%s) S 1 %s %s 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 5000 0 0%s\n' "$1" "$2" "$1" "$1" \
		"$(printf ' 0%.0s' {1..28})" > "$dir/stat"
	printf 'Name:\t%s\nTgid:\t%s\nPid:\t%s\nPPid:\t1\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nThreads:\t1\n' \
		"$2" "$1" "$1" > "$dir/status"
	echo "$2" > "$dir/comm"
	echo 0::/ > "$dir/cgroup"
	printf '%s\0' "$2" > "$dir/cmdline"
	ln -sfn "/usr/bin/$2" "$dir/exe"
	: > "$dir/maps"
	cp "$dir"/{stat,status,comm,cgroup,maps} "$dir/task/$1/"
	ln -sfn "$root/dev/$4" "$dir/fd/3"
	ln -sfn "$root/dev/$4" "$dir/task/$1/fd/3"
}

# guest_make NAME FILE [ADDRESS...]: managed PCI host devices at these addresses.
guest_make() {
	local name=$1 file=$2 address bus slot
	shift 2
	{
		echo "<domain type='kvm'><name>$name</name>"
		echo "<uuid>4dea22b3-1d52-48f3-9516-782e98ab3fa0</uuid><devices>"
		for address; do
			IFS=:. read -r _ bus slot function <<< "$address"
			echo "<hostdev mode='subsystem' type='pci' managed='yes'><source><address"
			echo "domain='0x${address%%:*}' bus='0x$bus' slot='0x$slot' function='0x$function'/>"
			echo "</source></hostdev>"
		done
		echo "</devices></domain>"
	} > "$file"
}

# Runs hostdevctl with stdout in $output and stderr in $errors; the exit status is in $status.
ctl() {
	local out=$BATS_TEST_TMPDIR/stdout err=$BATS_TEST_TMPDIR/stderr

	status=0
	"${HOSTDEVCTL:?}" "$@" > "$out" 2> "$err" || status=$?
	output=$(< "$out")
	errors=$(< "$err")
}

# ok ARGUMENT...: hostdevctl must succeed and say nothing on stderr.
ok() {
	ctl "$@"
	echo "status $status"$'\n'"$output"$'\n'"$errors"
	[[ $status -eq 0 && -z $errors ]]
}

# misuses ARGUMENT...: the command line is wrong: it must exit 2, say why on stderr, and where to find help.
misuses() {
	ctl "$@"
	echo "status $status"$'\n'"$output"$'\n'"$errors"
	[[ $status -eq 2 && -z $output && $errors == *$'\n'"Try 'hostdevctl "*"--help'." ]]
}

# fails ARGUMENT...: it must exit 1 with nothing on stdout and something on stderr.
fails() {
	ctl "$@"
	echo "status $status"$'\n'"$output"$'\n'"$errors"
	[[ $status -eq 1 && -z $output && -n $errors ]]
}
