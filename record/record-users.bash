# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Who uses the devices of a host, for record-host, which knows $root and $sys: class devices with their files below /dev, consoles,
# keyboards, processes that have one of these devices open, and sessions. Names of users, of what they have plugged in, of
# containers and of programs in somebody's home are made up; what a process was called with is not looked at.
# shellcheck disable=SC2154 # $root and $sys are record-host's

# What a host's own daemons are called, of which it is enough that they run.
watched_daemons=' cardwired '

declare -A node_named=()

# --- devices ---

# As in the host text: its parent, the path below that, its subsystem. False: of nothing that matters.
split_path() { # PATH: a class device's folder
	local path=$1
	subsystem=$(link_name "$path/subsystem")
	if [[ $path =~ ^.*/([0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])/(.*)$ ]]; then
		parent=${BASH_REMATCH[1]} below=${BASH_REMATCH[2]}
	elif [[ $subsystem == input && $path =~ ^.*/sys/(devices/platform/.*)/(input/input.*)$ ]]; then
		parent=${BASH_REMATCH[1]} below=${BASH_REMATCH[2]}
	else
		return 1
	fi
	[[ -n $subsystem && $below != *" "* ]]
}

# What is told of an input device: which keys it has, and no name.
record_keys() { # PATH
	local file shown=sys/devices/${1#*/sys/devices/}
	for file in capabilities/key capabilities/led capabilities/rel id/bustype; do
		[[ -z $(read_attr "$1/$file") ]] || printf 'file %s/%s\n\t%s\n' "$shown" "$file" "$(read_attr "$1/$file")"
	done
	printf 'file %s/name\n\tinput device %s\n' "$shown" "${1##*input}"
}

record_node() { # PATH
	local parent below subsystem number name
	split_path "$1" || return 0
	number=$(read_attr "$1/dev" -)
	if [[ $number == - ]]; then
		echo "node $parent $below - subsystem=$subsystem"
		[[ $subsystem != input ]] || record_keys "$1"
		return 0
	fi
	name=$(sed -n 's/^DEVNAME=//p' "$1/uevent")
	[[ -n $name ]] || return 0
	node_named[$number]=$name
	echo "node $parent $below $number subsystem=$subsystem name=$name"
}

# A class device that holds others is there as well, and before them. Disks are record-start.bash's.
record_nodes() {
	local class link path
	for class in drm sound input i2c-dev nvme hidraw watchdog vfio-dev accel video4linux infiniband_verbs; do
		for link in "$sys"/class/"$class"/*; do
			path=$(readlink -e "$link") || continue
			case $class/${link##*/} in
			input/input* | input/event* | sound/* | i2c-dev/*) ;;
			input/* | drm/*-*) continue ;;
			*) [[ -e $path/dev ]] || continue ;;
			esac
			echo "$path"
		done
	done | sort -u
}

# NVIDIA's driver has files of its own. Its "information" has the card's serial number as well.
record_nvidia() {
	local path minor module
	for path in "$root"/dev/nvidia*; do
		[[ -c $path ]] || continue
		minor=$(stat -c '%Hr:%Lr' "$path")
		node_named[$minor]=${path##*/}
		echo "devnode ${path##*/} $minor"
	done
	for path in "$root"/proc/driver/nvidia/gpus/*/information; do
		echo "file ${path#"$root"/}"
		grep -aE '^(Model|Bus Location|Device Minor):' "$path" | sed 's/^/\t/'
	done
	if [[ -r $root/proc/devices ]] && grep -q nvidia "$root/proc/devices"; then
		echo "file proc/devices"
		printf '\tCharacter devices:\n'
		grep -E '^ *[0-9]+ nvidia' "$root/proc/devices" | sed 's/^ */\t/'
	fi
	[[ -r $sys/module/nvidia/refcnt ]] || return 0
	printf 'file sys/module/nvidia/refcnt\n\t%s\n' "$(read_attr "$sys/module/nvidia/refcnt")"
	for module in "$sys"/module/nvidia/holders/*; do
		echo "dir ${module#"$root"/}"
	done
}

record_consoles() {
	local link path name
	for link in "$sys"/class/graphics/fb[0-9]*; do
		path=$(readlink -e "$link") || continue
		name=$(read_attr "$path/name")
		if [[ $path =~ /([0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])/graphics/fb[0-9]+$ ]]; then
			echo "framebuffer ${link##*/} ${BASH_REMATCH[1]} name=${name// /-}"
		elif [[ $path =~ /devices/platform/([^/]+)/graphics/fb[0-9]+$ ]]; then
			echo "framebuffer ${link##*/} ${BASH_REMATCH[1]}"
		fi
	done
	for path in "$sys"/class/vtconsole/*; do
		echo "vtconsole ${path##*/} name=\"$(read_attr "$path/name")\"$([[ $(read_attr "$path/bind" 0) != 1 ]] || echo ' bound')"
	done
}

