# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Sourced inside the machine. It knows the host as the kernel shows it: which address each named device has, the text
# of a host (see look.c, and what systemd runs), and how to bring a host back to such a text by hand. Builtins only where
# it loops: a fork is slow on an emulated processor.

PCI=/sys/bus/pci/devices
DRIVERS=/sys/bus/pci/drivers
STATE=/run/hostdev-hook
LAB=/run/lab
read -r KIND < /lab/kind
EDU_DRIVER=/sys/module/hostdev_lab/parameters

# poll SECONDS COMMAND... - true as soon as COMMAND is, false when the time is over.
poll() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		((SECONDS < end)) || return 1
		sleep 0.1
	done
}

# with_ids VENDOR:DEVICE - the addresses of such functions, one a line, in order.
with_ids() {
	local dir vendor device
	for dir in "$PCI"/*; do
		read -r vendor < "$dir/vendor"
		read -r device < "$dir/device"
		[[ ${vendor#0x}:${device#0x} != "$1" ]] || echo "${dir##*/}"
	done
}

# The NVMe virtual functions have no queues until the physical one hands some over.
nvme_vfs_online() {
	local node="$1" vf
	node=$(echo "$PCI/$PF"/nvme/nvme*)
	node=/dev/${node##*/}
	for vf in 1 2; do
		nvme virt-mgmt "$node" -c "$vf" -r 0 -a 8 -n 2
		nvme virt-mgmt "$node" -c "$vf" -r 1 -a 8 -n 1
		nvme virt-mgmt "$node" -c "$vf" -r 0 -a 9 -n 0
	done
}

# vfs ADDRESS - its virtual functions, enabling two.
vfs() {
	echo 2 > "$PCI/$1/sriov_numvfs" || return
	local link
	for link in "$PCI/$1"/virtfn*; do
		link=$(readlink "$link")
		echo "${link##*/}"
	done
}

# host_find - enable the virtual functions, where there are any, and leave the map of names in $LAB/devices.
host_find() {
	local nvme nics mates edus vf total PF='' NVME='' VFS=() IGB_VFS=()
	mkdir -p "$LAB"
	udevadm settle
	mapfile -t nics < <(with_ids 8086:10d3)
	mapfile -t mates < <(with_ids 8086:100e)
	mapfile -t edus < <(with_ids 1234:11e8)
	while read -r nvme; do
		total=0
		[[ ! -e $PCI/$nvme/sriov_totalvfs ]] || read -r total < "$PCI/$nvme/sriov_totalvfs"
		if ((total > 0)); then PF=$nvme; else NVME=$nvme; fi
	done < <(with_ids 1b36:0010)
	IGB=$(with_ids 8086:10c9)
	if [[ $PF ]]; then
		mapfile -t VFS < <(vfs "$PF")
		mapfile -t IGB_VFS < <(vfs "$IGB")
		udevadm settle
		nvme_vfs_online "$PF"
		for vf in "${VFS[@]}"; do
			echo "$vf" > "$DRIVERS/nvme/bind"
		done
		udevadm settle
	fi
	cat > "$LAB/devices" << MAP
GPU=$(with_ids 1234:1111) SOUND=$(with_ids 8086:293e)
NIC=${nics[0]:-} NIC2=${nics[1]:-}
XHCI=$(with_ids 1b36:000d)
NVME=$NVME PF=$PF VF0=${VFS[0]:-} VF1=${VFS[1]:-}
IGB=$IGB IGB_VF0=${IGB_VFS[0]:-} IGB_VF1=${IGB_VFS[1]:-}
MATE_A=${mates[0]:-} MATE_B=${mates[1]:-} BRIDGE=$(with_ids 1b36:000e)
EDU=${edus[0]:-} EDU2=${edus[1]:-}
SERIAL=$(with_ids 1b36:0002) WATCHDOG=$(with_ids 8086:25ab) RENDER=$(with_ids 1af4:1050)
MAP
}

# What the host looks like is look's work (see look.c). A function whose driver hangs is left out while its address is in
# HANGING.
HANGING=
journals() { /lab/look journals; }
devices_text() { /lab/look -s "$HANGING" devices; }
consoles_text() { /lab/look consoles; }

# The disks behind a device: there or not, as their names may change.
disks() { compgen -G "$PCI/$1/nvme/nvme*/nvme*n1" || compgen -G "$PCI/$1/usb*/*/*/host*/target*/*/block/sd*"; }

# units_text - what runs, without what starts by itself when it is asked something.
units_text() {
	local name load active sub _
	[[ $KIND == systemd ]] || return 0
	systemctl list-units --plain --no-legend --no-pager --type=service,socket,path \
		--state=active,activating,deactivating,failed | while read -r name load active sub _; do
		case $name in
		user@* | user-runtime-dir@* | run-* | dbus-* | polkit.service | modprobe@* | systemd-tmpfiles-*) ;;
		systemd-hostnamed.service | systemd-machined.service | systemd-userdbd.service | virtlogd*) ;;
		*) echo "unit $name $load $active $sub" ;;
		esac
	done
}

