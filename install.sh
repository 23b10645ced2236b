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
keep_existing=no prefix_named=no hooks_named=no
yes=no                    # --yes
from=                     # --from: a folder with what was built elsewhere
hooks=/etc/libvirt/hooks  # where libvirt looks
unit=hostdev-hook-recover.service
new=.hostdev-hook-new # ends the name of a file that is not whole yet
stage=                # the empty folder

usage() {
	cat << 'HELP'
usage: sudo ./install.sh [--yes] [--keep-existing] [--prefix DIR] [--hook-dir DIR] [--from DIR] [--destdir DIR]
       sudo ./install.sh --uninstall [--destdir DIR]
       sudo ./install.sh --try [--clean]

Without options: says which packages the build needs and how large they are, asks, installs them, builds, installs below /usr,
enables the unit that recovers after each start of libvirt, makes libvirt notice the hook, and says what this machine
still lacks. Packages with the libraries it needs are marked as installed on purpose, so that no clean-up (apt
autoremove, say) takes them. Run it again after an upgrade of the distribution, or for a newer version.

  -y, --yes        does not ask before packages are installed
  --keep-existing  a hook of yours in /etc/libvirt/hooks/qemu moves to /etc/libvirt/hooks/qemu.d/, where
                   libvirt 6.5 and later runs it too; without this option such a hook stops the installation.
                   (An old hook that only runs the scripts in qemu.d is set aside: hostdev-hook runs them.)
  --prefix DIR     installs below DIR instead of /usr: /usr/local where /usr cannot be written
  --hook-dir DIR   where this system's libvirt looks for hooks, if not in /etc/libvirt/hooks; the variable
                   HOSTDEV_HOOK_DIR says the same
  --from DIR       installs what was built elsewhere, with --destdir DIR in a container, and builds nothing
  --uninstall      takes away everything that was installed and what was remembered of devices, moves a kept hook
                   back to its place, and names what it leaves. A changed configuration is kept beside its old
                   place, as hostdev-hook.conf.saved
  --try            shows a graphics card going to a guest and back in an emulated machine; installs nothing
                   of hostdev-hook here, only the tools that build that machine where they are missing
  --try --clean    removes that machine again, and says which tools were installed for it
  --destdir DIR    for packagers and tests: installs into (or uninstalls from) DIR, leaves packages and
                   daemons alone, needs no root
  --help           this text
HELP
}

# shellcheck source=packaging/build.sh
. "$source_dir/packaging/build.sh"
# shellcheck source=packaging/manifest.sh
. "$source_dir/packaging/manifest.sh"
# shellcheck source=packaging/foreign-hook.sh
. "$source_dir/packaging/foreign-hook.sh"
# shellcheck source=packaging/host-advice.sh
. "$source_dir/packaging/host-advice.sh"
# shellcheck source=packaging/leftovers.sh
. "$source_dir/packaging/leftovers.sh"
# shellcheck source=packaging/packages.sh
. "$source_dir/packaging/packages.sh"
# shellcheck source=packaging/package-cost.sh
. "$source_dir/packaging/package-cost.sh"
# shellcheck source=packaging/progress.sh
. "$source_dir/packaging/progress.sh"
# shellcheck source=packaging/read-only.sh
. "$source_dir/packaging/read-only.sh"
# shellcheck source=packaging/selinux.sh
. "$source_dir/packaging/selinux.sh"
# shellcheck source=packaging/try.sh
. "$source_dir/packaging/try.sh"

say() { printf '%s\n' "$*"; }
fail() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }
need_root() { [[ -n $root || $EUID -eq 0 ]] || fail "this needs root: run it with sudo"; }
clean_up() {
	[[ -z $stage ]] || rm -rf -- "$stage"
	log_done
}

# --- install ---

put() { # PATH: from the folder to the machine, by rename, so that nobody ever runs half a file
	cp -dpT "$stage/tree$1" "$root$1$new"
	mv -fT "$root$1$new" "$root$1"
}

