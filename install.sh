#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Puts hostdev-hook on this machine, takes it off again, or shows it at work without doing either.
#
# The build is first installed into an empty folder. From there it is known, before the machine is touched, which files
# and folders will be new; they are written down in the manifest, and only then copied, the hook's link last: libvirt
# never meets half an installation, and one that was broken off can be repeated or removed.
set -euo pipefail
umask 022

source_dir=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
build_dir=$source_dir/build/release
root= # --destdir: the machine below this folder instead of the running one
keep_existing=no
hooks=/etc/libvirt/hooks
program=/usr/sbin/hostdev-hook
manifest=/usr/share/hostdev-hook/manifest
unit=hostdev-hook-recover.service
new=.hostdev-hook-new # ends the name of a file that is not whole yet
stage=                # the empty folder
new_packages=()

usage() {
	cat << 'HELP'
usage: sudo ./install.sh [--keep-existing] [--destdir DIR]
       sudo ./install.sh --uninstall [--destdir DIR]
       sudo ./install.sh --try [--clean]

Without options: installs what the build needs, builds, installs below /usr, enables the unit that recovers
after each start of libvirt, makes libvirt notice the hook, and says what this machine still lacks. Packages with
the libraries it needs are marked as installed on purpose, so that no clean-up (apt autoremove, say) takes them.
Run it again after an upgrade of the distribution.

  --keep-existing  a hook of yours in /etc/libvirt/hooks/qemu moves to /etc/libvirt/hooks/qemu.d/, where
                   libvirt 6.5 and later runs it too; without this option such a hook stops the installation
  --uninstall      takes away everything that was installed, the configuration (changed settings are printed)
                   and what was remembered of devices too, and moves a kept hook back to its place
  --try            shows a graphics card going to a guest and back in an emulated machine; installs nothing
                   of hostdev-hook here, only the tools that build that machine where they are missing
  --try --clean    removes that machine again, and says which tools were installed for it
  --destdir DIR    for packagers and tests: installs into (or uninstalls from) DIR, leaves packages and
                   daemons alone, needs no root
  --help           this text
HELP
}

# shellcheck source=packaging/host-advice.sh
. "$source_dir/packaging/host-advice.sh"
# shellcheck source=packaging/packages.sh
. "$source_dir/packaging/packages.sh"
# shellcheck source=packaging/try.sh
. "$source_dir/packaging/try.sh"

say() { printf '%s\n' "$*"; }
fail() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }
need_root() { [[ -n $root || $EUID -eq 0 ]] || fail "this needs root: run it with sudo"; }
clean_up() { [[ -z $stage ]] || rm -rf -- "$stage"; }

# --- what the build needs ---

packages() { # FAMILY PURPOSE
	awk -v family="$1" -v purpose="$2" \
		'$1 == family && $2 == purpose { for (i = 3; i <= NF; i++) print $i }' "$source_dir/tests/deps"
}

# What the build cannot find, one a line. Asked of the tools themselves: how a package is called matters only where
# one must be fetched.
missing_for_build() {
	local tool library version
	for tool in cc cmake ninja pkg-config; do
		command -v "$tool" > /dev/null || echo "$tool"
	done
	for library in libxml-2.0 libpci libkmod libmnl libvirt smartcols mount libcrypto; do
		pkg-config --exists "$library" 2> /dev/null || echo "the library $library (with its headers)"
	done
	# Without it no unit can be stopped, which is as it should be only where there is no systemd.
	[[ -z $(family) ]] || pkg-config --exists libsystemd 2> /dev/null || echo "the library libsystemd (with its headers)"
	[[ -e /usr/share/misc/pci.ids || -e /usr/share/hwdata/pci.ids ]] || echo "pci.ids (the names of PCI devices)"
	if version=$(cmake --version 2> /dev/null); then
		version=$(head -n 1 <<< "$version") version=${version##* }
		[[ $(printf '3.25\n%s\n' "$version" | sort -V | head -n 1) == 3.25 ]] || echo "CMake 3.25 or newer (this one is $version)"
	fi
}

install_packages() { # FAMILY PURPOSE; false when the package manager failed
	local package
	local -a wanted=()
	for package in $(packages "$1" "$2"); do
		has_package "$1" "$package" || wanted+=("$package")
	done
	[[ ${#wanted[@]} -gt 0 ]] || return 0
	say "Installing packages: ${wanted[*]}"
	case $1 in
	debian)
		apt-get -qq update || say "apt-get update failed; trying with the package lists that are there."
		DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "${wanted[@]}"
		;;
	fedora) dnf -q -y --setopt=install_weak_deps=False install "${wanted[@]}" ;;
	opensuse) zypper --quiet --non-interactive install --no-recommends "${wanted[@]}" ;;
	# Not -Sy: new lists without an upgrade would leave a half upgraded system.
	arch) pacman -S --noconfirm --needed "${wanted[@]}" ;;
	esac || return
	new_packages+=("${wanted[@]}")
}

