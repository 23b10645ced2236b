# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# SELinux: whether libvirt's daemon has a domain in which the hook could change nothing, the module that gives the hook one of its
# own, and the labels of what is installed. Read by install.sh, which gives "say", "root", "prefix", "stage" and "source_dir".

: "${root=}" "${prefix=/usr}" "${stage=}" "${source_dir=}" "${hooks=}" "${program=}" "${manifest=}"
selinux_makefile=/usr/share/selinux/devel/Makefile

selinux_enforces() { [[ $(cat "$root/sys/fs/selinux/enforce" 2> /dev/null) == 1 ]]; }

# As "hostdevctl check" sees it: a daemon that runs as virtqemud_t; where none runs, a program that would.
daemon_is_confined() {
	local comm daemon label
	for comm in "$root"/proc/[0-9]*/comm; do
		daemon=$(cat "$comm" 2> /dev/null) || continue
		[[ $daemon == libvirtd || $daemon == virtqemud ]] || continue
		label=$(tr -d '\0' 2> /dev/null < "${comm%comm}attr/current") || continue
		[[ $label == *:virtqemud_t:* ]]
		return
	done
	for daemon in virtqemud libvirtd; do
		label=$(stat -L -c %C "$root/usr/sbin/$daemon" 2> /dev/null) || continue
		if [[ $label == *:virtqemud_exec_t:* ]]; then return 0; fi
	done
	return 1
}

needs_module() { selinux_enforces && daemon_is_confined; }

selinux_packages() { # FAMILY: what the module is built with, if it is needed and is not there
	needs_module && [[ ! -e $selinux_makefile ]] || return 0
	command -v make > /dev/null || echo make
	case $1 in
	debian) echo selinux-policy-dev ;;
	fedora | opensuse) echo selinux-policy-devel ;;
	esac
}

# The module knows /usr and /usr/local. What is installed below another prefix has the same labels there.
module_sources() { # FOLDER
	local file
	mkdir -p "$1"
	for file in "$source_dir"/packaging/selinux/hostdev_hook.*; do cp "$file" "$1"; done
	[[ $prefix == /usr || $prefix == /usr/local ]] || awk -v prefix="$prefix" '
		/^\/usr\// && !/^\/usr\/local\// { sub(/^\/usr/, prefix); print }' \
		"$source_dir/packaging/selinux/hostdev_hook.fc" >> "$1/hostdev_hook.fc"
}

load_module() {
	needs_module || return 0
	if [[ ! -e $selinux_makefile ]]; then
		say "The hook needs a module for SELinux, and what builds it is not here: see packaging/selinux/README.md."
		return
	fi
	module_sources "$stage/selinux"
	if ! { quietly "Building the module for SELinux" make -C "$stage/selinux" -f "$selinux_makefile" hostdev_hook.pp &&
		note_module hostdev_hook &&
		quietly "Loading the module for SELinux" semodule -i "$stage/selinux/hostdev_hook.pp"; }; then
		say "Without that module the hook can change nothing where SELinux is enforced. See packaging/selinux/README.md."
	fi
}

# Before it is loaded, so that it goes again whatever happens.
note_module() { # MODULE
	grep -qx "module $1" "$root$manifest" || echo "module $1" >> "$root$manifest"
}

label_files() {
	command -v restorecon > /dev/null && [[ -e $root/sys/fs/selinux/enforce ]] || return 0
	{
		for kind in file link config dir; do manifest_of "$kind"; done
		printf '%s\n' "$manifest" "$hooks"
	} | restorecon -i -f - || say "Setting the labels of SELinux failed: run restorecon -R $hooks $program"
	restorecon -i -R /run/hostdev-hook /var/lib/hostdev-hook || :
}

remove_module() { # MODULE
	[[ $(semodule -l 2> /dev/null) =~ (^|[[:space:]])"$1"($|[[:space:]]) ]] || return 0
	if semodule -r "$1" > /dev/null 2>&1; then
		say "Removed from SELinux's policy: the module $1."
	else
		say "Left: the module $1 in SELinux's policy. Remove it with: semodule -r $1"
	fi
}