# A configuration that is not as the last installation left it is the admin's.
put_config() { # PATH OLD-PRINT
	[[ ! -e $root$1.saved || -e $root$1 ]] ||
		say "There is a configuration of yours from before: $1.saved. It is not used; copy from it to $1 what you still want."
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
	move_foreign_hook
	for path in $(staged -type l); do put "$path"; done

	# What an older version had and this one has not.
	for path in $(manifest_of file) $(manifest_of link); do
		something_at "$stage/tree$path" || remove_ours "$path"
	done
	for path in $(manifest_of config); do
		something_at "$stage/tree$path" || remove_config "$(print_in_manifest config "$path")" "$path"
	done
	{ cat "$stage/manifest"; grep -vxFf "$stage/manifest" "$root$manifest" | grep -E '^(dir|kept|aside|module) ' || true; } > "$root$manifest$new"
	mv -fT "$root$manifest$new" "$root$manifest"
}

# By now another hook may have the place of ours.
remove_ours() { # PATH
	[[ $1 != */qemu || $(readlink "$root$1") == "$program" ]] || return 0
	rm -f "$root$1"
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

# The first time only: after that it is the admin's to say. The manifest says so until it is done.
enable_unit() {
	systemd_runs || return 0
	if [[ -z $(manifest_of enable) ]]; then
		systemctl daemon-reload
		return
	fi
	systemctl -q enable "$unit" 2> /dev/null || say "Enabling $unit failed: run \"systemctl enable $unit\"."
	sed '/^enable /d' "$root$manifest" > "$root$manifest$new"
	mv -fT "$root$manifest$new" "$root$manifest"
}

disable_unit() {
	systemd_runs || return 0
	systemctl -q disable "$unit" 2> /dev/null || true
}

# An update stays where the installation is, and that is what goes.
find_place() { # [uninstall]
	local there
	there=$(installed_prefix)
	[[ -n $there ]] || return 0
	[[ $prefix_named == no || $there == "$prefix" ]] || fail "hostdev-hook is installed below $there; to have it below $prefix" \
		"instead, take that away first (./install.sh --uninstall). Nothing was changed"
	place_at "$there"
	[[ $hooks_named == no || ${1-} == uninstall ]] || return 0
	# Two, where a change of this folder was broken off: the one that is there.
	for there in $(manifest_of link | grep '/qemu$'); do
		hooks=${there%/qemu}
		! ours || break
	done
}

# What the new program itself finds, so that there is one place that knows.
tell_state() {
	say ""
	say "hostdev-hook is installed. What \"hostdevctl check --problems\" finds on this machine:"
	"$prefix/bin/hostdevctl" check --problems || :
	say ""
	advise_libvirt
	advise_apparmor "$prefix"
	say "What to do next:"
	say "  sudo hostdevctl list          which devices there are, and which of them can be lent"
	say "  sudo hostdevctl plan GUEST    what a start of that guest would do"
}

install() {
	need_root
	[[ -z $from ]] || take_build "$from"
	find_place
	check_places
	check_hook_place
	[[ -n $from ]] || { get_dependencies; note_packages; }
	stage=$(mktemp -d)
	if [[ -n $from ]]; then copy_build "$from"; else build; fi
	[[ -x $stage/tree$program ]] || fail "the build gave no $program; nothing was installed"
	find_packages_to_keep
	copy_to_machine
	[[ -n $root ]] || { load_module; label_files; }
	keep_packages
	enable_unit
	reload_daemons
	if [[ -z $root ]]; then tell_state; else say "Installed into $root."; fi
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
		mv -T --backup=numbered "$root$2" "$root$2.saved"
		say "Kept, as you changed it: $2.saved"
	fi
	rm -f "$root$2"
}

# What reserves devices from boot on would go on doing so, with nobody left to explain it or take it back.
# Of files without a record only hostdevctl knows that they are ours. Its answer is read whole: grep -q would end the program.
take_back_setups() {
	local told='"changed": true'
	compgen -G "$root/var/lib/hostdev-hook/generate/*.setup" > /dev/null ||
		told=$("$root$prefix/bin/hostdevctl" generate undo ${root:+--root "$root"} --json 2> /dev/null) || true
	[[ $told == *'"changed": true'* ]] || return 0
	[[ -z $root ]] || fail "not uninstalled: devices are reserved from boot on below $root; take that back first:" \
		"hostdevctl generate undo --root $root --apply"
	say "Taking back what reserves devices from boot on; this builds images and the boot menu:"
	"$prefix/bin/hostdevctl" generate undo --apply --yes ||
		fail "not uninstalled: that could not be taken back; see above, then: hostdevctl generate undo --apply"
}

uninstall() {
	local path left="" packages=() marked=() modules=()
	need_root
	find_place uninstall
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
		if [[ $path != "$hooks/qemu" ]]; then remove_ours "$path"; fi
	done
	for path in $(manifest_of config); do remove_config "$(print_in_manifest config "$path")" "$path"; done
	return_foreign_hooks
	rm -rf "$root/run/hostdev-hook"
	rm -f "$root"/var/lib/hostdev-hook/*.{pins,loan}{,.new}
	rm -rf "$root/var/lib/hostdev-hook/generate"
	if [[ -d $root/var/lib/hostdev-hook ]]; then rmdir "$root/var/lib/hostdev-hook" 2> /dev/null ||
		say "Left, as there are files in it that are not ours: /var/lib/hostdev-hook"; fi
	mapfile -t packages < <(manifest_of package)
	mapfile -t marked < <(manifest_of marked)
	mapfile -t modules < <(manifest_of module)
	manifest_of dir > "${stage:=$(mktemp -d)}/dirs"
	rm -f "$root$manifest" "$root$manifest$new"
	sort -r "$stage/dirs" | while read -r path; do
		if rmdir "$root$path" 2> /dev/null || [[ ! -d $root$path ]]; then continue; fi
		# The admin's own are named below, and one folder in another is one.
		[[ $path/ == /etc/hostdev-hook/* || $left == "$path"/* ]] || say "Left, as there are files in it that are not ours: $path"
		left=$path
	done
	for path in "${modules[@]}"; do [[ -n $root ]] || remove_module "$path"; done
	[[ -n $root ]] || rm -f /var/log/hostdev-hook-install.log
	! systemd_runs || systemctl daemon-reload
	reload_daemons
	say "hostdev-hook is uninstalled${root:+ from $root}."
	tell_own_files
	tell_guests
	tell_folders
	tell_marked_packages "${marked[@]}"
	tell_packages "${packages[@]}"
}

# "uninstall", "--uninstal", "try": what was meant.
fail_at_option() { # WORD
	local option word=${1##-}
	word=${word##-}
	for option in uninstall try keep-existing yes prefix hook-dir from destdir help; do
		[[ -n $word && ($option == "${word:0:3}"* || $word == "${option:0:3}"*) ]] || continue
		fail "unknown option \"$1\"; did you mean --$option? Nothing was changed"
	done
	fail "unknown option \"$1\"; see ./install.sh --help"
}

# The value of an option that wants a folder, absolute.
folder_of() { # OPTION VALUE
	[[ -n $2 ]] || fail "$1 needs a folder"
	realpath -ms -- "$2"
}

main() {
	local action=install clean='' option value
	if [[ -n ${HOSTDEV_HOOK_DIR-} ]]; then hooks=$(folder_of HOSTDEV_HOOK_DIR "$HOSTDEV_HOOK_DIR") hooks_named=yes; fi
	while [[ $# -gt 0 ]]; do
		option=${1%%=*} value=
		case $option in
		--prefix | --hook-dir | --from | --destdir)
			if [[ $1 == *=* ]]; then value=${1#*=}; else value=${2-}; shift; fi
			value=$(folder_of "$option" "$value")
			;;
		esac
		case $option in
		--help | -h) usage; return ;;
		--yes | -y) yes=yes ;;
		--keep-existing) keep_existing=yes ;;
		--uninstall) action=uninstall ;;
		--try) action=try ;;
		--clean) clean=yes ;;
		--prefix) place_at "$value"; prefix_named=yes ;;
		--hook-dir) hooks=$value hooks_named=yes ;;
		--from) from=$value ;;
		--destdir)
			mkdir -p "$value"
			root=$(cd "$value" && pwd -P)
			if [[ $root == / ]]; then root=; fi
			;;
		*) fail_at_option "$1" ;;
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