get_dependencies() {
	local missing kind advice
	missing=$(missing_for_build)
	[[ -n $missing ]] || return 0
	kind=$(family)
	case $kind in
	debian) advice="see what apt-get says above" ;;
	fedora) advice="see what dnf says above" ;;
	opensuse) advice="see what zypper says above" ;;
	arch) advice="run \"pacman -Syu\" first" ;;
	*) advice="this distribution is not known here: install these by hand" ;;
	esac
	if [[ -n $kind && -z $root ]]; then
		install_packages "$kind" build || say "The package manager failed."
		missing=$(missing_for_build)
	fi
	[[ -z $missing ]] || fail "the build still needs: ${missing//$'\n'/, }; $advice, then run this again"
}

# --- build ---

# The tree's owner, called by sudo, builds it himself: no file of root's stays in his tree.
builder() {
	local user=${SUDO_USER-}
	if [[ -n $user && $user != root && $EUID -eq 0 && $(stat -c %U "$source_dir") == "$user" ]] &&
		{ [[ ! -e $build_dir ]] || [[ $(stat -c %U "$build_dir") == "$user" ]]; }; then
		printf '%s\n' sudo -H -u "$user"
	fi
}

build() {
	local -a as
	local log=$stage/build.log
	mapfile -t as < <(builder)
	say "Building in $build_dir"
	if ! { (cd "$source_dir" && "${as[@]}" cmake --preset release -DCMAKE_INSTALL_PREFIX=/usr \
		-DBUILD_TESTING=OFF -DHOSTDEV_WERROR=OFF) &&
		"${as[@]}" cmake --build "$build_dir"; } > "$log" 2>&1; then
		tail -n 40 "$log" >&2
		fail "the build failed (its last lines are above); nothing was installed"
	fi
	DESTDIR=$stage/tree cmake --install "$build_dir" --prefix /usr > "$log" 2>&1 || {
		tail -n 40 "$log" >&2
		fail "cmake --install failed (its last lines are above); nothing was installed"
	}
	rm -f "$build_dir/install_manifest.txt" # speaks of the empty folder, and is root's
}

# --- the place of the hook ---

ours() { [[ -L $root$hooks/qemu && $(readlink "$root$hooks/qemu") == "$program" ]]; }
something_at() { [[ -e $1 || -L $1 ]]; }

# What tells a file or link from another one of the same name.
print_of() {
	if [[ -L $1 ]]; then
		readlink "$1" | sha256sum | cut -d ' ' -f 1
	else
		sha256sum < "$1" | cut -d ' ' -f 1
	fi
}

libvirt_version() {
	local daemon
	for daemon in libvirtd virtqemud; do
		"$daemon" --version 2> /dev/null | awk '{ print $NF; exit }' | grep . && return
	done
	return 0
}

# Refuses before anything is changed.
check_hook_place() {
	local version
	something_at "$root$hooks/qemu" && ! ours || return 0
	[[ $keep_existing == yes ]] || fail "$root$hooks/qemu is another hook and stays as it is; nothing was changed. To have" \
		"both, run this again with --keep-existing: it moves that hook to $hooks/qemu.d/, where libvirt runs it too"
	if something_at "$root$hooks/qemu.d" && [[ ! -d $root$hooks/qemu.d ]]; then
		fail "$root$hooks/qemu.d is no folder; move it away first. Nothing was changed"
	fi
	version=$(libvirt_version)
	if [[ -z $root && -n $version && $(printf '6.5.0\n%s\n' "$version" | sort -V | head -n 1) != 6.5.0 ]]; then
		fail "libvirt $version does not run the hooks in $hooks/qemu.d (6.5 does); $hooks/qemu stays. Nothing was changed"
	fi
}