# Functions that the kernel has and sysfs does not show.
record_hidden() {
	local path bus name
	for path in "$root"/proc/bus/pci/*/*.*; do
		bus=${path%/*}
		bus=${bus##*/}
		name=$bus:${path##*/}
		[[ $name == *:*:* ]] || name=0000:$name
		[[ -e $sys/bus/pci/devices/$name ]] || echo "file ${path#"$root"/}"
	done
	for path in "$sys"/kernel/iommu_groups/*; do
		[[ -n $(echo "$path"/devices/*) ]] || echo "dir ${path#"$root"/}"
	done
}

# --- processes ---

# "PID NODE" for each descriptor that is a character device of those above, or a block device.
open_nodes() {
	local name type number
	# Without a question to a file server that may not answer.
	local -a cached=(--cached=always)
	stat "${cached[@]}" / > /dev/null 2>&1 || cached=()
	find "$root"/proc/[0-9]*/fd -mindepth 1 -print0 2> /dev/null |
		xargs -0 -r stat "${cached[@]}" -L -c '%n %F %Hr:%Lr' 2> /dev/null |
		sed -nE 's,^.*/proc/([0-9]+)/fd/[0-9]+ (character|block) special file ([0-9:]+)$,\1 \2 \3,p' |
		while read -r name type number; do
			if [[ $type == character && -n ${node_named[$number]-} ]]; then
				echo "$name ${node_named[$number]}"
			elif [[ $type == block ]]; then
				type=$(readlink -e "$sys/dev/block/$number") && echo "$name ${type##*/}"
			fi
		done | sort -u
}

# A container's id, and what an instance is of.
made_up_cgroup() { # CGROUP
	sed -E 's/[0-9a-f]{64}/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef/g
		s,(/machine\.slice/).*,\1machine.scope,; s,(/app-[A-Za-z0-9.]*)@[^/]*\.service,\1@x.service,g; s/[[:space:]]/-/g' <<< "$1"
}

record_process() { # PID NODES
	local dir=$root/proc/$1 comm uid start parent exe cgroup rest tty words=''
	[[ -r $dir/stat && -r $dir/status ]] || return 0
	comm=$(read_attr "$dir/comm")
	rest=$(< "$dir/stat")
	read -r _ parent _ _ tty _ _ _ _ _ _ _ _ _ _ _ _ _ _ start _ <<< "${rest##*) }"
	uid=$(sed -n 's/^Uid:[[:space:]]*\([0-9]*\).*/\1/p' "$dir/status")
	cgroup=$(sed -n 's/^0:://p' "$dir/cgroup")
	exe=$(readlink "$dir/exe") || exe=
	[[ $exe =~ ^/(usr|bin|sbin|lib|opt)/[A-Za-z0-9_./+-]*$ ]] || exe=/usr/bin/program
	[[ $comm =~ ^[A-Za-z0-9_.()-]+$ ]] || comm=program
	[[ -z $2 ]] || words=" holds=$2"
	[[ $tty == 0 ]] || words+=" tty=$((tty >> 8 & 4095)):$((tty & 255))"
	echo "process $1 start=$start comm=$comm uid=$uid ppid=$parent cgroup=$(made_up_cgroup "${cgroup:-/}") exe=$exe$words"
}

record_processes() {
	local pid node last='' nodes='' seen=' '
	while read -r pid node; do
		if [[ $pid != "$last" ]]; then
			[[ -z $last ]] || record_process "$last" "$nodes"
			last=$pid nodes=
			seen+="$pid "
		fi
		nodes+=${nodes:+,}$node
	done < <(open_nodes)
	[[ -z $last ]] || record_process "$last" "$nodes"
	for pid in "$root"/proc/[0-9]*/comm; do
		[[ $watched_daemons == *" $(read_attr "$pid") "* ]] || continue
		pid=${pid%/comm}
		[[ $seen == *" ${pid##*/} "* ]] || record_process "${pid##*/}" ''
	done
}

# --- sessions ---

record_session() { # FILE
	local key value words=''
	while IFS='=' read -r key value; do
		value=${value#\"}
		value=${value%\"}
		case $key in
		UID) words+=" uid=$value user=user$value" ;;
		ACTIVE) [[ $value != 1 ]] || words+=" active" ;;
		SEAT | TYPE | CLASS | TTY | LEADER | SERVICE)
			[[ ! $value =~ ^[A-Za-z0-9_/-]+$ ]] || words+=" ${key,,}=$value"
			;;
		REMOTE_HOST) words+=" remote=192.168.2.9" ;;
		esac
	done < "$1"
	echo "session ${1##*/}$words"
}

record_sessions() {
	local path
	[[ ! -d $root/run/systemd/system ]] || echo "dir run/systemd/system"
	for path in "$root"/run/systemd/sessions/*; do
		[[ ! -f $path ]] || record_session "$path"
	done
	path=etc/systemd/system/display-manager.service
	[[ ! -L $root/$path ]] || echo "link $path $(readlink "$root/$path")"
}

# What the admin has set, without what was written beside it.
record_settings() {
	local path
	path=etc/hostdev-hook/hostdev-hook.conf
	if [[ -r $root/$path ]]; then
		echo "file $path"
		grep -aE '^[[:space:]]*[a-z-]+[[:space:]]*=' "$root/$path" | sed 's/^[[:space:]]*/\t/' || true
	fi
	path=proc/sys/kernel/hung_task_panic
	[[ $(read_attr "$root/$path" 0) == 0 ]] || printf 'file %s\n\t1\n' "$path"
}

record_users() {
	local path
	while IFS= read -r path; do
		record_node "$path"
	done < <(record_nodes)
	record_nvidia
	record_consoles
	record_hidden
	record_processes
	record_sessions
	record_settings
}
