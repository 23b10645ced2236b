# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The interfaces of a host for record-host, which knows $root and $sys: which are up, what stands on what, and by which of them
# there is a way to everywhere or a network. Addresses and networks are made up, and names that the admin has chosen or that
# hold a MAC address.
# shellcheck disable=SC2154 # $root and $sys are record-host's

declare -A shown_name=()

# Sets $shown.
show_name() { # INTERFACE
	local number
	if [[ -z ${shown_name[$1]-} ]]; then
		shown_name[$1]=$1
		if [[ ! $1 =~ ^(en|wl|ww|eth|wlan|wwan|usb|br|bond|team|vmbr|virbr|docker|ppp|tun|tap|wg|vlan)[a-z0-9.]*$ || $1 =~ [0-9a-f]{8} ]]; then
			number=$(read_attr "$sys/class/net/$1/ifindex" 0)
			shown_name[$1]=net$number
		fi
	fi
	shown=${shown_name[$1]}
}

# Of hardware, and what the kernel has made of that.
record_interface() { # NAME
	local path shown index name=$1
	path=$(readlink -e "$sys/class/net/$name") || return 0
	show_name "$name"
	index=$(read_attr "$path/ifindex" 0)
	if [[ $path =~ ^.*/([0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])/(.*)/[^/]*$ ]]; then
		echo "node ${BASH_REMATCH[1]} ${BASH_REMATCH[2]}/$shown - subsystem=net ifindex=$index"
	else
		path=${path%/*}
		echo "node devices/${path#*/devices/} $shown - subsystem=net ifindex=$index"
	fi
	for path in operstate flags; do
		[[ ! -r $sys/class/net/$name/$path ]] || printf 'file sys/class/net/%s/%s\n\t%s\n' "$shown" "$path" "$(read_attr "$sys/class/net/$name/$path")"
	done
	for path in bridge bonding phy80211 wireless; do
		[[ ! -d $sys/class/net/$name/$path ]] || echo "dir sys/class/net/$shown/$path"
	done
}

# What one stands on, and what stands on it, once all are there.
record_stack() { # NAME
	local link shown own
	show_name "$1"
	own=$shown
	for link in "$sys/class/net/$1"/{lower,upper}_*; do
		link=${link##*/}
		show_name "${link#*_}"
		echo "link sys/class/net/$own/${link%%_*}_$shown ../there"
	done
}

# One network for each interface that has some, and its way to everywhere; link-local addresses are nobody's network.
routes_v4() {
	local name to metric mask shown number=0 seen=' '
	echo "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT"
	while read -r name to _ _ _ _ metric mask _; do
		[[ $to =~ ^[0-9A-F]{8}$ && $to != ????FEA9 ]] || continue
		show_name "$name"
		if [[ $to$mask == 0000000000000000 ]]; then
			echo "$shown 00000000 0102A8C0 0003 0 0 $metric 00000000 0 0 0"
		elif [[ $seen != *" $name "* ]]; then
			number=$((number + 1))
			seen+="$name "
			printf '%s %02X00000A 00000000 0001 0 0 0 0000FFFF 0 0 0\n' "$shown" "$number"
		fi
	done < "$root/proc/net/route"
}

routes_v6() {
	local to bits flags metric name shown zero=00000000000000000000000000000000
	while read -r to bits _ _ _ metric _ _ flags name; do
		[[ $to$bits == "${zero}00" && $name != lo ]] || continue
		show_name "$name"
		echo "$zero 00 $zero 00 fe800000000000000000000000000001 $metric 00000001 00000000 $flags $shown"
	done < "$root/proc/net/ipv6_route"
}

record_network() {
	local path
	for path in "$sys"/class/net/*; do
		[[ ${path##*/} == lo || ! -e $path/ifindex ]] || record_interface "${path##*/}"
	done
	for path in "$sys"/class/net/*; do
		record_stack "${path##*/}"
	done
	if [[ -r $root/proc/net/route ]]; then
		echo "file proc/net/route"
		routes_v4 | sed 's/ /\t/g; s/^/\t/'
	fi
	if [[ -r $root/proc/net/ipv6_route ]]; then
		echo "file proc/net/ipv6_route"
		routes_v6 | sed 's/^/\t/'
	fi
}