# Moves a foreign hook to qemu.d. Its new place goes into the manifest before the move.
keep_foreign_hook() {
	local from=$root$hooks/qemu to=$hooks/qemu.d/50-kept-qemu target count=1
	something_at "$from" && ! ours || return 0
	while something_at "$root$to"; do
		count=$((count + 1)) to=$hooks/qemu.d/50-kept-qemu-$count
	done
	[[ -d $root$hooks/qemu.d ]] || { echo "dir $hooks/qemu.d" >> "$root$manifest"; mkdir "$root$hooks/qemu.d"; }
	if [[ -L $from && $(readlink "$from") != /* ]]; then
		# One folder deeper, a relative link needs one step more to lead to the same file.
		target=$(readlink "$from")
		echo "kept $(printf '../%s\n' "$target" | sha256sum | cut -d ' ' -f 1) $to" >> "$root$manifest"
		ln -s "../$target" "$root$to"
		rm "$from"
	else
		echo "kept $(print_of "$from") $to" >> "$root$manifest"
		mv -nT "$from" "$root$to"
	fi
	say "The hook that was in $hooks/qemu is now $to; libvirt runs it after hostdev-hook."
	if grep -qsE 'dirname.*(\$\{?0|BASH_SOURCE)|\$\{(0|BASH_SOURCE[^}]*)%/\*\}' "$root$to"; then
		say "  CHECK IT: it looks for its files beside itself, and now finds none. Write $hooks there instead."
	fi
}

# Uninstalling: a kept hook goes back, if it is still what was kept and nothing has taken its place.
return_foreign_hook() { # PRINT PATH
	local to=$root$hooks/qemu from=$root$2 target
	something_at "$from" || return 0
	if something_at "$to" || [[ $(print_of "$from") != "$1" ]]; then
		say "Left: $2 was changed since it was moved there, or $hooks/qemu is taken. Move it back by hand."
	elif [[ -L $from && $(readlink "$from") == ../* ]]; then
		target=$(readlink "$from")
		ln -s "${target#../}" "$to" && rm "$from" && say "Moved back: $hooks/qemu"
	else
		mv -nT "$from" "$to" && say "Moved back: $hooks/qemu"
	fi
}

# --- install ---

# The manifest: one thing a line, "KIND [PRINT] PATH", below a first line with its version.
manifest_of() { # KIND: all PATHs (the last field; PRINT before it is cut)
	[[ -e $root$manifest ]] || return 0
	awk -v kind="$1" '$1 == kind { sub(/^[^ ]+ /, ""); if (kind == "config" || kind == "kept") sub(/^[^ ]+ /, ""); print }' \
		"$root$manifest" | sort -u
}

print_in_manifest() { # KIND PATH
	[[ -e $root$manifest ]] || return 0
	awk -v kind="$1" -v path="$2" '$1 == kind && $3 == path { print $2 }' "$root$manifest" | tail -n 1
}

staged() { (cd "$stage/tree" && find . "$@" -printf '/%P\n' | sort); } # FIND-TESTS...

new_manifest() {
	local path
	echo "hostdev-hook manifest 1"
	{
		manifest_of dir
		dirname "$manifest" # ours whoever made it: perhaps an installation that was broken off
		staged -mindepth 1 -type d | while read -r path; do
			[[ -e $root$path ]] || echo "$path"
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
	{ manifest_of marked; [[ ${#kept_packages[@]} -eq 0 ]] || printf '%s\n' "${kept_packages[@]}"; } | sort -u | sed 's/^/marked /'
	{ manifest_of package; [[ ${#new_packages[@]} -eq 0 ]] || printf '%s\n' "${new_packages[@]}"; } | sort -u | sed 's/^/package /'
}

put() { # PATH: from the folder to the machine, by rename, so that nobody ever runs half a file
	cp -dpT "$stage/tree$1" "$root$1$new"
	mv -fT "$root$1$new" "$root$1"
}

# A configuration that is not as the last installation left it is the admin's.
put_config() { # PATH OLD-PRINT
	if [[ -e $root$1 && $(print_of "$root$1") != "$2" && $(print_of "$root$1") != $(print_of "$stage/tree$1") ]]; then
		say "Kept as it is: $1 (you changed it)"
	else
		put "$1"
	fi
}

copy_to_machine() {
	local path old=$stage/old.manifest
	local -A old_print=()
	for path in $(staged -type f -path './etc/*'); do
		old_print[$path]=$(print_in_manifest config "$path")
	done
	cp "$root$manifest" "$old" 2> /dev/null || : > "$old"
	new_manifest > "$stage/manifest"

	# Until all is in place the manifest holds what was there and what will be.
	mkdir -p "$root$(dirname "$manifest")"
	{ cat "$stage/manifest"; grep -vxFf "$stage/manifest" "$old" || true; } > "$root$manifest$new"
	mv -fT "$root$manifest$new" "$root$manifest"

	staged -mindepth 1 -type d | while read -r path; do mkdir -p "$root$path"; done
	for path in $(staged -type f ! -path './etc/*'); do put "$path"; done
	for path in "${!old_print[@]}"; do put_config "$path" "${old_print[$path]}"; done
	keep_foreign_hook
	for path in $(staged -type l); do put "$path"; done

	# What an older version had and this one has not.
	for path in $(manifest_of file) $(manifest_of link); do
		something_at "$stage/tree$path" || rm -f "$root$path"
	done
	for path in $(manifest_of config); do
		something_at "$stage/tree$path" || remove_config "$(print_in_manifest config "$path")" "$path"
	done
	{ cat "$stage/manifest"; grep -vxFf "$stage/manifest" "$root$manifest" | grep -E '^(dir|kept) ' || true; } > "$root$manifest$new"
	mv -fT "$root$manifest$new" "$root$manifest"
	if [[ -z $root ]] && command -v restorecon > /dev/null; then
		restorecon -R "$hooks" "$program" /usr/libexec/hostdev-hook /usr/bin/hostdevctl /etc/hostdev-hook || true
	fi
}

# libvirt looks for hooks when it starts and when it is told to reload, not in between.
reload_daemons() {
	local daemon pid
	[[ -z $root ]] || return 0
	for daemon in libvirtd virtqemud; do
		if [[ -d /run/systemd/system ]]; then
			systemctl -q is-active "$daemon.service" || continue
			systemctl reload "$daemon.service" || { say "Reloading $daemon failed: run \"systemctl restart $daemon\"."; continue; }
		else
			pid=$(cat "/run/$daemon.pid" 2> /dev/null || true)
			[[ -n $pid && $(cat "/proc/$pid/comm" 2> /dev/null) == "$daemon" ]] || continue
			kill -HUP "$pid"
		fi
		say "Reloaded $daemon."
	done
}

systemd_runs() { [[ -z $root && -d /run/systemd/system ]]; }

# The first time only: after that it is the admin's to say.
enable_unit() {
	systemd_runs || return 0
	if [[ $1 == *"/$unit"* ]]; then
		systemctl daemon-reload
	else
		systemctl -q enable "$unit" 2> /dev/null || say "Enabling $unit failed: run \"systemctl enable $unit\"."
	fi
}

disable_unit() {
	systemd_runs || return 0
	systemctl -q disable "$unit" 2> /dev/null || true
}

install() {
	local installed
	need_root
	check_hook_place
	get_dependencies
	stage=$(mktemp -d)
	build
	[[ -x $stage/tree$program ]] || fail "the build gave no $program; nothing was installed"
	installed=$(manifest_of file)
	find_packages_to_keep
	copy_to_machine
	keep_packages
	enable_unit "$installed"
	reload_daemons
	if [[ -z $root ]]; then advise; else say "Installed into $root."; fi
}

# --- uninstall ---

# The guests that have devices now, by their journals.
holding_guests() {
	local journal
	for journal in "$root"/run/hostdev-hook/*.journal; do
		[[ ! -e $journal ]] || awk '$1 == "guest" { sub(/^guest /, ""); print; exit }' "$journal"
	done
}

refuse_while_held() {
	local guests
	guests=$(holding_guests)
	[[ -z $guests ]] || fail "not uninstalled: devices of this machine are lent to ${guests//$'\n'/, }; shut down these guests" \
		"first, so that their devices come back (\"hostdevctl recover\" returns what none runs with any more). Nothing was changed"
}

remove_config() { # PRINT PATH
	rm -f "$root$2$new"
	[[ -e $root$2 ]] || return 0
	if [[ $(print_of "$root$2") != "$1" ]]; then
		say "Removed with your changes: $2. It said:"
		sed -n '/^[[:space:]]*[^#;[:space:]]/s/^/    /p' "$root$2"
	fi
	rm -f "$root$2"
}

# What reserves devices from boot on would go on doing so, with nobody left to explain it or take it back.
# Of files without a record only hostdevctl knows that they are ours. Its answer is read whole: grep -q would end the program.
take_back_setups() {
	local told='"changed": true'
	compgen -G "$root/var/lib/hostdev-hook/generate/*.setup" > /dev/null ||
		told=$("$root/usr/bin/hostdevctl" generate undo ${root:+--root "$root"} --json 2> /dev/null) || true
	[[ $told == *'"changed": true'* ]] || return 0
	[[ -z $root ]] || fail "not uninstalled: devices are reserved from boot on below $root; take that back first:" \
		"hostdevctl generate undo --root $root --apply"
	say "Taking back what reserves devices from boot on; this builds images and the boot menu:"
	/usr/bin/hostdevctl generate undo --apply --yes ||
		fail "not uninstalled: that could not be taken back; see above, then: hostdevctl generate undo --apply"
}

uninstall() {
	local path packages marked=()
	need_root
	if [[ ! -e $root$manifest ]]; then
		rm -f "$root$manifest$new" # broken off at the very first step
		rmdir "$root$(dirname "$manifest")" 2> /dev/null || true
		ours || { say "hostdev-hook is not installed${root:+ in $root}; nothing to do."; return; }
		fail "$hooks/qemu leads to hostdev-hook, but $manifest is missing: it was not installed by this script, remove it as it came"
	fi
	refuse_while_held
	take_back_setups
	# The link goes first: from here on libvirt does not call the hook. A guest that was quicker gets it back.
	if ours; then
		rm "$root$hooks/qemu"
		[[ -z $(holding_guests) ]] || { ln -s "$program" "$root$hooks/qemu"; refuse_while_held; }
	fi
	disable_unit
	for path in $(manifest_of link) $(manifest_of file); do
		rm -f "$root$path$new"
		if [[ $path != "$hooks/qemu" ]]; then rm -f "$root$path"; fi
	done
	for path in $(manifest_of config); do remove_config "$(print_in_manifest config "$path")" "$path"; done
	for path in $(manifest_of kept); do return_foreign_hook "$(print_in_manifest kept "$path")" "$path"; done
	rm -rf "$root/run/hostdev-hook"
	rm -f "$root"/var/lib/hostdev-hook/*.{pins,loan}{,.new}
	rm -rf "$root/var/lib/hostdev-hook/generate"
	if [[ -d $root/var/lib/hostdev-hook ]]; then rmdir "$root/var/lib/hostdev-hook" 2> /dev/null ||
		say "Left, as there are files in it that are not ours: /var/lib/hostdev-hook"; fi
	packages=$(manifest_of package)
	mapfile -t marked < <(manifest_of marked)
	manifest_of dir > "${stage:=$(mktemp -d)}/dirs"
	rm -f "$root$manifest" "$root$manifest$new"
	sort -r "$stage/dirs" | while read -r path; do
		rmdir "$root$path" 2> /dev/null || [[ ! -d $root$path ]] || say "Left, as there are files in it that are not ours: $path"
	done
	! systemd_runs || systemctl daemon-reload
	reload_daemons
	say "hostdev-hook is uninstalled${root:+ from $root}."
	[[ -z $packages ]] || say "Packages that were installed to build it are still there:" "${packages//$'\n'/ }"
	tell_marked_packages "${marked[@]}"
}

main() {
	local action=install clean=
	while [[ $# -gt 0 ]]; do
		case $1 in
		--help | -h) usage; return ;;
		--keep-existing) keep_existing=yes ;;
		--uninstall) action=uninstall ;;
		--try) action=try ;;
		--clean) clean=yes ;;
		--destdir | --destdir=*)
			if [[ $1 == *=* ]]; then root=${1#*=}; else root=${2-}; shift; fi
			[[ -n $root ]] || fail "--destdir needs a folder"
			mkdir -p "$root"
			root=$(cd "$root" && pwd -P)
			if [[ $root == / ]]; then root=; fi
			;;
		*) fail "unknown option \"$1\"; see ./install.sh --help" ;;
		esac
		shift
	done
	[[ -z $clean || $action == try ]] || fail "--clean goes with --try; see ./install.sh --help"
	trap clean_up EXIT
	"$action${clean:+_clean}"
}

# Its tests read this file for its functions.
if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
	main "$@"
fi