host_text() {
	/lab/look -s "$HANGING" -d "$NVME" -d "$XHCI" host
	units_text
}

# Sound and graphics come up in the background, behind whoever bound them.
has_sound() { compgen -G "$PCI/$SOUND/sound/card*/controlC*" > /dev/null; }
has_disk() { disks "$1" > /dev/null; }
host_settles() {
	. "$LAB/devices"
	poll 30 has_sound
	poll 30 has_disk "$NVME"
	[[ ! $XHCI ]] || poll 30 has_disk "$XHCI"
	udevadm settle
}

# driver_of ADDRESS
driver_of() {
	local file
	for file in "$DRIVERS"/*/"$1"; do
		[[ -e $file ]] || { echo none; return; }
		file=${file%/*}
		echo "${file##*/}"
	done
}

# put ADDRESS FILE VALUE - write an attribute unless it reads so already.
put() {
	local value
	read -r value < "$PCI/$1/$2"
	[[ $value == "$3" ]] || echo "$3" > "$PCI/$1/$2"
}

# rebind ADDRESS DRIVER [OVERRIDE] - by hand, whatever it is on now. OVERRIDE stays; without it there is none.
rebind() {
	local now
	now=$(driver_of "$1")
	if [[ $now != "$2" ]]; then
		echo "${2/#none/}" > "$PCI/$1/driver_override"
		[[ $now == none ]] || echo "$1" > "$PCI/$1/driver/unbind"
		[[ $2 == none ]] || echo "$1" > "$DRIVERS/$2/bind"
	fi
	echo "${3:-}" > "$PCI/$1/driver_override"
}

# host_home TEXT-FILE - bring every function and module back to the text by hand, forgetting our journals.
host_home() {
	local address word driver override control file d3cold
	rm -rf "${STATE:?}"/*
	echo 1 > /sys/bus/pci/drivers_autoprobe
	while read -r address word file; do
		[[ $address != module || $file != loaded ]] || modprobe "$word"
	done < "$1"
	while read -r address driver override control d3cold _; do
		[[ $address == ????:??:??.? ]] || continue
		override=${override#*=}
		rebind "$address" "${driver#*=}" "${override/#(null)/}"
		put "$address" power/control "${control#*=}"
		[[ $d3cold != d3cold_allowed=* ]] || put "$address" d3cold_allowed "${d3cold#*=}"
	done < "$1"
}

# misbehave PARAMETER=VALUE... - see module/hostdev-lab.c; well_behaved ends it all.
misbehave() {
	local word
	for word in "$@"; do
		echo "${word#*=}" > "$EDU_DRIVER/${word%%=*}"
	done
}
well_behaved() { misbehave remove_ms=0 probe_ms=0 fail_probes=0 good_probes=0 only=; }

# The daemon, as an administrator would start and stop it.
daemon_answers() { timeout 30 virsh -q list > /dev/null 2>&1; }
daemon_pid() {
	if [[ $KIND == systemd ]]; then systemctl show -P MainPID libvirtd; else cat /run/libvirtd.pid 2> /dev/null; fi
}
daemon_up() {
	if [[ $KIND == systemd ]]; then systemctl start libvirtd; else libvirtd -d; fi && poll 60 daemon_answers
}
# Its newer releases now and then wait half a minute for a thread of theirs before they end.
daemon_down() {
	local pid
	pid=$(daemon_pid) || return 0
	kill "$pid"
	poll 10 gone "$pid" && return
	kill -9 "$pid"
	poll 10 gone "$pid"
}

# gone PID
gone() { [[ ! -e /proc/$1 ]]; }

# The system's log since the last time it was cleared.
log_clear() {
	if [[ $KIND == systemd ]]; then
		journalctl -q -n 0 --show-cursor | sed -n 's/^-- cursor: //p' > "$LAB/cursor"
	else
		: > /var/log/syslog
	fi
}

log_tail() {
	if [[ $KIND == systemd ]]; then
		journalctl -q --no-pager -o short-monotonic --after-cursor="$(< "$LAB/cursor")" | tail -n "$1"
	else
		tail -n "$1" /var/log/syslog
	fi
}
