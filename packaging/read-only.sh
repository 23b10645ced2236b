# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Systems whose /usr cannot be written, with images or snapshots for it: how they are recognised before anything is built, and
# which way leads to an installation there. Read by install.sh, which gives "say", "fail", "packages", "root", "prefix", "hooks".

: "${root=}" "${prefix=/usr}" "${hooks=/etc/libvirt/hooks}"

# By writing: what root may do is not what a mount lets root do. What is not there yet is made in what is.
is_writable() { # FOLDER
	local folder=$root$1 file
	while [[ -n $folder && ! -e $folder ]]; do folder=${folder%/*}; done
	file=$(mktemp "${folder:-/}/.hostdev-hook.XXXXXX" 2> /dev/null) && rm -f "$file"
}

prefix_is_writable() { is_writable "$1/sbin" && is_writable "$1/share/hostdev-hook"; } # PREFIX

# How packages get into an image of the system.
system_command() { # PACKAGE...
	if command -v rpm-ostree > /dev/null; then
		echo "rpm-ostree install $*, and restart this machine"
	elif command -v transactional-update > /dev/null; then
		echo "transactional-update pkg install $*, and restart this machine"
	elif command -v steamos-readonly > /dev/null; then
		echo "steamos-readonly disable, then pacman -S --needed $* (the next update of the system takes them away)"
	fi
}

# Before anything is asked or built.
check_places() {
	local way folder
	# They are built in, and stand in a unit, in rules and in patterns.
	for folder in "$prefix" "$hooks"; do
		[[ $folder =~ ^[A-Za-z0-9_./+~-]+$ ]] || fail "\"$folder\" cannot be used: only letters, digits and the characters" \
			"_ . + ~ - can stand in the name of a folder there. Nothing was changed"
	done
	if ! prefix_is_writable "$prefix"; then
		if [[ $prefix != /usr/local ]] && prefix_is_writable /usr/local; then
			way="What works here is a place beside it: ./install.sh --prefix /usr/local"
		elif command -v steamos-readonly > /dev/null; then
			way="Make it writable (steamos-readonly disable), then run this again; the next update of the system takes it away"
		elif command -v transactional-update > /dev/null; then
			way="Run this inside of \"transactional-update shell\", and restart this machine"
		else
			way="Name a folder that can be written (--prefix DIR), or mount it writable"
		fi
		fail "$root$prefix cannot be written on this system. Nothing was changed. $way"
	fi
	is_writable "$hooks" || fail "$root$hooks cannot be written. Nothing was changed." \
		"If libvirt looks for its hooks elsewhere (its sysconfdir), name that place with --hook-dir DIR"
	is_writable /etc/hostdev-hook || fail "$root/etc/hostdev-hook cannot be written, where the configuration belongs. Nothing was changed"
}

# What the build lacks cannot be installed here; a container can have it.
fail_without_packages() { # FAMILY MISSING: MISSING one a line
	local -a wanted=()
	local way manager="install them with"
	mapfile -t wanted < <(wanted_packages "$1" build)
	way=$(system_command "${wanted[@]}")
	case $1 in
	debian) manager="sudo apt-get install" ;;
	fedora) manager="sudo dnf install" ;;
	opensuse) manager="sudo zypper install" ;;
	arch) manager="sudo pacman -S --needed" ;;
	esac
	fail "the build still needs: ${2//$'\n'/, }; and no package can be installed, as /usr cannot be written. Nothing was changed.
  Either put the packages into the system:${way:+
    $way}
  or build in a container of the same release, which sees this folder too:
    toolbox enter            (or: distrobox enter)
    $manager ${wanted[*]}
    ./install.sh --prefix $prefix --destdir build/container
    exit
    sudo ./install.sh --from build/container"
}
