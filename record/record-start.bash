# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What a start of the host looks for on its disks, for record-boot, which knows $root and writes by "record": the disks behind
# PCI functions, what is mounted of them, and what fstab, crypttab, units and resume= name. Each of these is named by its node
# ("/dev/nvme0n1p2") in the record, whatever it is called on the host; of options only those are kept that are looked at, and
# places and names that the admin has chosen become made-up ones.
# shellcheck disable=SC2154 # $root and $uuid are record-boot's

declare -A place_of=() disk_name_of=()

# The node that a path below /dev, or a tag of fstab(5), leads to on this host; false: to none.
node_of() { # SOURCE
	local source=$1 value folder path
	case $source in
	UUID=*) folder=by-uuid ;;
	LABEL=*) folder=by-label ;;
	PARTUUID=*) folder=by-partuuid ;;
	PARTLABEL=*) folder=by-partlabel ;;
	ID=*) folder=by-id ;;
	/dev/*) folder= ;;
	*) return 1 ;;
	esac
	path=$root$source
	if [[ -n $folder ]]; then
		value=${source#*=}
		value=${value#\"}
		path=$root/dev/disk/$folder/$(link_text "${value%\"}")
	fi
	path=$(readlink -e "$path") && [[ $path == "$(readlink -e "$root/dev")"/* ]] || return 1
	path=/dev/${path#"$(readlink -e "$root/dev")"/}
	[[ -b $root$path || -f $root$path ]] || return 1
	echo "$path"
}

# As udev writes it into the name of a link.
link_text() { # TEXT
	local LC_ALL=C text=$1 out='' char
	while [[ -n $text ]]; do
		char=${text:0:1}
		text=${text:1}
		if [[ $char == [A-Za-z0-9#+.:=@_-] || $char > $'\x7f' ]]; then
			out+=$char
		else
			printf -v out '%s\\x%02x' "$out" "'$char"
		fi
	done
	printf '%s' "$out"
}

# "\040" is a blank; sets $decoded.
decode() { # FIELD
	local field=$1
	decoded=
	while [[ $field =~ ^([^\\]*)\\([0-3][0-7][0-7])(.*)$ ]]; do
		printf -v decoded "%s%s\\${BASH_REMATCH[2]}" "$decoded" "${BASH_REMATCH[1]}"
		field=${BASH_REMATCH[3]}
	done
	decoded+=$field
}

# Where something is mounted: places that most hosts have, or a made-up one; sets $place.
name_place() { # PATH
	place=$1
	[[ $place != / ]] || return 0
	place=${place%/}
	case $place in
	none | swap | /boot | /boot/efi | /efi | /home | /opt | /root | /srv | /tmp | /usr | /var | /var/lib | /var/log | /var/tmp) return 0 ;;
	/var/lib/hostdev-hook) return 0 ;;
	esac
	[[ -n ${place_of[$1]-} ]] || place_of[$1]=/mnt/$((${#place_of[@]} + 1))
	place=${place_of[$1]}
}

# Those of the options that are in the pattern, each "name" or "name=value".
kept_options() { # OPTIONS PATTERN
	local -a parts=()
	local part kept=''
	IFS=, read -ra parts <<< "$1"
	for part in "${parts[@]}"; do
		[[ ! ${part%%=*} =~ ^($2)$ ]] || kept+=${kept:+,}$part
	done
	echo "${kept:-defaults}"
}

# --- disks ---

# As lines of the host text; what stands on nothing of PCI's only if it is made of them.
record_disks() {
	local link path name words
	for link in "$root"/sys/class/block/*; do
		path=$(readlink -e "$link") || continue
		name=${link##*/}
		[[ -r $path/dev ]] || continue
		words="$(< "$path/dev") block name=${name//!//}"
		[[ ! -e $path/partition ]] || words+=" partition"
		if [[ $path =~ ^.*/([0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])/(.*)$ ]]; then
			echo "node ${BASH_REMATCH[1]} ${BASH_REMATCH[2]} $words"
		elif [[ $path == */devices/virtual/block/$name && -n $(echo "$path"/slaves/*) ]]; then
			echo "node devices/virtual/block $name ${words/ name=*/}"
		fi
	done
	for link in "$root"/sys/class/block/*/holders/*; do
		path=${link#"$root"/}
		echo "dir ${path%/*}"
		echo "link $path ../there"
	done
}

# Of disks, and what the host runs from. Lines of mountinfo on stdin.
known_mounts() {
	local -a field=()
	local line device
	while IFS= read -r line; do
		read -ra field <<< "${line#* - }"
		device=$(node_of "${field[1]-}") || device=
		read -ra field <<< "$line"
		[[ ${field[4]-} == / || ${field[4]-} == /usr || -n $device ]] || continue
		name_place "${field[4]}"
		[[ $place == "${field[4]}" ]] || line=${line/ "${field[4]}" / "$place" }
		[[ -z $device ]] || line=$(sed -E "s,( - [^ ]+ )[^ ]+,\\1$device," <<< "$line")
		# A subvolume's name and that of a container's image are the admin's as well.
		[[ ${field[3]} == / || $place == / || $place == /usr ]] || line=${line/ "${field[3]}" / /x }
		sed -E 's/,(subvol|lowerdir|upperdir|workdir)=[^, ]*//g' <<< "$line"
	done
}

record_swaps() {
	local path type rest device
	[[ -r $root/proc/swaps ]] || return 0
	{
		echo "Filename Type Size Used Priority"
		while read -r path type rest; do
			[[ $type != partition ]] || ! device=$(node_of "$path") || echo "$device partition 1 0 -2"
		done < "$root/proc/swaps"
	} | record file proc/swaps
}

# --- what the next start reads ---

# Lines that name a disk, and those that say what belongs to the host's file system.
fstab_lines() {
	local source target type options rest device decoded place
	while read -r source target type options rest; do
		[[ -n $target && $source != \#* ]] || continue
		decode "$source"
		if ! device=$(node_of "$decoded"); then
			device=UUID=$uuid
			if [[ -n ${disk_name_of[${decoded#/dev/mapper/}]-} ]]; then
				device=/dev/mapper/${disk_name_of[${decoded#/dev/mapper/}]}
			fi
		fi
		decode "$target"
		name_place "$target"
		[[ $device != UUID=* || $place == /boot* || $place == /efi || $place == /usr || $place == /var* ]] || continue
		[[ $type =~ ^[a-z0-9]+$ ]] || type=auto
		echo "$device $place $type $(kept_options "$options" 'nofail|noauto|x-systemd\.automount')"
	done
}

# The node that "DEVICE", "DEVICE:/path" or "/path:DEVICE" leads to, where a colon may be a part of either's name.
node_of_part() { # TEXT
	local device=$1
	while [[ $device == /* && $device != /dev/* && $device == *:* ]]; do
		device=${device#*:}
		[[ $device != @(UUID|LABEL|PARTUUID|PARTLABEL|ID)=* ]] || break
		[[ $device == /* ]] || device=/$device
	done
	if [[ $device == *:/* ]]; then
		node_of "${device%%:/*}"
	else
		node_of "$device" || node_of "${device%%:*}"
	fi
}

# Sets $kept: what is looked at of a key's field.
keep_key() { # FIELD
	local device
	kept=$1
	case $1 in
	'' | none | -) kept=none ;;
	/dev/* | *=*)
		kept=$(node_of_part "$1") || kept=/key
		;;
	*)
		kept=/key
		! device=$(node_of_part "$1") || kept=/key:$device
		;;
	esac
}

# The option with the header, if that is on a disk of this host.
kept_header() { # OPTIONS
	local device
	[[ ,$1 =~ ,header=([^,]*) ]] || return 0
	! device=$(node_of_part "${BASH_REMATCH[1]}") || echo ",header=/header:$device"
}

# Those that unlock a disk of this host, ask for a passphrase, or have one unlocked by what is measured.
crypttab_lines() {
	local name source key options header device kept number=0 others='tpm2-device|fido2-device|pkcs11-uri|keyscript|headless'
	while read -r name source key options _; do
		[[ -n $source && $name != \#* ]] || continue
		header=$(kept_header "$options")
		options=$(kept_options "$options" "nofail|noauto|tpm2-pcrs|$others" |
			sed -E 's/((fido2-device|pkcs11-uri|keyscript|headless)=)[^,]*/\1x/g')
		keep_key "$key"
		if ! device=$(node_of "$source"); then
			device=UUID=$uuid
			[[ -n $header || $options == *tpm2-device* || $kept == /key:/dev/* || $kept == /dev/* ||
				($kept == none && ! $options =~ noauto|$others) ]] || continue
		fi
		number=$((number + 1))
		echo "$name disk$number $device $kept $options$header"
	done
}

record_crypttab() {
	local name called line lines
	[[ -r $root/etc/crypttab ]] || return 0
	lines=$(crypttab_lines < "$root/etc/crypttab")
	cut -d ' ' -f 2- <<< "$lines" | record file etc/crypttab
	while read -r name called line; do
		[[ -n $called ]] || continue
		disk_name_of[$name]=$called
		[[ ! -e $root/etc/cryptsetup-keys.d/$name.key ]] || record file "etc/cryptsetup-keys.d/$called.key" < /dev/null
	done <<< "$lines"
}

unit_folders=({etc,usr/local/lib,usr/lib,lib}/systemd/system)

# Has the unit been enabled under another name?
is_aliased() { # UNIT
	local link target
	for link in "$root"/etc/systemd/system/*; do
		target=$(readlink "$link") && [[ ${target##*/} == "$1" && ${link##*/} != "$1" ]] && return 0
	done
	return 1
}

# Does a start want it, by a link of a target or of what a start wants itself? Sets $tie_folder: where the link is, below /usr
# before /etc.
is_wanted() { # UNIT DEPTH
	local folder link owner
	local -a links
	for folder in {usr/local/lib,usr/lib,lib,etc}/systemd/system; do
		links=("$root/$folder"/*.{wants,requires,upholds}/"$1")
		[[ $1 != *@.* ]] || links+=("$root/$folder"/*.{wants,requires,upholds}/"${1%%@.*}@"*)
		for link in "${links[@]}"; do
			[[ -e $link || -L $link ]] || continue
			owner=${link%/*}
			owner=${owner##*/}
			owner=${owner%.*}
			[[ $owner == *.target ]] || is_aliased "$owner" || ([[ $2 -lt 8 ]] && is_wanted "$owner" $(($2 + 1))) || continue
			tie_folder=$folder
			return 0
		done
	done
	return 1
}

# Where the record has what is in such a folder: /etc hides the others.
show_folder() { # FOLDER
	if [[ $1 == etc/* ]]; then echo etc/systemd/system; else echo usr/lib/systemd/system; fi
}

# Those for disks of this host.
record_units() {
	local path name key value what where number=0 seen=' ' place tie_folder shown
	for path in $(below "${unit_folders[@]/%//*.mount}" "${unit_folders[@]/%//*.swap}"); do
		name=${path##*/}
		[[ $seen != *" $name "* ]] || continue
		seen+="$name "
		[[ -f $root/$path ]] || continue
		what='' where=''
		while IFS='=' read -r key value; do
			read -r key <<< "$key"
			read -r value <<< "$value"
			case $key in What) what=$value ;; Where) where=$value ;; esac
		done < "$root/$path"
		what=$(node_of "$what") || continue
		name_place "${where:-none}"
		number=$((number + 1))
		shown=unit$number.${name##*.}
		printf '[Unit]\nWhat=%s\nWhere=%s\n' "$what" "$place" | record file "$(show_folder "$path")/$shown"
		! is_wanted "$name" 0 || echo "link $(show_folder "$tie_folder")/x.target.wants/$shown ../$shown"
		shown=unit$number.automount
		! is_wanted "${name%.*}.automount" 0 || echo "link $(show_folder "$tie_folder")/x.target.wants/$shown ../$shown"
	done
}

# Without the quotes around it.
unquote() { # VALUE
	case $1 in
	\"*) value=${1#\"} && echo "${value%%\"*}" ;;
	\'*) value=${1#\'} && echo "${value%%\'*}" ;;
	*) echo "$1" ;;
	esac
}

record_resume() {
	local file=etc/initramfs-tools/conf.d/resume value device
	[[ ! -r $root/$file ]] || while IFS= read -r value; do
		device=$(node_of "$(unquote "${value#RESUME=}")") && echo "RESUME=$device" | record file "$file"
	done < <(grep -a '^RESUME=' "$root/$file")
}

# Words of the kernel's line, of which resume= and those for keys name a node of this host, or none.
known_resume() {
	local line word device words value
	while IFS= read -r line; do
		read -ra words <<< "$line"
		for word in "${words[@]}"; do
			word=$(unquote "$word")
			value=$(unquote "${word#*=}")
			case $word in
			resume=*) device=$(node_of "$value") && line+=" known-resume=$device" ;;
			rd.luks.key=* | luks.key=*)
				[[ $value == /* || $value != *=/* ]] || value=/${value#*=/}
				device=$(node_of_part "$value") && line+=" known-${word%%=*}=/key:$device"
				;;
			esac
		done
		printf '%s\n' "$line"
	done
}

record_start() {
	record_disks
	record_swaps
	record_crypttab
	[[ ! -r $root/etc/fstab ]] || fstab_lines < "$root/etc/fstab" | record file etc/fstab
	record_units
	record_resume
}
