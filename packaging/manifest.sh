# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The manifest of an installation: what was put on the machine and must go again, one thing a line, "KIND [PRINT] PATH", below a
# first line with its version. Where it lies follows from the prefix. Read by install.sh, which gives "root", "stage", "hooks",
# "unit" and "systemd_runs".
#
#   file, link, dir  of the build                   config PRINT       a configuration file, as it was installed
#   kept PRINT       a hook of somebody else's that is in qemu.d now   aside MODE-PRINT   one that is not run any more
#   package, marked  installed for the build; marked as installed on purpose              module   of SELinux
#   enable           the unit, until that is done

: "${root=}" "${stage=}" "${hooks=/etc/libvirt/hooks}" "${kept_packages=}" "${new_packages=}" "${unit=}"

# All that is known by its path, below which prefix it may be.
# shellcheck disable=SC2034 # for those who read this
place_at() { # PREFIX
	prefix=$1
	program=$1/sbin/hostdev-hook
	manifest=$1/share/hostdev-hook/manifest
}
place_at /usr

manifest_of() { # KIND: all PATHs (the last field; PRINT before it is cut)
	[[ -e $root$manifest ]] || return 0
	awk -v kind="$1" '$1 == kind { sub(/^[^ ]+ /, ""); if (kind ~ /^(config|kept|aside)$/) sub(/^[^ ]+ /, ""); print }' \
		"$root$manifest" | sort -u
}

print_in_manifest() { # KIND PATH
	[[ -e $root$manifest ]] || return 0
	awk -v kind="$1" -v path="$2" '$1 == kind && $3 == path { print $2 }' "$root$manifest" | tail -n 1
}

# What tells a file or link from another one of the same name.
print_of() {
	if [[ -L $1 ]]; then
		readlink "$1" | sha256sum | cut -d ' ' -f 1
	else
		sha256sum < "$1" | cut -d ' ' -f 1
	fi
}

# The prefix of what is installed: by the hook's link, else by the manifest of one of the usual places or of a prefix that was named.
installed_prefix() {
	local place
	place=$(readlink "$root$hooks/qemu") && [[ $place == /*/sbin/hostdev-hook ]] || place=
	for place in "${place%/sbin/hostdev-hook}" "$prefix" /usr /usr/local; do
		if [[ -n $place && -e $root$place/share/hostdev-hook/manifest ]]; then
			echo "$place"
			return
		fi
	done
}

staged() { (cd "$stage/tree" && find . "$@" -printf '/%P\n' | sort); } # FIND-TESTS...

# Before the build, which may fail: whoever then gives up is told of them by --uninstall.
note_packages() {
	[[ ${#new_packages[@]} -gt 0 ]] || return 0
	mkdir -p "$root$(dirname "$manifest")"
	[[ -e $root$manifest ]] || printf 'hostdev-hook manifest 1\ndir %s\n' "$(dirname "$manifest")" > "$root$manifest"
	printf 'package %s\n' "${new_packages[@]}" >> "$root$manifest"
}

# That of a first installation, also of one that was broken off.
unit_to_enable() {
	local known
	known=$(manifest_of file; manifest_of config)
	if [[ -n $(manifest_of enable) ]] || { systemd_runs && [[ $known/ != *"/$unit"[$'\n/']* ]]; }; then
		[[ -z $(staged -type f -name "$unit") ]] || echo "$unit"
	fi
}

new_manifest() {
	local path
	echo "hostdev-hook manifest 1"
	{
		manifest_of dir
		dirname "$manifest" # ours whoever made it: perhaps an installation that was broken off
		staged -mindepth 1 -type d | while read -r path; do
			# So is what bears our name: an admin's files may have kept it when the last installation went.
			[[ -e $root$path && $path/ != */hostdev-hook/* ]] || echo "$path"
		done
	} | sort -u | sed 's/^/dir /'
	staged -type f ! -path './etc/*' | sed 's/^/file /'
	staged -type f -path './etc/*' | while read -r path; do
		echo "config $(print_of "$stage/tree$path") $path"
	done
	staged -type l | sed 's/^/link /'
	for path in $(manifest_of kept); do
		echo "kept $(print_in_manifest kept "$path") $path"
	done
	for path in $(manifest_of aside); do
		echo "aside $(print_in_manifest aside "$path") $path"
	done
	unit_to_enable | sed 's/^/enable /'
	manifest_of module | sed 's/^/module /'
	{ manifest_of marked; [[ ${#kept_packages[@]} -eq 0 ]] || printf '%s\n' "${kept_packages[@]}"; } | sort -u | sed 's/^/marked /'
	{ manifest_of package; [[ ${#new_packages[@]} -eq 0 ]] || printf '%s\n' "${new_packages[@]}"; } | sort -u | sed 's/^/package /'
}
