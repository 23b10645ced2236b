# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What an uninstallation leaves on the machine, as it is the admin's or as others may need it by now; each named, with how it
# goes. Read by install.sh, which gives "say", "root", "source_dir" and what packages.sh and
# try.sh know.

: "${root=}" "${source_dir=}"

# The admin's own files of the configuration.
tell_own_files() {
	local files
	[[ -d $root/etc/hostdev-hook ]] || return 0
	files=$(cd "$root/" && find etc/hostdev-hook ! -type d -printf '/%p\n' | sort)
	[[ -z $files ]] || say "Left, as these are yours: ${files//$'\n'/, }"
}

# Guests in whose XML there are settings for the hook.
tell_guests() {
	local file names=
	for file in "$root"/etc/libvirt/qemu/*.xml; do
		grep -qs 'urn:hostdev-hook:1' "$file" || continue
		names+="${names:+, }$(sed -n 's|^[[:space:]]*<name>\(.*\)</name>.*|\1|p' "$file" | head -n 1)"
	done
	[[ -z $names ]] || say "Left in the metadata of these guests, where it does no harm, are settings for hostdev-hook: $names." \
		"To remove them: virsh metadata GUEST --uri urn:hostdev-hook:1 --config --remove"
}

tell_packages() { # PACKAGE...: those that were installed for the build
	local kind there
	kind=$(family) there=$(still_there "$kind" "$@")
	[[ -z $there ]] || say "Packages that were installed for the build are still there." \
		"To remove them: $(remove_command "$kind") $there"
}

# Outside of what was installed: the demonstration's machine, and the build.
tell_folders() {
	local cache=${HOSTDEV_LAB_CACHE:-/var/cache/hostdev-hook-lab}
	[[ -z $root ]] || return 0
	[[ ! -d $cache ]] || say "Left is what --try has made: $cache ($(size_of "$cache")). To remove it: ./install.sh --try --clean"
	[[ ! -d $source_dir/build ]] || say "Left is the build: $source_dir/build ($(size_of "$source_dir/build")). To remove it, delete that folder."
}
