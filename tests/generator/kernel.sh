# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# What a kernel does when something is written below /sys/bus/pci, on the made-up one of world.bash. Read by its modprobe, and by
# a binder whose "put" is this one. Programs come from $tools: the initramfs that is played has none.

pci=/sys/bus/pci
world=${WORLD:?}
tools=$world/tools

attach() { # ADDRESS DRIVER
	[ -e "$world/refuses-$1" ] && return 1
	"$tools/ln" -s "../../drivers/$2" "$pci/devices/$1/driver"
	"$tools/ln" -s "../../devices/$1" "$pci/drivers/$2/$1"
}

override() { # ADDRESS: sets $said
	said=
	read -r said < "$pci/devices/$1/driver_override"
	[ "$said" = "(null)" ] && said=
	return 0
}

vfio_arrives() {
	"$tools/mkdir" -p $pci/drivers/vfio-pci
	echo > $pci/drivers/vfio-pci/bind
	set +f
	for dir in "$pci"/devices/*; do
		override "${dir##*/}"
		[ "$said" != vfio-pci ] || [ -e "$dir/driver" ] || attach "${dir##*/}" vfio-pci
	done
	return 0
}

put() { # TEXT FILE
	echo "write \"$1\" ${2#"$pci/"}" >> "$world/writes"
	case $2 in
	*/driver_override)
		echo "${1:-(null)}" > "$2"
		;;
	*/driver/unbind)
		[ -e "$world/keeps-$1" ] && return
		owner=$(cd -P "$pci/devices/$1/driver" && pwd -P)
		"$tools/rm" "$owner/$1" "$pci/devices/$1/driver"
		echo "$owner" > "$world/home-$1"
		;;
	*/vfio-pci/bind)
		override "$1"
		[ "$said" = vfio-pci ] && attach "$1" vfio-pci
		;;
	*/drivers_probe)
		override "$1"
		[ -z "$said" ] && [ -e "$world/home-$1" ] || return
		"$tools/rm" -f "$world/refuses-$1"
		read -r owner < "$world/home-$1"
		attach "$1" "${owner##*/}"
		;;
	esac
}
